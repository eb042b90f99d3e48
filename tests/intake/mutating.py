"""Damage to valid returns at random, and a second way to tell what a damaged file says.

A damaged file may be refused, or be read to the same figures, or to other figures where its bytes
really say so: then the second reader (openpyxl for .xlsx, short walkers of their own for the other
formats; none of them shares code with the project) must find that figure in the cell that is
cited, in a row with the item's own label or code.
"""

from __future__ import annotations

import csv
import io
import random
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import xlwt
from lxml import etree

from pipelines.survey.models import Edition, Item
from tests.intake.writing import Layout, saved, workbook

Grid = dict[tuple[str, str], object]
Sheets = list[tuple[str, list[list[object]]]]
#: When every archive was packed.
_DAY = (2024, 5, 6, 0, 0, 0)


# --- valid returns in every format --------------------------------------------------------------


def figures(edition: Edition) -> dict[str, object]:
    """A different figure for every item, so that one that moves is seen."""
    return {item.item_id: 1000 + 7 * n for n, item in enumerate(edition.items)}


def valid(edition: Edition) -> dict[str, bytes]:
    """The same return in each format."""
    book, _ = workbook(edition, figures(edition))
    single, _ = workbook(edition, figures(edition), layout=Layout(one_sheet=True))
    return {
        "xlsx": _undated(saved(book)),
        "xls": _xls(_cells(book)),
        "ods": _ods(_cells(book)),
        "csv": _csv(_cells(single)),
        "docx": _docx(_cells(book)),
    }


def _cells(book: Any) -> Sheets:
    return [(sheet.title, [list(row) for row in sheet.values]) for sheet in book.worksheets]


def _xls(sheets: Sheets) -> bytes:
    book = xlwt.Workbook()
    for name, rows in sheets:
        sheet = book.add_sheet(name)
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                if cell is not None:
                    sheet.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _csv(sheets: Sheets) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    for _, rows in sheets:
        writer.writerows(["" if cell is None else str(cell) for cell in row] for row in rows)
    return out.getvalue().encode("gb18030")


def _packed(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, _DAY)
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _undated(data: bytes) -> bytes:
    """A workbook without the time it was saved: the same damage is to hit the same bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    core = "docProps/core.xml"
    parts[core] = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2024-05-06T00:00:00Z", parts[core])
    return _packed(parts)


_O = "urn:oasis:names:tc:opendocument:xmlns:"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def _ods(sheets: Sheets) -> bytes:
    def cell(value: object) -> str:
        if value is None:
            return "<table:table-cell/>"
        kind = (
            f'office:value-type="float" office:value="{value}"'
            if isinstance(value, int)
            else 'office:value-type="string"'
        )
        return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"

    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(
            f"<table:table-row>{''.join(cell(c) for c in row)}</table:table-row>" for row in rows
        )
        + "</table:table>"
        for name, rows in sheets
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        f' xmlns:office="{_O}office:1.0" xmlns:table="{_O}table:1.0" xmlns:text="{_O}text:1.0">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        f"</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_O}manifest:1.0"><manifest:file-entry'
        f' manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return _packed(
        {
            "mimetype": kind.encode(),
            "META-INF/manifest.xml": manifest.encode(),
            "content.xml": content.encode(),
        }
    )


def _docx(sheets: Sheets) -> bytes:
    def row(cells: list[object]) -> str:
        return "".join(
            f"<w:tc><w:p><w:r><w:t>{escape('' if c is None else str(c))}</w:t></w:r></w:p></w:tc>"
            for c in cells
        )

    tables = "".join(
        f"<w:p><w:r><w:t>{escape(name)}</w:t></w:r></w:p><w:tbl>"
        + "".join(f"<w:tr>{row(r)}</w:tr>" for r in rows)
        + "</w:tbl>"
        for name, rows in sheets
    )
    document = f'<w:document xmlns:w="{_W}"><w:body>{tables}</w:body></w:document>'
    types = (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD}"/></Types>'
    )
    relations = (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1"'
        f' Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    return _packed(
        {
            "[Content_Types].xml": types.encode(),
            "_rels/.rels": relations.encode(),
            "word/document.xml": document.encode(),
        }
    )


# --- damage -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Damaged:
    format: str
    how: str
    data: bytes


def damage(originals: Mapping[str, bytes], rng: random.Random) -> Damaged:
    """A valid return, damaged in its bytes, or in the XML inside it and packed again."""
    kind = rng.choice(sorted(originals))
    data = originals[kind]
    if zipfile.is_zipfile(io.BytesIO(data)) and rng.random() < 0.75:
        return _inside(kind, data, rng)
    how, edited = _edited(data, rng, _BYTE_EDITS)
    return Damaged(kind, f"bytes: {how}", edited)


def _inside(kind: str, data: bytes, rng: random.Random) -> Damaged:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    # The parts with the figures are the most interesting.
    weights = [len(part) ** 0.5 for part in parts.values()]
    name = rng.choices(list(parts), weights)[0]
    how, parts[name] = _edited(parts[name], rng, _XML_EDITS + _BYTE_EDITS)
    return Damaged(kind, f"{name}: {how}", _packed(parts))


Edit = Callable[[bytes, random.Random], bytes]


def _edited(data: bytes, rng: random.Random, edits: tuple[Edit, ...]) -> tuple[str, bytes]:
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        edit = rng.choice(edits)
        names.append(edit.__name__.strip("_"))
        data = edit(data, rng) if data else data
    return "+".join(names), data


def _flip_a_bit(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def _set_a_byte(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return (
        data[:at]
        + bytes([rng.choice((0, 0xFF, 0x7F, 48 + rng.randrange(10), 60))])
        + data[at + 1 :]
    )


def _drop_bytes(data: bytes, rng: random.Random) -> bytes:
    at, size = _span(data, rng)
    return data[:at] + data[at + size :]


def _repeat_bytes(data: bytes, rng: random.Random) -> bytes:
    at, size = _span(data, rng)
    return data[: at + size] + data[at : at + size] + data[at + size :]


def _blank_bytes(data: bytes, rng: random.Random) -> bytes:
    at, size = _span(data, rng)
    return data[:at] + bytes(size) + data[at + size :]


def _cut_off(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _swap_blocks(data: bytes, rng: random.Random) -> bytes:
    size = min(512, len(data) // 4)
    one, other = sorted(rng.randrange(max(len(data) // 512, 1)) * 512 for _ in range(2))
    if size < 512 or one == other:
        return data
    a, b = data[one : one + size], data[other : other + size]
    return data[:one] + b + data[one + size : other] + a + data[other + size :]


def _span(data: bytes, rng: random.Random) -> tuple[int, int]:
    return rng.randrange(len(data)), min(rng.choice((1, 2, 8, 64, 512)), len(data))


_TAG = re.compile(rb"<[^<>]*>")
_ATTRIBUTE = re.compile(rb' [\w:]+="[^"]*"')
_DIGITS = re.compile(rb"\d+")


def _pick(pattern: re.Pattern[bytes], data: bytes, rng: random.Random) -> re.Match[bytes] | None:
    """A match of the pattern, from a random place on."""
    found = pattern.search(data, rng.randrange(len(data)))
    return found or pattern.search(data)


def _drop_a_tag(data: bytes, rng: random.Random) -> bytes:
    found = _pick(_TAG, data, rng)
    return data[: found.start()] + data[found.end() :] if found else data


def _drop_an_attribute(data: bytes, rng: random.Random) -> bytes:
    found = _pick(_ATTRIBUTE, data, rng)
    return data[: found.start()] + data[found.end() :] if found else data


def _empty_an_attribute(data: bytes, rng: random.Random) -> bytes:
    found = _pick(_ATTRIBUTE, data, rng)
    if not found:
        return data
    name = found.group().partition(b"=")[0]
    return data[: found.start()] + name + b'=""' + data[found.end() :]


def _change_a_number(data: bytes, rng: random.Random) -> bytes:
    found = _pick(_DIGITS, data, rng)
    if not found:
        return data
    other = rng.choice((b"0", b"-1", b"1", b"99999999999", b"1e9", b"%d" % rng.randrange(2000)))
    return data[: found.start()] + other + data[found.end() :]


def _element(data: bytes, rng: random.Random) -> tuple[int, int] | None:
    """Where a small element stands, from its first tag to its last."""
    found = _pick(re.compile(rb"<([\w:]+)(?=[\s>])[^<>]*[^/]>"), data, rng)
    if not found:
        return None
    end = data.find(b"</" + found.group(1) + b">", found.end())
    return (found.start(), end + len(found.group(1)) + 3) if end >= 0 else None


def _drop_an_element(data: bytes, rng: random.Random) -> bytes:
    at = _element(data, rng)
    return data[: at[0]] + data[at[1] :] if at else data


def _repeat_an_element(data: bytes, rng: random.Random) -> bytes:
    at = _element(data, rng)
    return data[: at[1]] + data[at[0] : at[1]] + data[at[1] :] if at else data


def _move_an_element(data: bytes, rng: random.Random) -> bytes:
    at = _element(data, rng)
    if not at:
        return data
    element, rest = data[at[0] : at[1]], data[: at[0]] + data[at[1] :]
    found = _pick(_TAG, rest, rng) if rest else None
    place = found.end() if found else len(rest)
    return rest[:place] + element + rest[place:]


_BYTE_EDITS: tuple[Edit, ...] = (
    _flip_a_bit,
    _set_a_byte,
    _drop_bytes,
    _repeat_bytes,
    _blank_bytes,
    _cut_off,
    _swap_blocks,
)
_XML_EDITS: tuple[Edit, ...] = (
    _drop_a_tag,
    _drop_an_attribute,
    _empty_an_attribute,
    _change_a_number,
    _drop_an_element,
    _repeat_an_element,
    _move_an_element,
)


# --- the second reader --------------------------------------------------------------------------


def second_reading(kind: str, data: bytes) -> Grid | None:
    """What stands in each cell, by a reader of its own; None when it cannot read the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return dict(_SECOND[kind](data))
    except Exception:
        return None


def _second_xlsx(data: bytes) -> Iterator[tuple[tuple[str, str], object]]:
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                yield (sheet.title, cell.coordinate), cell.value


def _second_csv(data: bytes) -> Iterator[tuple[tuple[str, str], object]]:
    text = data.decode("gb18030")
    for r, row in enumerate(csv.reader(io.StringIO(text, newline=""))):
        for c, cell in enumerate(row):
            yield ("CSV", f"{_letters(c)}{r + 1}"), cell


def _second_xls(data: bytes) -> Iterator[tuple[tuple[str, str], object]]:
    """Number, RK and shared text records of BIFF8; the stream lies in one piece, as xlwt writes."""
    stream = data[512:]
    names: list[tuple[int, str]] = []
    texts: list[str] = []
    sheet = ""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        sheet = next((name for offset, name in names if offset == at), sheet)
        if kind == 0x0085:
            offset, _, _, length, wide = struct.unpack_from("<IBBBB", body)
            names.append((offset, _biff_text(body[8:], length, wide)))
        elif kind == 0x00FC:
            texts = list(_shared_texts(stream, at))
        elif kind == 0x0203:
            r, c, _, value = struct.unpack_from("<HHHd", body.ljust(14, b"\xff"))
            yield (sheet, f"{_letters(c)}{r + 1}"), value
        elif kind == 0x027E:
            r, c, _, packed = struct.unpack_from("<HHHI", body)
            yield (sheet, f"{_letters(c)}{r + 1}"), _rk(packed)
        elif kind == 0x00BD:
            r, first = struct.unpack_from("<HH", body)
            for n in range((len(body) - 6) // 6):
                (packed,) = struct.unpack_from("<I", body, 6 + 6 * n)
                yield (sheet, f"{_letters(first + n)}{r + 1}"), _rk(packed)
        elif kind == 0x00FD:
            r, c, _, number = struct.unpack_from("<HHHI", body)
            yield (sheet, f"{_letters(c)}{r + 1}"), dict(enumerate(texts)).get(number, "?")
        at += 4 + size


def _shared_texts(stream: bytes, at: int) -> Iterator[str]:
    size = struct.unpack_from("<H", stream, at + 2)[0]
    body = stream[at + 4 : at + 4 + size]
    (count,) = struct.unpack_from("<I", body, 4)
    place = 8
    for _ in range(count):
        length, wide = struct.unpack_from("<HB", body, place)
        yield _biff_text(body[place + 3 :], length, wide)
        place += 3 + length * (1 + (wide & 1))


def _biff_text(raw: bytes, length: int, wide: int) -> str:
    return raw[: 2 * length].decode("utf-16-le") if wide & 1 else raw[:length].decode("latin-1")


def _rk(packed: int) -> float:
    if packed & 2:
        value = float(struct.unpack("<i", struct.pack("<I", packed))[0] >> 2)
    else:
        value = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", packed & 0xFFFFFFFC))[0]
    return value / 100 if packed & 1 else value


def _second_ods(data: bytes) -> Iterator[tuple[tuple[str, str], object]]:
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("content.xml"))
    table, office = f"{{{_O}table:1.0}}", f"{{{_O}office:1.0}}"
    for sheet in root.iter(f"{table}table"):
        name = str(sheet.get(f"{table}name", ""))
        r = 0
        for row in sheet.iter(f"{table}table-row"):
            c = 0
            for cell in row:
                value = cell.get(f"{office}value") or "".join(map(str, cell.itertext()))
                for _ in range(min(int(cell.get(f"{table}number-columns-repeated", "1")), 99)):
                    yield (name, f"{_letters(c)}{r + 1}"), value
                    c += 1
            r += int(row.get(f"{table}number-rows-repeated", "1"))


def _second_docx(data: bytes) -> Iterator[tuple[tuple[str, str], object]]:
    root = etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))
    for n, table in enumerate(root.iter(f"{{{_W}}}tbl"), 1):
        for r, row in enumerate(table.iter(f"{{{_W}}}tr")):
            for c, cell in enumerate(row.iter(f"{{{_W}}}tc")):
                text = "".join(str(t.text or "") for t in cell.iter(f"{{{_W}}}t"))
                yield (f"表格 {n}", f"{_letters(c)}{r + 1}"), text


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_SECOND: dict[str, Callable[[bytes], Iterator[tuple[tuple[str, str], object]]]] = {
    "xlsx": _second_xlsx,
    "csv": _second_csv,
    "xls": _second_xls,
    "ods": _second_ods,
    "docx": _second_docx,
}


# --- the judgement ------------------------------------------------------------------------------


def silently_changed(
    edition: Edition, damaged: Damaged, answers: list[dict[str, Any]]
) -> list[str]:
    """Figures of a loaded file that are not those sent and that its bytes do not say either."""
    sent = figures(edition)
    differing = [row for row in answers if row["value"] != sent[row["item_id"]]]
    absent = sorted(sent.keys() - {row["item_id"] for row in answers})
    wrong = [f"{item_id} lost" for item_id in absent]
    if not differing:
        return wrong
    grid = second_reading(damaged.format, damaged.data)
    for row in differing:
        if row["state"] == "unreadable":
            continue  # said aloud: the raw text goes back to the sender
        item = edition.item[row["item_id"]]
        said = grid.get((row["sheet"], row["cell"])) if grid is not None else "?"
        named = grid is not None and _named(item, row, grid)
        if not (named and _same(row["value"], row["state"], said, item.unit)):
            wrong.append(
                f"{item.item_id}: {row['sheet']}!{row['cell']} {row['raw_text']!r}/{said!r}"
            )
    return wrong


def _named(item: Item, row: dict[str, Any], grid: Grid) -> bool:
    """Whether the item's label or code stands in the row of the cell that is cited."""
    number = row["cell"].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    beside = {
        str(text).strip()
        for (sheet, cell), text in grid.items()
        if sheet == row["sheet"] and cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == number
    }
    return bool(beside & {item.printed_label_zh.strip(), item.name_zh, item.label_zh, item.code})


def _same(value: Decimal | None, state: str, said: object, unit: str) -> bool:
    text = "" if said is None else str(said).strip().removesuffix(unit)
    if value is None:
        return text in (("-", "—", "－") if state == "not_applicable" else ("",))
    try:
        return Decimal(text.replace(",", "")) == value
    except InvalidOperation:
        return False
