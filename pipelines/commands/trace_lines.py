"""A traced cell as lines on the screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.checks.asking import Asked as Rules
from pipelines.checks.sheets import words
from pipelines.indicators import Definition
from pipelines.indicators.population import Residents
from pipelines.survey import Edition, Survey
from pipelines.survey.notation import State, plain_text
from pipelines.survey.quantities import grouped
from pipelines.warehouse.history import Correction, Earlier, Explanation, Key, Ruling
from pipelines.warehouse.trace import Contribution, Trace

_INDENT = " " * 14
_SOURCES = {"respondent": "填报单位", "office": "统计机构"}


@dataclass(frozen=True)
class Side:
    """Numerator or denominator: its cells, and which rules looked at each."""

    title: str
    trace: Trace
    rules: dict[Key, Rules]

    @property
    def cells(self) -> tuple[Contribution, ...]:
        return self.trace.contributions


def lines_of(survey: Survey, year: int, side: Side, cell: Contribution) -> Iterator[str]:
    """What a cell adds, then where it stands and what happened to it, nothing cut off."""
    edition = survey.edition_of(year)
    item = edition.item[cell.item_id]
    yield f"{amount_text(side, cell):>12}  {unit_text(cell)}  {item.name_zh}（{item.unit}）"
    yield f"{_INDENT}{' · '.join(_place(cell))}"
    for line in [*_rule_lines(edition, side.rules[cell.key]), *history_lines(cell)]:
        yield f"{_INDENT}{line}"


def population_line(
    survey: Survey, definition: Definition, residents: Residents | None, *, whole_place: bool
) -> str:
    """The population of a ratio and where each published figure in it comes from."""
    title = "分子" if definition.counts_population else "分母"
    if residents is None:
        why = "没有可用的数" if whole_place else "只有全省、市州和县区才有"
        return f"{title}：年末常住人口{why}，不计算比值"
    sources = {source.source_id: source for source in survey.reference_sources}
    parts = []
    for figure in residents.figures:
        source = sources.get(figure.source)
        told = f"{source.publisher_zh}《{source.title_zh}》" if source else figure.source
        parts.append(f"{figure.year} 年 {grouped(figure.persons)} 人，{told}")
    return f"{title}：年末常住人口 {grouped(residents.persons)} 人（{'；'.join(parts)}）"


def amount_text(side: Side, cell: Contribution) -> str:
    """What the cell adds; a cell without a figure, or of a return sent back, adds nothing."""
    if cell.amount is None or not cell.counts:
        return "不计"
    return plain_text(side.trace.signed(cell))


def unit_text(cell: Contribution) -> str:
    return cell.unit_name + (f"（{cell.venue_name}）" if cell.venue_name else "")


def revision_text(cell: Contribution) -> str:
    return f"第 {cell.revision} 次报送（共 {cell.revision} 次）"


def earlier_text(one: Earlier) -> str:
    """The same cell in a return that another has replaced."""
    what = "重复报送" if one.status == "duplicate" else f"第 {one.revision} 次报送"
    place = " · ".join(part for part in (one.file, one.sheet, one.cell) if part)
    return f"{what}“{one.raw_text}”，{place}（{one.status_reason_zh}）"


def correction_text(one: Correction) -> str:
    """Who confirmed what, when and why; and why it is not in force, if it is not."""
    said = (
        f"“{one.old_text}”改为“{one.new_text}”，{one.confirmed_by} {one.confirmed_on}"
        f" {one.means_zh}确认，原因：{one.reason_zh}（更正.yaml 第 {one.line} 行）"
    )
    return f"更正：{said}" if one.status == "applied" else f"更正没有采用：{said}，{one.status_zh}"


def explanation_text(one: Explanation) -> str:
    """What was answered to which rule, by whom, and whether the answer still holds."""
    who = " ".join(part for part in (_SOURCES[one.source], one.by_zh) if part)
    stands = "" if one.state == "holds" else f"，{one.state_reason_zh or '没有采用'}"
    return f"说明（{who}，对规则 {one.rule_id}，{one.file}{stands}）：{one.text_zh}"


def ruling_text(one: Ruling) -> str:
    return (
        f"认定：{one.decision_zh}，{one.decided_by} {one.decided_on}，原因：{one.reason_zh}"
        f"（认定.yaml 第 {one.line} 行）"
    )


def history_lines(cell: Contribution) -> Iterator[str]:
    """All that happened to the cell, a line each."""
    history = cell.history
    yield from map(earlier_text, history.earlier)
    yield from map(explanation_text, history.explanations)
    yield from map(correction_text, history.corrections)
    yield from map(ruling_text, history.rulings)


def _place(cell: Contribution) -> Iterator[str]:
    yield from (part for part in (cell.file, cell.sheet, cell.cell) if part)
    yield f"原文“{cell.raw_text}”"
    yield State(cell.state).label_zh + ("（更正后）" if cell.corrected else "")
    yield from cell.notes
    yield revision_text(cell)
    yield f"本表{words().statuses[cell.status]}"


def _rule_lines(edition: Edition, rules: Rules) -> Iterator[str]:
    for rule_id in rules.failed:
        # A rule may have left the rule file since the run that the findings are from.
        rule = edition.rule.get(rule_id)
        yield f"规则 {rule_id} 不成立：{rule.message_zh if rule else '规则文件中已没有这一条'}"
    if rules.passed:
        yield f"规则通过 {len(rules.passed)} 条：{' '.join(rules.passed)}"
    if rules.not_evaluated:
        yield f"规则未评估 {len(rules.not_evaluated)} 条：{' '.join(rules.not_evaluated)}"
