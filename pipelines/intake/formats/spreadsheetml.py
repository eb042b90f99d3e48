"""Read “XML 表格 2003” (SpreadsheetML), which national systems still export under the name .xls."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping

from pipelines.errors import EmptyFileError, OversizedFileError
from pipelines.intake.formats.cells import Cell, Sheet, error_cell, uncomputed_cell
from pipelines.intake.formats.documents import Table, in_doubt, raised, table_sheet
from pipelines.intake.formats.number_formats import Disguise, disguise_of
from pipelines.intake.formats.webcells import refers_elsewhere
from pipelines.intake.formats.xmltree import attribute, local, parse, whole_number
from pipelines.intake.vocabulary import vocabulary

#: Formats that go by a name here; the other names show the number as it is, or a date.
_NAMED_FORMATS = {"Percent": "0%", "Currency": "¥#,##0.00", "Euro Currency": "€#,##0.00"}
Styles = Mapping[str, Disguise]
_LAST_ROW, _LAST_COLUMN = 1048576, 16384


def read_workbook(data: bytes) -> list[Sheet]:
    """The worksheets in order; raises UnreadableFileError's kinds."""
    root = parse(data)
    styles = dict(_disguising_styles(root))
    sheets = [_sheet(node, styles) for node in _children(root, "Worksheet")]
    if not sheets:
        raise EmptyFileError("工作簿里没有工作表")
    return sheets


def _disguising_styles(root: ET.Element) -> Iterator[tuple[str, Disguise]]:
    """Styles under which a number shows as another, by their name."""
    for style in (node for node in root.iter() if local(node.tag) == "Style"):
        for node in _children(style, "NumberFormat"):
            code = attribute(node, "Format")
            disguise = disguise_of(_NAMED_FORMATS.get(code, code)) if code else None
            if disguise:
                yield attribute(style, "ID"), disguise


def _sheet(node: ET.Element, styles: Styles) -> Sheet:
    visible = [n.text for n in node.iter() if local(n.tag) == "Visible"]
    table = Table(hidden=any((text or "").startswith("SheetHidden") or text == "SheetVeryHidden"
                             for text in visible))  # fmt: skip
    for content in _children(node, "Table"):
        _read_columns(content, table)
        following = len(table.rows)
        for line in _children(content, "Row"):
            following = _read_row(line, table, styles, following)
    return table_sheet(table, attribute(node, "Name"))


def _read_columns(content: ET.Element, table: Table) -> None:
    column = 0
    for node in _children(content, "Column"):
        column = whole_number(attribute(node, "Index"), column + 1) - 1
        count = whole_number(attribute(node, "Span"), 0) + 1
        if _is_hidden(node, "Width") and column + count <= _LAST_COLUMN:
            table.hidden_columns.update(range(column, column + count))
        column += count


def _read_row(line: ET.Element, table: Table, styles: Styles, following: int) -> int:
    """Read one row, which is row ``following`` unless it says so; gives the row after it."""
    start = whole_number(attribute(line, "Index"), following + 1) - 1
    cells = _children(line, "Cell")
    repeated = whole_number(attribute(line, "Span"), 0)
    if not cells and start + repeated < _LAST_ROW:
        if _is_hidden(line, "Height"):
            table.hidden_rows.update(range(start, start + repeated + 1))
        return start + repeated + 1
    # Blank rows between are free only while they are few.
    if start >= min(_LAST_ROW, vocabulary().limits.sheet_cells):
        raise OversizedFileError("在离表很远的单元格里有内容")
    while len(table.rows) < start:
        table.start_row()
    table.start_row(_is_hidden(line, "Height"))
    next_column = 0
    for node in cells:
        column = whole_number(attribute(node, "Index"), next_column + 1) - 1
        across = whole_number(attribute(node, "MergeAcross"), 0) + 1
        down = whole_number(attribute(node, "MergeDown"), 0) + 1
        where = table.add(_cell(node, styles), across, down, at=column)
        if refers_elsewhere(attribute(node, "Formula")):
            table.remarks[where] = vocabulary().cell_notes["external"]
        next_column = column + across
    return start + 1


def _cell(node: ET.Element, styles: Styles) -> Cell:
    formula = attribute(node, "Formula")
    data = next(iter(_children(node, "Data")), None)
    if data is None:
        return uncomputed_cell(formula.lstrip("=")) if formula else ""
    text = "".join(_pieces(data))
    cell = _typed(attribute(data, "Type"), text)
    if any(local(part.tag) == "S" for part in data.iter()):
        return in_doubt(text, vocabulary().cell_notes["struck"])
    disguise = styles.get(attribute(node, "StyleID"))
    return (disguise.of(cell) if disguise else None) or cell


def _pieces(node: ET.Element, shift: str = "") -> Iterator[str]:
    """The text of a cell, raised and lowered digits marked as such."""
    shift = local(node.tag) if local(node.tag) in ("Sup", "Sub") else shift
    text = node.text or ""
    yield raised(text, shift == "Sub") if shift else text
    for part in node:
        yield from _pieces(part, shift)
        tail = part.tail or ""
        yield raised(tail, shift == "Sub") if shift else tail


def _typed(kind: str, text: str) -> Cell:
    match kind:
        case "Number":
            return _number(text)
        case "Boolean":
            return text.strip() in ("1", "true")
        case "Error":
            return error_cell(text.strip() or "#ERROR!")
        case "DateTime":
            return _moment(text)
    return text


def _number(text: str) -> Cell:
    try:
        return float(text)
    except ValueError:
        return text


def _moment(text: str) -> Cell:
    try:
        moment = dt.datetime.fromisoformat(text.strip().removesuffix("Z"))
    except ValueError:
        return text
    return moment.date() if moment.time() == dt.time() else moment


def _is_hidden(node: ET.Element, size: str) -> bool:
    return attribute(node, "Hidden") == "1" or attribute(node, size) in ("0", "0.0")


def _children(node: ET.Element, name: str) -> list[ET.Element]:
    return [child for child in node if local(child.tag) == name]
