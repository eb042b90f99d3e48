"""One indicator over the members of one breakdown, as the page carries it: text, never more.

Every figure is rounded and written here; the script of the page shows, sorts and draws what it is
given.  A column packs its cells into one string a property, which is small and quick to split.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.indicators.change import change
from pipelines.indicators.flags import flags
from pipelines.publish.amounts import amount_text, direction_of
from pipelines.publish.figures import MARKED_RESPONSE, Figure, Figures, Member
from pipelines.publish.page.classes import Classes, classes_of
from pipelines.publish.page.vocabulary import Vocabulary
from pipelines.publish.printed import cell_text
from pipelines.publish.table_book import TableBook, TableSpec
from pipelines.publish.table_order import Order
from pipelines.survey.quantities import readable, round_half_up
from pipelines.survey.reference import PROVINCE

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition

#: Stands between the cells of a column; no figure and no sentence of ours holds it.
JOINT = "|"
#: The page's tables print as the workbook's do.
_SPEC = TableSpec(id="page", title_zh="", theme="", layout="members")
_SIGN = {"up": "+", "down": "\u2212"}
#: Kinds of change, a letter each: up or down by an amount (u d), from one figure to the other
#: (U D), flat, over a break, last year withheld (x), no last year (n), and nothing to say (-).
KINDS = "udUDfbxn-"
_SHARE_DECIMALS = 1


@dataclass
class States:
    """What can be said of a cell besides its figure, each said once and cited by number."""

    words: Vocabulary
    _numbers: dict[tuple[str, str, str, bool], int] = field(default_factory=dict)

    def number(self, figure: Figure) -> int:
        """The number of what is to be said of a figure."""
        rate = figure.response_rate
        low = rate is not None and rate < MARKED_RESPONSE
        said = "" if rate is None else str(readable(rate * 100, "%", 1))
        key = (self._why(figure), JOINT.join(self._cautions(figure)), said, low)
        return self._numbers.setdefault(key, len(self._numbers))

    def listed(self) -> list[dict[str, Any]]:
        return [
            {"why": why, "mind": mind.split(JOINT) if mind else [], "rate": rate, "low": low}
            for why, mind, rate, low in self._numbers
        ]

    def _why(self, figure: Figure) -> str:
        if figure.suppressed:
            return self.words.suppressed
        if figure.value is not None:
            return ""
        return flags().missing.get(figure.reason, self.words.no_value)

    def _cautions(self, figure: Figure) -> Iterable[str]:
        for mark in sorted(figure.flags - {"suppressed"}):
            name, _, detail = mark.partition(":")
            sentence = flags().caution.get(name)
            if sentence:
                yield f"{sentence}（{detail}）" if detail else sentence


@dataclass(frozen=True)
class Columns:
    """Makes the columns of one breakdown; the province stands first in each."""

    figures: Figures
    book: TableBook
    states: States
    by: str
    official: frozenset[str]

    @property
    def members(self) -> tuple[Member, ...]:
        return self.figures.members(self.by)

    @property
    def _places(self) -> list[tuple[str, str]]:
        return [("province", PROVINCE), *((self.by, m.member_id) for m in self.members)]

    def column(self, definition: Definition) -> dict[str, Any] | None:
        """None where there is nothing to show: no value, and none that is withheld."""
        name = definition.indicator_id
        found = [self.figures.get(name, *place) for place in self._places]
        if all(figure.value is None and not figure.suppressed for figure in found[1:]):
            return None
        lasts = [self.figures.last(name, *place) for place in self._places]
        changes = [self._change(definition, *pair) for pair in zip(found, lasts, strict=True)]
        order = Order(self.book, _SPEC, self.figures, "")
        style, before = order.style(definition, found), order.style(definition, lasts)
        ranks = self._ranks(name)
        classes = self._classes(found[1:], style.decimals)
        return {
            "u": style.unit,
            "v": _packed(cell_text(style.cell(figure)) for figure in found),
            "l": _packed(cell_text(before.cell(figure)) for figure in lasts),
            "c": _packed(text for text, _ in changes),
            "d": "".join(direction for _, direction in changes),
            "n": _packed(str(figure.units_covered) for figure in found),
            "m": _packed(str(self.states.number(figure)) for figure in found),
            "s": _packed(self._shares(definition, found)),
            "k": _packed(ranks.get(member_id, "") for _, member_id in self._places),
            "of": len(ranks),
            "h": self._hidden(name),
            "b": list(classes.names),
            "z": classes.zero,
            "q": "." + "".join(map(classes.of, (figure.value for figure in found[1:]))),
        }

    def _change(self, definition: Definition, this: Figure, last: Figure) -> tuple[str, str]:
        """The change on the year before, where it is an amount, and what kind it is (KINDS)."""
        found = change(definition, this.value, last.value, broken=this.is_break)
        if found.kind == "break":
            return "", "b"
        if this.value is None:
            return "", "-"
        if found.amount is None:
            return "", "x" if last.suppressed else "n" if self.figures.has_last_year else "-"
        direction = direction_of(found)
        if direction == "flat":
            return "", "f"
        if found.kind == "from_to":
            return "", direction[0].upper()
        return f"{_SIGN[direction]}{amount_text(definition, found)}", direction[0]

    def _shares(self, definition: Definition, found: list[Figure]) -> Iterable[str]:
        """What a member has of the province, of a level that is told for both; else empty."""
        whole = found[0].value
        for figure in found:
            if definition.kind == "level" and whole and figure.value is not None and whole > 0:
                yield str(readable(figure.value / whole * 100, "%", _SHARE_DECIMALS))
            else:
                yield ""

    def _ranks(self, indicator_id: str) -> dict[str, str]:
        """The places of those on the official list, with = where one is shared.

        Who is in no county, or of no known department, has no place.
        """
        ranking = self.figures.ranking(indicator_id, self.by)
        listed = [ranked for ranked in ranking if ranked.member.member_id in self.official]
        values = [ranked.value for ranked in listed]
        first: dict[Decimal, int] = {}
        for place, value in enumerate(values, 1):
            first.setdefault(value, place)
        shared = {value: "=" if values.count(value) > 1 else "" for value in first}
        return {r.member.member_id: f"{first[r.value]}{shared[r.value]}" for r in listed}

    def _hidden(self, indicator_id: str) -> int:
        """How many may stand anywhere among those ranked: a place is a span of so many more."""
        hidden = self.figures.hidden(indicator_id, self.by)
        return sum(member.member_id in self.official for member in hidden)

    def _classes(self, found: Iterable[Figure], decimals: int) -> Classes:
        """Classes of the figures as they are printed, so that square and number agree."""
        printed = (f.value for f in found if f.value is not None)
        return classes_of([round_half_up(value, decimals) for value in printed], decimals)


def _packed(cells: Iterable[str]) -> str:
    return JOINT.join(cell.replace(JOINT, "／") for cell in cells)
