"""Word documents: tables as sheets, and nothing read that a person would not see or accept."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import UnclearLayoutError, UnsupportedFormatError
from pipelines.intake.formats.cells import Cell, Flaw, Sheet
from pipelines.intake.formats.sniff import Format, sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.survey import Survey
from tests.intake.by_hand import docx, packed, paragraph, word_cell, word_table, word_text
from tests.intake.test_intake_formats import ANSWERS, WANT, rows, said
from tests.intake.writing import YEAR, Office

STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"


def sheets(data: bytes) -> list[Sheet]:
    assert sniff(data) is Format.DOCX
    return read_sheets(data, Format.DOCX)


def cells(sheet: Sheet) -> list[list[Cell]]:
    return [[sheet.at(r, c) for c in range(len(row))] for r, row in enumerate(sheet.rows)]


def cell_of(runs: str) -> Cell:
    """What a cell with these runs in one paragraph says."""
    cell = word_cell(f"<w:p>{runs}</w:p>")
    (sheet,) = sheets(docx(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>"))
    return sheet.at(0, 0)


def run(text: str, marks: str = "") -> str:
    return f"<w:r><w:rPr>{marks}</w:rPr>{word_text(text)}</w:r>"


def deleted(text: str) -> str:
    return f"<w:del><w:r><w:delText>{text}</w:delText></w:r></w:del>"


def test_a_questionnaire_in_one_table(office: Office, survey: Survey) -> None:
    assert said(office, docx(word_table(rows(survey))), "表.docx") == WANT


def forms(survey: Survey, title: str, *lines: str) -> bytes:
    """A document with title and unit in paragraphs and a table a form, as units retype it."""
    return docx(*blocks_of(survey, title, *lines))


def blocks_of(survey: Survey, title: str, *lines: str) -> list[str]:
    edition = survey.edition_of(YEAR)
    blocks = [paragraph(title), *map(paragraph, lines)]
    for form in edition.forms:
        table: list[list[object]] = [["指标名称", "代码", "计量单位", "数量"]]
        for item in edition.items_of(form.form_id):
            value = ANSWERS.get(item.item_id, "-")
            table.append([item.printed_label_zh, item.code, item.unit, value])
        blocks += [paragraph(f"{form.code} {form.name_zh}"), word_table(table)]
    return blocks


def test_a_table_a_form_with_title_and_unit_in_paragraphs(office: Office, survey: Survey) -> None:
    data = forms(survey, f"全国科普统计调查表（{YEAR}年度）", "单位名称：长春市朝阳区教育局")
    received = office.receive(data, "表.docx")
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert {
        item: (a["state"], a["value"]) for item, a in received.answers.items() if item in WANT
    } == WANT
    assert [row["unit_name"] for row in received.returns] == ["长春市朝阳区教育局"]
    lectures = received.answers["lectures"]
    assert lectures["sheet"].startswith("表格 ")
    assert lectures["cell"].startswith("D")


def test_two_units_in_one_document_are_two_returns(office: Office, survey: Survey) -> None:
    title = f"全国科普统计调查表（{YEAR}年度）"
    both = [
        *blocks_of(survey, title, "单位名称：甲大学"),
        *blocks_of(survey, title, "单位名称：乙医院    填表日期：2024年5月6日"),
    ]
    received = office.receive(docx(*both), "汇总.docx")
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert sorted(row["unit_name"] for row in received.returns) == ["乙医院", "甲大学"]
    assert received.file["figures_loaded"] == 212


def test_another_year_in_a_paragraph_is_refused(office: Office, survey: Survey) -> None:
    received = office.receive(forms(survey, f"科普统计调查表（{YEAR - 1}年度）"), "表.docx")
    assert received.refusal == "K406"
    assert "A1" in received.file["reason_zh"]


def test_merged_cells_by_the_grid() -> None:
    top = word_cell("指标", '<w:vMerge w:val="restart"/>')
    wide = word_cell("经费", '<w:gridSpan w:val="2"/>')
    below = word_cell("", "<w:vMerge/>")
    rows_of_xml = (
        f"<w:tr>{top}{wide}</w:tr>"
        f"<w:tr>{below}{word_cell('拨款')}{word_cell('专项')}</w:tr>"
        f"<w:tr>{word_cell('甲')}{word_cell('1')}{word_cell('2')}</w:tr>"
    )
    (sheet,) = sheets(docx(f"<w:tbl>{rows_of_xml}</w:tbl>"))
    assert cells(sheet) == [["指标", "经费", ""], ["", "拨款", "专项"], ["甲", "1", "2"]]
    assert sorted(sheet.merged) == [((0, 0), (1, 0)), ((0, 1), (0, 2))]


def test_cells_left_out_before_a_row_are_counted() -> None:
    line = f'<w:tr><w:trPr><w:gridBefore w:val="2"/></w:trPr>{word_cell("5")}</w:tr>'
    (sheet,) = sheets(docx(f"<w:tbl><w:tr>{word_cell('a') * 3}</w:tr>{line}</w:tbl>"))
    assert cells(sheet) == [["a", "a", "a"], ["", "", "5"]]


def test_tables_in_cells_are_sheets_of_their_own() -> None:
    inner = word_cell(word_table([["5"]]) + paragraph("外面"))
    found = sheets(docx(f"<w:tbl><w:tr>{inner}</w:tr></w:tbl>", word_table([["7"]])))
    assert [(sheet.name, cells(sheet)) for sheet in found] == [
        ("表格 1", [["外面"]]),
        ("表格 2", [["5"]]),
        ("表格 3", [["7"]]),
    ]


@pytest.mark.parametrize(
    ("runs", "want"),
    [
        (run("1") + run("2") + run("00"), "1200"),
        (run("10") + run("2", '<w:vertAlign w:val="superscript"/>'), "10²"),
        (run("5") + run("6", "<w:vanish/>"), "5"),
        (run("5") + run("6", '<w:vanish w:val="0"/>'), "56"),
        ("<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/><w:t>丙</w:t></w:r>", "甲\n乙\t丙"),
        ('<w:hyperlink><w:r><w:t>5</w:t></w:r></w:hyperlink>', "5"),
        ('<w:sdt><w:sdtContent><w:r><w:t>5</w:t></w:r></w:sdtContent></w:sdt>', "5"),
        ('<w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r>' + run("省级"), "☑省级"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F0A8"/></w:r>' + run("市级"), "□市级"),
        (
            '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/>'
            "<w:checked/></w:checkBox></w:ffData></w:fldChar></w:r>" + run("是"),
            "☑是",
        ),
        (
            "<w:r><w:instrText>=SUM(ABOVE)</w:instrText></w:r>" + run("12"),
            "12",
        ),
        (run("其中：") + deleted("男性") + f"<w:ins>{run('女性')}</w:ins>", "其中：女性"),
    ],
)  # fmt: skip
def test_what_a_cell_of_a_document_says(runs: str, want: str) -> None:
    assert cell_of(runs) == want


@pytest.mark.parametrize(
    ("runs", "text", "note"),
    [
        (f"<w:ins>{run('15')}</w:ins>{deleted('12')}", "15", "修订"),
        (run("1") + deleted("2"), "1", "修订"),
        (deleted("12"), "12", "修订"),
        (run("12", "<w:strike/>") + run("15"), "1215", "删除线"),
        (run("12", "<w:dstrike/>"), "12", "删除线"),
        ("<m:oMath xmlns:m='m'><m:r><m:t>12</m:t></m:r></m:oMath>", "12", "公式对象"),
    ],
)
def test_cells_of_a_document_that_must_not_be_believed(runs: str, text: str, note: str) -> None:
    found = cell_of(runs)
    assert isinstance(found, Flaw)
    assert found.text == text
    assert note in found.note


def test_a_figure_under_revision_is_asked_about(office: Office, survey: Survey) -> None:
    data = docx(word_table(rows(survey)).replace(
        word_cell("0"), word_cell(f"<w:p><w:ins>{run('3')}</w:ins>{deleted('0')}</w:p>"), 1
    ))  # fmt: skip
    answer = office.receive(data, "表.docx").answers["exhibitions"]
    assert (answer["state"], answer["raw_text"]) == ("unreadable", "3")
    assert "修订" in answer["notes"][0]


@pytest.mark.parametrize("mark", ["<w:ins/>", "<w:del/>"])
def test_whole_rows_under_revision_are_refused(mark: str) -> None:
    line = f"<w:tr><w:trPr>{mark}</w:trPr>{word_cell('5')}</w:tr>"
    with pytest.raises(UnclearLayoutError, match="修订"):
        sheets(docx(f"<w:tbl><w:tr>{word_cell('a')}</w:tr>{line}</w:tbl>"))


def test_hidden_rows_of_a_document() -> None:
    line = f"<w:tr><w:trPr><w:hidden/></w:trPr>{word_cell('5')}</w:tr>"
    (sheet,) = sheets(docx(f"<w:tbl><w:tr>{word_cell('a')}</w:tr>{line}</w:tbl>"))
    assert [sheet.hidden_at(row, 0) for row in range(2)] == ["", "来自隐藏的行"]


@pytest.mark.parametrize(
    "data",
    [
        docx(word_table([["5"]]), part="word/document2.xml"),
        docx(word_table([["5"]]), namespace=STRICT),
    ],
)
def test_documents_of_other_writers(data: bytes) -> None:
    assert [cells(sheet) for sheet in sheets(data)] == [[["5"]]]


def test_a_document_without_tables_is_refused(office: Office) -> None:
    received = office.receive(docx(paragraph("科普统计工作总结")), "总结.docx")
    assert received.refusal == "K405"
    assert "没有表格" in received.file["reason_zh"]


def test_a_table_pasted_as_an_object_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnsupportedFormatError) as caught:
        sheets(
            packed(
                {
                    "[Content_Types].xml": "<Types/>",
                    "word/document.xml": "<d><body/></d>",
                    "word/embeddings/a.xlsx": "x",
                }
            )
        )
    assert ".xlsx" in caught.value.advice


@given(
    st.lists(
        st.lists(
            st.text(st.characters(min_codepoint=33, max_codepoint=0x9FFF,
                                  exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn"))),
            min_size=3, max_size=3,
        ),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_any_texts_come_back_from_a_document(table: list[list[str]]) -> None:
    (sheet,) = sheets(docx(word_table(table)))
    assert cells(sheet) == table


def test_a_value_is_cited_by_its_place_in_the_table(office: Office, survey: Survey) -> None:
    table = rows(survey)
    at = next(n for n, row in enumerate(table) if row[0] == "科普画廊")
    received = office.receive(docx(paragraph("某校"), word_table(table)), "表.docx")
    answer = received.answers["display_galleries"]
    assert (answer["sheet"], answer["cell"]) == ("表格 1", f"D{at + 1}")
    assert received.answers["lectures"]["value"] == Decimal(5)


@pytest.mark.parametrize(
    ("inner", "want"),
    [
        ([["12"]], "12"),
        ([["", "12"], [""]], "12"),
        ([["12", "13"]], ("asked", "12 13")),
        ([["其中", "3"]], ("asked", "其中 3")),
        ([[""]], ""),
    ],
)
def test_a_figure_that_stands_in_a_table_inside_its_cell(
    inner: list[list[object]], want: object
) -> None:
    cell = word_cell(word_table(inner) + paragraph(""))
    row = f"<w:tr>{word_cell('讲座')}{cell}</w:tr>"
    sheets = read_sheets(docx(f"<w:tbl><w:tblPr/><w:tblGrid/>{row}</w:tbl>"), Format.DOCX)
    found = sheets[0].at(0, 1)
    assert (("asked", found.text) if isinstance(found, Flaw) else found) == want
