"""Briefs and the list of charts read into claims: figures a place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from pipelines.publish.briefs import Brief
from pipelines.publish.office import BUILT_IN
from tests.publish.reading_back import Claim, Truth
from tests.publish.reading_outputs import pdf_text
from tests.publish.reading_sentences import of_said

#: Forms of charts whose list is a figure a place.
PLACES = {"ranking", "tiles", "slope", "panels"}


def briefs(truth: Truth, written: Iterable[Brief]) -> Iterator[Claim]:
    for one in written:
        yield from brief(truth, pdf_text(one.path), one.breakdown)


def brief(truth: Truth, text: str, by: str) -> Iterator[Claim]:
    """The cards of a page, its table and its ranking; the title says whose it is."""
    lines = text.splitlines()
    title = next(line for line in lines if f"{truth.year}年度科普统计简报" in line)
    whole = title.partition(str(truth.year))[0]
    place = truth.member(by, next(n for b, n in truth.members if b == by and whole.endswith(n)))
    for name, value, moved, rest in zip(lines, lines[1:], lines[2:], lines[3:], strict=False):
        if name in truth.indicators and re.fullmatch(r"[\d.,]+ \D\S*", value):
            # A card is narrow: what was a from what is now may end on the next line.
            if moved.startswith("由") and not moved.endswith(value.replace(" ", "")):
                moved += rest
            said = "，".join([value.replace(" ", ""), *([moved] if "上年" in moved else [])])
            for claim in of_said(truth, said, truth.indicator(name), f"简报｜{title}｜{said}"):
                yield replace(claim, breakdown=place[0], member=place[1])
    for line in _between(lines, "指标 计量单位", ""):
        if not (found := re.fullmatch(r"(\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)", line)):
            break
        yield from _brief_row(truth, place, found.groups(), f"简报｜{title}｜{line}")
    for line in _between(lines, "人均经费筹集额在", "人均经费筹集额历年"):
        if found := re.fullmatch(r"(\S+) ([\d.,]+)(元)", line):
            peer = truth.member(by, _in_full(truth, by, found[1]))
            yield Claim(title, found[2], found[3], "fund_raised_per_head", truth.year, *peer)


def _between(lines: list[str], start: str, end: str) -> list[str]:
    begins = [n for n, line in enumerate(lines) if line.startswith(start)]
    rest = lines[begins[0] + 1 :] if begins else []
    return rest[: rest.index(end)] if end in rest else rest


def _brief_row(
    truth: Truth, place: tuple[str, str], cells: tuple[str, ...], where: str
) -> Iterator[Claim]:
    label, unit, this, last, moved, province, share, _ = cells
    indicator = truth.indicator(label, unit)
    yield Claim(where, this, unit, indicator, truth.year, *place)
    yield Claim(where, last, unit, indicator, truth.year - 1, *place)
    yield Claim(where, province, unit, indicator, truth.year)
    if part := re.fullmatch(r"([+−]\d[\d,.]*)(\D.*)", moved):
        yield Claim(where, part[1], part[2], indicator, truth.year, *place, change=True)
    if share[:1].isdigit():
        yield Claim(where, share, "占", indicator, truth.year, *place)


def chart_list(truth: Truth, path: Path) -> Iterator[Claim]:
    """What 图表说明 tells of rankings, maps, slopes and panels over places."""
    specs = yaml.safe_load((BUILT_IN / "charts.yaml").read_text(encoding="utf-8"))["charts"]
    by_file = {spec["file_zh"]: spec for spec in specs}
    for block in path.read_text(encoding="utf-8-sig").split("\n\n")[1:]:
        lines = block.splitlines()
        spec = by_file.get(lines[0].rpartition("-")[2].removesuffix(".png")) if lines else None
        told = next((x.removeprefix("数据：") for x in lines if x.startswith("数据：")), "")
        if told and spec and spec["form"] in PLACES and len(spec["indicators"]) == 1:
            yield from _told(truth, spec, lines[1], told.rstrip("。"))


def _told(truth: Truth, spec: dict[str, Any], alt: str, told: str) -> Iterator[Claim]:
    (indicator,) = spec["indicators"]
    county = spec["form"] == "tiles" or "县" in spec["caption"]
    by = spec.get("breakdown", "county" if county else "prefecture")
    unit = re.search(r"，([^，；。]+)；吉林省", alt)[1]  # type: ignore[index]
    for item in told.split("；"):
        name, rest = re.fullmatch(r"(\D+?)(由.*|\d.*|不公布|无数据|未报送)", item).groups()  # type: ignore[union-attr]
        place = truth.member(by, _in_full(truth, by, name))
        where = f"图表说明｜{spec['caption']}｜{item}"
        if moved := re.fullmatch(r"由(.+)到(.+?)（([+−][\d.,]+)(.+)）", rest):
            yield Claim(where, moved[1], unit, indicator, truth.year - 1, *place)
            yield Claim(where, moved[2], unit, indicator, truth.year, *place)
            yield Claim(where, moved[3], moved[4], indicator, truth.year, *place, change=True)
        elif years := re.findall(r"(\d{4})年([\d.,]+)", rest):
            for year, said in years:
                yield Claim(where, said, unit, indicator, int(year), *place)
        else:
            said = {"不公布": "x", "无数据": "…", "未报送": "…"}.get(rest, rest)
            yield Claim(where, said, unit, indicator, truth.year, *place)


def _in_full(truth: Truth, by: str, name: str) -> str:
    """前郭县 is 前郭尔罗斯蒙古族自治县."""
    if (by, name) in truth.members:
        return name
    (full,) = {n for b, n in truth.members if b == by and n[:2] == name[:2]}
    return full
