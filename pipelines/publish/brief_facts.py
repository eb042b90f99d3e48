"""What the briefs need beside the figures: parts of a place, full names, open queries.

Read once for all pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import TYPE_CHECKING

from pipelines.publish.figure import Figure, Member
from pipelines.publish.movements import Part
from pipelines.publish.responding import COLUMNS

if TYPE_CHECKING:
    from pipelines.publish.figures import Figures

#: The cross table whose first dimension are the parts of a department.
_CROSS = "prefecture_department"


class BriefFacts:
    """About the members of one year."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures
        self._crossed = cache(figures.cross)

    def full_name(self, by: str, member: Member) -> str:
        """A county under its prefecture: names such as 铁西区 are not its alone."""
        return f"{self.within(by, member)}{member.name_zh}"

    def within(self, by: str, member: Member) -> str:
        """The prefecture of a county; "" for others."""
        if by != "county":
            return ""
        places, year = self.figures.survey.divisions, self.figures.year
        above = places.get(places.prefecture_of(member.member_id, year), year)
        return above.name_zh if above else ""

    def parts(self, indicator_id: str, by: str, member: Member) -> list[Part[Member]]:
        """A prefecture by its counties, a department by prefectures; a county has no parts.

        Parts that were not heard of in either year are left out; suppressed ones are not, they
        have no value.
        """
        pairs: Iterable[tuple[Member, Figure | None, Figure | None]] = ()
        if by == "prefecture":
            pairs = self._counties(indicator_id, member.member_id)
        elif by == "department":
            pairs = self._across(indicator_id, member.member_id)
        return [
            Part(who, this.value if this else None, last.value if last else None)
            for who, this, last in pairs
            if any(f and (f.value is not None or f.suppressed) for f in (this, last))
        ]

    def _counties(
        self, indicator_id: str, prefecture: str
    ) -> Iterator[tuple[Member, Figure, Figure]]:
        """The counties, and what is in none of them, under the prefecture's own code."""
        figures, places = self.figures, self.figures.survey.divisions
        for county in figures.members("county"):
            code = county.member_id
            if prefecture in (code, places.prefecture_of(code, figures.year)):
                this = figures.get(indicator_id, "county", code)
                yield county, this, figures.last(indicator_id, "county", code)

    def _across(
        self, indicator_id: str, department: str
    ) -> Iterator[tuple[Member, Figure | None, Figure | None]]:
        year = self.figures.year
        this, last = (self._crossed(indicator_id, _CROSS, y) for y in (year, year - 1))
        for place in self.figures.members("prefecture"):
            pair = (place.member_id, department)
            yield place, this.get(pair), last.get(pair)

    def kept(self, by: str, member_id: str) -> frozenset[str]:
        """Indicators of a member that are not published."""
        return self._suppressed.get((by, member_id), frozenset())

    def open_queries(self, by: str, member_id: str) -> tuple[int, int]:
        """Queries that nobody has answered, and how many of them must be corrected."""
        column = COLUMNS[by]
        rows = [row for row in self._queries if row[column] == member_id]
        return sum(int(str(r["n"])) for r in rows), sum(int(str(r["must"])) for r in rows)

    @cached_property
    def _suppressed(self) -> dict[tuple[str, str], frozenset[str]]:
        rows = self.figures.snapshot.rows(
            "SELECT breakdown, member_id, list(indicator_id) AS names FROM suppressions"
            " WHERE year = ? AND member2_id = '' GROUP BY breakdown, member_id",
            [self.figures.year],
        )
        return {(r["breakdown"], r["member_id"]): frozenset(r["names"]) for r in rows}

    @cached_property
    def _queries(self) -> list[dict[str, object]]:
        by = ", ".join(column for column in COLUMNS.values() if column)
        return self.figures.snapshot.rows(
            f"SELECT {by}, count(*) AS n, count(*) FILTER (must_correct) AS must"
            " FROM open_findings f JOIN returns r USING (return_id)"
            f" WHERE f.year = ? AND f.severity <> 'note' GROUP BY {by}",
            [self.figures.year],
        )
