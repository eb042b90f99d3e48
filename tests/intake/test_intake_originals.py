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


def test_a_workbook_with_turned_slashes_in_its_names_is_copied() -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(sheet_xml(TABLE)))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for info in old.infolist():
            new.writestr(info.filename.replace("/", "\\"), old.read(info))
    original = original_of(out.getvalue())
    assert original.converted
    assert cells(original.data) == TABLE
