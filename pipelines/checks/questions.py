"""What is to be asked about each received file: every open question with its cells.

A file is what a sender hears about: one workbook goes back for each, however many returns it holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipelines.checks.explaining import is_closable
from pipelines.checks.figures_code import figure_codes
from pipelines.checks.scene import earlier_items
from pipelines.checks.sheets import words
from pipelines.survey import Edition, Survey
from pipelines.warehouse import Snapshot
from pipelines.warehouse.reply import COVER

Row = dict[str, Any]

ASKING = ("reject_file", "reject_return", "query")


@dataclass(frozen=True, slots=True)
class Place:
    """A cell that a question is about.  ``target`` is what a correction of it replaces."""

    target: str
    form: str
    name: str
    sheet: str
    cell: str
    raw_text: str
    shown: str


@dataclass(frozen=True, slots=True)
class Move:
    """How a figure moved against last year's; ``share`` is its part of the province's total."""

    before: Decimal
    now: Decimal
    share: Decimal

    @property
    def rate(self) -> Decimal:
        return (self.now - self.before) / self.before


@dataclass(frozen=True, slots=True)
class Question:
    """An open finding about one return."""

    finding: Row
    code: str
    places: tuple[Place, ...]
    move: Move | None = None

    @property
    def closable(self) -> bool:
        return is_closable(self.finding)

    @property
    def nature(self) -> str:
        """What is wanted: a key of the ``natures`` in the words."""
        severity = str(self.finding["severity"])
        return "must_correct" if severity == "query" and not self.closable else severity


@dataclass(slots=True)
class Asked:
    """A file with everything that is asked about its returns."""

    year: int
    file: str
    submission_id: str
    returns: list[Row]
    questions: list[Question] = field(default_factory=list)
    changes: list[Question] = field(default_factory=list)

    @property
    def simulated(self) -> bool:
        return any(one["simulated"] for one in self.returns)


def asked_of(snapshot: Snapshot, survey: Survey, year: int) -> list[Asked]:
    """Every loaded file of a year about which something is open, in order of files."""
    files: dict[str, Asked] = {}
    file_of: dict[str, Asked] = {}
    for row in snapshot.rows(
        "SELECT r.*, c.raw_text AS region_text FROM returns r LEFT JOIN covers c"
        " ON c.return_id = r.return_id AND c.field_id = 'region'"
        " WHERE r.year = ? ORDER BY r.file, r.return_id",
        [year],
    ):
        one = files.setdefault(row["file"], Asked(year, row["file"], row["submission_id"], []))
        one.returns.append(row)
        file_of[row["return_id"]] = one
    changing = words().changes.rule
    for question in _questions(snapshot, survey, year, changing):
        one = file_of[question.finding["return_id"]]
        into = one.changes if question.finding["rule_id"] == changing else one.questions
        into.append(question)
    for one in files.values():
        one.questions.sort(key=lambda q: (q.finding["severity"] == "query", q.closable))
        one.changes.sort(key=lambda q: -q.move.share if q.move else Decimal(0))
    return [one for one in files.values() if one.questions or one.changes]


def _questions(snapshot: Snapshot, survey: Survey, year: int, changing: str) -> Iterator[Question]:
    edition = survey.edition_of(year)
    findings = snapshot.rows(
        "SELECT * FROM open_findings WHERE year = ? AND return_id <> ''"
        " AND (severity IN ('reject_file', 'reject_return', 'query') OR rule_id = ?)"
        " ORDER BY return_id, rule_id, items, finding_id",
        [year, changing],
    )
    codes = figure_codes(snapshot, survey, year)
    cells = _cells(snapshot, year, changing)
    covers = _covers(snapshot, year)
    moves = _moves(snapshot, survey, year, changing)
    for row in findings:
        if row["items"]:
            places = tuple(_item_place(edition, cells, row, item) for item in row["items"])
        else:
            places = tuple(_cover_place(edition, covers, row, cell) for cell in row["cells"])
        yield Question(row, codes.get(row["finding_id"], ""), places, moves.get(row["finding_id"]))


def _item_place(
    edition: Edition, cells: dict[tuple[str, str], Row], finding: Row, item_id: str
) -> Place:
    item = edition.item[item_id]
    form = edition.form[item.form_id].name_zh
    cell = cells.get((finding["return_id"], item_id))
    if cell is None:
        return Place("", form, item.name_zh, "", "", "", "")
    return Place(
        item_id, form, item.name_zh, cell["sheet"], cell["cell"], cell["raw_text"],
        cell["shown_text"],
    )  # fmt: skip


def _cover_place(
    edition: Edition, covers: dict[tuple[str, str], Row], finding: Row, address: str
) -> Place:
    cover = covers.get((finding["return_id"], address))
    sheet, _, cell = address.rpartition("!")
    if cover is None:
        return Place("", words().letter["cover"], "", sheet, cell, "", "")
    labels = {one.field_id: one.label_zh for one in edition.cover}
    name = labels.get(cover["field_id"], "")
    return Place(
        COVER + cover["field_id"], words().letter["cover"], name, cover["sheet"], cover["cell"],
        cover["raw_text"], cover["raw_text"],
    )  # fmt: skip


def _cells(snapshot: Snapshot, year: int, changing: str) -> dict[tuple[str, str], Row]:
    """The cells that findings name, by return and item."""
    rows = snapshot.rows(
        """
        WITH named AS (
            SELECT DISTINCT return_id, unnest(items) AS item_id FROM open_findings
            WHERE year = ? AND return_id <> '' AND (severity <> 'note' OR rule_id = ?)
        )
        SELECT a.return_id, a.item_id, a.sheet, a.cell, a.raw_text, a.shown_text
        FROM named n JOIN current_answers a USING (return_id, item_id)
        """,
        [year, changing],
    )
    return {(row["return_id"], row["item_id"]): row for row in rows}


def _covers(snapshot: Snapshot, year: int) -> dict[tuple[str, str], Row]:
    """Cover cells of returns with a finding about their cover, by return and address."""
    rows = snapshot.rows(
        "SELECT c.* FROM covers c WHERE c.return_id IN (SELECT return_id FROM open_findings"
        " WHERE year = ? AND len(items) = 0) ORDER BY c.return_id, c.field_id",
        [year],
    )
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        address = f"{row['sheet']}!{row['cell']}" if row["sheet"] else row["cell"]
        found.setdefault((row["return_id"], address), row)
    return found


def _moves(snapshot: Snapshot, survey: Survey, year: int, changing: str) -> dict[str, Move]:
    """Both years' amounts of every change that is asked about, and its weight in the province."""
    con = snapshot.con
    con.register("earlier_items", earlier_items(survey, survey.edition_of(year), year))
    try:
        rows = snapshot.rows(
            """
            WITH changed AS (
                SELECT f.finding_id, f.return_id, f.items[1] AS item_id, r.unit_id, r.venue_name
                FROM open_findings f JOIN returns r USING (return_id)
                WHERE f.year = $year AND f.rule_id = $rule
            ), total AS (
                SELECT item_id, sum(abs(amount)) AS amount FROM counted_answers
                WHERE year = $year GROUP BY item_id
            )
            SELECT c.finding_id, any_value(a.amount) AS now,
                min_by(b.amount, b.return_id) AS before, any_value(t.amount) AS total
            FROM changed c
            JOIN counted_returns p ON p.year = $year - 1 AND p.unit_id = c.unit_id
                AND p.venue_name = c.venue_name
            JOIN earlier_items e ON e.item_id = c.item_id
            JOIN counted_answers b ON b.return_id = p.return_id AND b.item_id = e.earlier_item_id
            JOIN current_answers a ON a.return_id = c.return_id AND a.item_id = c.item_id
            LEFT JOIN total t ON t.item_id = c.item_id
            GROUP BY c.finding_id
            """,
            {"year": year, "rule": changing},
        )
    finally:
        con.unregister("earlier_items")
    return {
        row["finding_id"]: Move(
            row["before"], row["now"],
            abs(row["now"] - row["before"]) / (row["total"] or Decimal(1)),
        )
        for row in rows
        if row["now"] is not None and row["before"]
    }  # fmt: skip


def by_return(questions: list[Question]) -> dict[str, list[Question]]:
    """Questions by the return they are about."""
    found: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        found[question.finding["return_id"]].append(question)
    return found
