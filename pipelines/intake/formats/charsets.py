"""Tell the encoding of a text by evidence, or refuse: mojibake must never pass for what was sent.

A mark at the start decides, then strict UTF-8, which nothing else passes for.  GB18030 and Big5
cover nearly the same bytes, so where both would do, known words decide; without any, how common
the characters are that each of them yields; and where that is no proof either, nobody guesses.
"""

from __future__ import annotations

import codecs
import re

from pipelines.errors import CorruptFileError, UnsupportedFormatError
from pipelines.intake.vocabulary import vocabulary

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE_AS_UTF8 = "请报送单位另存为 .xlsx 或 UTF-8 编码的 .csv 后重新报送"
_SAMPLE = 4000
_ZEROS_AT_ONE_SIDE = 4
_FIRST_OF_THREE_BYTES = "\u0800"
#: So many characters of three bytes, or everyday ones of them, do not come of GB18030 by chance.
_NO_CHANCE, _HARDLY_CHANCE = 4, 2
#: Share of everyday characters that proves an encoding, beside one that disproves the other.
_PROOF, _DISPROOF = 0.9, 0.75
_FEWEST_CHARACTERS = 6
#: Leading bytes of everyday characters: GB2312 level 1, Big5 level 1; 0xA1-0xA3 are marks.
_EVERYDAY = {"gb18030": range(0xB0, 0xD8), "big5": range(0xA4, 0xC7)}
_DECLARED = re.compile(rb"""charset\s*=\s*["']?\s*([A-Za-z0-9._-]+)""", re.IGNORECASE)
_CHINESE_NAMES = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030",
    "cp936": "gb18030", "big5": "big5", "big5-hkscs": "big5hkscs",
}  # fmt: skip


def decode(data: bytes) -> str:
    """The text of ``data``; raises CorruptFileError or UnsupportedFormatError."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise CorruptFileError(f"文字编码前后不一致（{encoding}）") from error
    if b"\x00" in data:
        return _unmarked_utf16(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _chinese(data)
    return _not_chinese_after_all(data, text)


def decode_page(data: bytes, declared: str = "") -> str:
    """The text of a web page: as it declares itself when that is strictly so, else by evidence.

    ``declared`` is what another part of the file says of this one.
    """
    own = _DECLARED.search(data[:_SAMPLE])
    name = own.group(1).decode("ascii").lower() if own else declared.lower()
    in_utf8 = _strictly(data, "utf-8-sig")
    if in_utf8 is not None and (name in ("utf-8", "utf8") or _is_surely_utf8(in_utf8)):
        return in_utf8
    as_declared = _strictly(data, _CHINESE_NAMES[name]) if name in _CHINESE_NAMES else None
    return decode(data) if as_declared is None else as_declared


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without its mark: digits, commas and line ends leave zeros at one side only."""
    sample = data[:_SAMPLE]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    # A few Chinese characters have a zero at the other side, such as 一 (4E 00).
    if len(data) % 2 == 0 and max(even, odd) >= _ZEROS_AT_ONE_SIDE * min(even, odd):
        try:
            text = data.decode("utf-16-le" if odd > even else "utf-16-be")
        except UnicodeDecodeError:
            text = "\0"
        if not any(char < " " and char not in "\t\r\n\f\x1a" for char in text[:_SAMPLE]):
            return text
    raise UnsupportedFormatError("不是表格文件，内容认不出来")


def _not_chinese_after_all(data: bytes, text: str) -> str:
    """A few Chinese characters pass for others in UTF-8: 惆俫 for a rare one and a g."""
    if _is_surely_utf8(text):
        return text
    chinese = _strictly(data, "gb18030")
    if chinese is None or _known_words(text):
        return text
    if _known_words(chinese):
        return chinese
    raise UnsupportedFormatError("文字编码认不准：按 UTF-8 和 GB18030 都读得通", _SAVE_AS_UTF8)


def _is_surely_utf8(text: str) -> bool:
    """Whether what reads as UTF-8 is no chance: it takes three bytes a character, or none."""
    if text.isascii():
        return True
    sure = [char for char in text if char >= _FIRST_OF_THREE_BYTES]
    if len(sure) >= _NO_CHANCE:
        return True
    everyday = all(char.encode("gb2312", "ignore") for char in sure)
    return len(sure) >= _HARDLY_CHANCE and everyday


def _chinese(data: bytes) -> str:
    readings = {name: text for name in _EVERYDAY if (text := _strictly(data, name)) is not None}
    words = {name: _known_words(text) for name, text in readings.items()}
    if not any(words.values()) and _known_words(data.decode("utf-8", "ignore")):
        raise CorruptFileError("文字编码前后不一致，大部分是 UTF-8", _SAVE_AS_UTF8)
    if not readings:
        raise UnsupportedFormatError(
            "文字编码认不出来，不是 UTF-8、GB18030，也不是 Big5", _SAVE_AS_UTF8
        )
    if len(readings) == 1:
        return next(iter(readings.values()))
    known = [name for name, count in words.items() if count]
    proven = known if len(known) == 1 else _proven(data)
    if len(proven) != 1:
        raise UnsupportedFormatError(
            "文字编码认不准：按简体（GB18030）和繁体（Big5）都读得通", _SAVE_AS_UTF8
        )
    return readings[proven[0]]


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _known_words(text: str) -> int:
    return sum(word in text for word in vocabulary().encoding_words)


def _proven(data: bytes) -> list[str]:
    """The encodings under which nearly all characters are everyday ones, if the other fails."""
    leads = _lead_bytes(data)
    if len(leads) < _FEWEST_CHARACTERS:
        return []
    share = {
        name: sum(lead in everyday for lead in leads) / len(leads)
        for name, everyday in _EVERYDAY.items()
    }
    # A trailing byte below 0xA1 is rare in GB text: GB2312 has none.
    share["gb18030"] *= _high_trails(data) / len(leads)
    return [
        name
        for name, other in (("gb18030", "big5"), ("big5", "gb18030"))
        if share[name] >= _PROOF and share[other] <= _DISPROOF
    ]


def _pairs(data: bytes) -> list[tuple[int, int]]:
    """The two-byte characters of a text, leaving out punctuation."""
    found, n = [], 0
    while n < len(data) - 1:
        if data[n] < 0x81:
            n += 1
            continue
        if not 0xA1 <= data[n] <= 0xA3:
            found.append((data[n], data[n + 1]))
        n += 2
    return found


def _lead_bytes(data: bytes) -> list[int]:
    return [lead for lead, _ in _pairs(data[: _SAMPLE * 4])]


def _high_trails(data: bytes) -> int:
    return sum(trail >= 0xA1 for _, trail in _pairs(data[: _SAMPLE * 4]))
