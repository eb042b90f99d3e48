"""Who was asked and who answered, for the province, a place or a department: read once a year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pipelines.publish.figure import Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipelines.warehouse import Snapshot

#: Which column of a return says whose it is, by breakdown; the province has them all.
COLUMNS = {
    "province": "",
    "prefecture": "prefecture_code",
    "county": "county_code",
    "department": "department_id",
}
_BY = ", ".join(column for column in COLUMNS.values() if column)


@dataclass(frozen=True)
class Silent:
    """A unit, or a venue of one, that was asked and has no return that counts."""

    unit_name: str
    venue_name: str

    @property
    def name_zh(self) -> str:
        return f"{self.unit_name}（{self.venue_name}）" if self.venue_name else self.unit_name


class Responding:
    """The year's register against the year's returns."""

    def __init__(self, snapshot: Snapshot, year: int) -> None:
        self._snapshot = snapshot
        self._year = year

    def of(self, breakdown: str = "province", member_id: str = "") -> Response:
        """How many of a group were asked, answered and checked."""
        asked, answered = self._sums(self._expected, breakdown, member_id, "asked", "answered")
        counts = self._sums(
            self._returned, breakdown, member_id, "n", "accepted", "queried", "rejected"
        )
        returns, accepted, queried, rejected = counts
        return Response(
            expected=asked or None,
            answered=answered if asked else returns,
            returns=returns,
            accepted=accepted,
            queried=queried,
            rejected=rejected,
            covered=returns - rejected,
        )

    def silent(self, breakdown: str = "province", member_id: str = "") -> tuple[Silent, ...]:
        """Who was asked and did not answer, in the order of the register's places."""
        rows = self._in(self._missing, breakdown, member_id)
        return tuple(Silent(row["unit_name"], row["venue_name"]) for row in rows)

    def unread(self, breakdown: str = "province", member_id: str = "") -> tuple[int, int]:
        """Cells of counted returns that are blank, and that could not be read."""
        blank, unreadable = self._sums(self._gaps, breakdown, member_id, "blank", "unreadable")
        return blank, unreadable

    def _sums(
        self, rows: list[dict[str, Any]], breakdown: str, member_id: str, *keys: str
    ) -> tuple[int, ...]:
        chosen = list(self._in(rows, breakdown, member_id))
        return tuple(sum(row[key] for row in chosen) for key in keys)

    def _in(
        self, rows: list[dict[str, Any]], breakdown: str, member_id: str
    ) -> Iterator[dict[str, Any]]:
        column = COLUMNS[breakdown]
        return (row for row in rows if not column or row[column] == member_id)

    @cached_property
    def _expected(self) -> list[dict[str, Any]]:
        return self._snapshot.rows(
            f"SELECT {_BY}, count(*) AS asked, count(*) FILTER (returned) AS answered"
            f" FROM expected_units WHERE year = ? GROUP BY {_BY}",
            [self._year],
        )

    @cached_property
    def _returned(self) -> list[dict[str, Any]]:
        return self._snapshot.rows(
            f"SELECT {_BY}, count(*) AS n, count(*) FILTER (status = 'accepted') AS accepted,"
            " count(*) FILTER (status = 'queried') AS queried,"
            " count(*) FILTER (status = 'rejected') AS rejected"
            " FROM returns WHERE role = 'basic' AND year = ?"
            f" AND status NOT IN ('superseded', 'duplicate') GROUP BY {_BY}",
            [self._year],
        )

    @cached_property
    def _missing(self) -> list[dict[str, Any]]:
        return self._snapshot.rows(
            f"SELECT {_BY}, unit_name, venue_name FROM expected_units"
            f" WHERE year = ? AND NOT returned ORDER BY {_BY}, unit_id, venue_name",
            [self._year],
        )

    @cached_property
    def _gaps(self) -> list[dict[str, Any]]:
        return self._snapshot.rows(
            f"SELECT {_BY}, count(*) FILTER (state = 'blank') AS blank,"
            " count(*) FILTER (state = 'unreadable') AS unreadable"
            f" FROM counted_answers WHERE year = ? GROUP BY {_BY}",
            [self._year],
        )
