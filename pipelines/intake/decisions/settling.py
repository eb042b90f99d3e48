"""Hold corrections against what was reported: which apply, and why the others do not.

A correction applies to one cell of one return, and only while that cell still says what it said
when the respondent was asked (the guard).  Corrections of one cell apply one after the other, each
to what the one before it left.  Answers are never touched: what applies stands beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from pipelines.intake.decisions.corrections import Correction
from pipelines.intake.layouts.labels import plain_name
from pipelines.survey.notation import State, normalise_text, plain_text
from pipelines.warehouse import Workshop, arrow_table

Row = dict[str, Any]
_Cell = tuple[str, str]
_GONE = ("superseded", "duplicate")
_NAMED = 3


@dataclass(frozen=True)
class _Held:
    """What a cell says at a moment; ``number`` is the correction that made it so."""

    text: str
    state: str
    value: Decimal | None
    sheet: str
    cell: str
    number: int = 0


class _UnfitError(Exception):
    """A correction that does not apply: a status and the reason."""

    def __init__(self, status: str, why: str) -> None:
        super().__init__(why)
        self.status = status
        self.why = why


def settle(workshop: Workshop, corrections: Sequence[Correction]) -> pa.Table:
    """The ``corrections`` table; returns and answers must be loaded."""
    if not corrections:
        return arrow_table("corrections", [])
    received = _Received(workshop, corrections)
    return arrow_table("corrections", [received.settled(one) for one in corrections])


class _Received:
    """The returns of the years concerned and the cells that corrections name, as they now are."""

    def __init__(self, workshop: Workshop, corrections: Sequence[Correction]) -> None:
        years = sorted({one.year for one in corrections})
        self._returns = workshop.rows(
            "SELECT return_id, year, file, unit_id, uscc, unit_name, venue_name, status,"
            " status_reason_zh FROM returns WHERE year IN (SELECT unnest($years))"
            " ORDER BY return_id",
            {"years": years},
        )
        self._refused = {
            (row["year"], row["file"]): row["reason_zh"]
            for row in workshop.rows(
                "SELECT year, file, reason_zh FROM submissions WHERE status <> 'loaded'"
            )
        }
        self._cells = self._named_cells(workshop, corrections)

    def _named_cells(
        self, workshop: Workshop, corrections: Sequence[Correction]
    ) -> dict[_Cell, _Held]:
        rows = workshop.rows(
            "SELECT a.return_id, a.item_id, a.raw_text, a.state, a.value, a.sheet, a.cell"
            " FROM answers a JOIN returns r USING (return_id)"
            " WHERE a.item_id IN (SELECT unnest($items)) AND r.year IN (SELECT unnest($years))",
            {
                "items": sorted({one.item.item_id for one in corrections}),
                "years": sorted({one.year for one in corrections}),
            },
        )
        return {
            (r["return_id"], r["item_id"]): _Held(
                r["raw_text"], r["state"], r["value"], r["sheet"], r["cell"]
            )
            for r in rows
        }

    def settled(self, one: Correction) -> Row:
        """The row of one correction; when it applies, its cell now says something else."""
        new_text = "-" if one.new.value is None else plain_text(one.new.value)
        row: Row = {
            "year": one.year,
            "number": one.number,
            "line": one.line,
            "return_asked_zh": one.return_asked_zh,
            "return_id": "",
            "item_id": one.item.item_id,
            "old_text": one.entry.old,
            "found_text": "",
            "new_text": new_text,
            "new_value": one.new.value,
            "new_state": str(one.new.state),
            "confirmed_by": one.entry.confirmed_by,
            "confirmed_on": one.entry.confirmed_on,
            "means_zh": one.entry.means,
            "reason_zh": one.entry.reason,
            "status": "applied",
            "status_zh": "",
        }
        try:
            row["return_id"] = self._return_of(one)["return_id"]
            key = (row["return_id"], one.item.item_id)
            held = self._cells.get(key)
            if held is None:
                raise _UnfitError("item_missing", f"这份表里没有“{one.item.name_zh}”这一格")
            row["found_text"] = held.text
            _assert_fits(one, held)
            self._cells[key] = _Held(
                new_text, str(one.new.state), one.new.value, held.sheet, held.cell, one.number
            )
        except _UnfitError as unfit:
            row["status"], row["status_zh"] = unfit.status, unfit.why
        return row

    def _return_of(self, one: Correction) -> Row:
        """The one return that a correction names."""
        named = [row for row in self._returns if row["year"] == one.year and _is_named(row, one)]
        current = [row for row in named if row["status"] not in _GONE]
        if one.entry.file and not one.entry.venue and len(current) > 1:
            current = [row for row in current if not row["venue_name"]] or current
        if len(current) == 1:
            return current[0]
        if current:
            names = "、".join(f"{_name(row)}（{row['file']}）" for row in current)
            raise _UnfitError("return_ambiguous", f"对得上的有 {len(current)} 份：{names}")
        if named:
            raise _UnfitError("return_replaced", f"这份表已不计入：{named[0]['status_reason_zh']}")
        raise _UnfitError("return_missing", self._why_missing(one))

    def _why_missing(self, one: Correction) -> str:
        entry = one.entry
        refused = self._refused.get((one.year, entry.file))
        if refused:
            return f"该文件没有载入：{refused}"
        rows = [row for row in self._returns if row["year"] == one.year]
        unit = _compact(entry.unit)
        venues = [r["venue_name"] or "（本单位）" for r in rows if unit and _is_unit(r, unit)]
        if venues and not entry.file:
            return f"该单位报来的是：{'、'.join(dict.fromkeys(venues))}，请核对“场馆”"
        pool = {r["unit_name"] for r in rows} if entry.unit else {r["file"] for r in rows}
        near = get_close_matches(entry.unit or entry.file, sorted(pool), _NAMED, 0.5)
        return "没有收到这份表" + (f"，相近的有：{'、'.join(near)}" if near else "")


def _is_named(row: Row, one: Correction) -> bool:
    entry = one.entry
    if entry.file and row["file"] != entry.file:
        return False
    if entry.unit and not _is_unit(row, _compact(entry.unit)):
        return False
    if entry.venue:
        return plain_name(row["venue_name"]) == plain_name(entry.venue)
    # A unit named alone means its own return, never that of one of its venues.
    return bool(entry.file) or not row["venue_name"]


def _is_unit(row: Row, unit: str) -> bool:
    return unit in (row["uscc"], row["unit_id"], _compact(row["unit_name"]))


def _compact(text: str) -> str:
    plain = plain_name(text)
    return plain.upper() if plain.isascii() else plain


def _name(row: Row) -> str:
    return "—".join(name for name in (row["unit_name"], row["venue_name"]) if name)


def _assert_fits(one: Correction, held: _Held) -> None:
    """The cell is where, and says what, the correction expects."""
    if one.entry.cell and not _same_cell(one.entry.cell, held):
        place = f"{held.sheet}!{held.cell}" if held.sheet else held.cell
        raise _UnfitError(
            "cell_differs", f"单元格应为 {one.entry.cell}，“{one.item.name_zh}”在 {place}"
        )
    if not _guard_holds(one, held):
        since = f"（已由第 {held.number} 条更正）" if held.number else ""
        now = f"“{held.text}”" if held.text else State(held.state).label_zh
        raise _UnfitError("guard_failed", f"原值应为“{one.entry.old}”，现在是{now}{since}")


def _guard_holds(one: Correction, held: _Held) -> bool:
    """Whether the cell says what it said: as text, as a figure, or by the name of its state."""
    if one.old.state == State.BLANK or one.entry.old == State.BLANK.label_zh:
        return held.state == State.BLANK
    if one.entry.old == State.UNREADABLE.label_zh and not held.text:
        return held.state == State.UNREADABLE
    if normalise_text(one.entry.old)[0] == normalise_text(held.text)[0]:
        return True
    if one.old.state == State.UNREADABLE:
        return False
    return (str(one.old.state), one.old.value) == (held.state, held.value)


def _same_cell(asked: str, held: _Held) -> bool:
    sheet, _, cell = normalise_text(asked)[0].replace("$", "").rpartition("!")
    return cell.upper() == held.cell.upper() and (not sheet or sheet.strip("'") == held.sheet)
