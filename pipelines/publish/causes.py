"""Which indicators moved most, and who moved them: places, departments, single units.

For internal papers: nothing is hidden, and a unit that did not report in one of the years moves
the total by all that it reported in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.publish.movements import Part, by_size
from pipelines.publish.table_model import Cell, Number
from pipelines.publish.unit_values import Unit, UnitValues
from pipelines.survey.quantities import MISSING_MARK, readable

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition
    from pipelines.publish.analysis_book import AnalysisBook, Line
    from pipelines.publish.words import Words

_POINTS = 2
_BREAKDOWNS = ("prefecture", "department")


@dataclass(frozen=True)
class Moved:
    """An indicator of the province in both years, both with a value and comparable."""

    definition: Definition
    this: Decimal
    last: Decimal

    @property
    def moved(self) -> Decimal:
        return self.this - self.last

    @property
    def rate(self) -> Decimal:
        """Growth in %; the year before is not nought."""
        return self.moved / self.last * 100

    @property
    def decimals(self) -> int:
        whole = all(v == v.to_integral_value() for v in (self.this, self.last))
        return 0 if whole else self.definition.decimals

    def points(self, part: Part[Any]) -> Decimal:
        """How far a part moved the total, in 百分点 of last year's."""
        return part.moved / self.last * 100


class Causes:
    """The changes of a year, and the parts behind them."""

    def __init__(self, words: Words, book: AnalysisBook) -> None:
        self.words = words
        self.figures = words.figures
        self.book = book
        known = self.figures.known.values()
        moved = [found for d in known if d.kind == "level" and (found := self._moved(d))]
        self.compared = len(moved)
        rates = [one for one in moved if self._change_kind(one) == "rate" and one.moved]
        self.largest = sorted(rates, key=lambda one: (-abs(one.rate), one.definition.indicator_id))[
            : book.changes
        ]
        by_id = {one.definition.indicator_id: one for one in moved}
        self.headline = [by_id[name] for name in book.headline if name in by_id]
        wanted = {*book.last_year_items} & self.figures.known.keys()
        self.units = UnitValues(
            self.figures,
            [
                *(one.definition for one in (*self.largest, *self.headline)),
                *(self.figures.definition(name) for name in wanted),
            ],
        )

    def table(self) -> dict[str, Any]:
        """The indicators that moved most, each with the part of each kind that moved it most."""
        lines: list[Line] = []
        for one in self.largest:
            cells: list[Cell] = [
                one.definition.unit,
                Number(one.this, one.decimals),
                Number(one.last, one.decimals),
                Number(one.moved, one.decimals, signed=True),
                Number(one.rate, _POINTS, signed=True),
            ]
            firsts = [by_size(parts)[:1] for _, parts in self._kinds(one)]
            said = [self._pulled(one, found[0]) if found else "" for found in firsts]
            lines.append((self.words.name(one.definition.indicator_id), [*cells, *said], False))
        return self.book.tables["changes"].drawn(lines)

    def cause(self, one: Moved) -> dict[str, Any]:
        """One indicator: what is said of it, and its largest parts of each kind."""
        spec, labels = self.book.tables["causes"], self.book.labels
        rate = Number(one.rate, _POINTS, signed=True)
        whole = [*self._numbers(one, one.this, one.last), rate, ""]
        lines: list[Line] = [(labels["whole"], whole, True)]
        firsts: dict[str, str | None] = {}
        for kind, parts in self._kinds(one):
            largest = by_size(parts)[: self.book.movers]
            firsts[kind] = self._pulled(one, largest[0]) if largest else None
            if largest:
                lines.append((labels[f"by_{kind}"], [""] * 5, True))
            lines += [self._line(one, part) for part in largest]
        name = self.words.name(one.definition.indicator_id)
        said = self.words.said(one.definition.indicator_id)
        text = self.book.say("cause", name=name, said=said, **firsts).rstrip("；。") + "。"
        if len(lines) == 1:
            return {"text": text}
        table = spec.drawn(lines, spec.title.format(name=name), one.definition.unit)
        return {"text": text, "table": table}

    def _line(self, one: Moved, part: Part[Any]) -> Line:
        points = Number(one.points(part), _POINTS, signed=True)
        return (
            part.who.name_zh,
            [*self._numbers(one, part.this, part.last), points, self._note(part)],
            False,
        )

    def _note(self, part: Part[Any]) -> str:
        """Why a unit has no value in one of the years."""
        if not isinstance(part.who, Unit):
            return ""
        this = self.figures.year
        for year, value, name in ((this, part.this, "now"), (this - 1, part.last, "before")):
            if value is None:
                silent = not self.units.reported(part.who.key, year)
                return self.book.labels[f"{'silent' if silent else 'blank'}_{name}"]
        return ""

    def _numbers(self, one: Moved, this: Decimal | None, last: Decimal | None) -> list[Cell]:
        pair: list[Cell] = [
            MISSING_MARK if value is None else Number(value, one.decimals) for value in (this, last)
        ]
        moved = (this or Decimal(0)) - (last or Decimal(0))
        return [*pair, Number(moved, one.decimals, signed=True)]

    def _kinds(self, one: Moved) -> list[tuple[str, Sequence[Part[Any]]]]:
        figures, name = self.figures, one.definition.indicator_id
        kinds: list[tuple[str, Sequence[Part[Any]]]] = [
            (
                by,
                [
                    Part(
                        member,
                        figures.get(name, by, member.member_id).value,
                        figures.last(name, by, member.member_id).value,
                    )
                    for member in figures.members(by)
                ],
            )
            for by in _BREAKDOWNS
        ]
        return [*kinds, ("unit", self.units.parts(one.definition))]

    def _pulled(self, one: Moved, part: Part[Any]) -> str:
        points = one.points(part)
        said = readable(abs(points), "个百分点", _POINTS)
        way = "up" if points > 0 else "down"
        return self.book.say(way, who=part.who.name_zh, points=said)

    def _moved(self, definition: Definition) -> Moved | None:
        name = definition.indicator_id
        this, last = self.figures.get(name).value, self.figures.last(name).value
        broken = self.figures.change(name).kind in {"break", "none"}
        if broken or this is None or not last:
            return None
        return Moved(definition, this, last)

    def _change_kind(self, one: Moved) -> str:
        return self.figures.change(one.definition.indicator_id).kind
