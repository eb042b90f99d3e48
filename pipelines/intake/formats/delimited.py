"""Text tables (.csv, .tsv, .txt, and such text under another name): split, keep as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import pairwise

from pipelines.errors import CorruptFileError, Place
from pipelines.intake.formats.cells import Rows

_DELIMITERS = "\t,;|"
_SAMPLE_LINES = 60
_QUOTES = "请报送单位用 Excel 或 WPS 打开核对，另存为 .xlsx 后重新报送"
_HEAD_OF_NUMBER = re.compile(r"\s*[-+]?\d{1,3}")
_TAIL_OF_NUMBER = re.compile(r"\d{3}(?:\.\d+)?\s*")


def split(text: str) -> Rows:
    """The rows of a delimited text; every cell stays text."""
    delimiter = _delimiter(text)
    # Strict: a quote that is never closed would swallow all rows to the end of the file.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = [list(row) for row in reader]
    except csv.Error as error:
        raise CorruptFileError(
            "文本表格的引号或分隔符有误", _QUOTES, Place(line=reader.line_num)
        ) from error
    if delimiter == ",":
        _guard_thousands(rows)
    return [[*row] for row in rows]


def _guard_thousands(rows: Sequence[Sequence[str]]) -> None:
    """Refuse a number such as 1,200 that fell into two cells and moved all cells after it."""
    broken = {n for n, row in enumerate(rows) if _has_broken_number(row)}
    if not broken:
        return
    widest = max((len(row) for n, row in enumerate(rows) if n not in broken), default=0)
    for n in sorted(broken):
        if len(rows[n]) > widest:
            raise CorruptFileError(
                "这一行的列数比别的行多，像是数字里的千分位逗号没有加引号",
                _QUOTES,
                Place(line=n + 1),
            )


def _has_broken_number(row: Sequence[str]) -> bool:
    return any(
        _HEAD_OF_NUMBER.fullmatch(head) and _TAIL_OF_NUMBER.fullmatch(tail)
        for head, tail in pairwise(row)
    )


def _delimiter(text: str) -> str:
    """The delimiter that divides most lines; a comma when none does."""
    lines = text.splitlines()[:_SAMPLE_LINES]
    best, best_score = ",", (0, 0)
    for delimiter in _DELIMITERS:
        counts = [line.count(delimiter) for line in lines]
        score = (sum(1 for count in counts if count), sum(counts))
        if score > best_score:
            best, best_score = delimiter, score
    return best
