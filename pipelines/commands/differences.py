"""What moved between two states, and because of whom: told here, listed in a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.checks.sheets import new_book
from pipelines.commands import console
from pipelines.errors import UsageError
from pipelines.indicators import Definition, Definitions, load_definitions
from pipelines.indicators.breakdowns import breakdown_zh
from pipelines.survey import Survey, load_survey
from pipelines.survey.notation import plain_text
from pipelines.survey.quantities import round_half_up
from pipelines.survey.reference import PROVINCE
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.comparison import (
    Comparison,
    Moved,
    MovedCell,
    MovedDecision,
    MovedReturn,
)
from pipelines.warehouse.release import release_named

#: The state that is published now, beside the names of releases.
NOW = "现行"
_SHOWN = 20
_CAUSES = 3
_WHY_ZH = {
    "new": "新计入",
    "gone": "不再计入",
    "resubmitted": "换了报送的文件",
    "moved": "地区、部门或级别变了",
}
_KINDS_ZH = {"correction": "更正", "ruling": "认定", "explanation": "说明"}


@dataclass(frozen=True)
class Difference:
    """Everything that differs, with what is needed to name it."""

    before: str
    after: str
    simulated: bool
    figures: Sequence[Moved]
    returns: Sequence[MovedReturn]
    cells: Sequence[MovedCell]
    decisions: Sequence[MovedDecision]


def show_difference(folder: Path, before: str, after: str, out: Path | None) -> None:
    """Tell what moved from ``before`` to ``after``; all of it goes to ``out``, a workbook."""
    if out is not None and out.suffix.lower() != ".xlsx":
        raise UsageError("清单只能写成 .xlsx", "请把 --out 写成如 修订说明.xlsx")
    root = Root(folder)
    root.require_folder()
    difference = _compare(root, before, after)
    survey = load_survey(root.overlay)
    names = _Names(survey, load_definitions(root.overlay).with_items(survey))
    for line in _told(difference, names):
        console.say(line)
    if out is not None:
        _write(difference, names, out)
        console.say(f"全部清单：{console.shown(out)}")


def _compare(root: Root, before: str, after: str) -> Difference:
    paths = [_snapshot_of(root, name) for name in (before, after)]
    with Snapshot(paths[0]) as first, Snapshot(paths[1]) as second:
        simulated = first.simulated or second.simulated
    with Comparison(*paths) as comparison:
        return Difference(
            before,
            after,
            simulated,
            comparison.figures(),
            comparison.returns(),
            comparison.cells(),
            comparison.decisions(),
        )


def _snapshot_of(root: Root, name: str) -> Path:
    if name == NOW:
        return root.snapshot
    return release_named(root, name).folder / root.snapshot.relative_to(root.path)


@dataclass(frozen=True)
class _Names:
    survey: Survey
    definitions: Definitions

    def indicator(self, indicator_id: str) -> str:
        known = indicator_id in self.definitions
        return self.definitions[indicator_id].name_zh if known else indicator_id

    def item(self, year: int, item_id: str) -> str:
        known = self.survey.edition_of(year).item
        return known[item_id].name_zh if item_id in known else item_id

    def value(self, moved: Moved, value: Decimal | None) -> Decimal | None:
        """Rounded as it is published."""
        if value is None or moved.indicator_id not in self.definitions:
            return value
        return round_half_up(value, self.definitions[moved.indicator_id].decimals)

    def causes(self, moved: Moved, cells: Iterable[MovedCell]) -> list[MovedCell]:
        """Cells of the indicator's items in its year, largest change first."""
        if moved.indicator_id not in self.definitions:
            return []
        definition: Definition = self.definitions[moved.indicator_id]
        theirs = [c for c in cells if c.year == moved.year and c.item_id in definition.items]
        return sorted(theirs, key=lambda cell: -abs(cell.difference))


def _told(difference: Difference, names: _Names) -> Iterator[str]:
    yield f"{difference.before} → {difference.after}"
    if not (difference.figures or difference.returns or difference.decisions):
        yield "没有任何指标、调查表或决定不同。"
        return
    yield (
        f"变动的指标值 {len(difference.figures)} 个，调查表 {len(difference.returns)} 份，"
        f"决定 {len(difference.decisions)} 条。"
    )
    whole = [moved for moved in difference.figures if moved.breakdown == "province"]
    if whole:
        yield "全省数："
    for moved in whole[:_SHOWN]:
        yield f"  {moved.year} {names.indicator(moved.indicator_id)}：{_change(moved, names)}"
        for cell in names.causes(moved, difference.cells)[:_CAUSES]:
            yield f"    {_unit(cell)} {names.item(cell.year, cell.item_id)}：{_cell_change(cell)}"
    if len(whole) > _SHOWN:
        yield f"  ……其余 {len(whole) - _SHOWN} 个见清单（--out）"
    for moved_return in difference.returns[:_SHOWN]:
        yield f"  {moved_return.year} {_unit(moved_return)}：{_WHY_ZH[moved_return.why]}"
    if len(difference.returns) > _SHOWN:
        yield f"  ……其余 {len(difference.returns) - _SHOWN} 份见清单（--out）"
    for decision in difference.decisions[:_SHOWN]:
        yield f"  {_decision_state(decision)}{_KINDS_ZH[decision.kind]}：{decision.said}"


def _unit(one: MovedCell | MovedReturn) -> str:
    return f"{one.unit_name}（{one.venue_name}）" if one.venue_name else one.unit_name


def _change(moved: Moved, names: _Names) -> str:
    before, after = names.value(moved, moved.before), names.value(moved, moved.after)
    said = f"{_number(before)} → {_number(after)} {moved.unit}"
    return said if before is None or after is None else f"{said}（{_signed(after - before)}）"


def _cell_change(cell: MovedCell) -> str:
    return f"{_number(cell.before)} → {_number(cell.after)}（{_signed(cell.difference)}）"


def _number(value: Decimal | None) -> str:
    return "无数据" if value is None else plain_text(value)


def _signed(value: Decimal) -> str:
    return f"+{plain_text(value)}" if value > 0 else plain_text(value)


def _decision_state(decision: MovedDecision) -> str:
    return "新增" if decision.only_in == "after" else "不再有"


def _write(difference: Difference, names: _Names, path: Path) -> None:
    title = f"{difference.before} 至 {difference.after} 修订说明"
    with new_book(path, title, simulated=difference.simulated) as book:
        for name, heads, widths, looks, rows in _sheets(difference, names):
            book.list(book.sheet(name, widths), 0, heads, rows, looks)


def _sheets(
    difference: Difference, names: _Names
) -> Iterator[tuple[str, Sequence[str], Sequence[int], Sequence[str], list[list[Any]]]]:
    numbers = ("number", "number", "number")
    yield (
        "变动的指标",
        ("年度", "分组", "对象", "指标", "单位", "原来", "现在", "差额", "主要由"),
        (8, 16, 24, 34, 10, 16, 16, 16, 60),
        ("centre", "text", "text", "text", "centre", *numbers, "text"),
        [_figure_row(moved, difference.cells, names) for moved in difference.figures],
    )
    yield (
        "变动的调查表",
        ("年度", "单位", "场馆", "变动", "原来的文件", "现在的文件"),
        (8, 34, 24, 20, 50, 50),
        ("centre", "text", "text", "text", "text", "text"),
        [
            [r.year, r.unit_name, r.venue_name, _WHY_ZH[r.why], r.file_before, r.file_after]
            for r in difference.returns
        ],
    )
    yield (
        "变动的数",
        ("年度", "单位", "场馆", "指标", "原来", "现在", "差额"),
        (8, 34, 24, 34, 16, 16, 16),
        ("centre", "text", "text", "text", *numbers),
        [
            [
                c.year, c.unit_name, c.venue_name, names.item(c.year, c.item_id),
                c.before, c.after, c.difference,
            ]
            for c in difference.cells
        ],
    )  # fmt: skip
    yield (
        "决定",
        ("年度", "种类", "新增或撤销", "内容"),
        (8, 10, 12, 100),
        ("centre", "centre", "centre", "text"),
        [[d.year, _KINDS_ZH[d.kind], _decision_state(d), d.said] for d in difference.decisions],
    )


def _figure_row(moved: Moved, cells: Sequence[MovedCell], names: _Names) -> list[Any]:
    causes = names.causes(moved, cells)[:_CAUSES] if moved.member_id == PROVINCE else []
    return [
        moved.year,
        breakdown_zh(moved.breakdown),
        moved.member_zh,
        names.indicator(moved.indicator_id),
        moved.unit,
        names.value(moved, moved.before),
        names.value(moved, moved.after),
        moved.difference,
        "；".join(f"{_unit(c)} {_signed(c.difference)}" for c in causes),
    ]
