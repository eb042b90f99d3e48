"""From a published figure to every cell behind it: where it stands, what asked, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipelines.commands import console
from pipelines.commands.choosing import Asked, definition_of, returns_of, year_of
from pipelines.commands.opening import opens
from pipelines.commands.trace_lines import Side, lines_of, population_line
from pipelines.errors import ConservationError, UsageError
from pipelines.indicators import Definition
from pipelines.indicators.arithmetic import quotient
from pipelines.indicators.population import Denominators, Residents
from pipelines.indicators.reading import read_definitions
from pipelines.survey import Survey, load_survey
from pipelines.survey.notation import plain_text
from pipelines.survey.quantities import grouped
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.trace import trace_sum

BOOKS = (".xlsx", ".csv")
_MEMBER = "!"


@dataclass(frozen=True)
class Question:
    """What is asked, in the words of whoever asks."""

    indicator: str
    region: str = ""
    department: str = ""
    level: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Figure:
    """What is published of the indicator here, or what the cells give where nothing is."""

    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    published: bool


def show_trace(
    folder: Path,
    year: int | None,
    question: Question,
    *,
    limit: int = 20,
    out: Path | None = None,
    opened: bool = False,
) -> None:
    """Print the cells behind one figure, and that they add up to it; ``out`` takes all of them."""
    if out is not None and out.suffix.lower() not in BOOKS:
        raise UsageError(f"不能写成“{out.name}”", f"--out 请用 {' 或 '.join(BOOKS)} 结尾的文件名")
    root = Root(folder)
    survey = load_survey(root.overlay)
    with Snapshot(root.snapshot) as snapshot:
        simulated = snapshot.simulated
        chosen = year_of(snapshot, year)
        definitions = read_definitions(root.overlay)
        definition = definition_of(survey, definitions, question.indicator, chosen)
        _assert_of_one_year(definition)
        asked = returns_of(
            snapshot, survey, chosen,
            region=question.region, department=question.department,
            level=question.level, unit=question.unit,
        )  # fmt: skip
        residents = _residents(survey, definition, asked)
        # Only what is told of a cell is looked up: a province has tens of thousands of them.
        told = limit if limit and out is None else None
        sides = list(_sides(snapshot, survey, definition, asked, told))
        figure = _figure(snapshot, definition, asked, sides, residents)
    _show(survey, definition, asked, figure, sides, residents, limit)
    if out is not None:
        from pipelines.commands.trace_book import write_book

        write_book(survey, definition, asked, sides, out, simulated=simulated)
        console.say(f"全部 {sum(len(side.cells) for side in sides)} 格已写入 {console.shown(out)}")
    if opened:
        _open_first(root, chosen, sides)


def _assert_of_one_year(definition: Definition) -> None:
    """A change has no cells of its own: it rests on the figures of two years."""
    if definition.is_change:
        raise UsageError(
            f"“{definition.name_zh}”由本年和上年的数算得，没有自己的单元格",
            f"请分别追溯两年的 {definition.of}",
        )


def _sides(
    snapshot: Snapshot, survey: Survey, definition: Definition, asked: Asked, told: int | None
) -> Iterator[Side]:
    """Numerator and denominator with their cells, and the rules over the first ``told`` of them;
    the population has none."""
    from pipelines.checks.asking import rules_over

    for title, items in (("分子", definition.items_above), ("分母", definition.items_below)):
        if items:
            trace = trace_sum(snapshot, asked.selection, dict(items))
            keys = [cell.key for cell in trace.contributions[:told]]
            rules = rules_over(snapshot, survey, asked.year, keys)
            yield Side(title if definition.denominator else "", trace, rules)


def _residents(survey: Survey, definition: Definition, asked: Asked) -> Residents | None:
    """The population that divides, or is divided; only whole places have one."""
    if not definition.needs_population or not asked.is_whole_place:
        return None
    return Denominators(survey).of(asked.place, asked.year)


def _figure(
    snapshot: Snapshot,
    definition: Definition,
    asked: Asked,
    sides: list[Side],
    residents: Residents | None,
) -> Figure:
    """The published figure, asserted to be the sum of the cells; else what the cells give."""
    persons = residents.persons if residents else None
    totals = {side.title: side.trace.total for side in sides}
    above = persons if definition.counts_population else totals.get("分子", totals.get(""))
    below = totals.get("分母")
    if definition.needs_population and not definition.counts_population:
        below = persons
    published = _published(snapshot, definition, asked)
    if published is None:
        ratio = bool(definition.denominator)
        value = quotient(above, below, definition.multiplier) if ratio else above
        return Figure(value, above, below, published=False)
    for title, counted, held in (
        ("分子", above, published.numerator), ("分母", below, published.denominator),
    ):  # fmt: skip
        if counted != held:
            raise ConservationError(
                f"“{definition.name_zh}”{title}各格合计 {counted}，公布时为 {held}",
                "请重新运行 kepu run；仍不相符时把本提示报告给维护人员",
            )
    return published


def _published(snapshot: Snapshot, definition: Definition, asked: Asked) -> Figure | None:
    if asked.published_as is None:
        return None
    rows = snapshot.con.execute(
        "SELECT value, numerator, denominator FROM indicator_values WHERE indicator_id = ?"
        " AND year = ? AND breakdown = ? AND member_id = ? AND member2_id = ?",
        [definition.indicator_id, asked.year, *asked.published_as],
    ).fetchall()
    if not rows:
        return None
    value, numerator, denominator = rows[0]
    return Figure(value, numerator, denominator, published=True)


def _show(
    survey: Survey,
    definition: Definition,
    asked: Asked,
    figure: Figure,
    sides: list[Side],
    residents: Residents | None,
    limit: int,
) -> None:
    value = figure.value
    said = "无数据" if value is None else f"{grouped(value, definition.decimals)} {definition.unit}"
    note = "" if figure.published else "（不单独公布，由下列各格算得）"
    console.say(f"{asked.year} 年度 {asked.name_zh} {definition.name_zh}：{said}{note}")
    console.say(f"算法：{definition.formula_zh}")
    for side in sides:
        shown = side.cells[:limit] if limit else side.cells
        for cell in shown:
            for line in lines_of(survey, asked.year, side, cell):
                console.say(line)
        left = len(side.cells) - len(shown)
        rest = f"，另有 {left} 格未列（--limit 0 全部列出，--out 写入文件）" if left else ""
        total = "无数据" if side.trace.total is None else plain_text(side.trace.total)
        verdict = "，与公布数相符" if figure.published else ""
        console.say(f"{side.title}共 {len(side.cells)} 格，合计 {total}{verdict}{rest}")
    console.say("看整批表、同类比较或合计的规则，只在不成立时列出。")
    if definition.needs_population:
        whole = asked.is_whole_place
        console.say(population_line(survey, definition, residents, whole_place=whole))


def _open_first(root: Root, year: int, sides: list[Side]) -> None:
    """Start the office program on the file of the first cell, and say where to look in it."""
    cells = [cell for side in sides for cell in side.cells]
    if not cells:
        console.say("没有可打开的单元格")
        return
    first = cells[0]
    path = _on_disk(root.inbox(year), first.file)
    console.say(f"正在打开 {console.shown(path)}，请看 {first.place}")
    if not opens(path):
        console.warn("这台机器上没有能打开它的程序，请自行打开。")


def _on_disk(inbox: Path, file: str) -> Path:
    """The file as it lies in the inbox: of a member of an archive, the archive."""
    parts = file.split(_MEMBER)
    for end in range(len(parts), 0, -1):
        path = inbox / _MEMBER.join(parts[:end])
        if path.is_file():
            return path
    return inbox / parts[0]
