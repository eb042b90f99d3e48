"""What the native reader does not tell of an .ods: merged ranges, error cells, lost results."""

from __future__ import annotations

import xml.etree.ElementTree as ET
import zipfile
from dataclasses import dataclass, field

from pipelines.errors import CorruptFileError, EncryptedFileError
from pipelines.intake.archives import guard_ratio, read_member
from pipelines.intake.cells import Flaw, Range, error_cell, uncomputed_cell


@dataclass(slots=True)
class SheetFacts:
    """What a sheet's own XML says."""

    name: str
    flaws: dict[tuple[int, int], Flaw] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)


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
    xml = read_member(archive, names["content.xml"])
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml:
        raise CorruptFileError("文件里有不该有的实体声明")
    try:
        tree = ET.fromstring(xml)
    except ET.ParseError as error:
        raise CorruptFileError(f"文件的 XML 已损坏（{error}）") from error
    return [_sheet(node) for node in tree.iter() if _local(node.tag) == "table"]


def _sheet(table: ET.Element) -> SheetFacts:
    attributes = _attributes(table)
    facts = SheetFacts(attributes.get("name", ""))
    row = 0
    for line in (node for node in table.iter() if _local(node.tag) == "table-row"):
        column = 0
        for cell in line:
            column += _cell(facts, cell, row, column)
        row += int(_attributes(line).get("number-rows-repeated", "1"))
    return facts


def _cell(facts: SheetFacts, cell: ET.Element, row: int, column: int) -> int:
    """Note what is special about a cell; returns how many columns it takes."""
    attributes = _attributes(cell)
    down = int(attributes.get("number-rows-spanned", "1"))
    across = int(attributes.get("number-columns-spanned", "1"))
    if down > 1 or across > 1:
        facts.merged.append(((row, column), (row + down - 1, column + across - 1)))
    text = "".join(cell.itertext()).strip()
    if cell.attrib.get(_ERROR_TYPE) == "error" or (text.startswith("#") and text.endswith("!")):
        facts.flaws[row, column] = error_cell(text or "#ERROR!")
    elif "formula" in attributes and "value-type" not in attributes:
        formula = attributes["formula"].partition(":=")[2] or attributes["formula"]
        facts.flaws[row, column] = uncomputed_cell(formula)
    return int(attributes.get("number-columns-repeated", "1"))


_ERROR_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"


def _attributes(node: ET.Element) -> dict[str, str]:
    """Attributes by local name; the standard ones win over extensions of the same name."""
    plain: dict[str, str] = {}
    for name, value in node.attrib.items():
        if "calcext" not in name:
            plain[_local(name)] = value
    return plain


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
