"""The answers of a year as a row a return and a column an item: what rules over returns read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from pipelines.checks.scene import Scene, item_type, texts


@contextmanager
def wide_table(scene: Scene, items: Iterable[str]) -> Iterator[None]:
    """The temporary table ``wide``: returns, what their covers say, and a column for every item.

    An item that is missing from a return is NULL, as a blank one is.
    """
    con = scene.workshop.con
    names = sorted(items)
    try:
        if names:
            con.execute(_listed_sql(names, f"{item_type(scene.edition)}[]"))
            con.execute(_wide_sql(names))
        else:
            con.execute("CREATE TEMP TABLE wide AS SELECT return_id, is_venue, level FROM checked")
        yield
    finally:
        for table in ("listed", "wide"):
            con.execute(f"DROP TABLE IF EXISTS temp.{table}")


def _listed_sql(names: Sequence[str], kind: str) -> str:
    """Of every return its amounts in the order of items, and whether it has each item once."""
    chosen = texts(names)
    return f"""
    CREATE TEMP TABLE listed AS
    SELECT seq, list(item_id ORDER BY item_id) = [{chosen}]::{kind} AS whole,
        list(v ORDER BY item_id) AS amounts
    FROM cells WHERE item_id IN ({chosen}) GROUP BY seq
    """


def _wide_sql(names: Sequence[str]) -> str:
    """Amounts by their position in whole returns; PIVOT, several times as slow, for the others."""
    chosen = texts(names)
    columns = ", ".join(f'amounts[{n}] AS "{name}"' for n, name in enumerate(names, 1))
    return f"""
    CREATE TEMP TABLE wide AS
    SELECT c.return_id, c.is_venue, c.level, w.* EXCLUDE (seq)
    FROM checked c LEFT JOIN (
        SELECT seq, {columns} FROM listed WHERE whole
        UNION ALL BY NAME
        FROM (PIVOT (
            SELECT seq, item_id, v FROM cells SEMI JOIN (FROM listed WHERE NOT whole) USING (seq)
        ) ON item_id IN ({chosen}) USING first(v) GROUP BY seq)
    ) w USING (seq)
    """
