"""The layouts that follow the yearbook: appendix tables, series over the years, cross tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from pipelines.indicators.breakdowns import BREAKDOWN
from pipelines.indicators.territory import territories
from pipelines.publish.table_model import BREAK_MARK, Cell, Column, Number, Row, Table
from pipelines.publish.table_order import Order, Style
from pipelines.survey.quantities import NOT_APPLICABLE_MARK

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition
    from pipelines.publish.figures import Figure, Figures, Member
    from pipelines.survey import Edition, Item

_STUBS = {"prefecture": "地区", "county": "地区", "department": "部门", "level": "级别"}
_TOTAL = "合计"
#: Indicators that a note names: all of them up to the first, else the second.
_MOST_NAMED, _FEW_NAMED = 12, 3


def appendix(order: Order) -> Table:
    """Every item of a form, in printed order, for the province and every member of a breakdown.

    All members are listed, those of whom nothing was heard too.
    """
    figures, by = order.figures, order.spec.by
    edition = figures.survey.edition_of(figures.year)
    items = edition.items_of(order.spec.form)
    asked = [figures.known[i.item_id] for i in items if i.item_id in figures.known]
    definitions = [*order.indicators, *asked]
    places = list(_places(figures, by))
    columns, cells = [], []
    for definition in definitions:
        found = [
            figures.get(definition.indicator_id, basis, member.member_id)
            for basis, member in places
        ]
        style = order.style(definition, found)
        columns.append(_column(definition, edition, style.unit))
        cells.append([style.cell(figure) for figure in found])
    rows = [
        Row(
            "全省" if basis == "province" else member.name_zh,
            tuple(c[n] for c in cells),
            total=basis != by,
        )
        for n, (basis, member) in enumerate(places)
    ]
    if not columns or all(isinstance(cell, str) for row in rows for cell in row.cells):
        rows = []
    return Table(
        order.spec, order.dated_title, _stub(by), tuple(columns), tuple(rows), (), order.source
    )


def _places(figures: Figures, by: str) -> Iterator[tuple[str, Member]]:
    """The province, then every member; counties stand under their prefecture."""
    yield "province", figures.members("province")[0]
    if by != "county":
        yield from ((by, member) for member in figures.members(by))
        return
    divisions, year = figures.survey.divisions, figures.year
    rest = {member.member_id: member for member in figures.members(by)}
    for prefecture in figures.members("prefecture"):
        own = prefecture.member_id
        below = [code for code in rest if own in (code, divisions.prefecture_of(code, year))]
        if below:
            yield "prefecture", prefecture
            yield from (("county", rest.pop(code)) for code in below)
    yield from (("county", member) for member in rest.values())


def _stub(breakdown: str) -> str:
    known = BREAKDOWN.get(breakdown)
    return _STUBS.get(known.kind if known else breakdown, "分组")


def _column(definition: Definition, edition: Edition, unit: str) -> Column:
    """Under the name of its top item, as the form prints it."""
    item = edition.item.get(definition.indicator_id)
    if item is None:
        return Column(definition.name_zh, unit, key=definition.indicator_id)
    top = item
    while top.parent_id:
        top = edition.item[top.parent_id]
    if top is item:
        parts = edition.children_of(item.item_id)
        return Column(
            _TOTAL if parts else item.label_zh, unit, group=item.label_zh if parts else "",
            key=item.item_id,
        )  # fmt: skip
    head = item.label_zh if item.parent_id == top.item_id else _nested(item, edition)
    return Column(head, unit, group=top.label_zh, key=item.item_id)


def _nested(item: Item, edition: Edition) -> str:
    """An item two steps down says what it is part of."""
    return f"{edition.item[item.parent_id].label_zh}：{item.printed_label_zh}"


def series(order: Order) -> Table:
    """A row an indicator (of the province) or a member (one indicator), a column a year.

    A figure that cannot be compared with those before bears a mark, and a note says what changed.
    """
    figures = order.figures
    by = figures.on_basis(order.spec.by or "province")
    years = [year for year in figures.years if year <= figures.year]
    rows: list[Row] = []
    broken: dict[str, Mapping[int, str]] = {}
    for definition in _in_series(order):
        members = figures.members(by)
        for member in members:
            name = definition.name_zh if by == "province" else member.name_zh
            found = [figures.get(definition.indicator_id, by, member.member_id, y) for y in years]
            if by == "province" and all(figure.value is None for figure in found):
                continue
            style = order.style(definition, found)
            cells = [_marked(style.cell(figure), figure) for figure in found]
            key = definition.indicator_id if by == "province" else ""
            rows.append(Row(name, (style.unit, *cells), key=key))
        if len(years) > 1:
            broken[definition.name_zh] = figures.broken_by(
                definition.indicator_id, years[0], years[-1]
            )
    columns = (Column("计量单位", textual=True), *(Column(f"{year}年") for year in years))
    stub = "指标" if by == "province" else _stub(by)
    notes = (*_basis_note(order.spec.by), *broken_notes(broken))
    shown = tuple(rows) if len(years) > 1 else ()
    return Table(order.spec, order.spec.title_zh, stub, columns, shown, notes, order.source)


def _in_series(order: Order) -> list[Definition]:
    """Also what this year's questionnaire no longer asks: the series then ends."""
    definitions = order.figures.definitions
    return [definitions[i] for i in order.book.indicators_of(order.spec) if i in definitions]


def _marked(cell: Cell, figure: Figure) -> Cell:
    if isinstance(cell, Number) and figure.is_break:
        return replace(cell, mark=BREAK_MARK)
    return cell


def _basis_note(breakdown: str) -> tuple[str, ...]:
    known = BREAKDOWN.get(breakdown)
    if known is None or known.basis in (None, "gb"):
        return ()
    notes = {
        "constant": "各年都按最近一年的行政区划归并",
        "apart": "梅河口市、长白山从所在市州中单列，不再计入",
    }
    return (f"按{territories().names[known.basis]}：{notes[known.basis]}。",)


def broken_notes(broken: Mapping[str, Mapping[int, str]]) -> tuple[str, ...]:
    """One note for all indicators that break in the same year for the same reason."""
    found: dict[tuple[int, str], list[str]] = {}
    for name, years in broken.items():
        for year, note in years.items():
            found.setdefault((year, note), []).append(name)
    return tuple(
        f"{BREAK_MARK}{_named(names)}：{note or '口径有变化'}，{year}年起与以前年度不可比。"
        for (year, note), names in sorted(found.items())
    )


def _named(names: list[str]) -> str:
    """All of a few names; of many the first, and how many: the rows bear the mark themselves."""
    more = f"等{len(names)}项指标" if len(names) > _MOST_NAMED else ""
    return "、".join(names[: _FEW_NAMED if more else None]) + more


def cross(order: Order) -> Table:
    """One indicator: members of the first dimension down, of the second across."""
    figures, by = order.figures, order.spec.by
    known = BREAKDOWN[by]
    definition = order.indicators[0] if order.indicators else None
    if definition is None:
        return Table(order.spec, order.dated_title, _stub(known.dimensions[0]), (), ())
    found = figures.cross(definition.indicator_id, by)
    down = [m for m in figures.members(known.dimensions[0]) if _has(found, 0, m)]
    across = [m for m in figures.members(known.dimensions[1]) if _has(found, 1, m)]
    margin = {m.member_id: figures.get(definition.indicator_id, known.dimensions[0], m.member_id)
              for m in down}  # fmt: skip
    style = order.style(definition, [*found.values(), *margin.values()])
    rows = [
        Row(
            member.name_zh,
            (
                style.cell(margin[member.member_id]),
                *(_crossed(found.get((member.member_id, m.member_id)), style) for m in across),
            ),
        )
        for member in down
    ]
    columns = [Column(name, style.unit) for name in (_TOTAL, *(m.name_zh for m in across))]
    stub = _stub(known.dimensions[0])
    return Table(order.spec, order.dated_title, stub, tuple(columns), tuple(rows), (), order.source)


def _crossed(figure: Figure | None, style: Style) -> Cell:
    """Where nobody was asked and nobody answered there is no such unit."""
    return NOT_APPLICABLE_MARK if figure is None else style.cell(figure)


def _has(found: Mapping[tuple[str, str], Figure], side: int, member: Member) -> bool:
    return any(
        ids[side] == member.member_id and not (figure.value is None and not figure.mark)
        for ids, figure in found.items()
    )
