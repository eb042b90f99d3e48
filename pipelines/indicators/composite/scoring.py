"""Fill ``composite_scores``, ``composite_ranks`` and ``composite_weights`` from the indicators.

Nothing is imputed: a member without one of the items, or of whom too few have reported, is not
scored, and its row says why.  The others are compared among themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.indicators.composite.book import LABEL_ZH, Index, IndexBook, load_indexes
from pipelines.indicators.composite.methods import (
    GRAIN,
    aggregated,
    normalised,
    ranks,
    weights_of,
)
from pipelines.indicators.composite.sensitivity import given_weights, rank_intervals
from pipelines.survey.quantities import readable
from pipelines.survey.reference import PROVINCE

if TYPE_CHECKING:
    from pipelines.indicators.composite.methods import Matrix
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Workshop

#: Fewer than this cannot be compared: two members always stand at the two ends of every scale.
FEWEST = 3
#: Doubts about an item that are doubts about the score.
_PASSED_ON = ("partial", "provisional")

Row = dict[str, Any]


def score_composites(
    workshop: Workshop, survey: Survey, definitions: Definitions, overlay: Path | None = None
) -> None:
    """Replace the three composite tables by what ``indicator_values`` gives."""
    book = load_indexes(definitions, overlay)
    scores: list[Row] = []
    placed: list[Row] = []
    weights: list[Row] = []
    years = workshop.rows(
        "SELECT DISTINCT year FROM indicator_values WHERE breakdown = 'province' ORDER BY year"
    )
    for index in book.indexes:
        found = _Values.of(workshop, index)
        names = {item.indicator_id: definitions[item.indicator_id].name_zh for item in index.items}
        for year in (row["year"] for row in years):
            for breakdown in index.breakdowns:
                scoring = _Scoring(index, book, names, found, year, breakdown, survey)
                scores += scoring.scores()
                placed += scoring.ranks()
                weights += scoring.weights()
    workshop.replace("composite_scores", scores)
    workshop.replace("composite_ranks", placed)
    workshop.replace("composite_weights", weights)


@dataclass(frozen=True)
class _Values:
    """The indicator rows that one index rests on, by year, breakdown, member and indicator."""

    rows: dict[tuple[int, str, str], dict[str, Row]]

    @classmethod
    def of(cls, workshop: Workshop, index: Index) -> _Values:
        ids = [item.indicator_id for item in index.items]
        found: dict[tuple[int, str, str], dict[str, Row]] = {}
        for row in workshop.rows(
            "SELECT indicator_id, year, breakdown, member_id, member_zh, value, response_rate,"
            " flags FROM indicator_values WHERE list_contains($ids, indicator_id)"
            " AND breakdown IN ('province', 'prefecture', 'county')"
            " ORDER BY year, breakdown, member_id, indicator_id",
            {"ids": ids},
        ):
            key = (row["year"], row["breakdown"], row["member_id"])
            found.setdefault(key, {})[row["indicator_id"]] = row
        return cls(found)

    def base(self, indicator_id: str, base_year: int, year: int) -> Decimal | None:
        """The province's value in the base year; None over a break in the series."""
        for later in range(base_year + 1, year + 1):
            row = self.rows.get((later, "province", PROVINCE), {}).get(indicator_id)
            if row and "break" in row["flags"]:
                return None
        row = self.rows.get((base_year, "province", PROVINCE), {}).get(indicator_id)
        return row["value"] if row and row["value"] else None


@dataclass(frozen=True)
class _Scoring:
    """One index in one year over the members of one breakdown."""

    index: Index
    book: IndexBook
    names: dict[str, str]
    found: _Values
    year: int
    breakdown: str
    survey: Survey

    def scores(self) -> Iterator[Row]:
        """Every member on the year's list, with a score or the reason why there is none."""
        scored = dict(zip(self._scored, self._result(), strict=True))
        for member, name in self._members.items():
            reason = self._reasons[member]
            yield self._key(member) | {
                "member_zh": name,
                "score": scored.get(member),
                "reason_zh": reason,
                "flags": self._flags(member) if not reason else [],
                "label_zh": LABEL_ZH,
            }

    def ranks(self) -> Iterator[Row]:
        """Rank of the index as it is defined, and where other choices would have put it."""
        import numpy as np

        if not self._scored:
            return
        own = ranks(np.asarray([float(score) for score in self._result()]))
        seed = f"{self.index.index_id}:{self.year}:{self.breakdown}"
        intervals = rank_intervals(self.index, self._matrix, self._base, seed)
        for member, rank, around in zip(self._scored, own, intervals, strict=True):
            yield self._key(member) | {
                "rank": int(rank),
                "rank_low": around.low,
                "rank_high": around.high,
                "rank_best": around.best,
                "rank_worst": around.worst,
                "scored": len(self._scored),
                "draws": self.index.sensitivity.draws,
                "label_zh": LABEL_ZH,
            }

    def weights(self) -> Iterator[Row]:
        """Weights by every weighting that is used or drawn from."""
        if not self._scored:
            return
        index = self.index
        weightings = dict.fromkeys((index.weighting, *index.sensitivity.weightings))
        for weighting in weightings:
            found = weights_of(self._matrix, self._down, weighting, given_weights(index))
            for item, weight in zip(index.items, found, strict=True):
                yield {
                    "index_id": index.index_id,
                    "year": self.year,
                    "breakdown": self.breakdown,
                    "indicator_id": item.indicator_id,
                    "weighting": weighting,
                    "weight": _exact(weight),
                    "used": weighting == index.weighting,
                }

    def _result(self) -> list[Decimal]:
        if not self._scored:
            return []
        index = self.index
        scaled = normalised(self._matrix, self._down, index.normalisation, self._base)
        weights = weights_of(self._matrix, self._down, index.weighting, given_weights(index))
        found = aggregated(scaled, weights, index.aggregation, index.normalisation, index.floor)
        return [_exact(value) for value in found]

    @cached_property
    def _members(self) -> dict[str, str]:
        """Places on the year's list; what no place could be found for is no member."""
        divisions = self.survey.divisions
        listed = (
            divisions.prefectures(self.year)
            if self.breakdown == "prefecture"
            else divisions.county_units(self.year)
        )
        return {place.code: place.name_zh for place in listed}

    @cached_property
    def _scored(self) -> list[str]:
        return [member for member in self._members if not self._reasons[member]]

    @cached_property
    def _reasons(self) -> dict[str, str]:
        """Why each member is not scored; "" for one that is."""
        words = self.book.reasons
        not_asked = [name for i, name in self.names.items() if not self._is_asked(i)]
        if not_asked:
            reason = words.not_asked.format(names="、".join(not_asked))
            return dict.fromkeys(self._members, reason)
        no_base = [self.names[i] for i, base in self._bases.items() if base is None]
        if no_base:
            reason = words.no_base.format(year=self.index.base_year, names="、".join(no_base))
            return dict.fromkeys(self._members, reason)
        reasons = {member: self._reason(member) for member in self._members}
        if sum(not reason for reason in reasons.values()) < FEWEST:
            too_few = words.too_few.format(count=FEWEST)
            return {member: reason or too_few for member, reason in reasons.items()}
        return reasons

    def _reason(self, member: str) -> str:
        rows = self._rows(member)
        missing = [
            name
            for indicator_id, name in self.names.items()
            if indicator_id not in rows or rows[indicator_id]["value"] is None
        ]
        if missing:
            return self.book.reasons.missing.format(names="、".join(missing))
        rate = next(iter(rows.values()))["response_rate"]
        limit = Decimal(str(self.index.min_response))
        if rate is None or rate >= limit:
            return ""
        shown = (str(readable(100 * share, "%", 1)) for share in (rate, limit))
        return self.book.reasons.low_response.format_map(
            dict(zip(("rate", "limit"), shown, strict=True))
        )

    def _is_asked(self, indicator_id: str) -> bool:
        return indicator_id in self.found.rows.get((self.year, "province", PROVINCE), {})

    @cached_property
    def _bases(self) -> dict[str, Decimal | None]:
        """Values of the base year by indicator; empty where no method needs any."""
        base_year = self.index.base_year
        if base_year is None:
            return {}
        return {i: self.found.base(i, base_year, self.year) for i in self.names}

    @cached_property
    def _base(self) -> list[float]:
        return [float(base or 0) for base in self._bases.values()]

    @cached_property
    def _matrix(self) -> Matrix:
        import numpy as np

        return np.asarray(
            [[float(self._rows(member)[i]["value"]) for i in self.names] for member in self._scored]
        )

    @cached_property
    def _down(self) -> list[bool]:
        return [item.direction == "down" for item in self.index.items]

    def _rows(self, member: str) -> dict[str, Row]:
        return self.found.rows.get((self.year, self.breakdown, member), {})

    def _flags(self, member: str) -> list[str]:
        flags = {flag for row in self._rows(member).values() for flag in row["flags"]}
        return sorted(flags & set(_PASSED_ON))

    def _key(self, member: str) -> Row:
        return {
            "index_id": self.index.index_id,
            "year": self.year,
            "breakdown": self.breakdown,
            "member_id": member,
        }


def _exact(value: float) -> Decimal:
    """A float as the decimal a table holds, at the grain at which scores are compared."""
    return Decimal(f"{value:.{GRAIN}f}")
