"""Files of formats that no library here writes, put together by hand from their published layouts.

A table is rows of plain values: text, numbers, bools, None for blank, ``Formula``, and texts of
``ERRORS``, which stand for error values.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

Table = Sequence[Sequence[object]]
ERRORS = {
    "#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42,
}  # fmt: skip
#: 1+1 in the tokens of Excel formulas.
_ONE_PLUS_ONE = b"\x1e\x01\x00\x1e\x01\x00\x03"


@dataclass(frozen=True)
class Formula:
    """A formula with the result stored for it; None where none is stored."""

    result: object = None
    #: The formula itself, for binary workbooks.
    tokens: bytes = _ONE_PLUS_ONE


def packed(parts: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


#: The workbooks that formulas may refer to: this one, then another; and the list of their sheets:
#: number 0 is one of the other, number 1 is of this.
_LINKS12 = [
    (353, b""),
    (357, b""),
    (355, b"\x04\0\0\0r\0I\0d\x009\0"),
    (362, struct.pack("<I3i3i", 2, 1, 0, 0, 0, 0, 0)),
    (354, b""),
]
_LINKS8 = [
    (0x01AE, b"\x01\x00\x01\x04"),
    (0x01AE, b"\x01\x00\x07\x00\x00\x01o.xlsx\x01\x00\x00S"),
    (0x0017, struct.pack("<H3H3H", 2, 1, 0, 0, 0, 0, 0)),
]

# Excel 2007: parts of XML -----------------------------------------------------------------------

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def relations(links: str, **targets: str) -> str:
    """A relationships part; each target's kind is its name without the number."""
    rows = "".join(
        f'<Relationship Id="{key}" Type="{links}/{key.rstrip("0123456789")}" Target="{target}"/>'
        for key, target in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{rows}</Relationships>'


def xlsx(
    sheet: str,
    *,
    main: str = MAIN,
    links: str = LINKS,
    target: str = "worksheets/sheet1.xml",
    book: str = "",
    **parts: str,
) -> bytes:
    """A workbook with one sheet part; ``book`` goes into the workbook part, ``parts`` beside it.

    Names of parts are written with ``__`` for a slash.
    """
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": relations(links, officeDocument="xl/workbook.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}">'
            f'<sheets><sheet name="表" sheetId="1" r:id="worksheet1"/></sheets>{book}</workbook>',
            "xl/_rels/workbook.xml.rels": relations(
                links,
                worksheet1=target,
                sharedStrings2="sharedStrings.xml",
                styles3="styles.xml",
            ),
            "xl/worksheets/sheet1.xml": sheet,
            **{f"xl/{name.replace('__', '/')}.xml": part for name, part in parts.items()},
        }
    )


def sheet_xml(
    rows: Table, *, main: str = MAIN, prefix: str = "", references: bool = True, before: str = ""
) -> str:
    """The part of a sheet, all text in the cells themselves."""
    p = f"{prefix}:" if prefix else ""
    lines = []
    for r, row in enumerate(rows, 1):
        cells = "".join(
            _xml_cell(value, f' r="{chr(64 + c)}{r}"' if references else "", p)
            for c, value in enumerate(row, 1)
        )
        lines.append(f"<{p}row{f' r={chr(34)}{r}{chr(34)}' if references else ''}>{cells}</{p}row>")
    name = f"xmlns:{prefix}" if prefix else "xmlns"
    data = f"<{p}sheetData>{''.join(lines)}</{p}sheetData>"
    return f'<{p}worksheet {name}="{main}">{before}{data}</{p}worksheet>'


def _xml_cell(value: object, reference: str, p: str) -> str:
    if value is None:
        return f"<{p}c{reference}/>"
    if isinstance(value, Formula):
        stored = "" if value.result is None else f"<{p}v>{value.result}</{p}v>"
        kind = ' t="str"' if isinstance(value.result, str) else ""
        return f"<{p}c{reference}{kind}><{p}f>1+1</{p}f>{stored}</{p}c>"
    if value in ERRORS:
        return f'<{p}c{reference} t="e"><{p}v>{value}</{p}v></{p}c>'
    if isinstance(value, int | float):
        return f"<{p}c{reference}><{p}v>{value!r}</{p}v></{p}c>"
    text = f"<{p}is><{p}t>{escape(str(value))}</{p}t></{p}is>"
    return f'<{p}c{reference} t="inlineStr">{text}</{p}c>'


# Excel 2007 binary ------------------------------------------------------------------------------


def xlsb(
    rows: Table,
    *,
    hidden_rows: Collection[int] = (),
    hidden_columns: Sequence[int] = (),
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = (),
    percent: Collection[tuple[int, int]] = (),
    state: int = 0,
    recalculate: bool = False,
) -> bytes:
    """A binary workbook with one sheet; ``state`` 1 hides it, 2 hides it for good."""
    texts: list[str] = []
    sheet = _records12(_sheet12(rows, texts, hidden_rows, hidden_columns, merged, percent))
    book = _records12(
        [
            (131, b""),
            (153, struct.pack("<II", 0, 124226) + _wide("")),
            (143, b""),
            (156, struct.pack("<II", state, 1) + _wide("worksheet1") + _wide("表")),
            (144, b""),
            *_LINKS12,
            (157, struct.pack("<IiIdIH", 191029, 1, 100, 0.001, 1, int(recalculate))),
            (132, b""),
        ]
    )
    count = struct.pack("<II", len(texts), len(texts))
    strings = [(159, count), *((19, b"\0" + _wide(text)) for text in texts), (160, b"")]
    formats = [0, 9]
    styles = [(278, b""), (617, struct.pack("<I", len(formats)))]
    styles += [(47, struct.pack("<HH12x", 0, number)) for number in formats]
    styles += [(618, b""), (279, b"")]
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": relations(LINKS, officeDocument="xl/workbook.bin"),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": relations(
                LINKS,
                worksheet1="worksheets/sheet1.bin",
                sharedStrings2="sharedStrings.bin",
                styles3="styles.bin",
            ),
            "xl/worksheets/sheet1.bin": sheet,
            "xl/sharedStrings.bin": _records12(strings),
            "xl/styles.bin": _records12(styles),
        }
    )


def _sheet12(
    rows: Table,
    texts: list[str],
    hidden_rows: Collection[int],
    hidden_columns: Sequence[int],
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    percent: Collection[tuple[int, int]],
) -> Iterator[tuple[int, bytes]]:
    last = (max(len(rows) - 1, 0), max((len(row) for row in rows), default=1) - 1)
    yield 129, b""
    yield 148, struct.pack("<4I", 0, last[0], 0, last[1])
    for column in hidden_columns:
        yield 60, struct.pack("<4IH", column, column, 2304, 0, 1)
    yield 145, b""
    for r, row in enumerate(rows):
        hidden = 0x10 if r in hidden_rows else 0
        yield 0, struct.pack("<IIHBBBI", r, 0, 300, 0, hidden, 0, 0)
        for c, value in enumerate(row):
            if value is not None:
                yield _cell12(c, value, int((r, c) in percent), texts)
    yield 146, b""
    for (top, left), (bottom, right) in merged:
        yield 176, struct.pack("<4I", top, bottom, left, right)
    yield 130, b""


def _cell12(column: int, value: object, style: int, texts: list[str]) -> tuple[int, bytes]:
    head = struct.pack("<II", column, style)
    if isinstance(value, Formula):
        tail = struct.pack("<HI", 0, len(value.tokens)) + value.tokens + bytes(4)
        kind, body = _value12(value.result)
        return {2: 9, 5: 9, 6: 8, 4: 10, 3: 11}[kind], head + body + tail
    if isinstance(value, str) and value not in ERRORS:
        if value not in texts:
            texts.append(value)
        return 7, head + struct.pack("<I", texts.index(value))
    if type(value) is int and abs(value) < 2**29:
        return 2, head + struct.pack("<i", value << 2 | 2)
    kind, body = _value12(value)
    return kind, head + body


def _value12(value: object) -> tuple[int, bytes]:
    if isinstance(value, bool):
        return 4, bytes([value])
    if isinstance(value, int | float):
        return 5, struct.pack("<d", value)
    if value in ERRORS:
        return 3, bytes([ERRORS[str(value)]])
    return 6, _wide(str(value))


def _records12(records: Sequence[tuple[int, bytes]] | Iterator[tuple[int, bytes]]) -> bytes:
    out: list[bytes] = []
    for kind, body in records:
        number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
        length, size = b"", len(body)
        while True:
            size, low = size >> 7, size & 0x7F
            length += bytes([low | (0x80 if size else 0)])
            if not size:
                break
        out.append(number + length + body)
    return b"".join(out)


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


# Excel 97 and 95 --------------------------------------------------------------------------------


def xls(
    rows: Table,
    *,
    old: bool = False,
    hidden_rows: Collection[int] = (),
    hidden_columns: Sequence[int] = (),
    mark: int = 0,
) -> bytes:
    """A workbook with one sheet: BIFF8, or BIFF5 in GBK when ``old``.

    ``mark`` is what Excel leaves at each formula it has calculated.
    """
    version, stream = (0x0500, "Book") if old else (0x0600, "Workbook")
    kind = struct.pack("<HHHH", version, 5, 0x0DBB, 0x07CC) + (b"" if old else bytes(8))
    name = "表".encode("gbk") if old else b"\x01" + "表".encode("utf-16-le")
    code_page = _record(0x0042, struct.pack("<H", 936 if old else 1200))
    style = _record(0x00E0, bytes(16 if old else 20))
    links = b"" if old else b"".join(_record(*link) for link in _LINKS8)
    start = _record(0x0809, kind) + code_page + style + links
    bound = struct.pack("<HB", 0, 2 if old else 1) + name
    position = len(start) + len(_record(0x0085, bytes(4) + bound)) + len(_record(0x000A, b""))
    book = start + _record(0x0085, struct.pack("<I", position) + bound) + _record(0x000A, b"")
    sheet = [_record(0x0809, kind[:2] + b"\x10\x00" + kind[4:])]
    sheet += [
        _record(0x007D, struct.pack("<5Hxx", column, column, 2304, 0, 1))
        for column in hidden_columns
    ]
    for r, row in enumerate(rows):
        flags = 0x0120 if r in hidden_rows else 0x0100
        sheet.append(_record(0x0208, struct.pack("<HHHH4xHH", r, 0, len(row), 255, flags, 15)))
        for c, value in enumerate(row):
            if value is not None:
                sheet.append(_cell8(r, c, value, old, mark))
    return compound({stream: book + b"".join(sheet) + _record(0x000A, b"")})


def _cell8(row: int, column: int, value: object, old: bool, mark: int) -> bytes:
    head = struct.pack("<HHH", row, column, 0)
    if isinstance(value, Formula):
        result, after = _result8(value.result, old)
        tail = struct.pack("<HIH", 0, mark, len(value.tokens)) + value.tokens
        return _record(0x0006, head + result + tail) + after
    if value in ERRORS:
        return _record(0x0205, head + bytes([ERRORS[str(value)], 1]))
    if isinstance(value, bool):
        return _record(0x0205, head + bytes([value, 0]))
    if type(value) is int and abs(value) < 2**29:
        return _record(0x027E, head + struct.pack("<i", value << 2 | 2))
    if isinstance(value, int | float):
        return _record(0x0203, head + struct.pack("<d", value))
    return _record(0x0204, head + _text8(str(value), old))


def _result8(value: object, old: bool) -> tuple[bytes, bytes]:
    """The eight bytes of a formula's result, and the record of a text after it."""
    if value in ERRORS:
        return struct.pack("<BxBxxxH", 2, ERRORS[str(value)], 0xFFFF), b""
    if isinstance(value, int | float):
        return struct.pack("<d", value), b""
    if not value:
        return struct.pack("<BxxxxxH", 3, 0xFFFF), b""
    return struct.pack("<BxxxxxH", 0, 0xFFFF), _record(0x0207, _text8(str(value), old))


def _text8(text: str, old: bool) -> bytes:
    if old:
        raw = text.encode("gbk")
        return struct.pack("<H", len(raw)) + raw
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def compound(streams: Mapping[str, bytes], inside: str = "") -> bytes:
    """An OLE2 compound file; ``inside`` puts the streams into a storage of that name."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    bodies = [content.ljust(4096, b"\0") for content in streams.values()]
    bodies = [body + bytes(-len(body) % sector) for body in bodies]
    table: list[int] = []
    starts = []
    for body in bodies:
        starts.append(len(table))
        count = len(body) // sector
        table += [*range(len(table) + 1, len(table) + count), end]
    directory = len(table)
    entries = 2 + len(bodies)
    count = -(-entries * 128 // sector)
    table += [*range(len(table) + 1, len(table) + count), end]
    fats = 1
    while (len(table) + fats) * 4 > fats * sector:
        fats += 1
    first_fat = len(table)
    table += [0xFFFFFFFD] * fats
    table += [free] * (fats * sector // 4 - len(table))
    header = struct.pack(
        "<8s16xHHHHH6x9I", bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6,
        0, fats, directory, 0, 4096, end, 0, end, 0,
    )  # fmt: skip
    locations = [*range(first_fat, first_fat + fats)]
    header += struct.pack("<109I", *locations, *[free] * (109 - fats))
    first_stream = 2 if inside else 1
    chain = [first_stream + n for n in range(len(bodies))]
    listing = _entry("Root Entry", 5, end, 0, child=1)
    if inside:
        listing += _entry(inside, 1, 0, 0, child=chain[0])
    for n, (name, body) in enumerate(zip(streams, bodies, strict=True)):
        after = chain[n + 1] if n + 1 < len(chain) else free
        listing += _entry(name, 2, starts[n], len(body), after=after)
    listing = listing.ljust(count * sector, b"\0")
    return header + b"".join(bodies) + listing + struct.pack(f"<{len(table)}I", *table)


def _entry(
    name: str, kind: int, start: int, size: int, *, after: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF
) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xIII", raw, len(raw), kind, 1, 0xFFFFFFFF, after, child, start, size, 0
    )


# Word -------------------------------------------------------------------------------------------

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(*blocks: str, part: str = "word/document.xml", namespace: str = _WORD) -> bytes:
    """A document of the given blocks of XML."""
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
            "_rels/.rels": relations(LINKS, officeDocument=part),
            part: f'<w:document xmlns:w="{namespace}"><w:body>{"".join(blocks)}<w:sectPr/>'
            "</w:body></w:document>",
        }
    )


def paragraph(text: str) -> str:
    """A paragraph whose text is split into runs, as Word does at every edit."""
    half = len(text) // 2
    runs = "".join(
        f"<w:r>{word_text(piece)}</w:r>" for piece in (text[:half], text[half:]) if piece
    )
    return f"<w:p>{runs}</w:p>"


def word_text(text: str) -> str:
    return "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )


def word_table(rows: Table) -> str:
    lines = "".join(
        f"<w:tr>{''.join(word_cell('' if v is None else str(v)) for v in row)}</w:tr>"
        for row in rows
    )
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{lines}</w:tbl>"


def word_cell(content: str, properties: str = "") -> str:
    """A cell with a text, or with blocks of XML."""
    inner = content if content.startswith("<w:") else paragraph(content)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


# Web pages and XML of 2003 ----------------------------------------------------------------------


def html(rows: Table, charset: str = "utf-8", before: str = "") -> bytes:
    lines = "".join(
        f"<tr>{''.join(f'<td>{_html_text(value)}</td>' for value in row)}</tr>\n" for row in rows
    )
    return (
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={charset}">'
        f"</head><body>{before}<table border=1>\n{lines}</table></body></html>"
    ).encode(charset)


def _html_text(value: object) -> str:
    return "" if value is None else escape(str(value)).replace("\n", "<br>")


def xml_2003(rows: Table, table: str = "", styles: str = "") -> bytes:
    """A workbook with one sheet; ``table`` goes before the rows."""
    lines = "".join(f"<Row>{''.join(_cell2003(value) for value in row)}</Row>" for row in rows)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f"<Styles>{styles}</Styles>"
        f'<Worksheet ss:Name="表"><Table>{table}{lines}</Table></Worksheet></Workbook>'
    ).encode()


def _cell2003(value: object) -> str:
    if value is None:
        return "<Cell/>"
    if isinstance(value, Formula):
        if value.result is None:
            return '<Cell ss:Formula="=1+1"/>'
        return _cell2003(value.result).replace("<Cell>", '<Cell ss:Formula="=1+1">')
    if isinstance(value, bool):
        kind, text = "Boolean", str(int(value))
    elif isinstance(value, int | float):
        kind, text = "Number", repr(value)
    else:
        kind, text = ("Error" if value in ERRORS else "String"), escape(str(value))
    return f'<Cell><Data ss:Type="{kind}">{text}</Data></Cell>'
