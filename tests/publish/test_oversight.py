"""What a 督查台账 has collected, in the scores, the workbook, the heat map and the annex."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from PIL import Image

from pipelines.indicators import Definitions, score_measures
from pipelines.publish import heat_map, notice, scoreboard
from pipelines.publish.measure_board import MeasureBoard, standing
from pipelines.publish.office import load_office
from pipelines.publish.scoreboard_words import SHADES, load_words
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot, Workshop

YEAR = 2024
AS_OF = dt.date(2024, 6, 1)
#: Measure 2 has no statistic, 14 has some, 25 names no unit.
MANAGEMENT, EXCHANGE, ORGANISATION = 2, 14, 25


def report(measure: int, title: str, unit_id: str, unit: str, **known: Any) -> dict[str, Any]:
    return {
        "year": YEAR, "measure": measure, "title_zh": title, "unit_id": unit_id, "unit_zh": unit,
        "state": "accepted", "open_findings": 0, "completion": None, "target_value": None,
        "done_value": None, "evidence_files": None, "progress_zh": "", "deadline_zh": "",
        "deadline": None, "evidence_zh": "", "next_step_zh": "", "fill_date": AS_OF,
        "as_of": AS_OF, "simulated": False, "file": "督查台账.xlsx", "sheet": "进度表",
        "cell": "A4", **known,
    }  # fmt: skip


def value(indicator: str, year: int, by: str, member: str, amount: str) -> dict[str, Any]:
    return {
        "indicator_id": indicator, "year": year, "breakdown": by, "member_id": member,
        "member2_id": "", "member_zh": member, "value": Decimal(amount), "unit": "次",
        "numerator": None, "denominator": None, "units_covered": 5, "units_expected": 20,
        "response_rate": Decimal("0.95"), "flags": [],
    }  # fmt: skip


def day(month: int, number: int) -> dict[str, Any]:
    date = dt.date(2024, month, number)
    return {"deadline": date, "deadline_zh": date.isoformat()}


MANAGE = "强化各行业主管部门的科普行政管理责任"
REPORTS = [
    report(MANAGEMENT, MANAGE, "U02", "省科学技术厅", completion=Decimal(100), **day(5, 1),
           progress_zh="建立联席会议制度"),
    report(MANAGEMENT, MANAGE, "U03", "省教育厅", state="queried", completion=Decimal(40),
           **day(12, 31), progress_zh="已部署", open_findings=1),
    report(MANAGEMENT, MANAGE, "U05", "省卫生健康委员会", state="none", open_findings=None,
           fill_date=None),
    report(EXCHANGE, "加强科普交流合作", "U01", "省科学技术协会", completion=Decimal("99.6"),
           **day(3, 31), progress_zh="办交流会2场"),
    report(EXCHANGE, "加强科普交流合作", "U03", "省教育厅", completion=Decimal(10), **day(5, 31)),
    report(ORGANISATION, "加强组织领导", "", "省妇女联合会", completion=Decimal(30),
           deadline_zh="长期坚持", progress_zh="开展\U0001f600活动"),
]  # fmt: skip
#: 教育部门 held 60 exchanges after 50: the statistics speak before the unit's own 10 %.
VALUES = [
    value("exchanges", YEAR, "province", "220000", "150"),
    value("exchanges", YEAR - 1, "province", "220000", "100"),
    value("exchanges", YEAR, "department", "education", "60"),
    value("exchanges", YEAR - 1, "department", "education", "50"),
]


@pytest.fixture(scope="module")
def path(
    survey: Survey, definitions: Definitions, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return _snapshot(survey, definitions, tmp_path_factory.mktemp("oversight"), REPORTS)


@pytest.fixture(scope="module")
def without(
    survey: Survey, definitions: Definitions, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return _snapshot(survey, definitions, tmp_path_factory.mktemp("no_ledger"), [])


def _snapshot(
    survey: Survey, definitions: Definitions, folder: Path, reports: list[dict[str, Any]]
) -> Path:
    with Workshop() as workshop:
        workshop.load("indicator_values", VALUES)
        workshop.load("progress_reports", reports)
        workshop.load("meta", [{"key": "simulated", "value": "no"}])
        score_measures(workshop, survey, definitions)
        workshop.assert_keys()
        workshop.write_snapshot(folder / "kepu.duckdb")
    return folder / "kepu.duckdb"


@pytest.fixture(scope="module")
def board(path: Path, survey: Survey) -> Iterator[MeasureBoard]:
    with Snapshot(path) as snapshot:
        yield MeasureBoard(snapshot, survey, YEAR, load_words())


@pytest.fixture(scope="module")
def book(path: Path, survey: Survey, definitions: Definitions) -> openpyxl.Workbook:
    with Snapshot(path) as snapshot:
        made = scoreboard.write(snapshot, survey, definitions, YEAR, path.parent / "措施.xlsx")
    return openpyxl.load_workbook(made)


@pytest.fixture(scope="module")
def pages(path: Path, survey: Survey, definitions: Definitions) -> list[str]:
    with Snapshot(path) as snapshot:
        made = notice.write(snapshot, survey, definitions, YEAR, path.parent / "通报.pdf")
    return [_plain(page.extract_text()) for page in pypdf.PdfReader(made).pages]


def _plain(text: str) -> str:
    return "".join(text.split())


def test_a_measure_without_a_statistic_carries_what_the_unit_reports(board: MeasureBoard) -> None:
    found = {row["subject_zh"]: row for row in board.units_of(MANAGEMENT)}
    told = found["省科学技术厅"]
    assert (told["status"], told["value"], told["unit"]) == ("reported", 100, "%")
    assert "责任单位报：建立联席会议制度（完成程度100%，时限2024-05-01）" in told["note_zh"]
    silent = found["省卫生健康委员会"]
    assert (silent["status"], silent["value"]) == ("no_statistic", None)
    assert "没有报督查台账" in silent["note_zh"]
    # Nothing of a unit that the ledger does not hold.
    assert "督查台账" not in found["省公安厅"]["note_zh"]


def test_the_squares_say_statistics_first_then_reports(board: MeasureBoard) -> None:
    units = {unit.name_zh: unit for unit in board.survey.units}
    measures = {measure.number: measure for measure in board.survey.measures}

    def square(measure: int, unit: str) -> tuple[str, str] | None:
        cell = board.cell(measures[measure], units[unit])
        return cell and (cell.text, cell.shade)

    assert square(MANAGEMENT, "省科学技术厅") == ("100%", "good")
    assert square(MANAGEMENT, "省教育厅") == ("40%", "fair")
    assert square(MANAGEMENT, "省卫生健康委员会") == ("未报", "poor")
    assert square(MANAGEMENT, "省公安厅") == ("—", "none")
    assert square(EXCHANGE, "省教育厅") == ("1/1", "good")
    # Not done does not round to done.
    assert square(EXCHANGE, "省科学技术协会") == ("<100%", "poor")
    assert square(ORGANISATION, "省教育厅") is None


def test_the_workbook_counts_and_lists_the_reports(book: openpyxl.Workbook) -> None:
    overview = book["措施一览"]
    heads = [cell.value for cell in overview[3]]
    counts = ["督查应报", "已完成", "未到时限", "逾期", "没有写明", "未报"]
    rows = {row[0]: dict(zip(heads, row, strict=True)) for row in overview.values if row[2]}
    assert [rows["2"][name] for name in counts] == [3, 1, 1, 0, 0, 1]
    assert [rows["14"][name] for name in counts] == [2, 0, 0, 2, 0, 0]
    assert [rows["25"][name] for name in counts] == [1, 0, 0, 0, 1, 0]
    assert [rows["1"][name] for name in counts] == [None] * 6
    text = [str(value) for row in overview.values for value in row if value]
    assert any("截至2024-06-01" in each for each in text)
    lines = [row[:7] for row in book["督查进展"].iter_rows(4, 9, values_only=True)]
    assert lines[0] == ("2", MANAGE, "省科学技术厅", "已完成", "通过", 100, "2024-05-01")
    assert lines[2][3:6] == ("未报", "未报", None)
    assert [row[3] for row in lines[3:]] == ["逾期", "逾期", "没有写明"]
    squares = {row[1].value: row for row in book["热力图"].iter_rows(min_row=4)}
    fills = {cell.value: cell.fill.start_color.rgb for cell in squares[MANAGE] if cell.value}
    assert fills["100%"] == f"FF{SHADES['good'].lstrip('#')}"


def test_without_a_ledger_the_workbook_says_nothing_of_one(
    without: Path, survey: Survey, definitions: Definitions
) -> None:
    with Snapshot(without) as snapshot:
        made = scoreboard.write(snapshot, survey, definitions, YEAR, without.parent / "措施.xlsx")
    book = openpyxl.load_workbook(made)
    assert "督查进展" not in book.sheetnames
    assert "督查应报" not in [cell.value for cell in book["措施一览"][3]]


def test_the_heat_map_is_a_picture_that_says_what_it_shows(
    path: Path, survey: Survey, definitions: Definitions
) -> None:
    with Snapshot(path) as snapshot:
        made = heat_map.write(snapshot, survey, definitions, YEAR, path.parent / "热力图.png")
    with Image.open(made) as picture:
        said = picture.info["Description"]
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24)}
    # 169 tasks of the plan: done, rising; not yet due; not reported, and one late.
    assert "169项措施责任中，2项在绿档，1项在黄档，2项在红档" in said
    for shade in SHADES.values():
        assert tuple(bytes.fromhex(shade.lstrip("#"))) in colours


def test_a_picture_without_a_figure_says_so(
    without: Path, survey: Survey, definitions: Definitions
) -> None:
    with Snapshot(without) as snapshot:
        made = heat_map.write(snapshot, survey, definitions, YEAR - 1, without.parent / "无.png")
    with Image.open(made) as picture:
        assert "169项措施责任都没有可判断的数" in picture.info["Description"]


def test_the_annex_tells_who_is_late_and_what_nobody_can_say(pages: list[str]) -> None:
    text = "".join(pages)
    assert "督查台账应报6项任务，已报5项；已完成1项，未到时限1项，逾期2项，没有写明进展1项" in text
    assert "有上年可比的1项统计指标中，1项上升" in text
    assert "其中20条有统计指标可以度量，8条没有" in text
    # 31 March to 1 June: 62 days; the longest first.
    late = text[text.index("表1") : text.index("三、")]
    assert late.index("<100%2024-03-3162") < late.index("10%2024-05-311")
    assert "开展〓活动" in text
    assert "“〓”为字库没有的字" in text
    assert "省教育厅（回收率95%）" in text
    assert all("内部资料" in page for page in pages)


def test_without_a_ledger_the_annex_says_so_and_numbers_its_chapters_through(
    without: Path, survey: Survey, definitions: Definitions
) -> None:
    with Snapshot(without) as snapshot:
        made = notice.write(snapshot, survey, definitions, YEAR, without.parent / "通报.pdf")
    text = "".join(_plain(page.extract_text()) for page in pypdf.PdfReader(made).pages)
    assert "没有收到督查台账" in text
    assert "一、总体情况" in text
    assert "二、没有统计指标的措施" in text
    assert "五、各责任单位任务清单" in text
    assert "逾期的任务" not in text


def test_made_up_reports_make_every_page_say_so() -> None:
    words, office = load_words(), load_office()
    with Workshop() as workshop:
        workshop.load("progress_reports", REPORTS)
        assert standing(workshop, YEAR, office, words) == ["内部资料"]
        workshop.replace("progress_reports", [REPORTS[0] | {"simulated": True}])
        assert standing(workshop, YEAR, office, words) == ["内部资料", "模拟数据"]
