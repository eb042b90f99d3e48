"""Values of an .xlsx that the native reader gives without a word and that must not be believed.

The zero that some programs store for a formula they never calculated, text whose digits are raised
(12¹ is not 121) or struck through, and a number written with XML references or comments, of which
only the start is read, a cell stored twice.  Each is looked for only in workbooks that can have it.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pipelines.errors import CorruptFileError, Place
from pipelines.intake.formats.cells import Flaw
from pipelines.intake.formats.documents import in_doubt, raised
from pipelines.intake.formats.ooxml_asides import filled_part
from pipelines.intake.formats.xmltree import attribute, local, parse
from pipelines.intake.layouts.labels import position
from pipelines.intake.vocabulary import vocabulary

_MARKED_SIGNS = (b"vertAlign", b"strike")
_STALE_SIGNS = (b'fullCalcOnLoad="1"', b'fullCalcOnLoad="true"')
_TEXT_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*?\br="([A-Z]{1,3}\d{1,7})")(?=[^>]*?\bt="s")[^>]*[^/>]>'
    rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<"
)
_HEAD = 4096
_ZERO = re.compile(rb">0</(?:\w+:)?v>$")
#: What the native reader leaves out without a word: 5&x;0 would be 50.
_ODD_REFERENCE = re.compile(rb"&(?!amp;|lt;|gt;|quot;|apos;|#)")
#: A reference in anything but a formula.
_MIXED = re.compile(rb"&[^<&]*<(?!/(?:\w+:)?f>)")
#: A zero after a formula, or in a value that is written in some less usual way.
_ZERO_AFTER_FORMULA = re.compile(
    rb">0</(?:(?<=f><v>0</)|(?<=/><v>0</)|(?<=:v>0</)|(?<=\">0</)|(?<='>0</))"
)
_REFERENCE = re.compile(rb'<c r="([^"]+)"')
_REFERENCE_PREFIXED = re.compile(rb'<\w+:c r="([^"]+)"')
#: A text of the shared table by a number that is none: the first text would be taken for it.
_ODD_TEXT = re.compile(rb't="s"[^>]*><(?:\w+:)?v>(?!\d*<)')
#: A second value before the cell ends, under whatever prefix and with whatever between them.
_TWO_VALUES = re.compile(rb"<(?:\w+:)?v[\s/>](?:[^<]|<(?!/?(?:\w+:)?c[\s/>]))*?<(?:\w+:)?v[\s/>]")
_VALUE_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?"
    rb"<(?:\w+:)?v\b[^>]*>[^<&]*(?:&|<!)"
)


@dataclass(frozen=True, slots=True)
class Suspects:
    """What to look for in the sheets of one workbook."""

    #: Texts with raised or struck digits, by their number in the table of texts.
    texts: dict[bytes, Flaw] = field(default_factory=dict)
    #: Whether formulas may carry a result that was never calculated.
    stale: bool = False

    def among(self, xml: bytes) -> dict[tuple[int, int], Flaw]:
        """The cells of a sheet part that show such a text, or hold one of their own."""
        marked = b"inlineStr" in xml and _is_marked(xml)
        found = dict(_marked_cells(xml)) if marked else {}
        if self.texts:
            for reference, number in _TEXT_CELL.findall(xml):
                if number in self.texts:
                    found[position(reference.decode())] = self.texts[number]
        return found


def suspects(workbook: bytes, strings: bytes) -> Suspects:
    """What the parts of a workbook give reason to look for."""
    guard_references(strings)
    return Suspects(
        dict(_marked_texts(parse(strings, "sharedStrings.xml"))) if _is_marked(strings) else {},
        any(sign in workbook for sign in _STALE_SIGNS),
    )


def uncalculated(
    formulas: Iterable[tuple[bytes, bytes, bytes, bytes]],
) -> dict[tuple[int, int], Flaw]:
    """Formulas whose stored result is a bare zero, in a workbook still to be calculated."""
    note = vocabulary().cell_notes["stale"]
    return {
        position(reference.decode()): Flaw(f"={formula.decode('utf-8', 'replace')}", note)
        for reference, _, formula, value in formulas
        if _ZERO.search(value)
    }


def guard_numbers(xml: bytes, name: str, bounds: tuple[int, int]) -> None:
    """Refuse a sheet with a number (a cell's, or its text's) of which only a part would be read."""
    if b"\0" in xml:
        raise CorruptFileError("工作表的 XML 已损坏", place=Place(sheet=name))
    if _ODD_TEXT.search(xml, *bounds):
        raise CorruptFileError("文字的编号有误", place=Place(sheet=name))
    if xml.find(b"<!", *bounds) >= 0 or _MIXED.search(xml, *bounds):
        guard_references(xml)
        if any(b't="str"' not in attributes for attributes in _VALUE_CELL.findall(xml)):
            raise CorruptFileError("数字的写法不合规范，读不准", place=Place(sheet=name))


def references(xml: bytes, bounds: tuple[int, int]) -> list[bytes]:
    """The references of all cells that begin with theirs, as nearly all programs write them."""
    written = _REFERENCE_PREFIXED if b":worksheet" in xml[:_HEAD] else _REFERENCE
    return written.findall(xml, *bounds)


def guard_single(xml: bytes, name: str, bounds: tuple[int, int], cells: Sequence[bytes]) -> None:
    """Refuse a sheet that has a cell twice, or two values in one: only the last would be read."""
    if len(set(cells)) < len(cells):
        twice = next(one for one, times in Counter(cells).items() if times > 1).decode()
        raise CorruptFileError("同一单元格在文件里存了两次", place=Place(sheet=name, cell=twice))
    # A value mostly ends its cell; only where one does not is a second looked for.
    plainly = xml.count(b"<v", *bounds) == xml.count(b"</v></c>", *bounds)
    if not (plainly and xml.find(b":v", *bounds) < 0) and _TWO_VALUES.search(xml, *bounds):
        raise CorruptFileError("一个单元格里存了两个值", place=Place(sheet=name))


def may_be_uncalculated(xml: bytes) -> bool:
    """Whether some formula of a sheet part may have a zero: a quick look before the search."""
    return bool(_ZERO_AFTER_FORMULA.search(xml, *filled_part(xml)))


def guard_references(xml: bytes) -> None:
    """Refuse a part that refers to anything but the five signs of XML and characters by number."""
    if _ODD_REFERENCE.search(xml):
        raise CorruptFileError("文件的 XML 里有不该有的实体")


def _is_marked(xml: bytes) -> bool:
    return any(sign in xml for sign in _MARKED_SIGNS)


def _marked_texts(root: ET.Element) -> Iterator[tuple[bytes, Flaw]]:
    """Texts with raised or struck digits, by their number in the table of texts."""
    for number, entry in enumerate(node for node in root if local(node.tag) == "si"):
        flaw = _marked(entry)
        if flaw:
            yield str(number).encode(), flaw


def _marked_cells(xml: bytes) -> Iterator[tuple[tuple[int, int], Flaw]]:
    """Cells with such a text of their own."""
    for cell in (node for node in parse(xml).iter() if local(node.tag) == "c"):
        for entry in (node for node in cell if local(node.tag) == "is"):
            flaw = _marked(entry)
            if flaw and "r" in cell.attrib:
                yield position(cell.attrib["r"]), flaw


def _marked(entry: ET.Element) -> Flaw | None:
    """What to show for a text with raised or struck digits; None for any other."""
    notes = vocabulary().cell_notes
    text, struck, shifted = "", False, False
    for run in (node for node in entry if local(node.tag) in ("r", "t")):
        piece = _text(run)
        marks = {local(mark.tag): attribute(mark, "val") for mark in run.iter()}
        shift = marks.get("vertAlign", "")
        if shift in ("superscript", "subscript") and any(char.isdigit() for char in piece):
            piece, shifted = raised(piece, shift == "subscript"), True
        crossed = "strike" in marks and marks["strike"] not in ("0", "false")
        struck = struck or (crossed and bool(piece.strip()))
        text += piece
    cell = in_doubt(text, notes["struck" if struck else "raised"])
    return cell if (struck or shifted) and isinstance(cell, Flaw) else None


def _text(run: ET.Element) -> str:
    if local(run.tag) == "t":
        return run.text or ""
    return "".join(node.text or "" for node in run if local(node.tag) == "t")
