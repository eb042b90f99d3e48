"""Marking a sender's workbook: what is asked about changes, everything else stays."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from pipelines.checks.letters import Grid, Line, Note, UneditableError, annotate, sheet_names
from pipelines.checks.letters.xmledit import Part

OURS = Grid("查询单", (8, 20), [Line([("序号", "header"), ("更正值", "entry")])], header=1)


def png() -> io.BytesIO:
    """One white pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\xff"))
    return io.BytesIO(data + chunk(b"IEND", b""))


def sender() -> bytes:
    """A workbook with a picture, a validation, a comment, a formula and a named range."""
    book = Workbook()
    form = book.active
    form.title = "表 & 一"
    form["A1"], form["B1"] = "指标", "数量"
    form["B2"], form["B3"] = 3, "=B2*2"
    form["B2"].fill = PatternFill("solid", "FFAACCEE")
    form["B2"].number_format = "0.00"
    form["B4"], form["B5"] = "约五次", 7
    form["A1"].comment = Comment("填表说明", "某人")
    form.add_image(Image(png()), "F2")
    rule = DataValidation("whole", "between", "0", "9")
    rule.add("B2")
    form.add_data_validation(rule)
    form.print_title_rows = "1:1"
    other = book.create_sheet("其他")
    other["A1"] = "不问"
    return saved(book)


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def opened(data: bytes) -> Any:
    return load_workbook(io.BytesIO(data))


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


NOTES = [Note("表 & 一", "B2", "大于 2"), Note("表 & 一", "C9", "没有填 <这格>")]


def test_cells_are_filled_and_commented_at_their_address() -> None:
    form = opened(annotate(sender(), NOTES, [OURS]))["表 & 一"]
    assert form["B2"].fill.fgColor.rgb == form["C9"].fill.fgColor.rgb == "FFFFD966"
    assert form["B2"].border.left.style == "medium"
    assert form["B2"].comment.text == "【统计审核】大于 2"
    assert form["C9"].comment.text == "【统计审核】没有填 <这格>"
    assert form["B5"].fill.fill_type is None


def test_everything_else_stays() -> None:
    data = sender()
    before, after = parts(data), parts(annotate(data, NOTES, [OURS]))
    for name in before:
        if "media" in name or "drawing1.xml" in name or "sheet2" in name or "docProps" in name:
            assert after[name] == before[name], name
    form = opened(annotate(data, NOTES, [OURS]))["表 & 一"]
    assert len(form._images) == 1
    assert form.data_validations.dataValidation[0].sqref == "B2"
    assert form["B2"].number_format == "0.00"
    assert form["B2"].value == 3
    assert form["B3"].value == "=B2*2"
    assert form["A1"].comment.text == "填表说明"
    assert form.print_title_rows == "$1:$1"


def test_our_sheet_is_in_front_and_the_only_one_selected() -> None:
    data = annotate(sender(), NOTES, [OURS, Grid("藏", (8,), [Line([("x", "")])], hidden=True)])
    book = opened(data)
    assert book.sheetnames == ["表 & 一", "其他", "查询单", "藏"]
    assert book.active.title == "查询单"
    assert book["藏"].sheet_state == "veryHidden"
    assert [s.title for s in book.worksheets if s.sheet_view.tabSelected] == ["查询单"]
    assert book["查询单"].protection.sheet
    assert not book["查询单"]["B1"].protection.locked
    assert book["查询单"].print_title_rows == "$1:$1"


def test_every_part_is_declared_and_well_formed() -> None:
    held = parts(annotate(sender(), NOTES, [OURS]))
    types = held["[Content_Types].xml"].decode()
    for name, data in held.items():
        if name.endswith((".xml", ".rels", ".vml")):
            ElementTree.fromstring(data)
        extension = name.rpartition(".")[2]
        assert f'PartName="/{name}"' in types or f'Extension="{extension}"' in types, name
    for name, data in held.items():
        if name.endswith(".rels"):
            ids = re.findall(rb'\bId="([^"]+)"', data)
            assert len(ids) == len(set(ids))
            for target in re.findall(rb'Target="/([^"]+)"', data):
                assert target.decode() in held, (name, target)


def test_a_second_letter_takes_the_first_out_and_overwrites_its_comments() -> None:
    first = annotate(sender(), NOTES, [OURS, Grid("藏", (8,), [Line([("x", "")])], hidden=True)])
    second = annotate(first, [Note("表 & 一", "C9", "还没有填")], [OURS], ["查询单", "藏"])
    book = opened(second)
    form = book["表 & 一"]
    assert book.sheetnames == ["表 & 一", "其他", "查询单"]
    assert form["C9"].comment.text == "【统计审核】还没有填"
    assert "现无问题" in form["B2"].comment.text
    assert form["A1"].comment.text == "填表说明"
    assert form.print_title_rows == "$1:$1"
    assert parts(second).keys() >= {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}


def test_a_comment_of_theirs_is_kept_with_ours_below() -> None:
    form = opened(annotate(sender(), [Note("表 & 一", "A1", "请核实")], [OURS]))["表 & 一"]
    assert form["A1"].comment.text == "填表说明\n【统计审核】请核实"


@pytest.mark.parametrize("value", [Decimal("12.50"), "-"])
def test_a_corrected_value_is_put_in_without_our_fill(value: Decimal | str) -> None:
    note = Note("表 & 一", "B3", "您已更正", value, marked=False)
    form = opened(annotate(sender(), [note], [OURS]))["表 & 一"]
    assert form["B3"].value == (12.5 if value != "-" else "-")
    assert form["B3"].fill.fill_type is None


def test_cells_without_references_are_counted() -> None:
    """Some programs leave out where a row and a cell stand."""
    held = parts(sender())
    name = "xl/worksheets/sheet1.xml"
    held[name] = re.sub(rb'(<(?:row|c)) r="[A-Z]*\d+"', rb"\1", held[name])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for part, data in held.items():
            out.writestr(part, data)
    form = opened(annotate(buffer.getvalue(), [Note("表 & 一", "B2", "大于 2")], [OURS]))["表 & 一"]
    assert form["B2"].fill.fgColor.rgb == "FFFFD966"


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"no workbook", sender().replace(b"PK\x01\x02", b"PK\x01\x09", 1)]
)
def test_what_is_no_workbook_is_told(data: bytes) -> None:
    with pytest.raises(UneditableError):
        annotate(data, [], [OURS])
    with pytest.raises(UneditableError):
        sheet_names(data)


def test_the_same_letter_has_the_same_bytes() -> None:
    data = sender()
    assert annotate(data, NOTES, [OURS]) == annotate(data, NOTES, [OURS])


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)


@given(st.lists(st.tuples(st.sampled_from("abc"), _TEXT), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_changes_leave_every_other_byte(children: list[tuple[str, str]]) -> None:
    root = ElementTree.Element("root", {"note": "a > b / 'c'"})
    for name, text in children:
        ElementTree.SubElement(root, name, {"v": text}).text = text or None
    data = ElementTree.tostring(root, encoding="utf-8")
    part = Part(data)
    first = part.elements[1]
    part.set_attributes(first, s="1")
    part.append(part.root, "<new/>")
    changed = ElementTree.fromstring(part.content())
    assert changed[0].attrib == {"v": children[0][1], "s": "1"}
    assert [(one.tag, one.text or "") for one in changed] == [*children, ("new", "")]
    part = Part(data)
    assert part.content() == data
