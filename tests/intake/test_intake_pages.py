"""Web pages, single-file pages and XML of 2003, all of which arrive under the name .xls."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UnreadableFileError
from pipelines.intake.formats.cells import Cell, Flaw, Sheet
from pipelines.intake.formats.sniff import Format, sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.survey import Survey
from tests.intake.by_hand import Formula, html, xml_2003
from tests.intake.test_intake_formats import WANT, rows, said
from tests.intake.writing import Office


def sheets(data: bytes) -> list[Sheet]:
    return read_sheets(data, sniff(data))


def cells(sheet: Sheet) -> list[list[Cell]]:
    return [[sheet.at(r, c) for c in range(len(row))] for r, row in enumerate(sheet.rows)]


def page(table: str, head: str = "") -> list[list[Cell]]:
    (sheet,) = sheets(
        f"<html><head>{head}</head><body><table>{table}</table></body></html>".encode()
    )
    return cells(sheet)


@pytest.mark.parametrize("charset", ["utf-8", "gbk", "gb2312"])
def test_a_questionnaire_saved_as_a_web_page(office: Office, survey: Survey, charset: str) -> None:
    assert said(office, html(rows(survey), charset), "表.xls") == WANT


def test_a_questionnaire_in_xml_of_2003(office: Office, survey: Survey) -> None:
    assert said(office, xml_2003(rows(survey)), "表.xls") == WANT


def test_cells_that_reach_over_rows_and_columns() -> None:
    table = (
        "<tr><th rowspan=2>指标<th colspan=2>经费</tr><tr><td>拨款<td>专项</tr><tr><td>甲<td>1<td>2"
    )
    assert page(table) == [["指标", "经费", ""], ["", "拨款", "专项"], ["甲", "1", "2"]]


def test_merged_ranges_of_a_page() -> None:
    (sheet,) = sheets(b"<table><tr><td rowspan=9 colspan=2>a</td><td>b</td></tr><tr><td>c</table>")
    assert sheet.merged == [((0, 0), (1, 1))]
    assert cells(sheet) == [["a", "", "b"], ["", "", "c"]]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("<tr><td>人</td>1147</td><td>999</td></tr>", "只有结束标记|不在任何格子"),
        ("<tr><td>人</td> 1147 <td>999</td></tr>", "1147"),
        ("<tr><td>人</td></td><td>999</td></tr>", "只有结束标记"),
        ("<tr><td>人</td> - <td>999</td></tr>", "不在任何格子"),
    ],
)
def test_a_cell_whose_tag_is_lost_is_refused(table: str, why: str) -> None:
    """What follows would be read a column too far left."""
    with pytest.raises(UnreadableFileError, match=why):
        page(table)


def test_words_and_spacing_between_cells_change_nothing() -> None:
    table = "<tr>&nbsp;<td>人</td> \n 如下所示 <td>5</td></tr>"
    assert page(table) == [["人", "5"]]


def test_tables_in_tables_are_sheets_of_their_own() -> None:
    found = sheets(
        "<table><tr><td>外<table><tr><td>5</td></tr></table>面</td></tr></table>"
        "<table><tr><td>7</table>".encode()
    )
    assert [(sheet.name, cells(sheet)) for sheet in found] == [
        ("表格 1", [["外面"]]),
        ("表格 2", [["5"]]),
        ("表格 3", [["7"]]),
    ]


def test_text_between_tables_is_kept_by_lines() -> None:
    found = sheets(
        "<h1>科普统计调查表（2023年度）</h1><p>填报单位：甲局　　填表日期：5月6日</p>"
        "<table><tr><td>1</table>完".encode()
    )
    assert [(s.name, s.rows, s.outside_tables) for s in found] == [
        (
            "表格 1 前的文字",
            [["科普统计调查表（2023年度）"], ["填报单位：甲局", "填表日期：5月6日"]],
            True,
        ),
        ("表格 1", [["1"]], False),
        ("表格后的文字", [["完"]], True),
    ]


@pytest.mark.parametrize(
    ("cell", "want"),
    [
        ("<td>1&nbsp;2&lt;&#20013;</td>", "1\u00a02<中"),
        ("<td>甲<br>乙</td>", "甲\n乙"),
        ("<td>10<sup>2</sup></td>", "10²"),
        ("<td>5<script>6</script><!-- 7 --><style>.a{}</style></td>", "5"),
        ('<td>5<span style="display: none">0</span></td>', "5"),
        ('<td>5<span class="gone">0</span></td>', "5"),
        ("<td>5<comment>批注 9</comment></td>", "5"),
        ('<td><input value="12"></td>', "12"),
        ("<td><select><option>1<option selected>2<option>3</select></td>", "2"),
        ("<td><select><option>1<option>2</select></td>", "1"),
        ("<td><input type=checkbox checked>省级<input type=checkbox>市级</td>", "☑省级□市级"),
        ('<td x:num="1234.5">1,235</td>', 1234.5),
        ('<td x:num="1234.5">#####</td>', 1234.5),
        ('<td sdval="1234.5" sdnum="1033;">1,235</td>', 1234.5),
        ('<td sdval="-12" sdnum="1033;0;0_);(0)">(12)</td>', -12),
        ('<td x:num="0"> - </td>', 0),
        ("<td x:num>12</td>", "12"),
        ("<td x:str>0012</td>", "0012"),
        ('<td x:num="45000">2023/3/15</td>', "2023/3/15"),
        ('<td x:num="0.125">12.5%</td>', "12.5%"),
        ('<td x:bool="TRUE">TRUE</td>', True),
    ],
)
def test_what_a_cell_of_a_page_says(cell: str, want: object) -> None:
    assert page(f"<tr>{cell}</tr>", "<style>.gone {color:red;display:none}</style>") == [[want]]


@pytest.mark.parametrize(
    ("cell", "text", "note"),
    [
        ('<td x:err="#N/A">#N/A</td>', "#N/A", "错误值"),
        ('<td x:fmla="=SUM(A1:A9)"></td>', "=SUM(A1:A9)", "没有计算结果"),
        ('<td sdval="12000" sdnum="1033;0;0,">12</td>', "12", "格内原数为 12000"),
        ('<td x:num="12">120</td>', "120", "格内原数为 12"),
        ('<td x:num="3">-</td>', "-", "格内原数为 3"),
        ('<td x:num="12"></td>', "12", "隐藏"),
        ("<td>12<s>15</s></td>", "1215", "删除线"),
        ("<td><del>12</del> 15</td>", "12 15", "删除线"),
    ],
)
def test_cells_of_a_page_that_must_not_be_believed(cell: str, text: str, note: str) -> None:
    ((found,),) = page(f"<tr>{cell}</tr>")
    assert isinstance(found, Flaw)
    assert found.text == text
    assert note in found.note


def test_a_figure_that_stands_in_a_table_inside_its_cell() -> None:
    one, two = "<table><tr><td>12</table>", "<table><tr><td>12<td>13</table>"
    outer = sheets(f"<table><tr><td>讲座<td>{one}<td>{two}<td>x{one}</table>".encode())[0]
    assert outer.at(0, 1) == "12"
    found = [outer.at(0, 2), outer.at(0, 3)]
    assert [cell.text for cell in found if isinstance(cell, Flaw)] == ["12 13", "x 12"]


def test_hidden_rows_and_columns_of_a_page() -> None:
    (sheet,) = sheets(
        b"<table><col><col style='display:none'><tr style='display:none'><td>a<td>b"
        b"<tr><td>c<td>d<td hidden>e</table>"
    )
    notes = [[sheet.hidden_at(r, c) for c in range(2)] for r in range(2)]
    assert notes == [["来自隐藏的行", "来自隐藏的行和列"], ["", "来自隐藏的列"]]


def test_a_formula_of_a_page_that_refers_to_another_file() -> None:
    (sheet,) = sheets(
        b"<table><tr><td x:num x:fmla='=[b.xls]S!A1'>5<td x:num x:fmla='=A1'>5</table>"
    )
    assert "引用其他文件" in sheet.notes_at(0, 0)[0]
    assert sheet.notes_at(0, 1) == ()


def test_the_name_that_excel_gives_the_only_sheet() -> None:
    comment = "<!--[if gte mso 9]><xml><x:ExcelWorksheet><x:Name>年报</x:Name></xml><![endif]-->"
    (sheet,) = sheets(f"<html><head>{comment}</head><table><tr><td>5</table>".encode())
    assert sheet.name == "年报"


@pytest.mark.parametrize(
    "data",
    [
        "<html><p>没有表</p></html>".encode(),
        b"<html><frameset><frame src='x.files/sheet001.htm'></frameset></html>",
        b"<table><tr>" + b"<div>" * 3000 + b"</table>",
        b"<table><tr>" + b"<td colspan=1000>" * 20 + b"</table>",
    ],
)
def test_pages_that_are_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        sheets(data)


MHT = """MIME-Version: 1.0
Content-Type: multipart/related; boundary="b"

--b
Content-Location: file:///C:/x.htm
Content-Type: text/html; charset="gb2312"

<html><!--<xml><x:ExcelWorksheet><x:Name>{name}</x:Name><x:WorksheetSource HRef="x.files/s1.htm"/>
</x:ExcelWorksheet></xml>--><frameset></frameset></html>
--b
Content-Location: file:///C:/x.files/s1.htm
Content-Transfer-Encoding: quoted-printable
Content-Type: text/html; charset="gb2312"

<html><meta charset=3D"gb2312"><table><tr><td>{label}<td x:num=3D"5.25">5</table></html>
--b--
"""


def test_a_single_file_page() -> None:
    label = "".join(f"={byte:02X}" for byte in "讲座".encode("gbk"))
    data = MHT.format(name="年报", label=label).encode("gbk")
    assert sniff(data) is Format.MHTML
    (sheet,) = sheets(data)
    assert (sheet.name, cells(sheet)) == ("年报", [["讲座", 5.25]])


def test_a_letter_is_no_single_file_page() -> None:
    letter = b"Received: from a\r\nMIME-Version: 1.0\r\nTo: b\r\nContent-Type: text/html\r\n\r\n<p>"
    with pytest.raises(UnreadableFileError, match="邮件"):
        sniff(letter)


def test_xml_of_2003_with_places_spans_and_types() -> None:
    data = xml_2003([]).replace(
        b"<Table>",
        '<Table><Column ss:Index="2" ss:Hidden="1"/><Row ss:Index="2"><Cell ss:Index="2" '
        'ss:MergeAcross="1" ss:MergeDown="1"><Data ss:Type="String">指标</Data></Cell>'
        '<Cell><Data ss:Type="Number">12.5</Data></Cell></Row><Row ss:Hidden="1">'
        '<Cell ss:Index="4"><Data ss:Type="DateTime">2024-05-06T00:00:00.000</Data></Cell>'
        '<Cell><Data ss:Type="Boolean">1</Data></Cell></Row>'.encode(),
    )
    (sheet,) = sheets(data)
    assert sheet.name == "表"
    assert cells(sheet) == [
        ["", "", "", "", ""],
        ["", "指标", "", 12.5, ""],
        ["", "", "", dt.date(2024, 5, 6), True],
    ]
    assert sheet.merged == [((1, 1), (2, 2))]
    assert sheet.hidden_at(2, 1) == "来自隐藏的行和列"
    assert sheet.hidden_at(1, 3) == ""


def test_xml_of_2003_cells_that_must_not_be_believed() -> None:
    style = '<Style ss:ID="p"><NumberFormat ss:Format="Percent"/></Style>'
    data = xml_2003([["#REF!", Formula(), Formula(2.0), 0.125]], styles=style)
    number = b'<Data ss:Type="Number">0.125'
    data = data.replace(b"<Cell>" + number, b'<Cell ss:StyleID="p">' + number)
    ((error, formula, value, percent),) = cells(sheets(data)[0])
    assert isinstance(error, Flaw)
    assert error.text == "#REF!"
    assert isinstance(formula, Flaw)
    assert formula.text == "=1+1"
    assert value == 2.0
    assert isinstance(percent, Flaw)
    assert percent.text == "12.5%"


def test_hidden_sheets_of_xml_of_2003() -> None:
    data = xml_2003([[1]]).replace(
        b"</Table>",
        b"</Table><WorksheetOptions xmlns='urn:schemas-microsoft-com:office:excel'>"
        b"<Visible>SheetVeryHidden</Visible></WorksheetOptions>",
    )
    assert [sheet.hidden for sheet in sheets(data)] == [True]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_xml_of_2003_are_refused(encoding: str) -> None:
    text = xml_2003([[1]]).decode().replace('encoding="UTF-8"', f'encoding="{encoding}"')
    evil = text.replace("?>", '?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', 1)
    with pytest.raises(UnreadableFileError, match="实体"):
        sheets(evil.encode(encoding))


#: Anything that is seen: no spaces, no characters that end a line or control the text.
PLAIN = st.text(
    st.characters(
        min_codepoint=33,
        max_codepoint=0x9FFF,
        exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn"),
    )
)


@given(st.lists(st.lists(PLAIN, min_size=3, max_size=3), min_size=1, max_size=6))
def test_any_texts_come_back_from_a_page(table: list[list[str]]) -> None:
    (sheet,) = sheets(html(table))
    assert cells(sheet) == table


@given(
    st.lists(
        st.lists(
            st.one_of(
                PLAIN.filter(lambda text: not text.startswith("#")),
                st.integers(-(10**9), 10**9).map(float),
                st.decimals(-1000, 1000, places=3).map(float),
                st.booleans(),
            ),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=6,
    )
)  # fmt: skip
def test_any_values_come_back_from_xml_of_2003(table: list[list[object]]) -> None:
    (sheet,) = sheets(xml_2003(table))
    assert cells(sheet) == table


def test_a_figure_of_a_hidden_row_says_so(office: Office, survey: Survey) -> None:
    data = html(rows(survey)).decode()
    start = data.rindex("<tr>", 0, data.index("科普画廊"))
    hidden = f"{data[:start]}<tr style='display:none'>{data[start + 4 :]}"
    received = office.receive(hidden.encode(), "表.xls")
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert "来自隐藏的行" in received.answers["display_galleries"]["notes"]
    assert received.answers["lectures"]["notes"] == []
    assert received.answers["lectures"]["value"] == Decimal(5)
