"""The report page: one HTML file that opens from a disk, asks nothing of a network, and runs.

page.yaml    what it shows, in which order and words     book, vocabulary
figures      as text, rounded and marked                 columns, classes, catalogue, content
page.html    the page before any script runs; page.css   assembly
script/      what sorts, searches and draws              vendor/echarts draws the charts
links        the other files of the release
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.publish.figures import Figures
from pipelines.publish.office import load_office
from pipelines.publish.page.assembly import assemble
from pipelines.publish.page.book import load_book
from pipelines.publish.page.catalogue import LEADERS, TRAILERS, WHOLE
from pipelines.publish.page.content import Content
from pipelines.publish.page.links import Link, grouped_links, links_about
from pipelines.publish.sentences import load_sentences
from pipelines.publish.table_book import load_tables
from pipelines.publish.words import Words
from pipelines.warehouse.publication import storage_errors

if TYPE_CHECKING:
    from pipelines.indicators import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

FILE = "index.html"


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    links: Sequence[Link],
    folder: Path,
    overlay: Path | None = None,
) -> Path:
    """Write the page of a data year into ``folder``, where the files it links to lie.

    Only what may be published is in it; the same snapshot and files give the same bytes.
    """
    tables = load_tables(overlay)
    page = load_book(tables, overlay)
    sentences = load_sentences(overlay)
    own = {
        LEADERS: page.patterns.leaders,
        TRAILERS: page.patterns.trailers,
        WHOLE: page.patterns.whole,
    }
    sentences = sentences.model_copy(update={"patterns": {**sentences.patterns, **own}})
    words = Words(Figures(snapshot, survey, definitions, year), sentences)
    content = Content(words, page, load_office(overlay), tables)
    content.check()
    files = grouped_links(links, folder, page.words)
    data = content.data() | {"files": links_about(links, folder, page.words)}
    context = {
        **content.head(),
        "w": page.words,
        "groups": data["groups"],
        "members": data["members"],
        "first_table": data["tables"][0] if data["tables"] else {"title": "", "ids": []},
        "indicators": data["indicators"],
        "states": data["states"],
        "links": files,
    }
    path = folder / FILE
    with storage_errors(path):
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(assemble(context, data).encode())
    return path


__all__ = ["FILE", "Link", "write"]
