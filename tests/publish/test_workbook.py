"""指标表.xlsx, read back with an independent reader."""

from __future__ import annotations

import io

import openpyxl
import pytest

from pipelines.errors import PublicationError
from pipelines.publish import workbook


@pytest.fixture(scope="module")
def data(two_years, survey, definitions, tmp_path_factory):
    from pipelines.warehouse import Snapshot

    path = tmp_path_factory.mktemp("workbook") / "指标表.xlsx"
    with Snapshot(two_years) as snapshot:
        workbook.write(snapshot, survey, definitions, 2023, path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def book(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def _row(sheet, label):
    for row in sheet.iter_rows(min_row=5):
        if row[0].value == label:
            return row
    raise AssertionError(f"{sheet.title} 没有 {label}")


def _column(sheet, head):
    return next(cell.column - 1 for cell in sheet[3] if cell.value == head)


def test_cover_says_what_it_is(book):
    text = "\n".join(str(cell.value) for row in book["封面"] for cell in row if cell.value)
    assert "吉林省2023年度科普统计指标表" in text
    assert "模拟数据" in text
    assert "应报调查表120份" in text


def test_contents_link_to_every_table(book):
    links = [row[2].hyperlink for row in book["目录"].iter_rows(min_row=4)]
    targets = {link.location.split("!")[0].strip("'") for link in links if link}
    assert targets == set(book.sheetnames) - {"封面", "目录"}


def test_figures_are_numbers_with_formats_and_units_in_heads(book):
    sheet = book["经费·市州"]
    cell = _row(sheet, "全省")[_column(sheet, "经费筹集额")]
    assert cell.value == 29512.5
    assert cell.number_format == "#,##0.00"
    assert sheet.cell(4, cell.column).value == "（万元）"


def test_change_is_said_by_its_kind(book):
    sheet = book["主要指标"]
    moved, unit = _column(sheet, "比上年增减"), _column(sheet, "增减单位")
    raised = _row(sheet, "年度科普经费筹集额")
    # (29512.50 - 27866.00) / 27866.00 = 5.9086 %
    assert (raised[moved].value, raised[unit].value) == (5.91, "%")
    centers = _row(sheet, "科技馆")
    assert (centers[moved].value, centers[unit].value) == (2, "个")
    per_head = _row(sheet, "人均科普专项经费")
    assert (per_head[moved].value, per_head[unit].value) == (0.49, "元")


def test_missing_zero_and_suppressed_are_three_things(book):
    counties = book["县级主要指标"]
    column = _column(counties, "科普场馆")
    assert _row(counties, "洮北区")[column].value == 0
    assert _row(counties, "东丰县")[column].value == "x"
    prefectures = book["市州主要指标"]
    assert _row(prefectures, "白山市")[_column(prefectures, "科普场馆")].value == "…"
    notes = "".join(str(row[0].value) for row in counties.iter_rows(min_row=60))
    assert "“x”表示为保护填报单位资料不予公布" in notes


def test_regions_stand_in_official_order(book):
    labels = [row[0].value for row in book["市州主要指标"].iter_rows(min_row=5, max_row=14)]
    assert labels == [
        "全省", "长春市", "吉林市", "四平市", "辽源市", "通化市", "白山市", "松原市", "白城市",
        "延边朝鲜族自治州",
    ]  # fmt: skip


def test_nothing_of_a_single_unit(book):
    for sheet in book:
        for row in sheet.iter_rows():
            assert not any("示例单位" in str(cell.value) for cell in row)


def test_sheets_are_ready_to_read_and_print(book):
    for name in book.sheetnames[2:]:
        sheet = book[name]
        continued = [row[0].row for row in sheet.iter_rows() if "续表" in str(row[0].value)]
        grouped = not continued and str(sheet["B5"].value).startswith("（")
        assert sheet.freeze_panes == ("B1" if continued else "B6" if grouped else "B5")
        assert not sheet.merged_cells.ranges
        assert sheet.page_setup.paperSize == 9
        titles = "$3:$5" if grouped else "$3:$4"
        assert sheet.print_title_rows == (None if continued else titles)
        assert [page.id for page in sheet.row_breaks.brk] == [row - 1 for row in continued]
        assert sheet["B2"].value == "模拟数据"


def test_same_snapshot_same_bytes(data, snapshot, survey, definitions, tmp_path):
    path = workbook.write(snapshot, survey, definitions, 2023, tmp_path / "again.xlsx")
    assert path.read_bytes() == data


def test_real_returns_carry_no_mark(snapshot_of_one_year, survey, definitions, tmp_path):
    path = workbook.write(snapshot_of_one_year, survey, definitions, 2023, tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(path)
    assert all("模拟" not in str(c.value) for sheet in book for row in sheet for c in row)
    sheet = book["主要指标"]
    assert _row(sheet, "科技馆")[_column(sheet, "2022年")].value == "…"


def test_a_folder_in_the_way_is_named(snapshot, survey, definitions, tmp_path):
    (tmp_path / "指标表.xlsx").mkdir()
    with pytest.raises(PublicationError, match="指标表"):
        workbook.write(snapshot, survey, definitions, 2023, tmp_path / "指标表.xlsx")
