"""Which column of a questionnaire table holds this year's figures, and what stands beside it.

A column of last year's or of planned figures is never taken for this year's; where two columns may
both be this year's, or one may replace the other, the file stops.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pipelines.errors import Place, UnclearColumnError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.figures import is_figure
from pipelines.intake.layouts.lexicon import Lexicon, Word
from pipelines.intake.vocabulary import vocabulary

SEARCH_ROWS = 60


@dataclass(frozen=True)
class Head:
    """Header words by column, of the columns that belong to one label column.

    Kept while workbooks repeat it; what follows from the words alone is worked out once.
    """

    row: int
    depth: int
    label: int
    words: dict[int, list[Word]]
    width: int

    @cached_property
    def values(self) -> list[tuple[int, int]]:
        """(rank, column) of every column that could hold this year's figures."""
        return [
            (min(word.rank for word in words if word.role == "value"), column)
            for column, words in self.words.items()
            if any(word.role == "value" for word in words)
            and not any(word.is_of_another_time for word in words)
        ]

    @cached_property
    def kinds(self) -> dict[int, str]:
        """What each column is for."""
        return {column: kind(words) for column, words in self.words.items()}

    @cached_property
    def code(self) -> int | None:
        return self._column_of("code")

    @cached_property
    def unit(self) -> int | None:
        return self._column_of("unit")

    def _column_of(self, role: str) -> int | None:
        found = (c for c, words in self.words.items() if any(w.role == role for w in words))
        return next(found, None)


def kind(words: Sequence[Word]) -> str:
    """What a column is for, by the words over it."""
    roles = [word.role for word in words if word.role]
    return next((word.role for word in words if word.is_of_another_time), roles[-1])


def choose(sheet: Sheet, head: Head, values: list[tuple[int, int]]) -> int:
    """The one column of this year's figures; a hidden column never wins over a visible one."""
    if len(values) > 1 and sheet.asides.columns:
        seen = [(rank, column) for rank, column in values if column not in sheet.asides.columns]
        values = seen or values
    best = min(rank for rank, _ in values)
    chosen = [column for rank, column in values if rank == best]
    # One header cell merged over several columns is one column: the first.
    apart = [c for c in chosen if sheet.plain(head.row + head.depth - 1, c) != ""] or chosen[:1]
    if head.depth == 1 and len(chosen) > len(apart):
        chosen = apart
    if len(chosen) > 1:
        raise UnclearColumnError(
            "表头里有不止一列像是本年数，分不清取哪一列",
            place=Place(sheet=sheet.name, cell=sheet.address(head.row, chosen[1])),
        )
    return chosen[0]


def is_of_several(sheet: Sheet, lexicon: Lexicon, head: Head, value: int) -> bool:
    """Whether 合计 only sums the columns of units beside it; stops where that cannot be told."""
    if not any(word.role == "value" and word.rank for word in head.words[value]):
        return False
    for column in range(head.width):
        named = sheet.filled(head.row + head.depth - 1, column)
        if column in head.words or type(named) is not str or not named:
            continue
        if not _holds_figures(sheet, head, column):
            continue
        if any(type(cell) is str and lexicon[cell].names_units for cell in sheet.rows[head.row]):
            return True
        raise UnclearColumnError(
            f"“{named.strip()}”一列也有数，看不出该取这一列还是“合计”",
            "请报送单位使用下发的空白表；几个单位并排填的，请在单位名称上面一行写明“单位名称”，"
            "或改为每个单位一份",
            Place(sheet=sheet.name, cell=sheet.address(head.row + head.depth - 1, column)),
        )
    return False


def headless_beside(sheet: Sheet, head: Head, value: int) -> tuple[int, ...]:
    """Columns next to the value column under no header, or under its own merged over them."""
    rows = range(head.row, head.row + head.depth)
    found: list[int] = []
    for step in (-1, 1):
        column = value + step
        while 0 <= column < head.width and all(sheet.plain(row, column) == "" for row in rows):
            found.append(column)
            column += step
    return tuple(found)


def notes_on_others(sheet: Sheet, lexicon: Lexicon, head: Head, value: int) -> tuple[str, ...]:
    """What other columns of figures there are; stops where one may replace the value column."""
    others = []
    for column in range(min(head.words), head.width):
        known = head.kinds.get(column)
        if column == value or (known is not None and known not in ("planned", "revised")):
            continue
        title = _title(sheet, head, column)
        if column > max(head.words) and (not title or lexicon[title].role):
            break  # another table, or nothing, stands from here on
        if not title or not _holds_figures(sheet, head, column):
            continue
        if known == "revised":
            raise UnclearColumnError(
                f"“{title}”一列也有数，看不出以哪一列为准",
                "请报送单位把最后确定的数填在“数量”一栏，删去另一列的数后重新报送",
                Place(sheet=sheet.name, cell=sheet.address(head.row, column)),
            )
        others.append(title)
    if not others:
        return ()
    note = vocabulary().cell_notes["beside"]
    return (note.format(others="”“".join(others), taken=_title(sheet, head, value)),)


def _title(sheet: Sheet, head: Head, column: int) -> str:
    cells = [sheet.filled(head.row + n, column) for n in range(head.depth)]
    return next((c.strip() for c in reversed(cells) if type(c) is str and c.strip()), "")


def _holds_figures(sheet: Sheet, head: Head, column: int) -> bool:
    first = head.row + head.depth
    last = min(first + SEARCH_ROWS, len(sheet.rows))
    return any(is_figure(sheet.plain(row, column)) for row in range(first, last))
