"""What was received, as an .xlsx to mark and send back."""

from __future__ import annotations

import io
import zipfile

import openpyxl

from pipelines.intake.replies.originals import original_of
from tests.intake.by_hand import sheet_xml, xlsx

TABLE = [["指标", "数量"], ["讲座", 5]]


def cells(data: bytes) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def test_a_workbook_is_given_as_it_came() -> None:
    data = xlsx(sheet_xml(TABLE))
    assert original_of(data).data == data
    assert not original_of(data).converted


def turned(data: bytes) -> bytes:
    """The same workbook with turned slashes in its names: cannot be edited, is copied."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename.replace("/", "\\"), old.read(info))
    return out.getvalue()


def test_a_workbook_with_turned_slashes_in_its_names_is_copied() -> None:
    original = original_of(turned(xlsx(sheet_xml(TABLE))))
    assert original.converted
    assert cells(original.data) == TABLE


def test_ranges_that_overlap_in_a_damaged_file_do_not_stop_the_copy() -> None:
    merges = '<mergeCells count="2"><mergeCell ref="A3:B3"/><mergeCell ref="B3:C3"/></mergeCells>'
    page = sheet_xml([*TABLE, ["合并", "", ""]]).replace("</sheetData>", f"</sheetData>{merges}")
    copied = original_of(turned(xlsx(page))).data
    assert [line[:2] for line in cells(copied)] == [*TABLE, ["合并", None]]
    sheet = openpyxl.load_workbook(io.BytesIO(copied)).worksheets[0]
    assert [str(one) for one in sheet.merged_cells.ranges] == ["A3:B3"]
