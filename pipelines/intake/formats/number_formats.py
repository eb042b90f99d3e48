"""Number formats that make a cell show another number than the file holds.

0.12 shows as 12%, 30000 as 3万, 1234567 as 1,235: which of the two the sender meant is not ours to
decide, so such a cell is unreadable and becomes a question.  A format that only adds words gives
the text that is seen (5 as ``5人``), which the number grammar then reads or refuses like any text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pipelines.intake.formats.cells import Cell, Flaw
from pipelines.survey.notation import plain_text

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<power>E[+-])|(?P<plain>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)")
_PLACEHOLDERS = "0#?"
_ZERO_SECTION = 2
#: Words of a format that change nothing about the number: signs, brackets, spacing.
_HARMLESS = re.compile(r"[\s()（）+-]+")
#: A sign of currency says in which unit the number is; ¥ shows as either of two characters.
_CURRENCY = re.compile("[¥￥$€£]")
#: An addition that reads like part of the number.
_NUMERIC = re.compile(r"[\d.,，．/:%‰]")
_DATE_LETTERS = frozenset("ymdhs")
#: What may stand around the digits of a shown number and between them.
_AROUND = " \t\n\u00a0\u202f()（）¥￥$€£+-"
_GROUPING = re.compile(r",|(?<=\d)[ \u00a0\u202f](?=\d{3})")
_DIGITS = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_FRACTION = re.compile(r"(?:(\d+) +)?(\d+)/([1-9]\d*)", re.ASCII)
#: Fractions of one digit below the line, as formats write them, miss a number by this at most.
_FRACTION_SLACK = Decimal("0.1")
_HIDDEN = "单元格格式把这个数隐藏了，看不出是否要填"


@dataclass(frozen=True, slots=True)
class _Section:
    """One of the parts of a format, parted by semicolons."""

    condition: tuple[str, Decimal] | None
    before: str
    inside: str
    after: str
    has_number: bool
    percent: bool
    thousands: int
    shows_text: bool
    empty: bool

    @property
    def is_plain(self) -> bool:
        words = self.before + self.after
        return self.has_number and not (
            self.percent or self.thousands or self.inside or _HARMLESS.sub("", words)
        )

    def of(self, number: Decimal) -> Cell | None:
        """What to take the cell for; None when it shows the number it holds."""
        held = plain_text(number)
        if self.percent:
            return _percent(f"{plain_text(number * 100)}%", held)
        if number == 0:
            return None
        if self.empty:
            return Flaw(held, _HIDDEN)
        if self.thousands:
            unit = f"{1000**self.thousands}"
            return Flaw(held, f"单元格格式把数缩小到 {unit} 分之一显示（格内原数为 {held}）")
        before, after = (_HARMLESS.sub("", words) for words in (self.before, self.after))
        if self.inside or _NUMERIC.search(before + after) or not self.has_number:
            return None if self.shows_text else _shown_otherwise(held, held)
        return f"{before}{held}{after}" if before or after else None


@dataclass(frozen=True, slots=True)
class Disguise:
    """A number format under which a number may show as another."""

    sections: tuple[_Section, ...]

    def of(self, cell: Cell) -> Cell | None:
        """What a cell of this format is to be taken for; None when for what it holds."""
        if type(cell) not in (int, float):
            return None
        number = Decimal(f"{cell:.15g}")
        return self._section(number).of(number) if number.is_finite() else None

    def _section(self, number: Decimal) -> _Section:
        first = self.sections[0]
        for section in self.sections[:3]:
            if section.condition and _holds(section.condition, number):
                return section
        if any(section.condition for section in self.sections):
            return next((s for s in self.sections if not s.condition), first)
        numeric = [s for s in self.sections if not s.shows_text] or [first]
        if number < 0:
            return numeric[1] if len(numeric) > 1 else first
        return numeric[2] if number == 0 and len(numeric) > 2 else first


@dataclass(frozen=True, slots=True)
class Shown:
    """The text that a file keeps of how a number shows (.ods), where it is not just the number."""

    text: str

    def of(self, cell: Cell) -> Cell | None:
        """What the cell is to be taken for; None when for what it holds."""
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            return None
        return as_shown(cell, self.text)


def as_shown(number: float, text: str) -> Cell | None:
    """What a stored number beside the text of how it shows is to be taken for; None for itself.

    The text may be the number rounded or grouped.  Words around it make the text count; anything
    else is another number than the one stored, and whose it is has to be asked.
    """
    held = plain_text(Decimal(f"{number:.15g}"))
    if text.endswith(("%", "‰")):
        return _percent(text, held)
    if number == 0 and not re.search("[1-9]", text):
        return None
    if not text:
        return Flaw(held, _HIDDEN)
    if not text.strip("#"):
        return None
    if _is_rounded(text, abs(Decimal(held))):
        currency = _CURRENCY.search(text)
        return f"{currency[0]}{held}" if currency else None
    if text.startswith(held) and not _NUMERIC.search(text.removeprefix(held)):
        return text
    return _shown_otherwise(text, held)


def _is_rounded(text: str, size: Decimal) -> bool:
    """Whether a text is a number's digits, or its fraction, to within half of the last place."""
    bare = _GROUPING.sub("", text.strip(_AROUND))
    fraction = _FRACTION.fullmatch(bare)
    if fraction:
        whole, above, below = (Decimal(part or 0) for part in fraction.groups())
        return abs(whole + above / below - size) <= _FRACTION_SLACK
    if not _DIGITS.fullmatch(bare):
        return False
    shown = Decimal(bare)
    return abs(shown - size) * 2 <= Decimal((0, (1,), int(shown.as_tuple().exponent)))


def _shown_otherwise(text: str, held: str) -> Flaw:
    return Flaw(text or held, f"单元格格式显示的不是格内的数（格内原数为 {held}）")


def _percent(text: str, held: str) -> Flaw:
    return Flaw(text, f"单元格设成了百分数格式（格内原数为 {held}），应填数")


@lru_cache(maxsize=4096)
def disguise_of(code: str) -> Disguise | None:
    """The disguise that a format code is; None for one that shows the number as it is held."""
    if is_date(code):
        return None
    sections = tuple(_section(part) for part in _parts(code))
    # The third section shows zeros, which are zeros however they look.
    telling = [s for n, s in enumerate(sections) if n < _ZERO_SECTION or s.condition]
    if all(section.is_plain or section.shows_text for section in telling):
        return None
    return Disguise(sections)


def is_date(code: str) -> bool:
    """Whether the native reader makes dates of numbers of this format."""
    return any(
        match["plain"] is not None and match["plain"].lower() in _DATE_LETTERS
        for match in _TOKEN.finditer(code)
    )


def _parts(code: str) -> list[list[re.Match[str]]]:
    parts: list[list[re.Match[str]]] = [[]]
    for match in _TOKEN.finditer(code):
        if match["plain"] == ";":
            parts.append([])
        else:
            parts[-1].append(match)
    return parts


def _section(tokens: list[re.Match[str]]) -> _Section:
    words = ["", "", ""]
    condition: tuple[str, Decimal] | None = None
    number = percent = text = False
    thousands = 0
    between = ""
    for token in tokens:
        sign = token["plain"] or ""
        bracket = token["bracket"] or ""
        found = _CONDITION.fullmatch(bracket)
        if found:
            condition = (found[1], Decimal(found[2]))
        # [$¥-804] shows ¥; what stands behind the hyphen is the language.
        currency = bracket[1:].partition("-")[0] if bracket.startswith("$") else ""
        if token["general"] or (sign and sign in _PLACEHOLDERS):
            words[1] += between
            number, between, thousands = True, "", 0
        elif sign == "%":
            percent = True
        elif sign == "@":
            text = True
        elif sign == "," and number:
            thousands += 1
        elif token["power"] or sign in (".", "/"):
            continue
        else:
            literal = token["quoted"] or token["escaped"] or currency or sign
            if number:
                between += literal
            else:
                words[0] += literal
    inside = "".join(words[1].split())
    empty = not (number or text or percent or words[0] or between)
    return _Section(condition, words[0], inside, between, number, percent, thousands, text, empty)


def _holds(condition: tuple[str, Decimal], number: Decimal) -> bool:
    sign, bound = condition
    return {
        "<": number < bound,
        "<=": number <= bound,
        ">": number > bound,
        ">=": number >= bound,
        "=": number == bound,
        "<>": number != bound,
    }[sign]
