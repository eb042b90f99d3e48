"""An OpenDocument table in one XML file (.fods), packed the way an .ods is.

The packed form is what the native reader knows; everything else is then told as of any .ods.
"""

from __future__ import annotations

import io
import zipfile

from pipelines.errors import CorruptFileError, OversizedFileError
from pipelines.intake.formats.xmltree import parse, xml_text
from pipelines.intake.vocabulary import vocabulary

MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
_URN = "urn:oasis:names:tc:opendocument:xmlns"
_OFFICE, _TABLE = f"{{{_URN}:office:1.0}}", f"{{{_URN}:table:1.0}}"
_KEPT = frozenset({f"{_OFFICE}automatic-styles", f"{_OFFICE}body"})


def packed(data: bytes) -> bytes:
    """The document as an .ods; raises UnreadableFileError's kinds."""
    if len(data) > vocabulary().limits.markup_bytes:
        raise OversizedFileError(f"文件有 {len(data)} 字节，不可能是报表")
    parse(data)  # refuses what is not whole, and entities
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", MIMETYPE)
        archive.writestr("META-INF/manifest.xml", f'<manifest xmlns="{_URN}:manifest:1.0"/>')
        archive.writestr("content.xml", _content(xml_text(data)))
    return out.getvalue()


def _content(text: str) -> bytes:
    """What an .ods keeps in its content part, without the spacing that indents it."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:  # too deep, or one text too long
        raise CorruptFileError("文件的 XML 不合规范") from error
    root.tag = f"{_OFFICE}document-content"
    for part in list(root):
        if part.tag not in _KEPT:
            root.remove(part)
    # Between the elements of a table spacing means nothing; inside a paragraph it does.
    for node in root.iter(f"{_OFFICE}*", f"{_TABLE}*"):
        if not (node.text or "").strip():
            node.text = None
        for child in node:
            if not (child.tail or "").strip():
                child.tail = None
    return bytes(etree.tostring(root, encoding="utf-8"))
