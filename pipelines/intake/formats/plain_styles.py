"""Which styles of an .xlsx show a number as it is, and which show it as a day.

Only what is sure is told: a style of any other format is left to the native reader.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import lru_cache

from pipelines.errors import CorruptFileError
from pipelines.intake.formats.cell_formats import xlsx_styles
from pipelines.intake.formats.xmltree import local, parse

#: The tables that say how a cell shows, and what their entries are called.
_TABLES = {"numFmts": "numFmt", "cellXfs": "xf"}
#: Larger tables of styles are not remembered.
_LARGEST_KEPT = 65_536
#: Formats that every program knows by number: digits, text.
_NUMBERS = frozenset({0, 1, 2, 3, 4, 11, 12, 13, 37, 38, 39, 40, 41, 43, 48, 49})
_DAYS = frozenset({14, 31})
_FIRST_OWN = 164
#: A code of digits and signs, with no letter that could stand for a part of a day.
_NUMBER_CODE = re.compile(
    r"""(?:General|\[Red\]|"[^"dmyhsDMYHS]*"|[\\_*][^dmyhsDMYHS]|[#0?,.;@()+ $¥€/-])+"""
)
_DAY_CODE = re.compile(
    r'(?:\[\$-804\])?(?:yyyy(\\?[-/.])mm?\1dd?|yyyy"年"mm?"月"dd?"日")(?:;@)?', re.ASCII
)

#: By the number of a style, whether it shows a day; styles that are not sure are not there.
ShowsDay = dict[int, bool]


def plain_styles(styles: bytes) -> ShowsDay:
    """The sure styles of ``xl/styles.xml``."""
    # Workbooks made from one blank form have the same styles.
    return _known_styles(styles) if len(styles) <= _LARGEST_KEPT else _styles(styles)


def _styles(styles: bytes) -> ShowsDay:
    if not styles:
        return {}
    try:
        root = parse(styles)
        tables = [node for node in root if local(node.tag) in _TABLES]
        written = [
            (int(node.attrib["numFmtId"]), node.attrib["formatCode"])
            for node in root.findall("{*}numFmts/{*}numFmt")
        ]
        used = [int(node.attrib["numFmtId"]) for node in root.findall("{*}cellXfs/{*}xf")]
    except (CorruptFileError, KeyError, ValueError):
        return {}
    codes = dict(written)
    # Formats that come after those who use them, twice, or in one another, are not read alike by
    # every reader.
    in_order = [local(table.tag) for table in tables] in (["numFmts", "cellXfs"], ["cellXfs"])
    if not in_order or len(codes) < len(written) or not all(map(_is_flat, tables)):
        return {}
    disguising = xlsx_styles(styles)
    shows = [_shows_day(number, codes) for number in used]
    return {n: day for n, day in enumerate(shows) if day is not None and n not in disguising}


def _is_flat(table: ET.Element) -> bool:
    """Whether a table has nothing but entries of its kind, none within another."""
    entry = _TABLES[local(table.tag)]
    return sum(local(node.tag) == entry for node in table.iter()) == len(table)


def _shows_day(number: int, codes: dict[int, str]) -> bool | None:
    known = False if number in _NUMBERS else True if number in _DAYS else None
    said = _said(codes[number]) if number in codes else known
    # Some programs write out the formats that have a number of their own.
    return said if number >= _FIRST_OWN or said == known else None


def _said(code: str) -> bool | None:
    if _NUMBER_CODE.fullmatch(code):
        return False
    return True if _DAY_CODE.fullmatch(code) else None


_known_styles = lru_cache(maxsize=32)(_styles)
