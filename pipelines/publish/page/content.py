"""Puts together what the report page says: what stands in its HTML, and the data of its script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import TYPE_CHECKING, Any

from pipelines.errors import Place, SurveyDefinitionError
from pipelines.publish.figures import Figures, Member
from pipelines.publish.office import Office
from pipelines.publish.page.book import Composition, Listing, PageBook, Scatter
from pipelines.publish.page.catalogue import Catalogue
from pipelines.publish.page.columns import JOINT, Columns, States
from pipelines.publish.printed import cell_text
from pipelines.publish.table_book import TableBook, TableSpec
from pipelines.publish.table_order import Order
from pipelines.publish.words import Words
from pipelines.survey.quantities import readable

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition

_SPEC = TableSpec(id="page", title_zh="", theme="", layout="members")


@dataclass(frozen=True)
class Content:
    """Everything the page says, of one year's figures."""

    words: Words
    page: PageBook
    office: Office
    tables: TableBook

    @property
    def figures(self) -> Figures:
        return self.words.figures

    def check(self) -> None:
        """Raises SurveyDefinitionError for an indicator that nobody knows, before any work."""
        page = self.page
        listings = (self._spelled(each) for each in (*page.tables, *page.profile))
        for names in (page.cards, page.changes, page.standing, [page.start], *listings):
            self._ids(names)
        for composed in page.compositions:
            self._ids([composed.whole, *composed.parts])
        for scatter in page.scatters:
            self._ids([scatter.x, scatter.y])

    def data(self) -> dict[str, Any]:
        """What the script shows, sorts and draws."""
        states = States(self.page.words)
        columns: dict[str, dict[str, Any]] = {}
        for group in self.page.groups:
            columns[group.by] = self._columns(group.by, states)
        province = {
            d.indicator_id: states.number(self.figures.get(d.indicator_id)) for d in self.known
        }
        return {
            "year": self.figures.year,
            "words": self.page.words.model_dump(),
            "themes": dict(self.page.themes),
            "groups": [group.model_dump() for group in self.page.groups],
            "members": {group.by: self._members(group.by) for group in self.page.groups},
            "indicators": self._indicators(province, columns),
            "columns": columns,
            "states": states.listed(),
            "tables": self._listed(self.page.tables),
            "profile": self._listed(self.page.profile),
            "standing": self._ids(self.page.standing),
            "start": self.page.start if self._shown(self.page.start) else self._first,
            "tiles": self._tiles(),
            "compositions": list(filter(None, map(self._parts, self.page.compositions))),
            "changes": [self._change(name) for name in self._ids(self.page.changes)],
            "provincial": self._provincial(columns),
            "scatters": list(filter(None, map(self._scatter, self.page.scatters))),
        }

    def head(self) -> dict[str, Any]:
        """What stands in the page before any script runs, besides the tables."""
        figures, office = self.figures, self.office
        meta = figures.meta
        facts = [
            (self.page.words.data_as_of, meta.get("data_as_of", "")),
            (self.page.words.fingerprint, meta.get("fingerprint", "")[:16]),
        ]
        edition = figures.survey.edition_of(figures.year)
        return {
            "title": self.page.title.format(place=office.place_zh, year=figures.year),
            "office": office.office_zh,
            "language": office.language,
            "year": figures.year,
            "marks": self._marks(),
            "notes": self._notes(),
            "facts": [fact for fact in facts if fact[1]],
            "said": [] if figures.is_empty else self.words.section("headline"),
            "response": self.words.response(),
            "scope": [text.format(edition=edition.title_zh) for text in self.page.scope],
            "source": office.source(figures.year),
            "cards": self._cards(),
        }

    @cached_property
    def known(self) -> list[Definition]:
        """The year's indicators, in the order of the catalogue."""
        return list(self.figures.known.values())

    @cached_property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.words, self.page, self.tables)

    def _marks(self) -> list[tuple[str, str]]:
        """What must not be overlooked: the mark, and what it means."""
        office, figures = self.office, self.figures
        marks = [(office.simulated_zh, office.simulated_note_zh)] if figures.simulated else []
        if figures.provisional:
            marks.append((office.provisional_zh, office.provisional_note_zh))
        return marks

    def _notes(self) -> list[str]:
        figures, said = self.figures, self.page.words
        if figures.is_empty:
            return [said.nothing.format(year=figures.year)]
        notes = []
        if figures.covers_little:
            notes.append(said.covers_little.format(covered=figures.response.covered))
        if not figures.has_last_year:
            notes.append(said.no_last_year.format(year=figures.year - 1))
        return notes

    def _cards(self) -> list[dict[str, Any]]:
        if self.figures.is_empty:
            return []
        return [self._card(name) for name in self._ids(self.page.cards)]

    def _card(self, indicator_id: str) -> dict[str, Any]:
        figure = self.figures.get(indicator_id)
        value = self.words.value(indicator_id, figure)
        states = States(self.page.words)
        number = states.number(figure)
        entry = self.catalogue.entry(self.figures.definition(indicator_id))
        return entry | {
            "id": indicator_id,
            "value": value.text if value else figure.mark,
            "value_unit": value.unit if value else "",
            "change": self.words.change(indicator_id) or "",
            "covered": str(figure.units_covered),
            "state": states.listed()[number],
        }

    def _columns(self, by: str, states: States) -> dict[str, Any]:
        official = frozenset(member.member_id for member in self._official(by))
        maker = Columns(self.figures, self.tables, states, by, official)
        made = ((d.indicator_id, maker.column(d)) for d in self.known)
        return {name: column for name, column in made if column}

    def _indicators(
        self, province: dict[str, int], columns: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        found = {}
        for definition in self.known:
            name = definition.indicator_id
            shown = [group for group in self.page.groups if name in columns[group.by]]
            lead = {group.by: self.catalogue.lead(name, group) for group in shown}
            figure = self.figures.get(name)
            found[name] = self.catalogue.entry(definition) | {
                "lead": lead, "n": figure.units_covered, "m": province[name],
            }  # fmt: skip
        return found

    def _members(self, by: str) -> list[list[str]]:
        """Id, name, and the prefecture that a county belongs to."""
        divisions, year = self.figures.survey.divisions, self.figures.year
        names = {d.code: d.name_zh for d in divisions.prefectures(year)}
        return [
            [
                member.member_id,
                member.name_zh,
                names.get(divisions.prefecture_of(member.member_id, year), "")
                if by == "county"
                else "",
            ]
            for member in self.figures.members(by)
        ]

    def _official(self, by: str) -> list[Member]:
        """Members on the list of the year, and not what fits none of them."""
        survey, year = self.figures.survey, self.figures.year
        if by == "prefecture":
            ids = {d.code for d in survey.divisions.prefectures(year)}
        elif by == "county":
            ids = {d.code for d in survey.divisions.county_units(year)}
        elif by == "department":
            ids = {d.department_id for d in survey.departments.active(year)}
        else:
            ids = {str(level.level_id) for level in survey.levels}
        return [member for member in self.figures.members(by) if member.member_id in ids]

    def _tiles(self) -> list[list[Any]]:
        known = {member.member_id for member in self._official("county")}
        return [
            [tile.code, tile.label_zh, tile.row, tile.col, tile.parent_code]
            for tile in self.figures.survey.tiles
            if tile.grid == "county" and not tile.optional and tile.code in known
        ]

    def _listed(self, listings: Iterable[Listing]) -> list[dict[str, Any]]:
        named = ((each.title, self._ids(self._spelled(each))) for each in listings)
        return [{"title": title, "ids": ids} for title, ids in named if ids]

    def _spelled(self, listing: Listing) -> Sequence[str]:
        named = listing.indicators
        return self.tables.lists[named] if isinstance(named, str) else named

    def _ids(self, names: Iterable[str]) -> list[str]:
        """Those of a list that the year's questionnaire gives; a name nobody knows is refused."""
        return [name for name in names if self._shown(name)]

    def _shown(self, name: str) -> bool:
        if name not in self.figures.definitions:
            raise SurveyDefinitionError(
                f"没有编号为“{name}”的指标", "请改正报告网页所列的指标", Place(file="page.yaml")
            )
        return name in self.figures.known

    def _provincial(self, columns: dict[str, dict[str, Any]]) -> dict[str, dict[str, str]]:
        """The province's figure of each indicator, as the tables print it."""
        found: dict[str, dict[str, str]] = {}
        for group in columns.values():
            for name, column in group.items():
                first = {key: column[key].split(JOINT)[0] for key in ("u", "v", "l", "c")}
                first["d"] = column["d"][0]
                found.setdefault(name, first)
        return found

    @property
    def _first(self) -> str:
        return self.known[0].indicator_id

    def _change(self, name: str) -> dict[str, Any]:
        """The change of the province, as its table and its bar have it."""
        found = self.figures.change(name)
        return {"id": name, "rate": found.kind == "rate"}

    def _parts(self, each: Composition) -> dict[str, Any] | None:
        """Shares of the parts in both years, of the whole as it was filled in."""
        if not self._shown(each.whole):
            return None
        years = [self.figures.year, self.figures.year - 1]
        parts = [
            {
                "id": part,
                "name": self.words.name(part),
                "shares": [self._share(part, each.whole, year) for year in years],
                "values": [self._said(part, year) for year in years],
            }
            for part in self._ids(each.parts)
        ]
        told = [year for n, year in enumerate(years) if any(p["shares"][n] for p in parts)]
        if not told:
            return None
        return {
            "title": self._largest(each, parts) or each.title,
            "whole": self.words.name(each.whole),
            "wholes": [self._said(each.whole, year) for year in years],
            "years": [str(year) for year in years],
            "told": [year in told for year in years],
            "parts": parts,
        }

    def _largest(self, each: Composition, parts: list[dict[str, Any]]) -> str:
        """Which part is the largest, where all of them are told; "" otherwise."""
        values = [self.figures.get(part["id"]).value for part in parts]
        told = [value for value in values if value is not None]
        if len(told) < len(parts) or not told or told.count(max(told)) > 1:
            return ""
        part = parts[values.index(max(told))]
        if not part["shares"][0]:
            return ""
        return self.page.words.composition_finding.format(
            whole=self.words.name(each.whole), part=part["name"], share=part["shares"][0]
        )

    def _share(self, part: str, whole: str, year: int) -> str:
        value, total = self.figures.get(part, year=year).value, self.figures.get(whole, year=year)
        if value is None or total.value is None or total.value <= 0:
            return ""
        return str(readable(value / total.value * 100, "%", 1))

    def _said(self, name: str, year: int) -> str:
        figure = self.figures.get(name, year=year)
        value = self.words.value(name, figure)
        return figure.mark if value is None else str(value)

    def _scatter(self, each: Scatter) -> dict[str, Any] | None:
        """Members that have both figures, with the medians of what is drawn."""
        if not self._shown(each.x) or not self._shown(each.y):
            return None
        official = self._official(each.by)
        pairs = [
            (m, self.figures.get(each.x, each.by, m.member_id),
             self.figures.get(each.y, each.by, m.member_id))
            for m in official
        ]  # fmt: skip
        drawn = [(m, x, y) for m, x, y in pairs if x.value is not None and y.value is not None]
        if len(drawn) < 3:
            return None
        order = Order(self.tables, _SPEC, self.figures, "")
        axes = []
        for name, found in ((each.x, [x for _, x, _ in drawn]), (each.y, [y for *_, y in drawn])):
            style = order.style(self.figures.definition(name), found)
            middle = median(figure.value for figure in found if figure.value is not None)
            cells = [cell_text(style.cell(figure)) for figure in found]
            axes.append(
                {"id": name, "unit": style.unit, "cells": cells,
                 "median": f"{readable(middle, '', style.decimals)}"}
            )  # fmt: skip
        return {
            "by": each.by,
            "x": axes[0],
            "y": axes[1],
            "members": [member.member_id for member, *_ in drawn],
            "missing": len(official) - len(drawn),
        }
