"""The workbooks that go out: 查询单, 审核汇总, 规则手册, read back cell by cell."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest
from checks_bench import COVER, Bench
from openpyxl import load_workbook
from query_rounds import Drawer, columns_of, lines_of

from pipelines.checks import queries, rulebook, rulebook_page
from pipelines.checks.arrangement import Arrangement
from pipelines.checks.sheets import new_book, safe_name
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


def letters_of(paths: list[Path], folder: Path) -> list[Path]:
    """The query sheets among what was written, in order of their returns."""
    names = [path for path in paths if path.relative_to(folder).parts[0] in ("县区", "部门")]
    return sorted(names, key=lambda path: path.stem[-4:])


def test_query_sheet_of_one_return(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    two_years(bench)
    folder = tmp_path / "查询单"
    with published(bench, tmp_path) as snapshot:
        paths = queries.write_queries(snapshot, survey, 2023, folder, Drawer(bench))
    names = [path.relative_to(folder).as_posix() for path in letters_of(paths, folder)]
    assert names[:2] == [
        "县区/长春市/朝阳区/长春_科技_局_r001.xlsx",
        "部门/教育部门/教育厅_r002.xlsx",
    ]
    assert {"催报名单.xlsx", "审核汇总.xlsx"} <= {path.name for path in paths}
    book = load_workbook(letters_of(paths, folder)[0])
    sheet = book["查询单"]
    assert book.active is sheet
    assert "更正值" in sheet["A3"].value
    assert "按通知规定的时间" in sheet["A4"].value
    header, columns = columns_of(sheet)
    assert list(columns) == [
        "序号", "单位", "表", "指标", "单元格", "所填", "为什么问", "应满足的关系", "性质",
        "更正值", "说明", "编号",
    ]  # fmt: skip
    first, second = lines_of(sheet)[:2]
    assert (first["序号"], first["表"], first["单元格"], first["所填"]) == (
        1,
        "科普人员",
        "D8",
        "3",
    )
    assert "大于科普专职人员 2 人" in first["为什么问"]
    assert "≤" in first["应满足的关系"]
    assert first["性质"] == "必须更正"
    assert (second["序号"], second["单元格"], second["所填"]) == (None, "D6", "2")
    assert sheet.freeze_panes == f"A{header + 1}"
    assert sheet.page_setup.paperSize == 9
    assert sheet.column_dimensions["L"].hidden
    (change,) = lines_of(book["变动说明"])
    assert [change[name] for name in ("指标", "上年数", "本年数", "变动数", "变动率")] == [
        "注册科普（技）志愿者", 100, 187, 87, 0.87
    ]  # fmt: skip
    assert book["变动说明"].data_validations.dataValidation[-1].type == "list"


def test_marked_cells_are_those_asked_about(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    two_years(bench)
    with published(bench, tmp_path) as snapshot:
        paths = queries.write_queries(snapshot, survey, 2023, tmp_path / "q", Drawer(bench))
    form = load_workbook(letters_of(paths, tmp_path / "q")[0])["科普人员"]
    marked = {
        cell.coordinate
        for row in form.iter_rows()
        for cell in row
        if cell.fill.fill_type == "solid"
    }
    assert marked == {"D6", "D8"}
    assert "大于科普专职人员" in form["D8"].comment.text
    assert "变动说明" in form["D19"].comment.text


def test_deadline_is_that_of_the_arrangement(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    two_years(bench)
    arranged = Arrangement(queries_sent=date(2024, 9, 27), query_days=3)
    with published(bench, tmp_path) as snapshot:
        paths = queries.write_queries(
            snapshot, survey, 2023, tmp_path / "q", Drawer(bench), arranged
        )
    # 29 and 30 September are worked, 1 to 7 October are not.
    letter = load_workbook(letters_of(paths, tmp_path / "q")[0])
    assert "2024年10月8日" in letter["查询单"]["A4"].value


def test_packages_hold_a_cover_list_and_the_letters(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    two_years(bench)
    folder = tmp_path / "q"
    with published(bench, tmp_path) as snapshot:
        paths = queries.write_queries(snapshot, survey, 2023, folder, Drawer(bench))
    package = folder / "打包转发/县区/长春市朝阳区.zip"
    assert package in paths
    with zipfile.ZipFile(package) as held:
        names = held.namelist()
        cover = load_workbook(io.BytesIO(held.read("封面清单.xlsx")))["封面清单"]
    assert names[0] == "封面清单.xlsx"
    assert "长春_科技_局_r001.xlsx" in names
    row = next(r for r in cover.iter_rows(values_only=True) if r[2] == "长春_科技_局_r001.xlsx")
    assert row[4:7] == (1, 1, 1)


def test_no_letter_tells_of_another_unit_and_no_list_a_figure(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    two_years(bench)
    folder = tmp_path / "q"
    with published(bench, tmp_path) as snapshot:
        paths = queries.write_queries(snapshot, survey, 2023, folder, Drawer(bench))
    other = "\n".join("\t".join(row) for row in everything_in(letters_of(paths, folder)[1]))
    assert "长春/科技" not in other
    assert "志愿者" not in other
    lists = [path for path in paths if path.parent == folder]
    office = "\n".join("\t".join(row) for path in lists for row in everything_in(path))
    assert len(lists) == 2
    assert "约五次" not in office
    assert "187" not in office
    assert COVER["filler"] not in office
    assert COVER["phone"] not in office


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
        queries.write_queries(snapshot, survey, 2023, tmp_path / "q", Drawer(bench))
    summary = tmp_path / "q" / "审核汇总.xlsx"
    refused = [cell.value for cell in load_workbook(summary)["未载入的文件"][2]]
    assert refused == [1, "县区/坏.xlsx", "拒收", "文件损坏", "请重发"]
    rules = {row[1]: row for row in load_workbook(summary)["按规则"].iter_rows(values_only=True)}
    assert rules["R_staff_full_time_women"][5:9] == (1, 0, 1, 2)


def test_workbooks_have_the_same_bytes_every_time(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    two_years(bench)
    drawer = Drawer(bench)
    with published(bench, tmp_path) as snapshot:
        first = queries.write_queries(snapshot, survey, 2023, tmp_path / "1", drawer)
        second = queries.write_queries(snapshot, survey, 2023, tmp_path / "2", drawer)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


@pytest.mark.parametrize("year", [2015, 2023])
def test_rule_book_has_every_rule_in_words(survey: Survey, tmp_path: Path, year: int) -> None:
    rulebook.write(survey, year, tmp_path / "手册.xlsx")
    rows = {row[1]: row for row in everything_in(tmp_path / "手册.xlsx")}
    edition = survey.edition_of(year)
    assert {rule.id for rule in edition.rules} <= rows.keys()
    assert "“科普专职人员中的女性” ≤ “科普专职人员”" in rows["R_staff_full_time_women"][6]


@pytest.mark.parametrize("year", [2015, 2023])
def test_the_page_of_rules_says_what_the_workbook_says(
    survey: Survey, tmp_path: Path, year: int
) -> None:
    import lxml.html

    rulebook.write(survey, year, tmp_path / "手册.xlsx")
    text = rulebook_page.write_page(survey, year, tmp_path / "手册.html").read_text("utf-8")
    page = lxml.html.document_fromstring(text)
    book = {row[1]: row for row in everything_in(tmp_path / "手册.xlsx") if row[0].isdecimal()}
    said = {row.get("id"): row for row in page.iterfind(".//tr[@id]")}
    assert said.keys() == book.keys()
    for rule_id, row in book.items():
        shown = "".join(said[rule_id].itertext())
        assert all(cell in shown for cell in (*row[6:7], *row[8:]) if cell), rule_id
        level = "".join(said[rule_id].find_class("level")[0].itertext())
        assert level == row[3] + ("须更正" if row[4] else "")
    links = {link.get("href") for link in page.iterfind(".//a")}
    assert links <= {f"#{part.get('id')}" for part in page.iterfind(".//h2")}
    assert not page.findall(".//link")
    assert "url(" not in text
    assert "http" not in text


@pytest.mark.parametrize(
    ("text", "name"), [("a/b:c", "a_b_c"), ("con", "_con"), (" . ", "未命名"), ("局", "局")]
)
def test_names_that_windows_accepts(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_long_names_are_cut() -> None:
    assert len(safe_name("科" * 200).encode()) <= 180


def test_changes_stand_by_their_weight_with_reasons_to_choose(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    """The largest part of the province's total first; a sheet of their own, and no query."""
    before = {"lectures": "100", "volunteers": "100", "camps": "10", "trainings": "40"}
    now = {"lectures": "109", "volunteers": "150", "camps": "15", "trainings": "46"}
    bench.add(before, year=2022, unit_id="A")
    bench.add(now, unit_id="A")
    bench.add({"volunteers": "9850"}, unit_id="B", county_code="220102", division_code="220102")
    with published(bench, tmp_path) as snapshot:
        paths = queries.write_queries(snapshot, survey, 2023, tmp_path / "q", Drawer(bench))
    (letter,) = letters_of(paths, tmp_path / "q")
    book = load_workbook(letter)
    # 6 of 46 trainings, 9 of 109 lectures, 50 of 10,000 volunteers; 5 more camps are too few.
    assert [line["变动数"] for line in lines_of(book["变动说明"])] == [6, 9, 50]
    assert lines_of(book["查询单"]) == []
    header, columns = columns_of(book["变动说明"])
    (offered,) = [
        one for one in book["变动说明"].data_validations.dataValidation if one.type == "list"
    ]
    cell = book["变动说明"].cell(header + 1, columns["原因"]).coordinate
    assert cell in offered.sqref
    name, _, area = offered.formula1.lstrip("=").rpartition("!")
    reasons = [row[0].value for row in book[name.strip("'")][area.replace("$", "")]]
    assert reasons[0] == "1 业务量实际增减"
    assert len(reasons) == 8


def test_a_row_is_as_high_as_its_text_and_a_page_says_what_it_is(tmp_path: Path) -> None:
    """A Chinese character takes two places: 40 of them in a column of 21 are four lines of 20."""
    rows = [["短", 1], ["文" * 40, 2], ["甲\n乙\n丙", None]]
    for simulated in (False, True):
        path = tmp_path / f"{simulated}.xlsx"
        with new_book(path, "题", simulated=simulated) as book:
            sheet = book.sheet("某页", (21, 8))
            book.list(sheet, 0, ("文字", "数"), rows, ("text", "number"))
        made = load_workbook(path)["某页"]
        heights = [made.row_dimensions[n].height for n in range(1, 5)]
        assert heights == [None, None, 60, 45]
        assert made.oddHeader.center.text == "&A"
        assert (made.oddHeader.right.text or "") == (
            "模拟数据，仅供演示和培训" if simulated else ""
        )
