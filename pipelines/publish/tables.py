"""Tables as data: ``tables.yaml`` says which rows and columns, this builds the cells.

The layouts that follow the yearbook (appendix, series, cross table) are in ``yearbook``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish.absence import marks_note
from pipelines.publish.cautions import cautions_note
from pipelines.publish.comparisons import nation, provinces, published
from pipelines.publish.figures import Figures, Response
from pipelines.publish.rounding import rounding_note
from pipelines.publish.table_book import TableBook, TableSpec
from pipelines.publish.table_model import (
    BREAK_MARK,
    MARKS_ZH,
    Cell,
    Column,
    Missing,
    Number,
    Row,
    Table,
)
from pipelines.publish.table_order import Order, Style
from pipelines.publish.yearbook import appendix, broken_notes, cross, series
from pipelines.survey.quantities import (
    MISSING_MARK,
    NOT_APPLICABLE_MARK,
    SUPPRESSED_MARK,
    readable,
)

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition

#: Decimals of money and counts where a column is not an indicator of its own.
PERCENT_DECIMALS = 2
BASIS_ZH = {"证": "有出处", "算": "经重算吻合", "推": "推断"}


def _response_note(response: Response) -> str:
    """The response rate, with every table that is made from the year's returns."""
    if response.rate is None or response.expected is None:
        return f"收到调查表 {response.answered} 份；没有应报名录，不计算回收率。"
    rate = readable(response.rate * 100, "%", 1)
    return f"应报 {response.expected} 份，实报 {response.answered} 份，回收率 {rate}。"


def build(book: TableBook, spec: TableSpec, figures: Figures, source: str) -> Table:
    """The table of a spec; one without rows has nothing to show in this snapshot."""
    table = _LAYOUTS[spec.layout](Order(book, spec, figures, source))
    own = (book.notes.get(spec.layout, ""), spec.note_zh, *table.notes)
    notes = [note for note in own if note]
    if table.marks:
        notes.append(marks_note(table))
    if minded := cautions_note(table):
        notes.append(minded)
    if rounded := rounding_note(table, book.rounding_zh, figures):
        notes.append(rounded)
    if source and table.source == source:
        notes.append(_response_note(figures.response))
    rows = table.rows[: spec.first_rows] if spec.first_rows else table.rows
    return replace(table, rows=rows, notes=tuple(notes))


def _change(order: Order) -> Table:
    figures, year = order.figures, order.figures.year
    rows, moved = [], {}
    for definition in order.indicators:
        this, last = figures.get(definition.indicator_id), figures.last(definition.indicator_id)
        whole = figures.nation(definition.indicator_id)
        style = order.style(definition, (this, last))
        if last.value is not None:
            moved[definition.name_zh] = figures.broken_by(definition.indicator_id, year - 1, year)
        rows.append(
            Row(
                definition.name_zh,
                (
                    style.unit,
                    style.cell(this),
                    style.cell(last),
                    *_moved(order, definition, style),
                    order.style(definition, (whole,)).cell(whole),
                    "" if whole.value is None else str(whole.year),
                ),
                key=definition.indicator_id,
            )
        )
    columns = (
        Column("计量单位", textual=True),
        Column(f"{year}年"),
        Column(f"{year - 1}年"),
        Column("比上年增减"),
        Column("增减单位", textual=True),
        Column("全国"),
        Column("全国数年份", textual=True),
    )
    notes = broken_notes(moved)
    return Table(order.spec, order.dated_title, "指标", columns, tuple(rows), notes, order.source)


def _moved(order: Order, definition: Definition, style: Style) -> tuple[Cell, str]:
    """The change and its unit; small bases and money per head as a difference."""
    figures = order.figures
    found = figures.change(definition.indicator_id, over_break=order.spec.over_breaks)
    this, last = figures.get(definition.indicator_id), figures.last(definition.indicator_id)
    if found.kind == "break":
        return NOT_APPLICABLE_MARK, "口径调整"
    if this.suppressed or last.suppressed:
        return SUPPRESSED_MARK, ""
    if found.amount is None or this.value is None or last.value is None:
        return Missing(this.reason or "no_last_year"), ""
    mark = BREAK_MARK if found.over_break else ""
    if found.kind == "rate":
        return Number(found.amount, PERCENT_DECIMALS, signed=True, mark=mark), "%"
    if found.kind == "points":
        return Number(found.amount, PERCENT_DECIMALS, signed=True, mark=mark), "个百分点"
    difference = Number(this.value - last.value, style.decimals, signed=True, mark=mark)
    return difference, definition.unit


def _members(order: Order) -> Table:
    figures, by = order.figures, order.spec.by
    ids = [definition.indicator_id for definition in order.indicators]
    province = figures.members("province")[0]
    shown = figures.members(by) if by in {"prefecture", "level"} else figures.reporting(by, ids)
    places = [("province", province.member_id), *((by, m.member_id) for m in shown)]
    columns, cells = [], []
    for definition in order.indicators:
        found = [figures.get(definition.indicator_id, *place) for place in places]
        style = order.style(definition, found)
        columns.append(order.column(definition, style.unit))
        cells.append([style.cell(figure) for figure in found])
    names = ["全省", *(m.name_zh for m in shown)]
    rows = [
        Row(name, tuple(column[n] for column in cells), total=n == 0)
        for n, name in enumerate(names)
    ]
    stub = {"prefecture": "地区", "county": "地区", "department": "部门", "level": "级别"}
    return Table(
        order.spec, order.dated_title, stub.get(by, "分组"), tuple(columns), tuple(rows), (),
        order.source,
    )  # fmt: skip


def _response(order: Order) -> Table:
    figures = order.figures
    places = [("全省", ""), *((m.name_zh, m.member_id) for m in figures.members("prefecture"))]
    rows = []
    for name, code in places:
        found = figures.response_of(code)
        expected = Number(Decimal(found.expected), 0) if found.expected else MISSING_MARK
        rate = MISSING_MARK if found.rate is None else Number(found.rate * 100, PERCENT_DECIMALS)
        counts = (found.returns, found.accepted, found.queried, found.rejected, found.covered)
        answered = Number(Decimal(found.answered), 0) if found.expected else MISSING_MARK
        numbers = (Number(Decimal(count), 0) for count in counts)
        rows.append(Row(name, (expected, answered, rate, *numbers), total=not code))
    columns = (
        *(Column(head, "份") for head in ("应报", "应报中已报")),
        Column("回收率", "%"),
        *(Column(head, "份") for head in ("收到", "审核通过", "待核实", "退回", "参与汇总")),
    )
    return Table(order.spec, order.dated_title, "地区", columns, tuple(rows), (), order.source)


_SEVERITY_ZH = {
    "reject_file": "拒收文件",
    "reject_return": "退回",
    "query": "核实",
    "note": "提示",
}


def _rules(order: Order) -> Table:
    figures = order.figures
    rules = figures.survey.edition_of(figures.year).rule
    found = figures.snapshot.rows(
        "SELECT rule_id, severity, evaluated, passed, failed, not_evaluated FROM rule_results"
        " WHERE year = ? AND (NOT ? OR failed > 0) ORDER BY failed DESC, rule_id",
        [figures.year, order.spec.first_rows > 0],
    )
    numbered = order.spec.numbered
    said = {rule_id: rule.message_zh for rule_id, rule in rules.items()}
    rows = tuple(
        Row(
            row["rule_id"] if numbered else said.get(row["rule_id"], row["rule_id"]),
            (
                *((said.get(row["rule_id"], ""),) if numbered else ()),
                _SEVERITY_ZH.get(row["severity"], row["severity"]),
                *(Number(Decimal(row[key]), 0) for key in ("evaluated", "failed", "not_evaluated")),
            ),
        )
        for row in found
    )
    columns = (
        *((Column("内容", textual=True),) if numbered else ()),
        Column("处理", textual=True),
        *(Column(head, "次") for head in ("判断", "不成立", "未评估")),
    )
    return Table(order.spec, order.dated_title, "规则", columns, rows, (), order.source)


def _definitions(order: Order) -> Table:
    shown = order.indicators or list(order.figures.known.values())
    rows = tuple(
        Row(d.name_zh, (d.unit, d.formula_zh, BASIS_ZH.get(d.basis, d.basis), d.note_zh))
        for d in shown
    )
    heads = ("计量单位", "算法", "依据", "说明")
    columns = tuple(Column(head, textual=True) for head in heads)
    return Table(order.spec, order.spec.title_zh, "指标", columns, rows, (), "")


def _glossary(order: Order) -> Table:
    """What a reader should know of an indicator; where its formula comes from is left out."""
    rows = tuple(
        Row(d.name_zh, (d.unit, d.formula_zh, "；".join(filter(None, _explained(d)))))
        for d in order.indicators
    )
    columns = tuple(Column(head, textual=True) for head in ("计量单位", "算法", "说明"))
    return Table(order.spec, order.spec.title_zh, "指标", columns, rows, (), "")


def _explained(definition: Definition) -> tuple[str, str]:
    if not definition.tells_zh:
        return definition.note_zh.rstrip("。"), ""
    return definition.tells_zh, definition.not_tells_zh


_LAYOUTS: dict[str, Callable[[Order], Table]] = {
    "appendix": appendix,
    "change": _change,
    "cross": cross,
    "series": series,
    "members": _members,
    "nation": nation,
    "provinces": provinces,
    "published": published,
    "response": _response,
    "rules": _rules,
    "definitions": _definitions,
    "glossary": _glossary,
}

__all__ = ["BASIS_ZH", "MARKS_ZH", "Cell", "Column", "Number", "Row", "Table", "build"]
