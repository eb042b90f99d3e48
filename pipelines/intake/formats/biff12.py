"""What the native reader does not tell of an .xlsb: error cells, hidden rows and columns, merges.

A binary workbook stores a result with every formula and has no way to say that there is none;
what it can say is that everything is still to be calculated, and then a zero is not believed.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.errors import CorruptFileError, OversizedFileError, Place
from pipelines.intake.formats.archives import guard_ratio, part_name, read_member
from pipelines.intake.formats.biff import error_text
from pipelines.intake.formats.cell_formats import BUILT_IN
from pipelines.intake.formats.cells import Asides, Flaw, Range, error_cell
from pipelines.intake.formats.formula_tokens import XLSB, Source, external_sheets, refers_to
from pipelines.intake.formats.number_formats import Disguise, disguise_of
from pipelines.intake.formats.xmltree import parse
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import address

_ROW, _BLANK, _RK, _ERROR, _REAL = 0, 1, 2, 3, 5
_FORMULA_NUMBER, _FORMULA_ERROR, _LAST_CELL, _RICH_TEXT = 9, 11, 11, 62
_COLUMN, _MERGE, _SHEET, _BOOK, _CALCULATION = 60, 176, 156, 153, 157
_FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES = 44, 47, 617, 618
#: Sizes of the results of formulas by the kind of cell; a text says its own.
_RESULTS = {8: 0, _FORMULA_NUMBER: 8, 10: 1, _FORMULA_ERROR: 1}
#: Workbooks that formulas refer to (another, this one, this sheet, an add-in), and their sheets.
_SOURCES: dict[int, Source] = {355: "other", 357: "own", 358: "own", 667: "own"}
_LINKS = 362
_LAST = (1048575, 16383)
_ROW_HIDDEN, _COLUMN_HIDDEN, _FULL_CALCULATION = 0x10, 0x01, 0x01


@dataclass(slots=True)
class SheetFacts:
    """What a sheet's own records say."""

    flaws: dict[tuple[int, int], Flaw] = field(default_factory=dict)
    doubts: dict[tuple[int, int], Flaw] = field(default_factory=dict)
    disguised: dict[tuple[int, int], Disguise] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    remarks: dict[tuple[int, int], str] = field(default_factory=dict)

    @property
    def asides(self) -> Asides:
        return Asides(self.hidden_rows, self.hidden_columns, self.remarks)


class Book:
    """A binary workbook, its sheets to be asked one by one; raises UnreadableFileError's kinds."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = {}
        for number, info in enumerate(archive.infolist()):
            guard_ratio(info)
            self._names[part_name(info.filename)] = number
        self.date1904 = False
        self._stale = False
        self._parts: dict[str, str] = {}
        self._known: dict[str, SheetFacts] = {}
        targets = self._targets()
        sources: list[Source] = []
        sheets: list[int] = []
        for kind, body in records(self._part("xl/workbook.bin")):
            if kind == _BOOK and body:
                self.date1904 = bool(body[0] & 1)
            elif kind == _CALCULATION and len(body) >= 26:
                self._stale = bool(body[24] & _FULL_CALCULATION)
            elif kind == _SHEET:
                relation, after = _wide_text(body, 8)
                name, _ = _wide_text(body, after)
                self._parts[name] = targets.get(relation, "")
            elif kind in _SOURCES:
                sources.append(_SOURCES[kind])
            elif kind == _LINKS and len(body) >= 4:
                sheets = [link[0] for link in struct.iter_unpack("<Iii", _whole(body[4:], 12))]
        self._linked = external_sheets(sources, sheets)
        self._styles = dict(self._disguising_styles())

    def facts(self, name: str) -> SheetFacts:
        """What is special about a sheet."""
        if name not in self._known:
            part = self._parts.get(name, "")
            data = self._part(part) if part in self._names else b""
            self._known[name] = self._sheet(data, name)
        return self._known[name]

    def _sheet(self, data: bytes, name: str) -> SheetFacts:
        facts = SheetFacts()
        row = bottom = right = 0
        for kind, body in records(data):
            if kind == _ROW and len(body) >= 12:
                (row,) = struct.unpack_from("<I", body)
                if body[11] & _ROW_HIDDEN or struct.unpack_from("<H", body, 8)[0] == 0:
                    facts.hidden_rows.add(row)
            elif (_BLANK < kind <= _LAST_CELL or kind == _RICH_TEXT) and len(body) >= 8:
                (column,) = struct.unpack_from("<I", body)
                bottom, right = max(bottom, row), max(right, column)
                self._cell(facts, (row, column), kind, body)
            elif kind == _COLUMN and len(body) >= 18:
                first, last, width, _, flags = struct.unpack_from("<4IH", body)
                if (flags & _COLUMN_HIDDEN or width == 0) and last <= _LAST[1]:
                    facts.hidden_columns.update(range(first, last + 1))
            elif kind == _MERGE and len(body) >= 16:
                top, under, left, side = struct.unpack_from("<4I", body)
                facts.merged.append(((top, left), (under, side)))
        _guard_extent(bottom, right, name)
        return facts

    def _cell(self, facts: SheetFacts, where: tuple[int, int], kind: int, body: bytes) -> None:
        if self._linked and kind in _RESULTS and refers_to(_tokens(kind, body), XLSB, self._linked):
            facts.remarks[where] = vocabulary().cell_notes["external"]
        if kind in (_ERROR, _FORMULA_ERROR) and len(body) >= 9:
            facts.flaws[where] = error_cell(error_text(body[8]))
        elif kind in (_RK, _REAL, _FORMULA_NUMBER):
            style = int.from_bytes(body[4:7], "little")
            if style in self._styles:
                facts.disguised[where] = self._styles[style]
            if kind == _FORMULA_NUMBER and self._stale and body[8:16] == bytes(8):
                facts.doubts[where] = Flaw("=…", vocabulary().cell_notes["stale"])

    def _disguising_styles(self) -> Iterator[tuple[int, Disguise]]:
        codes = dict(BUILT_IN)
        number, inside = 0, False
        if "xl/styles.bin" not in self._names:
            return
        for kind, body in records(self._part("xl/styles.bin")):
            if kind == _FORMAT:
                codes[struct.unpack_from("<H", body)[0]] = _wide_text(body, 2)[0]
            elif kind in (_BEGIN_STYLES, _END_STYLES):
                inside = kind == _BEGIN_STYLES
            elif kind == _STYLE and inside:
                code = codes.get(struct.unpack_from("<H", body, 2)[0], "")
                disguise = disguise_of(code) if code else None
                if disguise:
                    yield number, disguise
                number += 1

    def _targets(self) -> dict[str, str]:
        found = {}
        for node in parse(self._part("xl/_rels/workbook.bin.rels")):
            target = node.attrib.get("Target", "").replace("\\", "/")
            path = target if target.startswith("/") else posixpath.join("xl", target)
            found[node.attrib.get("Id", "")] = part_name(posixpath.normpath(path))
        return found

    def _part(self, name: str) -> bytes:
        if name not in self._names:
            raise CorruptFileError(f"工作簿缺少部件 {name}")
        return read_member(self._archive, self._names[name])


def _tokens(kind: int, body: bytes) -> bytes:
    """The formula of a cell: behind its result, its flags and its own length."""
    result = 8 + (_RESULTS[kind] or 4 + 2 * int.from_bytes(body[8:12], "little"))
    length = int.from_bytes(body[result + 2 : result + 6], "little")
    return body[result + 6 : result + 6 + length]


def _whole(data: bytes, size: int) -> bytes:
    return data[: len(data) // size * size]


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of every record; raises CorruptFileError when they do not fill the part."""
    at, size = 0, len(data)
    while at < size:
        kind, at = _packed(data, at, 2)
        length, at = _packed(data, at, 4)
        if at + length > size:
            raise CorruptFileError("工作簿的记录不完整")
        yield kind, data[at : at + length]
        at += length


def _packed(data: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    number = 0
    for n in range(most):
        if at >= len(data):
            raise CorruptFileError("工作簿的记录不完整")
        byte = data[at]
        number |= (byte & 0x7F) << 7 * n
        at += 1
        if byte < 0x80:
            break
    return number, at


def _wide_text(body: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    if at + 4 > len(body):
        raise CorruptFileError("工作簿的记录不完整")
    (length,) = struct.unpack_from("<I", body, at)
    if length == 0xFFFFFFFF:
        return "", at + 4
    end = at + 4 + 2 * length
    if end > len(body):
        raise CorruptFileError("工作簿的记录不完整")
    return body[at + 4 : end].decode("utf-16-le", "replace"), end


def _guard_extent(bottom: int, right: int, name: str) -> None:
    """Refuse a sheet whose filled cells span more than can be held."""
    if (bottom, right) > _LAST or (bottom + 1) * (right + 1) > vocabulary().limits.sheet_cells:
        raise OversizedFileError(
            "在离表很远的单元格里有内容",
            "请报送单位删去表外的内容后重新报送",
            Place(sheet=name, cell=address(bottom, right)),
        )
