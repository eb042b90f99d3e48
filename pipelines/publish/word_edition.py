"""The 公报 as a Word document: officials edit it, so styles, headings and tables are real ones.

It says what the PDF says, from the same composed content; the same content gives the same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.publish.printed import table_heads
from pipelines.publish.typesetting import house_labels
from pipelines.publish.word_styles import (
    INK,
    coloured,
    element,
    page_number,
    set_language,
    set_style,
)
from pipelines.warehouse.packing import Part, pack
from pipelines.warehouse.publication import write_atomically

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Row
    from docx.text.paragraph import Paragraph

    from pipelines.publish.charts import ChartFile

_SONG, _HEI = "宋体", "黑体"
#: A document needs a date of creation; a fixed one keeps the bytes the same.
_MADE = datetime(2000, 1, 1)  # noqa: DTZ001  python-docx wants a naive date
#: Margins of an official paper, mm: top, bottom, left, right.
_MARGINS = (37, 35, 28, 26)
_PAGE = (210, 297)
_TEXT_WIDTH = _PAGE[0] - _MARGINS[2] - _MARGINS[3]
#: Width of a rule of a three-line table, in eighths of a point: outer, inner.
_OUTER, _INNER = 12, 6
#: Shares of the width that names of places, texts and units have beside a column of figures.
_STUB, _TEXTUAL, _UNIT = 1.6, 2.2, 0.8
#: A text of more characters than this is no unit.
_SHORT = 8
#: Type of a table, pt: of a usual one, and from so many columns on; between its words and rules.
_TYPE, _SMALL_TYPE, _MANY, _INSET = 8.5, 7.5, 9, 2.5
_UNDER = 4
#: A table of no more rows than this stays on one page.
_WHOLE = 16


def write(
    content: Mapping[str, Any],
    charts: Sequence[ChartFile],
    path: Path,
    overlay: Path | None = None,
) -> Path:
    """Write what the bulletin says (``bulletin.compose``) to ``path``, a .docx."""
    from docx import Document

    document = Document()
    labels = {**house_labels(overlay), **content["labels"]}
    writer = _Writer(document, content, {c.path.name: c for c in charts}, labels)
    writer.all()
    made = io.BytesIO()
    document.save(made)
    write_atomically(path, _with_fixed_dates(made.getvalue()))
    return path


class _Writer:
    """Puts the content into a document, part by part."""

    def __init__(
        self,
        document: Document,
        content: Mapping[str, Any],
        charts: Mapping[str, ChartFile],
        labels: Mapping[str, str],
    ) -> None:
        self.document = document
        self.content = content
        self.charts = charts
        self.labels = labels

    def all(self) -> None:
        self._set_up()
        self._cover()
        self._highlights()
        for chapter in self.content["chapters"]:
            self._chapter(chapter)

    def _set_up(self) -> None:
        """Paper, styles, language, properties, running head and foot."""
        from docx.shared import Mm

        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(_PAGE[0]), Mm(_PAGE[1])
        section.top_margin, section.bottom_margin = Mm(_MARGINS[0]), Mm(_MARGINS[1])
        section.left_margin, section.right_margin = Mm(_MARGINS[2]), Mm(_MARGINS[3])
        for name, face, size, bold in (
            ("Normal", _SONG, 10.5, False),
            ("Title", _HEI, 22, True),
            ("Heading 1", _HEI, 15, True),
            ("Heading 2", _HEI, 12, True),
            ("Caption", _HEI, 9, False),
            ("Header", _HEI, 8.5, False),
            ("Footer", _HEI, 8.5, False),
        ):
            set_style(self.document, name, face, size, bold=bold)
        set_language(self.document)
        said = self.document.core_properties
        said.title, said.author = self.content["title"], self.content["office"]
        said.keywords, said.language = "，".join(self.content["keywords"]), "zh-CN"
        said.created = said.modified = _MADE
        said.last_modified_by, said.comments = "", ""
        head = section.header.paragraphs[0]
        head.text = self.content["title"]
        if self.content["marks"]:
            coloured(head, "　" + "　".join(self.content["marks"]))
        page_number(section.footer.paragraphs[0])

    def _cover(self) -> None:
        from docx.enum.text import WD_BREAK

        self.document.add_paragraph(self.content["title"], style="Title")
        if self.content["marks"]:
            coloured(self.document.add_paragraph(), "　".join(self.content["marks"]))
        for said in self.content["standing"]:
            self.document.add_paragraph(said)
        self.document.add_paragraph(self.content["office"])
        for name, said in self.content["facts"]:
            self.document.add_paragraph(f"{self.labels[name]}：{said}")
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _highlights(self) -> None:
        self.document.add_heading(self.labels["highlights"], level=1)
        if self.content["cards"]:
            self._cards()
        for said in self.content["headline"]:
            self._finding(said)
        self._text(self.content["response"])

    def _cards(self) -> None:
        """The headline figures as a table, a line each."""
        rows = [
            [card["name"], f"{card['value']}{card['unit']}", card["change"], card["nation"]]
            for card in self.content["cards"]
        ]
        table = self.document.add_table(rows=len(rows), cols=4)
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, said in zip(row.cells, texts, strict=True):
                cell.text = said
        _rule(table, head_rows=0)

    def _chapter(self, chapter: Mapping[str, Any]) -> None:
        self.document.add_heading(chapter["title"], level=1)
        for said in chapter["paragraphs"]:
            self._text(said)
        number = {"chart": 0, "table": 0}
        for item in chapter["items"]:
            kind = "chart" if item["kind"] == "chart" else "table"
            number[kind] += 1
            called = self._called(kind, chapter["number"], number[kind])
            if kind == "chart":
                self._chart(item, called)
            else:
                self._table(item, called)

    def _called(self, kind: str, chapter: str, number: int) -> str:
        """图1-2, 表1-2; what stands in a chapter without a number is 附表1."""
        if not chapter and kind == "table":
            return f"{self.labels['appendix_table']}{number}"
        return f"{self.labels['figure' if kind == 'chart' else 'table']}{chapter}-{number}"

    def _text(self, said: str) -> Paragraph:
        from docx.shared import Pt

        paragraph = self.document.add_paragraph(said)
        paragraph.paragraph_format.first_line_indent = Pt(21)
        return paragraph

    def _finding(self, said: str) -> None:
        """A paragraph whose first sentence is what was found."""
        first, stop, rest = said.partition("。")
        paragraph = self._text("")
        paragraph.add_run(f"{first}{stop}").bold = True
        paragraph.add_run(rest)

    def _chart(self, item: Mapping[str, Any], called: str) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Mm

        chart = self.charts[item["file"]]
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        picture = paragraph.add_run().add_picture(str(chart.path), width=Mm(_TEXT_WIDTH))
        picture._inline.docPr.set("descr", item["alt"])
        caption = f"{called}　{item['caption']}"
        under = self.document.add_paragraph(caption, style="Caption")
        under.alignment = WD_ALIGN_PARAGRAPH.CENTER

    def _table(self, item: Mapping[str, Any], called: str) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Pt

        title = f"{called}　{item['title']}"
        caption = self.document.add_paragraph(title, style="Caption")
        caption.paragraph_format.keep_with_next = True
        if item["unit"]:
            unit = self.document.add_paragraph(f"{self.labels['unit']}{item['unit']}")
            unit.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            unit.paragraph_format.keep_with_next = True
        heads = table_heads(item)
        table = self.document.add_table(rows=len(heads) + len(item["rows"]), cols=len(heads[0]))
        _share_out(table, item.get("widths") or _shares(item))
        rows = list(table.rows)
        for row, texts in zip(rows, heads, strict=False):
            _fill_head(row, texts, grouped=len(heads) > 1 and row is rows[0])
        for row, said in zip(rows[len(heads) :], item["rows"], strict=True):
            _fill_row(row, said, item["columns"])
        _rule(table, head_rows=len(heads))
        said = [f"{self.labels['notes']}{''.join(item['notes'])}"] if item["notes"] else []
        for under in (*said, *([item["source"]] if item["source"] else [])):
            paragraph = self.document.add_paragraph(under, style="Caption")
            paragraph.paragraph_format.space_after = Pt(_UNDER)


def _shares(item: Mapping[str, Any]) -> list[float]:
    """Shares of the width: names, figures, words of one or two syllables, texts."""
    shares = [_STUB]
    for number, column in enumerate(item["columns"]):
        longest = max((len(row["cells"][number]) for row in item["rows"]), default=0)
        text = _TEXTUAL if longest > _SHORT else _UNIT
        shares.append(text if column["textual"] else 1.0)
    return shares


def _share_out(table: Table, shares: Sequence[float]) -> None:
    """Give the columns the width of the text in these shares."""
    from docx.shared import Mm

    table.autofit = False
    for column, share in zip(table.columns, shares, strict=True):
        column.width = Mm(_TEXT_WIDTH * share / sum(shares))


def _fill_head(row: _Row, texts: Sequence[str], *, grouped: bool) -> None:
    """One row of heads; neighbours of the same group are one cell."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    cells = row.cells
    start = 0
    while start < len(texts):
        end = start
        while grouped and texts[start] and end + 1 < len(texts) and texts[end + 1] == texts[start]:
            end += 1
        cell = cells[start] if end == start else cells[start].merge(cells[end])
        cell.text = texts[start]
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        start = end + 1


def _fill_row(row: _Row, said: Mapping[str, Any], columns: Sequence[Mapping[str, Any]]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    cells = row.cells
    cells[0].text = said["label"]
    for cell, text, column in zip(cells[1:], said["cells"], columns, strict=True):
        cell.text = text
        if not column["textual"]:
            cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if said["total"]:
        for cell in cells:
            for run in cell.paragraphs[0].runs:
                run.bold = True


def _rule(table: Table, head_rows: int) -> None:
    """Three lines; heads repeated on each page, no row cut by a page's end."""
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    borders = element("w:tblBorders")
    for edge in ("top", "bottom"):
        borders.append(element(f"w:{edge}", val="single", sz=str(_OUTER), color=INK))
    table._tbl.tblPr.append(borders)
    margins = element("w:tblCellMar")
    for edge in ("left", "right"):
        margins.append(element(f"w:{edge}", w=str(int(20 * _INSET)), type="dxa"))
    table._tbl.tblPr.append(margins)
    many = len(table.columns) >= _MANY
    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number < head_rows:
            properties.append(OxmlElement("w:tblHeader"))
        whole = len(table.rows) <= _WHOLE and number + 1 < len(table.rows)
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(2)
                paragraph.paragraph_format.keep_with_next = whole
                for run in paragraph.runs:
                    run.font.size = Pt(_SMALL_TYPE if many else _TYPE)
            if number == head_rows - 1:
                under = element("w:tcBorders")
                under.append(element("w:bottom", val="single", sz=str(_INNER), color=INK))
                cell._tc.get_or_add_tcPr().append(under)


def _with_fixed_dates(made: bytes) -> bytes:
    """The same package, without the clock that its entries carry."""
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        return pack(Part.of(name, package.read(name)) for name in package.namelist())
