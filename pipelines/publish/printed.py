"""Built tables as text for a printed page, as ``house.typ`` draws them; numbers of chapters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.publish.table_model import Cell, Table
from pipelines.survey.quantities import MINUS, grouped, round_half_up


def plain(table: Table) -> dict[str, Any]:
    """A table as ``house.typ`` draws it."""
    return {
        "title": table.title,
        "unit": table.unit,
        "stub": table.stub,
        "columns": [
            {
                "head": c.head,
                "lines": list(c.lines or (c.head,)),
                "group": c.group,
                "unit": "" if table.unit else c.unit,
                "textual": c.textual,
            }
            for c in table.columns
        ],
        "rows": [
            {"label": row.label, "total": row.total, "cells": [cell_text(c) for c in row.cells]}
            for row in table.rows
        ],
        "notes": list(table.notes),
        "source": table.source,
        "kind": table.spec.layout,
    }


def table_heads(table: Mapping[str, Any]) -> list[list[str]]:
    """The rows of heads of a table as ``plain`` gives it: groups above, where there are any.

    The unit of a column stands under its name.
    """
    columns = table["columns"]
    names = [f"{c['head']}（{c['unit']}）" if c["unit"] else c["head"] for c in columns]
    groups = [["", *(c["group"] for c in columns)]] if any(c["group"] for c in columns) else []
    return [*groups, [table["stub"], *names]]


def cell_text(cell: Cell) -> str:
    """A cell as pages print it: grouped by thousands, true minus, sign of a change shown."""
    if isinstance(cell, str):
        return cell
    value = round_half_up(cell.value, cell.decimals)
    sign = MINUS if value < 0 else "+" if cell.signed and value > 0 else ""
    return f"{sign}{grouped(abs(value), cell.decimals)}{cell.mark}"


def numeral(number: int) -> str:
    """一 to 十九, for the heads of chapters and parts."""
    ones = "〇一二三四五六七八九"
    tens = "十" if number >= 10 else ""
    return tens + (ones[number % 10] if number % 10 or not tens else "")
