"""Group anything that is located like a return by every breakdown: SQL with GROUPING SETS.

Two tiers.  The many rows of a source are grouped once, by the few sets that every breakdown can be
added up from; these small results are then grouped by the breakdowns themselves.  Between the two
everything is a small number: grouping by numbers takes half the time that grouping by text takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict

from pipelines.indicators.breakdowns import BREAKDOWNS
from pipelines.indicators.territory import NONE, Territory
from pipelines.survey.reference import PROVINCE
from pipelines.warehouse import Workshop

#: What a line of the first tier may be grouped by.
_NUMBERS = ("place", "prefecture", "department", "level", "channel")
#: Every breakdown can be added up from one of these.
_FIRST_TIER = (
    ("place",),
    ("prefecture", "department"),
    ("department", "level"),
    ("prefecture", "level", "channel"),
)
_LABELLED = ("prefecture", "department", "level", "channel")

_LOCATED_BY = ("year", "division_code", "county_code", "prefecture_code")
_LOCATED = ", ".join(_LOCATED_BY)
_PLACES_SQL = f"""
SELECT {_LOCATED} FROM counted_returns UNION SELECT {_LOCATED} FROM units ORDER BY ALL
"""
_LABELS_SQL = f"""
CREATE TEMP TABLE cube_labels AS
WITH seen AS (
    SELECT department_id, level_id, channel FROM counted_returns
    UNION SELECT department_id, level_id, channel FROM units
), labels AS (
    SELECT 'department' AS dimension, department_id AS id FROM seen
    UNION SELECT 'level', level_id FROM seen
    UNION SELECT 'channel', channel FROM seen
    UNION SELECT 'prefecture', prefecture FROM cube_places
)
SELECT dimension, id, CASE id WHEN '' THEN '{NONE}' ELSE id END AS label,
    (row_number() OVER (PARTITION BY dimension ORDER BY id))::USMALLINT AS number
FROM labels
"""


@contextmanager
def located(workshop: Workshop, territory: Territory) -> Iterator[None]:
    """While this is open ``numbered`` and ``grouped`` can be asked."""
    con = workshop.con
    found = con.execute(_PLACES_SQL).fetchall()
    rows: list[dict[str, object]] = []
    for number, (year, *where) in enumerate(found):
        columns = dict(zip(_LOCATED_BY, (year, *where), strict=True))
        members = asdict(territory.place(year, *where))
        rows.append({"place": number, **columns, **members})
    try:
        temporary(workshop, "cube_places", rows, _PLACE_TYPES)
        con.execute(_LABELS_SQL)
        yield
    finally:
        con.execute("DROP TABLE IF EXISTS cube_labels")
        con.execute("DROP TABLE IF EXISTS cube_places")


_MEMBER_COLUMNS = tuple(
    b.name for b in BREAKDOWNS if b.name.startswith(("prefecture", "county")) and not b.crossed
)
_PLACE_TYPES = {
    "place": "INTEGER",
    "year": "BIGINT",
    "division_code": "VARCHAR",
    "county_code": "VARCHAR",
    "prefecture_code": "VARCHAR",
    **dict.fromkeys(_MEMBER_COLUMNS, "VARCHAR"),
}


def temporary(
    workshop: Workshop, name: str, rows: list[dict[str, object]], types: Mapping[str, str]
) -> None:
    """A temporary table of these rows."""
    import pyarrow as pa

    columns = {column: [row[column] for row in rows] for column in types}
    con = workshop.con
    con.execute(
        f"CREATE TEMP TABLE {name} ({', '.join(f'{c} {kind}' for c, kind in types.items())})"
    )
    if rows:
        con.register("incoming_rows", pa.table(columns))
        try:
            con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming_rows")
        finally:
            con.unregister("incoming_rows")


def numbered(table: str, columns: str) -> str:
    """The lines of a table that is located like ``returns``, with numbers to group by."""
    joins = " ".join(
        f"JOIN cube_labels {d} ON {d}.dimension = '{d}' AND {d}.id = t.{column}"
        for d, column in (("department", "department_id"), ("level", "level_id"), ("channel",) * 2)
    )
    return f"""
    SELECT t.year::USMALLINT AS year, p.place, prefecture.number AS prefecture,
        department.number AS department, level.number AS level, channel.number AS channel, {columns}
    FROM {table} t JOIN cube_places p USING ({_LOCATED}) {joins}
    JOIN cube_labels prefecture
        ON prefecture.dimension = 'prefecture' AND prefecture.id = p.prefecture
    """


def grouped(source: str, keys: tuple[str, ...], measures: Mapping[str, str]) -> str:
    """``keys``, breakdown, member, second member and measures for every group of a source.

    ``measures`` are aggregates over the lines of ``source``; what they give must add up: the one
    called ``amount`` exactly, the others are counts.
    """
    key = ", ".join(keys)
    sets = ", ".join(f"({key}, {', '.join(columns)})" for columns in _FIRST_TIER)
    first = ", ".join(f"{expression} AS {name}" for name, expression in measures.items())
    kinds = {name: "" if name == "amount" else "::BIGINT" for name in measures}
    added = ", ".join(f"sum({name}){kind} AS {name}" for name, kind in kinds.items())
    parts = [_by_place(key, added), *(_by_label(b.name, b.dimensions, key, added) for b in _OTHERS)]
    return f"""
    WITH fine AS MATERIALIZED (
        SELECT {key}, {", ".join(_NUMBERS)}, grouping({", ".join(_NUMBERS)}) AS tier, {first}
        FROM ({source}) GROUP BY GROUPING SETS ({sets})
    )
    {" UNION ALL ".join(parts)}
    """


_OTHERS = tuple(b for b in BREAKDOWNS if b.crossed or b.name in _LABELLED[1:])


def _by_place(key: str, added: str) -> str:
    """Province and every territorial breakdown."""
    sets = ", ".join(f"({key}, p.{column})" for column in _MEMBER_COLUMNS)
    columns = ", ".join(f"p.{column}" for column in _MEMBER_COLUMNS)
    names = " ".join(
        f"WHEN {_mask((column,), _MEMBER_COLUMNS)} THEN '{column}'" for column in _MEMBER_COLUMNS
    )
    return f"""
    SELECT {key}, CASE grouping({columns}) {names} ELSE 'province' END AS breakdown,
        coalesce({columns}, '{PROVINCE}') AS member, '' AS member2, {added}
    FROM fine JOIN cube_places p USING (place{", year" if "year" in key else ""})
    WHERE tier = {_mask(("place",), _NUMBERS)}
    GROUP BY GROUPING SETS (({key}), {sets})
    """


def _by_label(breakdown: str, dimensions: tuple[str, ...], key: str, added: str) -> str:
    """A breakdown by one or two of the labelled dimensions."""
    tier = next(columns for columns in _FIRST_TIER if set(dimensions) <= set(columns))
    joins = " ".join(
        f"JOIN cube_labels l{n} ON l{n}.dimension = '{d}' AND l{n}.number = fine.{d}"
        for n, d in enumerate(dimensions)
    )
    labels = [f"l{n}.label" for n in range(len(dimensions))]
    member, member2 = [*labels, "''"][:2]
    return f"""
    SELECT {key}, '{breakdown}', {member}, {member2}, {added}
    FROM fine {joins} WHERE tier = {_mask(tier, _NUMBERS)} GROUP BY {key}, {", ".join(labels)}
    """


def _mask(kept: tuple[str, ...], columns: tuple[str, ...]) -> int:
    """What SQL grouping() gives: a bit set for every column summed over, the first is highest."""
    return int("".join("0" if column in kept else "1" for column in columns), 2)
