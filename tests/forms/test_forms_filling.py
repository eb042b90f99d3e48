"""Filling: what is put in is what every reader reads back."""

from __future__ import annotations

import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.forms import CellError, FormTemplate, Formula
from pipelines.survey import load_survey
from pipelines.warehouse.packing import Part, pack

from .conftest import reader

_ITEMS = sorted(load_survey().edition_of(2023).item)
counts = st.integers(0, 10**14)
money = st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=12
)
answers = st.dictionaries(st.sampled_from(_ITEMS), counts | money | texts | st.just("-"))


@settings(max_examples=40, deadline=None)
@given(answers)
def test_answers_read_back_equal(template: FormTemplate, given_: dict[str, object]) -> None:
    read = reader(template.fill({}, given_))
    for item_id in _ITEMS:
        value = given_.get(item_id, "")
        found = read(template.layout.figure(item_id))
        if isinstance(value, str):
            assert found == value
        else:
            assert Decimal(repr(found)) == Decimal(str(value))


def test_codes_stay_text_and_dates_are_dates(template: FormTemplate) -> None:
    cover = {
        "unit_name": "<某&某>局",
        "uscc": "012345678901234567",
        "phone": "0431-01",
        "postcode": "013000",
        "fill_date": datetime.date(2024, 4, 20),
    }
    data = template.fill(cover, {"staff_full_time": 3, "fund_raised": Decimal("1.10")})
    read = reader(data)
    at = template.layout
    assert {field: read(at.cover(field)) for field in cover} == cover
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book["封面"][at.cover("uscc").a1].value == "012345678901234567"
    assert book["封面"][at.cover("fill_date").a1].value == datetime.datetime(2024, 4, 20)  # noqa: DTZ001
    assert book["KP-001 科普人员"][at.figure("staff_full_time").a1].value == 3
    assert read(at.filler_line(at.edition.forms[0])) == "填报单位：<某&某>局"


def test_formulas_and_errors_stand_as_people_leave_them(template: FormTemplate) -> None:
    data = template.fill(
        {},
        {
            "fund_raised": Formula("D8+D10"),
            "fund_used": Formula("1+1", 2),
            "volunteers": CellError("#REF!"),
        },
    )
    at = template.layout
    stored = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    kept = openpyxl.load_workbook(io.BytesIO(data))
    raised, used, error = (at.figure(name) for name in ("fund_raised", "fund_used", "volunteers"))
    assert kept[raised.sheet][raised.a1].value == "=D8+D10"
    assert stored[raised.sheet][raised.a1].value is None
    assert stored[used.sheet][used.a1].value == 2
    assert kept[error.sheet][error.a1].value == "#REF!"
    assert kept[error.sheet][error.a1].data_type == "e"


def test_a_filled_copy_keeps_locks_lists_and_live_checks(template: FormTemplate) -> None:
    book = openpyxl.load_workbook(io.BytesIO(template.fill({"unit_name": "甲"}, {"volunteers": 1})))
    sheet = book["KP-001 科普人员"]
    assert sheet.protection.sheet
    assert len(sheet.data_validations.dataValidation) == 14
    assert len(sheet.conditional_formatting) == 14
    hint = template.layout.hint("staff_full_time_women")
    assert sheet[hint.a1].value.startswith("=IF(")


def test_a_cell_that_is_not_to_be_filled_is_an_error(template: FormTemplate) -> None:
    with pytest.raises(KeyError):
        template.fill({}, {"no_such_item": 1})


def test_the_same_answers_are_the_same_bytes(template: FormTemplate) -> None:
    assert template.fill({}, {"lectures": 5}) == template.fill({}, {"lectures": 5})


@pytest.mark.parametrize(("encoding", "flag"), [("utf-8", 0x800), ("gbk", 0)])
def test_packages_open_with_the_standard_library(encoding: str, flag: int) -> None:
    data = pack([Part.of("甲/乙.xlsx", b"abc" * 50), Part.of("空", b"")], encoding)
    with zipfile.ZipFile(io.BytesIO(data), metadata_encoding="gbk") as package:
        assert package.testzip() is None
        assert package.namelist() == ["甲/乙.xlsx", "空"]
        assert package.read("甲/乙.xlsx") == b"abc" * 50
        assert [entry.flag_bits for entry in package.infolist()] == [flag, flag]
