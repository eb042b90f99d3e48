"""The sheets of a 查询单: the questions, the changes to be explained, and the hidden numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal

from pipelines.checks.letters.grid import Choice, Grid, Line, Value
from pipelines.checks.questions import Asked, Place, Question
from pipelines.checks.rulebook import relation
from pipelines.checks.sheets import words
from pipelines.survey import Edition
from pipelines.survey.addresses import column_letters
from pipelines.warehouse.reply import (
    CHANGES,
    HIDDEN_SHEET,
    NUMBER,
    QUERIES,
    REASON,
    VALUE,
    WHY,
    AskedLine,
    AskedReturn,
    Letter,
)

#: 序号 单位 表 指标 单元格 所填 问题 应满足 性质 更正值 说明 编号
_WIDTHS = (5, 18, 10, 24, 9, 11, 44, 30, 9, 13, 28, 10)
_LOOKS = ("centre", "text", "text", "text", "text", "text", "text", "text", "strong", "entry",
          "entry", "text")  # fmt: skip
#: 序号 单位 表 指标 单元格 上年数 本年数 变动数 变动率 占全省 更正值 原因 说明 编号
_CHANGE_WIDTHS = (5, 18, 10, 28, 9, 12, 12, 12, 10, 10, 13, 22, 34, 10)
_UNIT_COLUMN = 1
#: A line that concerns more cells than this names the first of them; the forms hold the rest.
MOST_PLACES = 12
_POINTS, _MOST_POINTS = 14.5, 400


def sheets_of(
    asked: Asked, edition: Edition, taken: Collection[str], deadline: str, converted: bool
) -> list[Grid]:
    """查询单, 变动说明 where there is one, and the hidden sheet, named so that none is taken."""
    lines: list[AskedLine] = []
    queries = _queries(asked, edition, _free(QUERIES, taken), deadline, converted, lines)
    grids = [queries]
    if asked.changes:
        grids.append(_changes(asked, _free(CHANGES, taken), lines))
    letter = Letter(
        year=asked.year,
        file=asked.file,
        submission_id=asked.submission_id,
        sheets=tuple(grid.name for grid in grids),
        returns=tuple(
            AskedReturn(
                one["return_id"], one["unit_id"], one["unit_name"], one["venue_name"],
                one["uscc"], one["region_text"] or "",
            )
            for one in asked.returns
        ),
        lines=tuple(lines),
        reasons=tuple(words().changes.reasons),
    )  # fmt: skip
    if asked.changes:
        _offer_reasons(grids[1], letter)
    hidden = [Line([(text, "") for text in row]) for row in letter.rows()]
    return [*grids, Grid(HIDDEN_SHEET, (20,), hidden, hidden=True)]


def _free(name: str, taken: Collection[str]) -> str:
    """A sheet name that the workbook has not."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}{number}"
    return free


def _queries(
    asked: Asked,
    edition: Edition,
    name: str,
    deadline: str,
    converted: bool,
    lines: list[AskedLine],
) -> Grid:
    said = words().letter
    grid = Grid(name, _WIDTHS, hidden_columns=_hidden(asked, len(_WIDTHS)))
    title = said["title"].format(year=asked.year)
    rejected = any(q.finding["severity"] != "query" for q in asked.questions)
    rules = [
        said["todo_rejected" if rejected else "todo"] if asked.questions else said["todo_none"],
        said["deadline"].format(deadline=deadline) if deadline else said["deadline_unknown"],
        said["law"],
        *([said["converted"]] if converted else []),
    ]
    _head(grid, title, _about(asked), asked.simulated, rules)
    headers = [*words().headers[:9], VALUE, WHY, NUMBER]
    grid.lines.append(Line([(header, "header") for header in headers]))
    grid.header = len(grid.lines)
    values: list[str] = []
    for number, question in enumerate(asked.questions, 1):
        for place_number, place in enumerate(question.places[:MOST_PLACES] or (_NOWHERE,)):
            line = _asked_line(question, place, place_number)
            lines.append(line)
            cells = _query_cells(asked, edition, question, place, number, place_number)
            height = _height(cells, _WIDTHS)
            looks = _LOOKS
            grid.lines.append(
                Line(list(zip([*cells, "", "", line.number], looks, strict=True)), height)
            )
            if line.target and not line.target.startswith("cover:"):
                values.append(f"{column_letters(9)}{len(grid.lines)}")
    if values:
        grid.choices.append(_number_choice(values))
    return grid


_NOWHERE = Place("", "", "", "", "", "", "")


def _query_cells(
    asked: Asked, edition: Edition, question: Question, place: Place, number: int, part: int
) -> list[Value]:
    """序号 … 性质 of a line; the further cells of a question stand below it, without a number."""
    if part:
        return [None, _unit(asked, question), place.form, place.name, place.cell, place.shown,
                words().letter["same"].format(number=number), None, None]  # fmt: skip
    finding = question.finding
    problem = finding["message_zh"]
    if finding["likely_cause_zh"]:
        problem = f"{problem}。{words().letter['cause']}{finding['likely_cause_zh']}"
    rule = edition.rule.get(finding["rule_id"])
    shown = place.shown if place.cell else "\n".join(finding["observed"])
    return [
        number, _unit(asked, question), place.form, place.name, place.cell, shown, problem,
        relation(edition, rule) if rule else None, words().natures[question.nature],
    ]  # fmt: skip


def _changes(asked: Asked, name: str, lines: list[AskedLine]) -> Grid:
    """The changes against last year by their weight, each with room for a reason."""
    said = words().changes
    grid = Grid(name, _CHANGE_WIDTHS, hidden_columns=_hidden(asked, len(_CHANGE_WIDTHS)))
    _head(grid, said.title.format(year=asked.year), _about(asked), asked.simulated, [said.todo])
    grid.lines.append(
        Line([(header, "header") for header in (*said.headers, VALUE, REASON, WHY, NUMBER)])
    )
    grid.header = len(grid.lines)
    values = []
    for number, question in enumerate(asked.changes, 1):
        place = question.places[0]
        line = _asked_line(question, place, 0)
        lines.append(line)
        cells: list[tuple[Value, str]] = [
            (number, "centre"), (_unit(asked, question), "text"), (place.form, "text"),
            (place.name, "text"), (place.cell, "text"), *_moved(question),
            (None, "entry"), (None, "entry"), (None, "entry"), (line.number, "text"),
        ]  # fmt: skip
        height = _height([value for value, _ in cells[:-1]], _CHANGE_WIDTHS)
        grid.lines.append(Line(cells, height))
        values.append(f"{column_letters(10)}{len(grid.lines)}")
    grid.choices.append(_number_choice(values))
    return grid


def _moved(question: Question) -> list[tuple[Value, str]]:
    move = question.move
    if move is None:
        return [*((None, "whole") for _ in range(3)), *((None, "percent") for _ in range(2))]
    amounts = (move.before, move.now, move.now - move.before)
    looks = ["whole" if amount == amount.to_integral_value() else "decimal" for amount in amounts]
    shares = (move.rate.quantize(_RATE), move.share.quantize(_RATE))
    return [*zip(amounts, looks, strict=True), *((share, "percent") for share in shares)]


_RATE = Decimal("0.0001")


def _offer_reasons(grid: Grid, letter: Letter) -> None:
    first = grid.header + 1
    said = words().changes
    column = column_letters(11)
    grid.choices.append(
        Choice(
            [f"{column}{first}:{column}{len(grid.lines)}"],
            letter.reason_range(),
            True,
            REASON,
            said.choose,
        )
    )


def _number_choice(cells: list[str]) -> Choice:
    first = cells[0]
    formula = f'OR({first}="-",ISNUMBER(VALUE({first})))'
    return Choice(cells, formula, False, VALUE, words().letter["value"])


def _asked_line(question: Question, place: Place, number: int) -> AskedLine:
    finding = question.finding
    return AskedLine(
        number=f"{finding['finding_id']}.{number}",
        return_id=finding["return_id"],
        rule_id=finding["rule_id"],
        closable=question.closable,
        target=place.target,
        items=tuple(finding["items"]),
        figures=question.code,
        sheet=place.sheet,
        cell=place.cell,
        raw_text=place.raw_text,
    )


def _about(asked: Asked) -> str:
    said = words().letter
    count = len(asked.returns)
    unit = unit_of(asked.returns[0]) if count == 1 else said["several"].format(count=count)
    return said["about"].format(unit=unit, file=asked.file)


def _unit(asked: Asked, question: Question) -> str | None:
    if len(asked.returns) == 1:
        return None
    about = next(r for r in asked.returns if r["return_id"] == question.finding["return_id"])
    return unit_of(about)


def unit_of(about: dict[str, object]) -> str:
    """A unit with its venue, as people are told of it."""
    names = (about["unit_name"] or words().letter["nameless"], about["venue_name"])
    return "—".join(str(name) for name in names if name)


def _hidden(asked: Asked, width: int) -> frozenset[int]:
    """The numbers are out of sight; so is the unit where the file is about one."""
    unit = {_UNIT_COLUMN} if len(asked.returns) == 1 else set()
    return frozenset({width - 1, *unit})


def _head(grid: Grid, title: str, about: str, simulated: bool, rules: Iterable[str]) -> None:
    grid.lines.append(Line([(title, "title")], 27, merged=True))
    if simulated:
        grid.lines.append(Line([(words().letter["simulated"], "mark")], 18, merged=True))
    grid.lines.append(Line([(about, "line")], 17, merged=True))
    width = sum(w for n, w in enumerate(grid.widths) if n not in grid.hidden_columns)
    for text in rules:
        rows = -(-_wide(text) // int(width))
        grid.lines.append(Line([(text, "line")], 16 * rows + 1, merged=True))


def _height(cells: list[Value], widths: Iterable[float]) -> float:
    rows = max(
        (
            _rows(str(value), int(width))
            for value, width in zip(cells, widths, strict=False)
            if value
        ),
        default=1,
    )
    return min(_POINTS * rows + 2, _MOST_POINTS)


def _rows(text: str, width: int) -> int:
    """Lines that a text takes in a column; a Chinese character is two wide."""
    return sum(max(1, -(-_wide(part) // max(width - 1, 1))) for part in text.split("\n"))


def _wide(text: str) -> int:
    return sum(2 if ord(sign) > 0xFF else 1 for sign in text)
