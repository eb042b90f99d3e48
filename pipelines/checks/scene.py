"""What the rules of one year look at: temporary tables over the returns that are judged.

``checked`` has a row a return (with the counted return of the year before, if any); ``cells`` a
row an answer, with last year's amount beside it; ``wide`` a row a return and a column an item.
"-" is 0 in all of them, blank and unreadable are NULL (law 2); an item that is missing from a
return is NULL as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.errors import UnknownYearError
from pipelines.survey import Edition, Survey
from pipelines.warehouse import Workshop

_TABLES = ("checked", "cells", "wide")


@dataclass(frozen=True)
class Scene:
    """One year under examination."""

    workshop: Workshop
    survey: Survey
    edition: Edition
    year: int

    def item_ids(self, each: str) -> list[str]:
        """Ids of the items that an ``each`` selector names."""
        return [item.item_id for item in self.edition.selected_by(each)]

    def rows(self, sql: str, params: Sequence[Any] | None = None) -> list[dict[str, Any]]:
        return self.workshop.rows(sql, params)

    def one(self, sql: str, params: Sequence[Any] | None = None) -> dict[str, Any]:
        return self.workshop.rows(sql, params)[0]


@contextmanager
def scene_of(workshop: Workshop, survey: Survey, year: int) -> Iterator[Scene]:
    """Build the temporary tables of a year and drop them afterwards."""
    edition = survey.edition_of(year)
    con = workshop.con
    try:
        con.execute(_checked_sql(survey), [year - 1, year])
        con.register("earlier_items", earlier_items(survey, edition, year))
        con.execute(_CELLS)
        con.unregister("earlier_items")
        con.execute(_wide_sql(edition))
        yield Scene(workshop, survey, edition, year)
    finally:
        for name in _TABLES:
            con.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _checked_sql(survey: Survey) -> str:
    """The counted candidates of a year, each with its counted return of the year before."""
    levels = " ".join(
        f"WHEN {quoted(level.level_id)} THEN {quoted(level.name_zh)}" for level in survey.levels
    )
    return f"""
    CREATE TEMP TABLE checked AS
    SELECT r.*, CASE r.level_id {levels} END AS level, p.return_id AS prev_id
    FROM counted_returns r
    LEFT JOIN (
        SELECT unit_id, venue_name, min(return_id) AS return_id
        FROM counted_returns WHERE year = ? AND unit_id <> '' GROUP BY ALL
    ) p ON p.unit_id = r.unit_id AND p.venue_name = r.venue_name
    WHERE r.year = ? ORDER BY r.return_id
    """


_CELLS = """
CREATE TEMP TABLE cells AS
SELECT a.return_id, a.submission_id, a.item_id, a.state, a.raw_text, a.sheet, a.cell, a.notes,
    CASE WHEN a.state = 'not_applicable' THEN 0 ELSE a.value END AS v,
    CASE WHEN p.state = 'not_applicable' THEN 0 ELSE p.value END AS prev
FROM answers a
JOIN checked c USING (return_id)
LEFT JOIN earlier_items e USING (item_id)
LEFT JOIN answers p ON p.return_id = c.prev_id AND p.item_id = e.earlier_item_id
ORDER BY a.return_id, a.item_id
"""


def _wide_sql(edition: Edition) -> str:
    names = [item.item_id for item in edition.items]
    wanted = ", ".join(quoted(name) for name in names)
    columns = ", ".join(f'p."{name}"' for name in names)
    return f"""
    CREATE TEMP TABLE wide AS
    SELECT c.return_id, c.is_venue, c.level, {columns}
    FROM checked c LEFT JOIN (
        PIVOT (SELECT return_id, item_id, v FROM cells)
        ON item_id IN ({wanted}) USING first(v) GROUP BY return_id
    ) p USING (return_id)
    """


def earlier_items(survey: Survey, edition: Edition, year: int) -> pa.Table:
    """Which item of last year's edition each item may be compared with."""
    try:
        earlier = survey.edition_of(year - 1)
    except UnknownYearError:
        pairs: list[tuple[str, str]] = []
    else:
        if earlier.edition_id == edition.edition_id:
            pairs = [(item.item_id, item.item_id) for item in edition.items]
        else:
            pairs = [
                (row.item_id, row.earlier_item_id)
                for row in edition.crosswalk
                if row.comparable and row.item_id and row.earlier_item_id in earlier.item
            ]
    schema = pa.schema([("item_id", pa.string()), ("earlier_item_id", pa.string())])
    items, before = ([pair[side] for pair in pairs] for side in (0, 1))
    return pa.table([items, before], schema=schema)


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"
