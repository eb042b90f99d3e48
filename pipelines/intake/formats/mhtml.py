"""Read a web archive (单个文件网页, .mht) as Excel and WPS save it: one HTML part a sheet."""

from __future__ import annotations

import email
import re
from email.message import Message

from pipelines.errors import CorruptFileError, UnsupportedFormatError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.formats.charsets import decode_page
from pipelines.intake.formats.webpages import read_page

_SHEET = re.compile(
    r"<x:ExcelWorksheet>\s*<x:Name>([^<]*)</x:Name>\s*<x:WorksheetSource\s+HRef=\"?([^\">]*)",
    re.IGNORECASE,
)
_TABLE = re.compile(r"<table\b", re.IGNORECASE)


def read_archive(data: bytes) -> list[Sheet]:
    """The sheets of every HTML part, in order; raises UnreadableFileError's kinds."""
    pages = [
        (_location(part), decode_page(_content(part), part.get_content_charset("")))
        for part in _html_parts(data)
    ]
    names = {
        href.rpartition("/")[2]: name for _, text in pages for name, href in _SHEET.findall(text)
    }
    sheets = [
        sheet
        for where, text in pages
        if _TABLE.search(text)
        for sheet in read_page(text, names.get(where.rpartition("/")[2], ""))
    ]
    if not sheets:
        raise UnsupportedFormatError("文件是单个文件网页，里面没有表格")
    return sheets


def is_mail(head: str) -> bool:
    """Whether the head of a MIME file is that of a letter, not of a saved page."""
    lines = {line.partition(":")[0].strip().lower() for line in head.splitlines()[:80]}
    return bool(lines & {"to", "received", "message-id", "delivered-to", "return-path"})


def _html_parts(data: bytes) -> list[Message]:
    message = email.message_from_bytes(data)
    return [part for part in message.walk() if part.get_content_type() == "text/html"]


def _location(part: Message) -> str:
    return str(part.get("Content-Location", ""))


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        raise CorruptFileError("单个文件网页的内容解不开")
    return content
