"""The note under a table that says what to mind about figures that are there.

A figure worked out with the population of another year, of a census, or from parts of which some
are missing looks like any other: the note names the rows and columns that hold such figures.
"""

from __future__ import annotations

from pipelines.indicators.flags import flags
from pipelines.publish.table_model import Number, Table

#: Told in another way: by a mark behind the figure, on every page, or in place of the value.
_TOLD_ELSEWHERE = frozenset(
    {"break", "provisional", "suppressed", "territory_change", "no_crosswalk"}
)
#: Names given before the rest is counted.
_ROWS, _COLUMNS, _CELLS = 4, 3, 6

Cells = frozenset[tuple[int, int]]


def cautions_note(table: Table) -> str:
    """What to mind, and where; "" where all figures are plain."""
    held = _held(table)
    numbers = frozenset(
        (n, m)
        for n, row in enumerate(table.rows)
        for m, cell in enumerate(row.cells)
        if isinstance(cell, Number)
    )
    by_cells: dict[Cells, list[str]] = {}
    for (name, detail), cells in held.items():
        said = flags().caution[name] + (f"，用{detail}年" if detail else "")
        by_cells.setdefault(cells, []).append(said)
    sentences = [
        f"{'，'.join(said)}（{_where(table, cells, numbers)}）" for cells, said in by_cells.items()
    ]
    return "；".join(sentences) + "。" if sentences else ""


def _held(table: Table) -> dict[tuple[str, str], Cells]:
    """The cells of each caution, in the order of the closed list."""
    found: dict[tuple[str, str], set[tuple[int, int]]] = {}
    for n, row in enumerate(table.rows):
        for m, cell in enumerate(row.cells):
            if isinstance(cell, Number):
                for flag in cell.flags:
                    name, _, detail = flag.partition(":")
                    if name in flags().caution and name not in _TOLD_ELSEWHERE:
                        found.setdefault((name, detail), set()).add((n, m))
    order = list(flags().caution)
    return {
        key: frozenset(found[key]) for key in sorted(found, key=lambda k: (order.index(k[0]), k[1]))
    }


def _where(table: Table, cells: Cells, numbers: Cells) -> str:
    """Rows and columns where they hold such figures throughout, else cell by cell."""
    rows, columns = sorted({n for n, _ in cells}), sorted({m for _, m in cells})
    heads = [table.columns[m].full_head for m in columns]
    if {(n, m) for n in rows for m in columns} & numbers == cells:
        named = _rows(table, rows, numbers, columns)
        return f"{named}{_listed(heads, _COLUMNS, '项')}"
    singly = [f"{table.rows[n].label}的{table.columns[m].full_head}" for n, m in sorted(cells)]
    return _listed(singly, _CELLS, "处")


def _rows(table: Table, rows: list[int], numbers: Cells, columns: list[int]) -> str:
    """Whose figures: nothing where it is everybody's."""
    others = {n for n, m in numbers if m in columns} - set(rows)
    if not others:
        return ""
    if all(table.rows[n].total for n in others):
        totals = "、".join(table.rows[n].label for n in sorted(others))
        return f"除{totals}外的"
    return f"{_listed([table.rows[n].label for n in rows], _ROWS, '个')}的"


def _listed(names: list[str], most: int, counter: str) -> str:
    distinct = list(dict.fromkeys(names))
    more = f"等{len(distinct)}{counter}" if len(distinct) > most else ""
    return "、".join(distinct[:most]) + more
