"""Look into zip archives without ever writing to disk, within limits.

Members are addressed by their index path, so a name that climbs out of the folder
(``../../x``) is only a strange label.
"""

from __future__ import annotations

import io
import struct
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
)
from pipelines.intake.vocabulary import vocabulary

_UTF8_FLAG = 0x800
_ENCRYPTED_FLAG = 0x1
#: Magic, length of the name, length of the extra field.
_LOCAL_HEADER = struct.Struct("<4s22xHH")
OFFICE_PARTS = ("[Content_Types].xml", "mimetype")


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive."""

    index: int
    name: str
    size: int


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
    return not any(name in archive.namelist() for name in OFFICE_PARTS)


def members(archive: zipfile.ZipFile) -> Iterator[Member]:
    """The files of an archive in name order; raises when the archive is hostile or empty."""
    limits = vocabulary().limits
    infos = [(n, info) for n, info in enumerate(archive.infolist()) if not info.is_dir()]
    if not infos:
        raise EmptyFileError("压缩包里没有文件")
    if len(infos) > limits.archive_members:
        raise OversizedFileError(
            f"压缩包里有 {len(infos)} 个文件，超过 {limits.archive_members} 个"
        )
    if sum(info.file_size for _, info in infos) > limits.archive_bytes:
        raise OversizedFileError("压缩包解开后过大")
    found = [Member(n, member_name(info), info.file_size) for n, info in infos]
    yield from sorted(found, key=lambda member: (member.name, member.index))


def member_name(info: zipfile.ZipInfo) -> str:
    """The name as the sender sees it: Chinese Windows writes GBK without saying so."""
    name = info.filename
    if not info.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", errors="replace")
        name = _decoded(raw) or name
    return name.replace("\\", "/").lstrip("/")


def read_member(archive: zipfile.ZipFile, index: int) -> bytes:
    """The content of a member, bounded; raises UnreadableFileError's kinds."""
    info = archive.infolist()[index]
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise EncryptedFileError("压缩包设有密码")
    guard_ratio(info)
    try:
        return _content(archive, info)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
    ) as error:
        raise CorruptFileError("压缩包中的文件解不开") from error


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


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""
