"""Values of an .xlsx that the native reader gives without a word and that must not be believed.

The zero that some programs store for a formula they never calculated, text whose digits are raised
(12¹ is not 121) or struck through.  Each is looked for only in workbooks that can have it.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pipelines.intake.formats.cells import Flaw
from pipelines.intake.formats.documents import in_doubt, raised
from pipelines.intake.formats.ooxml_asides import filled_part
from pipelines.intake.formats.ooxml_guards import guard_texts
from pipelines.intake.formats.xmltree import attribute, local, parse
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.addresses import position

_MARKED_SIGNS = (b"vertAlign", b"strike")
_STALE_SIGNS = (b'fullCalcOnLoad="1"', b'fullCalcOnLoad="true"')
_TEXT_CELL = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*?\br="([A-Z]{1,3}\d{1,7})")(?=[^>]*?\bt="s")[^>]*[^/>]>'
    rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)<"
)
_ZERO = re.compile(rb">0</(?:\w+:)?v>$")
#: A zero after a formula, or in a value that is written in some less usual way.
_ZERO_AFTER_FORMULA = re.compile(
    rb">0</(?:(?<=f><v>0</)|(?<=/><v>0</)|(?<=:v>0</)|(?<=\">0</)|(?<='>0</))"
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
    guard_texts(strings)
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


def may_be_uncalculated(xml: bytes) -> bool:
    """Whether some formula of a sheet part may have a zero: a quick look before the search."""
    return bool(_ZERO_AFTER_FORMULA.search(xml, *filled_part(xml)))


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
