"""Workbooks of XML parts as other writers write them, and what their cells hide."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest
import xlsxwriter
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from pipelines.errors import CorruptFileError, UnreadableFileError
from pipelines.intake.formats.cells import Cell, Flaw, Sheet
from pipelines.intake.formats.sniff import sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.survey import Survey
from tests.intake.by_hand import (
    LINKS,
    MAIN,
    STRICT_LINKS,
    STRICT_MAIN,
    Formula,
    packed,
    relations,
    sheet_xml,
    xlsx,
)
from tests.intake.test_intake_formats import WANT, rows, said
from tests.intake.writing import YEAR, Office, saved, workbook

TABLE = [
    ["指标", "数量"],
    ["讲座", 5],
    ["展览", "#REF!"],
    ["画廊", Formula()],
    ["合计", Formula(7)],
]
READ = [["指标", "数量"], ["讲座", 5], ["展览", "#REF!"], ["画廊", "=1+1"], ["合计", 7]]


def sheet_of(data: bytes) -> Sheet:
    (sheet,) = read_sheets(data, sniff(data))
    return sheet


def cells(sheet: Sheet) -> list[list[Cell]]:
    """What stands in a sheet, flaws by the text they show."""
    found = [[sheet.at(r, c) for c in range(len(row))] for r, row in enumerate(sheet.rows)]
    return [[cell.text if isinstance(cell, Flaw) else cell for cell in row] for row in found]


@pytest.mark.parametrize(
    "data",
    [
        xlsx(sheet_xml(TABLE)),
        xlsx(sheet_xml(TABLE, main=STRICT_MAIN), main=STRICT_MAIN, links=STRICT_LINKS),
        xlsx(sheet_xml(TABLE, prefix="x")),
        xlsx(sheet_xml(TABLE, references=False)),
        xlsx(sheet_xml(TABLE), target="/xl/worksheets/sheet1.xml"),
        xlsx(sheet_xml(TABLE, before='<dimension ref="A1"/>')),
        xlsx(
            sheet_xml(TABLE),
            styles=f'<styleSheet xmlns="{MAIN}"><fills><fill/></fills><cellXfs><xf/></cellXfs>'
            "</styleSheet>",
        ),
    ],
    ids=["plain", "strict", "prefix", "no references", "absolute", "dimension", "fill"],
)
def test_ways_of_writing_a_workbook(data: bytes) -> None:
    assert cells(sheet_of(data)) == READ


def test_a_questionnaire_in_a_strict_workbook(office: Office, survey: Survey) -> None:
    sheet = sheet_xml(rows(survey), main=STRICT_MAIN)
    data = xlsx(sheet, main=STRICT_MAIN, links=STRICT_LINKS)
    assert said(office, data, "表.xlsx") == WANT


@pytest.mark.parametrize("name", ["表.xlsm", "表.et", "表.xls"])
def test_a_questionnaire_whatever_it_is_called(office: Office, survey: Survey, name: str) -> None:
    assert said(office, xlsx(sheet_xml(rows(survey)), vbaProject="no macro is run"), name) == WANT


def test_parts_named_in_another_case_and_with_turned_slashes() -> None:
    import zipfile

    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(sheet_xml(TABLE)))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for info in old.infolist():
            name = info.filename.replace("xl/worksheets/sheet1", "xl\\Worksheets\\Sheet1")
            new.writestr(name, old.read(info))
    assert cells(sheet_of(out.getvalue())) == READ


STRINGS = (
    f'<sst xmlns="{MAIN}"><si><t>a</t></si><si><r><t>12</t></r><r><rPr><vertAlign '
    'val="superscript"/></rPr><t>1</t></r></si><si><r><rPr><strike/></rPr><t>12</t></r><r><t>15'
    '</t></r></si><si><t>中</t><rPh sb="0" eb="1"><t>ZHONG</t></rPh></si><si/>'
    '<si><r><t>m</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r></si>'
    '<si><r><rPr><strike val="0"/></rPr><t>7</t></r></si></sst>'
)


def shared(*numbers: int) -> Sheet:
    line = "".join(
        f'<c r="{chr(65 + n)}1" t="s"><v>{number}</v></c>' for n, number in enumerate(numbers)
    )
    data = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1">{line}</row></sheetData></worksheet>'
    return sheet_of(xlsx(data, sharedStrings=STRINGS))


def test_texts_with_raised_or_struck_digits_are_not_believed() -> None:
    sheet = shared(0, 1, 2, 3, 4, 5, 6)
    assert cells(sheet) == [["a", "12¹", "1215", "中", "", "m²", "7"]]
    assert isinstance(sheet.at(0, 1), Flaw)
    assert isinstance(sheet.at(0, 2), Flaw)
    assert isinstance(sheet.at(0, 6), str)


def test_a_figure_half_struck_through_is_asked_about(office: Office, survey: Survey) -> None:
    book, where = workbook(survey.edition_of(YEAR), {})
    sheet, cell = where["lectures"]
    book[sheet][cell] = CellRichText(TextBlock(InlineFont(strike=True), "12"), "15")
    out = io.BytesIO()
    book.save(out)
    answer = office.receive(out.getvalue()).answers["lectures"]
    assert answer["state"] == "unreadable"


@pytest.mark.parametrize("number", ["1&#50;", "1<!-- -->2", "<![CDATA[12]]>"])
def test_numbers_of_which_only_the_start_would_be_read_are_refused(number: str) -> None:
    data = sheet_xml([[5]]).replace("<v>5</v>", f"<v>{number}</v>")
    with pytest.raises(UnreadableFileError, match="写法"):
        _ = sheet_of(xlsx(data)).rows


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ('<c r="A1"><v>5</v></c><c r="A1"><v>6</v></c>', "存了两次"),
        ('<c r="A1"><v>5</v><v>6</v></c>', "两个值"),
        ('<c r="A1"><v>5</v >\n<v>6</v></c>', "两个值"),
        ('<c r="A1"><v>5</v><f>1+1</f><v>6</v></c>', "两个值"),
        ('<c r="A1"><v>5</v><y:v xmlns:y="urn:y">6</y:v></c>', "两个值"),
    ],
)
def test_a_cell_stored_twice_is_refused(written: str, why: str) -> None:
    data = sheet_xml([[5], [7]]).replace('<c r="A1"><v>5</v></c>', written)
    with pytest.raises(UnreadableFileError, match=why):
        _ = sheet_of(xlsx(data)).rows
    prefixed = sheet_xml([[5], [7]], prefix="x")
    for name in ("c", "v", "f"):
        written = written.replace(f"<{name}", f"<x:{name}").replace(f"</{name}", f"</x:{name}")
    data = prefixed.replace('<x:c r="A1"><x:v>5</x:v></x:c>', written)
    with pytest.raises(UnreadableFileError, match=why):
        _ = sheet_of(xlsx(data)).rows


def test_cells_with_one_value_each_are_read_however_they_are_spaced() -> None:
    data = sheet_xml([[5, 6], [7, 8]]).replace("<v>", "\n <v>").replace("</v>", "</v>\n")
    assert cells(sheet_of(xlsx(data))) == [[5, 6], [7, 8]]


@pytest.mark.parametrize("number", ["-1", "1e0", "x", "9"])
def test_a_text_by_a_number_that_is_none_is_refused(number: str) -> None:
    """The native reader takes the first of all texts for it."""
    texts = f'<sst xmlns="{MAIN}"><si><t>5</t></si><si><t>6</t></si></sst>'
    data = sheet_xml([[5, 7]]).replace('"A1"><v>5', f'"A1" t="s"><v>{number}')
    with pytest.raises(UnreadableFileError):
        _ = cells(sheet_of(xlsx(data, sharedStrings=texts)))
    data = data.replace(f"<v>{number}", "<v>1")
    assert cells(sheet_of(xlsx(data, sharedStrings=texts))) == [["6", 7]]


@pytest.mark.parametrize("error", ["#SPILL!", "#CALC!", "#FIELD!", "#BUSY!", "#PYTHON!"])
def test_errors_of_newer_programs_are_of_their_cell_alone(error: str) -> None:
    data = sheet_xml([["讲座", "#REF!", 5]]).replace("#REF!", error)
    sheet = sheet_of(xlsx(data))
    assert cells(sheet) == [["讲座", error, 5]]
    found = sheet.at(0, 1)
    assert isinstance(found, Flaw)
    assert "错误值" in found.note


def test_what_the_native_reader_says_stays_out_of_a_refusal() -> None:
    data = sheet_xml([[5]]).replace('<c r="A1">', '<c r="A1" t="q">')
    with pytest.raises(UnreadableFileError) as refused:
        _ = sheet_of(xlsx(data)).rows
    assert str(refused.value.place) == "工作表“表”"
    assert refused.value.problem.isascii() is False
    assert "cell" not in refused.value.problem


def test_a_zero_that_was_never_calculated_is_not_believed(office: Office, survey: Survey) -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for r, row in enumerate(rows(survey)):
            for c, value in enumerate(row):
                if value is not None:
                    sheet.write(r, c, "=SUM(Z1:Z9)" if (row[0], c) == ("科普画廊", 3) else value)
    answers = office.receive(out.getvalue()).answers
    assert answers["display_galleries"]["state"] == "unreadable"
    assert "没有计算" in answers["display_galleries"]["notes"][0]
    assert answers["exhibitions"]["state"] == "zero"


def test_a_zero_that_excel_has_calculated_is_one() -> None:
    assert cells(sheet_of(xlsx(sheet_xml([[Formula(0)]])))) == [[0]]
    waiting = xlsx(sheet_xml([[Formula(0), Formula(3)]]), book='<calcPr fullCalcOnLoad="1"/>')
    assert cells(sheet_of(waiting)) == [["=1+1", 3]]


@pytest.mark.parametrize(
    ("row", "columns", "want"),
    [
        ('hidden="1"', "", ["", "来自隐藏的行"]),
        ('hidden="0"', "", ["", ""]),
        ('ht="0" hidden="1" customHeight="1"', "", ["", "来自隐藏的行"]),
        ('hidden="true"', "", ["", "来自隐藏的行"]),
        ("", '<cols><col min="1" max="1" hidden="1"/></cols>', ["来自隐藏的列", "来自隐藏的列"]),
        ("", '<cols><col min="2" max="9" hidden="1"/></cols>', ["", ""]),
        ('hidden="1"', '<cols><col min="1" max="3" width="0" hidden="1"/></cols>',
         ["来自隐藏的列", "来自隐藏的行和列"]),
        ("", '<sheetFormatPr zeroHeight="1"/>', ["来自隐藏的行", "来自隐藏的行"]),
    ],
)  # fmt: skip
def test_hidden_rows_and_columns(row: str, columns: str, want: list[str]) -> None:
    data = sheet_xml([[1], [2]], before=columns).replace('<row r="2"', f'<row r="2" {row}')
    sheet = sheet_of(xlsx(data))
    assert [sheet.hidden_at(r, 0) for r in range(2)] == want


def test_answers_from_hidden_rows_columns_and_sheets_say_so(office: Office, survey: Survey) -> None:
    book, where = workbook(survey.edition_of(YEAR), {"lectures": 5})
    sheet, cell = where["lectures"]
    book[sheet].row_dimensions[book[sheet][cell].row].hidden = True
    other, column = where["fund_raised"][0], where["fund_raised"][1][0]
    book[other].column_dimensions[column].hidden = True
    received = office.receive(saved(book))
    assert received.answers["lectures"]["value"] == 5
    assert received.answers["lectures"]["notes"] == ["来自隐藏的行"]
    assert received.answers["fund_raised"]["notes"] == ["来自隐藏的列"]
    assert received.answers["exhibitions"]["notes"] == []


def test_a_formula_that_refers_to_another_file_is_read_with_a_note(
    office: Office, survey: Survey
) -> None:
    table = rows(survey)
    next(row for row in table if row[0] == "科普画廊")[3] = Formula(31)
    plain = sheet_xml(table)
    linked = plain.replace("<f>1+1</f>", "<f>[1]Sheet1!A1+1</f>")
    links = {"externalLinks__externalLink1": f'<externalLink xmlns="{MAIN}"/>'}
    answer = office.receive(xlsx(linked, **links), "表.xlsx").answers["display_galleries"]
    assert answer["value"] == 31
    assert "引用其他文件" in answer["notes"][0]
    answer = office.receive(xlsx(plain, **links), "表.xlsx").answers["display_galleries"]
    assert answer["notes"] == []


def test_sheets_that_are_charts_are_passed_over() -> None:
    book = openpyxl.Workbook()
    book.active.append([5])
    book.create_chartsheet("图")
    data = saved(book)
    assert [sheet.name for sheet in read_sheets(data, sniff(data))] == ["Sheet"]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_in_any_encoding_are_refused(part: str, encoding: str) -> None:
    import zipfile

    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(sheet_xml(TABLE)))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for info in old.infolist():
            content = old.read(info)
            if info.filename == part:
                evil = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
                content = (evil + content.decode()).encode(encoding)
            new.writestr(info.filename, content)
    with pytest.raises(UnreadableFileError):
        sheet_of(out.getvalue())


def test_the_package_relations_are_of_the_stated_kind() -> None:
    assert f'Type="{LINKS}/worksheet"' in relations(LINKS, worksheet1="a")


@pytest.mark.parametrize("said", ['uniqueCount="99999999999"', "count='3' uniqueCount = '9999'"])
def test_a_table_that_says_it_has_more_texts_than_it_can_is_refused(said: str) -> None:
    """The native reader makes room for as many as are said, and ends where it cannot."""
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    texts = f'<sst xmlns="{MAIN}" {{}}><si><t>讲座</t></si></sst>'
    data = xlsx(f"{sheet}</sheetData></worksheet>", sharedStrings=texts.format(said))
    with pytest.raises(CorruptFileError):
        sheet_of(data)
    data = xlsx(f"{sheet}</sheetData></worksheet>", sharedStrings=texts.format('uniqueCount="2"'))
    assert cells(sheet_of(data)) == [["讲座"]]


@pytest.mark.parametrize("part", ["styles", "sharedStrings"])
def test_a_table_elsewhere_than_the_native_reader_looks_is_refused(part: str) -> None:
    """Without its styles a day would be a number, without its texts a label another one."""
    data = xlsx(sheet_xml([["讲座", 5]]), styles=f'<styleSheet xmlns="{MAIN}"/>')
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(f"{part}.xml".encode(), b"other.xml")
    with pytest.raises(CorruptFileError):
        sheet_of(packed(parts))


def test_the_encoding_of_a_sheet_is_never_a_failure_of_the_program() -> None:
    """A cell that the native reader does not give is looked for in the XML, whatever it is in."""

    def declared(encoding: str) -> Sheet:
        return sheet_of(xlsx(f'<?xml version="1.0" encoding="{encoding}"?>{sheet_xml([[1, 5]])}'))

    assert declared("GBK").at(7, 7) == ""
    assert cells(declared("GBK")) == [[1, 5]]
    with pytest.raises(CorruptFileError):
        declared("UTF-0").at(7, 7)
