"""Refuse a sheet of an .xlsx of which the native reader would take less, or more, than it says.

A number written with XML references or comments, of which only the start is read; a cell stored
twice, or with two values; one value so far out that all cells before it would be allocated.  Nearly
all programs write nearly all cells in one plain way: where all are, one pass tells it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from pipelines.errors import CorruptFileError, OversizedFileError, Place
from pipelines.intake.formats.ooxml_asides import filled_part
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import address, position

_FORMULA = rb"(?:<f(?: [^<>]*+)?(?:/>|>[^<]*+</f>))?"
#: A cell as nearly all programs write it, no further out than ZZ9999, and with no reference in its
#: value: blank; a text of the shared table; a text of its own; a formula's text; a value or none.
_PLAIN_CELL = re.compile(
    rb'<c r="([A-Z]{1,2}[0-9]{1,4})"(?: s="[0-9]++")?(?:/>'
    rb'| t="s"><v>[0-9]++</v></c>'
    rb'| t="inlineStr"><is><t(?: xml:space="preserve")?>[^<&]*+</t></is></c>'
    rb'| t="str">' + _FORMULA + rb"<v>[^<&]*+</v></c>"
    rb'|(?: t="[nbe]")?>' + _FORMULA + rb"(?:<v>[^<&]*+</v>|<v/>)?</c>)"
)
_FILLED = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3}\d+)"[^>]*[^/]><')
_UNPLACED = re.compile(rb"<(?:\w+:)?c(?:\s(?![^>]*\br=)[^>]*)?>")
_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="(\d+)"[^>]*[^/]>')
#: A cell beyond column ZZ or row 9999.
_FAR = re.compile(rb'r="(?:[A-Z]{3}|[A-Z]*\d{5})')
_HEAD = 4096
#: What the native reader leaves out without a word: 5&x;0 would be 50.
_ODD_REFERENCE = re.compile(rb"&(?!amp;|lt;|gt;|quot;|apos;|#)")
#: A reference in anything but a formula.
_MIXED = re.compile(rb"&[^<&]*<(?!/(?:\w+:)?f>)")
_REFERENCE = re.compile(rb'<c r="([^"]+)"')
_REFERENCE_PREFIXED = re.compile(rb'<\w+:c r="([^"]+)"')
#: A text of the shared table by a number that is none: the first text would be taken for it.
_ODD_TEXT = re.compile(rb't="s"[^>]*><(?:\w+:)?v>(?!\d*<)')
#: How many texts a table says it has: the native reader makes room for them before it looks.
_TEXTS_SAID = re.compile(rb"""uniqueCount\s*=\s*["'](\d{1,12})""")
#: A second value before the cell ends, under whatever prefix and with whatever between them.
_TWO_VALUES = re.compile(rb"<(?:\w+:)?v[\s/>](?:[^<]|<(?!/?(?:\w+:)?c[\s/>]))*?<(?:\w+:)?v[\s/>]")
_VALUE_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?"
    rb"<(?:\w+:)?v\b[^>]*>[^<&]*(?:&|<!)"
)


def guard(xml: bytes, name: str) -> int:
    """How many cells of a sheet part begin with their reference; raises UnreadableFileError's kinds
    when not all that the part says would be read as it says it."""
    bounds = filled_part(xml)
    if b"\0" in xml:
        raise CorruptFileError("工作表的 XML 已损坏", place=Place(sheet=name))
    cells = _plain_cells(xml, bounds)
    if cells is None:
        _guard_extent(xml, name, bounds)
        _guard_values(xml, name, bounds)
        cells = _references(xml, bounds)
    _guard_single(cells, name)
    return len(cells)


def guard_references(xml: bytes) -> None:
    """Refuse a part that refers to anything but the five signs of XML and characters by number."""
    if _ODD_REFERENCE.search(xml):
        raise CorruptFileError("文件的 XML 里有不该有的实体")


def guard_texts(strings: bytes) -> None:
    """Refuse a table of texts with odd references, or that says it has more texts than it could."""
    guard_references(strings)
    if any(int(said) > len(strings) for said in _TEXTS_SAID.findall(strings)):
        raise CorruptFileError("文字表所说的条数比文件还大")


def _plain_cells(xml: bytes, bounds: tuple[int, int]) -> list[bytes] | None:
    """The references of all cells; None unless every cell is plainly written."""
    if b":worksheet" in xml[:_HEAD] or xml.find(b"<!", *bounds) >= 0:
        return None
    cells: list[bytes] = _PLAIN_CELL.findall(xml, *bounds)
    return cells if len(cells) == xml.count(b"<c", *bounds) else None


def _references(xml: bytes, bounds: tuple[int, int]) -> list[bytes]:
    """The references of all cells that begin with theirs."""
    written = _REFERENCE_PREFIXED if b":worksheet" in xml[:_HEAD] else _REFERENCE
    return written.findall(xml, *bounds)


def _guard_values(xml: bytes, name: str, bounds: tuple[int, int]) -> None:
    """Refuse a sheet with a value (a number, or that of a text) of which only a part would be read,
    or with two in one cell: only the last would be read."""
    if _ODD_TEXT.search(xml, *bounds):
        raise CorruptFileError("文字的编号有误", place=Place(sheet=name))
    if xml.find(b"<!", *bounds) >= 0 or _MIXED.search(xml, *bounds):
        guard_references(xml)
        if any(b't="str"' not in attributes for attributes in _VALUE_CELL.findall(xml)):
            raise CorruptFileError("数字的写法不合规范，读不准", place=Place(sheet=name))
    if _TWO_VALUES.search(xml, *bounds):
        raise CorruptFileError("一个单元格里存了两个值", place=Place(sheet=name))


def _guard_single(cells: Sequence[bytes], name: str) -> None:
    """Refuse a sheet that has a cell twice: only the last would be read."""
    if len(set(cells)) < len(cells):
        twice = next(one for one, times in Counter(cells).items() if times > 1).decode()
        raise CorruptFileError("同一单元格在文件里存了两次", place=Place(sheet=name, cell=twice))


def _guard_extent(xml: bytes, name: str, bounds: tuple[int, int]) -> None:
    """Refuse a sheet whose filled cells span more than can be held."""
    limit = vocabulary().limits.sheet_cells
    # Cells need not come in order: the last row tells nothing of those before it.
    if not _FAR.search(xml, *bounds):
        return
    cells = [position(reference.decode()) for reference in _FILLED.findall(xml)]
    if _UNPLACED.search(xml):  # such cells stand where their row says
        cells += [(int(row) - 1, 0) for row in _ROW.findall(xml)]
    bottom = max((row for row, _ in cells), default=0)
    right = max((column for _, column in cells), default=0)
    if (bottom + 1) * (right + 1) > limit:
        raise OversizedFileError(
            "在离表很远的单元格里有内容",
            "请报送单位删去表外的内容后重新报送",
            Place(sheet=name, cell=address(bottom, right)),
        )
