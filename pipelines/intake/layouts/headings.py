"""What a heading says of the whole file: the data year."""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.notation import normalise_text

_LONGEST_HEADING = 60
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年(度)?")
_BARE = re.compile(r"[\(\[]?((?:19|20)\d\d)年?(?:度)?[\)\]]?")
_CHINESE_YEAR = re.compile(r"[一二三四五六七八九〇○零]{4}(?=年)")
_IN_NAME = re.compile(r"(?<![\dA-Za-z])(20\d\d)(?!\d)")
#: How many years back a sheet of the same workbook may go.
_EARLIEST = 10
_DIGITS = str.maketrans("一二三四五六七八九〇○零", "123456789000")


def stated_year(text: str) -> int:
    """The data year that a heading states; 0 when it states none.

    A year counts only in a text that says what it is a year of (科普统计, 数据年度 …), and not
    beside words that make it another year (上年, 有效期至 …).
    """
    if not 4 <= len(text) <= _LONGEST_HEADING or "年" not in text:
        return 0
    plain = _plain(text)
    words = vocabulary()
    if any(word in plain for word in words.year_not):
        return 0
    bare = _BARE.fullmatch(plain)
    if bare:
        return int(bare.group(1))
    head, _, tail = plain.partition(":")
    labelled = _BARE.fullmatch(tail) if head in words.year_labels else None
    match = labelled or _YEAR.search(plain)
    if match and (labelled or any(word in plain for word in words.year_heading)):
        return int(match.group(1))
    return 0


@lru_cache(maxsize=4096)
def sheet_year(name: str, year: int) -> int:
    """The earlier year that the name of a sheet says it is of: 2022年, 上年; 0 when none.

    A later one is not asked: sheets are named after the year in which they were collected, too.
    """
    plain = _plain(name)
    years = {int(found) for found in _IN_NAME.findall(plain)}
    if year in years:
        return 0
    if any(word in plain for word in vocabulary().last_year_words):
        return year - 1
    return max((one for one in years if year - _EARLIEST <= one < year), default=0)


def labelled_year(text: str) -> int:
    """The year in the cell beside a label that announces one; 0 when there is none."""
    match = _BARE.fullmatch(_plain(text))
    return int(match.group(1)) if match else 0


def _plain(text: str) -> str:
    plain = "".join(normalise_text(text)[0].split())
    return _CHINESE_YEAR.sub(lambda match: match.group().translate(_DIGITS), plain)
