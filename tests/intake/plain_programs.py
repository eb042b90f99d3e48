"""Workbooks as LibreOffice, Excel and WPS save them, put together by hand, with what they say.

Each program writes the same cells with other attributes, in other company, and keeps its texts in
its own way.  What the cells say is drawn first and never taken from the file.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from pipelines.intake.formats.cells import Cell, Flaw, error_cell, uncomputed_cell
from pipelines.intake.formats.sniff import Format
from pipelines.intake.formats.workbooks import read_sheets
from tests.intake.by_hand import LINKS, MAIN, xlsx

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_FIRST_DAY = dt.date(1899, 12, 30)


@dataclass(frozen=True)
class Program:
    """How a program writes: what stands around the cells, in a row, in a formula, in a text."""

    after_declaration: str
    root: str
    before: str
    row: str
    formula: str
    after: str
    book: str
    day_format: tuple[int, str]
    #: What a number is typed as.
    number: str = ""
    #: Whether every text says that its spaces count, and Chinese is parted from digits.
    in_runs: bool = False
    spoken: str = ""


_OURS_AFTER = (
    '<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>{spoken}<dataValidations count="1">'
    '<dataValidation type="custom" allowBlank="{yes}" showErrorMessage="{yes}" sqref="D7">'
    "<formula1>AND(D7&gt;=0,D7=INT(D7))</formula1></dataValidation></dataValidations>"
    '<pageMargins left="0.6" right="0.6" top="0.7" bottom="0.7" header="0.3" footer="0.3"/>'
    "<headerFooter><oddFooter>&amp;C第 &amp;P 页</oddFooter></headerFooter>"
)
_EXTENSION = (
    '<extLst><ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" '
    'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations'
    ' xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" count="1">'
    '<x14:dataValidation type="list"><x14:formula1><xm:f>代码表!$A$1:$A$9</xm:f></x14:formula1>'
    "<xm:sqref>B5</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
)
PROGRAMS = {
    "LibreOffice": Program(
        "\n",
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
        '<sheetPr filterMode="false"><pageSetUpPr fitToPage="true"/></sheetPr>'
        '<dimension ref="A1:F20"/><sheetViews><sheetView showFormulas="false" '
        'workbookViewId="0"><selection pane="topLeft" activeCell="A1" sqref="A1"/></sheetView>'
        '</sheetViews><sheetFormatPr defaultRowHeight="15" zeroHeight="false"></sheetFormatPr>'
        '<cols><col collapsed="false" hidden="false" max="1" min="1" width="44.7"/></cols>',
        ' customFormat="false" ht="15" hidden="false" customHeight="false" collapsed="false"',
        ' aca="false"',
        _OURS_AFTER.format(yes="true", spoken=""),
        '<calcPr iterateCount="100" refMode="A1" iterate="false" iterateDelta="0.0001"/>',
        (167, r"yyyy\-mm\-dd"),
        ' t="n"',
        in_runs=True,
    ),
    "Excel": Program(
        "\r\n",
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'mc:Ignorable="x14ac xr" '
        'xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" '
        'xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision" '
        'xr:uid="{00000000-0001-0000-0200-000000000000}"',
        '<sheetPr codeName="Sheet3"><pageSetUpPr fitToPage="1"/></sheetPr><dimension ref="A1:F20"/>'
        '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
        '<pane ySplit="6" topLeftCell="A7" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft" activeCell="D7" sqref="D7"/></sheetView></sheetViews>'
        '<sheetFormatPr defaultColWidth="9" defaultRowHeight="13.9" x14ac:dyDescent="0.4"/>'
        '<cols><col min="1" max="1" width="44.73" style="1" customWidth="1"/></cols>',
        ' spans="1:6" ht="21.75" customHeight="1" thickBot="1" x14ac:dyDescent="0.4"',
        ' ca="1"',
        _OURS_AFTER.format(yes="1", spoken='<phoneticPr fontId="3" type="noConversion"/>')
        + _EXTENSION.format(),
        '<calcPr calcId="191029"/>',
        (176, "yyyy/m/d;@"),
        spoken='<phoneticPr fontId="3" type="noConversion"/>',
    ),
    "WPS": Program(
        "\n",
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" '
        'xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"',
        '<sheetPr/><dimension ref="A1:F20"/><sheetViews><sheetView tabSelected="1" '
        'workbookViewId="0"><selection activeCell="D7" sqref="D7"/></sheetView></sheetViews>'
        '<sheetFormatPr defaultColWidth="9" defaultRowHeight="13.5" outlineLevelCol="5"/>',
        ' ht="21.75" customHeight="1" spans="1:6"',
        "",
        _OURS_AFTER.format(yes="1", spoken=""),
        '<calcPr calcId="144525"/>',
        (31, 'yyyy"年"m"月"d"日"'),
    ),
}


@dataclass
class Drawn:
    """A workbook with what it says: the dense rows, and what ``Sheet.at`` gives of each cell."""

    data: bytes = b""
    rows: list[list[Cell]] = field(default_factory=list)
    at: list[list[Cell]] = field(default_factory=list)


_PLAIN = (
    "指标名称", "其中:女性", "(1) 科普专职人员", "模拟镇赉县 2023", " 两边 ", "上行\n下行",
    "甲&乙<丙>", "　其中：", "-", "", "１２００",
)  # fmt: skip
#: What a run of a text is dressed in.
_FONTS = (
    '<rPr><sz val="10.5"/><color rgb="FF1F2933"/><rFont val="宋体"/><family val="2"/></rPr>',
    '<rPr><b val="true"/><color theme="1"/><charset val="134"/><scheme val="minor"/></rPr>',
    "",
)
_NUMBERS = ("0", "5", "-3.25", "1200", "0.30000000000000004", "1.0000000000000001E-5", "448")
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")


def saved(program: Program, rng: random.Random) -> Drawn:
    """Cells of every kind as the program writes them."""
    drawn, width = Drawn(), 6
    texts: list[str] = []
    lines: list[str] = []
    for r in range(rng.randint(2, 9)):
        cells = [_cell(program, rng, texts, f"{'ABCDEF'[c]}{r + 1}") for c in range(width)]
        written = "".join(xml for xml, _ in cells)
        lines.append(f'<row r="{r + 1}"{program.row}>{written}</row>')
        drawn.at.append([cell for _, cell in cells])
    # The last cell holds a number, so that the rows are as wide and as many as were drawn.
    last = f'<c r="F{len(lines) + 1}" s="0"{program.number}><v>7</v></c>'
    lines.append(f'<row r="{len(lines) + 1}"{program.row}>{last}</row>')
    drawn.at.append([*[""] * (width - 1), 7.0])
    drawn.rows = [["" if isinstance(cell, Flaw) else cell for cell in line] for line in drawn.at]
    drawn.data = _packed(program, lines, texts)
    return drawn


def is_read_as_drawn(drawn: Drawn) -> bool:
    """Whether reading gives all that was drawn: values, types, flaws, merged ranges."""
    sheet = read_sheets(drawn.data, Format.XLSX)[0]
    at = [[sheet.at(r, c) for c in range(len(line))] for r, line in enumerate(drawn.at)]
    return (
        sheet.rows == drawn.rows
        and at == drawn.at
        and [[type(cell) for cell in line] for line in at]
        == [[type(cell) for cell in line] for line in drawn.at]
        and sheet.merged == [((0, 0), (0, 1))]
        and [*sheet.asides.rows, *sheet.asides.columns] == []
    )


def _packed(program: Program, lines: Sequence[str], texts: Sequence[str]) -> bytes:
    begin = _DECLARATION + program.after_declaration
    number, code = program.day_format
    shown = escape(code, {'"': "&quot;"})
    strings = f'<sst xmlns="{MAIN}" count="9" uniqueCount="9">{"".join(texts)}</sst>'
    return xlsx(
        f'{begin}<worksheet xmlns="{MAIN}" xmlns:r="{LINKS}" {program.root}>{program.before}'
        f"<sheetData>{''.join(lines)}</sheetData>{program.after}</worksheet>",
        book=program.book,
        sharedStrings=begin + strings,
        styles=f'{begin}<styleSheet xmlns="{MAIN}"><numFmts count="2"><numFmt numFmtId="43" '
        'formatCode="_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * &quot;-&quot;??_ ;_ @_ "/>'
        f'<numFmt numFmtId="{number}" formatCode="{shown}"/></numFmts><cellXfs count="4">'
        f'<xf numFmtId="0" fontId="0"><alignment vertical="center"/></xf><xf numFmtId="{number}"/>'
        '<xf numFmtId="49"/><xf numFmtId="43"/></cellXfs></styleSheet>',
    )


def _cell(program: Program, rng: random.Random, texts: list[str], at: str) -> tuple[str, Cell]:
    """A cell as it is written, and what it says."""
    style = rng.choice((0, 2, 3))
    kind = rng.choice(
        ("blank", "none", "text", "text", "number", "number", "day", "formula", "lost")
    )
    if kind == "none":
        return "", ""
    if kind == "blank":
        return f'<c r="{at}" s="{style}"/>', ""
    if kind == "text":
        text = rng.choice(_PLAIN)
        texts.append(_entry(program, rng, text))
        return f'<c r="{at}" s="{style}" t="s"><v>{len(texts) - 1}</v></c>', text
    if kind == "number":
        number = rng.choice(_NUMBERS)
        return f'<c r="{at}" s="{style}"{program.number}><v>{number}</v></c>', float(number)
    if kind == "day":
        day = rng.randint(61, 60_000)
        said = _FIRST_DAY + dt.timedelta(day)
        return f'<c r="{at}" s="1"{program.number}><v>{day}</v></c>', said
    formula = rng.choice(("A9+1", "IF(D7&gt;0,&quot;是&quot;,&quot;&quot;)"))
    begin = rng.choice(("<f{}>", '<f{} t="shared" ref="A1:A9" si="0">')).format(program.formula)
    if kind == "lost":
        meant = formula.replace("&gt;", ">").replace("&quot;", '"')
        return f'<c r="{at}" s="{style}"><f>{formula}</f></c>', uncomputed_cell(meant)
    typed, stored, value = rng.choice(list(_results(program)))
    return f'<c r="{at}" s="{style}"{typed}>{begin}{formula}</f>{stored}</c>', value


def _results(program: Program) -> Iterator[tuple[str, str, Cell]]:
    """What a formula gave: the type of the cell, the stored value, and what it says."""
    for number in _NUMBERS:
        yield program.number, f"<v>{number}</v>", float(number)
    for text in _PLAIN:
        edges = ' xml:space="preserve"' if text != text.strip(" \n") else ""
        yield ' t="str"', f"<v{edges}>{escape(text)}</v>", text
    for error in _ERRORS:
        yield ' t="e"', f"<v>{error}</v>", error_cell(error)
    yield ' t="b"', "<v>1</v>", True
    yield ' t="b"', "<v>0</v>", False


def _entry(program: Program, rng: random.Random, text: str) -> str:
    """A text of the shared table: whole, or in runs of different fonts."""
    if len(text) < 2 or not (program.in_runs or rng.random() < 0.2):
        return f"<si>{_written(program, text)}{program.spoken}</si>"
    cuts = sorted(rng.sample(range(1, len(text)), rng.randint(1, min(2, len(text) - 1))))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    runs = [f"<r>{rng.choice(_FONTS)}{_written(program, piece)}</r>" for piece in pieces]
    return f"<si>{''.join(runs)}{program.spoken}</si>"


def _written(program: Program, text: str) -> str:
    edges = ' xml:space="preserve"' if program.in_runs or text != text.strip(" \n") else ""
    return f"<t{edges}>{escape(text)}</t>"
