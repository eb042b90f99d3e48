"""Binary workbooks: .xlsb, and .xls of Excel 97 and Excel 95."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from decimal import Decimal

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import OversizedFileError, UnreadableFileError
from pipelines.intake.formats.cells import Cell, Flaw, Sheet
from pipelines.intake.formats.formula_tokens import XLS, XLSB, Dialect, refers_to
from pipelines.intake.formats.sniff import Format, sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.survey import Survey
from tests.intake.by_hand import ERRORS, Formula, Table, compound, xls, xlsb
from tests.intake.test_intake_formats import WANT, rows, said
from tests.intake.writing import Office

TABLE = [
    ["指标", "数量", None, 12.5],
    [5, -3, Formula(2.5), Formula("文")],
    [True, "#REF!", Formula("#DIV/0!"), Formula(True)],
    [1234567890123.0, 0.1, "", "末"],
]


def sheets(data: bytes) -> list[Sheet]:
    return read_sheets(data, sniff(data))


def cells(data: bytes) -> list[list[Cell]]:
    (sheet,) = sheets(data)
    return [[sheet.at(r, c) for c in range(len(row))] for r, row in enumerate(sheet.rows)]


def texts(table: list[list[Cell]]) -> list[list[Cell]]:
    """Errors by the text they show."""
    return [[cell.text if isinstance(cell, Flaw) else cell for cell in row] for row in table]


@pytest.mark.parametrize("name", ["表.xlsb", "表.xlsx"])
def test_a_questionnaire_in_xlsb(office: Office, survey: Survey, name: str) -> None:
    assert said(office, xlsb(rows(survey)), name) == WANT


@pytest.mark.parametrize("name", ["表.xls", "表.et"])
def test_a_questionnaire_of_excel_95(office: Office, survey: Survey, name: str) -> None:
    assert said(office, xls(rows(survey), old=True), name) == WANT


@pytest.mark.parametrize("data", [xlsb(TABLE), xls(TABLE), xls(TABLE, old=True)])
def test_every_kind_of_cell(data: bytes) -> None:
    assert texts(cells(data)) == [
        ["指标", "数量", "", 12.5],
        [5, -3, 2.5, "文"],
        [True, "#REF!", "#DIV/0!", True],
        [1234567890123.0, 0.1, "", "末"],
    ]


@pytest.mark.parametrize("error", sorted(ERRORS))
def test_errors_are_not_blank(office: Office, survey: Survey, error: str) -> None:
    table = rows(survey)
    at = next(row for row in table if row[0] == "科普画廊")
    for stored in (error, Formula(error)):
        at[3] = stored
        for data in (xlsb(table), xls(table), xls(table, old=True)):
            answer = office.receive(data, "表.xls").answers["display_galleries"]
            assert (answer["state"], answer["raw_text"]) == ("unreadable", error)
            assert "错误值" in answer["notes"][0]


def test_a_formula_that_gives_an_empty_text_is_blank(office: Office, survey: Survey) -> None:
    table = rows(survey)
    at = next(row for row in table if row[0] == "科普画廊")
    at[3] = Formula("")
    # Excel leaves its mark at each formula that it has calculated.
    for data in (xlsb(table), xls(table, mark=0xFE01)):
        answer = office.receive(data, "表.xls").answers["display_galleries"]
        assert (answer["state"], answer["value"]) == ("blank", None)


def test_an_empty_text_is_told_from_a_formula_never_calculated() -> None:
    assert isinstance(cells(xls([[Formula(""), 1]]))[0][0], Flaw)
    assert cells(xls([[Formula(""), Formula(1.0)]]))[0][0] == ""
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    sheet.write(0, 0, xlwt.Formula('IF(B1=1,"","x")'))
    out = io.BytesIO()
    book.save(out)
    assert isinstance(cells(out.getvalue())[0][0], Flaw)


def test_a_zero_still_to_be_calculated_is_not_believed() -> None:
    waiting = cells(xlsb([[Formula(0.0), Formula(3.0), 0.0]], recalculate=True))[0]
    assert isinstance(waiting[0], Flaw)
    assert "没有计算" in waiting[0].note
    assert waiting[1:] == [3.0, 0.0]
    assert cells(xlsb([[Formula(0.0)]]))[0] == [0.0]


@pytest.mark.parametrize("write", [xlsb, xls])
def test_hidden_rows_and_columns(write: object) -> None:
    (sheet,) = sheets(write([[1, 2], [3, 4]], hidden_rows={1}, hidden_columns=[0]))  # type: ignore[operator]
    notes = [[sheet.hidden_at(r, c) for c in range(2)] for r in range(2)]
    assert notes == [["来自隐藏的列", ""], ["来自隐藏的行和列", "来自隐藏的行"]]


def in_tokens(sheet: int, *, wide: bool) -> dict[str, bytes]:
    """Formulas that use a cell or an area of a sheet, alone and among other tokens."""
    row, whole = ("<I", "<II") if wide else ("<H", "<HH")
    number = struct.pack("<H", sheet)
    cell = b"\x5a" + number + struct.pack(row, 4) + b"\x02\xc0"
    area = b"\x3b" + number + struct.pack(whole, 0, 9) + b"\x00\xc0\x01\xc0"
    word = "甲:" if wide else "x:"
    text = struct.pack("<H", 2) + word.encode("utf-16-le") if wide else b"\x02\x00" + word.encode()
    own = struct.pack(row, 1) + b"\x01\xc0"
    return {
        "cell": cell,
        "sum of area": area + b"\x19\x10\x00\x00",
        "among others": b"\x1e\x3a\x3a" + b"\x17" + text + b"\x24" + own + cell + b"\x05\x03",
        "choice": b"\x1e\x01\x00\x19\x04\x01\x00\x06\x00\x0a\x00" + cell,
        "number": b"\x1f" + struct.pack("<d", 5.5) + area + b"\x42\x02\x04\x00",
    }


@pytest.mark.parametrize("write", [xlsb, xls])
def test_formulas_that_refer_to_another_file_are_read_with_a_note(
    write: Callable[[Table], bytes],
) -> None:
    """Sheet 0 of their list is of another file, sheet 1 of this one."""
    other, own = (in_tokens(sheet, wide=write is xlsb) for sheet in (0, 1))
    (sheet,) = sheets(
        write([[Formula(7.0, t) for t in formulas.values()] for formulas in (other, own)])
    )
    assert [sheet.at(r, c) for r in (0, 1) for c in range(len(own))] == [7.0] * 2 * len(own)
    noted = [[bool(sheet.notes_at(r, c)) for c in range(len(own))] for r in (0, 1)]
    assert noted == [[True] * len(own), [False] * len(own)]
    assert "引用其他文件" in sheet.notes_at(0, 0)[0]


@pytest.mark.parametrize("dialect", [XLS, XLSB])
@pytest.mark.parametrize("tokens", [b"", b"\x18", b"\x3a", b"\x17\xff\x00a", b"\x19", b"\xff\x3a"])
def test_formulas_that_cannot_be_followed_refer_to_nothing(dialect: Dialect, tokens: bytes) -> None:
    assert not refers_to(tokens, dialect, {0})


def test_a_text_by_a_number_beyond_all_texts_is_refused() -> None:
    """The native reader would take the cell for blank."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for column, value in enumerate(("甲", "乙", 5)):
        sheet.write(0, column, value)
    out = io.BytesIO()
    book.save(out)
    data = out.getvalue()
    at = data.index(struct.pack("<HHHH", 0x00FD, 10, 0, 1))
    assert cells(data) == [["甲", "乙", 5]]
    for number in (2, 99, 0xFFFFFFFF):
        broken = data[: at + 10] + struct.pack("<I", number) + data[at + 14 :]
        with pytest.raises(UnreadableFileError):
            cells(broken)


@pytest.mark.parametrize(("state", "hidden"), [(0, False), (1, True), (2, True)])
def test_hidden_sheets_of_xlsb(state: int, hidden: bool) -> None:
    (sheet,) = sheets(xlsb([[1]], state=state))
    assert sheet.hidden is hidden


def test_merged_cells_and_percentages_of_xlsb() -> None:
    data = xlsb([["a", None], [0.125, 0.125]], merged=[((0, 0), (0, 1))], percent={(1, 1)})
    (sheet,) = sheets(data)
    assert sheet.merged == [((0, 0), (0, 1))]
    number, percent = sheet.at(1, 0), sheet.at(1, 1)
    assert number == 0.125
    assert isinstance(percent, Flaw)
    assert percent.text == "12.5%"


def test_a_lone_value_far_away_is_refused() -> None:
    far: list[list[object]] = [[]] * 30000 + [[None] * 200 + [1]]
    for data in (xlsb(far), xls(far)):
        (sheet,) = sheets(data)
        with pytest.raises(OversizedFileError) as caught:
            _ = sheet.rows
        assert caught.value.place.cell == "GS30001"


def test_dates_of_excel_95_are_no_counts() -> None:
    data = xls([[45052.0]], old=True)
    # The only style shows format 0; make it format 14, a date.
    style = struct.pack("<HH", 0x00E0, 16) + bytes(16)
    dated = struct.pack("<HH", 0x00E0, 16) + struct.pack("<HH", 0, 14) + bytes(12)
    assert style in data
    assert str(cells(data.replace(style, dated))[0][0]) == "2023-05-06"


def test_a_workbook_inside_a_document_is_not_the_file() -> None:
    with pytest.raises(UnreadableFileError):
        sniff(compound({"Workbook": b"x"}, inside="ObjectPool"))
    with pytest.raises(UnreadableFileError, match="Word"):
        sniff(compound({"WordDocument": b"x", "1Table": b"x"}))


def test_short_numbers_of_excel_95_side_by_side() -> None:
    # One record for 7, 1.25 (in hundredths) and 0.5 (the upper half of a float).
    numbers = struct.pack("<HH", 0, 0)
    for packed in (7 << 2 | 2, 125 << 2 | 3, struct.unpack("<i", struct.pack("<d", 0.5)[4:])[0]):
        numbers += struct.pack("<Hi", 0, packed)
    many = struct.pack("<HH", 0x00BD, len(numbers) + 2) + numbers + struct.pack("<H", 2)
    lone = struct.pack("<HHHHHi", 0x027E, 10, 0, 0, 0, 7 << 2 | 2)
    whole = xls([[7]], old=True)
    assert lone in whole
    end = whole.index(lone)
    changed = whole[:end] + many + whole[end + len(lone) :]
    # The stream keeps its length: what follows it is padding.
    at = changed.index(bytes(64), end)
    extra = len(many) - len(lone)
    assert cells(changed[:at] + changed[at + extra :]) == [[7.0, 1.25, 0.5]]


def test_a_workbook_that_wants_a_password() -> None:
    start = struct.pack("<HHHHHH", 0x0809, 8, 0x0600, 5, 0x0DBB, 0x07CC)
    locked = start + struct.pack("<HHHHH", 0x002F, 6, 0, 1, 2) + struct.pack("<HH", 0x000A, 0)
    data = compound({"Workbook": locked})
    with pytest.raises(UnreadableFileError, match="密码"):
        read_sheets(data, sniff(data))


@pytest.mark.parametrize("stream", ["EncryptedPackage", "\x06DataSpaces"])
def test_locked_workbooks(stream: str) -> None:
    with pytest.raises(UnreadableFileError, match="密码"):
        sniff(compound({stream: b"x"}))


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
def test_a_part_broken_off_in_the_middle_of_a_record(cut: float) -> None:
    import zipfile

    whole = xlsb([["指标", float(n)] for n in range(300)])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename.endswith("sheet1.bin"):
                content = content[: int(len(content) * cut) | 1]
            new.writestr(info.filename, content)
    (sheet,) = sheets(out.getvalue())
    with pytest.raises(UnreadableFileError):
        _ = sheet.rows


TEXT = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x9FA5, exclude_categories=("Cs", "Cc", "Cn")),
    min_size=1,
)
NUMBER = st.floats(-(1e12), 1e12)
CELL = st.one_of(
    TEXT.filter(lambda text: not text.startswith("#")),
    st.integers(-(2**31), 2**31),
    NUMBER,
    st.booleans(),
    st.sampled_from(sorted(ERRORS)),
)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=6))
def test_any_table_comes_back_from_every_binary_format(table: list[list[object]]) -> None:
    assert sniff(xlsb(table)) is Format.XLSB
    assert texts(cells(xlsb(table))) == table
    assert texts(cells(xls(table))) == table


GBK = st.text(st.sampled_from("指标名称讲座abc12（）：、，长春"), min_size=1)


@given(st.lists(st.lists(GBK | NUMBER, min_size=2, max_size=2), min_size=1))
def test_any_table_comes_back_from_excel_95(table: list[list[object]]) -> None:
    assert cells(xls(table, old=True)) == table


def test_values_are_exact(office: Office, survey: Survey) -> None:
    table = rows(survey)
    next(row for row in table if row[0] == "科普画廊")[3] = 1234.56
    for data in (xlsb(table), xls(table), xls(table, old=True)):
        answer = office.receive(data, "表.xls").answers["display_galleries"]
        assert answer["value"] == Decimal("1234.56")
