"""What a table asks, label by label, as it is printed, and the signature that tells its layout.

Two tables have one layout when the same labels, codes and units stand in the same order, spacing
and numbering aside.  What people write (figures, names in a footer, notes) is no part of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, Protocol

from pipelines.intake.formats.cells import Cell, Sheet
from pipelines.intake.layouts.figures import shown
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.mappings.mapping_words import mapping_words
from pipelines.survey.notation import normalise_text

if TYPE_CHECKING:
    from pipelines.intake.layouts.lexicon import Lexicon

Direction = Literal["rows", "columns"]

#: A longer text is a sentence, not the name of an item.
_LONGEST_LABEL = 60


class Table(Protocol):
    """What is needed of a block: where its rows, labels, codes and units stand."""

    @property
    def first(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def labels(self) -> range: ...
    @property
    def code(self) -> int | None: ...
    @property
    def unit(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One label of a table.  ``at`` is its row in the block, or its column in a summary table."""

    at: int
    cell: str
    texts: tuple[str, ...]
    code: str
    unit: str

    @property
    def label(self) -> str:
        return self.texts[-1] if self.texts else ""

    @property
    def heading(self) -> str:
        """The texts beside or above the label that belong to it, outermost first."""
        return " / ".join(self.texts[:-1])


def row_entries(sheet: Sheet, block: Table, lexicon: Lexicon) -> list[Entry]:
    """The labels down a questionnaire table, without its notes and its footer."""
    entries = []
    outline: dict[int, str] = {}
    for row in range(block.first, min(block.end, len(sheet.rows))):
        line = sheet.rows[row]
        texts = tuple(label_texts(line, block.labels, outline))
        code = _said(_text(line, block.code), lexicon)
        unit = _said(_text(line, block.unit), lexicon)
        if not (texts or code):
            continue
        if texts and not (code or unit) and _is_aside(texts, lexicon):
            continue
        column = next((c for c in reversed(block.labels) if _text(line, c)), block.code or 0)
        entries.append(Entry(row - block.first, sheet.address(row, column), texts, code, unit))
    return entries


def label_texts(line: Sequence[Cell], columns: range, outline: dict[int, str]) -> list[str]:
    """The labels of a row, outermost first.

    Where labels are indented over several columns, what stands above to the left holds for a row
    until another text takes its place.
    """
    texts: list[str] = []
    for column in columns:
        cell = line[column] if column < len(line) else ""
        text = cell.strip() if type(cell) is str else ""
        if not text:
            continue
        if not texts:
            texts = [outline[c] for c in range(columns.start, column) if c in outline]
        texts.append(text)
        outline[column] = text
        for inner in range(column + 1, columns.stop):
            outline.pop(inner, None)
    return texts


def signature(direction: Direction, keys: Sequence[tuple[str, str, str, str]]) -> str:
    """Identifies a layout by (heading, label, code, unit) of its labels in order."""
    plain = [
        [plain_label(heading), plain_label(label), _compact(code), _compact(unit)]
        for heading, label, code, unit in keys
    ]
    text = json.dumps([direction, plain], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def signature_of(direction: Direction, entries: Sequence[Entry]) -> str:
    return signature(direction, [(e.heading, e.label, e.code, e.unit) for e in entries])


def _text(line: Sequence[Cell], column: int | None) -> str:
    return shown(line[column]).strip() if column is not None and column < len(line) else ""


def _said(text: str, lexicon: Lexicon) -> str:
    """A code or unit; "" for the marks of the header (乙, 丙) under it."""
    return "" if text and lexicon[text].role else text


def _compact(text: str) -> str:
    return "".join(normalise_text(text)[0].split()).upper()


def _is_aside(texts: Sequence[str], lexicon: Lexicon) -> bool:
    """A footer (填表人：…), a note (注：…), or a line that marks the header (甲 乙 丙)."""
    word = lexicon[texts[-1]]
    if word.items:
        return False
    plain = plain_label(texts[-1])
    return word.marks or len(plain) > _LONGEST_LABEL or bool(_note_start().match(plain))


@cache
def _note_start() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in mapping_words().note_words)
    return re.compile(rf"(?:{words})\d{{0,2}}[:、.]")
