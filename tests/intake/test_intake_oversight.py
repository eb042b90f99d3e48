"""督查台账.xlsx beside the statistics: read line by line, or refused with sheet and cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines import intake
from pipelines.errors import OversightError, RootError
from pipelines.intake import read_progress
from pipelines.survey import Survey, load_survey
from pipelines.survey.definition import BUILT_IN
from pipelines.warehouse import Root, Workshop

YEAR = 2024
HEADS = [
    "单位", "事项", "报送", "未了结", "完成程度（%）", "年度目标量化值（按措施）",
    "已完成量化值（按措施）", "佐证材料件数（件）", "进展情况", "完成时限", "佐证材料",
    "下一步安排", "填表日期",
]  # fmt: skip
EXCHANGE = "第14条 加强科普交流合作"
SOUND = [
    "省教育厅", EXCHANGE, "通过", 0, 60, 10, 6, 2, "办交流会2场", "2025-03-31", "纪要2份",
    "再办1场", "2025-02-10",
]  # fmt: skip
SILENT = ["省科技厅", EXCHANGE, "未报", *[None] * 10]
Write = Callable[..., Root]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(
        *lines: list[Any],
        title: str = "2024年度科普措施督查台账",
        heads: list[str] = HEADS,
        marks: str = "内部资料",
    ) -> Root:
        root = Root(tmp_path)
        root.inbox(YEAR).mkdir(parents=True, exist_ok=True)
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "进度表"
        for line in ([title], [marks], heads, *lines):
            sheet.append(line)
        book.save(root.inbox(YEAR) / "督查台账.xlsx")
        return root

    return written


def read(root: Root, survey: Survey, as_of: dt.date | None = None) -> tuple[dict[str, Any], ...]:
    return read_progress(root, survey, {YEAR: as_of})


def line(**changes: Any) -> list[Any]:
    """The sound line with other cells, by the beginning of their heads."""
    cells = list(SOUND)
    for head, value in changes.items():
        cells[next(n for n, name in enumerate(HEADS) if name.startswith(head))] = value
    return cells


def test_a_line_is_read_to_the_cell(write: Write, survey: Survey) -> None:
    sound, silent = read(write(SOUND, SILENT), survey)
    assert sound == {
        "year": YEAR, "measure": 14, "title_zh": "加强科普交流合作", "unit_id": "U03",
        "unit_zh": "省教育厅", "state": "accepted", "open_findings": 0,
        "completion": Decimal(60), "target_value": Decimal(10), "done_value": Decimal(6),
        "evidence_files": Decimal(2), "progress_zh": "办交流会2场", "deadline_zh": "2025-03-31",
        "deadline": dt.date(2025, 3, 31), "evidence_zh": "纪要2份", "next_step_zh": "再办1场",
        "fill_date": dt.date(2025, 2, 10), "as_of": dt.date(2025, 2, 10), "simulated": False,
        "file": "督查台账.xlsx", "sheet": "进度表", "cell": "A4",
    }  # fmt: skip
    # An alias is the unit that the plan names; nothing reported is nothing, not zero.
    assert (silent["unit_id"], silent["unit_zh"]) == ("U02", "省科学技术厅")
    assert (silent["state"], silent["completion"], silent["open_findings"]) == ("none", None, None)


def test_a_year_without_a_ledger_has_none(tmp_path: Path, survey: Survey) -> None:
    Root(tmp_path).inbox(YEAR).mkdir(parents=True)
    assert read(Root(tmp_path), survey) == ()


def test_a_unit_that_the_plan_does_not_name_is_kept_by_its_name(
    write: Write, survey: Survey
) -> None:
    row = read(write(line(单位="省妇女联合会")), survey)[0]
    assert (row["unit_id"], row["unit_zh"]) == ("", "省妇女联合会")


def test_what_the_unit_wrote_that_is_no_date_or_number_stays_a_question(
    write: Write, survey: Survey
) -> None:
    row = read(write(line(报送="待核实", 完成程度="六成", 完成时限="长期坚持")), survey)[0]
    assert (row["completion"], row["deadline"], row["deadline_zh"]) == (None, None, "长期坚持")


def test_made_up_is_said(write: Write, survey: Survey) -> None:
    assert read(write(SOUND, marks="内部资料　模拟数据"), survey)[0]["simulated"]


@pytest.mark.parametrize(
    ("cells", "as_of", "standing"),
    [
        ({}, dt.date(2025, 3, 31), "on_time"),
        ({}, dt.date(2025, 4, 1), "overdue"),
        # Without a day of its own: the latest day on which anybody filled in a ledger.
        ({}, None, "on_time"),
        ({"填表日期": "2025-04-02"}, None, "overdue"),
        ({"完成程度": 100}, dt.date(2026, 1, 1), "done"),
        ({"完成程度": 100, "报送": "待核实"}, dt.date(2026, 1, 1), "unclear"),
        ({"完成程度": 150, "报送": "待核实"}, dt.date(2025, 1, 1), "unclear"),
        ({"完成程度": None}, dt.date(2026, 1, 1), "unclear"),
        ({"完成时限": "年底"}, dt.date(2026, 1, 1), "unclear"),
        ({"填表日期": None}, None, "unclear"),
        ({"报送": "退回"}, dt.date(2025, 1, 1), "silent"),
    ],
)
def test_where_a_unit_stands(
    write: Write, survey: Survey, cells: dict[str, Any], as_of: dt.date | None, standing: str
) -> None:
    with Workshop() as workshop:
        workshop.load(
            "progress_reports", read_progress(write(line(**cells)), survey, {YEAR: as_of})
        )
        workshop.assert_keys()
        assert workshop.rows("SELECT standing FROM measure_progress") == [{"standing": standing}]


@pytest.mark.parametrize(
    ("cells", "cell", "said"),
    [
        ({"单位": None}, "A4", "没有写单位"),
        ({"事项": "加强科普交流合作"}, "B4", "不是实施方案的措施"),
        ({"事项": "第29条 加强科普交流合作"}, "B4", "不是实施方案的措施"),
        ({"事项": "第15条 加强科普交流合作"}, "B4", "第15条在实施方案中是"),
        ({"报送": "已报"}, "C4", "不是通过、待核实、退回、未报之一"),
        ({"报送": "未报"}, "C4", "后面却有填报的内容"),
        ({"未了结": "若干"}, "D4", "不是问题的条数"),
        ({"未了结": 1.5}, "D4", "不是问题的条数"),
        ({"完成程度": "六成"}, "E4", "不是数，却已审核通过"),
        ({"完成程度": 120}, "E4", "不在0到100之间"),
        ({"已完成": "约6"}, "G4", "不是数，却已审核通过"),
    ],
)
def test_a_line_that_cannot_be_right_is_refused_with_its_cell(
    write: Write, survey: Survey, cells: dict[str, Any], cell: str, said: str
) -> None:
    with pytest.raises(OversightError, match=said) as refused:
        read(write(line(**cells)), survey)
    assert str(refused.value.place) == f"文件“督查台账.xlsx”，工作表“进度表”，单元格 {cell}"
    assert "[K210]" in str(refused.value)


def test_one_unit_and_measure_stand_once(write: Write, survey: Survey) -> None:
    root = write(SOUND, line(单位="省科技厅"), line(单位="省科学技术厅"))
    with pytest.raises(OversightError, match=r"A6.*与第 5 行是同一单位、同一条措施"):
        read(root, survey)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"title": "2023年度科普措施督查台账"}, "写的是 2023 年度，放在了 2024 年度"),
        ({"title": "科普措施督查台账"}, "没有写是哪个年度"),
        ({"heads": ["单位", "事项", "报送", "完成程度"]}, "没有找到表头"),
        ({"heads": [*HEADS[:9], "时限", *HEADS[10:]]}, "缺少“完成时限”"),
        ({"heads": [*HEADS[:10], "进展情况", *HEADS[11:]]}, r"K3.*有两列都是“进展情况”"),
    ],
)
def test_a_sheet_that_is_no_such_summary_is_refused(
    write: Write, survey: Survey, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(OversightError, match=said):
        read(write(SOUND, **changed), survey)


def test_a_damaged_file_is_refused(write: Write, survey: Survey) -> None:
    root = write(SOUND)
    (root.inbox(YEAR) / "督查台账.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    with pytest.raises(OversightError, match="督查台账"):
        read(root, survey)


def test_the_root_of_the_ledger_itself_takes_no_summary(write: Write) -> None:
    with pytest.raises(OversightError, match="放到科普统计的工作目录"):
        read(write(SOUND), load_survey(BUILT_IN / "others" / "oversight"))


def test_it_is_no_return_and_found_by_its_exact_name(write: Write) -> None:
    root = write(SOUND)
    assert intake.scan(root, [YEAR]).files == ()
    path = root.inbox(YEAR) / "督查台账.xlsx"
    path.rename(path.with_suffix(".xls"))
    with pytest.raises(RootError, match="督查台账"):
        root.require_names(YEAR)
