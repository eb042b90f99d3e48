"""图表说明: what every picture of the folder shows, in words, for those who pass it on or cannot
see it; the figures are those of the picture."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.publish.charts import ChartFile
    from pipelines.publish.charts.scene import Scene

FILE = "图表说明.txt"


def write(charts: Iterable[ChartFile], scene: Scene, folder: Path) -> Path:
    """One paragraph a chart; a plain text that opens anywhere."""
    phrases = scene.phrases
    lines = [phrases.listing.format(place=scene.office.place_zh, year=scene.year), ""]
    for chart in charts:
        lines += [chart.path.name, chart.alt_zh]
        if chart.told:
            lines.append(phrases.listing_figures.format(figures="；".join(chart.told)))
        if chart.notes:
            lines.append(phrases.listing_notes.format(notes="".join(chart.notes)))
        cuts = [f"{path.parent.name}/{path.name}" for path in chart.cuts.values()]
        if cuts:
            lines.append(phrases.listing_cuts.format(cuts="、".join(cuts)))
        lines.append("")
    path = folder / FILE
    # With a mark and line ends by which the editors on Windows read it.
    path.write_text("\n".join(lines), encoding="utf-8-sig", newline="\r\n")
    return path
