"""督查通报.pdf: what is on time, late and not measurable, as an internal annex to print.

The same board as in 措施监测表.xlsx; words and order of the chapters lie in ``notice.yaml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from pipelines.publish import fonts
from pipelines.publish.measure_board import HeatCell, MeasureBoard, percent, standing
from pipelines.publish.measure_board import Row as Report
from pipelines.publish.office import Office, data_file, load_office
from pipelines.publish.printed import numeral, plain
from pipelines.publish.scoreboard_words import SHADES, load_words
from pipelines.publish.table_book import TableSpec
from pipelines.publish.table_model import Column, Row, Table
from pipelines.publish.typesetting import masthead, typeset
from pipelines.survey.documents import YamlDocument
from pipelines.survey.quantities import MISSING_MARK
from pipelines.warehouse.oversight import STATES

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.survey.plan import Measure, ResponsibleUnit
    from pipelines.warehouse import Snapshot

_TEMPLATE = "notice.typ"
#: More columns than this leave the names of the measures too little room.
_NARROW = 6
Content = dict[str, Any]


class NoticeWords(BaseModel):
    """Everything in notice.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title_zh: str
    heads: Mapping[str, str]
    sentences: Mapping[str, str]
    tables: Mapping[str, str]
    columns: Mapping[str, str]


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    path: Path,
    overlay: Path | None = None,
) -> Path:
    """Write the annex of a data year."""
    document = YamlDocument(data_file("notice.yaml", overlay))
    words = document.model(NoticeWords, document.data)
    scores, office = load_words(overlay), load_office(overlay)
    board = MeasureBoard(snapshot, survey, year, scores)
    made_up = len(standing(snapshot, year, office, scores)) > 1
    content = _Notice(board, words, office, made_up).content()
    return typeset(_TEMPLATE, content, path, overlay=overlay)


@dataclass(frozen=True)
class _Notice:
    """What the pages say."""

    board: MeasureBoard
    words: NoticeWords
    office: Office
    made_up: bool

    def content(self) -> Content:
        title = self.words.title_zh.format(place=self.office.place_zh, year=self.board.year)
        head = masthead(self.office, title, simulated=self.made_up, internal=True)
        before = [self._whole(), *self._tasks(), self._unmeasured(), self._scores()]
        squares, units = self._map(), self._units()
        for n, section in enumerate((*before, squares, units), 1):
            section["head"] = f"{numeral(n)}、{section['head']}"
        self._number([*before, units])
        labels = {"measure": self.words.columns["measure"]}
        return {**head, "labels": labels, "before": before, "map": squares, "after": [units]}

    def _number(self, sections: Sequence[Content]) -> None:
        """Tables are numbered through: a continued one is told by its name."""
        tables = [table for section in sections for table in section["tables"]]
        for n, table in enumerate(tables, 1):
            table["name"] = f"{self.words.tables['number']}{n}"

    def _section(self, name: str, said: Sequence[str], tables: Sequence[Content] = ()) -> Content:
        tables = [table for table in tables if table["rows"]]
        paragraphs = list(said)
        if any(fonts.LACKING in str(table["rows"]) for table in tables):
            paragraphs.append(self.words.sentences["strange"])
        return {"head": self.words.heads[name], "paragraphs": paragraphs, "tables": tables}

    def _whole(self) -> Content:
        said, board = self.words.sentences, self.board
        measures = board.survey.measures
        measured = sum(bool(measure.indicators) for measure in measures)
        # An indicator that measures several measures is one all the same.
        found = {
            (row["indicator_id"], row["subject_id"]): row["direction"]
            for measure in measures
            for row in board.wholes_of(measure.number)
        }
        moved = list(found.values())
        counts = {way: moved.count(way) for way in ("up", "flat", "down")}
        compared = sum(counts.values())
        lines = [
            said["measures"].format(
                measures=len(measures), measured=measured, unmeasured=len(measures) - measured
            ),
            said["moved"].format(compared=compared, **counts) if compared else said["not_moved"],
            *self._ledger_lines(),
        ]
        return self._section("whole", lines)

    def _ledger_lines(self) -> Iterator[str]:
        said, progress = self.words.sentences, self.board.progress
        if not progress:
            yield said["no_ledger"]
            return
        standings = [row["standing"] for row in progress]
        counts = {name: standings.count(name) for name in self.board.words.standing}
        sent = len(progress) - counts["silent"]
        yield said["ledger"].format(due=len(progress), sent=sent, **counts)
        if self.board.as_of:
            yield said["as_of"].format(day=self.board.as_of.isoformat())

    def _tasks(self) -> Iterator[Content]:
        """Late, unclear, and well: nothing of it without a ledger."""
        if not self.board.progress:
            return
        late = sorted(self._standing("overdue"), key=lambda row: row["deadline"])
        yield self._listed("late", "none_late", late, "days")
        yield self._listed("unclear", "none_unclear", self._standing("unclear"), "state")
        well = [*self._standing("done"), *self._standing("on_time")]
        yield self._listed("done", "none_done", well, "standing")

    def _standing(self, name: str) -> list[Report]:
        return [row for row in self.board.progress if row["standing"] == name]

    def _listed(self, name: str, none: str, rows: list[Report], last: str) -> Content:
        heads = ("unit", "completion", "deadline", last, "progress")
        table = self._table(
            self.words.tables[name], "measure", heads,
            [(_subject(row), [row["unit_zh"], *self._task(row, last)]) for row in rows],
        )  # fmt: skip
        return self._section(name, [] if rows else [self.words.sentences[none]], [table])

    def _task(self, row: Report, last: str) -> list[str]:
        told = {
            "days": lambda: str((row["as_of"] - row["deadline"]).days),
            "state": lambda: STATES[row["state"]],
            "standing": lambda: self.board.words.standing[row["standing"]],
        }
        return [_completion(row), row["deadline_zh"] or MISSING_MARK, told[last](),
                row["progress_zh"]]  # fmt: skip

    def _unmeasured(self) -> Content:
        bare = [m for m in self.board.survey.measures if not m.indicators]
        heads = ["due", *self.board.words.standing] if self.board.progress else ["due"]
        table = self._table(
            self.words.tables["unmeasured"], "measure", heads,
            [(m.subject_zh, self._counts(m)) for m in bare],
        )  # fmt: skip
        return self._section("unmeasured", [self.words.sentences["unmeasured"]], [table])

    def _scores(self) -> Content:
        heads = ["indicators", "up", "flat", "down", "due"]
        heads += self.board.words.standing if self.board.progress else []
        rows = []
        for measure in self.board.survey.measures:
            found = [r for r in self.board.wholes_of(measure.number) if r["indicator_id"]]
            ways = [row["direction"] for row in found]
            moved = [len(found), *(ways.count(way) for way in ("up", "flat", "down"))]
            cells = map(str, moved) if found else [MISSING_MARK] * len(moved)
            rows.append((measure.subject_zh, [*cells, *self._counts(measure)]))
        notes = (*self.board.words.notes.overview, *self.board.progress_notes)
        table = self._table(self.words.tables["board"], "measure", heads, rows, notes)
        return self._section("board", [], [table])

    def _counts(self, measure: Measure) -> list[str]:
        """How many units were to report, and where they stand."""
        if not self.board.progress:
            return [str(len(measure.units))]
        standings = [row["standing"] for row in self.board.progress_of(measure.number)]
        return [str(len(standings)), *(str(standings.count(s)) for s in self.board.words.standing)]

    def _map(self) -> Content:
        survey = self.board.survey
        units = survey.units
        response = [self.board.response_cell(unit) for unit in units]
        lines = [(self.board.words.picture.response, response)]
        lines += [
            (f"{m.number}　{m.title_zh}", [self.board.cell(m, unit) for unit in units])
            for m in survey.measures
        ]
        return {
            "head": self.words.heads["map"],
            "units": [unit.name_zh for unit in units],
            "rows": [
                {"label": name, "cells": [_square(c) for c in cells]} for name, cells in lines
            ],
            "notes": list(self.board.heat_notes),
        }

    def _units(self) -> Content:
        """A table a responsible unit, in the order of the plan; units beside it last."""
        tables = [self._unit(unit) for unit in self.board.survey.units]
        beside = [row for row in self.board.progress if not row["unit_id"]]
        heads = ("unit", "completion", "deadline", "standing", "progress")
        rows = [(_subject(row), [row["unit_zh"], *self._task(row, "standing")]) for row in beside]
        others = self._table(self.words.columns["others"], "measure", heads, rows)
        return self._section("units", [], [*tables, others])

    def _unit(self, unit: ResponsibleUnit) -> Content:
        reports = self._by_unit.get(unit.unit_id, {})
        rows = []
        for measure in self.board.survey.measures:
            report = reports.get(measure.number)
            if unit.name_zh not in measure.units and report is None:
                continue
            task = self._task(report, "standing") if report else [MISSING_MARK] * 3 + [""]
            told = task if self.board.progress else []
            rows.append((measure.subject_zh, [self.board.moved(measure, unit), *told]))
        response = self.board.response_cell(unit)
        titles = self.words.tables
        title = (
            titles["unit"].format(unit=unit.name_zh, rate=f"{response.text}%")
            if response
            else titles["unit_without"].format(unit=unit.name_zh)
        )
        heads = ["statistics"]
        if self.board.progress:
            heads += ["completion", "deadline", "standing", "progress"]
        return self._table(title, "measure", heads, rows)

    @cached_property
    def _by_unit(self) -> dict[str, dict[int, Report]]:
        found: dict[str, dict[int, Report]] = {}
        for row in self.board.progress:
            found.setdefault(row["unit_id"], {})[row["measure"]] = row
        return found

    def _table(
        self,
        title: str,
        stub: str,
        heads: Sequence[str],
        rows: list[tuple[str, list[str]]],
        notes: Sequence[str] = (),
    ) -> Content:
        """A table for the page; what people wrote is kept to signs that we have."""
        names: dict[str, str] = dict(self.words.columns)
        names |= {str(name): said for name, said in self.board.words.standing.items()}
        layout: Literal["published", "change"] = "published" if len(heads) > _NARROW else "change"
        spec = TableSpec(id="notice", title_zh=title, theme="", layout=layout, workbook=False)
        columns = tuple(Column(names[head], textual=True) for head in heads)
        lines = tuple(Row(label, tuple(map(fonts.legible, cells))) for label, cells in rows)
        return plain(Table(spec, title, self.words.columns[stub], columns, lines, tuple(notes)))


def _subject(row: Report) -> str:
    return f"第{row['measure']}条 {row['title_zh']}"


def _completion(row: Report) -> str:
    return MISSING_MARK if row["completion"] is None else percent(row["completion"])


def _square(cell: HeatCell | None) -> Content | None:
    return None if cell is None else {"text": cell.text, "fill": SHADES[cell.shade]}
