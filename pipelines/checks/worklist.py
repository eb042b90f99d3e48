"""Selective editing: which queries matter for the published totals, and where one may stop.

A query is scored by what it could change: the size of the possible effect on an item, as a share
of the province's total of that item.  The total is last year's where the item is comparable, since
a mistake of this year may be larger than the whole.  Several queries about one figure are one
piece of work and count once, by the largest.  The law still wants every hard query answered; the
order says which to telephone about first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate
from typing import Any

from pipelines.checks.scene import earlier_items
from pipelines.checks.wording import clause, settings
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot, Workshop

_SQL = """
WITH totals AS (
    SELECT item_id, sum(amount) AS total FROM counted_answers WHERE year = $year GROUP BY item_id
), earlier AS (
    SELECT e.item_id, sum(a.amount) AS total FROM earlier_items e
    JOIN counted_answers a ON a.item_id = e.earlier_item_id AND a.year = $year - 1
    GROUP BY e.item_id
)
SELECT f.finding_id, f.rule_id, f.return_id, f.must_correct, f.severity, f.effect,
    f.effect_item_id, f.message_zh, r.unit_name, r.venue_name, r.prefecture_code, r.county_code,
    r.department_id, CASE WHEN e.total > 0 THEN e.total ELSE t.total END AS total
FROM open_findings f
JOIN returns r USING (return_id)
LEFT JOIN totals t ON t.item_id = f.effect_item_id
LEFT JOIN earlier e ON e.item_id = f.effect_item_id
WHERE f.year = $year AND f.severity <> 'note'
"""


@dataclass(frozen=True)
class Task:
    """One query in the order of work.

    ``score`` is the share of the item's total that the query could move, None where no effect can
    be said.  ``adds`` is what it adds to the possible change: 0 when an earlier query is about the
    same figure.  ``cumulative`` is the share of all possible change up to here.
    """

    rank: int
    finding_id: str
    rule_id: str
    return_id: str
    unit_name: str
    venue_name: str
    prefecture_code: str
    county_code: str
    department_id: str
    severity: str
    must_correct: bool
    effect: Decimal | None
    effect_item_id: str
    total: Decimal | None
    score: Decimal | None
    adds: Decimal
    cumulative: Decimal
    message_zh: str


@dataclass(frozen=True)
class Worklist:
    """All queries of a year, the weightiest first, and the share of change that is enough."""

    tasks: tuple[Task, ...]
    share: Decimal

    @property
    def enough(self) -> int:
        """How many queries, from the top, cover enough of the possible change."""
        scored = [task for task in self.tasks if task.adds]
        if not scored:
            return 0
        return next((t.rank for t in self.tasks if t.cumulative >= self.share), len(self.tasks))

    @property
    def sentence_zh(self) -> str:
        """Where to stop, in words; "" when no query moves a total."""
        if not self.enough:
            return ""
        covered = self.tasks[self.enough - 1].cumulative
        return clause(
            "worklist",
            first=self.enough,
            all=len(self.tasks),
            share=f"{covered * 100:.1f}%",
        )


def worklist(snapshot: Snapshot | Workshop, survey: Survey, year: int) -> Worklist:
    """The queries of a year, by their possible effect on the published totals."""
    con = snapshot.con
    con.register("earlier_items", earlier_items(survey, survey.edition_of(year), year))
    try:
        rows = snapshot.rows(_SQL, {"year": year})
    finally:
        con.unregister("earlier_items")
    tasks = sorted((_task(row) for row in rows), key=_order)
    return Worklist(tuple(_ranked(tasks)), settings().enough_share)


def _task(row: dict[str, Any]) -> Task:
    effect, total = row["effect"], row["total"]
    known = effect is not None and total is not None and total > 0
    facts = {name: row[name] for name in Task.__dataclass_fields__ if name in row}
    score = abs(effect) / total if known else None
    return Task(rank=0, score=score, adds=Decimal(0), cumulative=Decimal(0), **facts)


def _order(task: Task) -> tuple[Any, ...]:
    """Scored ones first, by score; of the others what must be corrected."""
    weight = -task.score if task.score is not None else Decimal(0)
    return (task.score is None, weight, not task.must_correct, task.return_id, task.finding_id)


def _ranked(tasks: Sequence[Task]) -> list[Task]:
    seen: set[tuple[str, str]] = set()
    adding = []
    for task in tasks:
        figure = (task.return_id, task.effect_item_id)
        fresh = task.score is not None and figure not in seen
        seen.add(figure)
        adding.append(task.score if fresh and task.score is not None else Decimal(0))
    whole = sum(adding, Decimal(0))
    sums = accumulate(adding)
    return [
        replace(
            task,
            rank=rank,
            adds=added,
            cumulative=so_far / whole if whole else Decimal(0),
        )
        for rank, (task, added, so_far) in enumerate(zip(tasks, adding, sums, strict=True), 1)
    ]
