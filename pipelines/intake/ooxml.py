"""What the native reader does not tell of an .xlsx: error cells and formulas without a result.

One pass with a regular expression over the XML of each sheet; a parser is used only for sheets
written without cell references.  Before anything is read, the extent of each sheet is bounded:
one value in the last cell of a sheet would make the native reader allocate all cells before it.
"""

from __future__ import annotations

import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from pipelines.errors import CorruptFileError, OversizedFileError, Place
from pipelines.intake.archives import guard_ratio, read_member
from pipelines.intake.cells import Flaw, error_cell, uncomputed_cell
from pipelines.intake.labels import address, position
from pipelines.intake.vocabulary import vocabulary

_PREFIX = re.compile(rb"<(?:(\w+):)?worksheet\b")
_LAST_ROW = re.compile(rb'\br="(\d+)"')
_FILLED = re.compile(rb'<(?:\w+:)?c [^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*[^/]><')
_WIDE = re.compile(rb'\br="[A-Z]{3}\d')
#: Columns that two letters can name, and columns of a sheet.
_NARROW, _ALL = 702, 16384

Flaws = Callable[[int, int], Flaw | None]


@dataclass(frozen=True, slots=True)
class Book:
    """The sheet parts of a workbook, to be asked one by one."""

    archive: zipfile.ZipFile
    parts: dict[str, int]
    date1904: bool

    def flaws(self, name: str) -> Flaws | None:
        """What stands in the blank cells of a sheet; None when there is nothing to tell."""
        if name not in self.parts:
            return None
        xml = read_member(self.archive, self.parts[name])
        guard_extent(xml, name)
        asked: list[Flaws | None] = []

        def flaw(row: int, column: int) -> Flaw | None:
            # Most sheets are filled throughout: their XML is searched only when a cell is blank.
            if not asked:
                asked.append(sheet_flaws(xml))
            return asked[0](row, column) if asked[0] else None

        return flaw


def open_book(archive: zipfile.ZipFile) -> Book:
    """The workbook in ``archive``; raises UnreadableFileError's kinds."""
    names = {info.filename: n for n, info in enumerate(archive.infolist())}
    for info in archive.infolist():
        guard_ratio(info)
    book = _tree(_part(archive, names, "xl/workbook.xml"))
    targets = _targets(_part(archive, names, "xl/_rels/workbook.xml.rels"))
    parts = {}
    for sheet in book.findall("{*}sheets/{*}sheet"):
        relation = next((v for k, v in sheet.attrib.items() if _local(k) == "id"), "")
        part = targets.get(relation, "")
        if part in names and _is_worksheet(part):
            parts[sheet.attrib.get("name", "")] = names[part]
    properties = book.find("{*}workbookPr")
    date1904 = properties is not None and properties.attrib.get("date1904") in {"1", "true"}
    return Book(archive, parts, date1904)


def sheet_flaws(xml: bytes) -> Flaws | None:
    """Error cells and uncomputed formulas of one sheet part."""
    prefix = _prefix(xml)
    if b't="e"' not in xml and b"<" + prefix + b"f" not in xml:
        return None
    if xml.count(b"<" + prefix + b"c r=") < xml.count(b"<" + prefix + b"c "):
        parsed = dict(_parsed_flaws(xml))
        return lambda row, column: parsed.get((row, column))
    return _matched_flaws(xml, prefix)


def _matched_flaws(xml: bytes, prefix: bytes) -> Flaws | None:
    formula_cells, error_cells = _patterns(prefix)
    found: dict[bytes, tuple[bytes, bytes]] = {
        reference: (attributes, formula)
        for reference, attributes, formula, value in formula_cells.findall(xml)
        if _is_lost(attributes, value)
    }
    if b't="e"' in xml:
        found.update((reference, (b"", text)) for reference, text in error_cells.findall(xml))
    if not found:
        return None

    def flaw(row: int, column: int) -> Flaw | None:
        known = found.get(address(row, column).encode())
        if known is None:
            return None
        attributes, text = known
        if not attributes and text.startswith(b"#"):
            return error_cell(_unescaped(text))
        return uncomputed_cell(_unescaped(text) or "…")

    return flaw


def _is_lost(attributes: bytes, value: bytes) -> bool:
    """Whether a formula's result is absent; a formula may well give an empty text."""
    return not value or (value.endswith((b"></v>", b"/>")) and b't="str"' not in attributes)


@cache
def _patterns(prefix: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Cells with a formula (reference, attributes, formula, value), and cells typed as error."""
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
    )


def _parsed_flaws(xml: bytes) -> Iterator[tuple[tuple[int, int], Flaw]]:
    """The same for sheets whose cells carry no reference: position is counted."""
    row = -1
    for line in (node for node in _tree(xml).iter() if _local(node.tag) == "row"):
        row = int(line.attrib.get("r", row + 2)) - 1
        column = -1
        for cell in (node for node in line if _local(node.tag) == "c"):
            column = position(cell.attrib["r"])[1] if "r" in cell.attrib else column + 1
            inner = {_local(node.tag): node.text or "" for node in cell}
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


def guard_extent(xml: bytes, name: str) -> None:
    """Refuse a sheet whose filled cells span more than can be held."""
    limit = vocabulary().limits.sheet_cells
    last = xml.rfind(b"<" + _prefix(xml) + b"row")
    match = _LAST_ROW.search(xml, last, last + 400) if last >= 0 else None
    if match is None:
        return
    rows = int(match.group(1))
    if rows * _ALL <= limit or (rows * _NARROW <= limit and not _WIDE.search(xml)):
        return
    cells = [position(reference.decode()) for reference in _FILLED.findall(xml)]
    bottom = max((row for row, _ in cells), default=0)
    right = max((column for _, column in cells), default=0)
    if (bottom + 1) * (right + 1) > limit:
        raise OversizedFileError(
            "在离表很远的单元格里有内容",
            "请报送单位删去表外的内容后重新报送",
            Place(sheet=name, cell=address(bottom, right)),
        )


def _part(archive: zipfile.ZipFile, names: dict[str, int], name: str) -> bytes:
    if name not in names:
        raise CorruptFileError(f"工作簿缺少部件 {name}")
    return read_member(archive, names[name])


def _targets(rels: bytes) -> dict[str, str]:
    found = {}
    for node in _tree(rels):
        target = node.attrib.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        found[node.attrib.get("Id", "")] = posixpath.normpath(path)
    return found


def _is_worksheet(part: str) -> bool:
    return "chartsheet" not in part and "dialogsheet" not in part


def _tree(xml: bytes) -> ET.Element:
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise CorruptFileError("工作簿里有不该有的实体声明")
    try:
        return ET.fromstring(xml)
    except ET.ParseError as error:
        raise CorruptFileError(f"工作簿的 XML 已损坏（{error}）") from error


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _unescaped(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace")
    for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(escaped, plain)
    return text
