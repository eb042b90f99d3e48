"""Formats that are not read: each known by its content, with what to send instead; and archives."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from pipelines.errors import EncryptedFileError, UnreadableFileError, UnsupportedFormatError
from pipelines.intake.formats.foreign import foreign
from pipelines.intake.formats.sniff import Format, sniff
from pipelines.survey import Survey
from tests.intake.by_hand import compound, packed
from tests.intake.writing import Office, filled

DBF = bytes([3, 124, 5, 6]) + struct.pack("<IHH", 2, 32 * 3 + 1, 20) + bytes(20) + bytes(64) + b"\r"


@pytest.mark.parametrize(
    ("data", "name", "advice"),
    [
        (b"%PDF-1.7\n", "PDF", "扫描件|版式"),
        (b"\n\n junk %PDF-1.4", "PDF", "版式"),
        (b"Rar!\x1a\x07\x01\x00", "RAR", "zip"),
        (b"7z\xbc\xaf\x27\x1c\x00", "7z", "zip"),
        (b"\x1f\x8b\x08\x00abc", "gzip", "zip"),
        (bytes(257) + b"ustar\x0000", "tar", "zip"),
        (b"\x89PNG\r\n\x1a\n", "PNG", "照片"),
        (b"\xff\xd8\xff\xe1\x00\x10Exif", "JPEG", "照片"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP", "照片"),
        (b"\x00\x00\x00\x18ftypheic", "HEIC", "照片"),
        (b"BM\x36\x00\x00\x00\x00\x00", "BMP", "照片"),
        (b"\x00\x00\x00\x18ftypmp42", "MP4", "移出"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "AVI", "移出"),
        (b"ID3\x04\x00\x00\x00\x00\x00", "MP3", "移出"),
        (b"{\\rtf1\\ansi}", "RTF", "docx"),
        (b"\x00\x01\x00\x00Standard Jet DB\x00", "Access", "导出"),
        (b"\x00\x01\x00\x00Standard ACE DB\x00", "Access", "导出"),
        (b"SQLite format 3\x00", "SQLite", "导出"),
        (DBF, "dBase", "导出"),
        (b"\x09\x00\x04\x00\x02\x00\x10\x00", "Excel", "另存"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "程序", "请勿打开"),
        (compound({"WordDocument": b"x"}), "Word", "docx"),
        (compound({"PowerPoint Document": b"x"}), "演示", "空白表"),
        (compound({"__properties_version1.0": b"x"}), "Outlook", "附件"),
        (packed({"[Content_Types].xml": "", "ppt/presentation.xml": ""}), "演示", "空白表"),
        (packed({"OFD.xml": "<x/>", "Doc_0/Document.xml": ""}), "OFD", "版式"),
        (packed({"Index/Document.iwa": "", "preview.jpg": ""}), "Numbers", "另存"),
        (packed({"mimetype": "application/vnd.oasis.opendocument.text"}), "odt", "docx"),
        (packed({"mimetype": "application/epub+zip"}), "epub", "版式"),
        (b"Received: from a\r\nMIME-Version: 1.0\r\n\r\nx", "邮件", "附件"),
    ],
)
def test_a_foreign_format_is_named_with_what_to_send(data: bytes, name: str, advice: str) -> None:
    with pytest.raises(UnsupportedFormatError, match=name) as caught:
        sniff(data)
    assert any(word in caught.value.advice for word in advice.split("|"))


@pytest.mark.parametrize(
    "text", ["BMI,单位\n1,2\n", "MZ集团,5\n", "ID3,4\n", "FLV,5\n", "RIFF,1\n", "%,5\n"]
)
def test_texts_that_begin_like_a_foreign_format_are_texts(text: str) -> None:
    assert sniff(text.encode()) is Format.TEXT


@pytest.mark.parametrize("sign", foreign().signatures, ids=lambda sign: sign.name)
def test_every_signature_is_met(sign: object) -> None:
    head = b"\x01" * sign.at + sign.magic + bytes(600)  # type: ignore[attr-defined]
    with pytest.raises(UnsupportedFormatError) as caught:
        sniff(head)
    assert caught.value.advice


@pytest.mark.parametrize("name", ["甲.pdf", "乙.doc"])
def test_the_name_of_a_file_says_nothing(office: Office, survey: Survey, name: str) -> None:
    assert office.receive(filled(survey, lectures=5), name).answers["lectures"]["value"] == 5


def archive(*members: tuple[zipfile.ZipInfo | str, bytes], method: int = 8) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as new:
        for name, data in members:
            new.writestr(name, data)
    return out.getvalue()


def scan(office: Office, data: bytes) -> list[dict[str, object]]:
    office.put("部门/包.zip", data)
    return office.take_in()["submissions"].to_pylist()


@pytest.mark.parametrize(
    "method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_members_packed_in_any_way(office: Office, survey: Survey, method: int) -> None:
    rows = scan(office, archive(("表.xlsx", filled(survey, lectures=5)), method=method))
    assert [(row["file"], row["status"]) for row in rows] == [("部门/包.zip!表.xlsx", "loaded")]


def test_a_way_of_packing_that_is_not_known_is_named(office: Office) -> None:
    data = bytearray(archive(("表.csv", b"a,b\n" * 50)))
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(mark) + at, 9)
    (row,) = scan(office, bytes(data))
    assert row["reason_code"] == "K405"
    assert "压缩方法" in str(row["reason_zh"])


def test_locked_members_are_named_and_the_others_read(office: Office, survey: Survey) -> None:
    data = bytearray(archive(("甲.csv", b"x"), ("乙.xlsx", filled(survey, lectures=5))))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", data, data.index(mark) + at, 1)
    rows = {str(row["file"])[-6:]: row["reason_code"] for row in scan(office, bytes(data))}
    assert sorted(rows.values()) == ["", "K402"]


def test_links_in_an_archive_are_skipped(office: Office, survey: Survey) -> None:
    link = zipfile.ZipInfo("链接.xlsx")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    rows = scan(office, archive((link, b"/etc/passwd"), ("表.xlsx", filled(survey, lectures=5))))
    assert {(row["file"], row["status"], row["reason_code"]) for row in rows} == {
        ("部门/包.zip!链接.xlsx", "skipped", "S104"),
        ("部门/包.zip!表.xlsx", "loaded", ""),
    }


def test_names_that_are_the_same_are_numbered(office: Office, survey: Survey) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = archive(
            ("表.xlsx", filled(survey, lectures=5)), ("表.xlsx", filled(survey, lectures=6))
        )
    files = sorted(str(row["file"]) for row in scan(office, data))
    assert files == ["部门/包.zip!表.xlsx", "部门/包.zip!表.xlsx（2）"]


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_the_name_in_unicode_that_some_programs_add_wins(office: Office, encoding: str) -> None:
    raw = "縣局.csv".encode(encoding)
    info = zipfile.ZipInfo("N" * len(raw))
    name = "縣局.csv".encode()
    info.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, zlib.crc32(raw)) + name
    data = archive((info, b"a,b\n")).replace(b"N" * len(raw), raw)
    assert [row["file"] for row in scan(office, data)] == ["部门/包.zip!縣局.csv"]


def test_an_archive_with_something_after_it(office: Office, survey: Survey) -> None:
    rows = scan(office, archive(("表.xlsx", filled(survey, lectures=5))) + b"\0" * 300)
    assert [row["status"] for row in rows] == ["loaded"]


def test_an_archive_of_the_large_kind(office: Office, survey: Survey) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new, new.open("表.xlsx", "w", force_zip64=True) as member:
        member.write(filled(survey, lectures=5))
    assert [row["status"] for row in scan(office, out.getvalue())] == ["loaded"]


def test_documents_in_an_archive_are_not_opened_as_archives(office: Office) -> None:
    (row,) = scan(office, archive(("版式.ofd", packed({"OFD.xml": "<x/>"}))))
    assert (row["file"], row["reason_code"]) == ("部门/包.zip!版式.ofd", "K405")


@pytest.mark.parametrize("data", [b"PK\x03\x04 broken", b"PK\x07\x08 first of several volumes"])
def test_broken_archives_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        sniff(data)


def test_an_opendocument_table_with_a_password_is_refused() -> None:
    from pipelines.intake.formats.workbooks import read_sheets

    locked = packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<m><file-entry><encryption-data/></file-entry></m>",
            "content.xml": "scrambled",
        }
    )
    with pytest.raises(EncryptedFileError):
        read_sheets(locked, sniff(locked))
