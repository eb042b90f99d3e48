"""PNG charts of one data year, chosen in ``charts.yaml``, titled by what their numbers say.

A chart is prepared first (figures, title, notes) and painted second, so that the bold face can be
cut to the titles and one figure object serves all charts.  The same snapshot gives the same bytes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pipelines.publish import fonts, style
from pipelines.publish.charts.changes import changes
from pipelines.publish.charts.composition import composition
from pipelines.publish.charts.definition import Chart, ChartBook, load_book
from pipelines.publish.charts.matrix import matrix
from pipelines.publish.charts.row_forms import findings, pairs, ranking, response
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.publish.charts.series import published, series
from pipelines.publish.charts.tiles import tiles
from pipelines.publish.figures import Figures
from pipelines.publish.office import load_office
from pipelines.publish.sentences import load_sentences
from pipelines.publish.words import Words

if TYPE_CHECKING:
    from pipelines.indicators import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

_FORMS: dict[str, Callable[[Chart, Scene], Picture]] = {
    "composition": composition,
    "ranking": ranking,
    "pairs": pairs,
    "changes": changes,
    "series": series,
    "published": published,
    "tiles": tiles,
    "response": response,
    "findings": findings,
    "matrix": matrix,
}


@dataclass(frozen=True, slots=True)
class ChartFile:
    """A chart that was drawn.

    ``caption`` names what is measured; ``title_zh`` what it says; ``blank`` that it has no figure.
    """

    id: str
    path: Path
    title_zh: str
    caption: str
    theme: str
    blank: bool = False


def draw(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    folder: Path,
    overlay: Path | None = None,
    book: ChartBook | None = None,
) -> list[ChartFile]:
    """Draw every chart for ``year`` into ``folder``, in the order of the book.

    The book is the office's own when ``overlay`` has one, unless another is given.
    """
    book = book or load_book(overlay)
    figures = Figures(snapshot, survey, definitions, year)
    words = Words(figures, load_sentences(overlay))
    scene = Scene(figures, words, load_office(overlay), book.phrases)
    charts = book.charts
    pictures = [_FORMS[chart.form](chart, scene) for chart in charts]
    folder.mkdir(parents=True, exist_ok=True)
    paths = [
        folder / f"{n:02d}-{style.THEME_NAMES[chart.theme]}-{chart.file_zh}.png"
        for n, chart in enumerate(charts, 1)
    ]
    _paint_all(zip(pictures, paths, strict=True), _marks(scene))
    return [
        ChartFile(p.chart.id, path, p.title, p.chart.caption, p.chart.theme, p.blank)
        for p, path in zip(pictures, paths, strict=True)
    ]


def _marks(scene: Scene) -> tuple[str, ...]:
    figures, office = scene.figures, scene.office
    marks = [office.simulated_zh] if figures.simulated else []
    return (*marks, office.provisional_zh) if figures.provisional else tuple(marks)


def _paint_all(pictures: Iterable[tuple[Picture, Path]], marks: tuple[str, ...]) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure as Sheet

    from pipelines.publish.charts.canvas import MARK_JOINT, Canvas

    fonts.register_with_matplotlib()
    todo = list(pictures)
    spoken = MARK_JOINT.join([*marks, *(picture.title for picture, _ in todo)])
    # A font file that Windows still holds open cannot be removed; the system clears it later.
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        matplotlib.rc_context(cast("Any", style.chart_settings())),
        fonts.strict_glyphs(),
    ):
        bold = fonts.cut_bold(spoken, Path(folder))
        sheet = Sheet()
        for picture, path in todo:
            canvas = Canvas(sheet, picture, bold, marks if picture.chart.shows_returns else ())
            picture.paint(canvas)
            canvas.stamp()
            sheet.savefig(path, metadata={"Software": "kepu"})


__all__ = ["ChartBook", "ChartFile", "draw", "load_book"]
