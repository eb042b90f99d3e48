"""Text tables (.csv, .tsv, .txt, and such text under another name): decode, split, keep as text."""

from __future__ import annotations

import codecs
import csv
import io

from pipelines.errors import CorruptFileError, UnsupportedFormatError
from pipelines.intake.cells import Rows

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: In the order in which they are tried: UTF-8 rejects what is not UTF-8, GB18030 hardly anything.
_ENCODINGS = ("utf-8", "gb18030")
_DELIMITERS = "\t,;|"
_SAMPLE_LINES = 60


def decode(data: bytes) -> str:
    """The text of ``data``: by its mark, else strict UTF-8, else strict GB18030."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise CorruptFileError(f"文字编码前后不一致（{encoding}）") from error
    if b"\x00" in data:
        raise UnsupportedFormatError("不是表格文件，内容认不出来")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnsupportedFormatError("文字编码认不出来，既不是 UTF-8 也不是 GB18030")


def split(text: str) -> Rows:
    """The rows of a delimited text; every cell stays text."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        return [list(row) for row in reader]
    except csv.Error as error:
        raise CorruptFileError(f"文本表格的引号或分隔符有误（{error}）") from error


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
