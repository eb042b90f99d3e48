"""The text of a Word paragraph as it is seen, and what is not certain about it."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from pipelines.intake.formats.documents import raised
from pipelines.intake.formats.xmltree import attribute, local

#: Left unread: text nobody sees, and objects.
_SKIPPED = frozenset(
    {"instrText", "delInstrText", "drawing", "pict", "object", "rt", "txbxContent", "pPr",
     "footnoteReference", "endnoteReference", "commentReference", "Fallback"}
)  # fmt: skip
_SIGNS = {
    "tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-",
}  # fmt: skip
_INSERTED, _DELETED = frozenset({"ins", "moveTo"}), frozenset({"del", "moveFrom"})
#: Signs of symbol fonts that stand for check boxes.
_SYMBOLS = {
    "wingdings": {0xFC: "√", 0xFE: "☑", 0xFD: "☒", 0xA8: "□", 0x6F: "□", 0xFB: "×"},
    "wingdings 2": {0x50: "√", 0x52: "☑", 0x53: "☒", 0xA3: "□", 0x2A: "□", 0x54: "☒"},
}
_BOX_CHECKED, _BOX_EMPTY = "☑", "□"


class CellText:
    """What a paragraph says: ``text`` with revisions accepted, ``original`` with them rejected."""

    def __init__(self, paragraph: ET.Element) -> None:
        self.text = ""
        self.original = ""
        self.revised = False
        self.struck = False
        self.has_equation = False
        self._walk(paragraph, kept=True, before=True)

    def _walk(self, node: ET.Element, kept: bool, before: bool) -> None:
        for child in node:
            name = local(child.tag)
            if name in _SKIPPED:
                continue
            if name == "r":
                self._run(child, kept, before)
            elif name in _INSERTED:
                self._revised(child)
                self._walk(child, kept, before=False)
            elif name in _DELETED:
                self._revised(child)
                self._walk(child, kept=False, before=before)
            elif name in ("oMath", "oMathPara"):
                self.has_equation = True
                self._say("".join(t.text or "" for t in child.iter() if local(t.tag) == "t"))
            else:
                self._walk(child, kept, before)

    def _revised(self, node: ET.Element) -> None:
        self.revised = self.revised or any(
            local(part.tag) in ("t", "delText", "sym") and part.text for part in node.iter()
        )

    def _run(self, run: ET.Element, kept: bool, before: bool) -> None:
        properties = next((node for node in run if local(node.tag) == "rPr"), None)
        marks = {local(m.tag): m for m in properties} if properties is not None else {}
        if is_on(marks.get("vanish")):
            return
        text = "".join(_sign(node) for node in run)
        shift = attribute(marks["vertAlign"], "val") if "vertAlign" in marks else ""
        if shift in ("superscript", "subscript"):
            text = raised(text, shift == "subscript")
        if kept and text.strip() and (is_on(marks.get("strike")) or is_on(marks.get("dstrike"))):
            self.struck = True
        self._say(text, kept, before)
        for node in run:
            # Fields and the like may hold runs of their own.
            if local(node.tag) in ("AlternateContent", "ruby", "rubyBase"):
                self._walk(node, kept, before)

    def _say(self, text: str, kept: bool = True, before: bool = True) -> None:
        if kept:
            self.text += text
        if before:
            self.original += text


def is_on(mark: ET.Element | None) -> bool:
    """Whether a property that is either on or off is on."""
    return mark is not None and attribute(mark, "val") not in ("0", "false", "off", "none")


def _sign(node: ET.Element) -> str:
    """The text of one part of a run."""
    name = local(node.tag)
    if name in ("t", "delText"):
        return node.text or ""
    if name == "sym":
        return _symbol(node)
    if name == "fldChar":
        return _form_box(node)
    return _SIGNS.get(name, "")


def _symbol(node: ET.Element) -> str:
    try:
        code = int(attribute(node, "char"), 16)
    except ValueError:
        return ""
    font = _SYMBOLS.get(attribute(node, "font").lower())
    # Symbol fonts are addressed from U+F000.
    return font.get(code & 0xFF, "") if font else chr(code & 0xFFFF)


def _form_box(node: ET.Element) -> str:
    """The box that an old form field shows."""
    box = next((part for part in node.iter() if local(part.tag) == "checkBox"), None)
    if box is None:
        return ""
    states = {local(part.tag): is_on(part) for part in box}
    return _BOX_CHECKED if states.get("checked", states.get("default", False)) else _BOX_EMPTY
