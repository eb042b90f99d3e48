"""措施监测表.xlsx and 综合测算.xlsx, read back with an independent reader."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.indicators import score_composites, score_measures
from pipelines.publish import composite_book, scoreboard
from pipelines.warehouse import Snapshot, Workshop

YEAR = 2023


def value(
    indicator_id: str, year: int, breakdown: str, member: str, amount: str | None, rate: str = "1"
) -> dict[str, Any]:
    return {
        "indicator_id": indicator_id,
        "year": year,
        "breakdown": breakdown,
        "member_id": member,
        "member2_id": "",
        "member_zh": member,
        "value": None if amount is None else Decimal(amount),
        "unit": "次",
        "numerator": None,
        "denominator": None,
        "units_covered": 5,
        "units_expected": 20,
        "response_rate": Decimal(rate),
        "flags": [],
    }


#: 教育: 交流 rises, its attendance falls; 科技: nothing both years; 科协: no figures at all.
ROWS = [
    value("exchanges", YEAR, "province", "220000", "150"),
    value("exchanges", YEAR - 1, "province", "220000", "100"),
    value("exchanges_attendance", YEAR, "province", "220000", "900"),
    value("exchanges_attendance", YEAR - 1, "province", "220000", "1000"),
    value("exchanges", YEAR, "department", "education", "60", "0.9"),
    value("exchanges", YEAR - 1, "department", "education", "50"),
    value("exchanges_attendance", YEAR, "department", "education", "90", "0.9"),
    value("exchanges_attendance", YEAR - 1, "department", "education", "100"),
    value("exchanges", YEAR, "department", "science_technology", "0", "0.5"),
    value("exchanges", YEAR - 1, "department", "science_technology", "0"),
]

ITEMS = (
    "staff_per_10k",
    "venues_per_million",
    "exhibition_area_per_10k",
    "fund_raised_per_head",
    "fund_special_per_head",
    "attendance_per_head",
)
PLACES = ("220100", "220200", "220300")


@pytest.fixture(scope="module")
def books(survey, definitions, tmp_path_factory) -> dict[str, openpyxl.Workbook]:
    folder = tmp_path_factory.mktemp("scoreboard")
    composite = [value(name, YEAR, "province", "220000", "1") for name in ITEMS]
    composite += [
        value(name, YEAR, "prefecture", place, str(n))
        for name in ITEMS
        for n, place in enumerate(PLACES)
    ]
    with Workshop() as workshop:
        workshop.load("indicator_values", ROWS + composite)
        score_measures(workshop, survey, definitions)
        score_composites(workshop, survey, definitions)
        workshop.load("meta", [{"key": "simulated", "value": "no"}])
        workshop.write_snapshot(folder / "kepu.duckdb")
    with Snapshot(folder / "kepu.duckdb") as snapshot:
        for name, room in (("措施", scoreboard), ("综合", composite_book)):
            room.write(snapshot, survey, definitions, YEAR, folder / f"{name}.xlsx")
    return {name: openpyxl.load_workbook(folder / f"{name}.xlsx") for name in ("措施", "综合")}


def lines(sheet: Any) -> list[dict[str, Any]]:
    heads = [cell.value for cell in sheet[3]]
    return [
        dict(zip(heads, row, strict=True))
        for row in sheet.iter_rows(min_row=4, values_only=True)
        if row[0] is not None and not str(row[0]).startswith("注")
    ]


def test_every_measure_has_a_line_with_what_can_be_counted(books) -> None:
    found = {row["序号"]: row for row in lines(books["措施"]["措施一览"]) if row["措施"]}
    assert list(found) == [str(n) for n in range(1, 29)]
    exchange = found["14"]
    counted = [exchange[n] for n in ("指标数", "有数", "上升", "持平", "下降", "不可比")]
    assert counted == [2, 2, 1, 0, 1, 0]
    assert exchange["责任单位"] == 3
    assert exchange["责任单位回收率（最低）%"] == 50
    assert found["20"]["可否度量"] == "没有统计指标"
    assert found["20"]["指标数"] is None
    assert found["25"]["责任单位"] == "未列"


def test_the_heat_map_counts_what_rose(books, survey) -> None:
    sheet = books["措施"]["热力图"]
    column = {cell.value: cell.column for cell in sheet[3]}
    row = {cells[1].value: cells[0].row for cells in sheet.iter_rows(min_row=4)}
    exchange = row["加强科普交流合作"]

    def cell(line: int, unit: str) -> Any:
        return sheet.cell(line, column[unit])

    assert cell(exchange, "省教育厅").value == "1/2"
    assert cell(exchange, "省教育厅").fill.start_color.rgb == "FFFBE9AE"
    # Nothing both years is nothing to compare; no figures neither.
    assert cell(exchange, "省科学技术厅").value == "…"
    assert cell(exchange, "省科学技术协会").value == "…"
    assert cell(exchange, "省水利厅").value is None
    assert cell(row["提升科普信息化水平"], "省委网信办").value == "无类"
    assert cell(row["加强领导干部和公务员队伍的科普工作"], "省委组织部").value == "—"
    assert cell(row["回收率%"], "省教育厅").value == 90
    assert {name for name in column if name not in {"序号", "措施"}} == {
        unit.name_zh for unit in survey.units
    }


def test_details_give_value_change_and_place(books) -> None:
    rows = lines(books["措施"]["责任单位明细"])
    line = next(r for r in rows if r["序号"] == "14" and r["责任单位"] == "省教育厅")
    assert (line["2023年"], line["2022年"], line["变化"]) == (60, 50, "上升")
    assert (line["比上年"], line["增减单位"]) == (20, "%")
    assert (line["部门位次"], line["有数部门"]) == (1, 2)
    silent = next(r for r in rows if r["序号"] == "14" and r["责任单位"] == "省科学技术协会")
    assert silent["情况"] == "当年没有问"
    assert silent["2023年"] is None


def test_every_sheet_says_that_it_is_internal(books) -> None:
    for book in books.values():
        for sheet in book:
            assert "内部资料" in sheet["A2"].value
            assert "内部资料" in sheet.oddHeader.right.text


def test_composite_sheets_carry_the_label_ranks_and_reasons(books) -> None:
    book = books["综合"]
    for sheet in book:
        assert "本省测算，非国家发布指数" in sheet["A2"].value
    found = {row["市（州）"]: row for row in lines(book["1·市（州）"]) if row["得分"] is not None}
    # All six items order the three alike: 0, ½, 1 on every one.
    assert [(name, row["得分"], row["名次"]) for name, row in found.items()] == [
        ("四平市", 100, 1),
        ("吉林市", 50, 2),
        ("长春市", 0, 3),
    ]
    assert found["四平市"]["名次区间"] == "1"
    left = [row for row in lines(book["1·市（州）"]) if row["得分"] is None]
    reasons = {row["市（州）"]: row["不测算的原因"] for row in left}
    assert "每万人口科普人员" in reasons["通化市"]


def test_a_workbook_that_cannot_be_written_is_refused(survey, definitions, tmp_path: Path) -> None:
    from pipelines.errors import PublicationError

    with Workshop() as workshop:
        workshop.write_snapshot(tmp_path / "kepu.duckdb")
    (tmp_path / "措施.xlsx").mkdir()
    with Snapshot(tmp_path / "kepu.duckdb") as snapshot, pytest.raises(PublicationError):
        scoreboard.write(snapshot, survey, definitions, YEAR, tmp_path / "措施.xlsx")
