"""Name the formats that the line does not read, by their content, and say what to send instead."""

from __future__ import annotations

import struct
from collections.abc import Collection
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from pipelines.errors import UnsupportedFormatError
from pipelines.survey.documents import YamlDocument

#: Enough of a file to tell a signature from.
_HEAD = 33000
#: First byte of a dBase table, without and with memo.
_DBASE = frozenset({0x02, 0x03, 0x30, 0x31, 0x43, 0x83, 0x8B, 0xF5})


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: str


class Signature(_Named):
    """Bytes at a place of a file."""

    text: str = ""
    hex: str = ""
    at: int = 0
    #: Anywhere from ``at`` up to here.
    within: int = 0
    #: Letters that a text may begin with as well: a zero byte must stand nearby.
    binary: bool = False

    @property
    def magic(self) -> bytes:
        return bytes.fromhex(self.hex) if self.hex else self.text.encode("latin-1")

    def matches(self, head: bytes) -> bool:
        """Whether a file that begins with ``head`` is of this format."""
        if self.binary and b"\x00" not in head[:512]:
            return False
        if self.within:
            return self.magic in head[self.at : self.within]
        return head.startswith(self.magic, self.at)


class StreamSign(_Named):
    stream: str


class PartSign(_Named):
    part: str


class MimetypeSign(_Named):
    mimetype: str


class Foreign(BaseModel):
    """The whole of ``foreign.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    advice: dict[str, str]
    signatures: tuple[Signature, ...]
    streams: tuple[StreamSign, ...]
    parts: tuple[PartSign, ...]
    mimetypes: tuple[MimetypeSign, ...]

    @model_validator(mode="after")
    def _kinds_have_advice(self) -> Foreign:
        named = (*self.signatures, *self.streams, *self.parts, *self.mimetypes)
        unknown = {one.kind for one in named} - self.advice.keys()
        if unknown:
            raise ValueError(f"no advice for {sorted(unknown)}")
        if any(not one.magic for one in self.signatures):
            raise ValueError("a signature without bytes")
        return self


@cache
def foreign() -> Foreign:
    """The reviewed signatures; read once a process."""
    document = YamlDocument(Path(__file__).with_name("foreign.yaml"))
    return document.model(Foreign, document.data)


def refuse_by_signature(data: bytes) -> None:
    """Raise UnsupportedFormatError when the file is of a known foreign format."""
    head = data[:_HEAD]
    for sign in foreign().signatures:
        if sign.matches(head):
            raise refusal(sign)
    if _is_dbase(head):
        raise refusal(Signature(name="dBase 数据库表（.dbf）", kind="database", text="."))


def refuse_by_stream(names: Collection[str]) -> None:
    """The same for an OLE2 compound file, by its streams."""
    for sign in foreign().streams:
        if sign.stream in names:
            raise refusal(sign)


def refuse_by_part(names: Collection[str]) -> None:
    """The same for a zip package, by its parts; ``names`` are in lower case."""
    for sign in foreign().parts:
        if any(name.startswith(sign.part) for name in names):
            raise refusal(sign)


def refuse_by_mimetype(mimetype: str) -> None:
    """The same for a package that names its type."""
    for sign in foreign().mimetypes:
        if sign.mimetype in mimetype:
            raise refusal(sign)


def is_known_package(names: Collection[str]) -> bool:
    """Whether a zip is a document of a foreign format rather than an archive of files."""
    return any(name.startswith(sign.part) for sign in foreign().parts for name in names)


def refusal(sign: _Named) -> UnsupportedFormatError:
    space = " " if sign.name[0].isascii() else ""
    return UnsupportedFormatError(f"文件是{space}{sign.name}", foreign().advice[sign.kind])


def advice_for(kind: str) -> str:
    """What to send instead of a file of this kind."""
    return foreign().advice[kind]


def _is_dbase(head: bytes) -> bool:
    """A dBase table: its version, a date, and a header whose length its fields account for."""
    if len(head) < 32 or head[0] not in _DBASE:
        return False
    month, day = head[2], head[3]
    (length,) = struct.unpack_from("<H", head, 8)
    return 1 <= month <= 12 and 1 <= day <= 31 and length >= 33 and (length - 1) % 32 in (0, 7, 8)
