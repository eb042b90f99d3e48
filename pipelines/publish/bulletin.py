"""The 公报 PDF: what the office publishes, every word and figure of it from one snapshot.

This decides what is said, as plain data; ``bulletin.typ`` how it is put on pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.errors import PublicationError
from pipelines.publish.draft import Doubt, Draft, bracketed, load_words, read_draft
from pipelines.publish.figures import Figures
from pipelines.publish.office import Office, load_office, words_file
from pipelines.publish.policy import Policy
from pipelines.publish.printed import numeral, plain
from pipelines.publish.revisions import Earlier, Revisions, revisions
from pipelines.publish.sentences import load_sentences
from pipelines.publish.table_book import load_tables
from pipelines.publish.tables import MARKS_ZH, Table, build
from pipelines.publish.typesetting import masthead_of, typeset
from pipelines.publish.words import Words

if TYPE_CHECKING:
    from pipelines.indicators import Definitions
    from pipelines.publish.charts import ChartBook, ChartFile
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

_TEMPLATE = "bulletin.typ"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(_Model):
    """A chart or a table of a chapter; an ``optional`` one is used where a page has room for it."""

    chart: str = ""
    table: str = ""
    optional: bool = False

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Item:
        if bool(self.chart) == bool(self.table):
            raise ValueError("每一项应写 chart 或 table，且只写一个")
        return self


class Chapter(_Model):
    """``section`` is its prose, ``of`` what else it speaks of; ``follows``: begins on the page of
    the chapter before, where that leaves room."""

    title: str
    section: str = ""
    of: Literal["", "quality", "policy", "revisions"] = ""
    items: tuple[Item, ...] = ()
    follows: bool = False
    numbered: bool = True


class Outline(_Model):
    """Everything in bulletin.yaml."""

    cards: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    revised: str = Field(description="a list of tables.yaml: the figures that 修订说明 looks at")
    scope: tuple[str, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Composed:
    """What the bulletin says: all of it as plain data, the text of its chapters with every piece
    bound to the data, and what a person must look at again in a text that was rewritten."""

    content: Mapping[str, Any]
    draft: Mapping[str, Sequence[str]]
    doubts: Sequence[Doubt]


def compose(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    charts: Sequence[ChartFile],
    overlay: Path | None = None,
    rewritten: Path | None = None,
    earlier: Earlier | None = None,
) -> Composed:
    """Put together what the bulletin of a data year says.

    ``rewritten`` is a draft that a person has edited; raises DecisionFileError where it cannot be
    read.  ``earlier`` is the release that the year was published in before: what moved since is
    listed.
    """
    figures = Figures(snapshot, survey, definitions, year)
    outline = _load_outline(overlay)
    composer = _Composer(figures, load_office(overlay), outline, charts, overlay, earlier)
    if rewritten is not None and rewritten.is_file():
        composer.rewrite(rewritten)
    return Composed(composer.content(), composer.draft(), composer.rewritten.doubts)


def chart_book(overlay: Path | None = None) -> ChartBook:
    """The charts that the bulletin may show, and no other cuts of them: all that it needs where
    the charts themselves are not made."""
    from pipelines.publish.charts import load_book

    shown = {item.chart for chapter in _load_outline(overlay).chapters for item in chapter.items}
    book = load_book(overlay)
    charts = [c.model_copy(update={"cuts": ()}) for c in book.charts if c.id in shown]
    return book.model_copy(update={"charts": tuple(charts)})


def print_pdf(
    composed: Composed, charts: Sequence[ChartFile], path: Path, overlay: Path | None = None
) -> Path:
    """Print what was composed to ``path``; the same content gives the same bytes."""
    return typeset(_TEMPLATE, composed.content, path, [c.path for c in charts], overlay)


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    charts: Sequence[ChartFile],
    path: Path,
    overlay: Path | None = None,
    earlier: Earlier | None = None,
) -> Path:
    """Write the bulletin of a data year to ``path``; the same snapshot gives the same bytes."""
    composed = compose(snapshot, survey, definitions, year, charts, overlay, earlier=earlier)
    return print_pdf(composed, charts, path, overlay)


def _load_outline(overlay: Path | None) -> Outline:
    document = words_file("bulletin.yaml", overlay, "labels")
    return document.model(Outline, document.data)


class _Composer:
    """Puts together what the pages say."""

    def __init__(
        self,
        figures: Figures,
        office: Office,
        outline: Outline,
        charts: Sequence[ChartFile],
        overlay: Path | None,
        earlier: Earlier | None,
    ) -> None:
        self.overlay = overlay
        self.earlier = earlier
        self.rewritten = Draft({}, {})
        self.figures = figures
        self.office = office
        self.outline = outline
        self.charts = {chart.id: chart for chart in charts}
        self.words = Words(figures, load_sentences(overlay))
        self.book = load_tables(overlay)

    def rewrite(self, path: Path) -> None:
        """Take the text of chapters from a draft that a person has edited."""
        sections = self._sections()
        self.rewritten = read_draft(path, list(sections), self.words, load_words(self.overlay))

    def draft(self) -> dict[str, Sequence[str]]:
        """The text of every chapter with its pieces bound: rewritten or as it was generated."""
        if self.figures.is_empty:
            return {}
        words = Words(self.figures, self.words.sentences, bracketed)
        return {
            title: self.rewritten.source.get(title, self._generated(words, title, section))
            for title, section in self._sections().items()
        }

    def _sections(self) -> dict[str, str]:
        """Sections of prose by the title of their chapter; the headline first."""
        chapters = [(chapter.title, chapter.section) for chapter in self.outline.chapters]
        return {self.outline.labels["highlights"]: "headline"} | {
            title: section for title, section in chapters if section
        }

    def _prose(self, title: str, section: str) -> Sequence[str]:
        written = self.rewritten.printed.get(title)
        return self._generated(self.words, title, section) if written is None else written

    def _generated(self, words: Words, title: str, section: str) -> Sequence[str]:
        """The text of a section; one sentence where the whole theme has no figure."""
        silence = words.silence(section)
        if silence:
            return [self.outline.labels[f"theme_{silence}"].format(theme=title)]
        return words.section(section)

    def content(self) -> dict[str, Any]:
        figures, office = self.figures, self.office
        masthead = masthead_of(figures, office, office.title(figures.year))
        return {
            **masthead,
            "standing": [*masthead["standing"], *self._reach()],
            "labels": dict(self.outline.labels),
            "cards": [] if figures.is_empty else [self._card(each) for each in self.outline.cards],
            "headline": self._headline(),
            "response": self.words.response(),
            "chapters": self._chapters(),
        }

    def _reach(self) -> list[str]:
        """That the figures speak only for the few that answered, where it is so."""
        if not self.figures.covers_little:
            return []
        covered = self.figures.response.covered
        return [self.outline.labels["covers_little"].format(covered=covered)]

    def _headline(self) -> list[str]:
        labels = self.outline.labels
        if self.figures.is_empty:
            why = "all_hidden" if self.figures.is_hidden else "nothing"
            return [labels[why].format(year=self.figures.year)]
        said = [*self._reach(), *self._prose(labels["highlights"], "headline")]
        if not self.figures.has_last_year:
            said.append(labels["no_last_year"].format(year=self.figures.year - 1))
        return said

    def _chapters(self) -> list[dict[str, Any]]:
        """Chapters that have something to say, numbered without a gap."""
        made: list[dict[str, Any]] = []
        for chapter in self.outline.chapters:
            if (chapter.section or chapter.of == "policy") and self.figures.is_empty:
                continue
            written = self._chapter(chapter, len(made) + 1)
            if written["items"] or written["paragraphs"]:
                made.append(written)
        return made

    def _card(self, indicator_id: str) -> dict[str, str]:
        figure = self.figures.get(indicator_id)
        said = self.words.value(indicator_id, figure)
        return {
            "name": self.words.name(indicator_id),
            "value": said.text if said else figure.mark,
            "unit": said.unit if said else "",
            "change": self.words.change(indicator_id) or "",
            "nation": self._nation(indicator_id),
            "theme": self.figures.definition(indicator_id).theme,
        }

    def _nation(self, indicator_id: str) -> str:
        nation = self.figures.nation(indicator_id)
        said = self.words.value(indicator_id, nation)
        labels = self.outline.labels
        if said is None:
            return labels["no_nation"]
        return labels["nation_card"].format(year=nation.year, value=said)

    def _scope(self) -> list[str]:
        edition = self.figures.survey.edition_of(self.figures.year)
        return [text.format(edition=edition.title_zh) for text in self.outline.scope]

    def _chapter(self, chapter: Chapter, number: int) -> dict[str, Any]:
        paragraphs, tables = self._content_of(chapter)
        silent = chapter.section and self.words.silence(chapter.section)
        items = [made for made in map(self._item, () if silent else chapter.items) if made]
        return {
            "title": f"{numeral(number)}、{chapter.title}" if chapter.numbered else chapter.title,
            "number": str(number) if chapter.numbered else "",
            "follows": chapter.follows,
            "paragraphs": paragraphs,
            "items": [*({"optional": False, **table} for table in tables), *items],
        }

    def _content_of(self, chapter: Chapter) -> tuple[Sequence[str], list[dict[str, Any]]]:
        """What a chapter says, and the tables that come with what it speaks of."""
        if chapter.of == "quality":
            return [*self._scope(), self.words.response(), self._findings()], []
        if chapter.of == "policy":
            policy = Policy(self.words, self.overlay, self.office.source(self.figures.year))
            return policy.paragraphs(), [policy.table()]
        if chapter.of == "revisions":
            found = self._revisions()
            return ([], []) if found is None else (found.paragraphs, [plain(found.table)])
        return self._prose(chapter.title, chapter.section) if chapter.section else [], []

    def _revisions(self) -> Revisions | None:
        if self.earlier is None or self.figures.is_empty:
            return None
        if self.outline.revised not in self.book.lists:
            raise PublicationError(
                f"bulletin.yaml 所用的指标清单“{self.outline.revised}”不在 tables.yaml 中",
                "请改正清单名或补上该清单",
            )
        looked_at = (*self.outline.cards, *self.book.lists[self.outline.revised])
        source = self.office.source(self.figures.year)
        return revisions(self.figures, self.earlier, self.book, looked_at, source, self.overlay)

    def _item(self, item: Item) -> dict[str, Any] | None:
        """A chart or table as plain data; None when this snapshot has nothing for it."""
        if item.table:
            table = self._table(item.table)
            return {"optional": item.optional, **plain(table)} if _says_something(table) else None
        chart = self.charts.get(item.chart)
        if chart is None or chart.blank:
            return None
        return {
            "kind": "chart",
            "optional": item.optional,
            "file": chart.path.name,
            "caption": chart.caption,
            "alt": chart.alt_zh or f"{chart.caption}：{chart.title_zh}",
        }

    def _findings(self) -> str:
        rows = self.figures.snapshot.rows(
            "SELECT (SELECT count(*) FROM findings WHERE year = $1) AS findings,"
            " (SELECT count(*) FROM findings WHERE year = $1 AND must_correct) AS must,"
            " count(*) AS files, count(*) FILTER (status = 'loaded') AS loaded,"
            " count(*) FILTER (status = 'rejected') AS rejected,"
            " count(*) FILTER (status = 'duplicate') AS repeated"
            " FROM submissions WHERE year = $1",
            {"1": self.figures.year},
        )
        return self.outline.labels["findings"].format(**rows[0])

    def _table(self, name: str) -> Table:
        source = self.office.source(self.figures.year)
        if name not in self.book.table:
            raise PublicationError(
                f"bulletin.yaml 所用的表“{name}”不在 tables.yaml 中", "请改正表名或补上该表"
            )
        return build(self.book, self.book.table[name], self.figures, source)


def _says_something(table: Table) -> bool:
    """Whether a table has anything but marks for what is not there."""
    told = (cell for row in table.rows for cell in row.cells if cell not in MARKS_ZH)
    return any(True for _ in told)


__all__ = ["Composed", "Earlier", "Outline", "chart_book", "compose", "print_pdf", "write"]
