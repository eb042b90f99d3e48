"""The layouts themselves: each draws a whole file for a random number generator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from random import Random

from pipelines.forms.filling import FormTemplate, Value
from pipelines.survey import load_survey
from pipelines.survey.models import Edition, Item
from tests.intake.layout_writing import (
    UNITS,
    Drawn,
    Page,
    Return,
    Scribe,
    Style,
    figure,
    letters,
    retyped,
    some_items,
)

#: Rows that sum others, or are whole places.
SUMS = ("小计", "合计", "省本级", "市本级", "其中：县直", "朝阳区", "全市合计", "教育部门")

Layout = Callable[[Random, Edition], Drawn]


def sheets_of_forms(rng: Random, edition: Edition) -> Drawn:
    """A cover sheet and a sheet a form, in any order after the cover."""
    scribe, drawn = _begun(rng, edition)
    unit = rng.choice(UNITS)
    to = Return(unit)
    cover = Page("封面")
    scribe.cover(cover, rng.randrange(3), unit)
    forms = some_items(rng, edition, 2)[: rng.choice([2, 3])]
    pages = []
    for n, items in enumerate(forms):
        page = Page(f"表{n + 1}")
        top, left = rng.randrange(1, 9), rng.randrange(0, 5)
        page.put(0, left, f"表{n + 1} 科普统计")
        if top > 2 and rng.random() < 0.4:
            page.put(2, left, f"填报单位：{unit}")
        scribe.form(page, top + 1, left, items, to)
        pages.append(page)
    rng.shuffle(pages)
    drawn.pages = [cover, *pages]
    drawn.returns = [to]
    # First: a scribble between it and the table would be a figure in a column without a header.
    _hide_a_column(scribe, drawn)
    _scribble(rng, pages)
    _hide_a_copy(rng, drawn)
    if rng.random() < 0.2:
        _spoil(scribe, drawn, pages[0])
    return drawn


def one_sheet(rng: Random, edition: Edition) -> Drawn:
    """A whole return in one sheet, forms one under the other."""
    scribe, drawn = _begun(rng, edition)
    drawn.pages = [Page("调查表")]
    _stack(scribe, drawn, drawn.pages[0], 0, rng.choice(UNITS))
    return drawn


def stacked_returns(rng: Random, edition: Edition) -> Drawn:
    """Several whole returns one under the other in one sheet."""
    scribe, drawn = _begun(rng, edition)
    page = Page("汇总")
    row = 0
    for unit in rng.sample(UNITS, rng.choice([2, 3])):
        row = _stack(scribe, drawn, page, row, unit) + rng.randrange(1, 4)
    drawn.pages = [page]
    return drawn


def sheet_per_unit(rng: Random, edition: Edition) -> Drawn:
    """A sheet a unit, each with its cover and its forms."""
    scribe, drawn = _begun(rng, edition)
    for n, unit in enumerate(rng.sample(UNITS, rng.choice([2, 3]))):
        page = Page(f"{n + 1}")
        _stack(scribe, drawn, page, 0, unit)
        drawn.pages.append(page)
    return drawn


def sets_of_sheets(rng: Random, edition: Edition) -> Drawn:
    """Cover and form sheets of one unit, then of the next."""
    scribe, drawn = _begun(rng, edition)
    forms = some_items(rng, edition, 1)[:2]
    for n, unit in enumerate(rng.sample(UNITS, rng.choice([2, 3]))):
        to = Return(unit)
        cover = Page(f"封面{n + 1}")
        scribe.cover(cover, 0, unit)
        drawn.pages.append(cover)
        for m, items in enumerate(forms):
            page = Page(f"{n + 1}表{m + 1}")
            scribe.form(page, 2, 0, items, to)
            drawn.pages.append(page)
        drawn.returns.append(to)
    return drawn


def side_by_side(rng: Random, edition: Edition) -> Drawn:
    """Two forms beside each other, or one form going on in a second group of columns."""
    scribe, drawn = _begun(rng, edition)
    scribe.style.signed = scribe.style.noted = False
    to = Return(rng.choice(UNITS))
    page = Page("调查表")
    row = scribe.cover(page, 0, to.unit)
    gap = rng.randrange(0, 3)
    first, second, *_ = some_items(rng, edition, 3)
    if rng.random() < 0.5:
        scribe.style.shuffle_groups = False
        cut = rng.randrange(1, len(first))
        if scribe.style.nested:
            cut = next((n for n in range(cut, len(first)) if not first[n].parent_id), 0)
        first, second = (first[:cut], first[cut:]) if cut else (first, second)
        drawn.traits.append("wrapped")
    lower = rng.randrange(0, 3) if rng.random() < 0.3 and "wrapped" not in drawn.traits else 0
    scribe.form(page, row, 0, first, to)
    scribe.form(page, row + lower, scribe.width + gap, second, to)
    drawn.pages, drawn.returns = [page], [to]
    return drawn


def turned(rng: Random, edition: Edition) -> Drawn:
    """A single return with its items across: the blank form laid on its side."""
    scribe, drawn = _begun(rng, edition)
    scribe.style.marks_row = False
    scribe.style.columns.sort(key=lambda name: name not in ("label", "inner"))
    scribe.style.merged_rows = 0
    if scribe.style.nested:
        scribe.style.columns.remove("inner")
        scribe.style.nested = False
    if scribe.style.depth > 1:
        scribe.style.depth = 1
    to = Return(rng.choice(UNITS))
    page = Page("调查表")
    row = scribe.cover(page, 0, to.unit)
    for items in some_items(rng, edition, 2)[:2]:
        side = Page("")
        scribe.form(side, 0, 0, items, to, sent=page.name)
        page.turned(side, row)
        for item in items:
            down, column = to.at[item.item_id][1].split(",")
            to.at[item.item_id] = (page.name, f"{letters(int(down))}{int(column) + row + 1}")
        row += scribe.width + rng.randrange(1, 4)
    drawn.pages, drawn.returns = [page], [to]
    return drawn


def across(rng: Random, edition: Edition) -> Drawn:
    """A single return as one row of labels and one row of figures, without any header word."""
    scribe, drawn = _begun(rng, edition)
    to = Return(rng.choice(UNITS))
    page = Page("调查表")
    row = scribe.cover(page, 0, to.unit)
    codes, units = rng.random() < 0.4, rng.random() < 0.4
    for items in some_items(rng, edition, 2)[:2]:
        if len(items) < 3:
            continue
        left = rng.randrange(0, 3)
        for n, item in enumerate(items):
            cell, said = figure(rng, item.unit)
            if n == 0:
                cell, said = 5, ("reported", Decimal(5), "5")
            lines: list[object] = [retyped(rng, item)]
            lines += [item.code] if codes else []
            lines += [item.unit] if units else []
            lines.append(cell)
            for down, text in enumerate(lines):
                page.put(row + down, left + n, text)
            to.place(item, page.name, row + len(lines) - 1, left + n, said)
        row += 3 + codes + units + rng.randrange(0, 3)
    drawn.pages, drawn.returns = [page], [to]
    return drawn


def summary(rng: Random, edition: Edition) -> Drawn:
    """Units down the side, items across, with sums, places, notes and a header of several rows."""
    drawn = Drawn([], [], [])
    items = some_items(rng, edition, 2)[0]
    units = rng.sample(UNITS, rng.choice([2, 3, 4]))
    to = {unit: Return(unit) for unit in units}
    parts = [items]
    heads = [n for n, item in enumerate(items) if not item.parent_id and n > 2]
    if heads and len(items) - heads[0] > 2 and rng.random() < 0.4:
        cut = heads[0]
        parts = [items[:cut], items[cut:]]
        drawn.traits.append("items over two sheets")
    for n, part in enumerate(parts):
        page = Page(f"汇总{n + 1}")
        order = rng.sample(units, len(units))
        _summary_page(rng, page, part, [to[unit] for unit in order])
        drawn.pages.append(page)
    drawn.returns = list(to.values())
    return drawn


def units_across(rng: Random, edition: Edition) -> Drawn:
    """Items down the side, a unit a column."""
    drawn = Drawn([Page("汇总")], [], [])
    page = drawn.pages[0]
    items = some_items(rng, edition, 2)[0]
    units = rng.sample(UNITS, rng.choice([2, 3]))
    columns = [["unit_name"], ["unit_name", "code"], ["unit_name", "code", "unit"]]
    stub = rng.choice(columns)
    top = rng.randrange(0, 3)
    words = {"unit_name": "单位名称", "code": "代码", "unit": "计量单位"}
    for n, name in enumerate(stub):
        page.put(top, n, words[name])
    for n, item in enumerate(items):
        texts = {"unit_name": item.printed_label_zh, "code": item.code, "unit": item.unit}
        for m, name in enumerate(stub):
            page.put(top + 1 + n, m, texts[name])
    for m, unit in enumerate(units):
        to = Return(unit)
        page.put(top, len(stub) + m, unit)
        for n, item in enumerate(items):
            cell, said = figure(rng, item.unit)
            page.put(top + 1 + n, len(stub) + m, cell)
            to.place(item, page.name, top + 1 + n, len(stub) + m, said)
        drawn.returns.append(to)
    if rng.random() < 0.5:
        page.put(top, len(stub) + len(units), "合计")
        page.put(top + 1, len(stub) + len(units), 123456)
    return drawn


def blank_form(rng: Random, edition: Edition) -> Drawn:
    """Our own blank form, filled by our own filling."""
    to = Return(rng.choice(UNITS))
    form = _template(edition)
    answers: dict[str, Value] = {}
    for item in edition.items:
        cell, said = figure(rng, item.unit)
        if isinstance(cell, float):
            cell = Decimal(str(cell))
        answers[item.item_id] = cell  # type: ignore[assignment]
        at = form.layout.figure(item.item_id)
        to.place(item, at.sheet, at.row, at.column, said)
    data = form.fill({"unit_name": to.unit, "region": "吉林省长春市朝阳区"}, answers)
    return Drawn([], [to], [], data)


LAYOUTS: tuple[Layout, ...] = (
    sheets_of_forms,
    one_sheet,
    stacked_returns,
    sheet_per_unit,
    sets_of_sheets,
    side_by_side,
    turned,
    across,
    summary,
    units_across,
    blank_form,
)


def draw(seed: int, edition: Edition) -> Drawn:
    """The file of a seed."""
    rng = Random(seed)
    layout = rng.choice(LAYOUTS)
    drawn = layout(rng, edition)
    drawn.traits.insert(0, layout.__name__)
    return drawn


@cache
def _template_of(year: int) -> FormTemplate:
    return FormTemplate(load_survey(), year)


def _template(edition: Edition) -> FormTemplate:
    return _template_of(edition.years[1])


def _begun(rng: Random, edition: Edition) -> tuple[Scribe, Drawn]:
    style = Style.drawn(rng)
    return Scribe(rng, edition, style), Drawn([], [], style.traits())


def _stack(scribe: Scribe, drawn: Drawn, page: Page, row: int, unit: str) -> int:
    to = Return(unit)
    row = scribe.cover(page, row, unit)
    for items in some_items(scribe.rng, scribe.edition, 1)[:2]:
        if scribe.rng.random() < 0.3:
            page.put(row, 0, "科普统计表")
            row += 1
        row = scribe.form(page, row, 0, items, to) + scribe.rng.randrange(1, 4)
    drawn.returns.append(to)
    return row


def _scribble(rng: Random, pages: list[Page]) -> None:
    """Figures and sentences beside the tables, which answer nothing.

    Not beside a figure that was left blank: there nobody could tell whether it is the answer.
    """
    for page in pages:
        last = max(c for _, c in page.cells)
        figures = {c for (_, c), v in page.cells.items() if isinstance(v, int | float)}
        written = {r for r, _ in page.cells}
        rows = [
            row
            for row in range(2, page.height)
            if row not in written
            or all(page.cells.get((row, column)) not in (None, "") for column in figures)
        ]
        column = last + 2
        for text in rng.sample([55, "今年共举办 12 次", "3.5", "待核 7 人"], rng.choice([0, 1, 2])):
            if rows:
                page.put(rng.choice(rows), column, text)
            column += 1


def _spoil(scribe: Scribe, drawn: Drawn, page: Page) -> None:
    """Change one thing so that nobody could tell any more what is meant."""
    style, rng = scribe.style, scribe.rng
    heads = [at for at, v in page.cells.items() if v == style.words["value"]]
    if not heads or page.hidden_columns:
        return
    drawn.spoilt = True
    (top, column), last = heads[0], max(c for _, c in page.cells)
    kind = rng.randrange(3)
    drawn.traits.append(("last year only", "two columns", "unknown item")[kind])
    if kind == 0:
        page.cells[top, column] = "上年数"
    elif kind == 1:
        page.put(top, last + 1, style.words["value"])
    else:
        label = next(
            c for (r, c), v in page.cells.items() if v == style.words["label"] and r == top
        )
        page.put(page.height + 1, label, "元宇宙体验馆数量")
        page.put(page.height - 1, column, rng.choice([12, "约500"]))


def _hide_a_copy(rng: Random, drawn: Drawn) -> None:
    """A hidden sheet of other figures for the same items, before or behind the visible ones."""
    if rng.random() > 0.2:
        return
    shown = drawn.pages[-1]
    cells = {
        at: (v + 1 if isinstance(v, int) and not isinstance(v, bool) else v)
        for at, v in shown.cells.items()
        if at[1] not in shown.hidden_columns
    }
    copy = Page("旧表", cells, list(shown.merges), hidden=True)
    drawn.pages.insert(rng.choice([1, len(drawn.pages)]), copy)
    drawn.traits.append("hidden sheet")


def _hide_a_column(scribe: Scribe, drawn: Drawn) -> None:
    """A hidden second column of figures beside the visible one."""
    if not scribe.style.decoy or scribe.style.depth > 1:
        return
    for page in drawn.pages:
        heads = [at for at, v in page.cells.items() if v == scribe.style.words["value"]]
        if not heads or page.hidden:
            continue
        top, _ = heads[0]
        column = max(c for _, c in page.cells) + 1
        page.put(top, column, "数量")
        for row in range(top + 1 + scribe.style.marks_row, page.height):
            page.put(row, column, 777)
        page.hidden_columns.add(column)
    drawn.traits.append("hidden column")


def _summary_page(rng: Random, page: Page, items: Sequence[Item], rows: list[Return]) -> None:
    two_rows, codes, units = rng.random() < 0.5, rng.random() < 0.4, rng.random() < 0.4
    identity = ["单位名称"]
    for word in ("序号", "县区"):
        if rng.random() < 0.5:
            identity.insert(0, word)
    top = rng.randrange(0, 3)
    if top:
        page.put(0, 0, "科普统计汇总表（2023年度）")
    depth = 1 + two_rows + codes + units
    for n, word in enumerate(identity):
        page.put(top, n, word)
        page.merge(top, n, top + depth - 1, n)
    first = len(identity)
    column = first
    while two_rows and column < first + len(items):
        item = items[column - first]
        family = 1
        while column - first + family < len(items) and items[column - first + family].parent_id:
            family += 1
        page.put(top, column, retyped(rng, item))
        page.merge(top, column, top, column + family - 1)
        column += family
    for n, item in enumerate(items):
        row = top
        if two_rows:
            row += 1
            own = not item.parent_id or n == 0
            page.put(row, first + n, rng.choice(["合计", "小计"]) if own else retyped(rng, item))
        else:
            page.put(row, first + n, retyped(rng, item))
        if codes:
            row += 1
            page.put(row, first + n, item.code)
        if units:
            row += 1
            page.put(row, first + n, item.unit)
    row = top + depth
    for n, to in enumerate(rows):
        texts = {"单位名称": to.unit, "序号": n + 1, "县区": "朝阳区" if n == 0 else ""}
        for m, word in enumerate(identity):
            page.put(row, m, texts[word])
        for m, item in enumerate(items):
            cell, said = figure(rng, item.unit)
            page.put(row, first + m, cell)
            to.place(item, page.name, row, first + m, said)
        row += 1
    if "县区" in identity:
        column = identity.index("县区")
        page.merge(top + depth, column, row - 1, column)
    for name in rng.sample(
        ["小计", "合计", "省本级", "市本级", "其中：县直", "朝阳区", "全市合计"], 2
    ):
        page.put(row, len(identity) - 1, name)
        for m in range(len(items)):
            page.put(row, first + m, rng.randrange(1, 10**6))
        row += 1
    if rng.random() < 0.5:
        page.put(row, 0, "注：数据由各单位报送")
        row += 1
    if rng.random() < 0.5:
        page.put(row, 0, "填表人：某人")
        page.put(row, 3, "填报日期：2024年3月1日")
