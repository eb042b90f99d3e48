"""What the native reader does not tell of an .xlsx: error cells and formulas without a result.

A cell that reads as blank or text is looked up in the XML of its sheet; all of the XML is searched
only for cells that are not found so.  Before anything is read, the extent of each sheet is bounded:
one value in the last cell of a sheet would make the native reader allocate all cells before it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from pipelines.errors import CorruptFileError
from pipelines.intake.formats.archives import guard_ratio, part_name, read_member
from pipelines.intake.formats.cells import Asides, Flaw, FlawAt, error_cell, uncomputed_cell
from pipelines.intake.formats.ooxml_asides import sheet_asides
from pipelines.intake.formats.ooxml_contents import contents_of, leads_to_workbook
from pipelines.intake.formats.ooxml_doubts import (
    Suspects,
    may_be_uncalculated,
    suspects,
    uncalculated,
)
from pipelines.intake.formats.ooxml_guards import guard
from pipelines.intake.formats.plain_cells import Surroundings
from pipelines.intake.formats.plain_sheets import PlainSheet, plain_sheet
from pipelines.intake.formats.plain_styles import plain_styles
from pipelines.intake.formats.plain_texts import shared_texts
from pipelines.intake.formats.xmltree import guard_whole, local, parse, unescaped
from pipelines.survey.addresses import address, position

_PREFIX = re.compile(rb"<(?:(\w+):)?worksheet\b")
#: A cell with nothing in it, and then another cell, row or the end of the row.
_EMPTY_CELL = re.compile(rb"<[^<>]*(?:/>|></(?:\w+:)?c>)\s*(?:<(?:\w+:)?c[\s>]|</(?:\w+:)?row>)")
#: A cell with a value that is typed as a number, or as nothing, which is a number.
_NUMBER_CELL = re.compile(rb'<(?![^>]*\st="(?!n"))[^>]*><(?:\w+:)?v(?:\s[^>]*)?>[^<]')
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
#: What stands before the value of a cell typed as error, and the value.
_ERROR_VALUE = re.compile(
    rb'(<(?:\w+:)?c\b[^>]*\bt="e"[^>]*>(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?'
    rb"<(?:\w+:)?v\b[^>]*>)[^<]+"
)


@dataclass(frozen=True, slots=True)
class Book:
    """The sheet parts of a workbook, to be asked one by one."""

    archive: zipfile.ZipFile
    parts: dict[str, int]
    date1904: bool
    #: What to look for among cells that read well; where formulas may refer to other files.
    suspects: Suspects
    has_links: bool
    #: The part with the table of styles; empty when the workbook has none.
    styles: bytes
    #: The sheets by name, and whether they are hidden; None when only the native reader can tell.
    sheets: tuple[tuple[str, bool], ...] | None
    #: What plainly written cells refer to; None when none can be read without the native reader.
    around: Surroundings | None
    _read: dict[str, bytes] = field(default_factory=dict)

    def flaws(self, name: str) -> FlawAt | None:
        """What stands in cells that read as blank or text; None when there is nothing to tell."""
        if name not in self.parts:
            return None
        xml = self.sheet_xml(name)
        part = _SheetPart(xml, guard(xml, name))
        asked: list[dict[tuple[int, int], Flaw]] = []

        def flaw(row: int, column: int, text: str) -> Flaw | None:
            # Most sheets are filled with numbers: their XML is searched only when a cell is not.
            if not asked:
                asked.append(self.suspects.among(xml))
            known = asked[0].get((row, column))
            # What the native reader cannot give reads as blank.
            return known or (None if text else part.flaw(row, column))

        return flaw

    def doubts(self, name: str) -> dict[tuple[int, int], Flaw]:
        """Cells that read well and must not be believed."""
        if name not in self.parts:
            return {}
        xml = self.sheet_xml(name)
        if self.suspects.stale and may_be_uncalculated(xml):
            return uncalculated(_formula_cells(xml))
        return {}

    def asides(self, name: str) -> Asides:
        """Hidden rows and columns of a sheet, and formulas that refer to other files."""
        if name not in self.parts:
            return Asides()
        xml = self.sheet_xml(name)
        return sheet_asides(xml, _formula_cells(xml) if self.has_links else [])

    def plain(self, name: str) -> PlainSheet | None:
        """A sheet that is read without the native reader; None when it is not plainly written."""
        if self.around is None or name not in self.parts:
            return None
        return plain_sheet(self.sheet_xml(name), self.around)

    def sheet_xml(self, name: str) -> bytes:
        """The XML of a sheet; the last is kept, because one is asked for several things."""
        if name not in self.parts:
            return b""
        if name not in self._read:
            self._read.clear()
            self._read[name] = read_member(self.archive, self.parts[name])
        return self._read[name]


def open_book(archive: zipfile.ZipFile) -> Book:
    """The workbook in ``archive``; raises UnreadableFileError's kinds."""
    names: dict[str, int] = {}
    has_links = False
    for number, info in enumerate(archive.infolist()):
        guard_ratio(info)
        name = part_name(info.filename)
        names[name] = number
        has_links = has_links or name.startswith("xl/externallinks/")
    xml = _part(archive, names, "xl/workbook.xml")
    rels = _part(archive, names, "xl/_rels/workbook.xml.rels")
    contents = contents_of(xml, rels)
    parts = {name: names[part] for name, part, _ in contents.sheets if part in names}
    strings = _optional(archive, names, "xl/sharedstrings.xml")
    styles = _optional(archive, names, "xl/styles.xml")
    found = suspects(xml, strings)
    # Where two parts or two sheets have one name, which is meant is the native reader's to say.
    sure = (
        contents.all_plain
        and len(parts) == len(contents.sheets)
        and len(names) == len(archive.infolist())
        and leads_to_workbook(_optional(archive, names, "_rels/.rels"))
    )
    texts = shared_texts(strings) if sure and not contents.date1904 else None
    return Book(
        archive,
        parts,
        contents.date1904,
        found,
        has_links,
        styles,
        tuple((name, hidden) for name, _, hidden in contents.sheets) if sure else None,
        Surroundings(texts, plain_styles(styles), found.stale) if texts is not None else None,
    )


def with_known_errors(archive: zipfile.ZipFile) -> bytes:
    """The workbook with one error value for all: the native reader gives up a sheet over those of
    newer programs (#SPILL!).  What stands in such a cell is told by ``Book.flaws`` anyway."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as written:
        for number, info in enumerate(archive.infolist()):
            part = read_member(archive, number)
            if part_name(info.filename).startswith("xl/worksheets/"):
                part = _ERROR_VALUE.sub(rb"\1#VALUE!", part)
            written.writestr(info.filename, part)
    return copy.getvalue()


class _SheetPart:
    """The XML of one sheet, asked about single cells."""

    def __init__(self, xml: bytes, plainly_written: int) -> None:
        self._xml = xml
        self._plainly_written = plainly_written
        self._prefix = _prefix(xml)
        self._all: dict[tuple[int, int], Flaw] | None = None

    def flaw(self, row: int, column: int) -> Flaw | None:
        """What stands in a cell that reads as blank.

        Raises CorruptFileError where a blank may be one that the native reader could not follow.
        """
        xml, prefix = self._xml, self._prefix
        start = xml.find(b'<%bc r="%b"' % (prefix, address(row, column).encode()))
        if start < 0:
            return self._among_all(row, column)
        if _EMPTY_CELL.match(xml, start):
            return None
        formula_cell, error_cell_, plain_cell = _patterns(prefix)
        error = error_cell_.match(xml, start)
        if error:
            return error_cell(unescaped(error[2]))
        formula = formula_cell.match(xml, start)
        if formula:
            lost = _is_lost(formula[2], formula[4])
            return uncomputed_cell(unescaped(formula[3] or b"") or "…") if lost else None
        plain = plain_cell.match(xml, start)
        # A number here that the native reader did not give: it lost its way before this cell.
        return None if plain and not _NUMBER_CELL.match(plain[0]) else self._among_all(row, column)

    def _among_all(self, row: int, column: int) -> Flaw | None:
        if self._all is None:
            guard_whole(self._xml)
            # Where every cell is plainly written, one that is not found so is not there.
            absent = len(_CELL.findall(self._xml)) == self._plainly_written
            self._all = {} if absent else dict(_parsed_flaws(self._xml))
        return self._all.get((row, column))


def _formula_cells(xml: bytes) -> list[tuple[bytes, bytes, bytes, bytes]]:
    """Reference, attributes, formula and value element of every cell with a formula."""
    prefix = _prefix(xml)
    return _patterns(prefix)[0].findall(xml) if b"<" + prefix + b"f" in xml else []


def _is_lost(attributes: bytes, value: bytes) -> bool:
    """Whether a formula's result is absent; a formula may well give an empty text."""
    empty = value.endswith(b"/>") or b"><" in value
    return not value or (empty and b't="str"' not in attributes)


@cache
def _patterns(prefix: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    """Cells with a formula (reference, attributes, formula, value), cells typed as error, and
    cells with nothing but a value."""
    names = {b"p": prefix}
    value = rb"<%(p)bv(?:\s[^>]*)?(?:/>|>[^<]*</%(p)bv>)" % names
    formula = rb"<%(p)bf(?:\s[^>]*?)?(?:/>|>([^<]*)</%(p)bf>)" % names
    cell = rb'<%(p)bc r="([A-Z]+[0-9]+)"' % names
    return (
        re.compile(cell + rb"([^>]*)>" + formula + rb"((?:" + value + rb")?)"),
        re.compile(
            cell + rb'[^>]*? t="e"[^>]*>(?:' + formula.replace(b"([^<]*)", b"[^<]*") + rb")?"
            rb"<%(p)bv(?:\s[^>]*)?>([^<]*)<" % names
        ),
        re.compile(cell + rb"[^>]*>(?:" + value + rb"|<%(p)bis>.*?</%(p)bis>)</%(p)bc>" % names),
    )


def _parsed_flaws(xml: bytes) -> Iterator[tuple[tuple[int, int], Flaw]]:
    """All error cells and uncomputed formulas; cells without a reference follow each other."""
    row = -1
    for line in (node for node in parse(xml).iter() if local(node.tag) == "row"):
        row = int(line.attrib.get("r", row + 2)) - 1
        column = -1
        for cell in (node for node in line if local(node.tag) == "c"):
            column = position(cell.attrib["r"])[1] if "r" in cell.attrib else column + 1
            inner = {local(node.tag): node.text or "" for node in cell}
            kind = cell.attrib.get("t", "")
            value = inner.get("v", "")
            if kind == "e":
                yield (row, column), error_cell(value or "#ERROR!")
            elif "f" in inner and not value and (kind != "str" or "v" not in inner):
                yield (row, column), uncomputed_cell(inner["f"] or "…")


def _prefix(xml: bytes) -> bytes:
    """The namespace prefix that some writers put before every name."""
    head = _PREFIX.search(xml, 0, 4096)
    return head.group(1) + b":" if head and head.group(1) else b""


def _part(archive: zipfile.ZipFile, names: dict[str, int], name: str) -> bytes:
    if name not in names:
        raise CorruptFileError(f"工作簿缺少部件 {name}")
    return read_member(archive, names[name])


def _optional(archive: zipfile.ZipFile, names: dict[str, int], name: str) -> bytes:
    return read_member(archive, names[name]) if name in names else b""
