"""What a respondent sent, as an .xlsx to mark and send back.

An .xlsx is given as it came.  Anything else (.xls, .ods, text, a document) becomes a plain .xlsx of
the cells that were read, under the same sheet names and at the same addresses.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import Place, RootError, UnreadableFileError
from pipelines.intake.formats.archives import open_zip, read_member
from pipelines.intake.formats.cells import Cell, Sheet
from pipelines.intake.formats.sniff import Format, sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.inbox import Inventory, content_of
from pipelines.intake.layouts.figures import shown
from pipelines.intake.replies.answered import answered_letter
from pipelines.survey.addresses import position
from pipelines.warehouse import Root
from pipelines.warehouse.reply import HIDDEN_SHEET

#: A document needs a date of creation; a fixed one keeps the bytes the same.
_CREATED = dt.datetime(2000, 1, 1)  # noqa: DTZ001  xlsxwriter wants a naive date
_WORKBOOK = "xl/workbook.xml"
_LONGEST_NAME = 31
_WIDEST, _NARROWEST = 48, 6


@dataclass(frozen=True, slots=True)
class Original:
    """A received file as an .xlsx.

    ``converted`` when it came in another format.  Of a returned 查询单, ``former`` names our sheets
    in it, and ``corrected`` leads from a cell of theirs to the form's cell that it corrects: sheet,
    cell, and what stands there.
    """

    data: bytes
    converted: bool
    former: tuple[str, ...] = ()
    corrected: Mapping[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)


class Originals:
    """The received files of an inventory by year and name, read when asked."""

    def __init__(self, root: Root, inventory: Inventory) -> None:
        self._root = root
        self._files = {(file.year, file.file): file for file in inventory.files}

    def __call__(self, year: int, file: str, submission_id: str) -> Original:
        """One file; raises RootError when the inbox no longer holds what was taken in."""
        return original_of(self._content(year, file, submission_id))

    def plain(self, year: int, file: str, submission_id: str) -> Original:
        """One file copied cell by cell, whatever its format."""
        return converted(self._content(year, file, submission_id))

    def _content(self, year: int, file: str, submission_id: str) -> bytes:
        received = self._files.get((year, file))
        try:
            data = content_of(received, self._root) if received else b""
        except (OSError, IndexError, UnreadableFileError):
            data = b""
        if received is None or hashlib.sha256(data).hexdigest() != submission_id:
            raise RootError(
                "收件夹中的这个文件在上次运行后变了或被移走，不能据以写查询单",
                "请先重新运行 kepu run",
                Place(file=file),
            )
        return data


def original_of(data: bytes) -> Original:
    """The content of a received file as an .xlsx."""
    kind = sniff(data)
    if kind is not Format.XLSX or not _is_named_as_usual(data):
        return converted(data)
    if HIDDEN_SHEET.encode() not in data and not _names_ours(data):
        return Original(data, converted=False)
    return _returned(data)


def converted(data: bytes) -> Original:
    """The cells of a file of any format as a plain .xlsx."""
    return Original(_plain_copy(read_sheets(data, sniff(data))), converted=True)


def _is_named_as_usual(data: bytes) -> bool:
    """Whether the parts are found by their usual names; some writers turn the slashes."""
    return _WORKBOOK in open_zip(data).namelist()


def _names_ours(data: bytes) -> bool:
    archive = open_zip(data)
    return HIDDEN_SHEET.encode() in read_member(archive, archive.namelist().index(_WORKBOOK))


def _returned(data: bytes) -> Original:
    """A letter that came back: its sheets of ours, and what they correct."""
    sheets = read_sheets(data, Format.XLSX)
    year = _stated_year(sheets)
    answered = answered_letter(sheets, year)
    if answered is None:
        return Original(data, converted=False)
    forms = {sheet.name: sheet for sheet in answered.forms}
    corrected = {}
    for one in answered.filled:
        if one.asked and one.value != "" and one.asked.sheet in forms:
            sheet, cell = one.asked.sheet, one.asked.cell
            held = shown(forms[sheet].at(*position(cell)))
            corrected[one.sheet, one.value_cell] = (sheet, cell, held)
    return Original(data, False, (*answered.letter.sheets, HIDDEN_SHEET), corrected)


def _stated_year(sheets: Sequence[Sheet]) -> int:
    hidden = next(sheet for sheet in sheets if sheet.name == HIDDEN_SHEET)
    return next(int(shown(row[1])) for row in hidden.rows if row and row[0] == "year")


def _plain_copy(sheets: Sequence[Sheet]) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False,
                                      "strings_to_urls": False}) as book:  # fmt: skip
        book.set_properties({"created": _CREATED})
        looks = {
            "text": book.add_format({"num_format": "@", "text_wrap": True, "border": 1}),
            "number": book.add_format({"border": 1}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "border": 1}),
        }
        taken: set[str] = set()
        for sheet in sheets:
            page = book.add_worksheet(_name(sheet.name, taken))
            if sheet.hidden:
                page.hide()
            _copy(page, sheet, looks)
        # The first sheet in sight is the one in front.
        first = next((n for n, sheet in enumerate(sheets) if not sheet.hidden), 0)
        pages = book.worksheets()
        pages[first].set_first_sheet()
        pages[first].activate()
    return buffer.getvalue()


def _copy(page: Any, sheet: Sheet, looks: Mapping[str, Any]) -> None:
    from xlsxwriter.exceptions import OverlappingRange

    widths: dict[int, int] = {}
    for row, line in enumerate(sheet.rows):
        for column in range(len(line)):
            cell = sheet.at(row, column)
            if cell != "":
                _put(page, row, column, cell, looks)
                longest = max(len(part.encode("gb18030")) for part in shown(cell).split("\n"))
                widths[column] = max(widths.get(column, 0), longest)
    for column, width in widths.items():
        page.set_column(column, column, min(max(width + 2, _NARROWEST), _WIDEST))
    for (top, left), (bottom, right) in sheet.merged:
        if (top, left) != (bottom, right):
            # Ranges of a damaged file may overlap: their cells are copied all the same.
            with contextlib.suppress(OverlappingRange):
                page.merge_range(top, left, bottom, right, "", looks["text"])
            cell = sheet.at(top, left)
            if cell != "":
                _put(page, top, left, cell, looks)


def _put(page: Any, row: int, column: int, cell: Cell, looks: Mapping[str, Any]) -> None:
    if isinstance(cell, bool):
        page.write_boolean(row, column, cell, looks["number"])
    elif isinstance(cell, int | float):
        page.write_number(row, column, cell, looks["number"])
    elif isinstance(cell, dt.datetime | dt.date):
        page.write_datetime(row, column, cell, looks["date"])
    else:
        page.write_string(row, column, shown(cell), looks["text"])


def _name(name: str, taken: set[str]) -> str:
    """A sheet name as .xlsx allows it, once; names of .xls and .ods nearly always are."""
    plain = "".join("_" if sign in "[]:*?/\\" else sign for sign in name).strip("'")
    plain = plain[:_LONGEST_NAME] or "Sheet"
    number = 1
    unique = plain
    while unique.lower() in taken:
        number += 1
        unique = f"{plain[: _LONGEST_NAME - 4]}({number})"
    taken.add(unique.lower())
    return unique
