"""Workbooks of cells of every kind, read with and without the native reader.

The native reader is the second method: what it gives of a workbook, with our guards around it, has
to be what is read without it, and whatever it would refuse must not be read.
"""

from __future__ import annotations

import random
from dataclasses import replace
from unittest import mock
from zipfile import ZipFile

from pipelines.errors import UnreadableFileError
from pipelines.intake.formats import ooxml
from pipelines.intake.formats.archives import open_zip
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.formats.sniff import Format
from pipelines.intake.formats.workbooks import read_sheets
from tests.intake.by_hand import MAIN, xlsx
from tests.intake.mutating import damage

#: As shown: number, day, day, number, percent, moment, with a unit, text, day, day, number, what
#: two programs show otherwise.
_STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="7">'
    '<numFmt numFmtId="164" formatCode="yyyy-mm-dd"/>'
    '<numFmt numFmtId="165" formatCode="#,##0.00_ ;[Red]\\-#,##0.00\\ "/>'
    '<numFmt numFmtId="166" formatCode="0&quot;万&quot;"/>'
    '<numFmt numFmtId="176" formatCode="yyyy\\-mm\\-dd;@"/>'
    '<numFmt numFmtId="31" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>'
    '<numFmt numFmtId="43" formatCode="_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * &quot;-&quot;_ "/>'
    '<numFmt numFmtId="2" formatCode="yyyy/m/d"/></numFmts>'
    '<cellXfs count="12"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/><xf numFmtId="10"/><xf numFmtId="22"/><xf numFmtId="166"/>'
    '<xf numFmtId="49"/><xf numFmtId="176"/><xf numFmtId="31"/><xf numFmtId="43"/>'
    '<xf numFmtId="2"/></cellXfs></styleSheet>'
)
_TEXTS = (
    '<si><t>科普讲座</t></si><si><t xml:space="preserve"> 两边 </t></si><si><t> 两边 </t></si>'
    "<si><t>甲&amp;乙</t></si><si><t/></si><si><r><t>一</t></r><r><t>二</t></r></si>"
    '<si><t>a_x0041_</t></si><si><t>　其中</t><phoneticPr fontId="1" type="noConversion"/></si>'
    "<si><t>上\n下</t></si>"
    '<si><r><rPr><b/><sz val="11"/><rFont val="宋体"/></rPr><t>两</t></r>'
    '<r><t xml:space="preserve"> 段</t></r><phoneticPr fontId="1" type="noConversion"/></si>'
    "<si><r><t> 左</t></r><r><t/></r><r><t>右&lt; </t></r></si>"
    '<si><t>北京</t><rPh sb="0" eb="2"><t>ペキン</t></rPh><phoneticPr fontId="1"/></si>'
    '<si><r><t>12</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>1</t></r></si>'
    "<si><r><rPr><strike/></rPr><t>12</t></r><r><t>15</t></r></si>"
    "<si><r><t>_x00</t></r><r><t>41_</t></r></si>"
)
#: So many texts there are.
_KNOWN_TEXTS = 15
_VALUES = (
    "", "0", "1", "5", "-3.25", "1E3", "60", "61", "45074", "45074.5", "2958466", " 5", "+5",
    "1e400", "二", "0.1234567890123456789", "1_0", "&amp;", "&#48;", "&x;",
    "TRUE", "#N/A", "#REF!", "#SPILL!",
)  # fmt: skip
#: What stands in a cell; the first of them as nearly all programs write it.
_INSIDE = (
    "<v>{}</v>", "<f>A9+1</f><v>{}</v>", '<f t="shared" si="0"/><v>{}</v>', "<f>A9</f>",
    "<f>A9</f><v/>", "<v/>", "", "<is><t>{}</t></is>", '<is><t xml:space="preserve">{} </t></is>',
    "<is><t> {}</t></is>", "<v>{}</v><v>7</v>", "<!-- {} -->", "<v>{}</v>\n",
    '<f>A9</f><v xml:space="preserve"> {} </v>', '<v xml:space="preserve">{}</v>',
)  # fmt: skip
_KINDS = ("", ' t="n"', ' t="s"', ' t="str"', ' t="b"', ' t="inlineStr"', ' t="e"', ' t="d"')
_STALE = '<calcPr fullCalcOnLoad="1"/>'


def differs(data: bytes) -> bool:
    """Whether a workbook is read otherwise without the native reader than by it."""
    return _outcome(data, native=False) != _outcome(data, native=True)


def damage_differs(unharmed: bytes, rng: random.Random) -> bool:
    """Whether a workbook, damaged at random, is read otherwise without the native reader.

    Damage to the archive around the parts may be refused by one of the two readers of archives and
    harm nothing: then all must be read as before.
    """
    damaged = damage({str(Format.XLSX): unharmed}, rng)
    alone = _outcome(damaged.data, native=False)
    if alone == _outcome(damaged.data, native=True):
        return False
    return not damaged.how.startswith("bytes") or alone != _outcome(unharmed, native=True)


def plain_sheets(data: bytes) -> list[bool]:
    """Which of the visible sheets are read without the native reader."""
    book = ooxml.open_book(open_zip(data))
    return [book.plain(name) is not None for name, hidden in book.sheets or () if not hidden]


def written(
    cells: str,
    *,
    book: str = "",
    before: str = "",
    after: str = "",
    texts: str = _TEXTS,
    styles: str = _STYLES,
) -> bytes:
    """A workbook of one sheet; ``before`` and ``after`` stand before and after its cells."""
    data = f"<sheetData>{cells}</sheetData>"
    sheet = f'<worksheet xmlns="{MAIN}">{before}{data}{after}</worksheet>'
    strings = f'<sst xmlns="{MAIN}">{texts}</sst>'
    return xlsx(sheet, book=book, sharedStrings=strings, styles=styles)


def row(*cells: str, number: int = 1) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def drawn_cells(rng: random.Random) -> bytes:
    """A workbook of cells of every kind; half of them have odd ones."""
    odd = rng.random() < 0.5
    lines = []
    for number in range(1, rng.randint(2, 6)):
        cells = [_cell(rng, column, number, odd) for column in "ABCD"[: rng.randint(0, 4)]]
        lines.append(row(*cells, number=number))
    return written("".join(lines), book=rng.choice(("", _STALE)))


def _cell(rng: random.Random, column: str, number: int, odd: bool) -> str:
    kind = rng.choice(_KINDS if odd else _KINDS[:3])
    inside = rng.choice(_INSIDE if odd else _INSIDE[:6])
    value = str(rng.randrange(_KNOWN_TEXTS + 1)) if kind == ' t="s"' else rng.choice(_VALUES)
    style = rng.choice(("", "", "", *(f' s="{n}"' for n in range(13))))
    at = f"{column}{number if rng.random() < 0.98 else rng.randint(1, 9)}"
    array = ' cm="1"' if rng.random() < 0.05 else ""
    said = inside.format(value)
    return f'<c r="{at}"{style}{kind}{array}>{said}</c>' if said else f'<c r="{at}"/>'


def _outcome(data: bytes, native: bool) -> object:
    """All that is read of a workbook, or how it is refused."""
    found = ooxml.open_book

    def alone(archive: ZipFile) -> ooxml.Book:
        return replace(found(archive), sheets=None, around=None)

    open_zip.cache_clear()
    with mock.patch.object(ooxml, "open_book", alone if native else found):
        try:
            sheets = [_told(sheet) for sheet in read_sheets(data, Format.XLSX)]
        except UnreadableFileError as error:
            return type(error)
    # A sheet that cannot be read stops the file, as a workbook does that cannot be opened.
    return next((one for one in sheets if isinstance(one, type)), sheets)


def _told(sheet: Sheet) -> object:
    try:
        rows = [list(line) for line in sheet.rows]
        width = max([len(line) for line in rows], default=0)
        cells = [[sheet.at(r, c) for c in range(width + 2)] for r in range(len(rows) + 2)]
        kinds = [[type(cell) for cell in line] for line in cells]
        asides = sheet.asides
        hidden = set(asides.rows), set(asides.columns), dict(asides.remarks)
        return sheet.name, sheet.hidden, sheet.date1904, rows, cells, kinds, sheet.merged, hidden
    except UnreadableFileError as error:
        return type(error)
