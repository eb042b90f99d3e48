"""What the rules of one year look at: temporary tables over the returns that are judged.

``checked`` has a row a return (with the counted return of the year before, if any); ``cells`` a
row an answer, with last year's amount beside it; ``wide`` a row a return and a column an item.
"-" is 0 in all of them, blank and unreadable are NULL (law 2); an item that is missing from a
return is NULL as well.  ``bounds`` holds the thresholds of the year, those that a person has pinned
first; ``told`` the cells that a soft rule has asked about, so that another does not ask again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipelines.errors import UnknownYearError
from pipelines.survey import Edition, Survey
from pipelines.warehouse import Workshop, arrow_table
from pipelines.warehouse.schema import quoted

_TABLES = ("checked", "cells", "wide", "bounds", "told")


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

    def keep_bounds(self) -> None:
        """File the thresholds of the year among the tables of the workshop."""
        self.workshop.con.execute(
            "INSERT INTO thresholds BY NAME SELECT * REPLACE ("
            "round(middle::DECIMAL(38,15), 9) AS middle, round(lower::DECIMAL(38,15), 9) AS lower,"
            " round(upper::DECIMAL(38,15), 9) AS upper) FROM bounds"
            " ORDER BY rule_id, item_id, base_id, is_venue, level_id, department_id"
        )

    def tell(self, findings: Iterable[Mapping[str, Any]]) -> None:
        """Remember that these findings have asked about their cells."""
        asked = sorted({(f["return_id"], item) for f in findings for item in f["items"]})
        schema = pa.schema([("return_id", pa.string()), ("item_id", pa.string())])
        told = pa.table([[pair[side] for pair in asked] for side in (0, 1)], schema=schema)
        con = self.workshop.con
        con.register("asked", told)
        con.execute("INSERT INTO told SELECT * FROM asked")
        con.unregister("asked")

    def rows(self, sql: str, params: Sequence[Any] | None = None) -> list[dict[str, Any]]:
        return self.workshop.rows(sql, params)

    def one(self, sql: str, params: Sequence[Any] | None = None) -> dict[str, Any]:
        return self.workshop.rows(sql, params)[0]


@contextmanager
def scene_of(
    workshop: Workshop, survey: Survey, year: int, pinned: Iterable[Mapping[str, Any]] = ()
) -> Iterator[Scene]:
    """Build the temporary tables of a year and drop them afterwards."""
    edition = survey.edition_of(year)
    con = workshop.con
    try:
        con.execute(checked_sql(survey), [year - 1, year])
        con.register("earlier_items", earlier_items(survey, edition, year))
        con.execute(cells_sql())
        con.unregister("earlier_items")
        con.execute(_wide_sql(edition))
        con.register("pinned", arrow_table("thresholds", pinned))
        con.execute(_BOUNDS)
        con.unregister("pinned")
        con.execute("CREATE TEMP TABLE told (return_id VARCHAR, item_id VARCHAR)")
        yield Scene(workshop, survey, edition, year)
    finally:
        for name in _TABLES:
            con.execute(f"DROP TABLE IF EXISTS temp.{name}")


def checked_sql(survey: Survey, judged: str = "counted_returns") -> str:
    """The counted candidates of a year, each with its counted return of the year before.

    Parameters of the statement are the year before and the year.
    """
    levels = " ".join(
        f"WHEN {quoted(level.level_id)} THEN {quoted(level.name_zh)}" for level in survey.levels
    )
    return f"""
    CREATE TEMP TABLE checked AS
    SELECT r.*, CASE r.level_id {levels} END AS level, p.return_id AS prev_id
    FROM {judged} r
    LEFT JOIN (
        SELECT unit_id, venue_name, min(return_id) AS return_id
        FROM counted_returns WHERE year = ? AND unit_id <> '' GROUP BY ALL
    ) p ON p.unit_id = r.unit_id AND p.venue_name = r.venue_name
    WHERE r.year = ? ORDER BY r.return_id
    """


def cells_sql(wanted: str = "TRUE") -> str:
    """The answers of the checked returns as they now stand, with last year's amount beside them."""
    return f"""
    CREATE TEMP TABLE cells AS
    SELECT a.return_id, a.submission_id, a.item_id, a.state, a.shown_text AS raw_text,
        a.sheet, a.cell, a.notes, a.amount AS v, p.amount AS prev
    FROM current_answers a
    JOIN checked c USING (return_id)
    LEFT JOIN earlier_items e USING (item_id)
    LEFT JOIN current_answers p ON p.return_id = c.prev_id AND p.item_id = e.earlier_item_id
    WHERE {wanted}
    """


_BOUNDS = """
CREATE TEMP TABLE bounds AS
SELECT * REPLACE (middle::DOUBLE AS middle, lower::DOUBLE AS lower, upper::DOUBLE AS upper)
FROM pinned
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
    pairs = earlier_pairs(survey, edition, year)
    schema = pa.schema([("item_id", pa.string()), ("earlier_item_id", pa.string())])
    items, before = ([pair[side] for pair in pairs] for side in (0, 1))
    return pa.table([items, before], schema=schema)


def earlier_pairs(survey: Survey, edition: Edition, year: int) -> list[tuple[str, str]]:
    """Items of this edition and of last year's that ask the same."""
    try:
        earlier = survey.edition_of(year - 1)
    except UnknownYearError:
        return []
    if earlier.edition_id == edition.edition_id:
        return [(item.item_id, item.item_id) for item in edition.items]
    return [
        (row.item_id, row.earlier_item_id)
        for row in edition.crosswalk
        if row.comparable and row.item_id and row.earlier_item_id in earlier.item
    ]
