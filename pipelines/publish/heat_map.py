"""措施热力图.png: measures down, responsible units across, in the look of our charts.

The same squares as in the workbook; internal, and marked so across the picture.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import Place, PublicationError
from pipelines.publish import style
from pipelines.publish.charts import png
from pipelines.publish.charts.canvas import EDGE, Canvas, Format
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import widest
from pipelines.publish.charts.scene import Picture
from pipelines.publish.measure_board import HeatCell, MeasureBoard, standing
from pipelines.publish.office import load_office
from pipelines.publish.scoreboard_words import SHADES, load_words

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.survey.plan import Measure, ResponsibleUnit
    from pipelines.warehouse import Snapshot

_ROW_MM, _LETTER_MM, _GAP_MM = 4.4, 2.75, 1.2


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    path: Path,
    overlay: Path | None = None,
) -> Path:
    """Draw the heat map of a data year."""
    words, office = load_words(overlay), load_office(overlay)
    board = MeasureBoard(snapshot, survey, year, words)
    squares = _Squares(board)
    picture = _picture(squares, office.place_zh)
    sheet = Format("sheet", squares.width, None, style.DPI, 20)
    marks = standing(snapshot, year, office, words)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        png.write(Canvas(picture, sheet, marks).laid_out(), path, sheet.dpi)
    except OSError as error:
        raise PublicationError(
            f"{path.stem}写不出（{error}）", "请关闭正在打开的同名文件后重试", Place(file=path.name)
        ) from error
    return path


def _picture(squares: _Squares, place: str) -> Picture:
    board, words = squares.board, squares.board.words.picture
    counted = Counter(cell.shade for _, _, cell in squares.filled)
    counts = {shade: counted[shade] for shade in SHADES}
    facts = {"all": counted.total(), "year": board.year, "place": place, **counts}
    judged = counted.total() - counted["none"]
    title = (words.title if judged else words.nothing).format(**facts)
    chart = Chart(
        id="measures", file_zh=words.caption, theme="quality", form="matrix",
        caption=words.caption, titles=(title,), subtitle=words.subtitle,
    )  # fmt: skip
    told = tuple(f"{m.title_zh}：{u.name_zh}{cell.text}" for m, u, cell in squares.filled)
    return Picture(
        chart, title, words.subtitle.format(**facts), board.heat_notes,
        squares.height, squares.paint, blank=not squares.filled,
        alt=f"{words.caption}：{title}", told=told,
    )  # fmt: skip


@dataclass(frozen=True)
class _Squares:
    """The squares of the map and where they stand."""

    board: MeasureBoard

    @cached_property
    def filled(self) -> list[tuple[Measure, ResponsibleUnit, HeatCell]]:
        survey = self.board.survey
        return [
            (measure, unit, cell)
            for measure in survey.measures
            for unit in survey.units
            if (cell := self.board.cell(measure, unit))
        ]

    @cached_property
    def names(self) -> dict[int, str]:
        return {m.number: f"{m.number}　{m.title_zh}" for m in self.board.survey.measures}

    @property
    def head(self) -> float:
        longest = max((len(unit.name_zh) for unit in self.board.survey.units), default=0)
        return longest * _LETTER_MM + 2 * _GAP_MM

    @property
    def height(self) -> float:
        return self.head + _ROW_MM * (1 + len(self.names))

    @property
    def stub(self) -> float:
        """Room for the names of the measures."""
        return widest([*self.names.values()], style.NOTE) + 2 * _GAP_MM

    @property
    def width(self) -> float:
        """As wide as the widest word in a square asks for, and never less than a page's text."""
        units = self.board.survey.units
        texts = [cell.text for _, _, cell in self.filled]
        texts += [cell.text for unit in units if (cell := self.board.response_cell(unit))]
        across = (widest(texts, style.NOTE) + 2 * _GAP_MM) * len(units)
        return max(float(style.CHART_WIDTH_MM), 2 * EDGE + self.stub + across)

    def paint(self, canvas: Canvas) -> None:
        survey = self.board.survey
        left = canvas.left + self.stub
        wide = (canvas.right - left) / max(1, len(survey.units))
        top = canvas.top + self.head
        across = {unit.unit_id: left + n * wide for n, unit in enumerate(survey.units)}
        down = {m.number: top + (n + 1) * _ROW_MM for n, m in enumerate(survey.measures)}
        for unit in survey.units:
            self._upright(canvas, across[unit.unit_id] + wide / 2, unit.name_zh)
            if cell := self.board.response_cell(unit):
                _square(canvas, across[unit.unit_id], top, wide, cell)
        self._name(canvas, left, top, self.board.words.picture.response)
        for number, y in down.items():
            self._name(canvas, left, y, self.names[number])
            ends = [(canvas.left, y), (canvas.right, y)]
            canvas.line(ends, style.PALE, 0.4)
        for measure, unit, cell in self.filled:
            _square(canvas, across[unit.unit_id], down[measure.number], wide, cell)

    def _upright(self, canvas: Canvas, x: float, name: str) -> None:
        """A name from top to bottom, ending above its column."""
        for n, letter in enumerate(name):
            y = canvas.top + _GAP_MM + (n + 0.5) * _LETTER_MM
            canvas.text(x, y, letter, style.NOTE, style.GREY, "middle")

    def _name(self, canvas: Canvas, left: float, y: float, name: str) -> None:
        middle = y + _ROW_MM / 2
        canvas.text(canvas.left, middle, name, style.NOTE, style.INK)


def _square(canvas: Canvas, x: float, y: float, wide: float, cell: HeatCell) -> None:
    canvas.box(x + 0.2, y + 0.2, wide - 0.4, _ROW_MM - 0.4, SHADES[cell.shade])
    middle = (x + wide / 2, y + _ROW_MM / 2)
    canvas.text(*middle, cell.text, style.NOTE, style.readable_on(SHADES[cell.shade]), "middle")
