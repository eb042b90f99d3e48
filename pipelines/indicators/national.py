"""Rows to compare with: the nation, the three regions and the provinces, as others published them.

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
from pipelines.indicators.change import change_value
from pipelines.indicators.definition import POPULATION, Definition, Definitions
from pipelines.indicators.population import NATION, Denominators, Residents
from pipelines.survey import Survey
from pipelines.survey.quantities import in_unit
from pipelines.warehouse import Workshop

_NATION_NAMES = ("全国", NATION)
_REGIONS3 = ("东部", "中部", "西部")

#: Several publications of one figure: a plain figure before one worked out, then the latest.
_PUBLISHED_SQL = """
SELECT region, series_id, year, value, unit FROM published_series
WHERE value IS NOT NULL AND list_contains(?, region)
ORDER BY region, series_id, year, derived, published_on DESC, source_id
"""


@dataclass(frozen=True, slots=True)
class _Figure:
    value: Decimal | None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    flags: tuple[str, ...] = ()


def comparison_rows(
    workshop: Workshop,
    survey: Survey,
    catalogue: Definitions,
    breaks: Breaks,
    denominators: Denominators,
) -> Iterator[dict[str, Any]]:
    """Rows of ``indicator_values`` for the breakdowns ``nation``, ``region3``, ``peer_province``.

    The last are provinces, ours among them, as others have published them.
    """
    places = _places(survey)
    published = _published(workshop, catalogue, places)
    figures = {
        (place, year): _figures(catalogue, amounts, denominators.of(place.member_id, year))
        for (place, year), amounts in sorted(published.items())
    }
    for (place, year), found in figures.items():
        before = figures.get((place, year - 1), {})
        for definition in catalogue:
            broken = breaks.flags(definition, _last_year(published, place, year, definition), year)
            figure = found.get(definition.indicator_id)
            if definition.is_change and figure is None and not broken:
                figure = _change_of(definition, found.get(definition.of), before)
            if figure is not None:
                yield _row(definition, place, year, figure, broken)


def _row(
    definition: Definition, place: _Place, year: int, figure: _Figure, broken: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "indicator_id": definition.indicator_id,
        "year": year,
        "breakdown": place.breakdown,
        "member_id": place.member_id,
        "member2_id": "",
        "member_zh": place.name_zh,
        "value": figure.value,
        "unit": definition.unit,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "units_covered": 0,
        "units_expected": None,
        "response_rate": None,
        "flags": [*broken, *figure.flags],
    }


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    breakdown: str
    member_id: str
    name_zh: str


def _places(survey: Survey) -> dict[str, _Place]:
    """Whom published figures are of, by every name they are given there."""
    places = dict.fromkeys(_NATION_NAMES, _Place("nation", NATION, "全国"))
    places |= {name: _Place("region3", name, name) for name in _REGIONS3}
    for province in survey.provinces:
        place = _Place("peer_province", province.code, province.name_zh)
        places |= dict.fromkeys((province.code, province.name_zh, province.short_zh), place)
    return places


_Published = dict[tuple[_Place, int], dict[str, Decimal]]


def _published(workshop: Workshop, catalogue: Definitions, places: dict[str, _Place]) -> _Published:
    """Figures in our units by place and year, then by series."""
    return {
        key: _chosen(candidates, catalogue)
        for key, candidates in _candidates(workshop, catalogue, places).items()
    }


def _candidates(
    workshop: Workshop, catalogue: Definitions, places: dict[str, _Place]
) -> dict[tuple[_Place, int], dict[str, list[Decimal]]]:
    """Every publication of a figure, best first; one in a unit that we cannot read is left out.

    Such a series is not the indicator it is named for, and is still in ``published_series``.
    """
    found: dict[tuple[_Place, int], dict[str, list[Decimal]]] = {}
    for region, series, year, value, unit in workshop.con.execute(
        _PUBLISHED_SQL, [list(places)]
    ).fetchall():
        if series not in catalogue:
            continue
        ours = _in_our_unit(value, unit, catalogue[series].unit)
        if ours is not None:
            found.setdefault((places[region], year), {}).setdefault(series, []).append(ours)
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


def _figures(
    catalogue: Definitions, amounts: dict[str, Decimal], residents: Residents | None
) -> dict[str, _Figure]:
    persons = residents.persons if residents else None
    found = ((d.indicator_id, _figure(d, amounts, persons)) for d in catalogue)
    return {indicator_id: figure for indicator_id, figure in found if figure is not None}


def _change_of(
    definition: Definition, this: _Figure | None, before: dict[str, _Figure]
) -> _Figure | None:
    """A change that was not published, from the figures of two years that were."""
    last = before.get(definition.of)
    if this is None or last is None:
        return None
    value = change_value(definition, this.value, last.value)
    return None if value is None else _Figure(value, this.value, last.value, ("recomputed",))


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


def _last_year(
    published: _Published, place: _Place, year: int, definition: Definition
) -> int | None:
    """The latest year before in which the place has a figure the indicator can rest on."""
    wanted = definition.items | {definition.indicator_id}
    years = [
        earlier
        for (found, earlier), amounts in published.items()
        if found == place and earlier < year and not wanted.isdisjoint(amounts)
    ]
    return max(years, default=None)
