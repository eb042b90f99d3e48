"""Tables that set the province beside others: the nation, other provinces, series others published.

What others publish lags behind; every such table says which year it uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish.figures import NATION, Figure
from pipelines.publish.table_model import Cell, Column, Missing, Number, Row, Table
from pipelines.publish.table_order import Order
from pipelines.survey.quantities import MISSING_MARK, NOT_APPLICABLE_MARK
from pipelines.survey.reference import PROVINCE

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition
    from pipelines.survey.reference import Province

#: Decimals of a ratio to the nation's figure.
_PERCENT_DECIMALS = 2
_PEERS = "peer_province"


def nation(order: Order) -> Table:
    """A row an indicator: ours, the nation's, and the ratio of both in one year."""
    figures = order.figures
    rows = []
    for definition in order.indicators:
        whole = figures.nation(definition.indicator_id)
        if whole.value is None:
            continue
        ours = figures.get(definition.indicator_id, year=whole.year)
        same = figures.get(definition.indicator_id)
        style = order.style(definition, (same, whole))
        rows.append(
            Row(
                definition.name_zh,
                (
                    style.unit,
                    style.cell(same),
                    style.cell(whole),
                    str(whole.year),
                    _compared(ours, whole),
                ),
                key=definition.indicator_id,
            )
        )
    columns = (
        Column("计量单位", textual=True),
        Column(f"本省（{figures.year}年）"),
        Column("全国"),
        Column("全国数年份", textual=True),
        Column("本省与全国之比", "%"),
    )
    return Table(order.spec, order.spec.title_zh, "指标", columns, tuple(rows), (), order.source)


def _compared(ours: Figure, whole: Figure) -> Cell:
    if ours.mark == MISSING_MARK:
        return Missing(ours.reason)
    if ours.value is None or not whole.value:
        return ours.mark or NOT_APPLICABLE_MARK
    return Number(ours.value / whole.value * 100, _PERCENT_DECIMALS)


def provinces(order: Order) -> Table:
    """A row a province, a column an indicator, each of the latest year that others published.

    Our own figure is the survey's of that same year; what was published of us stands below it.
    """
    figures = order.figures
    used = {d: year for d in order.indicators if (year := _latest(order, d)) is not None}
    shown = [
        province
        for province in figures.survey.provinces
        if any(_peer(order, d, province, year).value is not None for d, year in used.items())
    ]
    columns, cells = [], []
    for definition, year in used.items():
        ours = figures.get(definition.indicator_id, year=year)
        peers = [_peer(order, definition, province, year) for province in shown]
        found = [figures.get(definition.indicator_id, "nation", NATION, year), ours, *peers]
        style = order.style(definition, found)
        head = order.column(definition, style.unit)
        columns.append(replace(head, group=f"{year}年"))
        others = [f for p, f in zip(shown, peers, strict=True) if p.code != PROVINCE]
        cells.append([*(style.cell(figure) for figure in found), _place(ours, others)])
    names = ["全国", "本省（本次调查）", *map(_name, shown), "本省位次"]
    rows = [
        Row(name, tuple(column[n] for column in cells), total=n == 0)
        for n, name in enumerate(names)
    ]
    return Table(
        order.spec, order.spec.title_zh, "地区", tuple(columns), tuple(rows) if columns else (),
        _years_used(figures.year, used.values()), _sources(order, shown),
    )  # fmt: skip


def _latest(order: Order, definition: Definition) -> int | None:
    """The latest year in which another province has a figure: ours at most, and not so long ago
    that it says nothing of now (``latest_years``)."""
    figures = order.figures
    oldest = figures.year - order.spec.latest_years if order.spec.latest_years else 0
    years = (year for year in figures.published_years(_PEERS) if oldest < year <= figures.year)
    others = [p for p in figures.survey.provinces if p.code != PROVINCE]
    return max(
        (y for y in years if any(_peer(order, definition, p, y).value is not None for p in others)),
        default=None,
    )


def _peer(order: Order, definition: Definition, province: Province, year: int) -> Figure:
    return order.figures.get(definition.indicator_id, _PEERS, province.code, year)


def _sources(order: Order, shown: Iterable[Province]) -> str:
    """Our survey, and who published of the others."""
    names = [name for p in shown for name in (p.code, p.name_zh, p.short_zh)]
    found = order.figures.snapshot.rows(
        "SELECT DISTINCT publisher_zh FROM published_series"
        " WHERE list_contains(?, region) AND publisher_zh <> '' ORDER BY publisher_zh",
        [names],
    )
    publishers = "、".join(row["publisher_zh"] for row in found)
    return f"{order.source}各省数来源：{publishers}。" if publishers else order.source


def _name(province: Province) -> str:
    return f"{province.name_zh}（已公布）" if province.code == PROVINCE else province.name_zh


def _place(ours: Figure, others: Iterable[Figure]) -> Cell:
    """Ours among those that have a figure, largest first; no place without a figure of ours."""
    values = [figure.value for figure in others if figure.value is not None]
    if ours.value is None:
        return NOT_APPLICABLE_MARK
    return f"{1 + sum(value > ours.value for value in values)}/{1 + len(values)}"


def _years_used(year: int, used: Iterable[int]) -> tuple[str, ...]:
    years = sorted(set(used))
    if not years or years == [year]:
        return ()
    said = "、".join(f"{each}年" for each in years)
    return (f"各省数公布滞后，本表用{said}数，本省和全国也取同一年度。",)


def published(order: Order) -> Table:
    """Series that others have published, a row a series, a column a year."""
    spec = order.spec
    found = order.figures.snapshot.rows(
        "SELECT region, series_id, name_zh, unit, year, value, raw_text, publisher_zh, title_zh"
        " FROM published_series WHERE list_contains($regions, region)"
        " AND (len($series) = 0 OR list_contains($series, series_id))"
        " ORDER BY list_position($regions, region), list_position($series, series_id),"
        " series_id, year, published_on",
        {"regions": list(spec.regions), "series": list(spec.series)},
    )
    series: dict[tuple[str, str, str], dict[int, Cell]] = {}
    names: dict[tuple[str, str, str], str] = {}
    for row in found:
        key = (row["region"], row["series_id"], row["unit"])
        names.setdefault(key, row["name_zh"])
        series.setdefault(key, {})[row["year"]] = _printed(row["value"], row["raw_text"])
    long = [key for key in series if len(series[key]) >= spec.min_years]
    years = sorted({year for key in long for year in series[key]})[-spec.latest_years :]
    kept = [k for k in long if sum(year in series[k] for year in years) >= spec.min_years]
    several = len(spec.regions) > 1
    rows = tuple(
        Row(
            names[key],
            (
                *((key[0],) if several else ()),
                key[2],
                *_in_years(series[key], years),
            ),
        )
        for key in kept
    )
    columns = (
        *((Column("层级", textual=True),) if several else ()),
        Column("计量单位", textual=True),
        *(Column(f"{year}年") for year in years),
    )
    publishers = sorted({row["publisher_zh"] for row in found if row["publisher_zh"]})
    source = f"资料来源：{'、'.join(publishers)}。" if publishers else ""
    return Table(spec, spec.title_zh, "指标", columns, rows, (), source)


def _in_years(figures: Mapping[int, Cell], years: Iterable[int]) -> Iterator[Cell]:
    """A row at one number of decimals: a spreadsheet drops the last zero of 191.00."""
    decimals = max((c.decimals for c in figures.values() if isinstance(c, Number)), default=0)
    for year in years:
        cell = figures.get(year, MISSING_MARK)
        yield Number(cell.value, decimals) if isinstance(cell, Number) else cell


def _printed(value: Decimal | None, raw_text: str) -> Cell:
    """A published number with the decimals it was published at."""
    if value is None:
        return MISSING_MARK
    decimals = len(raw_text.strip().partition(".")[2]) if "." in raw_text else 0
    return Number(value, decimals)
