"""How a figure may be written in a cell, and what each way of writing means.

The one number grammar of the project.  A cell holds text; reading it gives one of five states
(DESIGN law 2), the exact value where there is one, and a note for every change of notation that
reading made.  Notation is normalised (full-width digits, thousands separators, a trailing unit
equal to the item's own); a value never is: ``3万`` stays unreadable and becomes a question.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

#: Largest magnitude a cell may hold; more is a slip (a code typed into a count), asked about.
LIMIT = Decimal(10) ** 15
#: Decimal places kept exactly, as many as a spreadsheet can hold.
PLACES = 15


class State(StrEnum):
    """What a cell says, apart from its value."""

    REPORTED = "reported"
    ZERO = "zero"
    NOT_APPLICABLE = "not_applicable"
    BLANK = "blank"
    UNREADABLE = "unreadable"

    @property
    def label_zh(self) -> str:
        return _STATE_LABELS[self]


_STATE_LABELS = {
    State.REPORTED: "已填",
    State.ZERO: "零",
    State.NOT_APPLICABLE: "无此项（-）",
    State.BLANK: "空白",
    State.UNREADABLE: "无法识别",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A cell read: ``value`` is None exactly when the state is blank, "-" or unreadable."""

    state: State
    value: Decimal | None = None
    notes: tuple[str, ...] = ()


_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])
_ABOUT = re.compile(r"约|大约|左右|近|余|多|上下|不足|以上|以下|±|~")
_RANGE = re.compile(r"\d\s*(?:-|—|–|至|到)\s*\d")
_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?")
_SCALE = re.compile(r"[十百千万亿]")
#: Compatibility forms that say more than the digit in them.
_NOT_PLAIN_DIGITS = ("<super>", "<sub>", "<circle>", "<fraction>")
_NO_VALUE = {"无", "没有", "NA", "N/A", "NONE", "NULL", "/", "—", "——", "–", "*", "?"}


def normalise_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Full-width and compatibility characters to plain ones, invisible ones and edges removed."""
    notes: list[str] = []
    visible = text.translate(_INVISIBLE)
    plain = unicodedata.normalize("NFKC", visible)
    if visible != text or plain.strip() != plain:
        notes.append("去除首尾空格或不可见字符")
    if plain.strip() != visible.strip():
        notes.append("全角字符改为半角")
    return plain.strip(), tuple(notes)


def read_figure(
    text: str,
    *,
    unit: str = "",
    not_applicable: frozenset[str] = frozenset({"-"}),
) -> Reading:
    """Read the text of one cell as the figure of an item measured in ``unit``."""
    plain, notes = normalise_text(text)
    plain = plain.replace("\u2212", "-")
    if not plain:
        return Reading(State.BLANK, None, notes)
    if any(unicodedata.decomposition(sign).startswith(_NOT_PLAIN_DIGITS) for sign in text):
        # Made plain, 10² would read 102: that is a change of value, not of notation.
        return Reading(State.UNREADABLE, None, (*notes, "数字带上标、下标或圈号"))
    if plain in not_applicable:
        return Reading(State.NOT_APPLICABLE, None, notes)
    if unit and plain.endswith(unit) and _NUMBER.fullmatch(plain[: -len(unit)].rstrip()):
        plain = plain[: -len(unit)].rstrip()
        notes = (*notes, f"去除单位“{unit}”")
    if not _NUMBER.fullmatch(plain):
        return Reading(State.UNREADABLE, None, (*notes, explain_unreadable(plain)))
    if "," in plain:
        plain = plain.replace(",", "")
        notes = (*notes, "去除千分位分隔符")
    return read_decimal(Decimal(plain), notes)


def read_number(number: float | int, notes: tuple[str, ...] = ()) -> Reading:
    """Read a numeric cell.  A spreadsheet shows and stores 15 significant digits; so do we."""
    exact = Decimal(number) if isinstance(number, int) else Decimal(f"{number:.15g}")
    return read_decimal(exact, notes)


def read_decimal(value: Decimal, notes: tuple[str, ...] = ()) -> Reading:
    """A parsed value to a reading; out of any possible range is unreadable, never rounded."""
    if not value.is_finite() or abs(value) >= LIMIT:
        return Reading(State.UNREADABLE, None, (*notes, "数值过大，不可能是本项指标"))
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > PLACES:
        return Reading(State.UNREADABLE, None, (*notes, f"小数超过 {PLACES} 位"))
    if value == 0:
        return Reading(State.ZERO, Decimal(0), notes)
    return Reading(State.REPORTED, value, notes)


def explain_unreadable(plain: str) -> str:
    """Say in Chinese why a text is not a figure, as precisely as can be told."""
    if _ERROR.fullmatch(plain):
        return f"单元格是错误值 {plain}"
    if plain.startswith("="):
        return "填了算式，没有填数"
    if plain.upper() in _NO_VALUE:
        return "没有该业务应填“-”，取整后为零填“0”"
    if plain.endswith("%"):
        return "填了百分数"
    if _ABOUT.search(plain):
        return "填了约数，应填确数"
    if _RANGE.search(plain):
        return "填了区间，应填一个数"
    if _SCALE.search(plain):
        return "填了中文数字或带“万、亿”等字，应按表列单位填阿拉伯数字"
    if re.fullmatch(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+", plain):
        return "填了科学记数法"
    if re.fullmatch(r"[+-]?[\d,]+(?:\.\d+)?", plain):
        return "千分位分隔符位置不对，看不出是多少"
    if re.search(r"\d", plain):
        return "数字中夹有文字或单位与表列不同"
    return "填了文字，应填阿拉伯数字、0 或 -"


def plain_text(value: Decimal) -> str:
    """A value as plain digits, without exponent or trailing zeros: the way back to text."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
