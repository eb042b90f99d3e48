"""A new workbook file: what every workbook that we write has in common.

The same content gives the same bytes; the properties say the title, the office and the language;
a look is one format object, however many cells have it.
"""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.errors import Place, PublicationError
from pipelines.publish.table_model import Number
from pipelines.warehouse.packing import Part, pack
from pipelines.warehouse.publication import write_atomically

#: Workbooks carry a creation time; ours is fixed so that the same data give the same bytes.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_OPTIONS: Mapping[str, Any] = {"strings_to_formulas": False, "strings_to_urls": False}
_CORE = "docProps/core.xml"
#: Points that a line of 10.5 pt takes, and what a row has above and below its text.
_LINE, _PADDING = 14.0, 5.0


class Styles:
    """One format object a look: xlsxwriter writes each object once."""

    def __init__(self, book: Any, **base: Any) -> None:
        self._book = book
        self._base = {"valign": "vcenter", **base}
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def __call__(self, **look: Any) -> Any:
        key = tuple(sorted((self._base | look).items()))
        if key not in self._formats:
            self._formats[key] = self._book.add_format(dict(key))
        return self._formats[key]


@contextlib.contextmanager
def excel_book(
    path: Path,
    title: str,
    office: str,
    *,
    language: str = "zh-CN",
    font: str = "",
    **properties: str,
) -> Iterator[Any]:
    """A new workbook at ``path``; raises PublicationError where it cannot be written.

    ``font`` is the normal one, by whose digits columns are measured.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    told: Mapping[str, Any] = {
        "title": title, "author": office, "company": office, "created": _CREATED, **properties,
    }  # fmt: skip
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        normal = {"default_format_properties": {"font_name": font, "font_size": 11}} if font else {}
        book = xlsxwriter.Workbook(str(path), {**_OPTIONS, **normal})
        book.set_properties(told)
        yield book
        book.close()
        _say_language(path, language)
    except (OSError, XlsxWriterException) as error:
        raise PublicationError(
            f"{path.stem}写不出（{error}）", "请关闭正在打开的同名文件后重试", Place(file=path.name)
        ) from error


def _say_language(path: Path, language: str) -> None:
    """Beside the other properties: xlsxwriter has none for the language."""
    end = b"</cp:coreProperties>"
    said = f"<dc:language>{language}</dc:language>".encode() + end
    with zipfile.ZipFile(path) as written:
        parts = {name: written.read(name) for name in written.namelist()}
    parts[_CORE] = parts[_CORE].replace(end, said)
    write_atomically(path, pack(Part.of(name, data) for name, data in parts.items()))


def number_format(cell: Number, *, marked: bool = True) -> str:
    """Thousands, the decimals that are printed, the sign of a change, the mark behind a figure."""
    digits = "#,##0" + (f".{'0' * cell.decimals}" if cell.decimals else "")
    digits += f'"{cell.mark}"' if cell.mark and marked else ""
    return f"+{digits};-{digits};{digits}" if cell.signed else digits


def columns_of(text: str) -> int:
    """Widths of Latin letters: a Chinese character takes two."""
    return sum(1 if character < "\u2e80" else 2 for character in text)


def lines_in(text: str, width: float, *, size: float = 10.5) -> int:
    """Lines that a wrapped text takes in a column; a line seldom fills to its end."""
    room = max(2.0, (width - 1) * 10.5 / size)
    return max(1, -int(-columns_of(text) // room))


def height_of(lines: int, *, size: float = 10.5) -> float:
    """Of a row; nothing fits a wrapped row for a reader that does not lay out."""
    return _PADDING + _LINE * lines * size / 10.5
