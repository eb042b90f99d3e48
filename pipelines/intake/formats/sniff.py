"""What a file is, by its content: the name it was given is often wrong."""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum

from pipelines.errors import (
    CorruptFileError,
    EmptyFileError,
    EncryptedFileError,
    UnsupportedFormatError,
)
from pipelines.intake.formats import foreign, ole
from pipelines.intake.formats.archives import is_archive, open_zip, part_name, read_member
from pipelines.intake.formats.charsets import decode, decode_page
from pipelines.intake.formats.flat import MIMETYPE
from pipelines.intake.formats.mhtml import is_mail


class Format(StrEnum):
    """Formats the line reads."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    XLS = "xls"
    ODS = "ods"
    FODS = "fods"
    DOCX = "docx"
    HTML = "html"
    MHTML = "mht"
    XML = "xml"
    TEXT = "csv"
    ZIP = "zip"


#: Streams that hold an .xls workbook, as an .et of WPS does.
WORKBOOK_STREAMS = ("Workbook", "Book", "WORKBOOK", "BOOK")
_LOCKED_STREAMS = frozenset({"EncryptedPackage", "EncryptionInfo", "\x06DataSpaces"})

_HEAD, _ROOT = 4000, 20_000
_SPREADSHEET_ML = "urn:schemas-microsoft-com:office:spreadsheet"
_FLAT_OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns:office"
_WORD_ML = ("http://schemas.microsoft.com/office/word/2003/wordml", "/2006/xmlpackage")
_HEADER_LINES = re.compile(r"\s*(?:[a-z][a-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
_MIME_HEADER = re.compile(r"^(?:mime-version|received|return-path|x-mailer):", re.MULTILINE)
_PAGE_TAGS = re.compile(
    r"<(?:html|table|!doctype\s+html|head|body|div|meta|tr|style|center|font|p|h\d|form)\b"
)


def sniff(data: bytes) -> Format:
    """The format of ``data``; raises UnreadableFileError's kinds for what the line cannot read."""
    if not data.strip(b"\x00 \r\n\t"):
        raise EmptyFileError("文件是空的" if not data else "文件里没有内容")
    if data.startswith(b"PK"):
        return _zipped(open_zip(data))
    if data.startswith(ole.MAGIC[:4]):
        return _compound(ole.CompoundFile(data))
    foreign.refuse_by_signature(data)
    headers = _HEADER_LINES.match(data[:_HEAD].decode("latin-1").lower())
    if headers and _MIME_HEADER.search(headers[0]):
        return _mime(headers[0])
    return _text(data)


def _zipped(archive: zipfile.ZipFile) -> Format:
    if is_archive(archive):
        return Format.ZIP
    names = {part_name(name) for name in archive.namelist()}
    if "xl/workbook.bin" in names:
        return Format.XLSB
    if any(name.startswith("xl/") for name in names):
        return Format.XLSX
    if any(name.startswith("word/") for name in names):
        return Format.DOCX
    foreign.refuse_by_part(names)
    if "mimetype" in names:
        number = archive.namelist().index("mimetype")
        mimetype = read_member(archive, number).decode("ascii", "replace")
        if "opendocument.spreadsheet" in mimetype:
            return Format.ODS
        foreign.refuse_by_mimetype(mimetype)
        raise UnsupportedFormatError("文件是文档，不是表格", foreign.advice_for("document"))
    raise CorruptFileError("工作簿缺少主要部件")


def _compound(compound: ole.CompoundFile) -> Format:
    names = compound.root_names
    if names & _LOCKED_STREAMS:
        raise EncryptedFileError("文件设有打开密码或权限")
    if names & set(WORKBOOK_STREAMS):
        return Format.XLS
    foreign.refuse_by_stream(names)
    raise UnsupportedFormatError("不是表格文件，内容认不出来")


def _text(data: bytes) -> Format:
    # A page says its encoding in plain letters, also where the rest could be of two.
    looks_like_markup = data[:_HEAD].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
    text = decode_page(data) if looks_like_markup else decode(data)
    head = text[:_HEAD].lstrip("\ufeff \r\n\t").lower()
    if not text.strip():
        raise EmptyFileError("文件里没有内容")
    if head.startswith("<"):
        return _markup(head, text[:_ROOT].lower())
    if any(ord(char) < 32 and char not in "\t\r\n\f\x1a" for char in text[:_HEAD]):
        raise UnsupportedFormatError("不是表格文件，内容认不出来")
    return Format.TEXT


def _mime(headers: str) -> Format:
    """A saved page, or a letter."""
    saved_page = "multipart/related" in headers or "text/html" in headers
    if saved_page and not is_mail(headers):
        return Format.MHTML
    raise UnsupportedFormatError("文件是邮件（.eml）", foreign.advice_for("mail"))


def _markup(head: str, root: str) -> Format:
    """``root`` reaches further: a root element may declare dozens of namespaces."""
    if _SPREADSHEET_ML in head and "<html" not in head:
        return Format.XML
    if any(name in head for name in _WORD_ML):
        raise UnsupportedFormatError("文件是“Word XML”文档", foreign.advice_for("document"))
    if _FLAT_OPEN_DOCUMENT in root:
        if MIMETYPE in root:
            return Format.FODS
        raise UnsupportedFormatError(
            "文件是 OpenDocument 单文件，不是表格", foreign.advice_for("document")
        )
    if _PAGE_TAGS.search(head):
        return Format.HTML
    if head.startswith("<?xml"):
        raise UnsupportedFormatError("文件是 XML 文档")
    return Format.TEXT
