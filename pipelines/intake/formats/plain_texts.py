"""The texts of an .xlsx that are written plainly: as nearly all are, and read without doubt.

None stands for a text that only the native reader takes as it is meant: with raised or struck
runs, with characters written as ``_x000D_``, with references to anything but characters.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.intake.formats.plain_pieces import Known
from pipelines.intake.formats.xmltree import is_whole

#: Larger tables of texts are not remembered.
_LARGEST_KEPT = 262_144

#: Characters of a text: no sign of XML, and none that XML forbids or turns into another.
CHARACTERS = rb"[^<>\x00-\x08\x0b-\x1f]*+"
DECLARATION = (
    rb"""(?:<\?xml version=["']1\.0["'](?: encoding=["'](?:UTF|utf)-8["'])?"""
    rb"""(?: standalone=["']\w+["'])?\?>\s*)?"""
)
#: What a run of a text may be dressed in; what raises or strikes it out is not among them.
_DRESS = rb"b|i|u|sz|color|rFont|family|charset|scheme|outline|shadow|condense|extend"
_WRITTEN = rb'(?:<t( xml:space="preserve")?>(' + CHARACTERS + rb")</t>|<t/>)"
_RUN = (
    rb"<r>(?:<rPr>(?:<(?:" + _DRESS + rb')(?: \w+="[^"<>&]*")*/>)*+</rPr>)?' + _WRITTEN + rb"</r>"
)
_ONE_RUN = re.compile(_RUN)
#: What stands after ``<si>``: a text or runs of it, and how it is spoken, which is not part of it.
_ENTRY = re.compile(
    rb"(?:" + _WRITTEN + rb"|(?P<runs>(?:" + _RUN + rb")++))"
    rb'(?:<rPh sb="[0-9]+" eb="[0-9]+"><t>' + CHARACTERS + rb"</t></rPh>)*+"
    rb'(?:<phoneticPr(?: \w+="\w*")*/>)?</si>'
)
_OPEN = DECLARATION + rb'<sst(?: [\w:]+="[^"<>&]*")*>'
_BEGIN = re.compile(_OPEN)
_TABLE = re.compile(_OPEN + rb"((?:<si>(?:[^<]++|<(?!/?si[\s/>]))*+</si>)*+)</sst>\s*")
_SIGNS = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
_SIGN = re.compile("&[^;]*;?")
_BY_NUMBER = re.compile("&#(?:([0-9]{1,6})|x([0-9a-fA-F]{1,5}));", re.ASCII)
#: What XML takes for space; the space of Chinese typography is none.
_SPACES = " \t\n"

Texts = tuple[str | None, ...]


def plain_text(raw: bytes, *, edges_count: bool) -> str | None:
    """The text that is written so; ``edges_count`` says that spaces at its ends belong to it."""
    text = resolved(raw)
    if text is None or "_x" in text:
        return None
    return text if edges_count else text.strip(_SPACES)


def resolved(raw: bytes) -> str | None:
    """The characters that are meant; None when they are not UTF-8, or refer to anything unknown."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "&" not in text:
        return text
    signs = {sign: _meant(sign) for sign in _SIGN.findall(text)}
    return None if "" in signs.values() else _SIGN.sub(lambda sign: signs[sign[0]], text)


def _meant(sign: str) -> str:
    """What a reference stands for; "" when it stands for nothing, or for no part of a text."""
    if sign in _SIGNS:
        return _SIGNS[sign]
    number = _BY_NUMBER.fullmatch(sign)
    code = int(number[1] or number[2], 10 if number[1] else 16) if number else 0
    return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE else ""


def shared_texts(table: bytes) -> Texts | None:
    """The texts of ``xl/sharedStrings.xml`` by their number; None for a table of another kind."""
    # Workbooks made from one blank form have the same table.
    return _known_texts(table) if len(table) <= _LARGEST_KEPT else _texts(table)


def _texts(table: bytes) -> Texts | None:
    if not table:
        return ()
    begin, *entries = table.split(b"<si>")
    if entries:
        entries[-1], ended, rest = entries[-1].partition(b"</sst>")
        texts = tuple(map(_known_entries.__getitem__, entries))
        plain = ended and None not in texts and not rest.strip()
        if plain and _BEGIN.fullmatch(begin) and is_whole(begin + ended):
            return texts
    return _doubtful_texts(table)


def _doubtful_texts(table: bytes) -> Texts | None:
    """The texts of a table with some that are not plain."""
    whole = _TABLE.fullmatch(table)
    # What is not understood here must at least not swallow what follows it.
    if not whole or not is_whole(table):
        return None
    return tuple(map(_known_entries.__getitem__, whole[1].split(b"<si>")[1:]))


def _entry(entry: bytes) -> str | None:
    """A text of the table by what stands after its ``<si>``."""
    plain = _ENTRY.fullmatch(entry)
    if not plain or not is_whole(b"<si>" + entry):
        return None
    if not plain["runs"]:
        return plain_text(plain[2] or b"", edges_count=bool(plain[1]))
    runs = _ONE_RUN.findall(plain["runs"])
    texts = [plain_text(raw, edges_count=bool(edges)) for edges, raw in runs]
    whole = "".join(text for text in texts if text is not None)
    return None if None in texts or "_x" in whole else whole


_known_entries = Known(_entry)
_known_texts = lru_cache(maxsize=32)(_texts)
