"""The sheets of an .xlsx as its workbook part tells them, and whether that is sure.

Two sheets may refer to one part, a list may stand twice, a part may be of another kind than it is
taken for: then which is meant is the native reader's to say.
"""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from pipelines.errors import CorruptFileError
from pipelines.intake.formats.archives import part_name
from pipelines.intake.formats.xmltree import local, parse

#: Larger tables of contents are not remembered.
_LARGEST_KEPT = 65536
_SHEETS = "xl/worksheets/"
_LINKS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/",
    "http://purl.oclc.org/ooxml/officeDocument/relationships/",
)
_WORKSHEET = frozenset(f"{links}worksheet" for links in _LINKS)
_DOCUMENT = frozenset(f"{links}officeDocument" for links in _LINKS)
#: Parts that the native reader looks for by name, whatever the workbook says.
_BY_NAME = {
    f"{links}{kind}": f"xl/{kind.lower()}.xml"
    for links in _LINKS
    for kind in ("sharedStrings", "styles")
}
_STATES = frozenset({"visible", "hidden", "veryHidden"})
#: A workbook with more sheets is asked of the native reader, which may refuse it.
_MOST_PLAIN = 100


class Contents(NamedTuple):
    """The sheets with their parts, and whether they are hidden."""

    sheets: tuple[tuple[str, str, bool], ...]
    #: Whether days are counted from 1904.
    date1904: bool
    #: Whether these are all sheets, each a table of cells.
    all_plain: bool


def contents_of(workbook: bytes, rels: bytes) -> Contents:
    """The contents by the workbook part and its relationships; raises CorruptFileError."""
    small = len(workbook) + len(rels) <= _LARGEST_KEPT
    return (_known_contents if small else _contents)(workbook, rels)


@lru_cache(maxsize=32)
def leads_to_workbook(rels: bytes) -> bool:
    """Whether the package says that its document is ``xl/workbook.xml``, and no other."""
    try:
        kinds = [node.attrib for node in _relationships(parse(rels))]
    except CorruptFileError:
        return False
    found = [one.get("Target") for one in kinds if one.get("Type") in _DOCUMENT]
    return [str(target).lstrip("/") for target in found] == ["xl/workbook.xml"]


def _contents(workbook: bytes, rels: bytes) -> Contents:
    book = parse(workbook, "xl/workbook.xml")
    targets = _targets(rels)
    if any(part != _BY_NAME.get(kind, part) for part, kind in targets.values()):
        raise CorruptFileError("工作簿的文字表或格式表不在通常的位置，读不准")
    sheets = []
    all_plain = True
    for sheet in book.findall("{*}sheets/{*}sheet"):
        relation = next((v for k, v in sheet.attrib.items() if local(k) == "id"), "")
        part, kind = targets.get(relation, ("", ""))
        state = sheet.attrib.get("state", "visible")
        if part and _is_worksheet(part):
            sheets.append((sheet.attrib.get("name", ""), part, state != "visible"))
        is_plain = part.startswith(_SHEETS) and kind in _WORKSHEET and state in _STATES
        all_plain = all_plain and is_plain
    properties = book.find("{*}workbookPr")
    date1904 = properties is not None and properties.attrib.get("date1904") in {"1", "true"}
    all_plain = all_plain and 0 < len(sheets) <= _MOST_PLAIN and _is_told_once(book, len(sheets))
    return Contents(tuple(sheets), date1904, all_plain)


def _is_told_once(book: ET.Element, sheets: int) -> bool:
    """Whether nothing of this stands elsewhere as well, where some readers would take it from."""
    named = Counter(local(node.tag) for node in book.iter())
    told = [node for node in book.iter() if "date1904" in node.attrib]
    first = book.find("{*}workbookPr")
    return named["sheets"] == 1 and named["sheet"] == sheets and told in ([], [first])


def _targets(rels: bytes) -> dict[str, tuple[str, str]]:
    """The parts that a workbook consists of, each with its kind, by their identifiers."""
    found = {}
    for node in _relationships(parse(rels, "xl/_rels/workbook.xml.rels")):
        target = node.attrib.get("Target", "").replace("\\", "/")
        path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        part = part_name(posixpath.normpath(path))
        found[node.attrib.get("Id", "")] = part, node.attrib.get("Type", "")
    return found


def _relationships(root: ET.Element) -> list[ET.Element]:
    return [node for node in root if local(node.tag) == "Relationship"]


def _is_worksheet(part: str) -> bool:
    return "chartsheet" not in part and "dialogsheet" not in part


#: Workbooks made from one blank form have the same contents.
_known_contents = lru_cache(maxsize=32)(_contents)
