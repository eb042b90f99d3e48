"""The ledger of a survey beside the statistics: who was to report what, and what they said of it.

A line is a unit and its subject (the ``venue_name`` of a return: a measure, in the 督查台账); it is
there whether anything came or not.  Then the subjects by the units, in the first item of the form.
Internal: it shows single returns.  Persons are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.publish.list_book import Cell, Figure, Head, Line, Sheet, lines, list_book
from pipelines.publish.measure_board import standing
from pipelines.publish.office import load_office
from pipelines.publish.scoreboard_words import ScoreWords, load_words
from pipelines.survey.quantities import NOT_APPLICABLE_MARK
from pipelines.warehouse.oversight import OPEN, STATE, STATES, SUBJECT, UNIT

if TYPE_CHECKING:
    from pipelines.survey import Survey
    from pipelines.survey.models import CoverField, Item
    from pipelines.warehouse import Snapshot

Row = dict[str, Any]

#: What identifies a return stands in columns of its own.
_IDENTITY = frozenset({"unit_name", "venue_name", "is_venue"})
_NOT_DUE, _OPEN, _GOOD = "#EEF1F4", "#FBE9AE", "#CFE6D6"


def write(
    snapshot: Snapshot, survey: Survey, year: int, path: Path, overlay: Path | None = None
) -> Path:
    """Write the ledger of a data year."""
    words, office = load_words(overlay), load_office(overlay)
    ledger = _Ledger(snapshot, survey, year, words)
    title = f"{year}年度{survey.edition_of(year).title_zh}"
    with list_book(path, title, office.office_zh, standing(snapshot, year, office, words)) as book:
        book.write(ledger.progress(title))
        book.write(ledger.matrix(title))
    return path


@dataclass(frozen=True)
class _Ledger:
    snapshot: Snapshot
    survey: Survey
    year: int
    words: ScoreWords

    @cached_property
    def fields(self) -> list[CoverField]:
        """Cover fields of substance: neither persons nor what identifies the return."""
        cover = self.survey.edition_of(self.year).cover
        return [f for f in cover if f.kind in {"text", "date"} and not f.personal
                and f.field_id not in _IDENTITY]  # fmt: skip

    @cached_property
    def items(self) -> tuple[Item, ...]:
        return self.survey.edition_of(self.year).items

    @cached_property
    def due(self) -> list[Row]:
        """Everybody who was to report, or has: one row a unit and subject, in register order."""
        return self.snapshot.rows(
            "SELECT r.*, u.row FROM unit_responses r LEFT JOIN units u"
            " USING (year, unit_id, venue_name) WHERE r.year = ?"
            " ORDER BY u.row NULLS LAST, unit_name, venue_name",
            [self.year],
        )

    @cached_property
    def returns(self) -> dict[tuple[str, str], Row]:
        found = self.snapshot.rows(
            "SELECT c.*, (SELECT count(*) FROM open_findings f WHERE f.return_id = c.return_id)"
            " AS open FROM counted_returns c WHERE year = ? ORDER BY return_id",
            [self.year],
        )
        return {(row["unit_id"], row["venue_name"]): row for row in found}

    @cached_property
    def texts(self) -> dict[tuple[str, str], str]:
        found = self.snapshot.rows(
            "SELECT c.return_id, field_id, raw_text FROM covers c JOIN counted_returns r"
            " USING (return_id) WHERE year = ?",
            [self.year],
        )
        return {(row["return_id"], row["field_id"]): row["raw_text"] for row in found}

    @cached_property
    def answers(self) -> dict[tuple[str, str], Row]:
        found = self.snapshot.rows(
            "SELECT a.* FROM current_answers a JOIN counted_returns r USING (return_id)"
            " WHERE r.year = ?",
            [self.year],
        )
        return {(row["return_id"], row["item_id"]): row for row in found}

    def progress(self, title: str) -> Sheet:
        heads = (
            Head(UNIT, 28), Head(SUBJECT, 50), Head(STATE, 9, "center"), Head(OPEN, 8),
            *(Head(item.label_zh + f"（{item.unit}）", 13) for item in self.items),
            *(Head(field.label_zh, 14 if field.kind == "date" else 34) for field in self.fields),
        )  # fmt: skip
        return Sheet("进度表", title, heads, lines(self._line(row) for row in self.due),
                     frozen_columns=2)  # fmt: skip

    def _line(self, due: Row) -> list[Cell]:
        found = self.returns.get((due["unit_id"], due["venue_name"]))
        first: list[Cell] = [due["unit_name"], due["venue_name"], _state(due)]
        if found is None:
            return [*first, *[None] * (1 + len(self.items) + len(self.fields))]
        key = found["return_id"]
        return [
            *first,
            Figure(Decimal(found["open"])),
            *(self._value(key, item) for item in self.items),
            *(self.texts.get((key, field.field_id), "") for field in self.fields),
        ]

    def _value(self, key: str, item: Item) -> Cell:
        """As it stands: "-" and blank are no figures; what cannot be read shows its words."""
        answer = self.answers.get((key, item.item_id))
        if answer is None or answer["state"] == "blank":
            return None
        if answer["state"] == "not_applicable":
            return NOT_APPLICABLE_MARK
        if answer["value"] is None:
            return str(answer["raw_text"])
        whole = answer["value"] == answer["value"].to_integral_value()
        return Figure(answer["value"], 0 if whole else max(item.decimals, 2))

    def matrix(self, title: str) -> Sheet:
        """Subjects down, units across: the first item of the form, or that nothing has come."""
        units = list(dict.fromkeys(row["unit_name"] for row in self.due))
        subjects = list(dict.fromkeys(row["venue_name"] for row in self.due))
        at = {(row["venue_name"], row["unit_name"]): row for row in self.due}
        first = self.items[0]
        return Sheet(
            "矩阵",
            f"{title}：{first.label_zh}（{first.unit}）",
            (Head(SUBJECT, 46), *(Head(unit, 5, "center") for unit in units)),
            tuple(self._matrix_line(subject, units, at) for subject in subjects),
            ("绿：审核通过；黄：有问题待核实或退回；灰：还没有报；空格：没有这一项任务。",),
            upright_from=1, large=True, one_page=True,
        )  # fmt: skip

    def _matrix_line(
        self, subject: str, units: Sequence[str], at: dict[tuple[str, str], Row]
    ) -> Line:
        cells: list[Cell] = [subject]
        shades: dict[int, str] = {}
        for column, unit in enumerate(units, 1):
            due = at.get((subject, unit))
            found = self.returns.get((due["unit_id"], subject)) if due else None
            cells.append(self._value(found["return_id"], self.items[0]) if found else None)
            if due:
                good = found is not None and due["accepted"] > 0
                came = due["returned"] or due["rejected"]
                shades[column] = _GOOD if good else _OPEN if came else _NOT_DUE
        return Line(tuple(cells), shades=shades)


def _state(due: Row) -> str:
    """The best that has come of what a unit sent."""
    return next((said for name, said in STATES.items() if due.get(name)), STATES["none"])
