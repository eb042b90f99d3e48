"""指标表, both editions read back with an independent reader, and held against the checklist for
accessible spreadsheets (the machine edition) and the look of the yearbook (the print edition)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell import Cell
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.errors import PublicationError
from pipelines.publish import print_book, workbook
from pipelines.publish.excel import columns_of
from pipelines.publish.print_layout import layouts, pages_of
from pipelines.publish.table_book import TableSpec
from pipelines.publish.table_model import Column, Number, Row, Table
from pipelines.publish.workbook_words import load_workbook_words

MARKS = {"…", "-", "x"}
MEDIUM, THIN = "medium", "thin"


@pytest.fixture(scope="module")
def editions(two_years, survey, definitions, tmp_path_factory) -> tuple[Path, Path]:
    from pipelines.warehouse import Snapshot

    folder = tmp_path_factory.mktemp("workbook")
    with Snapshot(two_years) as snapshot:
        made = (snapshot, survey, definitions, 2023)
        return (
            workbook.write(*made, folder / "指标表.xlsx"),
            print_book.write(*made, folder / "指标表（印刷版）.xlsx"),
        )


@pytest.fixture(scope="module")
def machine(editions: tuple[Path, Path]) -> Workbook:
    return openpyxl.load_workbook(editions[0])


@pytest.fixture(scope="module")
def printed(editions: tuple[Path, Path]) -> Workbook:
    return openpyxl.load_workbook(editions[1])


@pytest.fixture(scope="module")
def tables(machine: Workbook) -> dict[str, list[list[object]]]:
    """What is marked as a table on each sheet, heads first."""
    return {sheet.title: grid(sheet) for sheet in machine if sheet.tables}


def grid(sheet: Worksheet) -> list[list[object]]:
    (table,) = sheet.tables.values()
    return [[cell.value for cell in row] for row in sheet[table.ref]]


def cell_at(table: list[list[object]], label: str, head: str) -> object:
    column = table[0].index(head)
    return next(row for row in table[1:] if row[0] == label)[column]


def filled(sheet: Worksheet) -> Iterator[Cell]:
    return (cell for row in sheet for cell in row if cell.value is not None)


# Both editions.


@pytest.mark.parametrize("which", [0, 1])
def test_properties_say_title_office_and_language(which: int, editions: tuple[Path, Path]) -> None:
    said = openpyxl.load_workbook(editions[which], read_only=True).properties
    assert said.title == "吉林省2023年度科普统计指标表"
    assert said.creator == "吉林省科学技术厅"
    assert said.language == "zh-CN"
    assert "模拟数据" in said.description


@pytest.mark.parametrize("which", [0, 1])
def test_both_open_at_the_first_cell_and_compute_nothing(
    which: int, editions: tuple[Path, Path], machine: Workbook, printed: Workbook
) -> None:
    book = (machine, printed)[which]
    assert book.active.title == "封面"
    for sheet in book:
        assert sheet.sheet_state == "visible"
        panes = [s for s in sheet.sheet_view.selection if s.pane is None]
        assert all(selection.activeCell == "A1" for selection in panes)
        assert all(cell.data_type != "f" for cell in filled(sheet))
        assert not any(d.hidden for d in sheet.row_dimensions.values())
        assert not any(d.hidden for d in sheet.column_dimensions.values())
    with zipfile.ZipFile(editions[which]) as parts:
        assert not [name for name in parts.namelist() if "vba" in name.lower()]


@pytest.mark.parametrize("which", [0, 1])
def test_no_number_is_text(which: int, machine: Workbook, printed: Workbook) -> None:
    for sheet in (machine, printed)[which]:
        told = [cell.value for cell in filled(sheet) if isinstance(cell.value, str)]
        assert not [text for text in told if re.fullmatch(r"[+\-−]?[\d,]*\.?\d+%?", text)]


@pytest.mark.parametrize("write", [workbook.write, print_book.write])
def test_same_snapshot_same_bytes(write, editions, snapshot, survey, definitions, tmp_path):
    path = write(snapshot, survey, definitions, 2023, tmp_path / "again.xlsx")
    assert path.read_bytes() in [edition.read_bytes() for edition in editions]


def test_nothing_of_a_single_unit(machine: Workbook, printed: Workbook) -> None:
    for book in (machine, printed):
        for sheet in book:
            assert not any("示例单位" in str(cell.value) for cell in filled(sheet))


def test_real_returns_of_a_first_year_carry_no_mark_and_no_comparison(
    snapshot_of_one_year, survey, definitions, tmp_path
):
    made = (snapshot_of_one_year, survey, definitions, 2023)
    book = openpyxl.load_workbook(workbook.write(*made, tmp_path / "a.xlsx"))
    assert all("模拟" not in str(cell.value) for sheet in book for cell in filled(sheet))
    assert cell_at(grid(book["主要指标"]), "科技馆", "2022年") == "…"
    assert "历年主要指标" not in book.sheetnames


@pytest.mark.parametrize("write", [workbook.write, print_book.write])
def test_a_year_of_which_nothing_is_known_still_opens(
    write, nothing, survey, definitions, tmp_path
):
    from pipelines.warehouse import Snapshot

    with Snapshot(nothing) as snapshot:
        path = write(snapshot, survey, definitions, 2023, tmp_path / "无.xlsx")
    assert openpyxl.load_workbook(path).sheetnames[0] == "封面"


def test_a_folder_in_the_way_is_named(snapshot, survey, definitions, tmp_path):
    (tmp_path / "指标表.xlsx").mkdir()
    with pytest.raises(PublicationError, match="指标表"):
        workbook.write(snapshot, survey, definitions, 2023, tmp_path / "指标表.xlsx")


# The machine edition, by the checklist.


def test_one_marked_table_a_sheet_which_begins_in_the_first_column(machine: Workbook) -> None:
    names = []
    for sheet in machine.worksheets[1:]:
        (table,) = sheet.tables.values()
        left, top, right, bottom = range_boundaries(table.ref)
        assert left == 1
        assert (right, bottom) == (sheet.max_column, sheet.max_row), sheet.title
        assert table.headerRowCount == 1
        assert table.autoFilter is None
        assert [column.name for column in table.tableColumns] == [cell.value for cell in sheet[top]]
        # Above the table everything stands in the first column, with no line left out.
        assert all(sheet.cell(row, 1).value for row in range(1, top))
        assert not any(sheet.cell(row, 2).value for row in range(1, top))
        names.append(table.displayName)
    assert not machine["封面"].tables
    assert len(set(names)) == len(names)
    assert "t3_headline" in names


def test_heads_are_there_once_each_and_nothing_inside_is_empty(machine: Workbook) -> None:
    for sheet in machine.worksheets[1:]:
        heads, *rows = grid(sheet)
        assert all(isinstance(head, str) and head and "\n" not in head for head in heads)
        assert len(set(heads)) == len(heads), sheet.title
        assert rows
        assert all(value not in (None, "") for row in rows for value in row), sheet.title


def test_nothing_is_merged_frozen_filled_or_small(machine: Workbook) -> None:
    for sheet in machine:
        assert sheet["A1"].value
        assert sheet["A1"].font.b
        assert not sheet.merged_cells.ranges
        assert sheet.freeze_panes is None
        assert not sheet.auto_filter.ref
        assert not sheet._images
        for cell in filled(sheet):
            assert cell.font.sz >= 12
            assert cell.fill.fill_type is None


def test_columns_are_wide_enough_or_their_text_is_wrapped(machine: Workbook) -> None:
    for sheet in machine.worksheets[1:]:
        (table,) = sheet.tables.values()
        widths = {
            column: given.width
            for given in sheet.column_dimensions.values()
            for column in range(given.min, given.max + 1)
        }
        for row in sheet[table.ref]:
            for cell in row:
                if isinstance(cell.value, int | float):
                    assert len(f"{cell.value:,.2f}") < widths[cell.column]
                elif columns_of(cell.value) > widths[cell.column]:
                    assert cell.alignment.wrap_text, (sheet.title, cell.coordinate)


def test_contents_link_to_every_table_and_every_sheet_links_back(machine: Workbook) -> None:
    links = [cell.hyperlink for row in machine["目录"] for cell in row if cell.hyperlink]
    targets = [link.location.split("!")[0].strip("'") for link in links]
    assert targets == ["封面", *machine.sheetnames[3:]]
    for name in machine.sheetnames[3:]:
        sheet = machine[name]
        back = {c.hyperlink.location for c in sheet["A"] if c.hyperlink}
        assert "'目录'!A1" in back
    rows = [row[1:] for row in grid(machine["目录"])]
    assert ["科普经费", "2023年各市（州）科普经费", 10, 13] in rows


def test_every_note_is_in_the_notes_and_every_mark_is_explained(machine: Workbook) -> None:
    notes = {row[0]: row[1] for row in grid(machine["说明"])[1:]}
    cited: set[str] = set()
    for name in machine.sheetnames[3:]:
        sheet = machine[name]
        above = [str(cell.value) for cell in sheet["A"][:12]]
        said = next((text for text in above if text.startswith("注：")), "")
        found = set(re.findall(r"注\d+", said))
        cited |= found
        explained = "".join(notes[note] for note in found)
        heads, *rows = grid(sheet)
        used = {v for row in rows for v in row if v in MARKS}
        texts = {
            "计量单位",
            "增减单位",
            "说明",
            "依据",
            "算法",
            "备注",
            "全国数年份",
            "层级",
            "内容",
        }
        used = {
            v
            for row in rows
            for h, v in zip(heads, row, strict=True)
            if v in MARKS and h not in texts
        }
        assert all(f"“{mark}”" in explained for mark in used), (name, used)
    assert cited == set(notes)


def test_cover_says_what_it_is(machine: Workbook) -> None:
    text = "\n".join(str(cell.value) for cell in filled(machine["封面"]))
    for said in ("吉林省2023年度科普统计指标表", "模拟数据", "应报调查表120份", "印刷版见"):
        assert said in text


def test_figures_are_numbers_under_full_names_with_units(
    machine: Workbook, tables: dict[str, list[list[object]]]
) -> None:
    assert cell_at(tables["经费·市州"], "全省", "年度科普经费筹集额（万元）") == 29512.5
    (sheet,) = [machine["经费·市州"]]
    cell = next(c for c in filled(sheet) if c.value == 29512.5)
    assert cell.number_format == "#,##0.00"
    # What is of one indicator says of which.
    assert "指标：年度科普经费筹集额" in [c.value for c in machine["历年经费·市州"]["A"]]


def test_change_is_said_by_its_kind(tables: dict[str, list[list[object]]]) -> None:
    table = tables["主要指标"]

    def moved(label: str) -> tuple[object, object]:
        return cell_at(table, label, "比上年增减"), cell_at(table, label, "增减单位")

    # (29512.50 - 27866.00) / 27866.00 = 5.9086 %
    assert moved("年度科普经费筹集额") == (5.91, "%")
    assert moved("科技馆") == (2, "个")
    assert moved("人均科普专项经费") == (0.49, "元")


def test_missing_zero_and_suppressed_are_three_things(
    machine: Workbook, tables: dict[str, list[list[object]]]
) -> None:
    counties = tables["县级主要指标"]
    assert cell_at(counties, "洮北区", "科普场馆（个）") == 0
    assert cell_at(counties, "东丰县", "科普场馆（个）") == "x"
    assert cell_at(tables["市州主要指标"], "白山市", "科普场馆（个）") == "…"
    notes = "".join(str(cell.value) for cell in filled(machine["说明"]))
    assert "“x”表示为保护填报单位资料不予公布" in notes


def test_regions_stand_in_official_order(tables: dict[str, list[list[object]]]) -> None:
    assert [row[0] for row in tables["市州主要指标"][1:]] == [
        "全省", "长春市", "吉林市", "四平市", "辽源市", "通化市", "白山市", "松原市", "白城市",
        "延边朝鲜族自治州",
    ]  # fmt: skip


# The print edition, as the yearbook looks.


def a_table(columns: int, rows: int, per_part: int = 0) -> Table:
    spec = TableSpec(
        id="wide",
        title_zh="宽表",
        theme="",
        layout="members",
        sheet_zh="宽",
        columns_per_part=per_part,
    )
    cells = tuple(Number(Decimal(1234567), 2) for _ in range(columns))
    heads = tuple(Column(f"第{n}项指标", "人次") for n in range(columns))
    return Table(spec, "宽表", "地区", heads, tuple(Row(f"县{n}", cells) for n in range(rows)))


def test_paper_is_the_smallest_that_holds_the_table_and_wide_ones_are_split_evenly() -> None:
    words = load_workbook_words()

    def laid(columns: int, per_part: int = 0) -> list[tuple[str, int]]:
        table = a_table(columns, 3, per_part)
        found = list(layouts(table, words.print, words.widths))
        assert sum(len(each.table.columns) for each in found) == columns
        for each in found:
            # A digit of the normal font is 8 of 96 to the inch, and each column has 5 beside.
            wide = sum(8 * width + 5 for width in each.widths) * 25.4 / 96
            assert wide * each.scale / 100 <= each.paper.width - 36 + 0.5
            assert each.scale >= words.print.least_scale
        return [(each.paper.name, len(each.table.columns)) for each in found]

    assert laid(3) == [("A4 竖", 3)]
    assert laid(7) == [("A4 横", 7)]
    assert laid(11) == [("A3 横", 11)]
    assert [count for _, count in laid(31)] == [11, 11, 9]
    assert [count for _, count in laid(12, per_part=10)] == [6, 6]


def test_a_few_rows_over_get_no_page_of_their_own() -> None:
    words = load_workbook_words()
    (layout,) = layouts(a_table(3, 3), words.print, words.widths)
    # Between the margins of A4 stand 297 - 42 mm, which are 722.8 points.
    assert pages_of(layout, 100, 600, words.print.margins) == 1
    assert pages_of(layout, 100, 800, words.print.margins) == 1
    assert pages_of(layout, 100, 1100, words.print.margins) == 2


@pytest.fixture(scope="module")
def pages(printed: Workbook) -> list[Worksheet]:
    return printed.worksheets[2:]


def heads_end(sheet: Worksheet) -> int:
    """The last row of the heads: what is repeated on every page."""
    first, last = re.fullmatch(r"\$(\d+):\$(\d+)", sheet.print_title_rows).groups()
    assert first == "1"
    return int(last)


def body(sheet: Worksheet) -> list[list[object]]:
    """Rows from the heads to the last of the three lines."""
    rows = []
    for row in sheet.iter_rows(min_row=heads_end(sheet) + 1):
        rows.append([cell.value for cell in row])
        if row[0].border.bottom.style == MEDIUM:
            return rows
    raise AssertionError(f"{sheet.title} 没有末线")


def test_every_page_has_paper_area_and_repeated_heads(printed: Workbook) -> None:
    for sheet in printed:
        assert sheet.page_setup.paperSize in {"8", "9", 8, 9}
        assert sheet.page_setup.fitToWidth in {None, 1}
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        area = str(sheet.print_area).rpartition("!")[2].replace("$", "")
        last = max(cell.row for cell in filled(sheet))
        assert range_boundaries(area)[3] == last, sheet.title
        assert "模拟数据" in sheet.oddHeader.right.text
        assert "&P" in sheet.oddFooter.center.text


def test_three_lines_and_no_more(pages: list[Worksheet]) -> None:
    for sheet in pages:
        last, rows = heads_end(sheet), body(sheet)
        top = next(row for row in range(1, last + 1) if sheet.cell(row, 1).border.top.style)
        for column in range(1, len(rows[0]) + 1):
            assert sheet.cell(top, column).border.top.style == MEDIUM, sheet.title
            assert sheet.cell(last, column).border.bottom.style == THIN, sheet.title
            assert sheet.cell(last + len(rows), column).border.bottom.style == MEDIUM
            inside = range(last + 1, last + len(rows))
            assert not any(sheet.cell(row, column).border.bottom.style for row in inside)


def test_only_heads_are_merged_and_groups_stand_over_their_columns(
    printed: Workbook, pages: list[Worksheet]
) -> None:
    for sheet in pages:
        assert all(merged.max_row <= heads_end(sheet) for merged in sheet.merged_cells.ranges)
        assert sheet["A1"].alignment.horizontal == "center"
    sheet = printed["附表3 经费·地区"]
    over = {str(sheet.cell(m.min_row, m.min_col).value): m for m in sheet.merged_cells.ranges}
    group = over["年度科普经费筹集额"]
    assert sheet.cell(group.max_row + 1, group.min_col).value == "合计"
    assert group.max_col > group.min_col
    assert over["地区"].max_row == heads_end(sheet)


def test_the_unit_stands_right_above_or_under_each_head(printed: Workbook) -> None:
    funds = printed["经费·市州"]
    assert funds.cell(2, funds.max_column).value == "单位：万元"
    assert funds.cell(2, funds.max_column).alignment.horizontal == "right"
    mixed = printed["市州主要指标"]
    units = [cell.value for cell in mixed[heads_end(mixed)]][1:]
    assert units[:3] == ["（万元）", "（万元）", "（元）"]


def test_what_does_not_fit_goes_on_as_a_continued_table(pages: list[Worksheet]) -> None:
    parts = [sheet for sheet in pages if sheet.title.startswith("附表2 ")]
    assert len(parts) > 1
    assert all("（续表" in str(sheet["A1"].value) for sheet in parts[1:])
    assert "（续表" not in str(parts[0]["A1"].value)
    for sheet in pages:
        assert 2 <= sheet.max_column <= 20


def test_notes_are_broken_as_chinese_is_and_no_number_is_parted(pages: list[Worksheet]) -> None:
    seen = 0
    for sheet in pages:
        below = [c.value for c in sheet["A"][heads_end(sheet) + len(body(sheet)) :] if c.value]
        seen += bool(below) and below[0].startswith("注：")
        for before, line in pairwise(below):
            assert line[0] not in "，。、；：）》”"
            assert not (before[-1].isdigit() and line[0].isdigit())
    assert seen > 10


def test_both_editions_hold_the_same_figures(
    machine: Workbook, tables: dict[str, list[list[object]]], pages: list[Worksheet]
) -> None:
    joined: dict[str, list[list[object]]] = {}
    for sheet in pages:
        name = sheet.title.partition("（续")[0]
        rows = body(sheet)
        if name in joined:
            assert [row[0] for row in joined[name]] == [row[0] for row in rows]
            joined[name] = [a + b[1:] for a, b in zip(joined[name], rows, strict=True)]
        else:
            joined[name] = rows
    assert list(joined) == machine.sheetnames[3:]
    for name, rows in joined.items():
        heads, *whole = tables[name]
        # A remark is only in the machine edition; what has no text is empty in print.
        width = len(heads) - ("备注" in heads)
        assert [[v or "-" if isinstance(v, str | None) else v for v in row] for row in rows] == [
            row[:width] for row in whole
        ], name
