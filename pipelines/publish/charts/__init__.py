"""Charts of one data year, chosen in ``charts.yaml``, titled by what their numbers say.

A chart is prepared first (figures, title, notes), laid out second, for the page and for each cut
that the list asks for, and put on paper last.  The same snapshot gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.publish import style
from pipelines.publish.charts import listing, png, svg
from pipelines.publish.charts.boundaries import load_boundaries
from pipelines.publish.charts.boundary_map import boundary_map
from pipelines.publish.charts.canvas import FORMATS, PAGE, Canvas
from pipelines.publish.charts.changes import changes
from pipelines.publish.charts.composition import composition
from pipelines.publish.charts.definition import Chart, ChartBook, load_book
from pipelines.publish.charts.matrix import matrix
from pipelines.publish.charts.panels import panels
from pipelines.publish.charts.pyramid import pyramid
from pipelines.publish.charts.row_forms import findings, pairs, ranking, response
from pipelines.publish.charts.scatter import scatter
from pipelines.publish.charts.scene import Picture, Scene
from pipelines.publish.charts.series import published, series, years
from pipelines.publish.charts.slope import slope
from pipelines.publish.charts.strips import strips
from pipelines.publish.charts.tiles import tiles
from pipelines.publish.figures import Figures
from pipelines.publish.office import load_office
from pipelines.publish.sentences import load_sentences
from pipelines.publish.words import Words

if TYPE_CHECKING:
    from pipelines.indicators import Definitions
    from pipelines.publish.charts.drawing import Drawing
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

_FORMS: dict[str, Callable[[Chart, Scene], Picture]] = {
    "composition": composition,
    "ranking": ranking,
    "pairs": pairs,
    "changes": changes,
    "slope": slope,
    "strips": strips,
    "panels": panels,
    "pyramid": pyramid,
    "scatter": scatter,
    "series": series,
    "years": years,
    "published": published,
    "tiles": tiles,
    "boundary": boundary_map,
    "response": response,
    "findings": findings,
    "matrix": matrix,
}
#: Beside the pictures for the page.
SVG_FOLDER = "矢量图"
CUT_FOLDERS = {"square": "方图（手机）", "wide": "宽图（幻灯）"}


@dataclass(frozen=True, slots=True)
class ChartFile:
    """A chart that was drawn.

    ``caption`` names what is measured; ``title_zh`` what it says; ``alt_zh`` what it shows, for
    those who do not see it; ``blank`` that it has no figure.
    """

    id: str
    path: Path
    title_zh: str
    caption: str
    theme: str
    blank: bool = False
    alt_zh: str = ""
    svg: Path | None = None
    #: PNG by format: ``square``, ``wide``.
    cuts: Mapping[str, Path] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def draw(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    folder: Path,
    overlay: Path | None = None,
    book: ChartBook | None = None,
    *,
    internal: bool = False,
) -> list[ChartFile]:
    """Draw every chart for ``year`` into ``folder``, in the order of the book, with its cuts and a
    list that describes them; ``internal``: those that are for the office itself, and no others.

    The book is the office's own when ``overlay`` has one, unless another is given.  A boundary map
    is drawn only where the office has supplied boundaries.
    """
    scene, charts = _prepared(snapshot, survey, definitions, year, overlay, book, internal)
    cuts = {cut for chart in charts for cut in chart.cuts}
    for below in ("", SVG_FOLDER, *(CUT_FOLDERS[cut] for cut in sorted(cuts))):
        (folder / below).mkdir(parents=True, exist_ok=True)
    drawn = [
        _drawn(chart, scene, folder, f"{n:02d}-{style.THEME_NAMES[chart.theme]}-{chart.file_zh}")
        for n, chart in enumerate(charts, 1)
    ]
    listing.write(drawn, scene, folder)
    return drawn


def drawings(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    overlay: Path | None = None,
    book: ChartBook | None = None,
    *,
    internal: bool = False,
) -> Iterator[tuple[Picture, Drawing]]:
    """What ``draw`` puts on paper: every chart in every format, not yet a file."""
    scene, charts = _prepared(snapshot, survey, definitions, year, overlay, book, internal)
    for chart in charts:
        picture = _FORMS[chart.form](chart, scene)
        for form in ("page", *chart.cuts):
            yield picture, _laid_out(picture, form, scene)


def _prepared(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    overlay: Path | None,
    book: ChartBook | None,
    internal: bool,
) -> tuple[Scene, list[Chart]]:
    book = book or load_book(overlay)
    figures = Figures(snapshot, survey, definitions, year, internal=internal)
    words = Words(figures, load_sentences(overlay))
    boundaries = load_boundaries(overlay, survey)
    scene = Scene(figures, words, load_office(overlay), book.phrases, boundaries)
    charts = [chart for chart in book.charts if chart.internal is internal]
    return scene, [chart for chart in charts if chart.form != "boundary" or boundaries]


def _drawn(chart: Chart, scene: Scene, folder: Path, name: str) -> ChartFile:
    picture = _FORMS[chart.form](chart, scene)
    page = _laid_out(picture, "page", scene)
    path, vector = folder / f"{name}.png", folder / SVG_FOLDER / f"{name}.svg"
    png.write(page, path, PAGE.dpi)
    svg.write(page, vector)
    cuts: dict[str, Path] = {}
    for form in chart.cuts:
        cuts[form] = folder / CUT_FOLDERS[form] / f"{name}.png"
        png.write(_laid_out(picture, form, scene), cuts[form], FORMATS[form].dpi)
    return ChartFile(
        chart.id, path, picture.title, chart.caption, chart.theme, picture.blank, picture.alt,
        vector, cuts, (*picture.notes, *picture.sources), picture.told,
    )  # fmt: skip


def _laid_out(picture: Picture, form: str, scene: Scene) -> Drawing:
    return Canvas(picture, FORMATS[form], scene.marks(picture.chart)).laid_out()


__all__ = ["CUT_FOLDERS", "SVG_FOLDER", "ChartBook", "ChartFile", "draw", "drawings", "load_book"]
