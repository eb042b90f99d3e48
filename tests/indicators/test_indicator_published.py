"""The engine against what national releases print: every ratio that can be recomputed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.indicators import Definitions, evaluate
from pipelines.indicators.change import growth_rate
from pipelines.indicators.population import NATION, Denominators
from pipelines.survey import Survey
from pipelines.survey.quantities import in_unit, round_half_up

DATA = yaml.safe_load(Path(__file__).with_name("published_ratios.yaml").read_text("utf-8"))
RATIOS: list[dict[str, Any]] = DATA["ratios"]


def _id(case: dict[str, Any]) -> str:
    kind = f"-{case['last_year']}" if "last_year" in case else ""
    return f"{case['indicator']}-{case['year']}{kind}"


def _exact(printed: str, unit: str) -> Decimal:
    figure, printed_unit = printed.split()
    exact = in_unit(Decimal(figure), printed_unit, unit)
    assert exact is not None
    return exact


def _ends(printed: str, unit: str) -> tuple[Decimal, Decimal]:
    """The least and greatest unrounded figures that print like this; a count is exact."""
    figure, printed_unit = printed.split()
    value = Decimal(figure)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    half = Decimal(5).scaleb(exponent - 1) if exponent < 0 else Decimal(0)
    low, high = (in_unit(v, printed_unit, unit) for v in (value - half, value + half))
    assert low is not None
    assert high is not None
    return low, high


class Recomputed:
    """One printed ratio, recomputed from the printed figures and from all they may stand for."""

    def __init__(self, case: dict[str, Any], definitions: Definitions, survey: Survey) -> None:
        self.case = case
        self.definitions = definitions
        residents = Denominators(survey).of(NATION, case["year"])
        self.population = residents.persons if residents else None
        self.definition = definitions[case["indicator"]]

    def central(self) -> Decimal:
        this = {name: self._exact(name, text) for name, text in self.case["this"].items()}
        last = {name: self._exact(name, text) for name, text in self.case.get("last", {}).items()}
        return self._value(this, last)

    def possible(self) -> tuple[Decimal, Decimal]:
        values = [self._value(this, last) for this, last in self._corners()]
        return min(values), max(values)

    def _corners(self) -> Iterator[tuple[dict[str, Decimal], dict[str, Decimal]]]:
        this, last = self.case["this"], self.case.get("last", {})
        ends = [
            _ends(text, self.definitions[name].unit)
            for name, text in [*this.items(), *last.items()]
        ]
        for corner in product(*ends):
            first, second = corner[: len(this)], corner[len(this) :]
            yield dict(zip(this, first, strict=True)), dict(zip(last, second, strict=True))

    def _exact(self, name: str, text: str) -> Decimal:
        return _exact(text, self.definitions[name].unit)

    def _value(self, this: dict[str, Decimal], last: dict[str, Decimal]) -> Decimal:
        value = evaluate(self.definition, this, self.population)
        assert value is not None
        if last:
            before = evaluate(self.definition, last)
            assert before is not None
            rate = growth_rate(value, before)
            assert rate is not None
            return rate
        wanted = self.definition.unit.partition("/")[0]
        printed = in_unit(value, wanted, self.case["unit"])
        assert printed is not None
        return printed


@pytest.mark.parametrize("case", RATIOS, ids=_id)
def test_printed_ratio_is_reproduced(
    case: dict[str, Any], definitions: Definitions, survey: Survey
) -> None:
    published = Decimal(case["published"])
    exponent = published.as_tuple().exponent
    assert isinstance(exponent, int)
    recomputed = Recomputed(case, definitions, survey)
    low, high = recomputed.possible()
    half = Decimal(5).scaleb(exponent - 1)
    agrees = round_half_up(recomputed.central(), -exponent) == published
    possible = low < published + half and high >= published - half
    verdict = "ok" if agrees else "within_input_rounding" if possible else "disagrees"
    assert verdict == case["result"], (recomputed.central(), low, high)


def test_every_source_is_named_and_used() -> None:
    used = {source for case in RATIOS for source in case["sources"]}
    assert used == set(DATA["sources"])
    assert all(
        source["publisher"] and source["title"] and source["date"]
        for source in DATA["sources"].values()
    )


def test_with_the_population_revised_later_the_ratios_no_longer_fit(
    definitions: Definitions,
) -> None:
    """2019: 1477 venues, published 94.79; with the later revised 141008 万人 it would be 95.47."""
    definition = definitions["population_per_venue"]
    first = evaluate(definition, {"venues_two_kinds": Decimal(1477)}, Decimal(1400050000))
    revised = evaluate(definition, {"venues_two_kinds": Decimal(1477)}, Decimal(1410080000))
    assert first is not None
    assert revised is not None
    assert round_half_up(first, 2) == Decimal("94.79")
    assert round_half_up(revised, 2) == Decimal("95.47")
