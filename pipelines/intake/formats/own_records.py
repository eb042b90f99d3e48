"""What a workbook's own records say beside what the native reader gives of it.

Blank, error and formula without result read alike there; hidden rows and columns, and formats that
show another number than they hold, it does not tell at all.  One face for all formats.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.intake.formats import biff, biff5, biff12, ole, ooxml, opendocument
from pipelines.intake.formats.archives import open_zip
from pipelines.intake.formats.cell_formats import (
    Place,
    xls_cells,
    xls_styles,
    xlsx_cells,
    xlsx_styles,
)
from pipelines.intake.formats.cells import NO_ASIDES, Asides, Flaw, FlawAt, Range
from pipelines.intake.formats.number_formats import Disguise, Shown
from pipelines.intake.formats.plain_sheets import PlainSheet
from pipelines.intake.formats.sniff import WORKBOOK_STREAMS, Format


def records_of(data: bytes, kind: Format) -> Records:
    """The records of a workbook; raises UnreadableFileError's kinds."""
    match kind:
        case Format.XLSB:
            return XlsbRecords(data)
        case Format.XLSX:
            return XlsxRecords(data)
        case Format.XLS:
            return XlsRecords(data)
        case Format.ODS:
            return OdsRecords(data)
    return Records()


class Records:
    """What the file's own records say beside the native reader; a format may have none."""

    date1904 = False
    #: The sheets by name, and whether they are hidden; None when only the native reader can tell.
    sheets: tuple[tuple[str, bool], ...] | None = None

    def plain(self, name: str) -> PlainSheet | None:
        """A sheet that is read without the native reader; None when it is not plainly written."""
        return None

    def flaws(self, number: int, name: str) -> FlawAt | None:
        return None

    def merged(self, number: int, name: str) -> list[Range] | None:
        return None

    def doubts(self, number: int, name: str) -> dict[Place, Flaw]:
        """Cells that read well and must not be believed."""
        return {}

    def asides(self, number: int, name: str) -> Asides:
        """Hidden rows and columns, and remarks on cells."""
        return NO_ASIDES

    def disguised(self, number: int, name: str) -> Iterable[tuple[Place, Disguise | Shown]]:
        """Cells whose number format shows another number than they hold."""
        return ()


class XlsxRecords(Records):
    def __init__(self, data: bytes) -> None:
        self._book = ooxml.open_book(open_zip(data))
        self.date1904 = self._book.date1904
        self.sheets = self._book.sheets
        self._plain: dict[str, PlainSheet | None] = {}

    def plain(self, name: str) -> PlainSheet | None:
        if name not in self._plain:
            self._plain[name] = self._book.plain(name)
        return self._plain[name]

    def flaws(self, number: int, name: str) -> FlawAt | None:
        return self._book.flaws(name)

    def merged(self, number: int, name: str) -> list[Range] | None:
        plain = self.plain(name)
        return plain.merged if plain else None

    def doubts(self, number: int, name: str) -> dict[Place, Flaw]:
        return self._book.doubts(name)

    def asides(self, number: int, name: str) -> Asides:
        return self._book.asides(name)

    def disguised(self, number: int, name: str) -> Iterable[tuple[Place, Disguise | Shown]]:
        styles = xlsx_styles(self._book.styles)
        return xlsx_cells(self._book.sheet_xml(name), styles) if styles else ()


class XlsRecords(Records):
    def __init__(self, data: bytes) -> None:
        compound = ole.CompoundFile(data)
        name = next(n for n in WORKBOOK_STREAMS if n in compound.root_names)
        self._stream = compound.stream(name)
        self._sheets, self.date1904 = biff.scan(self._stream)
        is_old = biff5.is_old(self._stream)
        self.old = biff5.OldBook(self._stream, self.date1904) if is_old else None
        self._styles = xls_styles(self._stream, biff.records(self._stream, 0))

    def flaws(self, number: int, name: str) -> FlawAt | None:
        if number >= len(self._sheets):
            return None
        biff.guard_extent(self._sheets[number], name)
        return _lookup(self._sheets[number].flaws)

    def facts(self, number: int) -> biff.SheetFacts:
        return self._sheets[number]

    def asides(self, number: int, name: str) -> Asides:
        return self._sheets[number].asides if number < len(self._sheets) else NO_ASIDES

    def disguised(self, number: int, name: str) -> Iterable[tuple[Place, Disguise | Shown]]:
        if not self._styles:
            return ()
        offset = biff.sheet_offsets(self._stream)[number]
        return xls_cells(self._stream, biff.records(self._stream, offset), self._styles)


class OdsRecords(Records):
    def __init__(self, data: bytes) -> None:
        self._sheets = {facts.name: facts for facts in opendocument.scan(open_zip(data))}

    def flaws(self, number: int, name: str) -> FlawAt | None:
        return _lookup(self._sheets[name].flaws) if name in self._sheets else None

    def asides(self, number: int, name: str) -> Asides:
        return self._sheets[name].asides if name in self._sheets else NO_ASIDES

    def merged(self, number: int, name: str) -> list[Range] | None:
        return self._sheets[name].merged if name in self._sheets else []

    def disguised(self, number: int, name: str) -> Iterable[tuple[Place, Disguise | Shown]]:
        return self._sheets[name].shown.items() if name in self._sheets else ()


class XlsbRecords(Records):
    def __init__(self, data: bytes) -> None:
        self._book = biff12.Book(open_zip(data))
        self.date1904 = self._book.date1904

    def flaws(self, number: int, name: str) -> FlawAt | None:
        return _lookup(self._book.facts(name).flaws)

    def merged(self, number: int, name: str) -> list[Range] | None:
        return self._book.facts(name).merged

    def doubts(self, number: int, name: str) -> dict[Place, Flaw]:
        return self._book.facts(name).doubts

    def asides(self, number: int, name: str) -> Asides:
        return self._book.facts(name).asides

    def disguised(self, number: int, name: str) -> Iterable[tuple[Place, Disguise | Shown]]:
        return self._book.facts(name).disguised.items()


def _lookup(found: dict[Place, Flaw]) -> FlawAt | None:
    return (lambda row, column, _: found.get((row, column))) if found else None
