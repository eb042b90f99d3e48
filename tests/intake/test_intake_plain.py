"""Sheets that are written plainly are read without the native reader, and exactly as by it."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.intake.formats.cells import Sheet, error_cell, uncomputed_cell
from pipelines.intake.formats.sniff import Format
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.survey import Survey
from tests.intake.by_hand import MAIN
from tests.intake.layout_drawing import draw
from tests.intake.layout_writers import WRITERS, can_write
from tests.intake.mutating import valid
from tests.intake.plain_checking import (
    damage_differs,
    differs,
    drawn_cells,
    plain_sheets,
    row,
    written,
)
from tests.intake.plain_programs import PROGRAMS, is_read_as_drawn, saved
from tests.intake.writing import YEAR


def read(data: bytes) -> Sheet:
    assert plain_sheets(data) == [True]
    return read_sheets(data, Format.XLSX)[0]


def test_what_plain_cells_say() -> None:
    said: list[tuple[str, object]] = [
        ("><v>5</v>", 5.0),
        ("><v>-3.25</v>", -3.25),
        (' s="3"><v>7</v>', 7.0),
        (' s="1"><v>45074</v>', dt.date(2023, 5, 28)),
        (' t="s"><v>0</v>', "科普讲座"),
        (' t="s"><v>1</v>', " 两边 "),
        (' t="s"><v>2</v>', "两边"),
        (' t="s"><v>3</v>', "甲&乙"),
        (' t="s"><v>7</v>', "　其中"),
        (' t="s"><v>5</v>', "一二"),
        (' t="s"><v>9</v>', "两 段"),
        (' t="s"><v>10</v>', "左右<"),
        (' t="s"><v>11</v>', "北京"),
        (' s="8"><v>45074</v>', dt.date(2023, 5, 28)),
        (' s="9"><v>45074</v>', dt.date(2023, 5, 28)),
        (' s="10"><v>1200</v>', 1200.0),
        (' cm="1"><f t="array" ref="B15">SUM(D1:D2)</f><v>9</v>', 9.0),
        (' t="b"><f>A9=0</f><v>0</v>', False),
        (' t="str"><f>A9</f><v xml:space="preserve"> 甲 </v>', " 甲 "),
        (' t="inlineStr"><is><t>丙 丁</t></is>', "丙 丁"),
        (' t="str"><f>A9</f><v></v>', ""),
        (' t="str"><f>A9</f><v/>', ""),
        (' t="inlineStr"><is><t> 甲 &amp; 乙 </t></is>', "甲 & 乙"),
        (' t="inlineStr"><is><t>&#20154;&#x4E2D;&lt;</t></is>', "人中<"),
        (' t="b"><v>1</v>', True),
    ]
    lines = [row(f'<c r="B{n}"{cell}</c>', number=n) for n, (cell, _) in enumerate(said, 1)]
    sheet = read(written("".join(lines), after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>'))
    assert sheet.rows == [["", value] for _, value in said]
    assert [type(line[1]) for line in sheet.rows] == [type(value) for _, value in said]
    assert sheet.merged == [((0, 0), (1, 1))]


def test_a_formula_without_a_result_is_told() -> None:
    sheet = read(written(row('<c r="A1"><v>5</v></c>', '<c r="C1"><f>A1&gt;1</f><v></v></c>')))
    assert sheet.rows == [[5.0]]
    assert sheet.at(0, 2) == uncomputed_cell("A1>1")
    assert sheet.at(0, 1) == ""


@pytest.mark.parametrize(
    "cells",
    [
        row('<c r="A1"><v>5</v><v>7</v></c>'),
        row('<c r="A1"><v>5<!-- --></v></c>'),
        row('<c r="A1"><v>5</v></c>', '<c r="A1"><v>7</v></c>'),
        row('<c r="B1"><v>5</v></c>', '<c r="A1"><v>7</v></c>'),
        row('<c r="A2"><v>5</v></c>', number=2) + row('<c r="A1"><v>5</v></c>'),
        row('<c r="A1"><v>5</v></c>') + row("<c><v>7</v></c>", number=2),
        row('<c r="A1"><v>5&#48;</v></c>'),
        row('<c r="A1" t="s"><v>12</v></c>'),
        row('<c r="A1" t="s"><v>13</v></c>'),
        row('<c r="A1" t="s"><v>14</v></c>'),
        row('<c r="A1" t="s"><v>15</v></c>'),
        row('<c r="A1" t="s"><v>6</v></c>'),
        row('<c r="A1" t="e"><v>#SPILL!</v></c>'),
        row('<c r="A1" t="e"><f>B1</f><v></v></c>'),
        row('<c r="A1" t="b"><f>B1</f><v>TRUE</v></c>'),
        row('<c r="A1" cm="2"><v>5</v></c>'),
        row('<c r="A1" s="4"><v>0.5</v></c>'),
        row('<c r="A1" s="6"><v>5</v></c>'),
        row('<c r="A1" s="11"><v>5</v></c>'),
        row('<c r="A1" s="12"><v>5</v></c>'),
        row('<c r="A1" s="1"><v>45074.5</v></c>'),
        row('<c r="A1" s="1"><v>60</v></c>'),
        row('<c r="AAA1"><v>5</v></c>'),
        row('<c r="A1"><v>5</v></c>') + "<row>",
        row('<c r="A1"><v>5</v></c>') + '<row r="2" ht="1" ht="2"><c r="B2"/></row>',
        '<row r="1" ht="1" ht="2"><c r="A1"><v>5</v></c><c r="B1"/></row>',
        '<row r="1" ht="\x11"><c r="A1"><v>5</v></c><c r="B1"/></row>',
        row('<c r="A1"><f ca="1" ca="1">B1</f><v>5</v></c>', '<c r="B1"/>'),
        row('<c r="A1" t="str"><v>\ufffe</v></c>', '<c r="B1"/>'),
        row('<c r="A1"><v>5</v></c>') + "</sheetData><sheetData>",
    ],
)
def test_what_is_not_plain_is_left_to_the_native_reader(cells: str) -> None:
    data = written(cells)
    assert plain_sheets(data) == [False]
    assert not differs(data)


def test_an_error_value_is_told_in_its_cell() -> None:
    cells = '<c r="A1" t="e"><f>B9/0</f><v>#DIV/0!</v></c>', '<c r="C1" t="e"><v>#N/A</v></c>'
    sheet = read(written(row(*cells)))
    assert sheet.rows == [["", "", ""]]
    assert [sheet.at(0, column) for column in range(3)] == [
        error_cell("#DIV/0!"),
        "",
        error_cell("#N/A"),
    ]


def test_a_zero_that_was_never_calculated_is_left_to_the_guards() -> None:
    for kind in ("", ' t="str"', ' t="b"'):
        cells = row(f'<c r="A1"{kind}><f>B9</f><v>0</v></c>')
        assert plain_sheets(written(cells)) == [True]
        waiting = written(cells, book='<calcPr fullCalcOnLoad="1"/>')
        assert plain_sheets(waiting) == [False]
        assert not differs(waiting)


_A_DAY = '<numFmt numFmtId="176" formatCode="yyyy/m/d"/>'
_USES = '<cellXfs><xf numFmtId="176"/></cellXfs>'


@pytest.mark.parametrize(
    "formats",
    [
        f"{_USES}<numFmts>{_A_DAY}</numFmts>",
        f"<numFmts>{_A_DAY}{_A_DAY.replace('yyyy/m/d', '0')}</numFmts>{_USES}",
        f"<numFmts>{_A_DAY}</numFmts>{_USES}{_USES}",
        f'<numFmts>{_A_DAY}</numFmts><cellXfs><xf numFmtId="176"><xf numFmtId="0"/></xf></cellXfs>',
        "<cellXfs><xf/></cellXfs>",
    ],
)
def test_odd_tables_of_styles_are_left_to_the_native_reader(formats: str) -> None:
    styles = f'<styleSheet xmlns="{MAIN}">{formats}</styleSheet>'
    data = written(row('<c r="A1" s="0"><v>45074</v></c>'), styles=styles)
    assert plain_sheets(data) == [False]
    assert not differs(data)


def test_days_counted_from_1904_are_left_to_the_native_reader() -> None:
    data = written(row('<c r="A1" s="1"><v>45074</v></c>'), book='<workbookPr date1904="1"/>')
    assert plain_sheets(data) == [False]
    assert not differs(data)


@pytest.mark.parametrize(
    "texts",
    [
        "<si><t>甲</t></si><si/><si><t>丙</t></si>",
        "<si><t>甲</t></si><!--<si>--><si><t>乙</t></si><si><t>丙</t></si>",
        "<si><t>甲</t></si><si><t><![CDATA[<si>]]></t></si><si><t>丙</t></si>",
        "<si><t>甲</t></si>\n<si><t>乙</t></si><si><t>丙</t></si>",
        "<si><t>甲</t></si><si ><t>乙</t></si><si><t>丙</t></si>",
        "<si><t>甲</t></si><si><t>乙</t></si></sst><sst><si><t>丙</t></si>",
        "<si><t>甲</t></si><si><t>乙</t><t>又</t></si><si><r><rPr><t/></rPr><t>丙</t></r></si>",
        "<si><t>甲</t></si><si><t>乙</t></si><si><r><t>丙</r></si>",
        "<si><t>甲</t></si><si><t>乙</t></si><si><r><t>丙</t></r><t>丁</t></si>",
        "<si><t>甲</t></si><si><t>乙</t></si><si><t>丙</t><r><t>丁</t></r></si>",
    ],
)
def test_odd_tables_of_texts_are_left_to_the_native_reader(texts: str) -> None:
    data = written(row('<c r="A1" t="s"><v>2</v></c>'), texts=texts)
    assert plain_sheets(data) in ([False], [])
    assert not differs(data)


def test_a_text_that_is_not_plain_still_counts() -> None:
    texts = (
        "<si><t>甲</t></si><si></si><si><r><rPr><strike/></rPr><t>9</t></r></si><si><t>丁</t></si>"
    )
    data = written(row('<c r="A1" t="s"><v>3</v></c>'), texts=texts)
    assert read(data).rows == [["丁"]]
    assert not differs(data)


@settings(max_examples=250, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_any_cells_are_read_as_by_the_native_reader(seed: int) -> None:
    assert not differs(drawn_cells(random.Random(seed)))


@pytest.mark.parametrize("program", PROGRAMS)
@settings(max_examples=40, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_what_programs_save_is_read_as_drawn(program: str, seed: int) -> None:
    drawn = saved(PROGRAMS[program], random.Random(seed))
    assert plain_sheets(drawn.data) == [True]
    assert is_read_as_drawn(drawn)
    assert not differs(drawn.data)


def test_drawn_files_are_read_as_by_the_native_reader(survey: Survey) -> None:
    plain: dict[str, list[bool]] = {}
    for seed in range(40):
        drawn = draw(seed, survey.edition_of(YEAR))
        books = {"our own": drawn.data} if drawn.data else {}
        if not books:
            able = [one for one in ("openpyxl", "xlsxwriter") if can_write(one, drawn.pages)]
            books = {writer: WRITERS[writer][0](drawn.pages) for writer in able}
        for writer, data in books.items():
            assert not differs(data)
            plain.setdefault(writer, []).extend(plain_sheets(data))
    # It would be of no use if most were left to the native reader.
    assert len(plain) == 3
    assert all(sheets.count(True) > 0.8 * len(sheets) > 8 for sheets in plain.values())


@pytest.fixture(scope="module")
def original(survey: Survey) -> bytes:
    return valid(survey.edition_of(YEAR))["xlsx"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_damaged_files_are_read_as_by_the_native_reader(original: bytes, seed: int) -> None:
    assert not damage_differs(original, random.Random(seed))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32))
def test_damage_to_what_programs_save_is_told_as_by_the_native_reader(seed: int) -> None:
    rng = random.Random(seed)
    drawn = saved(rng.choice(list(PROGRAMS.values())), rng)
    assert not damage_differs(drawn.data, rng)


_LISTED = '<sheets><sheet name="二" sheetId="2" r:id="worksheet1"/></sheets>'


@pytest.mark.parametrize(
    "book",
    [
        f"<x>{_LISTED}</x>",
        '<workbookPr/><workbookPr date1904="1"/>',
        '<x><workbookPr date1904="1"/></x>',
    ],
)
def test_odd_lists_of_sheets_are_left_to_the_native_reader(book: str) -> None:
    data = written(row('<c r="A1" s="1"><v>45074</v></c>'), book=book)
    assert plain_sheets(data) == []
    assert not differs(data)


def test_what_excel_adds_to_the_list_of_sheets_changes_nothing() -> None:
    book = '<extLst><ext uri="u"><x15:workbookPr xmlns:x15="x" chartTrackingRefBase="1"/></ext>'
    data = written(row('<c r="A1" s="1"><v>45074</v></c>'), book=f"{book}</extLst>")
    assert read(data).rows == [[dt.date(2023, 5, 28)]]
    assert not differs(data)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<dimension ref=""/>', ""),
        ("", '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>' * 2),
        ('<mergeCells><mergeCell ref="A1:B2"/></mergeCells>', ""),
        ("", '<mergeCells><mergeCell ref="B2:A1"/></mergeCells>'),
        ("", "<b></c>"),
        ("<!-- -->", "<x:extLst/>"),
    ],
)
def test_odd_surroundings_are_left_to_the_native_reader(before: str, after: str) -> None:
    cells = row('<c r="A1"><v>5</v></c>', '<c r="B1"><f>A1</f><v>5</v></c>')
    data = written(cells, before=before, after=after)
    assert plain_sheets(data) == [False]
    assert not differs(data)
