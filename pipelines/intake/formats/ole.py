"""Read OLE2 compound files (the container of .xls and of encrypted .xlsx): names and streams."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from pipelines.errors import CorruptFileError

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # this and above are not sector numbers
_ENTRY = 128
_ROOT = 5


class CompoundFile:
    """The directory and streams of an OLE2 file; raises CorruptFileError when it is not whole."""

    def __init__(self, data: bytes) -> None:
        if len(data) < 512 or not data.startswith(MAGIC):
            raise CorruptFileError("文件头不完整")
        self._data = data
        try:
            self._read_header()
        except (struct.error, IndexError) as error:
            raise CorruptFileError("文件内部结构已损坏") from error

    def _read_header(self) -> None:
        data = self._data
        shift: int
        mini_shift: int
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise CorruptFileError("文件内部结构已损坏")
        self._sector, self._mini_sector = 1 << shift, 1 << mini_shift
        directory, self._cutoff, mini_fat, _, difat, difat_count = struct.unpack_from(
            "<I4xIIIII", data, 48
        )
        table = list(struct.unpack_from("<109I", data, 76))
        per_sector = self._sector // 4
        for _ in range(difat_count):
            if difat >= _END:
                break
            more = struct.unpack_from(f"<{per_sector}I", data, self._offset(difat))
            table.extend(more[:-1])
            difat = more[-1]
        self._fat: list[int] = []
        for sector in table:
            if sector < _END:
                self._fat.extend(struct.unpack_from(f"<{per_sector}I", data, self._offset(sector)))
        listing = self._chain(directory)
        self._entries = self._directory(listing)
        self._root_names = frozenset(_names_in_root(listing))
        raw = self._chain(mini_fat) if mini_fat < _END else b""
        self._mini_fat = struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4])
        root = self._entries.get("Root Entry")
        self._mini = self._chain(root[0]) if root and root[0] < _END else b""

    @property
    def names(self) -> frozenset[str]:
        """Names of all streams and storages."""
        return frozenset(self._entries)

    @property
    def root_names(self) -> frozenset[str]:
        """Names that stand in the root, not in an object embedded in the file."""
        return self._root_names

    def stream(self, name: str) -> bytes:
        """The content of a stream."""
        start, size = self._entries[name]
        try:
            if size < self._cutoff and name != "Root Entry":
                return self._mini_chain(start)[:size]
            return self._chain(start)[:size]
        except (struct.error, IndexError) as error:
            raise CorruptFileError("文件内部结构已损坏") from error

    def _offset(self, sector: int) -> int:
        return (sector + 1) * self._sector

    def _chain(self, sector: int) -> bytes:
        parts, seen = [], 0
        while sector < _END:
            seen += 1
            if sector >= len(self._fat) or seen > len(self._fat):
                raise CorruptFileError("文件内部结构已损坏")
            start = self._offset(sector)
            parts.append(self._data[start : start + self._sector])
            sector = self._fat[sector]
        return b"".join(parts)

    def _mini_chain(self, sector: int) -> bytes:
        parts, seen = [], 0
        while sector < _END:
            seen += 1
            if sector >= len(self._mini_fat) or seen > len(self._mini_fat):
                raise CorruptFileError("文件内部结构已损坏")
            start = sector * self._mini_sector
            parts.append(self._mini[start : start + self._mini_sector])
            sector = self._mini_fat[sector]
        return b"".join(parts)

    @staticmethod
    def _directory(raw: bytes) -> dict[str, tuple[int, int]]:
        entries: dict[str, tuple[int, int]] = {}
        for start in range(0, len(raw) - _ENTRY + 1, _ENTRY):
            length, kind = struct.unpack_from("<HB", raw, start + 64)
            if kind and 2 <= length <= 64:
                name = raw[start : start + length - 2].decode("utf-16-le", "replace")
                first, size = struct.unpack_from("<II", raw, start + 116)
                entries.setdefault(name, (first, size))
        return entries


def _names_in_root(listing: bytes) -> Iterator[str]:
    """Follow the tree of names under the root; each entry knows those before and after it."""
    count = len(listing) // _ENTRY
    roots = [n for n in range(count) if listing[n * _ENTRY + 66] == _ROOT]
    waiting = [struct.unpack_from("<I", listing, n * _ENTRY + 76)[0] for n in roots[:1]]
    seen: set[int] = set()
    while waiting:
        entry = waiting.pop()
        if entry >= count or entry in seen:
            continue
        seen.add(entry)
        start = entry * _ENTRY
        length, before, after = struct.unpack_from("<H2x2I", listing, start + 64)
        if 2 <= length <= 64:
            yield listing[start : start + length - 2].decode("utf-16-le", "replace")
        waiting += [before, after]
