"""Zip packages with fixed bytes: entries compressed once and reused, names in any encoding.

A workbook is a zip of parts, most of which are the same in every copy.  The standard library
compresses each part anew and cannot write the GBK names that Chinese archivers write.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_VERSION = 20
_DEFLATED = 8
_UTF8_NAMES = 0x800
#: 1980-01-01 00:00, the first date a zip can hold.
_TIME, _DATE = 0, 0x21


@dataclass(frozen=True, slots=True)
class Part:
    """One compressed entry."""

    name: str
    size: int
    crc: int
    packed: bytes

    @classmethod
    def of(cls, name: str, data: bytes, level: int = 6) -> Part:
        deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
        return cls(name, len(data), zlib.crc32(data), deflate.compress(data) + deflate.flush())


def pack(parts: Iterable[Part], names: str = "utf-8") -> bytes:
    """A zip of the parts in their order; ``names`` is the encoding of entry names."""
    flags = _UTF8_NAMES if names == "utf-8" else 0
    body = bytearray()
    directory = bytearray()
    count = 0
    for part in parts:
        name = part.name.encode(names)
        shared = (_VERSION, flags, _DEFLATED, _TIME, _DATE, part.crc, len(part.packed), part.size)
        directory += _CENTRAL.pack(
            b"PK\1\2", _VERSION, *shared, len(name), 0, 0, 0, 0, 0, len(body)
        )
        directory += name
        body += _LOCAL.pack(b"PK\3\4", *shared, len(name), 0)
        body += name
        body += part.packed
        count += 1
    end = _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), len(body), 0)
    return bytes(body + directory + end)
