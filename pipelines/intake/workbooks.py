"""Open a file of any format the line reads and give its sheets as cells."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, cast

import python_calamine as calamine

from pipelines.errors import (
    CorruptFileError,
    EmptyFileError,
    EncryptedFileError,
    OversizedFileError,
)
from pipelines.intake import biff, ole, ooxml, opendocument
from pipelines.intake.archives import open_zip
from pipelines.intake.cells import FlawAt, Range, Rows, Sheet
from pipelines.intake.delimited import decode, split
from pipelines.intake.sniff import WORKBOOK_STREAMS, Format
from pipelines.intake.vocabulary import vocabulary

#: A text table has one sheet, which needs a name to be cited by.
TEXT_SHEET = "CSV"


def read_sheets(data: bytes, kind: Format) -> list[Sheet]:
    """All sheets in workbook order, each read when asked; raises UnreadableFileError's kinds.

    Reading a sheet later may raise them too.
    """
    if kind is Format.TEXT:
        rows = split(decode(data))
        return [Sheet(TEXT_SHEET, lambda: (rows, None))]
    return list(_native(data, _records(data, kind)))


class _Records:
    """What the file's own records say beside the native reader; a format may have none."""

    date1904 = False

    def flaws(self, number: int, name: str) -> FlawAt | None:
        return None

    def merged(self, number: int, name: str) -> list[Range] | None:
        return None


class _XlsxRecords(_Records):
    def __init__(self, data: bytes) -> None:
        self._book = ooxml.open_book(open_zip(data))
        self.date1904 = self._book.date1904

    def flaws(self, number: int, name: str) -> FlawAt | None:
        return self._book.flaws(name)


class _XlsRecords(_Records):
    def __init__(self, data: bytes) -> None:
        compound = ole.CompoundFile(data)
        name = next(n for n in WORKBOOK_STREAMS if n in compound.names)
        self._flaws, self.date1904 = biff.scan(compound.stream(name))

    def flaws(self, number: int, name: str) -> FlawAt | None:
        found = self._flaws[number] if number < len(self._flaws) else {}
        return (lambda row, column: found.get((row, column))) if found else None


class _OdsRecords(_Records):
    def __init__(self, data: bytes) -> None:
        self._sheets = {facts.name: facts for facts in opendocument.scan(open_zip(data))}

    def flaws(self, number: int, name: str) -> FlawAt | None:
        found = self._sheets[name].flaws if name in self._sheets else {}
        return (lambda row, column: found.get((row, column))) if found else None

    def merged(self, number: int, name: str) -> list[Range] | None:
        return self._sheets[name].merged if name in self._sheets else []


def _records(data: bytes, kind: Format) -> _Records:
    match kind:
        case Format.XLSX:
            return _XlsxRecords(data)
        case Format.XLS:
            return _XlsRecords(data)
        case Format.ODS:
            return _OdsRecords(data)
    return _Records()


def _native(data: bytes, records: _Records) -> Iterator[Sheet]:
    book = _guarded(lambda: calamine.load_workbook(io.BytesIO(data)))
    described = book.sheets_metadata
    if not described:
        raise EmptyFileError("工作簿里没有工作表")
    if len(described) > vocabulary().limits.sheets:
        raise OversizedFileError(f"工作簿有 {len(described)} 张工作表，不可能是报表")
    for number, about in enumerate(described):
        if about.typ == calamine.SheetTypeEnum.WorkSheet:
            yield _sheet(book, records, number, about)


def _sheet(book: Any, records: _Records, number: int, about: Any) -> Sheet:
    native: list[Any] = []

    def opened() -> Any:
        if not native:
            native.append(_guarded(lambda: book.get_sheet_by_index(number)))
        return native[0]

    def load() -> tuple[Rows, FlawAt | None]:
        # The file's own records first: they also guard against sheets too large to hold.
        flaws = records.flaws(number, about.name)
        rows = _guarded(lambda: opened().to_python(skip_empty_area=False))
        return cast(Rows, rows), flaws

    def merged() -> list[Range]:
        known = records.merged(number, about.name)
        return known if known is not None else list(opened().merged_cell_ranges or [])

    return Sheet(
        about.name,
        load,
        hidden=about.visible != calamine.SheetVisibleEnum.Visible,
        date1904=records.date1904,
        find_merged=merged,
    )


def _guarded(call: Any) -> Any:
    """Run the native reader; everything it can raise becomes a refusal of this one file."""
    try:
        return call()
    except calamine.PasswordError as error:
        raise EncryptedFileError("文件设有打开密码") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise CorruptFileError(f"表格内容读不出来（{error}）") from error
    except BaseException as error:
        # The native reader's panics derive from BaseException and carry no importable type.
        if type(error).__name__ != "PanicException":
            raise
        raise CorruptFileError("表格内容读不出来，内部结构已损坏") from error
