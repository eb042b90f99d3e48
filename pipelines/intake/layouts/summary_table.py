"""Read a summary table (汇总表): units or regions down, items across, a header of several rows.

Every row of a unit is a return of its own.  Rows that sum others (合计, 小计, 市本级) and rows of
whole regions are kept apart as ``summary``, so that nothing is added twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.formats.cells import Cell, Sheet
from pipelines.intake.layouts.figures import read_cell, shown
from pipelines.intake.layouts.labels import plain_label, without_brackets
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.spread import check_not_spread
from pipelines.intake.layouts.subtotals import check_no_hidden_sums, is_sum_named, is_total
from pipelines.intake.layouts.table_headers import Table, find_tables, lost_figure
from pipelines.intake.readings import Answer, CoverText, Draft
from pipelines.intake.vocabulary import is_footer, vocabulary
from pipelines.survey.reference import Divisions


def read_summary_table(sheet: Sheet, lexicon: Lexicon, divisions: Divisions) -> list[list[Draft]]:
    """The rows of each summary table of a sheet as returns; empty when there is none."""
    found = []
    for table in find_tables(sheet, lexicon):
        rows = list(_drafts(sheet, table, lexicon, divisions))
        check_no_hidden_sums(rows, lexicon.edition)
        found.append(rows)
    return found


def _drafts(sheet: Sheet, table: Table, lexicon: Lexicon, divisions: Divisions) -> Iterator[Draft]:
    not_applicable = lexicon.edition.values.not_applicable
    for row in range(table.first, min(table.end, len(sheet.rows))):
        cover = _identity(sheet, table, row)
        filled = [column for column in table.items if sheet.at(row, column) != ""]
        if _is_of_nobody(lexicon, _text(cover, "unit_name") or _text(cover, "region")):
            continue
        if not _is_somebody(sheet, table, row, cover, filled):
            continue
        _check_row(sheet, table, row, lexicon)
        answers = []
        for column, (item, notes) in table.items.items():
            cell = sheet.at(row, column)
            if cell == "":
                check_not_spread(sheet, row, column, item.name_zh)
            value, state, raw, more = read_cell(cell, item.unit, not_applicable, sheet.date1904)
            where = sheet.address(row, column)
            notes = (*notes, *sheet.notes_at(row, column), *more)
            answers.append(Answer(item.item_id, value, state, raw, sheet.name, where, notes))
        name, place = _text(cover, "unit_name"), _text(cover, "region")
        # 本年数 is no unit either, and sums them if anything.
        is_sum = is_sum_named(name, place, lexicon.year, divisions) or lexicon[name].role == "value"
        role = "summary" if is_sum else "basic"
        decided = {table.decided} if table.decided else set()
        yield Draft("table", sheet.name, row, cover, answers, role, decided=decided)


def _is_of_nobody(lexicon: Lexicon, name: str) -> bool:
    """Whether a row compares the units or their years (上年数, 同比, 平均): it is nobody's."""
    return bool(name) and (
        lexicon[name].is_of_another_time
        or without_brackets(plain_label(name)).rstrip("%") in _comparing_words()
    )


@cache
def _comparing_words() -> frozenset[str]:
    return frozenset(plain_label(word) for word in vocabulary().comparing_words)


def _is_somebody(
    sheet: Sheet, table: Table, row: int, cover: dict[str, CoverText], filled: list[int]
) -> bool:
    """Whether a row is a unit, a region or a sum; figures of nobody stop the file."""
    name, place = _text(cover, "unit_name"), _text(cover, "region")
    if not any(_holds_figure(sheet.at(row, column)) for column in filled):
        return bool(name or place) and not _is_note(sheet, row, name or place)
    problem = ""
    if not (name or place):
        problem = "这一行有数，却没有单位名称或地区"
    elif "unit_name" in table.identity and not name and _is_covered(sheet, table, row, "region"):
        problem = "这一行有数，却没有单位名称"
    elif (
        name and "venue_name" not in table.identity and _is_covered(sheet, table, row, "unit_name")
    ):
        problem = f"单位名称“{name}”合并了几行，每行都有数，分不清各是谁的"
    if problem:
        raise _unclear(problem, sheet, row, filled[0])
    return True


def _is_covered(sheet: Sheet, table: Table, row: int, field: str) -> bool:
    """Whether an identity cell only shows what a merged cell above says."""
    column = table.identity.get(field)
    return column is not None and any(
        top < row <= bottom and left <= column <= right
        for (top, left), (bottom, right) in sheet.merged
    )


def _check_row(sheet: Sheet, table: Table, row: int, lexicon: Lexicon) -> None:
    for column, cell in enumerate(sheet.rows[row]):
        if type(cell) is str and cell and lexicon[cell].role == "previous":
            raise _unclear(f"这一行写着“{cell.strip()}”，看不出是不是本年数", sheet, row, column)
    lost = lost_figure(sheet, table, row)
    if lost is not None:
        raise _unclear("这一列有数，表头却认不出是哪一项指标", sheet, row, lost)
    for column in table.repeated:
        other = sheet.filled(row, column)
        if other != "" and other != sheet.filled(row, table.identity["unit_name"]):
            raise _unclear("左右两栏的单位名称不是同一个，分不清这一行是谁的", sheet, row, column)


def _unclear(problem: str, sheet: Sheet, row: int, column: int) -> UnclearLayoutError:
    place = Place(sheet=sheet.name, cell=sheet.address(row, column))
    return UnclearLayoutError(problem, place=place)


def _identity(sheet: Sheet, table: Table, row: int) -> dict[str, CoverText]:
    """Identity cells of a row; a region or department merged over rows holds for all of them."""
    cover = {}
    for field, column in table.identity.items():
        cell = sheet.filled(row, column)
        numeric = isinstance(cell, int | float) and not isinstance(cell, bool)
        where = sheet.address(row, column)
        cover[field] = CoverText(shown(cell).strip(), sheet.name, where, numeric)
    if not (_text(cover, "unit_name") or _text(cover, "region")):
        _take_total(sheet, table, row, cover)
    return cover


def _take_total(sheet: Sheet, table: Table, row: int, cover: dict[str, CoverText]) -> None:
    """A sum that is named in another column than a unit would be: under 序号, under 部门."""
    for column in range(min(table.items)):
        cell = sheet.plain(row, column)
        if type(cell) is str and is_total(cell):
            where = sheet.address(row, column)
            cover["unit_name"] = CoverText(cell.strip(), sheet.name, where)
            return


def _text(cover: dict[str, CoverText], field: str) -> str:
    return cover[field].text if field in cover else ""


def _is_note(sheet: Sheet, row: int, text: str) -> bool:
    """A line of text under the table: one filled cell, a footer or a sentence."""
    cells = [cell for cell in sheet.rows[row] if cell != ""]
    return len(cells) == 1 or is_footer(text) or any(is_footer(c) for c in cells if type(c) is str)


def _holds_figure(cell: Cell) -> bool:
    """Whether a cell under an item was filled with more than a word."""
    if not isinstance(cell, str):
        return True
    return any(char.isdecimal() or char in "-—－" for char in cell) and not is_footer(cell)
