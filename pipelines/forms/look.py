"""How the workbook looks: fonts, colours, borders, in one place."""

from __future__ import annotations

import datetime
from typing import Any

#: Stored in the properties of every workbook: the same bytes whenever it is written.
CREATED = datetime.datetime(2000, 1, 1)  # noqa: DTZ001 (workbooks know no time zones)

INK = "#1F2933"
GREY = "#8A94A0"
PALE = "#52606D"
LINE = "#9AA5B1"
HEAD = "#E8EDF2"
FILL = "#FFF9DB"
WRONG_FILL = "#F8D7D0"
WRONG_INK = "#A8321D"
NOTE_FILL = "#FDEFC8"
NOTE_INK = "#7A5A00"
MARK = "#C8452D"

SONG = "宋体"
HEI = "黑体"

#: Widths in characters.
COVER_WIDTHS = (30, 52, 40)
FORM_WIDTHS = (44, 10, 11, 17, 14, 56)
GUIDE_WIDTH = 76

_BASE: dict[str, Any] = {
    "font_name": SONG,
    "font_size": 10.5,
    "font_color": INK,
    "valign": "vcenter",
}
_GRID: dict[str, Any] = {**_BASE, "border": 1, "border_color": LINE}
_ENTRY: dict[str, Any] = {**_GRID, "bg_color": FILL, "locked": False}

FORMATS: dict[str, dict[str, Any]] = {
    "plain": _BASE,
    "title": {**_BASE, "font_name": HEI, "font_size": 18, "align": "center"},
    "form_title": {**_BASE, "font_name": HEI, "font_size": 16, "align": "center"},
    "subtitle": {**_BASE, "font_size": 12, "align": "center"},
    "small": {**_BASE, "font_size": 9},
    "small_right": {**_BASE, "font_size": 9, "align": "right"},
    "law": {**_BASE, "font_size": 9, "font_color": PALE, "text_wrap": True},
    "mark": {**_BASE, "font_size": 9, "font_color": MARK},
    "state": {**_BASE, "font_name": HEI, "text_wrap": True},
    "header": {**_GRID, "font_name": HEI, "align": "center", "bg_color": HEAD},
    "header_wrapped": {
        **_GRID,
        "font_name": HEI,
        "align": "center",
        "bg_color": HEAD,
        "text_wrap": True,
    },
    "marks": {**_GRID, "font_size": 9, "align": "center", "font_color": GREY},
    "label": {**_GRID, "text_wrap": True, "indent": 1},
    "total": {**_GRID, "font_name": HEI, "text_wrap": True, "indent": 1},
    "centre": {**_GRID, "align": "center"},
    "hint": {
        **_GRID,
        "font_size": 9,
        "text_wrap": True,
        "valign": "top",
        "font_color": WRONG_INK,
    },
    "count_last_year": {**_GRID, "align": "right", "font_color": PALE, "num_format": "#,##0"},
    "money_last_year": {**_GRID, "align": "right", "font_color": PALE, "num_format": "#,##0.00"},
    "count": {**_ENTRY, "align": "right", "num_format": "#,##0"},
    "money": {**_ENTRY, "align": "right", "num_format": "#,##0.00"},
    # To be keyed in elsewhere: every digit it has.
    "number": {**_ENTRY, "align": "right", "num_format": "General"},
    "text": {**_ENTRY, "num_format": "@", "text_wrap": True, "indent": 1},
    "text_plain": {**_GRID, "num_format": "@"},
    "date": {**_ENTRY, "num_format": "yyyy-mm-dd", "align": "left", "indent": 1},
    # A wrong figure shows every digit it has: 2.5 persons must not read 3.
    "wrong": {
        "bg_color": WRONG_FILL,
        "font_color": WRONG_INK,
        "bold": True,
        "num_format": "General",
    },
    "note": {"bg_color": NOTE_FILL, "font_color": NOTE_INK},
    "guide_title": {**_BASE, "font_name": HEI, "font_size": 16, "align": "center"},
    "guide_head": {**_BASE, "font_name": HEI, "font_size": 11},
    "guide": {**_BASE, "text_wrap": True},
}


class Look:
    """The named formats of one workbook, made when first asked for."""

    def __init__(self, book: Any) -> None:
        book.set_properties({"created": CREATED})
        self._book = book
        self._made: dict[tuple[str, int], Any] = {}

    def __call__(self, name: str, indent: int = 0) -> Any:
        key = (name, indent)
        if key not in self._made:
            extra = {"indent": indent} if indent else {}
            self._made[key] = self._book.add_format({**FORMATS[name], **extra})
        return self._made[key]
