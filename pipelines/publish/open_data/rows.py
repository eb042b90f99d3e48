"""The rows of the open data package, as they may be seen by everybody.

Values are rounded half up to the decimals of publication; numerators and denominators stay inside,
since a ratio and its denominator together give away a suppressed total.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipelines.survey.quantities import round_half_up

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.warehouse import Snapshot

Row = dict[str, Any]

#: Where the public values are read: after disclosure control.
PUBLIC_VALUES = "public_indicator_values"

#: Stands for the second member where there is none: a part of a key is never empty.
NO_MEMBER = "_Z"

_RATE_DECIMALS = 4


def public_values(snapshot: Snapshot, year: int) -> list[Row]:
    """The year's values, and what others have published for years up to it."""
    return snapshot.rows(
        "SELECT indicator_id, year, breakdown, member_id, member2_id, member_zh, value, unit,"
        f" units_covered, units_expected, response_rate, flags FROM {PUBLIC_VALUES}"
        " WHERE year = $year OR (year < $year AND breakdown = 'nation')"
        " ORDER BY indicator_id, year, breakdown, member_id, member2_id",
        {"year": year},
    )


def value_rows(values: list[Row], definitions: Definitions) -> Iterator[Row]:
    """Rows of ``indicator_values``."""
    for row in values:
        suppressed = "suppressed" in row["flags"]
        value = None if suppressed or row["value"] is None else row["value"]
        decimals = definitions[row["indicator_id"]].decimals
        yield {
            "indicator_id": row["indicator_id"],
            "year": row["year"],
            "breakdown": row["breakdown"],
            "member_id": row["member_id"],
            "member2_id": row["member2_id"] or NO_MEMBER,
            "value": None if value is None else round_half_up(value, decimals),
            "unit": row["unit"],
            "status": _status(value, suppressed=suppressed),
            "units_covered": row["units_covered"],
            "units_expected": row["units_expected"],
            "response_rate": _rate(row["response_rate"]),
            "flags": ";".join(row["flags"]),
        }


def indicator_rows(values: list[Row], definitions: Definitions) -> Iterator[Row]:
    """Rows of ``indicators``: those that the package has a value line of."""
    for indicator_id in dict.fromkeys(row["indicator_id"] for row in values):
        definition = definitions[indicator_id]
        yield {
            "indicator_id": indicator_id,
            "name_zh": definition.name_zh,
            "name_en": definition.name_en,
            "theme": definition.theme,
            "kind": definition.kind,
            "unit": definition.unit,
            "decimals": definition.decimals,
            "formula_zh": definition.formula_zh,
            "tells_zh": definition.tells_zh,
            "not_tells_zh": definition.not_tells_zh,
            "caveats_zh": "；".join(definitions.caveats[name] for name in definition.caveats),
            "note_zh": definition.note_zh,
        }


def member_rows(values: list[Row]) -> Iterator[Row]:
    """Rows of ``members``, named as in the latest year that has them."""
    names: dict[tuple[str, str, str], tuple[int, str]] = {}
    for row in values:
        key = (row["breakdown"], row["member_id"], row["member2_id"])
        names[key] = max(names.get(key, (0, "")), (row["year"], row["member_zh"]))
    for (breakdown, member_id, member2_id), (_, name) in sorted(names.items()):
        yield {
            "breakdown": breakdown,
            "member_id": member_id,
            "member2_id": member2_id or NO_MEMBER,
            "name_zh": name,
        }


def _status(value: Decimal | None, *, suppressed: bool) -> str:
    if suppressed:
        return "suppressed"
    return "missing" if value is None else "published"


def _rate(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else round_half_up(rate, _RATE_DECIMALS)
