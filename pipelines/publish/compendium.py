"""资料汇编: the yearbook of a data year, every standard table as a PDF to print and to search.

Which tables, in which parts, on which pages: ``compendium.yaml``.  Tables of many columns lie on
their side; those of very many are split by columns, the rest as 续表.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from pipelines.errors import PublicationError
from pipelines.publish.figures import Figures
from pipelines.publish.office import load_office, words_file
from pipelines.publish.printed import numeral, plain
from pipelines.publish.sentences import load_sentences
from pipelines.publish.table_book import TableBook, TableSpec, load_tables
from pipelines.publish.table_model import MARKS_ZH, Table
from pipelines.publish.tables import build
from pipelines.publish.typesetting import masthead_of, typeset
from pipelines.publish.words import Words

if TYPE_CHECKING:
    from pipelines.indicators import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

_TEMPLATE = "compendium.typ"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Model):
    """Tables named one by one, then those of whole themes but for the excluded."""

    title: str
    themes: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class Compendium(_Model):
    """Everything in compendium.yaml."""

    title_zh: str
    portrait_columns: int = Field(ge=1)
    landscape_columns: int = Field(ge=1)
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    labels: Mapping[str, str]

    def specs(self, book: TableBook) -> list[tuple[str, list[TableSpec]]]:
        """Titles of parts and the tables in them; raises PublicationError for an unknown table."""
        chosen = []
        for part in self.parts:
            unknown = [name for name in (*part.tables, *part.exclude) if name not in book.table]
            if unknown:
                raise PublicationError(
                    f"compendium.yaml 所用的表“{unknown[0]}”不在 tables.yaml 中",
                    "请改正表名或补上该表",
                )
            named = [book.table[name] for name in part.tables]
            of_theme = [
                spec
                for spec in book.tables
                if spec.theme in part.themes
                and (spec.workbook or spec.number_zh)
                and spec.id not in part.exclude
                and spec not in named
            ]
            chosen.append((part.title, named + of_theme))
        return chosen


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    path: Path,
    overlay: Path | None = None,
    *,
    internal: bool = False,
) -> Path:
    """Write the yearbook of a data year to ``path``; the same snapshot gives the same bytes."""
    figures = Figures(snapshot, survey, definitions, year, internal=internal)
    order = load_compendium(overlay)
    office, words = load_office(overlay), Words(figures, load_sentences(overlay))
    title = order.title_zh.format(place=office.place_zh, year=year)
    parts = list(_parts(order, load_tables(overlay), figures, office.source(year)))
    edition = survey.edition_of(year).title_zh
    marks = "；".join(f"“{mark}”表示{meaning}" for mark, meaning in MARKS_ZH.items())
    said = [
        note.format(place=office.place_zh, year=year, edition=edition, marks=marks)
        for note in order.notes
    ]
    content = {
        **masthead_of(figures, office, title),
        "labels": dict(order.labels),
        "notes": [*said, words.response()],
        "nothing": "" if parts else order.labels["nothing"].format(year=year),
        "parts": parts,
    }
    return typeset(_TEMPLATE, content, path, overlay=overlay)


def load_compendium(overlay: Path | None = None) -> Compendium:
    document = words_file("compendium.yaml", overlay, "labels")
    return document.model(Compendium, document.data)


def _parts(
    order: Compendium, book: TableBook, figures: Figures, source: str
) -> Iterator[dict[str, Any]]:
    """Parts that have a table, numbered without a gap; in each, runs of pages of one direction."""
    number = 0
    for title, specs in order.specs(book):
        built = [build(book, spec, figures, source) for spec in specs]
        tables = [table for table in built if table.rows]
        if not tables or figures.is_empty:
            continue
        number += 1
        pieces = list(_pieces(order, tables, number))
        runs = groupby(pieces, key=lambda piece: piece["wide"])
        yield {
            "title": order.labels["part"].format(n=numeral(number), title=title),
            "runs": [{"wide": wide, "tables": list(run)} for wide, run in runs],
        }


def _pieces(order: Compendium, tables: list[Table], part: int) -> Iterator[dict[str, Any]]:
    """What is drawn one by one: tables, and their 续表."""
    number = 0
    for table in tables:
        number += not table.spec.number_zh
        name = table.spec.number_zh or f"表{part}-{number}"
        for n, piece in enumerate(_split(order, table)):
            yield {
                "name": name,
                "id": f"{table.spec.id}-{n}",
                "first": not n,
                "wide": _is_wide(order, piece),
                **plain(piece),
            }


def _split(order: Compendium, table: Table) -> Iterator[Table]:
    """By columns, into as few parts as hold them all, none much narrower than the others."""
    count = len(table.columns)
    most = table.spec.columns_per_part or order.landscape_columns
    parts = max(1, -(-count // most))
    spec = table.spec.model_copy(update={"columns_per_part": -(-count // parts)})
    return replace(table, spec=spec).parts()


def _is_wide(order: Compendium, table: Table) -> bool:
    """The last part of a split table lies as its other parts do."""
    return table.spec.columns_per_part > order.portrait_columns
