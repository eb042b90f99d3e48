"""Parse XML that strangers wrote: no document type, no entities of its own, no odd encodings.

A part of a workbook or document never needs a document type; one that has it wants to make the
parser read other files or swell.  The text is decoded here, so that no encoding hides one.
"""

from __future__ import annotations

import codecs
import re
import xml.etree.ElementTree as ET
from xml.parsers import expat

from pipelines.errors import CorruptFileError

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Encodings that office programs write; all but UTF-16 keep ``<!DOCTYPE`` as it is.
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5",
}


def parse(xml: bytes, part: str = "") -> ET.Element:
    """The root element; raises CorruptFileError."""
    where = f"部件 {part} " if part else ""
    text = xml_text(xml)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise CorruptFileError(f"文件{where}里有不该有的实体声明")
    try:
        return ET.fromstring(text)
    except ET.ParseError as error:
        raise CorruptFileError(f"文件{where}的 XML 已损坏（{error}）") from error


def guard_whole(xml: bytes) -> None:
    """Refuse XML that is not whole: the native reader takes what it cannot follow for blank."""
    text = xml_text(xml)  # a parser of bytes would fail on encodings that it does not know
    try:
        expat.ParserCreate().Parse(text, True)
    except expat.ExpatError as error:
        raise CorruptFileError(f"文件的 XML 已损坏（{error}）") from error


def is_whole(xml: bytes) -> bool:
    """Whether XML in UTF-8 is whole: all elements end, no attribute stands twice, and no character
    that XML forbids."""
    try:
        expat.ParserCreate("utf-8").Parse(xml, True)
    except expat.ExpatError:
        return False
    return True


def xml_text(xml: bytes) -> str:
    """The XML as text, without its declaration; raises CorruptFileError."""
    encoding = next((name for mark, name in _BOMS if xml.startswith(mark)), "")
    if not encoding:
        encoding = _unmarked(xml)
    try:
        text = xml.decode(encoding)
    except UnicodeDecodeError as error:
        raise CorruptFileError(f"文件的 XML 编码有误（{encoding}）") from error
    return _DECLARATION.sub("", text, count=1)


def local(tag: str) -> str:
    """The name of an element or attribute without its namespace."""
    return tag.rpartition("}")[2]


def attribute(node: ET.Element, name: str) -> str:
    """An attribute by its local name, whatever its namespace; "" when it is absent."""
    value = node.attrib.get(name)
    if value is not None:
        return value
    return next((v for k, v in node.attrib.items() if local(k) == name), "")


def whole_number(text: str, default: int) -> int:
    """A count written as attribute; ``default`` when it is absent or no count."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else default


def unescaped(raw: bytes) -> str:
    """The text of an element without elements in it, as it is shown to people."""
    text = raw.decode("utf-8", "replace")
    for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(escaped, plain)
    return text


def _unmarked(xml: bytes) -> str:
    if xml[:2] == b"<\x00":
        return "utf-16-le"
    if xml[:2] == b"\x00<":
        return "utf-16-be"
    declared = _DECLARED.match(xml[:200])
    name = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if name not in _ENCODINGS:
        raise CorruptFileError(f"文件的 XML 编码不能识别（{name}）")
    return _ENCODINGS[name]
