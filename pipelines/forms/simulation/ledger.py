"""Which files a simulation has put into the inboxes, so that the next one replaces only those.

Simulated and real returns never mix: an inbox that holds files of unknown origin is refused, and a
simulated file that a person has changed since is kept.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

from pipelines.errors import Place, StorageError, UsageError, refusal_zh
from pipelines.warehouse import Root

LEDGER = "模拟清单.csv"
#: Left in an inbox by the program itself, to explain the folder.
_EXPLANATION = "说明.txt"


class Ledger:
    """The list beside the inboxes, under ``data/``."""

    def __init__(self, root: Root) -> None:
        self._data = root.path / "data"
        self._root = root
        self._path = self._data / LEDGER

    def start(self, years: Sequence[int]) -> None:
        """Take away what an earlier simulation left; raises UsageError on anything unknown."""
        if self._path.is_file():
            for relative, digest in self._entries():
                path = self._data / relative
                if path.is_file() and _digest(path.read_bytes()) == digest:
                    path.unlink()
            self._path.unlink()
            return
        for year in years:
            inbox = self._root.inbox(year)
            held = (p for p in inbox.rglob("*") if p.is_file() and p.name != _EXPLANATION)
            if inbox.is_dir() and any(held):
                raise UsageError(
                    "收件夹里已有文件，不能放入模拟数据",
                    "请另选一个目录：kepu simulate --root 目录名",
                    Place(file=str(inbox)),
                )

    def put(self, folder: Path, files: Sequence[tuple[str, bytes]]) -> None:
        """Write files under ``folder``, after listing them."""
        try:
            self._data.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8", newline="") as handle:
                writer = csv.writer(handle, lineterminator="\n")
                for path, data in files:
                    relative = (folder / path).relative_to(self._data).as_posix()
                    writer.writerow((relative, _digest(data)))
            for path, data in files:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        except OSError as error:
            raise StorageError(
                f"模拟数据写不进去（{refusal_zh(error)}）",
                "请检查磁盘空间和写权限",
                Place(file=str(folder)),
            ) from error

    def _entries(self) -> list[tuple[str, str]]:
        with self._path.open(encoding="utf-8", newline="") as handle:
            return [(row[0], row[1]) for row in csv.reader(handle) if len(row) == 2]


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
