"""Write drawn pages in every format that intake reads, with nothing of the project in between."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter

from tests.intake.layout_writing import Page, letters

Writer = Callable[[list[Page]], bytes]


def by_openpyxl(pages: list[Page]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for page in pages:
        sheet = book.create_sheet(page.name)
        for (row, column), value in page.cells.items():
            sheet.cell(row + 1, column + 1, value)
        for (top, left), (bottom, right) in page.merges:
            sheet.merge_cells(
                start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
            )
        for column in page.hidden_columns:
            sheet.column_dimensions[letters(column)].hidden = True
        for row in page.hidden_rows:
            sheet.row_dimensions[row + 1].hidden = True
        if page.hidden:
            sheet.sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def by_xlsxwriter(pages: list[Page]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for page in pages:
            sheet = book.add_worksheet(page.name)
            for (top, left), (bottom, right) in page.merges:
                sheet.merge_range(top, left, bottom, right, None)
            for (row, column), value in page.cells.items():
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                else:
                    sheet.write(row, column, value)
            for column in page.hidden_columns:
                sheet.set_column(column, column, None, None, {"hidden": True})
            for row in page.hidden_rows:
                sheet.set_row(row, None, None, {"hidden": True})
            if page.hidden:
                sheet.hide()
    return buffer.getvalue()


def by_csv(pages: list[Page]) -> bytes:
    """One sheet as text in the encoding of the place."""
    (page,) = pages
    buffer = io.StringIO()
    csv.writer(buffer).writerows(page.rows())
    return buffer.getvalue().encode("gb18030")


def by_html(pages: list[Page]) -> bytes:
    """A page of tables, as a web system exports it."""
    tables = []
    for page in pages:
        lines = []
        for line in _spanned(page):
            cells = "".join(
                f'<td rowspan="{down}" colspan="{right}">{_lines(text, "<br/>")}</td>'
                for _, text, down, right in line
            )
            lines.append(f"<tr>{cells}</tr>")
        tables.append(f"<table>{''.join(lines)}</table>")
    head = '<html><head><meta charset="utf-8"></head><body>'
    return f"{head}{''.join(tables)}</body></html>".encode()


def by_spreadsheetml(pages: list[Page]) -> bytes:
    """XML 表格 2003."""
    sheets = []
    for page in pages:
        lines = []
        for line in _spanned(page):
            cells = "".join(
                f'<Cell ss:Index="{column + 1}" ss:MergeDown="{down - 1}"'
                f' ss:MergeAcross="{right - 1}">'
                f'<Data ss:Type="String">{_lines(text, "&#10;")}</Data></Cell>'
                for column, text, down, right in line
            )
            lines.append(f"<Row>{cells}</Row>")
        table = f"<Table>{''.join(lines)}</Table>"
        sheets.append(f'<Worksheet ss:Name="{escape(page.name)}">{table}</Worksheet>')
    namespace = "urn:schemas-microsoft-com:office:spreadsheet"
    head = f'<?xml version="1.0"?><Workbook xmlns="{namespace}" xmlns:ss="{namespace}">'
    return f"{head}{''.join(sheets)}</Workbook>".encode()


def by_word(pages: list[Page]) -> bytes:
    """A Word document with a table a page."""
    body = []
    for page in pages:
        lines = "".join(f"<w:tr>{_word_cells(page, row)}</w:tr>" for row in range(page.height))
        body.append(f"<w:tbl>{lines}</w:tbl><w:p/>")
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    head = f'<?xml version="1.0"?><w:document xmlns:w="{space}"><w:body>'
    document = f"{head}{''.join(body)}</w:body></w:document>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("word/document.xml", document)
    return buffer.getvalue()


_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
)

#: Name of a writer → the writer, and whether it names its sheets, keeps merges, hides.
WRITERS: dict[str, tuple[Writer, str]] = {
    "openpyxl": (by_openpyxl, "named merged hidden many"),
    "xlsxwriter": (by_xlsxwriter, "named merged hidden many"),
    "csv": (by_csv, ""),
    "html": (by_html, "merged many"),
    "spreadsheetml": (by_spreadsheetml, "named merged many"),
    "word": (by_word, "merged many"),
}


def can_write(name: str, pages: list[Page]) -> bool:
    """Whether a format can hold what the pages have."""
    able = WRITERS[name][1]
    hides = any(page.hidden or page.hidden_columns or page.hidden_rows for page in pages)
    return (
        (len(pages) == 1 or "many" in able)
        and ("merged" in able or not any(page.merges for page in pages))
        and ("hidden" in able or not hides)
    )


def _spanned(page: Page) -> Iterator[list[tuple[int, str, int, int]]]:
    """Rows of (column, text, rows down, columns right), without the cells a merge covers."""
    starts = dict(page.merges)
    covered = {
        (row, column)
        for (top, left), (bottom, right) in page.merges
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
    } - starts.keys()
    for row, line in enumerate(page.rows()):
        cells = []
        for column, value in enumerate(line):
            if (row, column) not in covered:
                bottom, right = starts.get((row, column), (row, column))
                cells.append((column, str(value), bottom - row + 1, right - column + 1))
        yield cells


def _word_cells(page: Page, row: int) -> str:
    """Merges across are one cell that spans; merges down are continued in the rows below."""
    cells = []
    column = 0
    line = page.rows()[row]
    while column < len(line):
        merge = next(
            (m for m in page.merges if m[0][0] <= row <= m[1][0] and m[0][1] <= column <= m[1][1]),
            ((row, column), (row, column)),
        )
        (top, left), (bottom, right) = merge
        shape = f'<w:gridSpan w:val="{right - left + 1}"/>' if right > left else ""
        if bottom > top:
            shape += '<w:vMerge w:val="restart"/>' if row == top else "<w:vMerge/>"
        text = "<w:br/>".join(
            f'<w:t xml:space="preserve">{escape(part)}</w:t>'
            for part in str(line[column]).split("\n")
        )
        cells.append(f"<w:tc><w:tcPr>{shape}</w:tcPr><w:p><w:r>{text}</w:r></w:p></w:tc>")
        column = right + 1
    return "".join(cells)


def _lines(text: str, mark: str) -> str:
    return escape(text).replace("\n", mark)
