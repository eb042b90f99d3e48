"""What the native reader does not tell of an .xls: error cells, formulas never computed, hidden
rows and columns.

A formula that gives an empty text is stored like one that was never computed.  What tells them
apart is whether the program that wrote the file computes at all: then other formulas have results,
or this one carries the mark that Excel leaves of its last calculation.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from pipelines.errors import CorruptFileError, EncryptedFileError, OversizedFileError, Place
from pipelines.intake.formats.cells import Asides, Flaw, error_cell, uncomputed_cell
from pipelines.intake.formats.formula_tokens import XLS, Source, external_sheets, refers_to
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import address

_BOF = frozenset({0x0809, 0x0409, 0x0209, 0x0009})
_EOF, _BOUNDSHEET, _FILEPASS, _DATE1904 = 0x000A, 0x0085, 0x002F, 0x0022
_FORMULA = frozenset({0x0006, 0x0206, 0x0406})
_BOOLERR = frozenset({0x0205, 0x0005})
_ROW, _COLINFO, _MULRK = 0x0208, 0x007D, 0x00BD
#: Records of cells that hold something, apart from those above.
_FILLED = frozenset({0x0203, 0x0204, 0x00FD, 0x00D6, 0x027E}) | _FORMULA | _BOOLERR
_DIMENSIONS, _SST, _SHARED_TEXT = 0x0200, 0x00FC, 0x00FD
#: Workbooks that formulas refer to, and the list of sheets in them; where formulas begin.
_SOURCE, _LINKS, _TOKENS_AT = 0x01AE, 0x0017, 22
_OWN_SOURCES = (b"\x01\x04", b"\x01\x3a")
#: How large a sheet of this format can be; a shared text takes at least so many bytes.
_MOST_ROWS, _MOST_COLUMNS, _SHORTEST_TEXT = 0x10000, 0x100, 3
_ROW_HIDDEN, _COLUMN_HIDDEN = 0x0020, 0x0001
_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


@dataclass(slots=True)
class SheetFacts:
    """What a sheet's own records say."""

    flaws: dict[tuple[int, int], Flaw] = field(default_factory=dict)
    #: Formulas whose result is an empty text or was never computed.
    empty: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    remarks: dict[tuple[int, int], str] = field(default_factory=dict)
    has_results: bool = False
    bottom: int = 0
    right: int = 0

    @property
    def asides(self) -> Asides:
        return Asides(self.hidden_rows, self.hidden_columns, self.remarks)


def scan(stream: bytes) -> tuple[list[SheetFacts], bool]:
    """Facts of each sheet in workbook order, and whether dates count from 1904."""
    date1904, texts = False, 0
    for kind, start, length in records(stream, 0):
        if kind == _FILEPASS:
            raise EncryptedFileError("工作簿设有打开密码")
        if kind == _DATE1904 and length >= 2:
            date1904 = stream[start] == 1
        if kind == _SST and length >= 8:
            texts = _shared_texts(stream, start)
    linked = _linked_sheets(stream)
    sheets = [_sheet(stream, offset, texts, linked) for offset in sheet_offsets(stream)]
    if not any(facts.has_results for facts in sheets):
        for facts in sheets:
            facts.flaws.update((where, uncomputed_cell("…")) for where in facts.empty)
    return sheets, date1904


def guard_extent(facts: SheetFacts, name: str) -> None:
    """Refuse a sheet whose filled cells span more than can be held."""
    if (facts.bottom + 1) * (facts.right + 1) > vocabulary().limits.sheet_cells:
        raise OversizedFileError(
            "在离表很远的单元格里有内容",
            "请报送单位删去表外的内容后重新报送",
            Place(sheet=name, cell=address(facts.bottom, facts.right)),
        )


def error_text(code: int) -> str:
    """What an error value shows."""
    return _ERRORS.get(code, "#ERROR!")


def sheet_offsets(stream: bytes) -> list[int]:
    """Where the sheets begin, in workbook order."""
    return [
        struct.unpack_from("<I", stream, start)[0]
        for kind, start, length in records(stream, 0)
        if kind == _BOUNDSHEET and length >= 4
    ]


def _linked_sheets(stream: bytes) -> frozenset[int]:
    """The numbers by which formulas refer to sheets of other files."""
    sources: list[Source] = []
    sheets: list[int] = []
    for kind, start, length in records(stream, 0):
        if kind == _SOURCE and length >= 4:
            own = stream[start + 2 : start + 4] in _OWN_SOURCES
            sources.append("own" if own else "other")
        elif kind == _LINKS and length >= 2:
            (count,) = struct.unpack_from("<H", stream, start)
            sheets += [
                struct.unpack_from("<H", stream, start + 2 + 6 * n)[0]
                for n in range(min(count, (length - 2) // 6))
            ]
    return external_sheets(sources, sheets)


def _shared_texts(stream: bytes, start: int) -> int:
    """How many texts the cells share.

    The native reader makes room for as many as are declared, and dies when it cannot.
    """
    (count,) = struct.unpack_from("<I", stream, start + 4)
    if count * _SHORTEST_TEXT > len(stream):
        raise CorruptFileError("文件内部结构已损坏")
    return int(count)


def _guard_dimensions(stream: bytes, start: int, length: int) -> None:
    """Likewise for as many cells as a sheet declares."""
    shape = "<4xI2xH" if length >= 14 else "<2xH2xH"
    rows, columns = struct.unpack_from(shape, stream, start)
    if rows > _MOST_ROWS or columns > _MOST_COLUMNS:
        raise CorruptFileError("文件内部结构已损坏")


def _sheet(stream: bytes, offset: int, texts: int, linked: frozenset[int]) -> SheetFacts:
    facts = SheetFacts()
    for kind, start, length in records(stream, offset):
        if kind in _FILLED and length >= 6:
            row, column = _cell(stream, start)
            facts.bottom, facts.right = max(facts.bottom, row), max(facts.right, column)
            if kind in _FORMULA and length >= 14:
                _formula(facts, stream, start, length)
                tokens = stream[start + _TOKENS_AT : start + length] if linked else b""
                if refers_to(tokens, XLS, linked):
                    facts.remarks[row, column] = vocabulary().cell_notes["external"]
            elif kind in _BOOLERR and length >= 8 and stream[start + 7]:
                facts.flaws[row, column] = error_cell(error_text(stream[start + 6]))
            elif kind == _SHARED_TEXT:
                _guard_shared_text(stream, start, length, texts)
        elif kind == _MULRK and length >= 6:
            row, last = struct.unpack_from("<H", stream, start)[0], start + length - 2
            facts.bottom = max(facts.bottom, row)
            facts.right = max(facts.right, struct.unpack_from("<H", stream, last)[0])
        elif kind == _DIMENSIONS and length >= 10:
            _guard_dimensions(stream, start, length)
        elif kind == _ROW and length >= 16:
            row, height, flags = struct.unpack_from("<H4xH4xH", stream, start)
            if flags & _ROW_HIDDEN or not height & 0x7FFF:
                facts.hidden_rows.add(row)
        elif kind == _COLINFO and length >= 10:
            first, final, width, _, flags = struct.unpack_from("<5H", stream, start)
            if flags & _COLUMN_HIDDEN or not width:
                facts.hidden_columns.update(range(first, final + 1))
    return facts


def _guard_shared_text(stream: bytes, start: int, length: int, texts: int) -> None:
    """A cell with a text that there is not would be taken for blank."""
    if length < 10 or struct.unpack_from("<I", stream, start + 6)[0] >= texts:
        raise CorruptFileError("文件内部结构已损坏")


def _formula(facts: SheetFacts, stream: bytes, start: int, length: int) -> None:
    """Note the stored result of a formula when it is no number."""
    where, result = _cell(stream, start), stream[start + 6]
    if stream[start + 12 : start + 14] != b"\xff\xff" or result in (0, 1):
        facts.has_results = True
    elif result == 2:
        facts.has_results = True
        facts.flaws[where] = error_cell(error_text(stream[start + 8]))
    elif result == 3:
        calculated = length >= 20 and any(stream[start + 16 : start + 20])
        if not calculated:
            facts.empty.append(where)


def records(stream: bytes, offset: int) -> list[tuple[int, int, int]]:
    """(kind, start of body, length) of the records of the substream at ``offset``."""
    found = []
    depth, size = 0, len(stream)
    while offset + 4 <= size:
        kind, length = struct.unpack_from("<HH", stream, offset)
        found.append((kind, offset + 4, length))
        if kind in _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        offset += 4 + length
    return found


def _cell(stream: bytes, start: int) -> tuple[int, int]:
    row, column = struct.unpack_from("<HH", stream, start)
    return row, column
