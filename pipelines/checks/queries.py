"""The 查询单 that go back to respondents, and the two lists that the office works from.

One workbook a return that has something to answer, in folders like those the returns came in.
A workbook holds its own return's figures only and nobody's contact data.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.checks.office import write_office_lists
from pipelines.checks.scene import earlier_items
from pipelines.checks.sheets import Book, new_book, safe_name, words
from pipelines.checks.wording import settings
from pipelines.survey import Edition, Survey
from pipelines.warehouse import Snapshot

Row = dict[str, Any]
#: This year's and last year's amount, by return and item.
Moved = dict[tuple[str, str], tuple[Decimal, Decimal]]

#: Where rules ask for a reason of a change, not for an answer.
_CHANGES = "G12"
_ASKING = ("reject_file", "reject_return", "query")
_WIDTHS = (6, 12, 16, 26, 16, 52, 10, 26, 12)
_LOOKS = ("centre", "text", "text", "text", "text", "text", "strong", "entry", "entry")
_CHANGE_WIDTHS = (6, 12, 16, 30, 14, 14, 14, 11, 44)
_CHANGE_LOOKS = ("centre", "text", "text", "text", "number", "number", "number", "percent", "entry")
_SHORT = 8


def write_queries(snapshot: Snapshot, survey: Survey, year: int, folder: Path) -> list[Path]:
    """Write every 查询单 of a year under ``folder``, and 催报名单 and 审核汇总 beside them.

    Returns whose only findings are notes get none; what a year-on-year note asks (the reason of a
    change) is a second sheet and no query.
    """
    edition = survey.edition_of(year)
    found = _findings(snapshot, year)
    moved = _moved(snapshot, survey, year)
    written: list[Path] = []
    for about in _returns(snapshot, year):
        asked = [one for one in found[about["return_id"]] if one["severity"] in _ASKING]
        if asked:
            changes = [one for one in found[about["return_id"]] if one["rule_id"] == _CHANGES]
            path = _path(folder, survey, about, written)
            deadline = _deadline(snapshot, year)
            with new_book(path, words().letter["title"].format(year=year)) as book:
                _write_letter(book, edition, about, asked, deadline)
                if changes:
                    _write_changes(book, edition, year, changes, moved)
            written.append(path)
    return [*written, *write_office_lists(snapshot, survey, year, folder)]


def _write_letter(
    book: Book, edition: Edition, about: Row, asked: list[Row], deadline: str
) -> None:
    letter = words().letter
    sheet = book.sheet("查询单", _WIDTHS)
    rejected = any(one["severity"] != "query" for one in asked)
    last = len(_WIDTHS) - 1
    lines = [
        letter["todo_rejected" if rejected else "todo"],
        letter["deadline"].format(deadline=deadline) if deadline else letter["deadline_unknown"],
        letter["law"],
    ]
    for row, line in enumerate(lines):
        sheet.merge_range(row, 0, row, last, line, book.formats["line"])
        sheet.set_row(row, 31 if row == 0 else 17)
    title = letter["title"].format(year=about["year"])
    sheet.merge_range(3, 0, 3, last, title, book.formats["title"])
    sheet.set_row(3, 26)
    said = letter["about"].format(
        unit=_name(about), return_id=about["return_id"], file=about["file"]
    )
    sheet.merge_range(4, 0, 4, last, said, book.formats["line"])
    if about["simulated"]:
        sheet.merge_range(5, 0, 5, last, letter["simulated"], book.formats["mark"])
    rows = [[n, *_line(edition, one), "", ""] for n, one in enumerate(_most_serious(asked), 1)]
    book.list(sheet, 6, words().headers, rows, _LOOKS)
    for n, values in enumerate(rows, 7):
        sheet.set_row(n, 15.5 * max(1, *(_lines(str(values[c]), _WIDTHS[c]) for c in range(1, 7))))


def _line(edition: Edition, one: Row) -> list[str]:
    """表 · 单元格 · 指标 · 所填 · 问题 · 性质 of a finding."""
    items = [edition.item[item_id] for item_id in one["items"] if item_id in edition.item]
    forms = dict.fromkeys(edition.form[item.form_id].name_zh for item in items)
    natures = words().natures
    nature = (
        "must_correct" if one["severity"] == "query" and one["must_correct"] else one["severity"]
    )
    problem = one["message_zh"]
    if one["likely_cause_zh"]:
        problem = f"{problem}。可能原因：{one['likely_cause_zh']}"
    return [
        "\n".join(forms) or "封面",
        "\n".join(place.rpartition("!")[2] for place in one["cells"]),
        "\n".join(item.name_zh for item in items),
        "\n".join(one["observed"]),
        problem,
        natures[nature],
    ]


def _write_changes(
    book: Book, edition: Edition, year: int, changes: list[Row], moved: Moved
) -> None:
    """The changes against last year, largest first, each with a place for its reason."""
    said = words().changes
    sheet = book.sheet(said["sheet"], _CHANGE_WIDTHS)
    last = len(_CHANGE_WIDTHS) - 1
    sheet.merge_range(0, 0, 0, last, said["title"].format(year=year), book.formats["title"])
    sheet.merge_range(1, 0, 1, last, said["todo"], book.formats["line"])
    sheet.set_row(1, 31)
    rows = []
    for one in changes:
        item = edition.item[one["items"][0]]
        now, before = moved[one["return_id"], item.item_id]
        form = edition.form[item.form_id].name_zh
        place = one["cells"][0].rpartition("!")[2]
        rate = (now - before) / before
        rows.append((rate, [form, place, item.name_zh, before, now, now - before, rate, ""]))
    rows.sort(key=lambda row: (-abs(row[0]), row[1][0], row[1][1]))
    numbered = [[n, *row] for n, (_, row) in enumerate(rows, 1)]
    book.list(sheet, 2, said["headers"], numbered, _CHANGE_LOOKS)


def _returns(snapshot: Snapshot, year: int) -> list[Row]:
    return snapshot.rows("SELECT * FROM returns WHERE year = ? ORDER BY return_id", [year])


def _findings(snapshot: Snapshot, year: int) -> dict[str, list[Row]]:
    rows = snapshot.rows(
        "SELECT * FROM findings WHERE year = ? AND return_id <> ''"
        " ORDER BY return_id, rule_id, items, finding_id",
        [year],
    )
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["return_id"]].append(row)
    return found


def _moved(snapshot: Snapshot, survey: Survey, year: int) -> Moved:
    """Both years' amounts of every cell that a change is asked about."""
    con = snapshot.con
    con.register("earlier_items", earlier_items(survey, survey.edition_of(year), year))
    try:
        rows = snapshot.rows(
            """
            WITH changed AS (
                SELECT f.return_id, f.items[1] AS item_id, r.unit_id, r.venue_name
                FROM findings f JOIN returns r USING (return_id)
                WHERE f.year = ? AND f.rule_id = ?
            )
            SELECT c.return_id, c.item_id, any_value(a.amount) AS now,
                min_by(b.amount, b.return_id) AS before
            FROM changed c
            JOIN counted_returns p ON p.year = ? AND p.unit_id = c.unit_id
                AND p.venue_name = c.venue_name
            JOIN earlier_items e ON e.item_id = c.item_id
            JOIN counted_answers b ON b.return_id = p.return_id
                AND b.item_id = e.earlier_item_id
            JOIN answers_as_amounts a ON a.return_id = c.return_id AND a.item_id = c.item_id
            GROUP BY c.return_id, c.item_id
            """.replace(
                "answers_as_amounts",
                "(SELECT return_id, item_id, CASE WHEN state = 'not_applicable' THEN 0"
                " ELSE value END AS amount FROM answers)",
            ),
            [year, _CHANGES, year - 1],
        )
    finally:
        con.unregister("earlier_items")
    return {(row["return_id"], row["item_id"]): (row["now"], row["before"]) for row in rows}


def _path(folder: Path, survey: Survey, about: Row, taken: Iterable[Path]) -> Path:
    """Folder as the returns came in; name of the unit and enough of the id to be unique."""
    place = folder.joinpath(*(safe_name(part) for part in _folders(survey, about)))
    for length in (_SHORT, len(about["return_id"])):
        name = f"{_name(about)}_{about['return_id'][:length]}"
        path = place / f"{safe_name(name)}.xlsx"
        if path not in taken:
            return path
    return path


def _folders(survey: Survey, about: Row) -> list[str]:
    year = about["year"]
    if about["channel"] == "department":
        one = survey.departments.get(about["department_id"], year)
        return ["部门", one.name_zh if one else "部门不明"]
    places = [survey.divisions.get(about[key], year) for key in ("prefecture_code", "county_code")]
    return ["县区", *(place.name_zh for place in places if place)]


def _name(about: Row) -> str:
    names = (about["unit_name"] or "单位名称未填", about["venue_name"])
    return "—".join(name for name in names if name)


def _deadline(snapshot: Snapshot, year: int) -> str:
    """The day by which to answer: set by the office, never computed from a clock."""
    return snapshot.meta.get(f"query_deadline_{year}", settings().query_deadlines.get(year, ""))


def _most_serious(asked: list[Row]) -> list[Row]:
    return sorted(asked, key=lambda one: (one["severity"] == "query", not one["must_correct"]))


def _lines(text: str, width: int) -> int:
    """Lines that a text takes in a column; a Chinese character is two wide."""
    wide = (sum(2 if ord(sign) > 0xFF else 1 for sign in part) for part in text.split("\n"))
    return sum(max(1, -(-size // width)) for size in wide)
