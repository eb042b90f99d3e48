"""The 查询单 of a county or a department in one package to send on, with a cover list in front."""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.checks.letter import unit_of
from pipelines.checks.questions import Asked
from pipelines.checks.sheets import new_book, words
from pipelines.warehouse.publication import storage_errors

FOLDER = "打包转发"
COVER_LIST = "封面清单.xlsx"
_DATE = (1980, 1, 1, 0, 0, 0)
_WIDTHS = (6, 36, 48, 40, 9, 10, 10)
_LOOKS = ("centre", "text", "text", "text", *["number"] * 3)


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that was written; ``folders`` lead to it below the folder of all letters."""

    path: Path
    folders: tuple[str, ...]
    asked: Asked


def write_bundles(folder: Path, sent: Sequence[Sent], deadline: str) -> list[Path]:
    """One .zip a county or department, named by it, under ``folder``/打包转发."""
    groups: dict[tuple[str, ...], list[Sent]] = defaultdict(list)
    for one in sent:
        groups[one.folders].append(one)
    written = []
    for folders, letters in sorted(groups.items()):
        path = folder.joinpath(FOLDER, folders[0], "".join(folders[1:]) or "地区不明")
        path = path.with_name(f"{path.name}.zip")
        _write(path, letters, deadline)
        written.append(path)
    return written


def _write(path: Path, letters: Sequence[Sent], deadline: str) -> None:
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w") as out:
            members = [(COVER_LIST, _cover_list(path.stem, letters, deadline))]
            members += [(one.path.name, one.path.read_bytes()) for one in letters]
            for name, data in members:
                info = zipfile.ZipInfo(name, _DATE)
                info.external_attr = 0o600 << 16
                out.writestr(info, data)


def _cover_list(name: str, letters: Sequence[Sent], deadline: str) -> bytes:
    """Which letters lie in the package, for whom, and how much is asked of each."""
    said = words().bundle
    buffer = io.BytesIO()
    year = letters[0].asked.year
    simulated = any(one.asked.simulated for one in letters)
    with new_book(buffer, said["title"].format(year=year, name=name), simulated=simulated) as book:
        sheet = book.sheet(said["sheet"], _WIDTHS)
        sheet.write_string(0, 0, said["title"].format(year=year, name=name), book.formats["title"])
        by = said["deadline"].format(deadline=deadline) if deadline else said["deadline_unknown"]
        sheet.write_string(1, 0, by, book.formats["line_plain"])
        sheet.write_string(2, 0, said["todo"], book.formats["line_plain"])
        rows = [
            [
                number, _unit(one.asked), one.path.name, one.asked.file, len(one.asked.questions),
                sum(not question.closable for question in one.asked.questions),
                len(one.asked.changes),
            ]
            for number, one in enumerate(letters, 1)
        ]  # fmt: skip
        book.list(sheet, 3, said["headers"].split(" "), rows, _LOOKS)
    return buffer.getvalue()


def _unit(asked: Asked) -> str:
    if len(asked.returns) == 1:
        return unit_of(asked.returns[0])
    return words().letter["several"].format(count=len(asked.returns))
