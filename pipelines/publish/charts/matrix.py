"""Form “matrix”: 主管部门 × 市（州）, who has reported of how many that were to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.publish import style
from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.drawing import widest
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.survey.quantities import readable

if TYPE_CHECKING:
    from pipelines.publish.charts.canvas import Canvas

_ROW_MM = 5.2
_HEAD_MM = 7.0
#: Shares from which a cell is of the better classes.
_GOOD, _FAIR = Decimal("0.95"), Decimal("0.8")
#: The darker, the more is missing: read in grey print too.
_SHADES = {"good": style.PALE, "fair": "#F3C9A8", "poor": "#DD8452", "none": style.PAPER}
_WHOLE = ""


@dataclass(frozen=True)
class Cell:
    """How many of how many; nothing expected and nothing sent is no cell."""

    expected: int
    reported: int
    came: int

    @property
    def text(self) -> str:
        if self.expected:
            return f"{self.reported}/{self.expected}"
        return str(self.came) if self.came else ""

    @property
    def shade(self) -> str:
        if not self.expected:
            return _SHADES["none"]
        rate = Decimal(self.reported) / self.expected
        return _SHADES["good" if rate >= _GOOD else "fair" if rate >= _FAIR else "poor"]


def matrix(chart: Chart, scene: Scene) -> Picture:
    """Departments down, prefectures across, sums first; only what was expected or came."""
    survey, year = scene.figures.survey, scene.year
    found = scene.figures.snapshot.rows(
        "SELECT * FROM response_matrix WHERE year = ? ORDER BY prefecture_code, department_id",
        [year],
    )
    across = {place.code: place.name_zh for place in survey.divisions.prefectures(year)}
    down = {one.department_id: one.name_zh for one in survey.departments.active(year)}
    columns = _present(across, [row["prefecture_code"] for row in found], scene)
    lines = _present(down, [row["department_id"] for row in found], scene)
    cells = {
        (line, column): _sum(
            [
                row
                for row in found
                if line in (_WHOLE, _known(row["department_id"], down))
                and column in (_WHOLE, _known(row["prefecture_code"], across))
            ]
        )
        for line in lines
        for column in columns
    }
    whole = cells[_WHOLE, _WHOLE]
    poor = sum(cell.shade == _SHADES["poor"] for at, cell in cells.items() if _WHOLE not in at)
    rate = Decimal(100 * whole.reported) / whole.expected if whole.expected else None
    facts = {
        "rate": None if rate is None else str(readable(rate, "%", 1)),
        "missing": str(whole.expected - whole.reported) if whole.expected else None,
        "poor": str(poor) if poor else None,
        "came": str(whole.came) if found else None,
    }
    painter = _Painter(lines, columns, cells)
    height = _HEAD_MM + _ROW_MM * len(lines)
    told = [f"{name}{cells[line, _WHOLE].text}" for line, name in lines.items()]
    return scene.picture(chart, facts, height, painter.paint, blank=not found, told=told)


_UNKNOWN = "?"


def _known(code: str, names: dict[str, str]) -> str:
    return code if code in names else _UNKNOWN


def _present(names: dict[str, str], codes: Sequence[str], scene: Scene) -> dict[str, str]:
    """The whole, then what occurs in official order, then what is not known."""
    held = set(codes)
    found = {_WHOLE: scene.phrases.matrix_whole}
    found |= {code: name for code, name in names.items() if code in held}
    if held - names.keys():
        found[_UNKNOWN] = scene.phrases.matrix_unknown
    return found


def _sum(rows: Sequence[dict[str, Any]]) -> Cell:
    return Cell(
        sum(row["expected"] for row in rows),
        sum(row["reported"] for row in rows),
        sum(row["accepted"] + row["queried"] for row in rows),
    )


@dataclass(frozen=True)
class _Painter:
    lines: dict[str, str]
    columns: dict[str, str]
    cells: dict[tuple[str, str], Cell]

    def paint(self, canvas: Canvas) -> None:
        left = canvas.left + widest([*self.lines.values()], style.NOTE) + 1.5
        wide = (canvas.right - left) / len(self.columns)
        top = canvas.top + _HEAD_MM
        tall = (canvas.bottom - top) / len(self.lines)
        for n, name in enumerate(self.columns.values()):
            x = left + (n + 0.5) * wide
            canvas.text(x, top - _HEAD_MM / 2, _short(name), style.NOTE, style.GREY, "middle")
        for n, (line, name) in enumerate(self.lines.items()):
            y = top + (n + 0.5) * tall
            ink = style.INK if line == _WHOLE else style.GREY
            canvas.text(left - 1.2, y, name, style.NOTE, ink, "right")
            for m, column in enumerate(self.columns):
                x, cell = left + m * wide, self.cells[line, column]
                canvas.box(x + 0.2, y - tall * 0.44, wide - 0.4, tall * 0.88, cell.shade,
                           style.PALE)  # fmt: skip
                ink = style.readable_on(cell.shade)
                canvas.text(x + wide / 2, y, cell.text, style.NOTE, ink, "middle")


def _short(name: str) -> str:
    """A place without its kind, to stand over a narrow column: 延边朝鲜族自治州 → 延边."""
    for ending in ("朝鲜族自治州", "保护开发区", "市"):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name
