"""What a file is, by its content: the name it was given is often wrong."""

from __future__ import annotations

import zipfile
from enum import StrEnum

from pipelines.errors import (
    CorruptFileError,
    EmptyFileError,
    EncryptedFileError,
    UnsupportedFormatError,
)
from pipelines.intake import ole
from pipelines.intake.archives import is_archive, open_zip
from pipelines.intake.delimited import decode


class Format(StrEnum):
    """Formats the line reads."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    TEXT = "csv"
    ZIP = "zip"


#: Streams that hold an .xls workbook.
WORKBOOK_STREAMS = ("Workbook", "Book", "WORKBOOK", "BOOK")

#: First bytes of formats that are refused by name.
_REFUSED = (
    (b"%PDF", "PDF 文件"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"BZh", "bzip2 压缩包"),
    (b"\xfd7zXZ", "xz 压缩包"),
    (b"\x89PNG", "图片（PNG）"),
    (b"\xff\xd8\xff", "图片（JPEG）"),
    (b"GIF8", "图片（GIF）"),
    (b"BM", "图片（BMP）"),
    (b"II*\x00", "图片（TIFF）"),
    (b"MM\x00*", "图片（TIFF）"),
    (b"RIFF", "多媒体文件"),
    (b"{\\rtf", "RTF 文档"),
    (b"MZ", "程序文件"),
    (b"SQLite format 3", "数据库文件"),
)
_OLD_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_ARCHIVES = frozenset({"RAR 压缩包", "7z 压缩包", "gzip 压缩包", "bzip2 压缩包", "xz 压缩包"})
_ARCHIVE_ADVICE = "请报送单位改用 zip 压缩，或直接报送 .xlsx 文件"
_SAVE_AS_ADVICE = "请报送单位用 Excel 或 WPS 打开后另存为 .xlsx 重新报送"


def sniff(data: bytes) -> Format:
    """The format of ``data``; raises UnreadableFileError's kinds for what the line cannot read."""
    if not data.strip(b"\x00 \r\n\t"):
        raise EmptyFileError("文件是空的" if not data else "文件里没有内容")
    if data.startswith(b"PK"):
        return _zipped(open_zip(data))
    if data.startswith(ole.MAGIC[:4]):
        return _compound(ole.CompoundFile(data))
    if data.startswith(_OLD_BIFF):
        raise UnsupportedFormatError("很旧的 Excel 格式（4.0 以前）", _SAVE_AS_ADVICE)
    for magic, name in _REFUSED:
        # "BM" and "MZ" may also begin a text; a text has no zero byte.
        if data.startswith(magic) and (len(magic) > 2 or b"\x00" in data[:64]):
            raise UnsupportedFormatError(
                f"文件是{name}，不是表格", _ARCHIVE_ADVICE if name in _ARCHIVES else ""
            )
    return _text(data)


def _zipped(archive: zipfile.ZipFile) -> Format:
    names = set(archive.namelist())
    if is_archive(archive):
        return Format.ZIP
    if "xl/workbook.bin" in names:
        # Its formulas without a result and its error cells would pass for blank ones.
        raise UnsupportedFormatError("文件是二进制工作簿（.xlsb）", _SAVE_AS_ADVICE)
    if any(name.startswith("xl/") for name in names):
        return Format.XLSX
    if any(name.startswith("word/") for name in names):
        raise UnsupportedFormatError("文件是 Word 文档（.docx）")
    if any(name.startswith("ppt/") for name in names):
        raise UnsupportedFormatError("文件是演示文稿")
    if "mimetype" in names and b"opendocument.spreadsheet" in archive.read("mimetype"):
        return Format.ODS
    if "mimetype" in names:
        raise UnsupportedFormatError("文件是文档，不是表格")
    raise CorruptFileError("工作簿缺少主要部件")


def _compound(compound: ole.CompoundFile) -> Format:
    names = compound.names
    if names & {"EncryptedPackage", "EncryptionInfo"}:
        raise EncryptedFileError("文件设有打开密码")
    if names & set(WORKBOOK_STREAMS):
        return Format.XLS
    if "WordDocument" in names:
        raise UnsupportedFormatError("文件是旧版 Word 文档（.doc）")
    if "PowerPoint Document" in names:
        raise UnsupportedFormatError("文件是演示文稿")
    raise UnsupportedFormatError("不是表格文件，内容认不出来")


def _text(data: bytes) -> Format:
    text = decode(data)
    head = text[:4000].lstrip().lower()
    if not text.strip():
        raise EmptyFileError("文件里没有内容")
    if "urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise UnsupportedFormatError("文件是“XML 表格 2003”格式", _SAVE_AS_ADVICE)
    if head.startswith("mime-version:") or (head.startswith("<") and _is_web_page(head)):
        raise UnsupportedFormatError("文件是网页，只是改了后缀名", _SAVE_AS_ADVICE)
    if head.startswith("<?xml"):
        raise UnsupportedFormatError("文件是 XML 文档")
    if any(ord(char) < 32 and char not in "\t\r\n\f\x1a" for char in text[:4000]):
        raise UnsupportedFormatError("不是表格文件，内容认不出来")
    return Format.TEXT


def _is_web_page(head: str) -> bool:
    marks = ("<html", "<table", "<!doctype html", "<head", "<body", "<div", "<meta", "<tr")
    return any(mark in head for mark in marks)
