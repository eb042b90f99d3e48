"""Read the tables of a Word document (.docx), in which universities and hospitals collect.

Each table becomes a sheet, the paragraphs between them sheets of text.  What is read is what is
seen: deleted and hidden text is not; a figure in a cell with revisions still to be accepted, or
partly struck through, is not taken for either of its versions.
"""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator, Sequence

from pipelines.errors import CorruptFileError, Place, UnclearLayoutError, UnsupportedFormatError
from pipelines.intake.formats.archives import guard_ratio, part_name, read_member
from pipelines.intake.formats.cells import Cell, Flaw, Sheet
from pipelines.intake.formats.documents import Document, Table, around, in_doubt
from pipelines.intake.formats.wordtext import CellText, is_on
from pipelines.intake.formats.xmltree import attribute, local, parse, whole_number
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import address

_ACCEPT = "请报送单位在 Word 中接受或拒绝全部修订后重新报送"
_EMBEDDED = "表是嵌入的对象时，请双击打开后另存为 .xlsx 报送"
#: Containers whose content stands where they stand.
_THROUGH = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "hyperlink"})
_MOST_ACROSS = 1000


def read_document(archive: zipfile.ZipFile) -> list[Sheet]:
    """The tables of a document in order; raises UnreadableFileError's kinds."""
    names = {}
    for number, info in enumerate(archive.infolist()):
        guard_ratio(info)
        names[part_name(info.filename)] = number
    main = _main_part(archive, names)
    root = parse(read_member(archive, names[main]), main)
    body = next((node for node in root if local(node.tag) == "body"), None)
    if body is None:
        raise CorruptFileError("Word 文档没有正文")
    document = Document()
    for block in _blocks(body):
        _read_block(block, document)
    if not document.tables:
        has_objects = any(name.startswith("word/embeddings/") for name in names)
        raise UnsupportedFormatError("Word 文档里没有表格", _EMBEDDED if has_objects else "")
    return document.sheets()


def _main_part(archive: zipfile.ZipFile, names: dict[str, int]) -> str:
    """The part that holds the text, as the package says."""
    if "_rels/.rels" in names:
        for node in parse(read_member(archive, names["_rels/.rels"]), "_rels/.rels"):
            if node.attrib.get("Type", "").endswith("/officeDocument"):
                target = part_name(posixpath.normpath(node.attrib.get("Target", "")))
                if target in names:
                    return target
    if "word/document.xml" in names:
        return "word/document.xml"
    raise CorruptFileError("Word 文档缺少正文部件")


def _blocks(node: ET.Element) -> Iterator[ET.Element]:
    """Paragraphs and tables of a body or cell, content controls opened."""
    for child in node:
        name = local(child.tag)
        if name in ("p", "tbl"):
            yield child
        elif name in _THROUGH:
            yield from _blocks(child)


def _read_block(block: ET.Element, document: Document) -> None:
    if local(block.tag) == "tbl":
        _read_table(block, document)
        return
    for line in CellText(block).text.split("\n"):
        document.add_line(line)


def _read_table(node: ET.Element, document: Document) -> None:
    table = Table()
    document.add_table(table)
    number = len(document.tables)
    for line in _inner(node, "tr"):
        _read_row(line, table, document, number)


def _read_row(line: ET.Element, table: Table, document: Document, number: int) -> None:
    properties = _property(line, "trPr")
    row = len(table.rows)
    if properties is not None and any(local(p.tag) in ("ins", "del") for p in properties):
        raise UnclearLayoutError(
            "表格里有整行的修订没有接受",
            _ACCEPT,
            Place(sheet=f"表格 {number}", cell=address(row, 0)),
        )
    table.start_row(properties is not None and is_on(_property(properties, "hidden")))
    column = _count(properties, "gridBefore", 0)
    for cell in _inner(line, "tc"):
        about = _property(cell, "tcPr")
        across = _count(about, "gridSpan", 1)
        if _goes_on(about):
            _reach_down(table, row, column)
            table.rows[row].extend([""] * (column + across - len(table.rows[row])))
        else:
            place = Place(sheet=f"表格 {number}", cell=address(row, column))
            table.add(_cell(cell, about, document, table, place), across, at=column)
        column += across


def _goes_on(about: ET.Element | None) -> bool:
    """Whether a cell is the lower part of a vertically merged one."""
    merge = _property(about, "vMerge") if about is not None else None
    return merge is not None and attribute(merge, "val") != "restart"


def _reach_down(table: Table, row: int, column: int) -> None:
    """Lengthen the merged range above this cell, or begin one."""
    for n in range(len(table.merged) - 1, -1, -1):
        (top, left), (bottom, right) = table.merged[n]
        if left == column and bottom == row - 1:
            table.merged[n] = ((top, left), (row, right))
            return
    if row:
        table.merged.append(((row - 1, column), (row, column)))


def _cell(
    cell: ET.Element, about: ET.Element | None, document: Document, table: Table, place: Place
) -> Cell:
    """The text of a cell; tables inside it become sheets of their own."""
    if about is not None and any(local(p.tag) in ("cellIns", "cellDel") for p in about):
        raise UnclearLayoutError("表格里有单元格的修订没有接受", _ACCEPT, place)
    texts: list[CellText] = []
    before_it = len(document.tables)
    for block in _blocks(cell):
        if local(block.tag) == "tbl":
            table.frames_others = True
            _read_table(block, document)
        else:
            texts.append(CellText(block))
    return around(_cell_of(texts), document.tables[before_it:])


def _cell_of(texts: Sequence[CellText]) -> Cell:
    """What the paragraphs of a cell say."""
    text = "\n".join(t.text for t in texts).strip()
    notes = vocabulary().cell_notes
    if any(t.revised for t in texts):
        before = "\n".join(t.original for t in texts).strip()
        if isinstance(in_doubt(text, ""), Flaw) or isinstance(in_doubt(before, ""), Flaw):
            return Flaw(text or before, notes["revised"])
    if any(t.has_equation for t in texts):
        return Flaw(text, notes["equation"])
    return in_doubt(text, notes["struck"]) if any(t.struck for t in texts) else text


def _inner(node: ET.Element, name: str) -> Iterator[ET.Element]:
    """Rows of a table or cells of a row, content controls opened."""
    for child in node:
        if local(child.tag) == name:
            yield child
        elif local(child.tag) in _THROUGH:
            yield from _inner(child, name)


def _property(node: ET.Element, name: str) -> ET.Element | None:
    return next((child for child in node if local(child.tag) == name), None)


def _count(properties: ET.Element | None, name: str, default: int) -> int:
    found = _property(properties, name) if properties is not None else None
    text = attribute(found, "val") if found is not None else ""
    return min(whole_number(text, default), _MOST_ACROSS) or default
