"""Write this room's workbooks: one look, fixed bytes, safe names."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import BaseModel, ConfigDict

from pipelines.survey.documents import YamlDocument
from pipelines.warehouse.publication import storage_errors

_INK, _LINE, _HEAD, _FILL, _MARK = "#1F2933", "#9AA5B1", "#E8EDF2", "#FFF9DB", "#C8452D"
_BASE = {"font_name": "宋体", "font_size": 10.5, "font_color": _INK, "valign": "vcenter"}
_CELL = {**_BASE, "border": 1, "border_color": _LINE, "valign": "top", "text_wrap": True}

_FORMATS: dict[str, dict[str, Any]] = {
    "title": {**_BASE, "font_name": "黑体", "font_size": 16},
    "line": {**_BASE, "text_wrap": True, "valign": "top"},
    "line_plain": _BASE,
    "mark": {**_BASE, "font_color": _MARK, "font_name": "黑体"},
    "header": {**_CELL, "font_name": "黑体", "align": "center", "bg_color": _HEAD},
    "text": {**_CELL, "num_format": "@"},
    "strong": {**_CELL, "font_name": "黑体", "font_color": _MARK},
    "centre": {**_CELL, "align": "center"},
    "number": {**_CELL, "num_format": "#,##0.####;-#,##0.####;0", "align": "right"},
    "percent": {**_CELL, "num_format": "0.00%", "align": "right"},
    "entry": {**_CELL, "bg_color": _FILL},
    "good": {**_CELL, "align": "center", "bg_color": "#DDEFE3"},
    "fair": {**_CELL, "align": "center", "bg_color": "#FFF3C4"},
    "poor": {**_CELL, "align": "center", "bg_color": "#F6D5CC"},
}

#: A document needs a date of creation; a fixed one keeps the bytes the same.
_CREATED = datetime(2000, 1, 1)  # noqa: DTZ001  xlsxwriter wants a naive date
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
#: Bytes, not characters: a Chinese character takes three on most file systems.
_NAME_BYTES = 180
#: Height of a line of text.
_LINE_HEIGHT = 15


class ChangeWords(BaseModel):
    """The words of the 变动说明 sheet; ``rule`` is the rule whose findings stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    title: str
    todo: str
    choose: str
    headers: tuple[str, ...]
    reasons: tuple[str, ...]


class QueryWords(BaseModel):
    """The words on the workbooks, as reviewed data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    letter: dict[str, str]
    headers: tuple[str, ...]
    natures: dict[str, str]
    changes: ChangeWords
    bundle: dict[str, str]
    reminders: dict[str, str]
    answers: dict[str, str]
    severities: dict[str, str]
    scopes: dict[str, str]
    statuses: dict[str, str]
    evidences: dict[str, str]


@cache
def words() -> QueryWords:
    document = YamlDocument(Path(__file__).parent / "query_words.yaml")
    return document.model(QueryWords, document.data)


class Book:
    """A workbook being written; ``sheet`` adds a page set up for A4."""

    def __init__(self, workbook: Any, *, simulated: bool = False) -> None:
        self._workbook = workbook
        self._mark = f"&R{words().letter['simulated']}" if simulated else ""
        self._widths: dict[str, Sequence[int]] = {}
        self.formats = {name: workbook.add_format(look) for name, look in _FORMATS.items()}

    def sheet(self, name: str, widths: Sequence[int], *, landscape: bool = True) -> Any:
        sheet = self._workbook.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.6, right=0.6, top=0.7, bottom=0.7)
        # What a printed page is of, and that the data are made up, where they are.
        sheet.set_header(f"&C&A{self._mark}")
        sheet.set_footer("&C第 &P 页 共 &N 页")
        self._widths[name] = widths
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        return sheet

    def list(
        self,
        sheet: Any,
        row: int,
        headers: Sequence[str],
        rows: Sequence[Sequence[Any]],
        looks: Sequence[str],
    ) -> None:
        """A table with a frozen header that is repeated on every printed page."""
        for column, header in enumerate(headers):
            sheet.write_string(row, column, header, self.formats["header"])
        for n, values in enumerate(rows, row + 1):
            for column, (value, look) in enumerate(zip(values, looks, strict=True)):
                self.put(sheet, n, column, value, look)
        # Not every program makes a row as high as its text when it opens the file.
        for n, values in enumerate((headers, *rows), row):
            height = max(map(_lines, values, self._widths[sheet.get_name()]), default=1)
            if height > 1:
                sheet.set_row(n, _LINE_HEIGHT * height)
        sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)
        sheet.print_area(0, 0, row + max(len(rows), 1), len(headers) - 1)

    def put(self, sheet: Any, row: int, column: int, value: Any, look: str) -> None:
        if value is None or value == "":
            sheet.write_blank(row, column, None, self.formats[look])
        elif isinstance(value, str):
            sheet.write_string(row, column, value, self.formats[look])
        else:
            sheet.write_number(row, column, value, self.formats[look])


@contextmanager
def new_book(path: Path | BinaryIO, title: str, *, simulated: bool = False) -> Iterator[Book]:
    """A workbook at ``path``, closed and written when the block ends."""
    import xlsxwriter

    # The library has errors of its own for files it cannot write: it is given none to write.
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"strings_to_formulas": False, "in_memory": True}) as workbook:
        workbook.set_properties({"title": title, "created": _CREATED})
        yield Book(workbook, simulated=simulated)
    if not isinstance(path, Path):
        path.write(made.getvalue())
        return
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.getvalue())


def _lines(value: Any, width: int) -> int:
    """How many lines a text takes in a column; a Chinese character is as wide as two others."""
    if not isinstance(value, str):
        return 1
    wide = [
        sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line)
        for line in value.split("\n")
    ]
    # A wide character that no longer fits leaves its half of the place empty.
    return sum(1 if of_line <= width else -(-of_line // (width - 1)) for of_line in wide)


def safe_name(text: str) -> str:
    """A text as a file name that Windows accepts."""
    plain = _UNSAFE.sub("_", text).strip().strip(".") or "未命名"
    while len(plain.encode()) > _NAME_BYTES:
        plain = plain[:-1]
    return f"_{plain}" if _RESERVED.fullmatch(plain) else plain
