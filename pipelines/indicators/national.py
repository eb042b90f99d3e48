"""Rows to compare with: the nation and the three regions, from what others have published.

A published figure is taken as it is, only brought to our unit by exact powers of ten.  An
indicator that was not published is recomputed where all its parts were, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipelines.indicators.arithmetic import evaluate, total
from pipelines.indicators.breaks import Breaks
from pipelines.indicators.definition import POPULATION, Definition, Definitions
from pipelines.indicators.population import NATION, Denominators
from pipelines.survey.quantities import in_unit
from pipelines.warehouse import Workshop

_NATION_NAMES = ("全国", NATION)
_REGIONS3 = ("东部", "中部", "西部")

#: Several publications of one figure: a plain figure before one worked out, then the latest.
_PUBLISHED_SQL = """
SELECT region, series_id, year, value, unit FROM published_series
WHERE value IS NOT NULL AND region IN ({regions})
ORDER BY region, series_id, year, derived, published_on DESC, source_id
"""


@dataclass(frozen=True, slots=True)
class _Figure:
    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    flags: tuple[str, ...] = ()


def comparison_rows(
    workshop: Workshop, catalogue: Definitions, breaks: Breaks, denominators: Denominators
) -> Iterator[dict[str, Any]]:
    """Rows of ``indicator_values`` for the breakdowns ``nation`` and ``region3``."""
    published = _published(workshop, catalogue)
    for (region, year), amounts in sorted(published.items()):
        in_nation = region == NATION
        residents = denominators.of(NATION, year) if in_nation else None
        for definition in catalogue:
            figure = _figure(definition, amounts, residents.persons if residents else None)
            if figure is None:
                continue
            last = _last_year(published, region, year, definition)
            broken = ("break",) if breaks.between(definition, last, year) else ()
            yield {
                "indicator_id": definition.indicator_id,
                "year": year,
                "breakdown": "nation" if in_nation else "region3",
                "member_id": region,
                "member2_id": "",
                "member_zh": "全国" if in_nation else region,
                "value": figure.value,
                "unit": definition.unit,
                "numerator": figure.numerator,
                "denominator": figure.denominator,
                "units_covered": 0,
                "units_expected": None,
                "response_rate": None,
                "flags": [*broken, *figure.flags],
            }


_Published = dict[tuple[str, int], dict[str, Decimal]]


def _published(workshop: Workshop, catalogue: Definitions) -> _Published:
    """Figures in our units by region and year, then by series."""
    return {
        place: _chosen(candidates, catalogue)
        for place, candidates in _candidates(workshop, catalogue).items()
    }


def _candidates(
    workshop: Workshop, catalogue: Definitions
) -> dict[tuple[str, int], dict[str, list[Decimal]]]:
    """Every publication of a figure, best first; one in a unit that we cannot read is left out.

    Such a series is not the indicator it is named for, and is still in ``published_series``.
    """
    regions = ", ".join(f"'{name}'" for name in (*_NATION_NAMES, *_REGIONS3))
    found: dict[tuple[str, int], dict[str, list[Decimal]]] = {}
    for region, series, year, value, unit in workshop.con.execute(
        _PUBLISHED_SQL.format(regions=regions)
    ).fetchall():
        if series not in catalogue:
            continue
        ours = _in_our_unit(value, unit, catalogue[series].unit)
        place = NATION if region in _NATION_NAMES else region
        if ours is not None:
            found.setdefault((place, year), {}).setdefault(series, []).append(ours)
    return found


def _chosen(candidates: dict[str, list[Decimal]], catalogue: Definitions) -> dict[str, Decimal]:
    """One value a series: where publications differ, the one that its published parts add up to.

    (For 2023 215.62 and 215.63 万人 were printed; 29.32 and 186.31 make 215.63.)
    """
    best = {series: values[0] for series, values in candidates.items()}
    for series, values in candidates.items():
        if catalogue[series].kind == "level" and len(values) > 1:
            parts = total(catalogue[series].numerator, best | {series: None})
            if parts in values:
                best[series] = parts
    return best


def _in_our_unit(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """``wanted`` may carry a per-unit that publications leave to the name (万人/个 as 万人)."""
    exact = in_unit(value, unit, wanted)
    return exact if exact is not None else in_unit(value, unit, wanted.partition("/")[0])


def _figure(
    definition: Definition, amounts: dict[str, Decimal], population: Decimal | None
) -> _Figure | None:
    """The published value, or one recomputed from published parts; None when there is neither."""
    published = amounts.get(definition.indicator_id)
    if published is not None:
        level = published if definition.kind == "level" else None
        return _Figure(published, level)
    value = evaluate(definition, amounts, population)
    if value is None:
        return None
    known = {**amounts, POPULATION: population}
    return _Figure(
        value,
        total(definition.numerator, known),
        total(definition.denominator, known) if definition.denominator else None,
        ("recomputed",),
    )


def _last_year(published: _Published, region: str, year: int, definition: Definition) -> int | None:
    """The latest year before in which the region has a figure the indicator can rest on."""
    wanted = definition.items | {definition.indicator_id}
    years = [
        earlier
        for (place, earlier), amounts in published.items()
        if place == region and earlier < year and not wanted.isdisjoint(amounts)
    ]
    return max(years, default=None)
