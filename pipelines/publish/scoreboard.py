"""措施监测表.xlsx: the measures of the plan, what the statistics say of each, and whose they are.

Internal: it shows every department's figures as they are.  All of it comes from ``measure_scores``,
and from ``measure_progress`` where a 督查台账 has been collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.publish.list_book import Cell, Figure, Head, Line, Sheet, lines, list_book
from pipelines.publish.measure_board import HeatCell, MeasureBoard, Row, standing
from pipelines.publish.office import load_office
from pipelines.publish.scoreboard_words import SHADES, ScoreWords, load_words
from pipelines.warehouse.oversight import STATES

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.survey.plan import Measure, ResponsibleUnit
    from pipelines.warehouse import Snapshot

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
    words, office = load_words(overlay), load_office(overlay)
    book_of = _Book(MeasureBoard(snapshot, survey, year, words), definitions)
    title = words.scoreboard_title_zh.format(place=office.place_zh, year=year)
    marks = standing(snapshot, year, office, words)
    with list_book(path, title, office.office_zh, marks) as book:
        for sheet in book_of.sheets(title):
            book.write(sheet)
    return path


@dataclass(frozen=True)
class _Book:
    """The sheets of the workbook."""

    board: MeasureBoard
    definitions: Definitions

    @property
    def words(self) -> ScoreWords:
        return self.board.words

    @property
    def survey(self) -> Survey:
        return self.board.survey

    @property
    def year(self) -> int:
        return self.board.year

    def sheets(self, title: str) -> Iterator[Sheet]:
        yield self.overview(title)
        yield self.heat()
        yield self.wholes()
        yield self.units()
        if self.board.progress:
            yield self.progress()

    def overview(self, title: str) -> Sheet:
        """A line a measure."""
        heads = (
            Head("序号", 6, "center"), Head("章", 24), Head("措施", 40),
            Head("可否度量", 13, "center"), Head("指标数", 8), Head("有数", 8), Head("上升", 8),
            Head("持平", 8), Head("下降", 8), Head("不可比", 8), Head("责任单位", 8),
            Head("责任单位回收率（最低）%", 13), *self._progress_heads(), Head("说明", 56),
        )  # fmt: skip
        return Sheet(
            "措施一览", title, heads,
            lines(self._measure(measure) for measure in self.survey.measures),
            (*self.words.notes.overview, *self.board.progress_notes),
            frozen_columns=3, large=True, one_page=True,
        )  # fmt: skip

    def _progress_heads(self) -> list[Head]:
        """Counts of what the units report, where there is a ledger at all."""
        if not self.board.progress:
            return []
        return [Head("督查应报", 8), *(Head(said, 8) for said in self.words.standing.values())]

    def _measure(self, measure: Measure) -> list[Cell]:
        found = [r for r in self.board.wholes_of(measure.number) if r["indicator_id"]]
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
        units = {row["subject_id"]: row for row in self.board.units_of(measure.number)}
        rates = [r["response_rate"] for r in units.values() if r["response_rate"] is not None]
        return [
            str(measure.number),
            self.board.chapters[measure.chapter],
            measure.title_zh,
            self.words.measurability[measure.measurability],
            *(counts if found else [None] * len(counts)),
            Figure(Decimal(len(measure.units))) if measure.units else "未列",
            Figure(100 * min(rates), 1) if rates else None,
            *self._progress_counts(measure),
            measure.note_zh + (_OPEN_LIST if measure.open_list else ""),
        ]

    def _progress_counts(self, measure: Measure) -> list[Cell]:
        if not self.board.progress:
            return []
        found = [row["standing"] for row in self.board.progress_of(measure.number)]
        if not found:
            return [None] * (1 + len(self.words.standing))
        counts = (len(found), *(found.count(name) for name in self.words.standing))
        return [Figure(Decimal(count)) for count in counts]

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
            "热力图", title, heads, (first, *rest),
            self.board.heat_notes, frozen_columns=2,
            upright_from=2, large=True, one_page=True,
        )  # fmt: skip

    def _response_line(self, units: tuple[ResponsibleUnit, ...]) -> Line:
        cells: list[Cell] = ["", "回收率%"]
        for unit in units:
            rate = self.board.responses.get(unit.unit_id, {}).get("response_rate")
            cells.append(None if rate is None else Figure(100 * rate, 0))
        return Line(
            tuple(cells), bold=True, shades=_shades(self.board.response_cell(u) for u in units)
        )

    def _heat_line(self, measure: Measure, units: tuple[ResponsibleUnit, ...]) -> Line:
        found = [self.board.cell(measure, unit) for unit in units]
        texts = (None if cell is None else cell.text for cell in found)
        return Line((str(measure.number), measure.title_zh, *texts), shades=_shades(found))

    def wholes(self) -> Sheet:
        """A line an indicator of a measure: the province's, or the system's, figures."""
        found = [row for row in self.board.rows if row["scope"] != "unit"]
        return Sheet(
            "指标明细", f"{self.year}年度各措施的统计指标", self._detail_heads("范围", 16),
            lines(self._detail(row) for row in found), self.words.notes.overview, frozen_columns=4,
        )  # fmt: skip

    def units(self) -> Sheet:
        """A line an indicator of a measure and responsible unit."""
        found = [row for row in self.board.rows if row["scope"] == "unit"]
        return Sheet(
            "责任单位明细", f"{self.year}年度各措施责任单位的统计指标",
            self._detail_heads("责任单位", 26), lines(self._detail(row) for row in found),
            self.words.notes.overview, frozen_columns=4,
        )  # fmt: skip

    def progress(self) -> Sheet:
        """A line a measure and unit of the ledger: what the unit itself reports."""
        heads = (
            Head("序号", 6, "center"), Head("措施", 30), Head("责任单位", 26),
            Head("进展判断", 10, "center"), Head("报送", 9, "center"), Head("完成程度%", 9),
            Head("完成时限", 12, "center"), Head("进展情况", 46), Head("目标量化值", 10),
            Head("已完成量化值", 10), Head("佐证件数", 8), Head("佐证材料", 24),
            Head("下一步安排", 24), Head("填表日期", 12, "center"), Head("未了结", 8),
        )  # fmt: skip
        return Sheet(
            "督查进展", f"{self.year}年度各措施责任单位报送的进展", heads,
            lines(self._report(row) for row in self.board.progress), self.board.progress_notes,
            frozen_columns=3,
        )  # fmt: skip

    def _report(self, row: Row) -> list[Cell]:
        target, done, files = (
            _plain(row[name]) for name in ("target_value", "done_value", "evidence_files")
        )
        return [
            str(row["measure"]),
            row["title_zh"],
            row["unit_zh"],
            self.words.standing[row["standing"]],
            STATES[row["state"]],
            _plain(row["completion"]),
            row["deadline_zh"],
            row["progress_zh"],
            target,
            done,
            files,
            row["evidence_zh"],
            row["next_step_zh"],
            row["fill_date"].isoformat() if row["fill_date"] else "",
            None if row["open_findings"] is None else Figure(Decimal(row["open_findings"])),
        ]

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
            yield from (_plain(row["value"]), None, row["unit"], "", None, "")
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


def _plain(value: Decimal | None) -> Cell:
    """A figure that a unit reports, whole where it is."""
    if value is None:
        return None
    return Figure(value, 0 if value == value.to_integral_value() else 2)


def _shades(cells: Iterable[HeatCell | None]) -> dict[int, str]:
    """Background colours of a line of the heat map, whose squares begin in the third column."""
    return {column: SHADES[cell.shade] for column, cell in enumerate(cells, 2) if cell}
