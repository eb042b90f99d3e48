"""What the rules of one year look at: temporary tables over the returns that are judged.

``checked`` has a row a return (with the counted return of the year before, if any); ``cells`` a
row an answer, with last year's amount beside it.  "-" is 0, blank and unreadable are NULL (law 2).
``bounds`` holds the thresholds of the year, those that a person has pinned first; ``told`` the
cells that a soft rule has asked about, so that another does not ask again; ``groups`` the
groups of like units (see ``peers``); ``sums`` what rules over totals look at.

A province has ten million cells.  Joining and grouping them by texts takes most of the time that
there is, so that a return is a number here (``seq``, in the order of return ids) and an item a
member of an ENUM (in the order of item ids); both sort as the texts do that they stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.errors import UnknownYearError
from pipelines.survey import Edition, Survey
from pipelines.survey.notation import State
from pipelines.warehouse import Workshop, arrow_table
from pipelines.warehouse.schema import quoted

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_TABLES = ("checked", "groups", "before", "cells", "bounds", "told", "sums")


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

    def prefectures(self) -> list[str]:
        """Codes of the prefectures of the year."""
        return [place.code for place in self.survey.divisions.prefectures(self.year)]

    def place_zh(self, code: str) -> str:
        """The name of a place in the year; its code where there is none."""
        place = self.survey.divisions.get(code, self.year)
        return place.name_zh if place else code

    def add_up(self) -> None:
        """Build ``sums``, once every return has its status."""
        self.workshop.con.execute(_SUMS)

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
        import pyarrow as pa

        schema = pa.schema([("return_id", pa.string()), ("item_id", pa.string())])
        told = pa.table([[pair[side] for pair in asked] for side in (0, 1)], schema=schema)
        con = self.workshop.con
        con.register("asked", told)
        con.execute(
            "INSERT INTO told SELECT seq, item_id FROM asked JOIN checked USING (return_id)"
        )
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
        con.execute(_GROUPS)
        lay_cells(con, edition)
        con.unregister("earlier_items")
        con.register("pinned", arrow_table("thresholds", pinned))
        con.execute(_bounds_sql(edition))
        con.unregister("pinned")
        con.execute(f"CREATE TEMP TABLE told (seq INTEGER, item_id {item_type(edition)})")
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
    SELECT (row_number() OVER (ORDER BY r.return_id))::INTEGER AS seq, r.*,
        CASE r.level_id {levels} END AS level, p.return_id AS prev_id,
        CASE WHEN r.is_venue IS NOT NULL AND r.level_id <> '' AND r.department_id <> '' THEN
            dense_rank() OVER (ORDER BY r.is_venue, r.level_id, r.department_id)
        END::INTEGER AS peers,
        dense_rank() OVER (ORDER BY r.is_venue, r.level_id)::INTEGER AS level_peers
    FROM {judged} r
    LEFT JOIN (
        SELECT unit_id, venue_name, min(return_id) AS return_id
        FROM counted_returns WHERE year = ? AND unit_id <> '' GROUP BY ALL
    ) p ON p.unit_id = r.unit_id AND p.venue_name = r.venue_name
    WHERE r.year = ? ORDER BY seq
    """


def lay_cells(con: DuckDBPyConnection, edition: Edition, wanted: str = "TRUE") -> None:
    """Build ``cells``, of the answers for which ``wanted`` holds; needs ``earlier_items``."""
    kind = item_type(edition)
    # Last year's amounts in a table of their own: DuckDB then knows that they are the smaller side
    # of the join, which it keeps in memory.
    con.execute(f"""
        CREATE TEMP TABLE before AS
        SELECT c.seq, e.item_id::{kind} AS item_id, a.amount AS prev
        FROM current_answers a
        JOIN checked c ON c.prev_id = a.return_id
        JOIN earlier_items e ON e.earlier_item_id = a.item_id
    """)
    con.execute(f"""
        CREATE TEMP TABLE cells AS
        WITH now AS (
            SELECT c.seq, a.return_id, a.submission_id, TRY_CAST(a.item_id AS {kind}) AS item_id,
                a.state::ENUM({texts(State)}) AS state, a.shown_text AS raw_text, a.sheet, a.cell,
                a.notes, a.amount AS v
            FROM current_answers a JOIN checked c USING (return_id)
            WHERE TRY_CAST(a.item_id AS {kind}) IS NOT NULL AND {wanted}
        )
        SELECT now.*, before.prev FROM now LEFT JOIN before USING (seq, item_id)
    """)
    con.execute("DROP TABLE temp.before")


#: Who the groups of like units are: those of a level and department, those of a level, all.
_GROUPS = """
CREATE TEMP TABLE groups AS
SELECT DISTINCT peers, level_peers, is_venue, level_id, department_id
FROM checked WHERE peers IS NOT NULL
UNION ALL
SELECT DISTINCT NULL, level_peers, is_venue, level_id, '' FROM checked WHERE peers IS NOT NULL
UNION ALL
SELECT NULL, NULL, FALSE, '', ''
"""
#: Amounts of the returns that count, by all that totals are broken down by.
_SUMS = """
CREATE TEMP TABLE sums AS
WITH counted AS (
    SELECT seq, prefecture_code, county_code, level_id, department_id, dense_rank() OVER (
        ORDER BY prefecture_code, county_code, level_id, department_id)::INTEGER AS member
    FROM checked SEMI JOIN counted_returns USING (return_id)
), added AS (
    SELECT member, item_id, sum(v) AS amount FROM cells JOIN counted USING (seq) GROUP BY ALL
)
SELECT * EXCLUDE (member) FROM added JOIN (
    SELECT DISTINCT member, prefecture_code, county_code, level_id, department_id FROM counted
) USING (member)
"""


def item_type(edition: Edition) -> str:
    """The SQL type of an item's id, or "" for none; sorts as the ids do."""
    names = sorted(item.item_id for item in edition.items)
    return f"ENUM({texts(['', *names])})"


def texts(values: Iterable[str]) -> str:
    """Texts as what stands within the brackets of an SQL list."""
    return ", ".join(quoted(value) for value in values)


def _bounds_sql(edition: Edition) -> str:
    return f"""
    CREATE TEMP TABLE bounds AS
    SELECT * REPLACE (item_id::{item_type(edition)} AS item_id,
        base_id::{item_type(edition)} AS base_id, middle::DOUBLE AS middle,
        lower::DOUBLE AS lower, upper::DOUBLE AS upper)
    FROM pinned
    """


def earlier_items(survey: Survey, edition: Edition, year: int) -> pa.Table:
    """Which item of last year's edition each item may be compared with."""
    import pyarrow as pa

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
