"""How a figure may be written in a cell, and what each way of writing means.

The one number grammar of the project.  A cell holds text; reading it gives one of five states
(DESIGN law 2), the exact value where there is one, and a note for every change of notation that
reading made.  Notation is normalised (full-width digits, thousands separators, a trailing unit
equal to the item's own, the many dashes that stand for a minus or for "no such business"); a value
never is: ``3万`` stays unreadable and becomes a question.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

#: Largest magnitude a cell may hold; more is a slip (a code typed into a count), asked about.
LIMIT = Decimal(10) ** 15
#: Significant digits that a spreadsheet holds; a longer number has been, or will be, damaged.
DIGITS = 15
#: Decimal places kept exactly, as many as a spreadsheet can hold.
PLACES = 15
#: Ways to say "no such business", after dashes have become hyphens.
NOT_APPLICABLE = frozenset({"-", "--", "/", "无"})


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


#: Groups of three, all parted by the same sign; "0,123" is no group but somebody's decimal.
_NUMBER = re.compile(r"[+-]?(?:\d+|[1-9]\d{0,2}(?:(,| )\d{3})(?:\1\d{3})*)(?:\.\d+)?", re.ASCII)
_SEEN_BY_NOBODY = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{_SEEN_BY_NOBODY}]")
#: Characters that make text show in another order than it is stored: "12" may show as 21.
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
#: Dashes that typists take for a minus or for "-": ‐ ‑ ‒ – — ― − ─ (of tables) ﹘ ⁃.
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−─﹘⁃"), "-")
_YUAN, _YUAN_SIGN = "元", "¥"
_BRACKETS = {")": "(", "]": "[", "】": "【", "〕": "〔"}


def normalise_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Full-width and compatibility characters to plain ones, invisible ones and edges removed."""
    notes: list[str] = []
    visible = text if text.isascii() else _INVISIBLE.sub("", text)
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
    not_applicable: frozenset[str] = NOT_APPLICABLE,
) -> Reading:
    """Read the text of one cell as the figure of an item measured in ``unit``."""
    plain, notes = normalise_text(text)
    if not plain:
        return Reading(State.BLANK, None, notes)
    if not text.isascii():
        # Made plain, 10² would read 102: that is a change of value, not of notation.
        if any(_holds_hidden_digit(sign) for sign in text):
            return Reading(State.UNREADABLE, None, (*notes, "数字带上标、下标、圈号或写成分数"))
        if _REORDERING.search(text):
            return Reading(State.UNREADABLE, None, (*notes, "含有改变文字显示顺序的字符"))
        plain, notes = _with_plain_dashes(plain, notes)
    if plain in not_applicable:
        return Reading(State.NOT_APPLICABLE, None, _with_note_of_none(plain, notes))
    plain, notes = _without_marks(plain, unit, notes)
    match = _NUMBER.fullmatch(plain)
    if not match:
        return Reading(State.UNREADABLE, None, (*notes, explain_unreadable(plain)))
    if match[1]:
        plain = plain.replace(match[1], "")
        notes = (*notes, "去除千分位分隔符" if match[1] == "," else "去除数字中的空格")
    if plain[0] == "+":
        notes = (*notes, "去除正号")
    digits = plain.lstrip("+-")
    if len(digits) > 1 and digits[0] == "0" and digits[1] != ".":
        notes = (*notes, "去除前面的零")
    return read_decimal(Decimal(plain), notes)


def read_number(number: float | int, notes: tuple[str, ...] = ()) -> Reading:
    """Read a numeric cell.  A spreadsheet shows and stores 15 significant digits; so do we."""
    exact = Decimal(number) if isinstance(number, int) else Decimal(f"{number:.15g}")
    return read_decimal(exact, notes)


def read_decimal(value: Decimal, notes: tuple[str, ...] = ()) -> Reading:
    """A parsed value to a reading; out of any possible range is unreadable, never rounded."""
    if not value.is_finite() or abs(value) >= LIMIT:
        return Reading(State.UNREADABLE, None, (*notes, "数值过大，不可能是本项指标"))
    shortest = value.normalize()
    _, digits, exponent = shortest.as_tuple()
    if isinstance(exponent, int) and -exponent > PLACES:
        return Reading(State.UNREADABLE, None, (*notes, f"小数超过 {PLACES} 位"))
    if len(digits) > DIGITS:
        return Reading(
            State.UNREADABLE, None, (*notes, f"数字超过 {DIGITS} 位，表格软件存不准，请核对原数")
        )
    if value == 0:
        return Reading(State.ZERO, Decimal(0), notes)
    written = value.as_tuple().exponent
    too_long = isinstance(written, int) and -written > PLACES
    return Reading(State.REPORTED, shortest if too_long else value, notes)


def plain_text(value: Decimal) -> str:
    """A value as plain digits, without exponent or trailing zeros: the way back to text."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _holds_hidden_digit(sign: str) -> bool:
    """Whether a character turns into a digit that it is not: ² ① ⑴ ⒈ ½, unlike ２ and 𝟐."""
    if sign.isascii() or unicodedata.decomposition(sign).startswith(("<wide>", "<font>")):
        return False
    return any(one.isascii() and one.isdigit() for one in unicodedata.normalize("NFKC", sign))


def _with_plain_dashes(plain: str, notes: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Dashes of typography as hyphens where they are the cell or its minus, not a range."""
    hyphened = plain.translate(_DASHES)
    if hyphened == plain:
        return plain, notes
    if not hyphened.strip("-"):
        return hyphened, (*notes, "横线改为“-”")
    if hyphened.rfind("-") == 0:
        return hyphened, (*notes, "负号改为半角")
    return plain, notes


def _with_note_of_none(plain: str, notes: tuple[str, ...]) -> tuple[str, ...]:
    return notes if plain == "-" else (*notes, "按“-”（没有此项）处理")


def _without_marks(plain: str, unit: str, notes: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The text without what surrounds a number and says nothing: the item's own unit, the
    apostrophe by which exports mark text.  Anything else stays and makes it unreadable."""
    if plain[0] == "'" and _NUMBER.fullmatch(plain[1:]):
        return plain[1:], (*notes, "去除数字前的撇号")
    if not unit:
        return plain, notes
    # The sign of 元 is the item's own unit where it is measured in 元, and nowhere else.
    if plain[0] == _YUAN_SIGN and unit == _YUAN and _NUMBER.fullmatch(plain[1:].lstrip()):
        return plain[1:].lstrip(), (*notes, f"去除货币符号“{_YUAN_SIGN}”")
    for ending in (unit, unicodedata.normalize("NFKC", unit)):
        head = _before_unit(plain, ending)
        if _NUMBER.fullmatch(head):
            return head, (*notes, f"去除单位“{unit}”")
    return plain, notes


def _before_unit(plain: str, unit: str) -> str:
    """What stands before a unit at the end, bare or in brackets; "" when no unit is there."""
    opening = _BRACKETS.get(plain[-1])
    if opening and plain[:-1].rstrip().endswith(unit):
        inner = plain[:-1].rstrip().removesuffix(unit).rstrip()
        return inner[:-1].rstrip() if inner.endswith(opening) else ""
    return plain[: -len(unit)].rstrip() if plain.endswith(unit) else ""


_ERROR = re.compile(r"#[A-Z0-9/]+[!?]?")
_NUMERALS = re.compile(r"[〇零○一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟廿卅點点]+")
#: The first that is found says what is wrong.
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.ASCII), reason)
    for pattern, reason in (
        (r"^=", "填了算式，没有填数"),
        (r"^(?i:NA|N/A|NONE|NULL|NIL|没有|无此项|不适用|\\|\*|\?|？|…+|\.+|、)$",
         "没有该业务应填“-”，取整后为零填“0”"),
        (r"[%‰]$", "填了百分数"),
        (r"^\d{4}[-/.年]\d{1,2}(?:[-/.月]\d{1,2}日?|月)$|^\d{1,2}月\d{1,2}日$|^\d{4}年$",
         "填了日期，应填数"),
        (r"\d\s*(?:-|—|–|―|−|~|至|到)\s*\d", "填了区间，应填一个数"),
        (r"约|左右|近|余|多|几|上下|不足|以上|以下|超过|±|~|>|<|≥|≤|＞|＜|≈", "填了约数，应填确数"),
        (r"^[+-]?\d+(?:\.\d+)?\s*[/⁄÷]\s*\d+$", "填了分数或日期，应填一个数"),
        (r"\d\s*[+*×x]\s*\d|合计|共计", "填了算式，没有填数"),
        (r"[¥$€£]", "带了货币符号，应按表列单位填数"),
        (r"[十百千万亿拾佰仟]", "填了中文数字或带“万、亿”等字，应按表列单位填阿拉伯数字"),
        (r"^[+-]?\d+(?:\.\d+)?[eE][+-]?\d+$", "填了科学记数法"),
        (r"^[+-]?[\d.]*\.[\d.]*$", "小数点的位置或个数不对"),
        (r"^[+-]?[\d, ']+(?:\.\d+)?$", "千分位分隔符位置不对，看不出是多少"),
        (r"\d\s*[\r\n]\s*\d", "一格里填了不止一个数"),
        (r"\d", "数字中夹有文字或单位与表列不同"),
    )
)  # fmt: skip


def explain_unreadable(plain: str) -> str:
    """Say in Chinese why a text is not a figure, as precisely as can be told."""
    if _ERROR.fullmatch(plain):
        return f"单元格是错误值 {plain}"
    if _NUMERALS.fullmatch(plain):
        return "填了中文数字，应填阿拉伯数字"
    for pattern, reason in _REASONS:
        if pattern.search(plain):
            return reason
    if any(sign.isdigit() for sign in plain):
        return "填了其他文字的数字，应填阿拉伯数字"
    return "填了文字，应填阿拉伯数字、0 或 -"
