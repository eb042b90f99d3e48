"""OpenDocument tables, written by hand: what their XML says beside the values."""

from __future__ import annotations

import re

import pytest

from pipelines.errors import OversizedFileError, UnreadableFileError
from pipelines.intake.formats.cells import Cell, Flaw, Sheet
from pipelines.intake.formats.sniff import Format, sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.survey import Survey
from tests.intake.by_hand import packed
from tests.intake.test_intake_formats import WANT, rows, said
from tests.intake.writing import Office

_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_URN = "urn:oasis:names:tc:opendocument:xmlns"


def ods(content: str, styles: str = "") -> bytes:
    """A document with the given tables."""
    names = " ".join(
        f'xmlns:{name}="{_URN}:{name}:1.0"' for name in ("office", "table", "text", "style")
    )
    calc = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    return packed(
        {
            "mimetype": _TYPE,
            "META-INF/manifest.xml": f'<m xmlns="{_URN}:manifest:1.0"/>',
            "content.xml": f"<office:document-content {names} {calc}>"
            f"<office:automatic-styles>{styles}</office:automatic-styles><office:body>"
            f"<office:spreadsheet>{content}</office:spreadsheet></office:body>"
            "</office:document-content>",
        }
    )


def table(*lines: str, columns: str = "<table:table-column/>", style: str = "") -> str:
    about = f' table:style-name="{style}"' if style else ""
    return f'<table:table table:name="表"{about}>{columns}{"".join(lines)}</table:table>'


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def text(value: object, attributes: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="string" {attributes}><text:p>{value}</text:p>'
        "</table:table-cell>"
    )


def number(value: float, attributes: str = "", inside: str = "") -> str:
    return (
        f'<table:table-cell office:value-type="float" office:value="{value}" {attributes}>'
        f"{inside}<text:p>{value}</text:p></table:table-cell>"
    )


def flat(content: str, kind: str = _TYPE, space: str = "\n  ") -> bytes:
    """The same in one XML file, indented as programs write it."""
    names = " ".join(
        f'xmlns:{name}="{_URN}:{name}:1.0"' for name in ("office", "table", "text", "style")
    )
    body = f"<office:body><office:spreadsheet>{content}</office:spreadsheet></office:body>"
    spaced = re.sub(r">(?=<(?!text:|/text:))", f">{space}", body)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<office:document {names}'
        f' office:mimetype="{kind}">{space}<office:meta><x/></office:meta>{spaced}'
        f"</office:document>"
    ).encode()


def sheet_of(data: bytes) -> Sheet:
    assert sniff(data) is Format.ODS
    (sheet,) = read_sheets(data, Format.ODS)
    return sheet


def cells(sheet: Sheet) -> list[list[Cell]]:
    return [[sheet.at(r, c) for c in range(len(line))] for r, line in enumerate(sheet.rows)]


def questionnaire(survey: Survey) -> str:
    lines = []
    for line in rows(survey):
        made = []
        for value in line:
            if value is None:
                made.append("<table:table-cell/>")
            elif isinstance(value, int | float):
                made.append(number(value))
            else:
                made.append(text(value))
        lines.append(row(*made))
    return table(*lines)


def test_a_questionnaire_in_ods(office: Office, survey: Survey) -> None:
    assert said(office, ods(questionnaire(survey)), "表.ods") == WANT


@pytest.mark.parametrize("name", ["表.fods", "表.xml", "表.ods"])
@pytest.mark.parametrize("space", ["", "\n    "])
def test_a_questionnaire_in_one_xml_file(
    office: Office, survey: Survey, name: str, space: str
) -> None:
    assert said(office, flat(questionnaire(survey), space=space), name) == WANT


def test_spacing_inside_a_paragraph_of_a_flat_file_is_text() -> None:
    cell = text("<text:span>1</text:span>\n<text:span>2</text:span>")
    data = flat(table(row(cell, number(5), text("甲"))))
    assert sniff(data) is Format.FODS
    (sheet,) = read_sheets(data, Format.FODS)
    ((first, *others),) = cells(sheet)
    assert str(first).split() == ["1", "2"]
    assert others == [5.0, "甲"]


def test_flaws_of_a_flat_file_are_told_as_of_any_other() -> None:
    lost = '<table:table-cell table:formula="of:=1+1"/>'
    (sheet,) = read_sheets(flat(table(row(lost, number(3)))), Format.FODS)
    assert isinstance(sheet.at(0, 0), Flaw)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (flat(table(row(number(1))), "application/vnd.oasis.opendocument.text"), "不是表格"),
        (flat(table(row(number(1)))).replace(b"</table:table>", b""), "XML"),
        (
            flat(table(row(number(1)))).replace(
                b"?>\n", b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
            ),
            "实体",
        ),
        (flat(table(row("<table:x>" * 300 + "</table:x>" * 300))), "不合规范"),
    ],
)
def test_flat_files_that_are_refused(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableFileError, match=why):
        _ = [sheet.rows for sheet in read_sheets(data, sniff(data))]


def test_hidden_rows_and_columns() -> None:
    columns = (
        '<table:table-column/><table:table-column table:visibility="collapse" '
        'table:number-columns-repeated="2"/><table:table-column/>'
    )
    line = (number(1), number(2), number(3), number(4))
    data = ods(
        table(
            row(*line),
            row(*line, attributes='table:visibility="filter"'),
            row(*line, attributes='table:visibility="collapse" table:number-rows-repeated="2"'),
            columns=columns,
        )
    )
    sheet = sheet_of(data)
    assert [sheet.hidden_at(0, c) for c in range(4)] == ["", "来自隐藏的列", "来自隐藏的列", ""]
    assert [sheet.hidden_at(r, 0) for r in range(4)] == ["", *["来自隐藏的行"] * 3]
    assert sheet.hidden_at(2, 2) == "来自隐藏的行和列"


def test_hidden_sheets() -> None:
    style = (
        '<style:style style:name="ta2" style:family="table"><style:table-properties '
        'table:display="false"/></style:style>'
    )
    assert sheet_of(ods(table(row(number(1)), style="ta2"), style)).hidden
    assert not sheet_of(ods(table(row(number(1))), style)).hidden


def test_errors_and_formulas_without_result_in_repeated_cells_and_rows() -> None:
    error = (
        '<table:table-cell office:value-type="string" office:string-value="" '
        'calcext:value-type="error" table:formula="of:=1/0" table:number-columns-repeated="2">'
        "<text:p>#DIV/0!</text:p></table:table-cell>"
    )
    waiting = '<table:table-cell table:formula="of:=[.A1]+1"/>'
    sheet = sheet_of(ods(table(row(error, waiting, attributes='table:number-rows-repeated="2"'))))
    for r in range(2):
        line = [sheet.at(r, c) for c in range(3)]
        assert [cell.text for cell in line if isinstance(cell, Flaw)] == [
            "#DIV/0!", "#DIV/0!", "=[.A1]+1",
        ]  # fmt: skip


def test_a_comment_is_not_the_value() -> None:
    comment = "<office:annotation><text:p>批注 99</text:p></office:annotation>"
    assert cells(sheet_of(ods(table(row(number(5, inside=comment)))))) == [[5]]


def test_a_formula_that_refers_to_another_file_is_read_with_a_note() -> None:
    linked = number(5, "table:formula=\"of:='file:///x.ods'#$S.A1\"")
    sheet = sheet_of(ods(table(row(linked, number(6, 'table:formula="of:=[.B1]"')))))
    assert cells(sheet) == [[5, 6]]
    assert "引用其他文件" in sheet.notes_at(0, 0)[0]
    assert sheet.notes_at(0, 1) == ()


def test_merged_cells() -> None:
    covered = "<table:covered-table-cell/>"
    wide = text("a", 'table:number-columns-spanned="2" table:number-rows-spanned="1"')
    assert sheet_of(ods(table(row(wide, covered)))).merged == [((0, 0), (0, 1))]


@pytest.mark.parametrize("count", [1048576, 2000000000])
def test_a_filled_row_repeated_without_end_is_refused(count: int) -> None:
    line = row(*[number(1)] * 6, attributes=f'table:number-rows-repeated="{count}"')
    with pytest.raises(OversizedFileError):
        sheet_of(ods(table(line)))


def test_a_blank_row_repeated_to_the_end_is_nothing() -> None:
    end = row(
        '<table:table-cell table:number-columns-repeated="16384"/>',
        attributes='table:number-rows-repeated="1048570"',
    )
    assert sheet_of(ods(table(row(number(1)), end))).at(0, 0) == 1


def test_entities_are_refused() -> None:
    data = packed(
        {
            "mimetype": _TYPE,
            "content.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16"),
        }
    )
    with pytest.raises(UnreadableFileError):
        sheet_of(data)


@pytest.mark.parametrize(
    ("value", "shown", "want"),
    [
        (1200, "<text:p>1,200</text:p>", 1200),
        (1234.5, "<text:p>1235</text:p>", 1234.5),
        (12, "<text:p>¥12.00</text:p>", "¥12"),
        (-1234.5, "<text:p>-￥1,234.50</text:p>", "￥-1234.5"),
        (12, "<text:p>(12.00)</text:p>", 12),
        (-12, "<text:p>(12)</text:p>", -12),
        (123456, "<text:p>1.23E+05</text:p>", 123456),
        (1.5, "<text:p>1 1/2</text:p>", 1.5),
        (12, "<text:p>###</text:p>", 12),
        (0, "<text:p>-</text:p>", 0),
        (12, "", 12),
        (12, "<text:p>12人</text:p>", "12人"),
        (12000, "<text:p>12</text:p>", ("asked", "12")),
        (12000, "<text:p>1.2</text:p>", ("asked", "1.2")),
        (12, "<text:p>120</text:p>", ("asked", "120")),
        (12, "<text:p>12-20</text:p>", ("asked", "12-20")),
        (3, "<text:p>-</text:p>", ("asked", "-")),
        (3, "<text:p>0</text:p>", ("asked", "0")),
        (12, "<text:p/>", ("asked", "12")),
    ],
)
def test_a_number_that_shows_as_another_is_asked_about(
    value: float, shown: str, want: object
) -> None:
    cell = (
        f'<table:table-cell office:value-type="float" office:value="{value}">{shown}'
        "</table:table-cell>"
    )
    ((found,),) = cells(sheet_of(ods(table(row(cell)))))
    if isinstance(found, Flaw):
        assert "格内原数为" in found.note or "隐藏" in found.note
        assert ("asked", found.text) == want
    else:
        assert found == want
