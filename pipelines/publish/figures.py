"""The one reading of indicator values for publication.

Words, workbook, bulletin and charts all take their numbers from a ``Figures`` object, so that a
figure that is missing or suppressed is so everywhere, and members always stand in official order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.indicators.breakdowns import BREAKDOWN
from pipelines.indicators.breaks import Breaks, breaks_of
from pipelines.indicators.change import Change, change
from pipelines.publish.figure import Figure, Member, Ranked, Response, figure_of
from pipelines.publish.responding import Responding
from pipelines.survey.reference import PROVINCE

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition, Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

NATION = "000000"

#: Below this response rate a place is marked; below the second its level is not ranked.
MARKED_RESPONSE = Decimal("0.8")
RANKED_RESPONSE = Decimal("0.5")
#: Fewer returns than this are not spoken of as the province.
FEW_RETURNS = 30

_CHANNELS = (("county", "属地渠道"), ("department", "部门渠道"))


class Figures:
    """Indicator values of a data year, the year before, and the nation, ready to publish."""

    def __init__(
        self,
        snapshot: Snapshot,
        survey: Survey,
        definitions: Definitions,
        year: int,
        *,
        internal: bool = False,
    ) -> None:
        self.snapshot = snapshot
        self.internal = internal
        #: What rows are read from: only what is for internal use sees suppressed values.
        self.source = "indicator_values" if internal else "public_indicator_values"
        self.survey = survey
        self.definitions = definitions.with_items(survey)
        self.year = year
        self._loaded: dict[str, dict[tuple[str, int, str], Figure]] = {}
        self._members: dict[str, tuple[Member, ...]] = {}

    @cached_property
    def meta(self) -> dict[str, str]:
        return self.snapshot.meta

    def definition(self, indicator_id: str) -> Definition:
        return self.definitions[indicator_id]

    @cached_property
    def known(self) -> dict[str, Definition]:
        """The indicators that the year's questionnaire can give, by id."""
        asked = self.definitions.asked_in(self.year, self.survey.edition_of(self.year))
        return {definition.indicator_id: definition for definition in asked}

    def get(
        self,
        indicator_id: str,
        breakdown: str = "province",
        member_id: str = PROVINCE,
        year: int | None = None,
    ) -> Figure:
        """The value of a place or group; a Figure without value when there is no such row."""
        year = self.year if year is None else year
        found = self._values(breakdown).get((indicator_id, year, member_id))
        return self._hidden(found or self._absent(indicator_id, breakdown, member_id, year))

    def _absent(self, indicator_id: str, breakdown: str, member_id: str, year: int) -> Figure:
        """A figure of which there is no row, with the reason."""
        definition = self.definition(indicator_id)
        return Figure(
            None,
            definition.unit,
            year,
            frozenset({self._why(definition, breakdown, member_id, year)}),
        )

    def _why(self, definition: Definition, breakdown: str, member_id: str, year: int) -> str:
        known = BREAKDOWN.get(breakdown)
        if known is None:
            return "not_published"
        if year not in self.years:
            return "no_year"
        if known.basis in ("gb", "apart") and not self.survey.divisions.get(member_id, year):
            return "unknown_division"
        if not definition.valid_in(year, self.survey.edition_of(year)):
            return "not_asked"
        # A level or a department is no place: nobody lives there.
        lives = not definition.needs_population or known.territorial
        return "no_return" if lives else "no_population"

    @cached_property
    def years(self) -> tuple[int, ...]:
        """The data years that figures of our own were computed for, in order."""
        rows = self.snapshot.rows(
            f"SELECT DISTINCT year FROM {self.source} WHERE breakdown = 'province' ORDER BY year"
        )
        return tuple(row["year"] for row in rows)

    def published_years(self, breakdown: str) -> tuple[int, ...]:
        """The years of which others have published figures, in order."""
        return tuple(sorted({year for _, year, _ in self._values(breakdown)}))

    def on_basis(self, breakdown: str) -> str:
        """The breakdown itself, or the one as reported where nothing has moved since."""
        known = BREAKDOWN.get(breakdown)
        if known is None or known.basis != "constant" or self._values(breakdown):
            return breakdown
        return known.kind

    def cross(
        self, indicator_id: str, breakdown: str, year: int | None = None
    ) -> dict[tuple[str, str], Figure]:
        """A cross table of the year: figures by first and second member."""
        rows = self.snapshot.rows(
            f"SELECT * FROM {self.source} WHERE breakdown = ? AND indicator_id = ? AND year = ?",
            [breakdown, indicator_id, self.year if year is None else year],
        )
        return {(row["member_id"], row["member2_id"]): self._hidden(figure_of(row)) for row in rows}

    def broken_by(self, indicator_id: str, last: int, this: int) -> dict[int, str]:
        """Breaks in the series after one year and up to another, with what changed."""
        return self._breaks.found(self.definition(indicator_id), last, this)

    @cached_property
    def _breaks(self) -> Breaks:
        return breaks_of(self.survey)

    def last(
        self, indicator_id: str, breakdown: str = "province", member_id: str = PROVINCE
    ) -> Figure:
        """The value of the year before."""
        return self.get(indicator_id, breakdown, member_id, self.year - 1)

    @cached_property
    def has_last_year(self) -> bool:
        """Whether anything at all was counted for the year before."""
        return any(self.last(indicator_id).value is not None for indicator_id in self.known)

    @cached_property
    def is_empty(self) -> bool:
        """Whether nothing at all was counted for the year."""
        return all(self.get(indicator_id).value is None for indicator_id in self.known)

    @property
    def is_hidden(self) -> bool:
        """Whether something was counted for the year, and none of it is to be published."""
        return self.is_empty and any(self.get(each).suppressed for each in self.known)

    @property
    def covers_little(self) -> bool:
        """Whether so few answered that the figures do not speak for the province."""
        rate = self.response.rate
        low = self.response.covered < FEW_RETURNS or (rate is not None and rate < RANKED_RESPONSE)
        return low and not self.is_empty

    def change(
        self,
        indicator_id: str,
        breakdown: str = "province",
        member_id: str = PROVINCE,
        *,
        over_break: bool = False,
    ) -> Change:
        """The change on the year before, as it is to be told; ``over_break`` if asked for."""
        this = self.get(indicator_id, breakdown, member_id)
        last = self.last(indicator_id, breakdown, member_id)
        definition = self.definition(indicator_id)
        return change(
            definition, this.value, last.value, broken=this.is_break, over_break=over_break
        )

    def nation(self, indicator_id: str) -> Figure:
        """The national value of the data year, else of the latest year before it."""
        years = [
            year
            for (found_id, year, member_id), figure in self._values("nation").items()
            if found_id == indicator_id
            and member_id == NATION
            and year <= self.year
            and figure.value is not None
        ]
        return self.get(indicator_id, "nation", NATION, max(years, default=self.year))

    def members(self, breakdown: str) -> tuple[Member, ...]:
        """Members of a breakdown in official order, then any others that have values."""
        if breakdown not in self._members:
            self._members[breakdown] = tuple(self._all_members(breakdown))
        return self._members[breakdown]

    def _all_members(self, breakdown: str) -> Iterator[Member]:
        official = tuple(self._official(breakdown))
        known = {member.member_id for member in official}
        names = self._names(breakdown)
        others = sorted(names.keys() - known)
        yield from official
        yield from (Member(key, names[key]) for key in others)

    def reporting(self, breakdown: str, indicator_ids: Iterable[str]) -> tuple[Member, ...]:
        """Members that have a value, or a suppressed one, of any of the indicators."""
        ids = tuple(indicator_ids)
        return tuple(
            member
            for member in self.members(breakdown)
            if any(self._has(indicator, breakdown, member.member_id) for indicator in ids)
        )

    def hidden(self, indicator_id: str, breakdown: str) -> tuple[Member, ...]:
        """Members whose value is suppressed: who is first or last cannot be said beside them."""
        return tuple(
            member
            for member in self.members(breakdown)
            if self.get(indicator_id, breakdown, member.member_id).suppressed
        )

    def unranked(self, indicator_id: str, breakdown: str) -> tuple[Member, ...]:
        """Members that have a value and no place, because too few of them answered."""
        return tuple(
            member
            for member in self.members(breakdown)
            if _answers_little(figure := self.get(indicator_id, breakdown, member.member_id))
            and figure.value is not None
        )

    def ranking(self, indicator_id: str, breakdown: str) -> list[Ranked]:
        """Members by value, largest first, equal values sharing a rank (1, 2, 2, 4).

        Only members that reported are ranked: a missing or suppressed value has no place, nor
        has one whose response is too low.
        """
        found = []
        for member in self.members(breakdown):
            figure = self.get(indicator_id, breakdown, member.member_id)
            if figure.value is not None and not _answers_little(figure):
                found.append((member, figure.value))
        found.sort(key=lambda pair: -pair[1])
        ranked: list[Ranked] = []
        for place, (member, value) in enumerate(found, 1):
            tied = bool(ranked) and ranked[-1].value == value
            ranked.append(Ranked(member, value, ranked[-1].rank if tied else place))
        return ranked

    @cached_property
    def response(self) -> Response:
        return self.responding.of()

    @cached_property
    def responding(self) -> Responding:
        """The response of every place and department of the year."""
        return Responding(self.snapshot, self.year)

    def response_of(self, prefecture: str) -> Response:
        """The response of the units located in a prefecture; "" is the province."""
        return self.responding.of("prefecture" if prefecture else "province", prefecture)

    @cached_property
    def simulated(self) -> bool:
        """Whether anything in the year's figures is made up for training."""
        made_up = self.snapshot.rows(
            "SELECT count(*) AS n FROM returns WHERE simulated AND year IN (?, ?)",
            [self.year, self.year - 1],
        )
        return self.meta.get("simulated") == "yes" or made_up[0]["n"] > 0

    @cached_property
    def provisional(self) -> bool:
        """Whether any provincial figure of the year still rests on returns in question."""
        return any(
            figure.provisional
            for (_, year, _), figure in self._values("province").items()
            if year == self.year
        )

    def _hidden(self, figure: Figure) -> Figure:
        """A suppressed value leaves this room only as its mark."""
        if not figure.suppressed or figure.value is None:
            return figure
        return Figure(None, figure.unit, figure.year, figure.flags)

    def _has(self, indicator_id: str, breakdown: str, member_id: str) -> bool:
        figure = self.get(indicator_id, breakdown, member_id)
        return figure.value is not None or figure.suppressed

    def _values(self, breakdown: str) -> dict[tuple[str, int, str], Figure]:
        if breakdown not in self._loaded:
            rows = self.snapshot.rows(
                "SELECT indicator_id, year, member_id, value, unit, flags, units_covered,"
                f" response_rate FROM {self.source}"
                " WHERE breakdown = ? AND member2_id = '' ORDER BY ALL",
                [breakdown],
            )
            self._loaded[breakdown] = {
                (row["indicator_id"], row["year"], row["member_id"]): figure_of(row) for row in rows
            }
        return self._loaded[breakdown]

    def _names(self, breakdown: str) -> dict[str, str]:
        rows = self.snapshot.rows(
            f"SELECT DISTINCT member_id, member_zh FROM {self.source}"
            " WHERE breakdown = ? AND year = ? AND member2_id = '' ORDER BY ALL",
            [breakdown, self.year],
        )
        return {row["member_id"]: row["member_zh"] for row in rows}

    def _official(self, breakdown: str) -> Iterator[Member]:
        survey, year = self.survey, self.year
        if breakdown == "province":
            province = survey.divisions.get(PROVINCE, year)
            yield Member(PROVINCE, province.name_zh if province else "全省")
        elif breakdown in ("prefecture", "prefecture_apart", "prefecture_constant"):
            yield from (Member(d.code, d.name_zh) for d in survey.divisions.prefectures(year))
        elif breakdown == "county":
            yield from (Member(d.code, d.name_zh) for d in survey.divisions.county_units(year))
        elif breakdown == "department":
            active = survey.departments.active(year)
            yield from (Member(d.department_id, d.name_zh) for d in active)
        elif breakdown == "level":
            yield from (Member(level.level_id, level.name_zh) for level in survey.levels)
        elif breakdown == "channel":
            yield from (Member(key, name) for key, name in _CHANNELS)


def _answers_little(figure: Figure) -> bool:
    return figure.response_rate is not None and figure.response_rate < RANKED_RESPONSE


__all__ = [
    "FEW_RETURNS",
    "MARKED_RESPONSE",
    "NATION",
    "RANKED_RESPONSE",
    "Figure",
    "Figures",
    "Member",
    "Ranked",
    "Response",
]
