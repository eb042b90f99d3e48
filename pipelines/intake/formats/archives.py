"""Look into zip archives without ever writing to disk, within limits.

Members are addressed by their index path, so a name that climbs out of the folder
(``../../x``) is only a strange label.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipelines.errors import (
    CorruptFileError,
    EmptyFileError,
    EncryptedFileError,
    OversizedFileError,
    UnsupportedFormatError,
)
from pipelines.intake.formats.foreign import advice_for, is_known_package
from pipelines.intake.vocabulary import vocabulary
from pipelines.warehouse.layout import legible

_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
#: Magic, length of the name, length of the extra field.
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_UNICODE_NAME, _CRC = 0x7075, struct.Struct("<I")
OFFICE_PARTS = ("[Content_Types].xml", "mimetype")


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive."""

    index: int
    name: str
    size: int
    is_link: bool = False


@lru_cache(maxsize=1)
def open_zip(data: bytes) -> zipfile.ZipFile:
    """The archive in ``data``; raises CorruptFileError.

    The last one is kept: sniffing, reading and the next member of an archive ask for the same.
    """
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise CorruptFileError("压缩结构已损坏") from error


def is_archive(archive: zipfile.ZipFile) -> bool:
    """Whether a zip holds files to be read one by one, rather than being an office document."""
    names = archive.namelist()
    if any(name in names for name in OFFICE_PARTS):
        return False
    return not is_known_package({part_name(name) for name in names})


class Allowance:
    """What one received file may swell to in all, through archives within it."""

    def __init__(self) -> None:
        limits = vocabulary().limits
        self._bytes, self._members = limits.archive_bytes, limits.archive_members

    def spend(self, members: int, size: int) -> None:
        """Take from what is left; raises OversizedFileError when it is not enough."""
        self._bytes -= size
        self._members -= members
        if self._members < 0:
            most = vocabulary().limits.archive_members
            raise OversizedFileError(f"压缩包里的文件超过 {most} 个")
        if self._bytes < 0:
            raise OversizedFileError("压缩包解开后过大，疑似“压缩炸弹”")


def members(archive: zipfile.ZipFile, allowance: Allowance) -> Iterator[Member]:
    """The files of an archive in name order; raises when the archive is hostile or empty."""
    infos = [(n, info) for n, info in enumerate(archive.infolist()) if not info.is_dir()]
    if not infos:
        raise EmptyFileError("压缩包里没有文件")
    allowance.spend(len(infos), sum(info.file_size for _, info in infos))
    guard_overlap(archive)
    found = [Member(n, member_name(info), info.file_size, is_link(info)) for n, info in infos]
    yield from sorted(found, key=lambda member: (member.name, member.index))


def member_name(info: zipfile.ZipInfo) -> str:
    """The name as the sender sees it: Chinese Windows writes GBK without saying so."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", errors="replace")
        name = _unicode_name(info.extra, raw) or _decoded(raw) or name
    name = unicodedata.normalize("NFC", name)
    return legible(name).replace("\\", "/").lstrip("/")


def is_link(info: zipfile.ZipInfo) -> bool:
    """Whether a member is a link, whose content would be a path and not a file."""
    return stat.S_ISLNK(info.external_attr >> 16)


def part_name(name: str) -> str:
    """The name of a part for comparison: some writers turn the slashes or change the case."""
    return name.replace("\\", "/").lstrip("/").lower()


def read_member(archive: zipfile.ZipFile, index: int) -> bytes:
    """The content of a member, bounded; raises UnreadableFileError's kinds."""
    info = archive.infolist()[index]
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise EncryptedFileError("压缩包设有密码")
    guard_ratio(info)
    try:
        return _content(archive, info)
    except NotImplementedError as error:
        raise UnsupportedFormatError("压缩包用了少见的压缩方法", advice_for("archive")) from error
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        lzma.LZMAError,
    ) as error:
        raise CorruptFileError("压缩包中的文件解不开") from error


def guard_overlap(archive: zipfile.ZipFile) -> None:
    """Refuse an archive whose files share bytes: each would be packed once and swell many times."""
    end = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise OversizedFileError("压缩包里的文件互相重叠，疑似“压缩炸弹”")
        end = info.header_offset + _LOCAL_HEADER.size + len(info.orig_filename) + info.compress_size


def guard_ratio(info: zipfile.ZipInfo) -> None:
    """Refuse a member that swells beyond what spreadsheets do."""
    limits = vocabulary().limits
    if info.file_size > limits.file_bytes:
        raise OversizedFileError(f"解开后有 {info.file_size} 字节，不可能是报表")
    swollen = info.file_size > limits.ratio_from_bytes
    if swollen and info.file_size > limits.ratio * max(info.compress_size, 1):
        raise OversizedFileError("压缩比异常，疑似“压缩炸弹”")


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """What ``archive.read`` gives, for deflated members at half its cost: it reads by pieces."""
    if archive.fp is None or info.compress_type != zipfile.ZIP_DEFLATED or not info.file_size:
        return archive.read(info)
    archive.fp.seek(info.header_offset)
    header = archive.fp.read(_LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size:
        raise zipfile.BadZipFile("truncated member")
    magic, name, extra = _LOCAL_HEADER.unpack(header)
    if magic != b"PK\x03\x04":
        raise zipfile.BadZipFile("bad member header")
    archive.fp.seek(name + extra, io.SEEK_CUR)
    packed = archive.fp.read(info.compress_size)
    content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, info.file_size)
    if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
        raise zipfile.BadZipFile("bad checksum")
    return content


def _unicode_name(extra: bytes, raw: bytes) -> str:
    """The name that some programs add in UTF-8 beside the one in the sender's code page."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + length]
        if kind == _UNICODE_NAME and length > 5 and field[1:5] == _CRC.pack(zlib.crc32(raw)):
            try:
                return field[5:].decode("utf-8")
            except UnicodeDecodeError:
                return ""
        at += 4 + length
    return ""


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""
