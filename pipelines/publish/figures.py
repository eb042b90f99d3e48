"""The one reading of indicator values for publication.

Words, workbook, bulletin and charts all take their numbers from a ``Figures`` object, so that a
figure that is missing or suppressed is so everywhere, and members always stand in official order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from pipelines.indicators.change import Change, change
from pipelines.survey.quantities import MISSING_MARK, SUPPRESSED_MARK
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


@dataclass(frozen=True, slots=True)
class Figure:
    """One value of one indicator; ``value`` is None when missing or suppressed."""

    value: Decimal | None
    unit: str
    year: int
    flags: frozenset[str] = frozenset()
    units_covered: int = 0
    response_rate: Decimal | None = None

    @property
    def suppressed(self) -> bool:
        return "suppressed" in self.flags

    @property
    def provisional(self) -> bool:
        return "provisional" in self.flags

    @property
    def is_break(self) -> bool:
        return "break" in self.flags

    @property
    def mark(self) -> str:
        """The sign that stands for a value that is not there; empty when it is."""
        if self.suppressed:
            return SUPPRESSED_MARK
        return MISSING_MARK if self.value is None else ""


@dataclass(frozen=True, slots=True)
class Member:
    """A row of a breakdown: a region, a department, a level, a channel."""

    member_id: str
    name_zh: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A member with its place; members with equal values share it."""

    member: Member
    value: Decimal
    rank: int


@dataclass(frozen=True, slots=True)
class Response:
    """How many were asked, answered and checked; ``expected`` is None without a register."""

    expected: int | None
    answered: int
    returns: int
    accepted: int
    queried: int
    rejected: int
    covered: int

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.answered) / self.expected if self.expected else None


class Figures:
    """Indicator values of a data year, the year before, and the nation, ready to publish."""

    def __init__(
        self, snapshot: Snapshot, survey: Survey, definitions: Definitions, year: int
    ) -> None:
        self.snapshot = snapshot
        self.survey = survey
        self.definitions = definitions.with_items(survey)
        self.year = year
        self._loaded: dict[str, dict[tuple[str, int, str], Figure]] = {}

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
        value = found or Figure(None, self.definition(indicator_id).unit, year)
        return self._hidden(value)

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
    def covers_little(self) -> bool:
        """Whether so few answered that the figures do not speak for the province."""
        rate = self.response.rate
        low = self.response.covered < FEW_RETURNS or (rate is not None and rate < RANKED_RESPONSE)
        return low and not self.is_empty

    def change(
        self, indicator_id: str, breakdown: str = "province", member_id: str = PROVINCE
    ) -> Change:
        """The change on the year before, as it is to be told."""
        this = self.get(indicator_id, breakdown, member_id)
        last = self.last(indicator_id, breakdown, member_id)
        definition = self.definition(indicator_id)
        return change(definition, this.value, last.value, broken=this.is_break)

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
        official = tuple(self._official(breakdown))
        known = {member.member_id for member in official}
        names = self._names(breakdown)
        others = sorted(names.keys() - known)
        return (*official, *(Member(key, names[key]) for key in others))

    def reporting(self, breakdown: str, indicator_ids: Iterable[str]) -> tuple[Member, ...]:
        """Members that have a value, or a suppressed one, of any of the indicators."""
        ids = tuple(indicator_ids)
        return tuple(
            member
            for member in self.members(breakdown)
            if any(self._has(indicator, breakdown, member.member_id) for indicator in ids)
        )

    def ranking(self, indicator_id: str, breakdown: str) -> list[Ranked]:
        """Members by value, largest first, equal values sharing a rank (1, 2, 2, 4).

        Only members that reported are ranked: a missing or suppressed value has no place, nor
        has one whose response is too low.
        """
        found = []
        for member in self.members(breakdown):
            figure = self.get(indicator_id, breakdown, member.member_id)
            low = figure.response_rate is not None and figure.response_rate < RANKED_RESPONSE
            if figure.value is not None and not low:
                found.append((member, figure.value))
        found.sort(key=lambda pair: -pair[1])
        return [
            Ranked(member, value, 1 + sum(other > value for _, other in found))
            for member, value in found
        ]

    @cached_property
    def response(self) -> Response:
        return self._response("")

    def response_of(self, prefecture: str) -> Response:
        """The response of the units located in a prefecture."""
        return self._response(prefecture)

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
                " response_rate FROM indicator_values"
                " WHERE breakdown = ? AND member2_id = '' ORDER BY ALL",
                [breakdown],
            )
            self._loaded[breakdown] = {
                (row["indicator_id"], row["year"], row["member_id"]): Figure(
                    row["value"],
                    row["unit"],
                    row["year"],
                    frozenset(row["flags"]),
                    row["units_covered"],
                    row["response_rate"],
                )
                for row in rows
            }
        return self._loaded[breakdown]

    def _names(self, breakdown: str) -> dict[str, str]:
        rows = self.snapshot.rows(
            "SELECT DISTINCT member_id, member_zh FROM indicator_values"
            " WHERE breakdown = ? AND year = ? AND member2_id = '' ORDER BY ALL",
            [breakdown, self.year],
        )
        return {row["member_id"]: row["member_zh"] for row in rows}

    def _official(self, breakdown: str) -> Iterator[Member]:
        survey, year = self.survey, self.year
        if breakdown == "province":
            province = survey.divisions.get(PROVINCE, year)
            yield Member(PROVINCE, province.name_zh if province else "全省")
        elif breakdown == "prefecture":
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

    def _response(self, prefecture: str) -> Response:
        place = "" if not prefecture else " AND prefecture_code = ?"
        params = [self.year, *([prefecture] if prefecture else [])]
        current = (
            "SELECT * FROM returns WHERE role = 'basic' AND year = ?"
            f" AND status NOT IN ('superseded', 'duplicate'){place}"
        )
        expected = self.snapshot.rows(
            "SELECT count(*) AS asked, count(*) FILTER (EXISTS (SELECT 1 FROM counted_returns r"
            " WHERE r.year = u.year AND r.unit_id = u.unit_id"
            " AND r.venue_name = u.venue_name)) AS answered"
            f" FROM units u WHERE u.year = ?{place}",
            params,
        )[0]
        counts = self.snapshot.rows(
            "SELECT count(*) AS n, count(*) FILTER (status = 'accepted') AS accepted,"
            " count(*) FILTER (status = 'queried') AS queried,"
            f" count(*) FILTER (status = 'rejected') AS rejected FROM ({current})",
            params,
        )[0]
        asked = expected["asked"]
        return Response(
            expected=asked or None,
            answered=expected["answered"] if asked else counts["n"],
            returns=counts["n"],
            accepted=counts["accepted"],
            queried=counts["queried"],
            rejected=counts["rejected"],
            covered=counts["n"] - counts["rejected"],
        )
