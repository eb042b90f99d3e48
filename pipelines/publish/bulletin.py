"""The 公报 PDF: what the office publishes, every word and figure of it from one snapshot.

Python decides what is said, as plain data; ``bulletin.typ`` decides how it looks.  The two meet in
one JSON document, so that no text of a user is ever read as markup.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, model_validator

from pipelines.errors import Place, PublicationError
from pipelines.publish import fonts
from pipelines.publish.figures import Figures
from pipelines.publish.office import BUILT_IN, Office, data_file, load_office
from pipelines.publish.sentences import load_sentences
from pipelines.publish.table_book import load_tables
from pipelines.publish.tables import Cell, Table, build
from pipelines.publish.words import Words
from pipelines.survey.documents import YamlDocument
from pipelines.survey.quantities import grouped, round_half_up

if TYPE_CHECKING:
    from pipelines.indicators import Definitions
    from pipelines.publish.charts import ChartFile
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

#: A PDF carries a date; ours is fixed so that the same data give the same bytes.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_TEMPLATE = "bulletin.typ"
_MINUS = "\u2212"


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
    """``follows``: begins on the page of the chapter before, where that leaves room."""

    title: str
    section: str = ""
    items: tuple[Item, ...] = ()
    quality: bool = False
    follows: bool = False
    numbered: bool = True


class Outline(_Model):
    """Everything in bulletin.yaml."""

    cards: tuple[str, ...]
    chapters: tuple[Chapter, ...]
    scope: tuple[str, ...]
    labels: Mapping[str, str]


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    charts: Sequence[ChartFile],
    path: Path,
    overlay: Path | None = None,
) -> Path:
    """Write the bulletin of a data year to ``path``; the same snapshot gives the same bytes."""
    figures = Figures(snapshot, survey, definitions, year)
    document = YamlDocument(data_file("bulletin.yaml", overlay))
    outline = document.model(Outline, document.data)
    composer = _Composer(figures, load_office(overlay), outline, charts, overlay)
    content = composer.content()
    _check_glyphs(content)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_typeset(content, charts, path))
    return path


class _Composer:
    """Puts together what the pages say."""

    def __init__(
        self,
        figures: Figures,
        office: Office,
        outline: Outline,
        charts: Sequence[ChartFile],
        overlay: Path | None,
    ) -> None:
        self.figures = figures
        self.office = office
        self.outline = outline
        self.charts = {chart.id: chart for chart in charts}
        self.words = Words(figures, load_sentences(overlay))
        self.book = load_tables(overlay)

    def content(self) -> dict[str, Any]:
        figures, office = self.figures, self.office
        simulated, provisional = figures.simulated, figures.provisional
        return {
            "title": office.title(figures.year),
            "office": office.office_zh,
            "keywords": list(office.keywords_zh),
            "year": figures.year,
            "marks": [
                *([office.simulated_zh] if simulated else []),
                *([office.provisional_zh] if provisional else []),
            ],
            "watermark": office.simulated_zh if simulated else "",
            "standing": [
                *([office.simulated_note_zh] if simulated else []),
                *([office.provisional_note_zh] if provisional else []),
                *self._reach(),
            ],
            "facts": self._facts(),
            "labels": dict(self.outline.labels),
            "cards": [] if figures.is_empty else [self._card(each) for each in self.outline.cards],
            "headline": self._headline(),
            "response": self.words.response(),
            "scope": [self._scope(text) for text in self.outline.scope],
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
            return [labels["nothing"].format(year=self.figures.year)]
        said = [*self.words.section("headline"), *self._reach()]
        if not self.figures.has_last_year:
            said.append(labels["no_last_year"].format(year=self.figures.year - 1))
        return said

    def _chapters(self) -> list[dict[str, Any]]:
        """Chapters that have something to say, numbered without a gap."""
        made: list[dict[str, Any]] = []
        for chapter in self.outline.chapters:
            if chapter.section and self.figures.is_empty:
                continue
            written = self._chapter(chapter, len(made) + 1)
            if written["items"] or written["paragraphs"]:
                made.append(written)
        return made

    def _facts(self) -> list[list[str]]:
        labels, meta = self.outline.labels, self.figures.meta
        facts = [
            [labels["data_as_of"], meta.get("data_as_of", "")],
            [labels["fingerprint"], meta.get("fingerprint", "")[:16]],
        ]
        return [fact for fact in facts if fact[1]]

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

    def _scope(self, text: str) -> str:
        edition = self.figures.survey.edition_of(self.figures.year)
        return text.format(edition=edition.title_zh)

    def _chapter(self, chapter: Chapter, number: int) -> dict[str, Any]:
        paragraphs = self.words.section(chapter.section) if chapter.section else []
        if chapter.quality:
            paragraphs = [self.words.response(), self._findings()]
        return {
            "title": f"{_numeral(number)}、{chapter.title}" if chapter.numbered else chapter.title,
            "number": str(number),
            "follows": chapter.follows,
            "paragraphs": paragraphs,
            "items": [made for made in map(self._item, chapter.items) if made],
        }

    def _item(self, item: Item) -> dict[str, Any] | None:
        """A chart or table as plain data; None when this snapshot has nothing for it."""
        if item.table:
            table = self._table(item.table)
            return {"optional": item.optional, **_plain(table)} if table.rows else None
        chart = self.charts.get(item.chart)
        if chart is None or chart.blank:
            return None
        return {
            "kind": "chart",
            "optional": item.optional,
            "file": chart.path.name,
            "caption": chart.caption,
            "alt": f"{chart.caption}：{chart.title_zh}",
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


def _numeral(number: int) -> str:
    """一 to 十九, for the heads of chapters."""
    ones = "〇一二三四五六七八九"
    tens = "十" if number >= 10 else ""
    return tens + (ones[number % 10] if number % 10 or not tens else "")


def _plain(table: Table) -> dict[str, Any]:
    """A table as text for the page."""
    return {
        "title": table.title,
        "unit": table.unit,
        "stub": table.stub,
        "columns": [
            {
                "head": c.head,
                "lines": list(c.lines or (c.head,)),
                "unit": "" if table.unit else c.unit,
                "textual": c.textual,
            }
            for c in table.columns
        ],
        "rows": [
            {"label": row.label, "total": row.total, "cells": [cell_text(c) for c in row.cells]}
            for row in table.rows
        ],
        "notes": list(table.notes),
        "source": table.source,
        "kind": table.spec.layout,
    }


def cell_text(cell: Cell) -> str:
    """A cell as pages print it: grouped by thousands, true minus, sign of a change shown."""
    if isinstance(cell, str):
        return cell
    value = round_half_up(cell.value, cell.decimals)
    sign = _MINUS if value < 0 else "+" if cell.signed and value > 0 else ""
    return f"{sign}{grouped(abs(value), cell.decimals)}{cell.mark}"


def _check_glyphs(content: Mapping[str, Any]) -> None:
    """Every character of the pages must be in our faces; a box instead of a name is an error."""
    text = json.dumps(content, ensure_ascii=False)
    fonts.check_glyphs(re.sub(r"[\x00-\x1f]", "", text))


def _typeset(content: Mapping[str, Any], charts: Sequence[ChartFile], path: Path) -> bytes:
    import typst

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copyfile(BUILT_IN / _TEMPLATE, folder / _TEMPLATE)
        for chart in charts:
            shutil.copyfile(chart.path, folder / chart.path.name)
        (folder / "content.json").write_text(
            json.dumps(content, ensure_ascii=False), encoding="utf-8"
        )
        try:
            made: bytes = typst.compile(
                str(folder / _TEMPLATE),
                root=str(folder),
                font_paths=[str(font) for font in fonts.font_folders()],
                ignore_system_fonts=True,
                pdf_standards=["ua-1"],
                timestamp=int(_MADE.timestamp()),
            )
        except typst.TypstError as error:
            raise PublicationError(
                f"公报排版失败（{error}）", "请运行 kepu doctor 检查安装", Place(file=path.name)
            ) from error
    return made


__all__ = ["Outline", "cell_text", "write"]
