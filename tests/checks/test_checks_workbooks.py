"""The workbooks that go out: 查询单, 催报名单, 审核汇总, 规则手册, read back cell by cell."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks_bench import COVER, Bench
from openpyxl import load_workbook

from pipelines.checks import queries, rulebook
from pipelines.checks.sheets import safe_name
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot


def published(bench: Bench, folder: Path) -> Snapshot:
    path = folder / "kepu.duckdb"
    bench.judge().workshop.write_snapshot(path)
    return Snapshot(path)


def two_years(bench: Bench) -> None:
    bench.add({"volunteers": "100"}, year=2022, unit_id="A")
    bench.add({"volunteers": "187", "staff_full_time": "2", "staff_full_time_women": "3"},
              unit_id="A", unit_name='长春/科技"局')  # fmt: skip
    bench.add({"lectures": "约五次"}, unit_id="B", unit_name="教育厅", channel="department",
              department_id="education", simulated=True)  # fmt: skip
    bench.add({"lectures": "2", "lectures_attendance": "9"}, unit_id="C")
    bench.list_unit("A", "长春科技局")
    bench.list_unit("Z", "南关区科技局")


def everything_in(path: Path) -> list[list[str]]:
    return [
        ["" if cell is None else str(cell) for cell in row]
        for sheet in load_workbook(path).worksheets
        for row in sheet.iter_rows(values_only=True)
    ]


def test_query_sheet_of_one_return(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    two_years(bench)
    with published(bench, tmp_path) as snapshot:
        paths = queries.write_queries(snapshot, survey, 2023, tmp_path / "查询单")
    names = [path.relative_to(tmp_path / "查询单").as_posix() for path in paths]
    assert names == [
        "县区/长春市/朝阳区/长春_科技_局_r001.xlsx",
        "部门/教育部门/教育厅_r002.xlsx",
        "催报名单.xlsx",
        "审核汇总.xlsx",
    ]
    book = load_workbook(paths[0])
    sheet = book["查询单"]
    assert "请逐条核对" in sheet["A1"].value
    assert "按通知规定的时间" in sheet["A2"].value
    header = [cell.value for cell in sheet[7]]
    assert header == [
        "序号", "表", "单元格", "指标", "所填", "问题", "性质", "您的答复", "更正数"
    ]  # fmt: skip
    row = [cell.value for cell in sheet[8]]
    assert row[1] == "科普人员"
    assert row[2] == "D8\nD6"
    assert row[4] == "3\n2"
    assert "大于科普专职人员 2 人" in row[5]
    assert row[6] == "必须更正"
    assert sheet.freeze_panes == "A8"
    assert sheet.page_setup.paperSize == 9
    changes = [cell.value for cell in book["变动说明"][4]]
    assert changes == [
        1, "科普人员", "D19", "注册科普（技）志愿者", 100, 187, 87, 0.87, None
    ]  # fmt: skip
    second = load_workbook(paths[1])["查询单"]
    assert second["A6"].value == "模拟数据，仅供演示和培训"


def test_deadline_comes_from_the_snapshot(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    two_years(bench)
    workshop = bench.judge().workshop
    workshop.load("meta", [{"key": "query_deadline_2023", "value": "2024年6月15日"}])
    workshop.write_snapshot(tmp_path / "k.duckdb")
    with Snapshot(tmp_path / "k.duckdb") as snapshot:
        first, *_ = queries.write_queries(snapshot, survey, 2023, tmp_path / "q")
    assert "2024年6月15日" in load_workbook(first)["查询单"]["A2"].value


def test_no_workbook_tells_another_units_figures_or_anybodys_contact(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    two_years(bench)
    with published(bench, tmp_path) as snapshot:
        paths = queries.write_queries(snapshot, survey, 2023, tmp_path / "q")
    for path in paths:
        text = "\n".join("\t".join(row) for row in everything_in(path))
        assert COVER["filler"] not in text
        assert COVER["phone"] not in text
    other = "\n".join("\t".join(row) for row in everything_in(paths[1]))
    assert "长春/科技" not in other
    assert "志愿者" not in other
    office = "\n".join("\t".join(row) for path in paths[2:] for row in everything_in(path))
    assert "约五次" not in office
    assert "187" not in office


def test_office_lists(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    two_years(bench)
    bench.submissions.append(
        {
            "year": 2023, "file": "县区/坏.xlsx", "submission_id": "x", "bytes": 1,
            "format": "xlsx", "channel": "county", "status": "rejected",
            "reason_code": "K400", "reason_zh": "文件损坏", "advice_zh": "请重发",
            "returns": 0, "figures_in": 0, "figures_loaded": 0,
        }
    )  # fmt: skip
    with published(bench, tmp_path) as snapshot:
        *_, reminders, summary = queries.write_queries(snapshot, survey, 2023, tmp_path / "q")
    book = load_workbook(reminders)
    whole = [cell.value for cell in book["按地区"][3]]
    assert whole == [1, "全省", 2, 3, 0.5, 1, 2, 0, 1]
    missing = [cell.value for cell in book["未报单位"][3]]
    assert missing[4] == "南关区科技局"
    refused = [cell.value for cell in load_workbook(summary)["未载入的文件"][2]]
    assert refused == [1, "县区/坏.xlsx", "拒收", "文件损坏", "请重发"]
    rules = {row[1]: row for row in load_workbook(summary)["按规则"].iter_rows(values_only=True)}
    assert rules["R_staff_full_time_women"][5:9] == (1, 0, 1, 2)


def test_workbooks_have_the_same_bytes_every_time(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    two_years(bench)
    with published(bench, tmp_path) as snapshot:
        first = queries.write_queries(snapshot, survey, 2023, tmp_path / "1")
        second = queries.write_queries(snapshot, survey, 2023, tmp_path / "2")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize("year", [2015, 2023])
def test_rule_book_has_every_rule_in_words(survey: Survey, tmp_path: Path, year: int) -> None:
    rulebook.write(survey, year, tmp_path / "手册.xlsx")
    rows = {row[1]: row for row in everything_in(tmp_path / "手册.xlsx")}
    edition = survey.edition_of(year)
    assert {rule.id for rule in edition.rules} <= rows.keys()
    assert "“科普专职人员中的女性” ≤ “科普专职人员”" in rows["R_staff_full_time_women"][6]


@pytest.mark.parametrize(
    ("text", "name"), [("a/b:c", "a_b_c"), ("con", "_con"), (" . ", "未命名"), ("局", "局")]
)
def test_names_that_windows_accepts(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_long_names_are_cut() -> None:
    assert len(safe_name("科" * 200).encode()) <= 180
