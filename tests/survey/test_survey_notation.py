"""The number grammar: what a cell may hold and what it means."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.survey.notation import (
    LIMIT,
    PLACES,
    State,
    plain_text,
    read_figure,
    read_number,
)

figures = st.decimals(
    min_value=-(10**11) + 1,
    max_value=10**11 - 1,
    allow_nan=False,
    allow_infinity=False,
    places=4,
)
counts = st.integers(min_value=0, max_value=10**14)
FULL_WIDTH = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("", State.BLANK),
        (" \t\u3000\u200b", State.BLANK),
        ("-", State.NOT_APPLICABLE),
        ("－", State.NOT_APPLICABLE),
        ("\u2212", State.NOT_APPLICABLE),
        (" - ", State.NOT_APPLICABLE),
        ("0", State.ZERO),
        ("0.00", State.ZERO),
        ("-0", State.ZERO),
        ("７", State.REPORTED),
        ("-5", State.REPORTED),
        ("—", State.NOT_APPLICABLE),
        ("――", State.NOT_APPLICABLE),
        ("─", State.NOT_APPLICABLE),
        ("无", State.NOT_APPLICABLE),
        ("／", State.NOT_APPLICABLE),
        ("\xa0\u2060", State.BLANK),
        ("００", State.ZERO),
        ("0.0", State.ZERO),
        ("---", State.UNREADABLE),
        ("NA", State.UNREADABLE),
        ("None", State.UNREADABLE),
        ("null", State.UNREADABLE),
    ],
)
def test_states(text: str, state: State) -> None:
    reading = read_figure(text)
    assert reading.state is state
    assert (reading.value is None) == (state not in {State.ZERO, State.REPORTED})


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1,234", "", "1234"),
        ("１，２３４．５０", "", "1234.50"),
        ("12万元", "万元", "12"),
        ("1,200 人次", "人次", "1200"),
        ("５平方米", "平方米", "5"),
        (" 8 ", "", "8"),
        ("+3", "", "3"),
        ("-5", "", "-5"),
        ("—5", "", "-5"),
        ("－５", "", "-5"),
        ("\u22125", "", "-5"),
        ("1 200", "", "1200"),
        ("1\xa0234\u2009567", "", "1234567"),
        ("500（人次）", "人次", "500"),
        ("500 [人次]", "人次", "500"),
        ("0012", "", "12"),
        ("'0012", "", "12"),
        ("𝟏𝟐", "", "12"),
        ("0人", "人", "0"),
    ],
)
def test_ways_of_writing_the_same_figure(text: str, unit: str, value: str) -> None:
    reading = read_figure(text, unit=unit)
    assert reading.value == Decimal(value)
    assert str(reading.value) == value


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("—", "横线改为“-”"),
        ("/", "按“-”（没有此项）处理"),
        ("无", "按“-”（没有此项）处理"),
        ("—5", "负号改为半角"),
        ("1 200", "去除数字中的空格"),
        ("0012", "去除前面的零"),
        ("'12", "去除数字前的撇号"),
        ("+5", "去除正号"),
    ],
)
def test_what_was_made_of_the_writing_is_noted(text: str, note: str) -> None:
    assert note in read_figure(text).notes


def test_an_edition_may_allow_fewer_ways_to_say_none() -> None:
    only_dash = frozenset({"-"})
    assert read_figure("—", not_applicable=only_dash).state is State.NOT_APPLICABLE
    assert read_figure("无", not_applicable=only_dash).state is State.UNREADABLE


def test_plain_writing_leaves_no_note_and_every_change_does() -> None:
    assert read_figure("1234", unit="人").notes == ()
    assert read_figure(" １,２３４人 ", unit="人").notes == (
        "去除首尾空格或不可见字符",
        "全角字符改为半角",
        "去除单位“人”",
        "去除千分位分隔符",
    )


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("约500", "人", "约数"),
        ("10余", "人", "约数"),
        ("500以上", "人", "约数"),
        ("3万", "人", "万、亿"),
        ("3万", "万元", "万、亿"),
        ("一百", "人", "中文数字"),
        ("5-10", "人", "区间"),
        ("5至10", "人", "区间"),
        ("NA", "人", "没有该业务应填“-”"),
        ("不适用", "人", "没有该业务应填“-”"),
        ("1E20", "人", "科学记数法"),
        ("12%", "人", "百分数"),
        ("=1+2", "人", "算式"),
        ("#REF!", "人", "错误值 #REF!"),
        ("1,23", "人", "千分位"),
        ("12 34", "人", "千分位"),
        ("0,123", "人", "千分位"),
        ("1 234,567", "人", "千分位"),
        ("- 5", "人", "千分位"),
        ("12/5", "人", "分数或日期"),
        ("2023-05-06", "人", "日期"),
        ("5月6日", "人", "日期"),
        ("1.2.3", "人", "小数点"),
        ("12..5", "人", "小数点"),
        ("12.", "人", "小数点"),
        (".5", "人", "小数点"),
        ("5～10", "人", "区间"),
        ("5+3", "人", "算式"),
        ("¥500", "万元", "货币"),
        ("500元", "万元", "文字或单位"),
        ("５００人次", "人", "文字或单位"),
        ("(5)", "人", "文字或单位"),
        ("1\n200", "人", "不止一个数"),
        ("٣", "人", "其他文字的数字"),
        ("一", "人", "中文数字"),
        ("½", "人", "分数"),
        ("⒈", "人", "圈号"),
        ("5\ufe0f\u20e3", "人", "文字或单位"),
        ("\u202e21", "人", "显示顺序"),
        ("12元", "万元", "文字或单位"),
        ("待定", "人", "填了文字"),
        ("10²", "人", "上标"),
        ("①", "人", "圈号"),
    ],
)
def test_what_is_not_a_figure_says_why(text: str, unit: str, why: str) -> None:
    reading = read_figure(text, unit=unit)
    assert reading.state is State.UNREADABLE
    assert reading.value is None
    assert why in reading.notes[-1]


def test_a_figure_too_large_is_asked_about() -> None:
    assert read_figure(str(LIMIT)).state is State.UNREADABLE
    assert read_figure(str(LIMIT - 1)).value == LIMIT - 1
    assert read_figure("1234567890.12345").value == Decimal("1234567890.12345")
    assert "15 位" in read_figure("12345678901.12345").notes[-1]
    assert read_figure("1.0000000000000000").value == 1
    assert read_number(1e20).state is State.UNREADABLE
    assert read_number(float("nan")).state is State.UNREADABLE


def test_numeric_cells_have_fifteen_digits() -> None:
    assert read_number(0.1 + 0.2).value == Decimal("0.3")
    assert read_number(1313.49).value == Decimal("1313.49")
    assert read_number(12).value == Decimal(12)
    assert read_number(0.0).state is State.ZERO


@given(figures)
def test_round_trip(value: Decimal) -> None:
    text = plain_text(value)
    assert "E" not in text
    assert read_figure(text).value == value


@given(figures)
def test_full_width_is_the_same_figure(value: Decimal) -> None:
    text = plain_text(value)
    assert read_figure(text.translate(FULL_WIDTH)).value == read_figure(text).value


@given(counts, st.sampled_from(["人", "人次", "万元", "平方米", "个", "小时"]))
def test_separators_and_own_unit_change_nothing(count: int, unit: str) -> None:
    assert read_figure(f"{count:,}", unit=unit).value == count
    assert read_figure(f"{count} {unit}", unit=unit).value == count


@given(counts, st.sampled_from("约万亿多余%~?"))
def test_a_word_more_is_never_a_figure(count: int, word: str) -> None:
    assert read_figure(f"{count}{word}", unit="人").state is State.UNREADABLE
    assert read_figure(f"{word}{count}", unit="人").state is State.UNREADABLE


@given(st.text(max_size=12))
def test_any_text_is_one_of_five_things(text: str) -> None:
    reading = read_figure(text, unit="人")
    assert (reading.value is not None) == (reading.state in {State.REPORTED, State.ZERO})
    assert (reading.value == 0) == (reading.state is State.ZERO)
    if reading.state is State.UNREADABLE:
        assert reading.notes


@given(st.floats(allow_nan=False, min_value=-1e14, max_value=1e14))
def test_a_numeric_cell_reads_as_its_shown_digits(number: float) -> None:
    reading = read_number(number)
    exact = Decimal(f"{number:.15g}")
    places = -exact.normalize().as_tuple().exponent
    assert reading.value == (exact if places <= PLACES else None)
