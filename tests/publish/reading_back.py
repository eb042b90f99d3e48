"""Figures read back from what a run published, and held against the published indicator values.

A reader turns one output into claims: this text is said to be this indicator, of this member, in
this year.  What a claim is about comes from the output itself, by its heads, labels and origins;
names are those of the catalogue.  Rounding is worked out here with the decimal module.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

PROVINCE, NATION = "220000", "000000"
FLAT = "持平"
Key = tuple[str, int, str, str, str]
_FIGURE = re.compile(r"[+\-−]?\d[\d,]*(?:\.\d+)?")
#: Where outputs take their short names from.
_NAMES = (("tables.yaml", "heads"), ("sentences.yaml", "names"), ("policy.yaml", "names"))
_STUBS = {"部门": "department", "级别": "level"}


@dataclass(frozen=True)
class Claim:
    """``said`` is the figure as printed, in ``unit``; ``change``: the change on last year."""

    where: str
    said: str
    unit: str
    indicator: str
    year: int
    breakdown: str = "province"
    member: str = PROVINCE
    member2: str = ""
    change: bool = False


class NotUnderstoodError(AssertionError):
    """An output says something that the test cannot read: it must be taught, not passed over."""


class Truth:
    """``public_indicator_values`` of a snapshot, and the names by which outputs call its rows."""

    def __init__(self, snapshot: Path, year: int, vocabulary: Path) -> None:
        self.year = year
        with duckdb.connect(str(snapshot), read_only=True) as con:
            rows = con.execute(
                "SELECT indicator_id, year, breakdown, member_id, member2_id, value, unit, flags,"
                " member_zh, response_rate FROM public_indicator_values"
            ).fetchall()
            named = con.execute(
                "SELECT indicator_id, name_zh, unit, kind FROM indicators"
            ).fetchall()
        self.values: dict[Key, Decimal | None] = {tuple(row[:5]): row[5] for row in rows}
        self.hidden = {tuple(row[:5]) for row in rows if "suppressed" in (row[7] or ())}
        self.response = {tuple(row[:5]): row[9] for row in rows if row[9] is not None}
        self.unit = {row[0]: row[6] for row in rows} | {i: unit for i, _, unit, _ in named}
        self.kind = {i: kind for i, _, _, kind in named}
        self.members = {(r[2], r[8]): r[3] for r in rows if not r[4]}
        self.indicators: dict[str, list[str]] = {}
        for i, name, *_ in named:
            self.indicators.setdefault(re.sub(r"\s", "", name), []).append(i)
        for file, section in _NAMES:
            given = yaml.safe_load((vocabulary / file).read_text(encoding="utf-8"))[section]
            for i, name in given.items():
                self.indicators.setdefault("".join(name.split("|")), [i])

    def indicator(self, name: str, unit: str = "") -> str:
        """By its full or short name, or its id; the unit tells two of one name apart."""
        plain = re.sub(r"\s", "", name)
        if plain in self.kind:
            return plain
        found = self.indicators.get(plain, [])
        if len(found) > 1:
            found = [i for i in found if factor_of(unit, self.unit[i])]
        if len(found) != 1:
            raise NotUnderstoodError(f"不知道“{name}”是哪个指标：{found}")
        return found[0]

    def member(self, breakdown: str, name: str) -> tuple[str, str]:
        """A breakdown and a member; 全省 stands at the head of every breakdown."""
        if name == "全省":
            return "province", PROVINCE
        found = self.members.get((breakdown, name))
        if found is None:
            raise NotUnderstoodError(f"{breakdown} 没有“{name}”")
        return breakdown, found

    def latest_nation(self, indicator: str) -> int:
        years = [
            key[1]
            for key, value in self.values.items()
            if key[0] == indicator and key[2:4] == ("nation", NATION)
            and value is not None and key[1] <= self.year
        ]  # fmt: skip
        return max(years, default=self.year)

    def problem(self, claim: Claim) -> str:
        """What is wrong with a claim; "" when the published value says the same."""
        key = (claim.indicator, claim.year, claim.breakdown, claim.member, claim.member2)
        before = (claim.indicator, claim.year - 1, *key[2:])
        value, last = self.values.get(key), self.values.get(before)
        hidden = key in self.hidden or (claim.change and before in self.hidden)
        if claim.said == "x":
            return "" if hidden else f"{claim}：印“x”，但没有不予公布"
        if claim.said in {"…", "-"}:
            absent = value is None or (claim.change and last is None)
            return "" if absent and not hidden else f"{claim}：印“{claim.said}”，库中是 {value}"
        if value is None or (claim.change and last is None) or hidden:
            return f"{claim}：没有公布的数"
        true, unit = value, self.unit[claim.indicator]
        if claim.unit == "占":  # of the province, in percent
            whole = self.values[claim.indicator, claim.year, "province", PROVINCE, ""]
            return self._difference(replace(claim, unit="%"), value / (whole or 1) * 100, "%")
        if claim.said == FLAT:
            # A level that grew by less than 0.05 %, a ratio by less than is printed.
            flat = value == last or (last and abs(value / last - 1) < Decimal("0.0005"))
            same = self.kind[claim.indicator] != "level" and abs(value - (last or 0)) < Decimal(
                "0.005"
            )
            return "" if flat or same else f"{claim}：{last} 到 {value}"
        if claim.change and last is not None:
            if claim.unit == "%":
                true, unit = (value / last - 1) * 100, "%"
            else:
                true = value - last
                unit = "个百分点" if unit == "%" else unit
        return self._difference(claim, true, unit)

    def _difference(self, claim: Claim, true: Decimal, unit: str) -> str:
        factor = factor_of(claim.unit, unit)
        if factor is None:
            return f"{claim}：单位不是{unit}"
        printed = number(claim.said)
        places = Decimal(1).scaleb(int(printed.as_tuple().exponent))
        wanted = (true / factor).quantize(places, ROUND_HALF_UP)
        return "" if printed == wanted else f"{claim}：应为 {wanted}"


def factor_of(printed: str, unit: str) -> Decimal | None:
    """How many of ``unit`` one printed unit is; the stroke of 人次/次 may be left out."""
    for base in (unit, unit.split("/")[0]):
        for prefix, factor in (("", 1), ("万", 10**4), ("亿", 10**8)):
            if printed == prefix + base:
                return Decimal(factor)
    return Decimal(10**4) if (printed, unit) == ("亿元", "万元") else None


def number(text: str) -> Decimal:
    plain = text.rstrip("※").replace(",", "").replace("−", "-").removeprefix("+")
    return Decimal(plain)


# Tables, wherever they are printed.


def of_table(
    truth: Truth, title: str, single: str, heads: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]], where: str,
) -> Iterator[Claim]:  # fmt: skip
    """Claims of a table: its title, the indicator that all of it is of, heads with units."""
    names = [name for name, _ in heads]
    for row in rows:
        texts = ["" if cell is None else str(cell) for cell in row]
        place = f"{where}｜{title}｜{texts[0]}"
        if "比上年增减" in names or "本省与全国之比" in names:
            yield from _compared(truth, names, texts, place)
        elif single and "计量单位" not in names:
            yield from _crossed(truth, title, single, heads, texts, place)
        elif "计量单位" in names:
            yield from _over_years(truth, title, single, names, texts, place)
        else:
            yield from _of_members(truth, title, heads, texts, place)


def _compared(
    truth: Truth, names: Sequence[str], texts: Sequence[str], where: str
) -> Iterator[Claim]:
    """This year, last year, the change, the nation with its year."""
    said = dict(zip(names, texts, strict=True))
    unit = said["计量单位"]
    indicator = truth.indicator(texts[0], unit)
    for name, text in said.items():
        if found := re.fullmatch(r"(?:本省（)?(\d{4})年）?", name):
            yield Claim(where, text, unit, indicator, int(found[1]))
    whole = said["全国"]
    year = said["全国数年份"]
    if whole not in {"…", "-"}:
        yield Claim(where, whole, unit, indicator, int(year), "nation", NATION)
    if moved := said.get("比上年增减"):
        change_unit = said["增减单位"]
        known = change_unit not in {"", "-", "口径调整"}
        if known or moved != "-":
            yield Claim(where, moved, change_unit, indicator, truth.year, change=True)


def _over_years(
    truth: Truth, title: str, single: str, names: Sequence[str], texts: Sequence[str], where: str
) -> Iterator[Claim]:
    said = dict(zip(names[1:], texts[1:], strict=True))
    for name, text in said.items():
        if not (found := re.fullmatch(r"(\d{4})年", name)):
            continue
        year, unit = int(found[1]), said["计量单位"]
        if single:
            by, member = truth.member(_breakdown(truth, title, names[0]), texts[0])
            yield Claim(where, text, unit, single, year, by, member)
        else:
            yield Claim(where, text, unit, truth.indicator(texts[0], unit), year)


def _crossed(
    truth: Truth, title: str, single: str, heads: Sequence[tuple[str, str]],
    texts: Sequence[str], where: str,
) -> Iterator[Claim]:  # fmt: skip
    """Members of one breakdown down, of another across."""
    across = "level" if "各级单位" in title else "department"
    by, member = truth.member(_breakdown(truth, title, heads[0][0]), texts[0])
    for (name, unit), text in zip(heads[1:], texts[1:], strict=True):
        if name == "合计":
            yield Claim(where, text, unit, single, truth.year, by, member)
        else:
            other = truth.member(across, name)[1]
            yield Claim(where, text, unit, single, truth.year, f"{by}_{across}", member, other)


def _of_members(
    truth: Truth, title: str, heads: Sequence[tuple[str, str]], texts: Sequence[str], where: str
) -> Iterator[Claim]:
    by, member = truth.member(_breakdown(truth, title, heads[0][0]), texts[0])
    for (name, unit), text in zip(heads[1:], texts[1:], strict=True):
        yield Claim(where, text, unit, truth.indicator(name, unit), truth.year, by, member)


def _breakdown(truth: Truth, title: str, stub: str) -> str:
    if stub in _STUBS:
        return _STUBS[stub]
    if stub not in {"地区", "分组"}:
        raise NotUnderstoodError(f"“{title}”的首栏“{stub}”")
    if "分列口径" in title:
        return "prefecture_apart"
    if "不变口径" in title:
        constant = any(key[2] == "prefecture_constant" for key in truth.values)
        return "prefecture_constant" if constant else "prefecture"
    return "county" if "各县" in title else "prefecture"


def head_of(text: str) -> tuple[str, str]:
    """A head and its unit: 科普场馆（三类）（个）."""
    found = re.fullmatch(r"(.+)（([^（）]+)）", re.sub(r"\s", "", text))
    return (found[1], found[2]) if found else (re.sub(r"\s", "", text), "")


def figures_in(text: str) -> list[str]:
    return _FIGURE.findall(text)


def problems(truth: Truth, claims: Sequence[Claim]) -> list[str]:
    return [wrong for claim in claims if (wrong := truth.problem(claim))]


def appendix_names(edition: Any) -> Mapping[tuple[str, str], str]:
    """Group and head under which the yearbook prints an item of the form, by the form's labels."""
    names: dict[tuple[str, str], str] = {}
    for item in edition.items:
        top = item
        while top.parent_id:
            top = edition.item[top.parent_id]
        if top is item:
            names[item.label_zh, "合计"] = names["", item.label_zh] = item.item_id
        else:
            above = edition.item[item.parent_id].label_zh
            names[top.label_zh, item.label_zh] = item.item_id
            names[top.label_zh, f"{above}：{item.printed_label_zh}"] = item.item_id
    return names
