"""The bounds of Hidiroglou and Berthelot against a published example and two other programs.

Published: M. D'Orazio (Istat), "R package univOutl", section 4.1, the example ``HBmethod(yt1 = y5,
yt2 = y6)`` with U = 0.5, A = 0.05, C = 4 over the farms of ``rice_farms.csv``.  It prints seven
digits.  The digits beyond them were computed by the function ``hb`` of Statistics Norway's package
ssb-vaskify 0.0.5 over the same farms with the same parameters.
"""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from pathlib import Path

import pytest
from checks_bench import Bench, Judged
from test_checks_soft import reference_bounds, thresholds, two_years

from pipelines.survey import load_survey
from pipelines.survey.definition import BUILT_IN

PUBLISHED_BOUNDS = ("-44.10808", "44.39336")
PUBLISHED_OUTLIERS = [
    *(18, 21, 22, 24, 25, 26, 37, 39, 69, 77, 79, 82, 90, 93, 99, 101, 102, 103, 108, 110, 116),
    *(129, 134, 138, 145, 168),
]
NORWAY_MEDIAN = 0.875
NORWAY_BOUNDS = (-44.108082267618954, 44.3933601600897)

RULES = "editions/kp-2021/rules.yaml"
#: The example's parameters; every change outside the bounds is asked about, by no other rule.
PARAMETERS = (
    (r"(id: G17\b.*?u: )[\d.]+", "0.5"),
    (r"(id: G17\b.*?\ba: )[\d.]+", "0.05"),
    (r"(id: G17\b.*?\bc: )[\d.]+", "4"),
    (r"(id: G17\b.*?least_factor: )[\d.]+", "1"),
    (r"(id: G17\b.*?from_amount: )[\d.]+", "0"),
    (r"(id: G14\b.*?from_amount: )[\d.]+", "1000000"),
)


def farms() -> list[tuple[int, int]]:
    path = Path(__file__).parent / "rice_farms.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        lines = (line for line in handle if not line.startswith("#"))
        return [(int(row["before"]), int(row["now"])) for row in csv.DictReader(lines)]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Judged, list[str]]:
    """The farms as units of one county, and their returns in order."""
    folder = tmp_path_factory.mktemp("调查制度")
    text = (BUILT_IN / RULES).read_text("utf-8")
    for pattern, value in PARAMETERS:
        text, hits = re.subn(pattern, rf"\g<1>{value}", text, count=1, flags=re.DOTALL)
        assert hits == 1
    (folder / RULES).parent.mkdir(parents=True)
    (folder / RULES).write_text(text, "utf-8")
    bench = Bench(load_survey(folder))
    returns = two_years(bench, farms(), "lectures")
    return bench.judge(), returns


def test_the_bounds_are_the_published_ones(judged: tuple[Judged, list[str]]) -> None:
    rows = thresholds(judged[0], "G17")
    assert {row["n"] for row in rows} == {171}
    for row in rows:
        for name, printed in zip(("lower", "upper"), PUBLISHED_BOUNDS, strict=True):
            assert row[name].quantize(Decimal(printed)) == Decimal(printed)


def test_the_bounds_are_those_of_other_programs(judged: tuple[Judged, list[str]]) -> None:
    own = reference_bounds(farms(), u=0.5, a=0.05, c=4)
    for row in thresholds(judged[0], "G17"):
        found = [float(row[name]) for name in ("middle", "lower", "upper")]
        assert found == pytest.approx((NORWAY_MEDIAN, *NORWAY_BOUNDS), rel=0, abs=1e-9)
        assert found == pytest.approx(own, rel=0, abs=1e-9)


def test_the_farms_outside_are_the_published_ones(judged: tuple[Judged, list[str]]) -> None:
    judgement, returns = judged
    asked = {row["return_id"] for row in judgement.found("G17")}
    assert [n for n, one in enumerate(returns, 1) if one in asked] == PUBLISHED_OUTLIERS
