"""Ten thousand cells of the full cube, drawn at random, agree exactly with a plain pandas script.

The script knows the definition files as text and a table of places written out by hand; of the
engine it uses nothing.  Amounts are whole hundredths, so that its sums are exact.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from indicator_province import Province

import pipelines.indicators
from pipelines.indicators import Definitions, compute
from pipelines.survey import Survey
from pipelines.warehouse import Workshop

YEARS = (2015, 2021, 2022)
SAMPLE = 10_000
PLACES = (
    "county", "prefecture", "prefecture_apart", "county_apart", "prefecture_constant",
    "county_constant",
)  # fmt: skip
#: 公主岭 lies in 四平 in 2015 and in 长春 from 2020 on; 梅河口 and 长白山 stand apart or do not; a
#: zone belongs to the county around it; some units lie in a prefecture only, some nowhere.
WHERE = {
    "220102": ("220102", "220100", "220100", "220102", "220100", "220102"),
    "220171": ("220105", "220100", "220100", "220171", "220100", "220105"),
    "220302": ("220302", "220300", "220300", "220302", "220300", "220302"),
    "220381": ("220381", "220300", "220300", "220381", "220100", "220184"),
    "220184": ("220184", "220100", "220100", "220184", "220100", "220184"),
    "220503": ("220503", "220500", "220500", "220503", "220500", "220503"),
    "220581": ("220581", "220500", "220581", "220581", "220500", "220581"),
    "22Z601": ("222426", "222400", "22Z600", "22Z601", "222400", "222426"),
    "222401": ("222401", "222400", "222400", "222401", "222400", "222401"),
    "220100": ("220100", "220100", "220100", "220100", "220100", "220100"),
    "22Z900": ("none",) * 6,
}
DEPARTMENTS = ("education", "health", "science_association", "")
LEVELS = ("central", "provincial", "prefectural", "county", "")


@pytest.fixture(scope="module")
def returns(survey: Survey) -> Province:
    draw = random.Random(20260131)
    province = Province(survey)
    for year in YEARS:
        gone = "220184" if year < 2020 else "220381"
        items = [item.item_id for item in survey.edition_of(year).items]
        for _ in range(70):
            province.add(
                year,
                draw.choice([code for code in WHERE if code != gone]),
                {item: _cell(draw) for item in items},
                department=draw.choice(DEPARTMENTS),
                level=draw.choice(LEVELS),
                channel=draw.choice(("county", "department")),
                status=draw.choice(("accepted", "queried", "received", "rejected")),
            )
    return province


def _cell(draw: random.Random) -> str:
    plain = str(draw.randrange(1, 3000))
    exact = f"{draw.randrange(1, 900_000) / 100:.2f}"
    return draw.choice((plain, plain, exact, "0", "-", "", "约3"))


@pytest.fixture(scope="module")
def rows(returns: Province, survey: Survey, definitions: Definitions) -> pd.DataFrame:
    """Every indicator at every breakdown, cross tables too."""
    with Workshop() as workshop:
        workshop.replace("returns", returns.returns)
        workshop.replace("answers", returns.answers)
        compute(workshop, survey, replace(definitions, cross_tables={}))
        found = workshop.table("indicator_values")
    return found.to_pandas()


class Plain:
    """The same figures worked out from the returns alone."""

    def __init__(self, province: Province) -> None:
        heads = pd.DataFrame(province.returns)
        heads = heads[(heads["status"] != "rejected")].set_index("return_id")
        for number, name in enumerate(PLACES):
            heads[name] = [WHERE[code][number] for code in heads["division_code"]]
        heads["province"] = "220000"
        for column in ("department_id", "level_id"):
            heads[column.removesuffix("_id")] = heads[column].replace("", "none")
        self.heads = heads
        answers = pd.DataFrame(province.answers)
        answers["hundredths"] = [_hundredths(text) for text in answers["raw_text"]]
        answers = answers[answers["return_id"].isin(heads.index)]
        wide = answers.pivot(index="return_id", columns="item_id", values="hundredths")
        self.wide = wide.reindex(heads.index).astype("Int64")

    @cache  # noqa: B019
    def of(self, year: int, breakdown: str, member: str, member2: str) -> pd.DataFrame:
        heads = self.heads[self.heads["year"] == year]
        first, _, second = breakdown.partition("_")
        if second in ("", "apart", "constant"):
            return self.wide.loc[heads.index[heads[breakdown] == member]]
        chosen = (heads[first] == member) & (heads[second] == member2)
        return self.wide.loc[heads.index[chosen]]

    def total(self, cells: pd.DataFrame, items: dict[str, int]) -> tuple[Fraction | None, int]:
        """Sum and the number of returns that gave anything of it."""
        given = cells.reindex(columns=list(items))
        covered = int(given.notna().any(axis=1).sum())
        if not covered:
            return None, 0
        whole = sum(sign * int(given[item].sum()) for item, sign in items.items())
        return Fraction(whole, 100), covered


def _hundredths(text: str) -> int | None:
    if text in ("", "约3"):
        return None
    return 0 if text == "-" else round(float(text) * 100)


@cache
def _files() -> dict[str, dict[str, Any]]:
    folder = Path(pipelines.indicators.__file__).parent / "definitions"
    texts = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yaml"))]
    return {d["indicator_id"]: d for text in texts for d in text["indicators"]}


def items_of(terms: list[str], above: str = "") -> dict[str, int]:
    """Items and their signs; a term that is itself a level stands for its own items."""
    found: dict[str, int] = {}
    for term in terms:
        name, sign = term.removeprefix("-"), -1 if term.startswith("-") else 1
        inner = _files().get(name)
        if name == above or inner is None:
            found[name] = found.get(name, 0) + sign
        else:
            for item, inner_sign in items_of(inner["numerator"], name).items():
                found[item] = found.get(item, 0) + sign * inner_sign
    return found


def sides(indicator: str, survey: Survey, year: int) -> tuple[list[str], list[str], Fraction]:
    """Terms above and below the line, and the multiplier."""
    written = _files().get(indicator)
    if written is not None:
        multiplier = Fraction(str(written.get("multiplier", 1)))
        return written["numerator"], written.get("denominator", []), multiplier
    item = survey.edition_of(year).item[indicator]
    return [indicator], [] if item.additive else [item.parent_id], Fraction(1)


def expected(
    row: Any, plain: Plain, survey: Survey, year: int
) -> tuple[Fraction | None, int | None]:
    """Value and coverage of an indicator of one year; a population is taken as it stands."""
    above, below, multiplier = sides(row.indicator_id, survey, year)
    cells = plain.of(year, row.breakdown, row.member_id, row.member2_id)
    if above == ["population"]:
        bottom, covered = plain.total(cells, items_of(below))
        top = None if row.numerator is None else Fraction(row.numerator)
    else:
        top, covered = plain.total(cells, items_of(above, row.indicator_id))
        if not below:
            return top, covered
        if below == ["population"]:
            bottom = None if row.denominator is None else Fraction(row.denominator)
        else:
            bottom, _ = plain.total(cells, items_of(below))
    return (None if top is None or not bottom else top * multiplier / bottom), covered


def cut(value: Fraction | None) -> Decimal | None:
    """The first 15 decimal places."""
    if value is None:
        return None
    sign = -1 if value < 0 else 1
    return Decimal(sign * (abs(value.numerator) * 10**15 // value.denominator)).scaleb(-15)


def sampled(rows: pd.DataFrame) -> Iterator[Any]:
    own = rows[[list(flags) != ["not_asked"] for flags in rows["flags"]]]
    own = own[~own["breakdown"].isin(["nation", "region3", "peer_province"])]
    drawn = own.sample(SAMPLE, random_state=7).astype(object)
    return drawn.where(drawn.notna(), None).itertuples()


def test_ten_thousand_cells_agree_exactly(
    rows: pd.DataFrame, returns: Province, survey: Survey
) -> None:
    plain, known = Plain(returns), _compared(rows)
    seen: set[str] = set()
    for row in sampled(rows):
        seen.add(row.breakdown)
        written = _files().get(row.indicator_id, {})
        if written.get("kind") in ("growth", "difference"):
            _assert_change(row, written, known)
            continue
        value, covered = expected(row, plain, survey, row.year)
        level = not sides(row.indicator_id, survey, row.year)[1]
        exact = None if value is None else Decimal(value.numerator) / value.denominator
        wanted = exact if level else cut(value)
        assert row.value == wanted, row
        assert row.units_covered == covered, row
        if value is None and row.numerator is None:
            cells = plain.of(row.year, row.breakdown, row.member_id, row.member2_id)
            assert row.flags[-1] == ("no_return" if cells.empty else "not_filled") or (
                row.flags[-1] == "no_population"
            ), row
    assert seen == {
        "province", "prefecture", "county", "department", "level", "channel",
        "prefecture_department", "department_level", "prefecture_level", "prefecture_apart",
        "county_apart", "prefecture_constant", "county_constant",
    }  # fmt: skip


def _assert_change(row: Any, written: dict[str, Any], known: dict[Any, Any]) -> None:
    """From the rows of the two years that it compares; 2015 and 2021 have no year before."""
    place = (written["of"], row.breakdown, row.member_id, row.member2_id)
    this, last = known.get((*place, row.year)), known.get((*place, row.year - 1))
    if this is None or last is None:
        assert row.value is None, row
    elif written["kind"] == "difference":
        assert row.value == this - last, row
    else:
        moved = Fraction(this) - Fraction(last)
        assert row.value == (cut(moved * 100 / Fraction(last)) if last else None), row


def _compared(rows: pd.DataFrame) -> dict[Any, Any]:
    """Values that changes are of, by indicator, place and year."""
    of = {written["of"] for written in _files().values() if "of" in written}
    chosen = rows[rows["indicator_id"].isin(of)]
    keys = ["indicator_id", "breakdown", "member_id", "member2_id", "year"]
    return dict(zip(chosen[keys].itertuples(index=False, name=None), chosen["value"], strict=True))
