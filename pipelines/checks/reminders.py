"""催报: who has not reported, in all groupings, as a matrix, and a list a county and department."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.checks.arrangement import Arrangement, shown_day
from pipelines.checks.response import (
    GROUPINGS,
    Count,
    Unit,
    count_of,
    grouped,
    matrix_of,
    units_of,
)
from pipelines.checks.sheets import Book, new_book, safe_name, words
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

FOLDER = "催报"
_WIDTHS = (6, 30, 10, 10, 11, 10, 10, 10, 10, 10)
_LOOKS = ("centre", "text", *["number"] * 2, "percent", *["number"] * 5)
_UNIT_WIDTHS = (6, 16, 18, 26, 40, 28, 24, 12, 14)
_UNIT_LOOKS = ("centre", *["text"] * 6, "centre", "text")


def write_reminders(
    snapshot: Snapshot, survey: Survey, year: int, folder: Path, arrangement: Arrangement
) -> list[Path]:
    """Write 催报名单.xlsx, and a 催报单 for every county and department with missing units."""
    units = units_of(snapshot, survey, year, arrangement)
    said = words().reminders
    path = folder / "催报名单.xlsx"
    with new_book(path, said["title"].format(year=year), simulated=snapshot.simulated) as book:
        for key, what in GROUPINGS:
            groups = grouped(survey, year, units, key)
            _write_counts(book, f"按{what}".replace("（", "").replace("）", ""), what, groups)
        _write_matrix(book, survey, year, units)
        _write_missing(book, survey, units, arrangement, year)
    return [
        path,
        *_write_own(folder / FOLDER, units, arrangement, year, simulated=snapshot.simulated),
    ]


def _write_counts(book: Book, name: str, what: str, groups: list[tuple[str, list[Unit]]]) -> None:
    said = words().reminders
    rows = []
    for number, (group, members) in enumerate(groups, 1):
        count = count_of(members)
        rows.append([number, group, *_numbers(count)])
    sheet = book.sheet(name.replace("、", ""), _WIDTHS)
    sheet.write_string(0, 0, said["counting"], book.formats["line_plain"])
    headers = [header.format(what=what) for header in said["headers"].split(" ")]
    book.list(sheet, 1, headers, rows, _LOOKS)


def _numbers(count: Count) -> list[int | Decimal | None]:
    return [
        count.expected or None, count.received, count.rate, count.accepted, count.queried,
        count.rejected, count.missing, count.overdue,
    ]  # fmt: skip


def _write_matrix(book: Book, survey: Survey, year: int, units: Sequence[Unit]) -> None:
    """市州 × 部门: reported of expected in every cell, coloured by the share.

    Departments go down: there are three times as many of them, and ten columns fit on a page.
    """
    said = words().reminders
    matrix = matrix_of(survey, year, units, said["whole"], said["unknown"])
    places = [name for name, _ in matrix.rows]
    sheet = book.sheet(said["matrix"], (34, *[11] * len(places)))
    sheet.write_string(0, 0, said["matrix_note"], book.formats["line_plain"])
    shares = zip(*(texts for _, texts in matrix.rows), strict=True)
    body = [[name, *texts] for name, texts in zip(matrix.columns, shares, strict=True)]
    looks = ("text", *["centre"] * len(places))
    book.list(sheet, 1, (said["department"], *places), body, looks)
    for number, (_, *texts) in enumerate(body, 2):
        for column, text in enumerate(texts, 1):
            look = _look(text)
            if look:
                book.put(sheet, number, column, text, look)


_GOOD, _FAIR = Decimal("0.95"), Decimal("0.8")


def _look(text: str) -> str:
    """The colour of a cell of the matrix."""
    reported, slash, expected = text.partition("/")
    if not slash:
        return ""
    rate = Decimal(reported) / Decimal(expected)
    return "good" if rate >= _GOOD else "fair" if rate >= _FAIR else "poor"


def _write_missing(
    book: Book, survey: Survey, units: Sequence[Unit], arrangement: Arrangement, year: int
) -> None:
    said = words().reminders
    missing = [unit for unit in units if unit.missing]
    listed = any(unit.row["listed"] for unit in units)
    note = said["missing"].format(year=year, count=len(missing)) if listed else said["no_list"]
    sheet = book.sheet(said["missing_sheet"], _UNIT_WIDTHS)
    sheet.write_string(0, 0, note, book.formats["mark"])
    sheet.write_string(1, 0, _when(arrangement, said["no_day"]), book.formats["line_plain"])
    lines = _lines(missing, arrangement, said["unset"])
    book.list(sheet, 2, said["unit_headers"].split(" "), lines, _UNIT_LOOKS)


def _lines(missing: Sequence[Unit], arrangement: Arrangement, unset: str) -> list[list[Any]]:
    """A line a unit; ``unset`` stands where no deadline is set."""
    said = words().reminders
    rows = []
    for number, unit in enumerate(missing, 1):
        due = arrangement.due_for(unit.prefecture, unit.county, unit.department)
        late = unset if unit.late is None else (
            said["late"].format(days=unit.late) if unit.late else said["in_time"]
        )  # fmt: skip
        rows.append(
            [
                number, unit.prefecture, unit.county, unit.department, unit.row["unit_name"],
                unit.row["venue_name"], unit.row["unit_id"],
                shown_day(due) if due else unset, late,
            ]
        )  # fmt: skip
    return rows


def _when(arrangement: Arrangement, unset: str) -> str:
    """As of when, and by when to report; ``unset`` where nothing is set."""
    said = words().reminders
    if arrangement.as_of is None or arrangement.report_by is None:
        return unset
    return said["when"].format(
        as_of=shown_day(arrangement.as_of), by=shown_day(arrangement.report_by),
        days=arrangement.reminder_days,
    )  # fmt: skip


def _write_own(
    folder: Path, units: Sequence[Unit], arrangement: Arrangement, year: int, *, simulated: bool
) -> list[Path]:
    """A list for each county (its own units) and each department that collects from its units."""
    groups: dict[tuple[str, ...], list[Unit]] = defaultdict(list)
    unknown = words().reminders["unknown"]
    for unit in units:
        if unit.row["channel"] == "department":
            groups["部门", unit.department or unknown].append(unit)
        else:
            places = [name for name in (unit.prefecture, unit.county) if name] or [unknown]
            groups[("县区", *places)].append(unit)
    written = []
    for names, members in groups.items():
        if any(unit.missing for unit in members):
            path = folder.joinpath(names[0], safe_name("".join(names[1:]) + "催报单"))
            path = path.with_name(f"{path.name}.xlsx")
            name = "".join(names[1:])
            _write_one(path, name, members, arrangement, year, simulated=simulated)
            written.append(path)
    return written


def _write_one(
    path: Path,
    name: str,
    units: Sequence[Unit],
    arrangement: Arrangement,
    year: int,
    *,
    simulated: bool,
) -> None:
    said, count = words().reminders, count_of(units)
    missing = [unit for unit in units if unit.missing]
    title = said["own_title"].format(year=year, name=name)
    with new_book(path, title, simulated=simulated) as book:
        sheet = book.sheet(said["own_sheet"], _UNIT_WIDTHS)
        sheet.write_string(0, 0, title, book.formats["title"])
        stand = said["stand"].format(
            expected=count.expected, reported=count.reported, missing=count.missing
        )
        sheet.write_string(1, 0, stand, book.formats["line_plain"])
        # What goes out says nothing of how the office sets its days.
        sheet.write_string(2, 0, _when(arrangement, said["soon"]), book.formats["mark"])
        headers = said["unit_headers"].split(" ")
        book.list(sheet, 3, headers, _lines(missing, arrangement, ""), _UNIT_LOOKS)
