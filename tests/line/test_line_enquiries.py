"""Questions put to the published state: from a figure to its cells, how far the season is."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest

from pipelines.commands import tracing
from pipelines.commands.choosing import returns_of
from pipelines.commands.enquiries import show_status, write_query_sheets
from pipelines.commands.tracing import Question, show_trace
from pipelines.errors import NotFoundError, StorageError, UsageError
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot
from pipelines.warehouse.trace import Selection, trace_sum
from tests.conftest import Province

RAISED = "年度科普经费筹集额"


def figure(province: Province, indicator: str, breakdown: str, member: str) -> dict[str, Decimal]:
    with Snapshot(province.root.snapshot) as snapshot:
        return snapshot.rows(
            "SELECT numerator, denominator, value FROM indicator_values WHERE year = $year"
            " AND indicator_id = $i AND breakdown = $b AND member_id = $m AND member2_id = ''",
            {"year": province.year, "i": indicator, "b": breakdown, "m": member},
        )[0]


def own_sum(province: Province, item_id: str, **wanted: str) -> Decimal:
    """The sum by another way: a loop over the Parquet files."""
    returns = pq.read_table(province.root.parquet / "returns.parquet").to_pylist()
    counted = {
        row["return_id"]
        for row in returns
        if row["year"] == province.year
        and row["role"] == "basic"
        and row["status"] in ("received", "accepted", "queried")
        and all(row[column] == value for column, value in wanted.items())
    }
    answers = pq.read_table(province.root.parquet / "answers.parquet").to_pylist()
    return sum(
        (
            row["value"]
            for row in answers
            if row["return_id"] in counted and row["item_id"] == item_id and row["value"]
        ),
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("conditions", "breakdown", "member"),
    [
        ({}, "province", "220000"),
        ({"prefecture_code": "220100"}, "prefecture", "220100"),
        ({"department_id": "education"}, "department", "education"),
        ({"level_id": "county"}, "level", "county"),
        ({"channel": "department"}, "channel", "department"),
    ],
)
def test_the_cells_behind_a_figure_add_up_to_it(
    province: Province, conditions: dict[str, str], breakdown: str, member: str
) -> None:
    with Snapshot(province.root.snapshot) as snapshot:
        chosen = Selection(province.year, conditions)
        trace = trace_sum(snapshot, chosen, {"fund_raised": False})
    assert trace.contributions
    assert trace.total == figure(province, "fund_raised", breakdown, member)["value"]
    assert trace.total == own_sum(province, "fund_raised", **conditions)


def test_conditions_are_combined(province: Province) -> None:
    both = {"prefecture_code": "220100", "department_id": "education", "level_id": "county"}
    with Snapshot(province.root.snapshot) as snapshot:
        chosen = Selection(province.year, both)
        trace = trace_sum(snapshot, chosen, {"fund_raised": False})
    assert trace.total == (own_sum(province, "fund_raised", **both) or None)


def test_an_item_that_is_subtracted_is(province: Province) -> None:
    with Snapshot(province.root.snapshot) as snapshot:
        chosen = Selection(province.year)
        trace = trace_sum(snapshot, chosen, {"staff_full_time": False, "staff_part_time": True})
    assert trace.total == own_sum(province, "staff_full_time") - own_sum(
        province, "staff_part_time"
    )


def test_a_figure_is_asked_for_by_its_code_on_the_form(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for asked in ("KJ100", "kj100", RAISED):
        show_trace(province.root.path, province.year, Question(asked), limit=1)
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] == told[2]
    assert RAISED in told[0]


def test_returns_of_no_known_department_or_level_can_be_asked_for(
    province: Province, survey: Survey
) -> None:
    """They are rows of the published tables, and what is published can be traced."""
    with Snapshot(province.root.snapshot) as snapshot:

        def asked(**named: str) -> tuple[dict[str, str], tuple[str, str, str] | None]:
            chosen = returns_of(snapshot, survey, province.year, **named)
            return chosen.conditions, chosen.published_as

        assert asked(department="部门不明") == (
            {"department_id": ""},
            ("department", "none", ""),
        )
        assert asked(level="级别不明") == ({"level_id": ""}, ("level", "none", ""))
        assert asked(region="长春市", department="部门不明") == (
            {"prefecture_code": "220100", "department_id": ""},
            ("prefecture_department", "220100", "none"),
        )
        assert asked() == ({}, ("province", "220000", ""))


def test_a_list_that_cannot_be_written_is_said_in_chinese(
    province: Province, tmp_path: Path
) -> None:
    (tmp_path / "文件").write_text("", encoding="utf-8")
    for name in ("单元格.xlsx", "单元格.csv"):
        out = tmp_path / "文件" / name
        with pytest.raises(StorageError):
            show_trace(province.root.path, province.year, Question(RAISED), out=out)


def workbook(province: Province, file: str) -> openpyxl.Workbook:
    """A received workbook, be it in an archive."""
    path, _, member = file.partition("!")
    where = province.root.inbox(province.year) / path
    if not member:
        return openpyxl.load_workbook(where, data_only=True)
    with zipfile.ZipFile(where) as archive:
        for name in archive.infolist():
            plain = name.filename
            if not name.flag_bits & 0x800:
                plain = plain.encode("cp437").decode("gb18030", "replace")
            if plain == member:
                return openpyxl.load_workbook(io.BytesIO(archive.read(name)), data_only=True)
    raise AssertionError(f"no member {member}")


def test_a_cell_of_the_list_is_the_cell_in_the_file(province: Province, tmp_path: Path) -> None:
    out = tmp_path / "追溯.csv"
    show_trace(province.root.path, province.year, Question(RAISED), limit=1, out=out)
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    total = sum(Decimal(row["计入"]) for row in rows if row["计入"])
    assert total == figure(province, "fund_raised", "province", "220000")["value"]
    books = [row for row in rows if row["文件"].endswith(".xlsx")]
    members = [row for row in books if "!" in row["文件"]][:5]
    assert members, "some returns lie in archives"
    for row in [*members, *[r for r in books if "!" not in r["文件"]][:8]]:
        held = workbook(province, row["文件"])[row["工作表"]][row["单元格"]].value
        text = "" if held is None else f"{held:.15g}" if isinstance(held, float) else str(held)
        assert row["原文"].lstrip("'") == text


def test_the_list_as_a_workbook_explains_its_rules(province: Province, tmp_path: Path) -> None:
    out = tmp_path / "追溯.xlsx"
    show_trace(province.root.path, province.year, Question(RAISED, "长春市"), limit=1, out=out)
    book = openpyxl.load_workbook(out)
    header = {cell.value: cell.column for cell in book["单元格"][2]}
    amounts = [
        row[header["计入"] - 1] for row in book["单元格"].iter_rows(min_row=3, values_only=True)
    ]
    expected = figure(province, "fund_raised", "prefecture", "220100")["value"]
    assert sum(Decimal(str(a)) for a in amounts if a is not None) == expected
    explained = {row[0] for row in book["规则"].iter_rows(min_row=2, values_only=True)}
    assert {"G02", "J01"} <= explained


def test_trace_prints_the_sum_and_that_it_agrees(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    show_trace(province.root.path, province.year, Question("人均科普专项经费", "长春市"), limit=3)
    said = capsys.readouterr().out
    numerator = figure(province, "fund_special_per_head", "prefecture", "220100")["numerator"]
    assert f"合计 {numerator.normalize():f}，与公布数相符" in said
    assert "年末常住人口 9,101,900 人" in said
    assert "吉林省各市州统计局" in said
    assert "KP-003" in said
    assert "规则通过" in said


def test_a_pair_that_is_published_is_held_against_its_figure(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    question = Question(RAISED, region="长春市", department="教育部门")
    show_trace(province.root.path, province.year, question, limit=1)
    assert "与公布数相符" in capsys.readouterr().out
    question = Question(RAISED, region="长春市", level="区县级")
    show_trace(province.root.path, province.year, question, limit=1)
    assert "与公布数相符" in capsys.readouterr().out
    # Three at once are not published.
    question = Question(RAISED, region="长春市", department="科协组织", level="区县级")
    show_trace(province.root.path, province.year, question, limit=1)
    said = capsys.readouterr().out
    assert "不单独公布" in said
    expected = own_sum(
        province, "fund_raised", prefecture_code="220100", level_id="county",
        department_id="science_association",
    )  # fmt: skip
    assert f"合计 {expected.normalize():f}" in said


def test_a_change_is_traced_year_by_year(province: Province) -> None:
    with pytest.raises(UsageError, match="由本年和上年的数算得") as caught:
        show_trace(province.root.path, province.year, Question("fund_raised_growth"))
    assert "fund_raised" in caught.value.advice


def test_one_unit_with_its_earlier_returns(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a unit that reported again both returns are shown, and the later one counts."""
    returns = pq.read_table(province.root.parquet / "returns.parquet").to_pylist()
    old = next(
        row for row in returns
        if row["year"] == province.year and row["status"] == "superseded" and not row["venue_name"]
    )  # fmt: skip
    answers = pq.read_table(province.root.parquet / "answers.parquet").to_pylist()
    raw = next(
        row["raw_text"] for row in answers
        if row["return_id"] == old["return_id"] and row["item_id"] == "fund_raised"
    )  # fmt: skip
    question = Question(RAISED, unit=old["uscc"] or old["unit_id"])
    show_trace(province.root.path, province.year, question)
    said = capsys.readouterr().out
    assert f"第 {old['revision']} 次报送“{raw}”" in said
    assert old["file"] in said
    assert f"第 {old['revision'] + 1} 次报送（共" in said


@pytest.mark.parametrize(
    ("question", "hint"),
    [
        (Question("人均专项"), "人均科普专项经费"),
        (Question(RAISED, region="火星市"), "请写全称"),
        (Question(RAISED, region="长春"), ""),
        (Question(RAISED, department="教育厅局"), "教育部门"),
        (Question(RAISED, level="村级"), "区县级"),
        (Question(RAISED, unit="模拟"), "模拟"),
    ],
)
def test_what_does_not_exist_is_said_with_the_nearest(
    province: Province, question: Question, hint: str
) -> None:
    if not hint:
        show_trace(province.root.path, province.year, question, limit=1)
        return
    with pytest.raises(NotFoundError, match=hint):
        show_trace(province.root.path, province.year, question, limit=3)


def test_the_list_goes_into_a_workbook_or_csv_only(province: Province, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.xlsx"):
        show_trace(province.root.path, province.year, Question(RAISED), out=tmp_path / "追溯.pdf")


@pytest.mark.skipif(sys.platform != "linux", reason="stands in for the opener of Linux")
@pytest.mark.parametrize(("code", "refused"), [(0, False), (3, True)])
def test_the_file_of_the_first_cell_is_opened(
    province: Province,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
    *,
    refused: bool,
) -> None:
    opener = tmp_path / "xdg-open"
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" > "{tmp_path}/asked"\nexit {code}\n')
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    show_trace(province.root.path, province.year, Question(RAISED), limit=1, opened=True)
    said = capsys.readouterr().out
    assert ("请自行打开" in said) is refused
    asked = Path((tmp_path / "asked").read_text())
    assert asked.is_file()
    assert province.root.inbox(province.year) in asked.parents


def test_a_member_of_an_archive_opens_the_archive(tmp_path: Path) -> None:
    (tmp_path / "县区").mkdir()
    (tmp_path / "县区" / "甲!乙.zip").write_bytes(b"PK")
    found = tracing._on_disk(tmp_path, "县区/甲!乙.zip!丙/丁.xlsx")
    assert found == tmp_path / "县区" / "甲!乙.zip"


def test_status_and_queries_speak_of_the_published_state(
    province: Province, capsys: pytest.CaptureFixture[str]
) -> None:
    show_status(province.root.path, province.year)
    write_query_sheets(province.root.path, province.year, None)
    said = capsys.readouterr().out
    assert "长春市" in said
    assert "个单位有问题待答复" in said


def test_a_trace_loads_no_library_that_costs_more_than_its_answer(province: Province) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from pipelines.commands.tracing import Question, show_trace\n"
        "show_trace(Path(sys.argv[1]), None, Question(sys.argv[2]), limit=1)\n"
        "print('loaded:', *sorted({'pyarrow', 'pandas', 'openpyxl', 'xlsxwriter', 'matplotlib',"
        " 'prefect', 'great_expectations'} & set(sys.modules)))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(province.root.path), RAISED],
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert RAISED in told.stdout
    assert told.stdout.splitlines()[-1] == "loaded:"


def test_rules_are_looked_up_for_the_cells_that_are_told_only(
    province: Province, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.checks import asking

    looked: list[int] = []
    judged = asking.rules_over

    def counting(snapshot: Snapshot, survey: Survey, year: int, cells: Any) -> Any:
        chosen = list(cells)
        looked.append(len(chosen))
        return judged(snapshot, survey, year, chosen)

    monkeypatch.setattr(asking, "rules_over", counting)
    show_trace(province.root.path, province.year, Question(RAISED), limit=3)
    three = capsys.readouterr().out
    show_trace(province.root.path, province.year, Question(RAISED), limit=0)
    everything = capsys.readouterr().out
    assert looked[0] == 3 < looked[1]
    # What is told of a cell does not depend on how many are told.
    head = three.split(f"共 {looked[1]} 格")[0]
    assert everything.startswith(head)
    assert "规则通过" in head
