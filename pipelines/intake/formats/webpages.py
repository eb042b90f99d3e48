"""Read the tables of a web page, the form in which portals and Excel 另存为网页 deliver an .xls.

Only what a person would see is read: scripts, hidden elements and unchosen options are not text.
Nothing is fetched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from pipelines.errors import CorruptFileError, OversizedFileError, UnsupportedFormatError
from pipelines.intake.formats.cells import Flaw, Sheet
from pipelines.intake.formats.documents import Document, Table, around, in_doubt, raised
from pipelines.intake.formats.webcells import is_hidden, refers_elsewhere, span, stored_cell
from pipelines.intake.vocabulary import vocabulary

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
     "track", "wbr"}
)  # fmt: skip
_BLOCKS = frozenset(
    {"p", "div", "li", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "pre",
     "section", "article", "header", "footer", "form", "center", "blockquote", "address",
     "fieldset", "caption", "hr", "br"}
)  # fmt: skip
_SILENT = frozenset(
    {
        "script",
        "style",
        "template",
        "noscript",
        "title",
        "xml",
        "object",
        "svg",
        "math",
        "rt",
        "rp",
        "comment",
    }
)
_STRUCK = frozenset({"s", "del", "strike"})
_ENDED_BY_NEXT = {"td": {"td", "th"}, "th": {"td", "th"}, "tr": {"td", "th", "tr"}}
_SPACE = re.compile(r"[ \t\r\n\f]+")
_AROUND_BREAK = re.compile(r" *\n *")
_CLASS_RULE = re.compile(r"\.([\w-]+)\s*\{[^{}]*display\s*:\s*none", re.IGNORECASE)
_SHEET_NAME = re.compile(r"<x:ExcelWorksheet>\s*<x:Name>([^<]*)</x:Name>", re.IGNORECASE)
_FRAME = re.compile(r"<(?:i?frame|frameset)\b", re.IGNORECASE)
_MOST_ACROSS, _MOST_DOWN, _DEEPEST = 1000, 65534, 2000


def read_page(text: str, name: str = "") -> list[Sheet]:
    """The tables of a page; ``name`` is that of the sheet it holds, where another part says so."""
    if len(text) > vocabulary().limits.markup_bytes:
        raise OversizedFileError(f"网页有 {len(text)} 字，不可能是报表")
    page = _Page(text)
    tables = page.document.tables
    if not tables:
        framed = "，内容在另外的文件里" if _FRAME.search(text) else ""
        raise UnsupportedFormatError(f"文件是网页，里面没有表格{framed}")
    names = [name] if name else _SHEET_NAME.findall(text)
    if len(tables) == 1 and len(names) == 1:
        tables[0].name = names[0]
    return page.document.sheets()


@dataclass(slots=True)
class _Element:
    """An open element, and what it does to the text in it."""

    tag: str
    hides: bool = False
    strikes: bool = False
    raises: str = ""


@dataclass(slots=True)
class _OpenTable:
    """A table being read: its cell, if one is open, and how deep the elements stood before it."""

    table: Table
    depth: int
    cell: dict[str, str] | None = None
    parts: list[str] = field(default_factory=list)
    struck: bool = False
    columns: int = 0
    #: Tables inside the cell being read.
    inner: list[Table] = field(default_factory=list)


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()
        self._hidden_classes = frozenset(_CLASS_RULE.findall(text))
        self._elements: list[_Element] = []
        self._tables: list[_OpenTable] = []
        self._loose: list[str] = []
        self._option: list[str] | None = None
        self._chosen: list[str] = []
        self._in_select = False
        self.feed(text)
        self.close()
        while self._tables:
            self._end_table()
        self._end_line()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        hides = tag in _SILENT or is_hidden(attributes, self._hidden_classes)
        if tag in _BLOCKS:
            self._break()
        if tag in _VOID:
            self._void(tag, attributes, hides)
            return
        if tag == "table":
            self._start_table(hides)
        elif tag in _ENDED_BY_NEXT and self._tables:
            self._start_part(tag, attributes, hides)
        elif tag == "select":
            self._chosen, self._in_select = [], True
        elif tag == "option":
            self._end_option()
            self._option = [] if "selected" in attributes or not self._chosen else None
            if "selected" in attributes:
                self._chosen = []
        if len(self._elements) >= _DEEPEST:
            raise CorruptFileError("网页里的标记没有成对结束")
        self._elements.append(
            _Element(tag, hides, tag in _STRUCK, tag if tag in ("sup", "sub") else "")
        )

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            if self._tables:
                self._end_table()
            return
        if tag in ("td", "th", "tr"):
            if self._tables:
                if tag != "tr" and self._tables[-1].cell is None:
                    # A cell that never began: those after it stand a column too far left.
                    raise CorruptFileError("网页的表格里有的格子只有结束标记，没有开始标记")
                self._end_cell()
        elif tag == "option":
            self._end_option()
        elif tag == "select":
            self._end_option()
            self._in_select = False
            self._say("".join(self._chosen))
        if tag in _BLOCKS:
            self._break()
        self._pop(tag)

    def handle_data(self, data: str) -> None:
        if self._option is not None:
            self._option.append(data)
            return
        if not self._in_select:
            self._say(data)

    def _say(self, data: str) -> None:
        """Text where the page now stands, unless nobody sees it."""
        base = self._tables[-1].depth if self._tables else 0
        inside = self._elements[base:]
        # A hidden row or table is noted as such; a hidden part of a cell is not its text.
        if any(e.hides and e.tag not in ("table", "tr", "td", "th") for e in inside):
            return
        text = _SPACE.sub(" ", data)
        for element in inside:
            if element.raises:
                text = raised(text, element.raises == "sub")
        if not self._tables:
            self._loose.append(text)
            return
        open_table = self._tables[-1]
        if open_table.cell is not None:
            open_table.parts.append(text)
            if text.strip() and any(element.strikes for element in inside):
                open_table.struck = True
        elif any(element.tag == "caption" for element in inside):
            self._loose.append(text)
        elif isinstance(in_doubt(text, ""), Flaw):
            # Browsers show it above the table: the tag of its cell is gone.
            raise CorruptFileError(f"网页的表格里有不在任何格子里的内容“{text.strip()}”")

    def _break(self) -> None:
        if not self._tables or self._tables[-1].cell is None:
            self._end_line()
        else:
            self._tables[-1].parts.append("\n")

    def _end_line(self) -> None:
        self.document.add_line("".join(self._loose).strip())
        self._loose = []

    def _void(self, tag: str, attributes: dict[str, str], hides: bool) -> None:
        if tag == "col" and self._tables:
            open_table = self._tables[-1]
            count = span(attributes, "span", _MOST_ACROSS)
            if hides or attributes.get("width") == "0":
                first = open_table.columns
                open_table.table.hidden_columns.update(range(first, first + count))
            open_table.columns += count
        elif tag == "input" and not hides:
            self._say(_shown_input(attributes))

    def _start_table(self, hides: bool) -> None:
        self._end_line()
        hidden = hides or any(element.hides for element in self._elements)
        table = Table(hidden=hidden)
        self.document.add_table(table)
        if self._tables:
            self._tables[-1].table.frames_others = True
            self._tables[-1].inner.append(table)
        self._tables.append(_OpenTable(table, len(self._elements)))

    def _start_part(self, tag: str, attributes: dict[str, str], hides: bool) -> None:
        """A row or cell begins, and ends the one before it."""
        self._end_cell()
        open_table = self._tables[-1]
        while len(self._elements) > open_table.depth + 1 and (
            any(e.tag in _ENDED_BY_NEXT[tag] for e in self._elements[open_table.depth + 1 :])
        ):
            self._elements.pop()
        if tag == "tr" or not open_table.table.rows:
            open_table.table.start_row(hides and tag == "tr")
        if tag != "tr":
            open_table.cell, open_table.parts, open_table.struck = attributes, [], False
            open_table.inner = []

    def _end_cell(self) -> None:
        open_table = self._tables[-1]
        attributes = open_table.cell
        if attributes is None:
            return
        text = _AROUND_BREAK.sub("\n", "".join(open_table.parts)).strip(" \n")
        cell = stored_cell(attributes, text)
        if open_table.struck and isinstance(cell, str):
            cell = in_doubt(cell, vocabulary().cell_notes["struck"])
        cell = around(cell, open_table.inner)
        where = open_table.table.add(
            cell, span(attributes, "colspan", _MOST_ACROSS), span(attributes, "rowspan", _MOST_DOWN)
        )
        if refers_elsewhere(attributes.get("x:fmla", "")):
            open_table.table.remarks[where] = vocabulary().cell_notes["external"]
        open_table.cell = None

    def _end_table(self) -> None:
        self._end_cell()
        del self._elements[self._tables.pop().depth :]

    def _end_option(self) -> None:
        if self._option is not None:
            self._chosen = [_SPACE.sub(" ", "".join(self._option)).strip()]
        self._option = None

    def _pop(self, tag: str) -> None:
        """Close the nearest open element of this name, not reaching out of the table."""
        base = self._tables[-1].depth if self._tables else -1
        for n in range(len(self._elements) - 1, base, -1):
            if self._elements[n].tag == tag:
                del self._elements[n:]
                return


def _shown_input(attributes: dict[str, str]) -> str:
    """What a form field shows."""
    kind = attributes.get("type", "text").lower()
    if kind in ("checkbox", "radio"):
        return "☑" if "checked" in attributes else "□"
    if kind in ("hidden", "password", "button", "submit", "reset", "image", "file"):
        return ""
    return attributes.get("value", "")
