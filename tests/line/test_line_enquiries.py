"""Questions put to the published state: from a figure to its cells, how far the season is."""

from __future__ import annotations

from decimal import Decimal

import openpyxl
import pytest

from pipelines.commands.enquiries import show_status, show_trace, write_query_sheets
from pipelines.errors import NotFoundError
from pipelines.warehouse import Snapshot
from pipelines.warehouse.trace import trace_sum
from tests.conftest import Province


def figure(province: Province, indicator: str, breakdown: str, member: str) -> dict[str, Decimal]:
    with Snapshot(province.root.snapshot) as snapshot:
        return snapshot.rows(
            "SELECT numerator, denominator, value FROM indicator_values WHERE year = $year"
            " AND indicator_id = $i AND breakdown = $b AND member_id = $m AND member2_id = ''",
            {"year": province.year, "i": indicator, "b": breakdown, "m": member},
        )[0]


@pytest.mark.parametrize(
    ("breakdown", "member"),
    [("province", "220000"), ("prefecture", "220100"), ("department", "education"),
     ("level", "county"), ("channel", "department")],
)  # fmt: skip
def test_the_cells_behind_a_figure_add_up_to_it(
    province: Province, breakdown: str, member: str
) -> None:
    with Snapshot(province.root.snapshot) as snapshot:
        trace = trace_sum(snapshot, province.year, ["fund_raised"], breakdown, member)
    assert trace.contributions
    assert trace.total == figure(province, "fund_raised", breakdown, member)["value"]


def test_a_cell_of_the_trace_is_the_cell_in_the_file(province: Province) -> None:
    with Snapshot(province.root.snapshot) as snapshot:
        trace = trace_sum(snapshot, province.year, ["fund_raised"], "province", "220000")
    in_workbooks = [
        c for c in trace.contributions if c.file.endswith(".xlsx") and "!" not in c.file
    ]
    assert len(in_workbooks) > 10
    for cell in in_workbooks[:10]:
        book = openpyxl.load_workbook(province.root.inbox(province.year) / cell.file)
        held = book[cell.sheet][cell.cell].value
        assert cell.raw_text == (f"{held:.15g}" if isinstance(held, float) else str(held))


def test_trace_prints_the_sum_and_that_it_agrees(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    show_trace(province.root.path, province.year, "人均科普专项经费", "长春市", 3)
    said = capsys.readouterr().out
    numerator = figure(province, "fund_special_per_head", "prefecture", "220100")["numerator"]
    assert f"分子合计 {numerator.normalize():f}，相符" in said
    assert "年末常住人口 9,101,900 人" in said
    assert "KP-003" in said


@pytest.mark.parametrize(
    ("indicator", "member", "hint"),
    [("人均专项", "", "人均科普专项经费"), ("年度科普经费筹集额", "火星市", "长春市")],
)
def test_what_does_not_exist_is_said_with_the_nearest(
    province: Province, indicator: str, member: str, hint: str
) -> None:
    with pytest.raises(NotFoundError, match=hint):
        show_trace(province.root.path, province.year, indicator, member, 3)


def test_status_and_queries_speak_of_the_published_state(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    show_status(province.root.path, province.year)
    write_query_sheets(province.root.path, province.year, None)
    said = capsys.readouterr().out
    assert "长春市" in said
    assert "个单位有问题待答复" in said
