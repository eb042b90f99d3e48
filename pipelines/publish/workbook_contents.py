"""What both editions of 指标表 hold: the tables in order, and what is said of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.publish.figures import Figures
from pipelines.publish.office import Office, load_office
from pipelines.publish.sentences import load_sentences
from pipelines.publish.table_book import load_tables
from pipelines.publish.table_model import MARKS_ZH, Table
from pipelines.publish.tables import build
from pipelines.publish.words import Words
from pipelines.publish.workbook_words import WorkbookWords, load_workbook_words

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Contents:
    """The tables of a year's workbook with their numbers, and the words around them."""

    figures: Figures
    office: Office
    words: WorkbookWords
    response: str
    tables: tuple[tuple[str, Table], ...]

    @property
    def title(self) -> str:
        return self.office.workbook_title(self.figures.year)

    @cached_property
    def marks(self) -> tuple[str, ...]:
        """What every sheet and every printed page must show."""
        return tuple(short for short, _ in self._standing())

    @property
    def standing(self) -> tuple[str, ...]:
        """The same with its reason, before anything else is said."""
        return tuple(f"{short}：{note}" for short, note in self._standing())

    def _standing(self) -> Iterator[tuple[str, str]]:
        office, figures = self.office, self.figures
        if figures.internal:
            yield office.internal_zh, office.internal_note_zh
        if figures.simulated:
            yield office.simulated_zh, office.simulated_note_zh
        if figures.provisional:
            yield office.provisional_zh, office.provisional_note_zh

    def facts(self, edition: str) -> list[tuple[str, str]]:
        """Heading and text of everything that the cover says; nothing empty."""
        figures, words = self.figures, self.words
        scope = figures.survey.edition_of(figures.year).title_zh
        marks = (words.mark.format(mark=m, meaning=said) for m, said in MARKS_ZH.items())
        said = {
            "office": self.office.office_zh,
            "year": words.year.format(year=figures.year, last=figures.year - 1),
            "scope": self.office.scope_zh.format(edition=scope),
            "response": self.response,
            "as_of": figures.meta.get("data_as_of", ""),
            "fingerprint": figures.meta.get("fingerprint", ""),
            "marks": "；".join(marks) + "。",
            "rounding": words.rounding,
            "edition": edition,
        }
        return [(words.facts[key], text) for key, text in said.items() if text]


def contents_of(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    overlay: Path | None,
    *,
    internal: bool = False,
) -> Contents:
    """Every table of tables.yaml that is for workbooks and has something to show."""
    figures = Figures(snapshot, survey, definitions, year, internal=internal)
    office, book = load_office(overlay), load_tables(overlay)
    source = office.source(year)
    built = (build(book, spec, figures, source) for spec in book.tables if spec.workbook)
    return Contents(
        figures,
        office,
        load_workbook_words(overlay),
        Words(figures, load_sentences(overlay)).response(),
        tuple(_numbered(table for table in built if table.rows)),
    )


def _numbered(tables: Iterator[Table]) -> Iterator[tuple[str, Table]]:
    """Tables with their number: their own, or the next in order."""
    number = 0
    for table in tables:
        number += not table.spec.number_zh
        yield table.spec.number_zh or f"表{number}", table
