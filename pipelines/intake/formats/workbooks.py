"""Open a file of any format the line reads and give its sheets as cells."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, cast

import python_calamine as calamine

from pipelines.errors import (
    CorruptFileError,
    EmptyFileError,
    EncryptedFileError,
    OversizedFileError,
    Place,
)
from pipelines.intake.formats import biff5
from pipelines.intake.formats.archives import open_zip
from pipelines.intake.formats.cells import FlawAt, Range, Rows, Sheet
from pipelines.intake.formats.charsets import decode, decode_page
from pipelines.intake.formats.delimited import split
from pipelines.intake.formats.flat import packed
from pipelines.intake.formats.mhtml import read_archive
from pipelines.intake.formats.ooxml import with_known_errors
from pipelines.intake.formats.own_records import Records, XlsRecords, records_of
from pipelines.intake.formats.sniff import Format
from pipelines.intake.formats.spreadsheetml import read_workbook
from pipelines.intake.formats.webpages import read_page
from pipelines.intake.formats.wordml import read_document
from pipelines.intake.vocabulary import vocabulary

#: A text table has one sheet, which needs a name to be cited by.
TEXT_SHEET = "CSV"
#: How the native reader refuses a sheet with an error value that it does not know.
_NEW_ERROR = "Unsupported cell error value"
_BROKEN = "表格内容读不出来，内部结构已损坏"


def read_sheets(data: bytes, kind: Format) -> list[Sheet]:
    """All sheets in workbook order, each read when asked; raises UnreadableFileError's kinds.

    Reading a sheet later may raise them too.
    """
    match kind:
        case Format.TEXT:
            rows = split(decode(data))
            return [Sheet(TEXT_SHEET, lambda: (rows, None))]
        case Format.HTML:
            return read_page(decode_page(data))
        case Format.MHTML:
            return read_archive(data)
        case Format.XML:
            return read_workbook(data)
        case Format.DOCX:
            return read_document(open_zip(data))
        case Format.FODS:
            return read_sheets(packed(data), Format.ODS)
    records = _guarded(lambda: records_of(data, kind))
    if isinstance(records, XlsRecords) and records.old is not None:
        return list(_old(records, records.old))
    return list(_native(data, records))


def _native(data: bytes, records: Records) -> Iterator[Sheet]:
    # Asked only for sheets that are not plainly written: most files do without it.
    book = cache(lambda: _guarded(lambda: calamine.load_workbook(io.BytesIO(data))))
    described = records.sheets or _described(book())
    if len(described) > vocabulary().limits.sheets:
        raise OversizedFileError(f"工作簿有 {len(described)} 张工作表，不可能是报表")
    for number, (name, hidden) in enumerate(described):
        if hidden is not None:
            yield _sheet(book, data, records, number, name, hidden)


def _described(book: Any) -> list[tuple[str, bool | None]]:
    """The sheets by name, and whether they are hidden; None for those that are no tables."""
    described = book.sheets_metadata
    if not described:
        raise EmptyFileError("工作簿里没有工作表")
    tables, seen = calamine.SheetTypeEnum.WorkSheet, calamine.SheetVisibleEnum.Visible
    return [(one.name, one.visible != seen if one.typ == tables else None) for one in described]


def _old(records: XlsRecords, book: biff5.OldBook) -> Iterator[Sheet]:
    """The sheets of a workbook that the native reader cannot read."""
    for number, name, hidden in book.sheets():

        def load(number: int = number, name: str = name) -> tuple[Rows, FlawAt | None]:
            flaws = records.flaws(number, name)
            rows = cast(Rows, _guarded(lambda: book.rows(number, records.facts(number))))
            _guarded(lambda: _correct(rows, records, number, name))
            return rows, flaws

        yield Sheet(
            name,
            load,
            hidden=hidden,
            date1904=records.date1904,
            find_asides=partial(records.asides, number, name),
        )


def _correct(rows: Rows, records: Records, number: int, name: str) -> None:
    """Put what is meant, or known not to be certain, in the place of what the cells hold."""
    for (row, column), disguise in records.disguised(number, name):
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = disguise.of(rows[row][column]) or rows[row][column]
    for (row, column), flaw in records.doubts(number, name).items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = flaw


def _sheet(
    book: Callable[[], Any], data: bytes, records: Records, number: int, name: str, hidden: bool
) -> Sheet:
    native: list[Any] = []

    def opened() -> Any:
        if not native:
            native.append(_guarded(lambda: _native_sheet(book(), data, number), name))
        return native[0]

    def load() -> tuple[Rows, FlawAt | None]:
        plain = records.plain(name)
        if plain is not None:
            return plain.rows, plain.flaws
        # The file's own records first: they also guard against sheets too large to hold.
        flaws = _guarded(lambda: records.flaws(number, name))
        cells = _guarded(lambda: opened().to_python(skip_empty_area=False), name)
        rows = cast(Rows, cells)
        _guarded(lambda: _correct(rows, records, number, name))
        return rows, flaws

    def merged() -> list[Range]:
        known = records.merged(number, name)
        return known if known is not None else list(opened().merged_cell_ranges or [])

    return Sheet(
        name,
        load,
        hidden=hidden,
        date1904=records.date1904,
        find_merged=merged,
        find_asides=partial(records.asides, number, name),
    )


def _native_sheet(book: Any, data: bytes, number: int) -> Any:
    try:
        return book.get_sheet_by_index(number)
    except calamine.CalamineError as error:
        if _NEW_ERROR not in str(error):
            raise
        readable = with_known_errors(open_zip(data))
        return calamine.load_workbook(io.BytesIO(readable)).get_sheet_by_index(number)


def _guarded(call: Any, sheet: str = "") -> Any:
    """Run the native reader; everything it can raise becomes a refusal of this one file."""
    place = Place(sheet=sheet)
    try:
        return call()
    except calamine.PasswordError as error:
        raise EncryptedFileError("文件设有打开密码") from error
    except (calamine.CalamineError, OSError, ValueError, IndexError, struct.error) as error:
        raise CorruptFileError(_BROKEN, place=place) from error
    except BaseException as error:
        # The native reader's panics derive from BaseException and carry no importable type.
        if type(error).__name__ != "PanicException":
            raise
        raise CorruptFileError(_BROKEN, place=place) from error
