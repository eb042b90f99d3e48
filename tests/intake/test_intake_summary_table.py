"""The summary table: a return a row, subtotals kept apart, headers of several merged rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import openpyxl

from pipelines.survey import Survey
from tests.intake.writing import USCC, YEAR, Office, Received, saved


def table() -> Any:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "汇总"
    sheet.append([f"朝阳区科普统计汇总表（{YEAR}年度）"])
    sheet.append(["序号", "县区", "单位名称", "信用代码", "部门", "级别", "科普专职人员", None,
                  "科普兼职人员", None, "科普经费"])  # fmt: skip
    sheet.append([None] * 6 + ["合计", "其中：女性", "合计", "其中：女性", "年度科普经费筹集额"])
    sheet.append([None] * 6 + ["人", "人", "人", "人", "万元"])
    for letters in "ABCDEF":
        sheet.merge_cells(f"{letters}2:{letters}4")
    sheet.merge_cells("G2:H2")
    sheet.merge_cells("I2:J2")
    sheet.append([1, "朝阳区", "朝阳区教育局", USCC, "教育部门", "区县级", 10, 4, 20, 5, 500])
    sheet.append([2, None, "朝阳区科技馆", None, "科协组织", "区县级", "-", None, "约3", 0, 1.5])
    sheet.append([None, None, "小计", None, None, None, 10, 4, 20, 5, 501.5])
    sheet.append([None, "南关区", None, None, None, None, 7, 1, 2, 1, 3])
    sheet.append([None, "合计", None, None, None, None, 17, 5, 22, 6, 504.5])
    sheet.append(["注：数据由各单位报送"])
    sheet.merge_cells("B5:B6")
    return book


def answers(received: Received, row: int) -> dict[str, tuple[str, Decimal | None, str]]:
    found = received.tables["answers"].to_pylist()
    return {
        a["item_id"]: (a["state"], a["value"], a["cell"])
        for a in found
        if a["cell"][1:] == str(row)
    }


def test_a_unit_named_after_its_place_is_a_unit_and_the_place_alone_is_a_sum(
    office: Office,
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["单位名称", "单位所在地", "科普专职人员", "科普兼职人员", "年度科普经费筹集额"])
    names = ["镇赉县教育局", "吉林省长春市朝阳区教育局", "镇赉县", "吉林省长春市朝阳区", "合计"]
    for name in names:
        sheet.append([name, "" if name == "合计" else name.removesuffix("教育局"), 1, 2, 3])
    received = office.receive(saved(book))
    assert [(r["unit_name"], r["role"]) for r in received.returns] == [
        *((name, "basic") for name in names[:2]),
        *((name, "summary") for name in names[2:]),
    ]


def test_units_become_returns_and_sums_do_not_count(office: Office) -> None:
    received = office.receive(saved(table()))
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert [(r["unit_name"], r["role"]) for r in received.returns] == [
        ("朝阳区教育局", "basic"),
        ("朝阳区科技馆", "basic"),
        ("小计", "summary"),
        ("", "summary"),
        ("", "summary"),
    ]
    assert {r["layout"] for r in received.returns} == {"table"}
    first, second = received.returns[:2]
    assert (first["unit_id"], first["department_id"]) == (USCC, "education")
    assert second["division_code"] == first["division_code"] != "", "merged down, not filled down"
    assert answers(received, 5) == {
        "staff_full_time": ("reported", Decimal(10), "G5"),
        "staff_full_time_women": ("reported", Decimal(4), "H5"),
        "staff_part_time": ("reported", Decimal(20), "I5"),
        "staff_part_time_women": ("reported", Decimal(5), "J5"),
        "fund_raised": ("reported", Decimal(500), "K5"),
    }
    assert {k: v[:2] for k, v in answers(received, 6).items()} == {
        "staff_full_time": ("not_applicable", None),
        "staff_full_time_women": ("blank", None),
        "staff_part_time": ("unreadable", None),
        "staff_part_time_women": ("zero", Decimal(0)),
        "fund_raised": ("reported", Decimal("1.5")),
    }


def test_a_column_of_figures_without_known_header_stops_the_file(office: Office) -> None:
    book = table()
    book.active["L3"] = "元宇宙经费"
    book.active["L5"] = 8
    received = office.receive(saved(book))
    assert received.refusal == "K409"
    assert "L5" in received.file["reason_zh"]


def test_figures_without_a_unit_stop_the_file(office: Office) -> None:
    book = table()
    book.active["K12"] = 8
    assert office.receive(saved(book)).refusal == "K409"


def test_another_year_in_the_title_is_refused(office: Office, survey: Survey) -> None:
    book = table()
    book.active["A1"] = f"朝阳区科普统计汇总表（{YEAR - 1}年度）"
    assert office.receive(saved(book)).refusal == "K406"
