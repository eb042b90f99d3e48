"""What the native reader does not tell of an .ods: merged ranges, error cells, lost results."""

from __future__ import annotations

import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import CorruptFileError, EncryptedFileError, OversizedFileError, Place
from pipelines.intake.formats.archives import guard_ratio, read_member
from pipelines.intake.formats.cells import Asides, Flaw, Range, error_cell, uncomputed_cell
from pipelines.intake.formats.number_formats import Shown
from pipelines.intake.formats.xmltree import attribute, local, parse, whole_number
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import address


@dataclass(slots=True)
class SheetFacts:
    """What a sheet's own XML says."""

    name: str
    flaws: dict[tuple[int, int], Flaw] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)
    shown: dict[tuple[int, int], Shown] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    remarks: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: bool = False
    bottom: int = 0
    right: int = 0

    @property
    def asides(self) -> Asides:
        return Asides(self.hidden_rows, self.hidden_columns, self.remarks)


def scan(archive: zipfile.ZipFile) -> list[SheetFacts]:
    """Facts of every sheet in order; raises UnreadableFileError's kinds."""
    names = {info.filename: n for n, info in enumerate(archive.infolist())}
    for info in archive.infolist():
        guard_ratio(info)
    if "META-INF/manifest.xml" in names:
        manifest = read_member(archive, names["META-INF/manifest.xml"])
        if b"encryption-data" in manifest:
            raise EncryptedFileError("文件设有打开密码")
    if "content.xml" not in names:
        raise CorruptFileError("文件缺少部件 content.xml")
    tree = parse(read_member(archive, names["content.xml"]), "content.xml")
    hidden = frozenset(_hidden_styles(tree))
    return [_sheet(node, hidden) for node in tree.iterfind("{*}body/{*}spreadsheet/{*}table")]


def _hidden_styles(tree: ET.Element) -> Iterator[str]:
    """Styles of sheets that are not displayed."""
    for style in tree.iterfind("{*}automatic-styles/{*}style"):
        for node in style:
            if local(node.tag) == "table-properties" and attribute(node, "display") == "false":
                yield attribute(style, "name")


def _sheet(table: ET.Element, hidden_styles: frozenset[str]) -> SheetFacts:
    attributes = _attributes(table)
    facts = SheetFacts(attributes.get("name", ""))
    if next(table.iterfind(".//{*}table"), None) is not None:
        raise CorruptFileError("表里还套着表，读不准", place=Place(sheet=facts.name))
    facts.hidden = attributes.get("style-name", "") in hidden_styles
    column = 0
    for node in (node for node in table.iter() if local(node.tag) == "table-column"):
        count = _repeated(node, "number-columns-repeated", _MOST_COLUMNS)
        if attribute(node, "visibility") in _UNSEEN:
            facts.hidden_columns.update(range(column, min(column + count, _MOST_COLUMNS)))
        column += count
    row = 0
    for line in (node for node in table.iter() if local(node.tag) == "table-row"):
        row += _row(facts, line, row)
    _guard_extent(facts)
    return facts


def _row(facts: SheetFacts, line: ET.Element, row: int) -> int:
    """Note what is special about a row; returns how many rows it stands for."""
    count = _repeated(line, "number-rows-repeated", _MOST_ROWS)
    if attribute(line, "visibility") in _UNSEEN:
        facts.hidden_rows.update(range(row, min(row + count, _MOST_ROWS)))
    column, filled = 0, False
    for cell in line:
        step = _repeated(cell, "number-columns-repeated", _MOST_COLUMNS)
        # Most cells of a sheet are the blank ones at its end.
        blank = not len(cell) and all(local(name) in _OF_BLANK_CELLS for name in cell.attrib)
        if not blank and _cell(facts, cell, row, column, step):
            facts.right, filled = max(facts.right, column + step - 1), True
        column += step
    if filled:
        facts.bottom = row + count - 1
        # A filled row repeated so often is refused before its copies are noted.
        _guard_extent(facts)
        for found in (facts.flaws, facts.shown):
            _repeat_row(found, row, count)
    return count


def _repeat_row(found: dict[tuple[int, int], Any], row: int, count: int) -> None:
    if count > 1:
        cells = [(column, what) for (at, column), what in found.items() if at == row]
        for below in range(row + 1, row + count):
            found.update(((below, column), what) for column, what in cells)


def _cell(facts: SheetFacts, cell: ET.Element, row: int, column: int, step: int) -> bool:
    """Note what is special about a cell; whether it holds anything."""
    attributes = _attributes(cell)
    down = whole_number(attributes.get("number-rows-spanned", ""), 1)
    across = whole_number(attributes.get("number-columns-spanned", ""), 1)
    if down > 1 or across > 1:
        facts.merged.append(((row, column), (row + down - 1, column + across - 1)))
    text = "".join(_shown_text(cell)).strip()
    formula = attributes.get("formula", "")
    places = [(row, column + n) for n in range(step)] if step <= _MOST_COLUMNS else []
    if cell.attrib.get(_ERROR_TYPE) == "error" or (text.startswith("#") and text.endswith("!")):
        facts.flaws.update((place, error_cell(text or "#ERROR!")) for place in places)
    elif formula and "value-type" not in attributes:
        told = formula.partition(":=")[2] or formula
        facts.flaws.update((place, uncomputed_cell(told)) for place in places)
    elif text and _TOLD_BY.get(attributes.get("value-type", ""), "") not in attributes:
        untyped = Flaw(text, vocabulary().cell_notes["untyped"])
        facts.flaws.update((place, untyped) for place in places)
    elif _shows_otherwise(cell, attributes, text):
        facts.shown.update((place, Shown(text)) for place in places)
    if "file:/" in formula:
        facts.remarks.update((place, vocabulary().cell_notes["external"]) for place in places)
    return bool(text or formula or "value-type" in attributes)


def _shows_otherwise(cell: ET.Element, attributes: dict[str, str], text: str) -> bool:
    """Whether a number has a text of another look; some writers leave the text out altogether."""
    if attributes.get("value-type") not in _NUMBERS or text == attributes.get("value"):
        return False
    return bool(text) or any(local(node.tag) == "p" for node in cell)


def _shown_text(cell: ET.Element) -> Iterator[str]:
    """The text of a cell without the comments pinned to it."""
    for node in cell:
        if local(node.tag) == "p":
            yield "".join(node.itertext())


def _repeated(node: ET.Element, name: str, most: int) -> int:
    return min(whole_number(attribute(node, name), 1), most)


def _guard_extent(facts: SheetFacts) -> None:
    """Refuse a sheet whose filled cells span more than can be held."""
    if (facts.bottom + 1) * (facts.right + 1) > vocabulary().limits.sheet_cells:
        raise OversizedFileError(
            "在离表很远的单元格里有内容",
            "请报送单位删去表外的内容后重新报送",
            Place(sheet=facts.name, cell=address(facts.bottom, facts.right)),
        )


#: The attribute that holds the value of a type; text stands in the cell itself.
_TOLD_BY = {
    "string": "value-type",
    "float": "value",
    "percentage": "value",
    "currency": "value",
    "date": "date-value",
    "time": "time-value",
    "boolean": "boolean-value",
}
_NUMBERS = frozenset({"float", "percentage", "currency"})
_MOST_COLUMNS, _MOST_ROWS = 16384, 1048576
_OF_BLANK_CELLS = frozenset({"style-name", "number-columns-repeated"})
_UNSEEN = frozenset({"collapse", "filter"})
_ERROR_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def _attributes(node: ET.Element) -> dict[str, str]:
    """Attributes by local name; the standard ones win over extensions of the same name."""
    return {local(name): value for name, value in node.attrib.items() if "calcext" not in name}
