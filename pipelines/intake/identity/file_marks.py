"""What the names of a file and its folders say about which version of a return it is.

更正, 第二版, v3, 最终, (2), 20240612: signs of different kinds do not outrank each other (is 最终
later than v3?), so versions are compared kind by kind and anything else is left to a person.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from pipelines.intake.layouts.labels import plain_name
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.notation import normalise_text

_NUMBER = r"([一二三四五六七八九十]{1,2}|\d{1,2})"
_ORDINAL = re.compile(
    rf"第{_NUMBER}[次版稿回]|(?<![\d一二三四五六七八九十第]){_NUMBER}[版稿]"
    r"|(?<![A-Za-z])[vV]\.?(\d{1,2})(?!\d)|\((\d{1,2})\)$"
)
_DATE = re.compile(r"(?<!\d)(20\d\d)[-_.年]?(\d{1,2})[-_.月]?(\d{1,2})(?!\d)")
_NUMERALS = {char: n for n, char in enumerate("一二三四五六七八九", 1)}
#: 城市更新局 is an office, not an updated file.
_OFFICE = r"(?![^\W\d_]{0,4}(?:局|厅|中心))"
_EXTENSION = re.compile(r"\.[A-Za-z]{2,5}$")


@dataclass(frozen=True, slots=True)
class Mark:
    """Signs of a later version, by kind; each grows with later versions."""

    ordinal: int = 1
    corrected: bool = False
    final: bool = False
    dated: dt.date | None = None

    @property
    def order(self) -> tuple[int, bool, bool, dt.date]:
        """For sorting what is already known to be earlier."""
        return self.ordinal, self.corrected, self.final, self.dated or dt.date.min

    def compared(self, other: Mark) -> int:
        """1 when certainly later, -1 when certainly earlier, 0 when that cannot be told."""
        pairs: list[tuple[int, int]] = [
            (self.ordinal, other.ordinal),
            (self.corrected, other.corrected),
            (self.final, other.final),
        ]
        if self.dated and other.dated:
            pairs.append((self.dated.toordinal(), other.dated.toordinal()))
        later = any(one > two for one, two in pairs)
        earlier = any(one < two for one, two in pairs)
        return int(later) - int(earlier)


def mark_of(file: str, unit_name: str) -> Mark:
    """The signs in a path inside the inbox; the unit's own name is no sign."""
    parts = [_plain(part, unit_name) for part in file.replace("!", "/").split("/")]
    numbers = [_number(m) for part in parts for m in _ORDINAL.finditer(part)]
    words = vocabulary()
    return Mark(
        ordinal=max(numbers, default=1),
        corrected=_says(parts, words.revision_words),
        final=_says(parts, words.final_words),
        dated=next((day for part in reversed(parts) for day in _dates(part)), None),
    )


def _plain(part: str, unit_name: str) -> str:
    name = plain_name(_EXTENSION.sub("", normalise_text(part)[0]))
    return name.replace(unit_name, " ").strip() if unit_name else name


def _says(parts: list[str], words: tuple[str, ...]) -> bool:
    pattern = re.compile("(?:" + "|".join(map(re.escape, words)) + ")" + _OFFICE)
    return any(pattern.search(part) for part in parts)


def _number(match: re.Match[str]) -> int:
    text = next(group for group in match.groups() if group)
    if text.isdigit():
        return int(text)
    tens, _, ones = text.rpartition("十")
    if "十" not in text:
        return _NUMERALS.get(text[-1], 1)
    return _NUMERALS.get(tens, 1) * 10 + _NUMERALS.get(ones, 0)


def _dates(part: str) -> list[dt.date]:
    found = []
    for match in _DATE.finditer(part):
        try:
            found.append(dt.date(*(int(group) for group in match.groups())))
        except ValueError:
            continue
    return found[::-1]
