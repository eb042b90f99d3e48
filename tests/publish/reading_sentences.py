"""Sentences read into claims: a value, its change, who leads, who moved the total by how much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from tests.publish.reading_back import (
    FLAT,
    NATION,
    PROVINCE,
    Claim,
    NotUnderstoodError,
    Truth,
    factor_of,
)

_UP, _DOWN = "增长提高增加", "下降减少"


def of_piece(truth: Truth, said: str, origin: str, where: str) -> Iterator[Claim]:
    """Claims of 〔3.47亿元，比上年增长3.47%｜fund_raised.said〕."""
    found = re.fullmatch(r"([a-z0-9_]+)\.([a-z_]+)(?:@([a-z_]+))?", origin)
    if found is None:
        raise NotUnderstoodError(f"{where}：出处“{origin}”")
    indicator, what, by = found[1], found[2], found[3] or "prefecture"
    if what in {"value", "number", "said", "change"}:
        yield from of_said(truth, said, indicator, where)
    elif what == "last":
        yield from _value(truth, said, indicator, truth.year - 1, where)
    elif what == "nation":
        yield from _value(
            truth, said, indicator, truth.latest_nation(indicator), where, nation=True
        )
    elif what in {"leaders", "trailers"}:
        yield from of_places(truth, said, indicator, by, where)
    elif what == "nation_year":
        assert said in {"", f"（{truth.latest_nation(indicator)}年）"}, where
    elif what in {"contribution", "driver", "leaders_share"}:
        assert (wrong := moved_by(truth, said, indicator, what, by)) == "", f"{where}：{wrong}"
    elif what == "spread":
        assert said == str(spread(truth, indicator, by)), where
    else:
        raise NotUnderstoodError(f"{where}：{what}")


def of_said(truth: Truth, said: str, indicator: str, where: str) -> Iterator[Claim]:
    """A value, and what is said of its change."""
    for part in filter(None, said.rstrip("。").split("，")):
        if found := re.fullmatch(r"比上年(..)(\d[\d.]*)(.+)", part):
            if found[1] not in _UP + _DOWN:
                raise NotUnderstoodError(f"{where}：{part}")
            text = f"{'-' if found[1] in _DOWN else ''}{found[2]}"
            yield Claim(where, text, found[3], indicator, truth.year, change=True)
        elif found := re.fullmatch(r"由上年的(.+)[增减]至(.+)", part):
            yield from _value(truth, found[1], indicator, truth.year - 1, where)
            yield from _value(truth, found[2], indicator, truth.year, where)
        elif part in {"与上年持平", "x", "…"}:
            flat = part == "与上年持平"
            said = FLAT if flat else part
            yield Claim(where, said, "", indicator, truth.year, change=flat)
        elif part == "上年数不予公布":
            yield Claim(where, "x", "", indicator, truth.year, change=True)
        elif part == "上年无数据":
            yield Claim(where, "…", "", indicator, truth.year, change=True)
        elif part != "因口径调整":
            if part == "不与上年比较":
                continue
            yield from _value(truth, part, indicator, truth.year, where)


def _value(
    truth: Truth, text: str, indicator: str, year: int, where: str, *, nation: bool = False
) -> Iterator[Claim]:
    found = re.fullmatch(r"([−-]?\d[\d,.]*)(.*)", text)
    if found is None:
        raise NotUnderstoodError(f"{where}：“{text}”不是数")
    place = ("nation", NATION) if nation else ("province", PROVINCE)
    yield Claim(where, found[1], found[2], indicator, year, *place)


def of_places(truth: Truth, said: str, indicator: str, by: str, where: str) -> Iterator[Claim]:
    """长春市（2.03亿元）、辽源市（3547万元）."""
    parts = re.findall(
        r"([^、（）]+(?:（[^（）\d][^（）]*）)?)（([−-]?\d[\d.,]*)([^（）]*)）", said
    )
    if not parts:
        raise NotUnderstoodError(f"{where}：“{said}”")
    for name, figure, unit in parts:
        place, member = truth.member(by, name)
        yield Claim(where, figure, unit, indicator, truth.year, place, member)


def moved_by(truth: Truth, said: str, indicator: str, what: str, by: str) -> str:
    """Whether who is named moved the total by so much; the amount is worked out anew."""
    figure = re.search(r"(\d[\d.]*)(%|个百分点|[^\d，。]*)$", said)
    if figure is None:
        raise NotUnderstoodError(said)
    printed = Decimal(figure[1])
    true = _moved(truth, said, figure[2], indicator, what, by)
    wanted = true.quantize(Decimal(1).scaleb(int(printed.as_tuple().exponent)), ROUND_HALF_UP)
    return "" if printed == wanted else f"“{said}”应为 {wanted}"


def _moved(truth: Truth, said: str, unit: str, indicator: str, what: str, by: str) -> Decimal:
    def of(year: int, *place: str) -> Decimal:
        return truth.values.get((indicator, year, *place, "")) or Decimal(0)

    total, before = (of(year, "province", PROVINCE) for year in (truth.year, truth.year - 1))
    if what == "leaders_share":
        each = sorted(of(truth.year, by, m) for (b, _), m in truth.members.items() if b == by)
        return sum(each[-3:], Decimal(0)) / total * 100
    names = [name for b, name in truth.members if b == by and name in said]
    named = [n for n in names if not any(n != other and n in other for other in names)]
    assert named, said
    ids = [truth.members[by, name] for name in named]
    grown = sum((of(truth.year, by, m) - of(truth.year - 1, by, m) for m in ids), Decimal(0))
    if unit == "%":
        return grown / (total - before) * 100
    if unit == "个百分点":
        return abs(grown) / before * 100
    return abs(grown) / (factor_of(unit, truth.unit[indicator]) or Decimal("NaN"))


def spread(truth: Truth, indicator: str, by: str) -> Decimal:
    """Deviation over mean of the members of whom half or more answered."""
    values = [
        value
        for key, value in truth.values.items()
        if key[:3] == (indicator, truth.year, by) and value is not None
        and truth.response.get(key, Decimal(1)) >= Decimal("0.5")
    ]  # fmt: skip
    mean = sum(values, Decimal(0)) / len(values)
    variance = sum(((value - mean) ** 2 for value in values), Decimal(0)) / len(values)
    return (variance.sqrt() / mean).quantize(Decimal("0.01"), ROUND_HALF_UP)
