"""What people get from one run, product by product, in the order in which it is made.

``publish/products.yaml`` says which of them are made: in the collection season an office may
leave the bulletin out of its nightly runs.  What waits for a person (proposed mappings, open
rulings, thresholds) is always written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from pipelines import intake
from pipelines.publish.office import data_file
from pipelines.survey.documents import YamlDocument
from pipelines.warehouse.layout import (
    DRAFT_DOUBTS_FILE,
    DRAFT_FILE,
    INTERNAL_FOLDER,
    OPEN_DATA_FOLDER,
    OPEN_RULINGS_FILE,
    PROPOSALS_FOLDER,
    THRESHOLDS_FILE,
)

if TYPE_CHECKING:
    from pipelines.checks.arrangement import Arrangement
    from pipelines.indicators import Definitions
    from pipelines.publish.briefs import Brief
    from pipelines.publish.bulletin import Earlier
    from pipelines.publish.charts import ChartBook, ChartFile
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot
    from pipelines.warehouse.release import Release


class Made(BaseModel):
    """Which products are made; every one has its line in products.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quality: bool
    charts: bool
    tables: bool
    bulletin: bool
    briefs: bool
    compendium: bool
    page: bool
    internal: bool
    analysis: bool
    open_data: bool
    queries: bool
    rule_book: bool


class _Chosen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    made: Made


def chosen(overlay: Path | None) -> Made:
    """Raises SurveyDefinitionError, with file and line, for a malformed products.yaml."""
    document = YamlDocument(data_file("products.yaml", overlay))
    return document.model(_Chosen, document.data).made


@dataclass(frozen=True)
class Publication:
    """One year's products, made from one snapshot into one folder."""

    snapshot: Snapshot
    survey: Survey
    definitions: Definitions
    year: int
    folder: Path
    overlay: Path | None
    #: Where a draft of the bulletin stands that somebody has edited, if there is one.
    rewritten: Path
    originals: intake.Originals
    arrangement: Arrangement
    #: The release that the bulletin lists revisions since, if the year was published before.
    since: Release | None = None

    def make(self) -> None:
        if self.survey.head.is_statistics:
            self._statistics()
        else:
            self._collected()
        self._for_respondents()
        self._for_the_office()

    @cached_property
    def made(self) -> Made:
        return chosen(self.overlay)

    @property
    def _of_year(self) -> tuple[Snapshot, Survey, Definitions, int]:
        return self.snapshot, self.survey, self.definitions, self.year

    def _statistics(self) -> None:
        """Charts, tables, bulletin and data package of the science statistics."""
        from pipelines.publish import bulletin, compendium, open_data, print_book, workbook

        drawn: Sequence[ChartFile] = ()
        if self.made.charts:
            drawn = self._with_charts(self.folder / "图")
        elif self.made.bulletin:
            with tempfile.TemporaryDirectory() as aside:
                self._with_charts(Path(aside), bulletin.chart_book(self.overlay))
        if self.made.tables:
            workbook.write(*self._of_year, self.folder / "指标表.xlsx", self.overlay)
            print_book.write(*self._of_year, self.folder / "指标表（印刷版）.xlsx", self.overlay)
        if self.made.internal:
            self._internal(self.folder / INTERNAL_FOLDER)
        if self.made.open_data:
            open_data.write(*self._of_year, self.folder / OPEN_DATA_FOLDER, self.overlay)
        briefed = self._briefs() if self.made.briefs else ()
        if self.made.compendium:
            compendium.write(*self._of_year, self.folder / "资料汇编.pdf", self.overlay)
        if self.made.analysis:
            self._analysis(self.folder / INTERNAL_FOLDER / "内部分析报告.pdf")
        if self.made.page:
            self._page(drawn, briefed)

    def _with_charts(self, folder: Path, book: ChartBook | None = None) -> Sequence[ChartFile]:
        """Draw the charts, and make what shows them."""
        from pipelines.publish import bulletin, charts, draft, word_edition

        drawn: Sequence[ChartFile] = charts.draw(*self._of_year, folder, self.overlay, book)
        if not self.made.bulletin:
            return drawn
        with self._earlier() as earlier:
            composed = bulletin.compose(
                *self._of_year, drawn, self.overlay, self.rewritten, earlier
            )
        bulletin.print_pdf(composed, drawn, self.folder / "公报.pdf", self.overlay)
        word_edition.write(composed.content, drawn, self.folder / "公报.docx", self.overlay)
        wording = draft.load_words(self.overlay)
        draft.write_draft(composed.draft, wording, self.folder / DRAFT_FILE)
        if composed.doubts:
            draft.write_doubts(composed.doubts, wording, self.folder / DRAFT_DOUBTS_FILE)
        return drawn

    def _briefs(self) -> Sequence[Brief]:
        """A page for each place and department: one that may be passed on, one for the office."""
        from pipelines.publish import briefs

        inside = self.folder / INTERNAL_FOLDER / "简报"
        briefs.write(*self._of_year, inside, self.overlay, internal=True)
        return briefs.write(*self._of_year, self.folder / "简报", self.overlay)

    def _analysis(self, path: Path) -> None:
        from pipelines.checks.worklist import worklist
        from pipelines.publish import analysis

        asked = worklist(self.snapshot, self.survey, self.year)
        analysis.write(*self._of_year, asked, path, self.overlay)

    @contextmanager
    def _earlier(self) -> Iterator[Earlier | None]:
        """The release that revisions are listed since, opened."""
        from pipelines.publish.bulletin import Earlier
        from pipelines.warehouse import Snapshot

        if self.since is None:
            yield None
            return
        with Snapshot(self.since.snapshot) as before:
            yield Earlier(self.since.name, before)

    def _page(self, drawn: Sequence[ChartFile], briefed: Sequence[Brief]) -> None:
        """The page links to what else was made."""
        from pipelines.publish import page

        files = [
            ("公报.pdf", "公报"),
            ("公报.docx", "公报（可编辑）"),
            ("指标表.xlsx", "指标表"),
            ("指标表（印刷版）.xlsx", "指标表（印刷版）"),
            (f"{OPEN_DATA_FOLDER}/indicator_values.csv", "数据包：指标值"),
        ]
        links = [
            page.Link(self.folder / name, title)
            for name, title in files
            if (self.folder / name).is_file()
        ]
        links += [page.Link(chart.path, f"{chart.caption}：{chart.title_zh}") for chart in drawn]
        links += [
            page.Link(one.path, f"{one.name_zh}简报", about=f"{one.breakdown}:{one.member_id}")
            for one in briefed
        ]
        page.write(*self._of_year, links, self.folder, self.overlay)

    def _internal(self, folder: Path) -> None:
        from pipelines.publish import (
            charts,
            composite_book,
            heat_map,
            notice,
            scoreboard,
            workbook,
        )

        charts.draw(*self._of_year, folder / "图", self.overlay, internal=True)

        tables = folder / "指标表（内部资料）.xlsx"
        workbook.write(*self._of_year, tables, self.overlay, internal=True)
        scoreboard.write(*self._of_year, folder / "措施监测表.xlsx", self.overlay)
        heat_map.write(*self._of_year, folder / "措施热力图.png", self.overlay)
        notice.write(*self._of_year, folder / "督查通报.pdf", self.overlay)
        composite_book.write(*self._of_year, folder / "综合测算.xlsx", self.overlay)

    def _collected(self) -> None:
        """A survey beside the statistics has no tables of its own: a line for each return."""
        from pipelines.publish import ledger

        path = self.folder / INTERNAL_FOLDER / f"{self.survey.head.title_zh}.xlsx"
        ledger.write(self.snapshot, self.survey, self.year, path, self.overlay)

    def _for_respondents(self) -> None:
        from pipelines.checks import queries

        if self.made.queries:
            queries.write_queries(
                self.snapshot, self.survey, self.year, self.folder / "查询单",
                self.originals, self.arrangement,
            )  # fmt: skip

    def _for_the_office(self) -> None:
        from pipelines.checks import rulebook, rulebook_page
        from pipelines.checks.thresholds import write_thresholds

        if self.made.rule_book:
            rulebook.write(self.survey, self.year, self.folder / "审核规则手册.xlsx")
            rulebook_page.write_page(self.survey, self.year, self.folder / "审核规则手册.html")
        edition = self.survey.edition_of(self.year)
        intake.write_proposals(self._proposals(), edition, self.folder / PROPOSALS_FOLDER)
        intake.write_open_rulings(self.snapshot, self.year, self.folder / OPEN_RULINGS_FILE)
        write_thresholds(self.snapshot, self.year, self.folder / THRESHOLDS_FILE)

    def _proposals(self) -> list[dict[str, Any]]:
        rows = self.snapshot.table("proposals").to_pylist()
        return [row for row in rows if row["year"] == self.year]
