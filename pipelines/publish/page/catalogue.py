"""What the page says of an indicator as such: its definition, the province's figure, its years."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipelines.indicators.flags import flags
from pipelines.publish.contents import NAMED
from pipelines.publish.figures import NATION, Figure, Figures
from pipelines.publish.page.book import Group, PageBook
from pipelines.publish.printed import cell_text
from pipelines.publish.table_book import TableBook, TableSpec
from pipelines.publish.table_order import Order, Style
from pipelines.publish.tables import BASIS_ZH
from pipelines.publish.words import Words

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition

_SPEC = TableSpec(id="page", title_zh="", theme="", layout="series")
#: More places than this share the first three: no title names them.
_IN_TITLE = 4
#: Names of the patterns of the page among those of sentences.yaml.
LEADERS, TRAILERS, WHOLE = "报告网页：前三位", "报告网页：后三位", "报告网页：全省"


@dataclass(frozen=True)
class Catalogue:
    """Entries of the indicators that the page shows."""

    words: Words
    page: PageBook
    tables: TableBook

    @property
    def figures(self) -> Figures:
        return self.words.figures

    def entry(self, definition: Definition) -> dict[str, Any]:
        name = definition.indicator_id
        known = self.figures.definitions.caveats
        return {
            "name": self.words.name(name),
            "head": self.tables.heads.get(name, definition.name_zh).replace("|", ""),
            "theme": definition.theme,
            "unit": definition.unit,
            "level": definition.kind == "level",
            "formula": definition.formula_zh,
            "basis": BASIS_ZH.get(definition.basis, definition.basis),
            "tells": definition.tells_zh,
            "not_tells": definition.not_tells_zh,
            "caveats": [known[caveat] for caveat in definition.caveats],
            "note": definition.note_zh,
            "said": self.words.sentence({"say": WHOLE, "it": name}),
            "nation": self.nation(name),
            "series": self.series(definition),
        }

    def nation(self, indicator_id: str) -> str:
        """The national figure with its year; words where none is published."""
        found = self.figures.nation(indicator_id)
        value = self.words.value(indicator_id, found)
        if value is None:
            return self.page.words.no_nation
        return self.page.words.nation.format(year=found.year, value=value)

    def lead(self, indicator_id: str, group: Group) -> dict[str, Any]:
        """Who is first, as a title, and notes: who is last, or why none is; who has no figure."""
        hidden = self.figures.hidden(indicator_id, group.by)
        role = {"it": indicator_id, "by": group.by}
        if hidden:
            said = self.page.words.hidden_some.format(group=group.name, count=len(hidden))
        else:
            said = self.words.sentence({"say": TRAILERS, **role})
        notes = [said, self._missing(indicator_id, group)]
        title = self.words.sentence({"say": LEADERS, **role}).rstrip("。")
        return {
            "title": "" if self._many_lead(indicator_id, group) else title,
            "notes": [note for note in notes if note],
        }

    def _many_lead(self, indicator_id: str, group: Group) -> bool:
        """Whether so many share the first places that a title cannot name them."""
        ranking = self.figures.ranking(indicator_id, group.by)
        return sum(ranked.rank <= NAMED for ranked in ranking) > _IN_TITLE

    def _missing(self, indicator_id: str, group: Group) -> str:
        figures = (
            self.figures.get(indicator_id, group.by, member.member_id)
            for member in self.figures.members(group.by)
        )
        gone = [figure for figure in figures if figure.value is None and not figure.suppressed]
        if not gone:
            return ""
        found = dict.fromkeys(flags().missing.get(figure.reason, "") for figure in gone)
        reasons = "、".join(filter(None, found))
        return self.page.words.missing_some.format(
            group=group.name, count=len(gone), reasons=f"（{reasons}）" if reasons else ""
        )

    def series(self, definition: Definition) -> dict[str, Any] | None:
        """Own years, and those of the nation where both stand on one scale (no totals)."""
        name, years = definition.indicator_id, self._years
        own = [self.figures.get(name, year=year) for year in years]
        nation = [self.figures.get(name, "nation", NATION, year) for year in years]
        if definition.kind == "level":
            nation = []
        told = [figure for figure in (*own, *nation) if figure.value is not None]
        kept = [y for y, year in enumerate(years) if self._told(y, own, nation)]
        if len({figure.year for figure in told}) < 2:
            return None
        first, last = kept[0], kept[-1] + 1
        style = Order(self.tables, _SPEC, self.figures, "").style(definition, told)
        breaks = self.figures.broken_by(name, years[first], years[last - 1])
        return {
            "unit": style.unit,
            "years": list(years[first:last]),
            "own": _texts(own[first:last], style),
            "nation": _texts(nation[first:last], style),
            "breaks": {str(year): note for year, note in sorted(breaks.items())},
        }

    @staticmethod
    def _told(place: int, own: list[Figure], nation: list[Figure]) -> bool:
        return any(len(each) > place and each[place].value is not None for each in (own, nation))

    @cached_property
    def _years(self) -> tuple[int, ...]:
        rows = self.figures.snapshot.rows(
            f"SELECT DISTINCT year FROM {self.figures.source}"
            " WHERE breakdown IN ('province', 'nation') AND year <= ? ORDER BY year",
            [self.figures.year],
        )
        years = [row["year"] for row in rows]
        return tuple(range(years[0], years[-1] + 1)) if years else ()


def _texts(found: Iterable[Figure], style: Style) -> list[str]:
    return [cell_text(style.cell(figure)) for figure in found]
