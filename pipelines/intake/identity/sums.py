"""Find sums that were sent without the returns of the units they sum.

Rows and forms that sum others are kept apart and never count.  Where nobody of their file and
nobody of their place has reported, what they say would be lost without a word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipelines.survey.reference import PROVINCE

Row = Mapping[str, Any]

_PLACES = ("division_code", "county_code", "prefecture_code")


def sums_alone(rows: Sequence[Row]) -> Iterator[Row]:
    """The sums among returns that no return of a unit stands beside, in file or place."""
    files: set[tuple[int, str]] = set()
    places: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row["role"] == "basic":
            files.add((row["year"], row["file"]))
            places[row["year"]].update([PROVINCE, *(row[place] for place in _PLACES)])
    for row in rows:
        if row["role"] == "basic" or (row["year"], row["file"]) in files:
            continue
        code = row["division_code"]
        if not (code and code in places[row["year"]]):
            yield row
