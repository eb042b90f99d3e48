"""What one brief says about one member: cards, table, charts, sentences, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipelines.publish.amounts import amount_text, direction_of, percent
from pipelines.publish.brief_charts import BriefCharts
from pipelines.publish.brief_gaps import BriefGaps
from pipelines.publish.figure import Figure, Member
from pipelines.publish.figures import MARKED_RESPONSE
from pipelines.publish.movements import largest
from pipelines.publish.peers import Standing, standing
from pipelines.publish.printed import plain
from pipelines.publish.table_book import TableBook, TableSpec
from pipelines.publish.table_model import MARKS_ZH, Cell, Column, Number, Row, Table
from pipelines.publish.table_order import Order
from pipelines.publish.typesetting import masthead
from pipelines.survey.quantities import NOT_APPLICABLE_MARK

if TYPE_CHECKING:
    from pipelines.indicators.change import Change
    from pipelines.indicators.definition import Definition
    from pipelines.publish.brief_book import BriefBook, BriefKind
    from pipelines.publish.brief_facts import BriefFacts
    from pipelines.publish.figures import Figures
    from pipelines.publish.office import Office
    from pipelines.publish.peers import Peers
    from pipelines.publish.words import Words

_SIGNS = {"up": "+", "down": "\u2212", "flat": ""}
_SHARE_DECIMALS = 2


class BriefPages:
    """The pages of one kind of member; what they share is worked out once."""

    def __init__(
        self,
        words: Words,
        book: BriefBook,
        kind: BriefKind,
        peers: Peers,
        office: Office,
        facts: BriefFacts,
        tables: TableBook,
    ) -> None:
        self.words = words
        self.book = book
        self.kind = kind
        self.peers = peers
        self.office = office
        self.facts = facts
        self.charts = BriefCharts(words, book, kind, peers)
        self._gaps = BriefGaps(words, book, facts, peers.breakdown)
        spec = TableSpec(id="brief", title_zh="", theme="", layout="change")
        self._order = Order(tables, spec, self.figures, "")
        self._rankings = {
            name: (peers.ranking(self.figures, name), peers.hidden(self.figures, name))
            for name in dict.fromkeys((*kind.cards, *kind.rows))
            if name in self.figures.known
        }

    @property
    def figures(self) -> Figures:
        return self.words.figures

    @property
    def by(self) -> str:
        return self.peers.breakdown

    def content(self, member: Member) -> dict[str, Any]:
        """Everything on the page of a member."""
        figures, labels = self.figures, self.book.labels
        place = self.facts.full_name(self.by, member)
        title = self.book.title_zh.format(place=place, year=figures.year)
        response = figures.responding.of(self.by, member.member_id)
        silent_year = not any(self._has(name, member) for name in self._known)
        provisional = any(self._get(name, member).provisional for name in self._known)
        rate, table = response.rate, self._table(member)
        return {
            **masthead(
                self.office,
                title,
                simulated=figures.simulated,
                provisional=provisional,
                internal=figures.internal,
            ),
            "labels": dict(labels),
            "place": member.name_zh,
            "kind": labels["kind"].format(kind=self.kind.name_zh),
            "within": self.facts.within(self.by, member),
            "year": figures.year,
            "rate": labels["no_register"] if rate is None else percent(rate * 100),
            "answered": "" if rate is None else f"{response.answered}/{response.expected}",
            "low": rate is not None and rate < MARKED_RESPONSE,
            "silent": silent_year,
            "cards": [] if silent_year else [self._card(name, member) for name in self._cards],
            "table": {**plain(table), "kind": "brief"},
            "charts": [] if silent_year else self.charts.all_of(member),
            "sentences": list(self._sentences(member, silent_year)),
            "missing": list(self._gaps.of(member, response, self._known, silent_year)),
            "notes": self._notes(table),
        }

    @cached_property
    def _known(self) -> list[str]:
        return [name for name in self.kind.rows if name in self.figures.known]

    @cached_property
    def _cards(self) -> list[str]:
        return [name for name in self.kind.cards if name in self.figures.known]

    def _get(self, name: str, member: Member) -> Figure:
        return self.figures.get(name, self.by, member.member_id)

    def _has(self, name: str, member: Member) -> bool:
        figure = self._get(name, member)
        return figure.value is not None or figure.suppressed

    def _shows_figures(self, member: Member) -> bool:
        """Whether anything is known of the member in either year."""
        last = (self.figures.last(name, self.by, member.member_id) for name in self._known)
        return any(self._has(name, member) for name in self._known) or any(
            figure.value is not None or figure.suppressed for figure in last
        )

    def _standing(self, name: str, member: Member) -> Standing | None:
        ranking, hidden = self._rankings[name]
        return standing(ranking, hidden, member.member_id, self.book.most_hidden)

    def _card(self, name: str, member: Member) -> dict[str, str]:
        figure, labels = self._get(name, member), self.book.labels
        said = self.words.value(name, figure)
        found = self._standing(name, member)
        absent = labels["hidden" if figure.suppressed else "absent"]
        change = self.words.change(name, self.by, member.member_id)
        return {
            "name": self.words.name(name),
            "value": said.text if said else figure.mark,
            "unit": said.unit if said else "",
            "change": (change or "") if said else absent,
            "note": "" if found is None else self.charts.place(found),
            "theme": self.figures.definition(name).theme,
        }

    def _table(self, member: Member) -> Table:
        year, labels, last_year = self.figures.year, self.book.labels, self.figures.has_last_year
        columns = [
            Column(labels["unit"], textual=True),
            Column(labels["this"].format(year=year)),
            *([Column(labels["this"].format(year=year - 1)), Column(labels["change"])]
              if last_year else []),
            Column(labels["province"]),
            Column(labels["share"]),
            Column(labels["rank"]),
        ]  # fmt: skip
        shown = self._known if self._shows_figures(member) else ()
        rows = tuple(self._row(name, member) for name in shown)
        spec = self._order.spec
        return Table(spec, labels["figures"], "指标", tuple(columns), rows)

    def _row(self, name: str, member: Member) -> Row:
        definition = self.figures.definition(name)
        this, whole = self._get(name, member), self.figures.get(name)
        last = self.figures.last(name, self.by, member.member_id)
        style = self._order.style(definition, (this, last, whole))
        changed: tuple[Cell, ...] = (style.cell(last), self._moved(name, member))
        return Row(
            self.words.name(name),
            (
                style.unit,
                style.cell(this),
                *(changed if self.figures.has_last_year else ()),
                style.cell(whole),
                self._share(definition, this, whole),
                self._rank(name, member),
            ),
        )

    def _moved(self, name: str, member: Member) -> str:
        """The change with its sign and unit; a mark where there is none."""
        this, last = self._get(name, member), self.figures.last(name, self.by, member.member_id)
        if this.mark or last.mark:
            return last.mark or this.mark
        found = self.figures.change(name, self.by, member.member_id)
        if found.amount is None:
            return NOT_APPLICABLE_MARK
        if found.is_flat:
            return self.book.labels["flat"]
        return signed(self.figures.definition(name), found)

    def _share(self, definition: Definition, this: Figure, whole: Figure) -> Cell:
        if definition.kind != "level":
            return NOT_APPLICABLE_MARK
        if this.value is None or not whole.value:
            return this.mark or whole.mark or NOT_APPLICABLE_MARK
        return Number(this.value / whole.value * 100, _SHARE_DECIMALS)

    def _rank(self, name: str, member: Member) -> str:
        found = self._standing(name, member)
        return self._get(name, member).mark or NOT_APPLICABLE_MARK if found is None else found.text

    def _sentences(self, member: Member, silent_year: bool) -> Iterator[str]:
        year = self.figures.year
        place = self.facts.full_name(self.by, member)
        if silent_year:
            yield self.book.say("silent_year", {"year": str(year), "place": place})
            return
        said: list[str] = []
        for name in self._cards[:2]:
            # The first sentence says when and where.
            total = self._total(name, member, None if said else place)
            said += [total] if total else []
        said += [self._mover(member), self._contribution(member)]
        yield "".join(said)
        if not self.figures.has_last_year:
            yield self.book.say("first_year", {"last": str(year - 1)})

    def _total(self, name: str, member: Member, place: str | None) -> str:
        this, whole = self._get(name, member).value, self.figures.get(name).value
        found = self._standing(name, member)
        return self.book.say(
            "total",
            {
                "year": str(self.figures.year),
                "place": place,
                "name": self.words.name(name),
                "said": self.words.said(name, self.by, member.member_id),
                "share": percent(this / whole * 100) if this and whole else None,
                "peers": self.peers.name_zh,
                "of": None if found is None else str(found.of),
                "rank": None if found is None else found.place,
            },
        )

    def _mover(self, member: Member) -> str:
        """The row with the largest rate of change."""
        rates: dict[str, Decimal] = {}
        for name in self._known:
            found = self.figures.change(name, self.by, member.member_id)
            if found.kind == "rate" and found.amount is not None and not found.is_flat:
                rates[name] = abs(found.amount)
        if len(rates) < 2:
            return ""
        most = max(rates, key=lambda name: rates[name])
        change = self.words.change(most, self.by, member.member_id)
        return self.book.say("mover", {"name": self.words.name(most), "change": change})

    def _contribution(self, member: Member) -> str:
        name = self.kind.contribution
        if name not in self.figures.known:
            return ""
        if self.figures.change(name, self.by, member.member_id).kind in {"break", "none"}:
            return ""
        this, last = self._get(name, member), self.figures.last(name, self.by, member.member_id)
        parts = self.facts.parts(name, self.by, member)
        found = largest(this.value, last.value, parts) if len(parts) > 1 else None
        said = None if found is None else self.words.contribution(found)
        return self.book.say("contribution", {"name": self.words.name(name), "contribution": said})

    def _notes(self, table: Table) -> list[str]:
        labels, members = self.book.labels, self.peers.members
        marks = "；".join(f"“{mark}”表示{MARKS_ZH[mark]}" for mark in table.marks)
        return [
            *([f"{marks}。"] if marks else []),
            labels["peers"].format(
                name=self.peers.name_zh,
                n=len(members),
                names="、".join(self.charts.short(member) for member in members),
            ),
            labels["rank_note"],
            self.office.source(self.figures.year),
        ]


def signed(definition: Definition, found: Change) -> str:
    """A change as a table writes it: +5.91%, −1.20个百分点, +54人."""
    return _SIGNS[direction_of(found)] + amount_text(definition, found)
