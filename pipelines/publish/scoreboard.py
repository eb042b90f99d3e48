"""措施监测表.xlsx: the measures of the plan, what the statistics say of each, and whose they are.

Internal: it shows every department's figures as they are.  All of it comes from ``measure_scores``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.publish.list_book import Cell, Figure, Head, Line, Sheet, lines, list_book
from pipelines.publish.office import Office, load_office
from pipelines.publish.scoreboard_words import Classes, ScoreWords, load_words

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.survey.plan import Measure, ResponsibleUnit
    from pipelines.warehouse import Snapshot

Row = dict[str, Any]

_SHADES = {"good": "#CFE6D6", "fair": "#FBE9AE", "poor": "#F0BFB1", "none": "#EEF1F4"}
_UNIT_WIDTH = 4.6
_OPEN_LIST = "方案中责任单位的名单不封闭（“等”）。"


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    path: Path,
    overlay: Path | None = None,
) -> Path:
    """Write the scoreboard of a data year."""
    board = _Board(snapshot, survey, definitions, year, load_words(overlay))
    office = load_office(overlay)
    title = board.words.scoreboard_title_zh.format(place=office.place_zh, year=year)
    marks = standing(snapshot, year, office, board.words)
    with list_book(path, title, office.office_zh, marks) as book:
        for sheet in (board.overview(title), board.heat(), board.wholes(), board.units()):
            book.write(sheet)
    return path


def standing(snapshot: Snapshot, year: int, office: Office, words: ScoreWords) -> list[str]:
    """What must be said on every page: internal, and made up where it is."""
    made_up = snapshot.rows(
        "SELECT count(*) AS n FROM returns WHERE simulated AND year IN (?, ?)", [year, year - 1]
    )[0]["n"]
    return [words.internal_zh, *([office.simulated_zh] if made_up else [])]


@dataclass(frozen=True)
class _Board:
    snapshot: Snapshot
    survey: Survey
    definitions: Definitions
    year: int
    words: ScoreWords

    @cached_property
    def rows(self) -> list[Row]:
        return self.snapshot.rows(
            "SELECT * FROM measure_scores WHERE year = ?"
            ' ORDER BY measure, scope, subject_id, "order"',
            [self.year],
        )

    @cached_property
    def chapters(self) -> dict[int, str]:
        return {chapter.number: chapter.title_zh for chapter in self.survey.plan.chapters}

    @cached_property
    def responses(self) -> dict[str, Row]:
        """Response by responsible unit."""
        return {row["subject_id"]: row for row in self.rows if row["scope"] == "unit"}

    def of(self, measure: int, *scopes: str, subject: str = "") -> list[Row]:
        return [
            row
            for row in self.rows
            if row["measure"] == measure
            and row["scope"] in scopes
            and subject in ("", row["subject_id"])
        ]

    def overview(self, title: str) -> Sheet:
        """A line a measure."""
        heads = (
            Head("序号", 6, "center"), Head("章", 24), Head("措施", 40),
            Head("可否度量", 13, "center"), Head("指标数", 8), Head("有数", 8), Head("上升", 8),
            Head("持平", 8), Head("下降", 8), Head("不可比", 8), Head("责任单位", 8),
            Head("责任单位回收率（最低）%", 13), Head("说明", 56),
        )  # fmt: skip
        return Sheet(
            "措施一览", title, heads,
            lines(self._measure(measure) for measure in self.survey.measures),
            self.words.notes.overview, frozen_columns=3, one_page=True,
        )  # fmt: skip

    def _measure(self, measure: Measure) -> list[Cell]:
        found = [r for r in self.of(measure.number, "province", "system") if r["indicator_id"]]
        measured = [row for row in found if row["status"] == "measured"]
        moved = [row["direction"] for row in measured]
        counts: list[Cell] = [
            Figure(Decimal(n))
            for n in (
                len(found),
                len(measured),
                *(moved.count(way) for way in ("up", "flat", "down", "")),
            )
        ]
        units = {row["subject_id"]: row for row in self.of(measure.number, "unit")}
        rates = [r["response_rate"] for r in units.values() if r["response_rate"] is not None]
        return [
            str(measure.number),
            self.chapters[measure.chapter],
            measure.title_zh,
            self.words.measurability[measure.measurability],
            *(counts if found else [None] * len(counts)),
            Figure(Decimal(len(measure.units))) if measure.units else "未列",
            Figure(100 * min(rates), 1) if rates else None,
            measure.note_zh + (_OPEN_LIST if measure.open_list else ""),
        ]

    def heat(self) -> Sheet:
        """Measures down, responsible units across; the response of each unit on top."""
        units = self.survey.units
        heads = (
            Head("序号", 5, "center"),
            Head("措施", 46),
            *(Head(unit.name_zh, _UNIT_WIDTH, "center") for unit in units),
        )
        first = self._response_line(units)
        rest = [self._heat_line(measure, units) for measure in self.survey.measures]
        title = f"{self.year}年度措施与责任单位：与上年相比上升的指标"
        return Sheet(
            "热力图", title, heads, (first, *rest), self.words.notes.heat, frozen_columns=2,
            upright_from=2, large=True, one_page=True,
        )  # fmt: skip

    def _response_line(self, units: tuple[ResponsibleUnit, ...]) -> Line:
        cells: list[Cell] = ["", "回收率%"]
        shades: dict[int, str] = {}
        for column, unit in enumerate(units, 2):
            rate = self.responses.get(unit.unit_id, {}).get("response_rate")
            cells.append(None if rate is None else Figure(100 * rate, 0))
            if rate is not None:
                shades[column] = _shade(self.words.classes.response, rate)
        return Line(tuple(cells), bold=True, shades=shades)

    def _heat_line(self, measure: Measure, units: tuple[ResponsibleUnit, ...]) -> Line:
        cells: list[Cell] = [str(measure.number), measure.title_zh]
        shades: dict[int, str] = {}
        for column, unit in enumerate(units, 2):
            found = self.of(measure.number, "unit", subject=unit.unit_id)
            text, shade = self._heat_cell(found)
            cells.append(text)
            if shade:
                shades[column] = shade
        return Line(tuple(cells), shades=shades)

    def _heat_cell(self, found: list[Row]) -> tuple[str | None, str]:
        """How many of the comparable indicators rose; nothing where the unit is not responsible."""
        if not found:
            return None, ""
        comparable = [
            row["direction"]
            for row in found
            if row["direction"] and (row["value"] or row["last_value"])
        ]
        if comparable:
            rising, of = comparable.count("up"), len(comparable)
            return f"{rising}/{of}", _shade(self.words.classes.rising, Decimal(rising) / of)
        words, statuses = self.words.heat, {row["status"] for row in found}
        if statuses == {"no_statistic"}:
            return words.no_statistic, _SHADES["none"]
        if "no_department" in statuses:
            return words.no_department, _SHADES["none"]
        return words.nothing, _SHADES["none"]

    def wholes(self) -> Sheet:
        """A line an indicator of a measure: the province's, or the system's, figures."""
        found = [row for row in self.rows if row["scope"] != "unit"]
        return Sheet(
            "指标明细", f"{self.year}年度各措施的统计指标", self._detail_heads("范围", 16),
            lines(self._detail(row) for row in found), self.words.notes.overview, frozen_columns=4,
        )  # fmt: skip

    def units(self) -> Sheet:
        """A line an indicator of a measure and responsible unit."""
        found = [row for row in self.rows if row["scope"] == "unit"]
        return Sheet(
            "责任单位明细", f"{self.year}年度各措施责任单位的统计指标",
            self._detail_heads("责任单位", 26), lines(self._detail(row) for row in found),
            self.words.notes.overview, frozen_columns=4,
        )  # fmt: skip

    def _detail_heads(self, subject: str, width: float) -> tuple[Head, ...]:
        return (
            Head("序号", 6, "center"), Head("措施", 30), Head(subject, width), Head("指标", 34),
            Head("度量", 7, "center"), Head("情况", 15, "center"), Head(f"{self.year}年", 15),
            Head(f"{self.year - 1}年", 15), Head("单位", 8, "center"), Head("变化", 9, "center"),
            Head("比上年", 13), Head("增减单位", 10, "center"), Head("部门位次", 9),
            Head("有数部门", 9), Head("应报", 8), Head("回收率%", 9), Head("说明", 50),
        )  # fmt: skip

    def _detail(self, row: Row) -> list[Cell]:
        words = self.words
        return [
            str(row["measure"]),
            row["title_zh"],
            row["subject_zh"],
            row["name_zh"],
            words.fit.get(row["fit"], ""),
            words.status[row["status"]],
            *self._values(row),
            *(None if row[n] is None else Figure(Decimal(row[n])) for n in ("rank", "ranked")),
            None if row["units_expected"] is None else Figure(Decimal(row["units_expected"])),
            None if row["response_rate"] is None else Figure(100 * row["response_rate"], 1),
            row["note_zh"],
        ]

    def _values(self, row: Row) -> Iterator[Cell]:
        if row["status"] != "measured":
            yield from (None, None, row["unit"], "", None, "")
            return
        definition = self.definitions[row["indicator_id"]]
        pair = [value for value in (row["value"], row["last_value"]) if value is not None]
        whole = definition.kind == "level" and all(v == v.to_integral_value() for v in pair)
        decimals = 0 if whole else max(definition.decimals, 2)
        yield Figure(row["value"], decimals)
        yield None if row["last_value"] is None else Figure(row["last_value"], decimals)
        yield row["unit"]
        kind = row["change_kind"]
        yield self.words.direction.get(row["direction"], self.words.change.get(kind, ""))
        if row["change"] is None:
            yield from (None, "")
            return
        percent = kind == "rate"
        yield Figure(row["change"], 2 if percent or kind == "points" else decimals, signed=True)
        yield "%" if percent else "个百分点" if kind == "points" else row["unit"]


def _shade(classes: Classes, share: Decimal) -> str:
    return _SHADES[classes.of(share)]
