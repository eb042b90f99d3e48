"""The styles part: cell styles with a fill and border of ours, and the looks of our sheets."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipelines.checks.letters.xmledit import Element, Part, UneditableError, attributes

#: The fill of a cell that is asked about.
HIGHLIGHT = "FFFFD966"
_INK, _LINE, _HEAD, _ENTRY, _MARK = "FF1F2933", "FF9AA5B1", "FFE8EDF2", "FFFFF9DB", "FFC8452D"
#: Both a fill and a border: conditional formats of the form may paint over a fill.
_REPLACED = re.compile(r'\s(?:fillId|borderId|applyFill|applyBorder)\s*=\s*(?:"[^"]*"|\'[^\']*\')')

_FONTS = {
    "plain": ("宋体", "10.5", _INK),
    "title": ("黑体", "16", _INK),
    "head": ("黑体", "10.5", _INK),
    "mark": ("黑体", "10.5", _MARK),
}
_FILLS = {"": None, "head": _HEAD, "entry": _ENTRY}
#: font, fill, bordered, number format, horizontal alignment, wrapped, unlocked
_LOOKS: dict[str, tuple[str, str, bool, int, str, bool, bool]] = {
    "title": ("title", "", False, 0, "left", False, False),
    "line": ("plain", "", False, 0, "left", True, False),
    "mark": ("mark", "", False, 0, "left", False, False),
    "header": ("head", "head", True, 0, "center", True, False),
    "text": ("plain", "", True, 49, "left", True, False),
    "strong": ("mark", "", True, 49, "center", True, False),
    "centre": ("plain", "", True, 0, "center", True, False),
    "whole": ("plain", "", True, 3, "right", False, False),
    "decimal": ("plain", "", True, 4, "right", False, False),
    "percent": ("plain", "", True, 10, "right", False, False),
    "entry": ("plain", "entry", True, 49, "left", True, True),
}


class Styles:
    """Adds styles to a styles part; every style is added once."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._lists = {name: self._list(name) for name in ("fonts", "fills", "borders", "cellXfs")}
        self._counts = {
            name: sum(one.parent is element for one in part.elements)
            for name, element in self._lists.items()
        }
        self._new: dict[str, list[str]] = {name: [] for name in self._lists}
        self._made: dict[tuple[str, str | int], int] = {}
        self._styles = [one for one in part.elements if one.parent is self._lists["cellXfs"]]

    def highlighted(self, style: int) -> int:
        """The style of a cell with our fill and border instead of its own."""
        return self._once("highlight", style, lambda: self._clone(style))

    def look(self, name: str) -> int:
        """A look of our own sheets."""
        return self._once("look", name, lambda: self._look(name))

    def finish(self) -> None:
        """Write what was added into the part."""
        for name, element in self._lists.items():
            if self._new[name]:
                count = self._counts[name]
                inner = self._part.data[element.inner : element.last].decode()
                tag = attributes({**element.attributes, "count": str(count)})
                body = inner if not element.is_empty_tag else ""
                self._part.replace(
                    element,
                    f"<{element.qualified}{tag}>{body}{''.join(self._new[name])}"
                    f"</{element.qualified}>",
                )

    def _list(self, name: str) -> Element:
        found = self._part.first(name, self._part.root)
        if found is None:
            raise UneditableError(f"styles without {name}")
        return found

    def _once(self, kind: str, key: str | int, make: Callable[[], int]) -> int:
        if (kind, key) not in self._made:
            self._made[kind, key] = make()
        return self._made[kind, key]

    def _add(self, name: str, xml: str) -> int:
        self._new[name].append(xml)
        self._counts[name] += 1
        return self._counts[name] - 1

    def _clone(self, style: int) -> int:
        fill = self._once("fill", HIGHLIGHT, lambda: self._add("fills", self._fill(HIGHLIGHT)))
        border = self._once(
            "border", _MARK, lambda: self._add("borders", self._border("medium", _MARK))
        )
        if not self._styles:
            raise UneditableError("no cell styles")
        element = self._styles[style if style < len(self._styles) else 0]
        xml = self._part.raw(element).decode()
        tag_end = element.inner - element.start
        tag = self._part.data[element.start : element.inner].decode()
        rest = xml.encode()[tag_end:].decode()
        name = f"<{element.qualified}"
        own = f' fillId="{fill}" borderId="{border}" applyFill="1" applyBorder="1"'
        tag = name + own + _REPLACED.sub("", tag)[len(name) :]
        return self._add("cellXfs", tag + rest)

    def _look(self, name: str) -> int:
        font, fill, bordered, number, horizontal, wrapped, unlocked = _LOOKS[name]
        p = self._part.prefix
        font_id = self._once("font", font, lambda: self._add("fonts", self._font(*_FONTS[font])))
        color = _FILLS[fill]
        fill_id = (
            self._once("fill", color, lambda: self._add("fills", self._fill(color))) if color else 0
        )
        border_id = self._once(
            "border", bordered, lambda: self._add("borders", self._border("thin" * bordered, _LINE))
        )
        values = {
            "numFmtId": str(number), "fontId": str(font_id), "fillId": str(fill_id),
            "borderId": str(border_id), "xfId": "0", "applyNumberFormat": "1", "applyFont": "1",
            "applyFill": "1", "applyBorder": "1", "applyAlignment": "1", "applyProtection": "1",
        }  # fmt: skip
        aligned = {"horizontal": horizontal, "vertical": "top" if wrapped else "center"}
        if wrapped:
            aligned["wrapText"] = "1"
        return self._add(
            "cellXfs",
            f"<{p}xf{attributes(values)}><{p}alignment{attributes(aligned)}/>"
            f'<{p}protection locked="{0 if unlocked else 1}"/></{p}xf>',
        )

    def _font(self, name: str, size: str, color: str) -> str:
        p = self._part.prefix
        return (
            f'<{p}font><{p}sz val="{size}"/><{p}color rgb="{color}"/><{p}name val="{name}"/>'
            f"</{p}font>"
        )

    def _fill(self, color: str) -> str:
        p = self._part.prefix
        return (
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="{color}"/>'
            f'<{p}bgColor indexed="64"/></{p}patternFill></{p}fill>'
        )

    def _border(self, style: str, color: str) -> str:
        """All four sides of a line; none for the style ""."""
        p = self._part.prefix
        line = f' style="{style}"><{p}color rgb="{color}"/>' if style else ">"
        sides = "".join(
            f"<{p}{side}{line}</{p}{side}>" for side in ("left", "right", "top", "bottom")
        )
        return f"<{p}border>{sides}<{p}diagonal/></{p}border>"
