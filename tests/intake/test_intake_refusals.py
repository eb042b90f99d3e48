"""Every refusal: a stable code, a reason, advice, nothing loaded, and the others unharmed."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from pipelines.errors import UnreadableFileError
from pipelines.forms.simulation.hostile import encrypted_stub
from pipelines.intake.vocabulary import refusals
from pipelines.survey import Survey
from tests.intake.writing import YEAR, Layout, Office, filled, saved, workbook


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def plain_workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["日期", "值班人"])
    return saved(book)


HTML = "<html><body><table><tr><td>指标名称</td></tr></table></body></html>".encode()
SPREADSHEET_ML = (
    b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "K403"),
        (b"\x00" * 200, "K403"),
        (b"PK\x03\x04 broken off", "K401"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100, "K401"),
        (encrypted_stub(), "K402"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.bin": b"\x83\x01"}), "K401"),
        (encrypted_stub(("WordDocument",)), "K405"),
        (b"%PDF-1.7\n%", "K405"),
        (b"Rar!\x1a\x07\x00", "K405"),
        (b"7z\xbc\xaf\x27\x1c\x00", "K405"),
        (b"\x89PNG\r\n\x1a\n", "K405"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "K405"),
        (HTML, "K404"),
        (SPREADSHEET_ML, "K403"),
        (bytes(range(256)) * 4, "K405"),
        (zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "K401"),
        (zipped({"[Content_Types].xml": b"", "xl/styles.xml": b""}), "K401"),
        ("日期,值班人\n1日,甲\n".encode(), "K404"),
        (plain_workbook(), "K404"),
        (saved(openpyxl.Workbook()), "K403"),
    ],
)
def test_a_file_that_is_no_return_is_refused_by_name(
    office: Office, data: bytes, code: str
) -> None:
    assert office.receive(data, "某局.xls").refusal == code


def test_a_truncated_workbook_is_corrupt(office: Office, survey: Survey) -> None:
    whole = filled(survey, lectures=5)
    assert office.receive(whole[: len(whole) // 2]).refusal == "K401"


def test_another_year_is_refused(office: Office, survey: Survey) -> None:
    title = f"全国科普统计调查表（{YEAR - 1}年度）"
    received = office.receive(filled(survey, Layout(title=title), lectures=5))
    assert received.refusal == "K406"
    assert "2022" in received.file["reason_zh"]
    assert "A1" in received.file["reason_zh"]


@pytest.mark.parametrize(
    "title", ["二〇二二年度科普统计调查表", "数据年度：2022年", "（2022年度）"]
)
def test_ways_to_state_another_year(office: Office, survey: Survey, title: str) -> None:
    assert office.receive(filled(survey, Layout(title=title), lectures=5)).refusal == "K406"


@pytest.mark.parametrize(
    "title", ["国统制〔2022〕11号", "有效期至2022年12月", "科普统计调查表 2022版", f"{YEAR}年度"]
)
def test_what_states_no_other_year(office: Office, survey: Survey, title: str) -> None:
    received = office.receive(filled(survey, Layout(title=title), lectures=5))
    assert received.file["status"] == "loaded"


def test_a_missing_form_is_refused_with_its_name(office: Office, survey: Survey) -> None:
    received = office.receive(filled(survey, Layout(drop=frozenset({"media"})), lectures=5))
    assert received.refusal == "K407"
    assert "KP-004 科普传媒" in received.file["reason_zh"]


def test_a_form_left_blank_is_refused_with_its_name(office: Office, survey: Survey) -> None:
    blank = {item.item_id: None for item in survey.edition_of(YEAR).items_of("activities")}
    received = office.receive(filled(survey, **blank))
    assert received.refusal == "K407"
    assert "KP-005 科普活动" in received.file["reason_zh"]
    assert received.file["figures_in"] == 106
    assert received.file["figures_loaded"] == 0


def test_a_single_blank_cell_is_fine(office: Office, survey: Survey) -> None:
    received = office.receive(filled(survey, lectures=None, exhibitions=2))
    assert received.file["status"] == "loaded"


def test_a_deleted_row_is_refused_with_its_name(office: Office, survey: Survey) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {})
    sheet, cell = cells["lectures_online"]
    book[sheet].delete_rows(book[sheet][cell].row)
    received = office.receive(saved(book))
    assert received.refusal == "K407"
    assert "线上举办次数" in received.file["reason_zh"]


def test_a_blank_form_is_refused(office: Office, survey: Survey) -> None:
    nothing = {item.item_id: None for item in survey.edition_of(YEAR).items}
    assert office.receive(filled(survey, **nothing)).refusal == "K408"


def test_a_figure_of_an_unknown_item_stops_the_file(office: Office, survey: Survey) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {})
    sheet = book[cells["lectures"][0]]
    sheet.append(["元宇宙科普活动次数", "", "次", 12])
    received = office.receive(saved(book))
    assert received.refusal == "K409"
    assert "元宇宙科普活动次数" in received.file["reason_zh"]


def test_notes_under_a_form_do_not_stop_it(office: Office, survey: Survey) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {})
    sheet = book[cells["lectures"][0]]
    sheet.append(["注：本表由县科技局汇总"])
    sheet.append(["单位负责人：", "某", "填表人：", "某某"])
    assert office.receive(saved(book)).file["status"] == "loaded"


def test_a_value_in_the_last_cell_of_a_sheet_is_refused_and_cited(
    office: Office, survey: Survey
) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {})
    book[cells["lectures"][0]]["XFD1048576"] = 1
    received = office.receive(saved(book))
    assert received.refusal == "K410"
    assert "XFD1048576" in received.file["reason_zh"]


def test_a_zip_bomb_is_refused(office: Office) -> None:
    received = office.receive(zipped({"a.csv": b"0" * 20_000_000}), "部门/包.zip")
    assert received.refusal == "K410"


def test_an_archive_three_deep_is_refused(office: Office) -> None:
    inner = zipped({"x.csv": b"a,b"})
    data = zipped({"二.zip": zipped({"三.zip": inner})})
    assert office.receive(data, "一.zip").refusal == "K411"


def test_entities_are_refused(office: Office, survey: Survey) -> None:
    good = filled(survey, lectures=5)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/workbook.xml":
                data = b'<!DOCTYPE x [<!ENTITY a "b">]>' + data
            new.writestr(info.filename, data)
    assert office.receive(out.getvalue()).refusal == "K401"


def test_an_unexpected_fault_costs_one_file_only(
    office: Office, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.intake import read

    real = read.read_sheets

    def faulty(data: bytes, kind: object) -> object:
        if b"marker" in data:
            raise RuntimeError("boom")
        return real(data, kind)

    monkeypatch.setattr(read, "read_sheets", faulty)
    office.put("甲.csv", b"marker,1\n")
    office.put("乙.xlsx", filled(survey, lectures=5))
    files = {row["file"]: row for row in office.take_in()["submissions"].to_pylist()}
    assert files["甲.csv"]["reason_code"] == "K412"
    assert files["乙.xlsx"]["status"] == "loaded"


def test_every_refusal_has_a_code_of_its_own_and_advice() -> None:
    kinds = [UnreadableFileError, *UnreadableFileError.__subclasses__()]
    codes = [kind.code for kind in kinds]
    assert len(set(codes)) == len(codes)
    assert all(refusals()[code].advice_zh for code in codes)
