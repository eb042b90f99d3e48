"""The mistakes that people make, put into some returns and written down.

Each kind says where it can happen and what it does; how often is in ``settings.yaml``.  A mistake
that would swamp the province's total (元 for 万元) is followed by the unit's own correction, as
happens once the office has asked.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeVar

from pipelines.forms.filling import CellError, Formula, Value
from pipelines.forms.simulation.chance import Chance
from pipelines.forms.simulation.returns import SimReturn, Slip
from pipelines.forms.simulation.settings import Mistakes
from pipelines.survey import Edition

T = TypeVar("T")
_FULL_WIDTH = str.maketrans("0123456789,", "０１２３４５６７８９，")
_OF_WHICH = ("staff_full_time_women", "staff_part_time_women", "fund_raised_government_special")
_CROWDS = ("week_events_attendance", "lectures_attendance", "trainings_attendance")


@dataclass(frozen=True)
class MistakeMaker:
    edition: Edition
    chance: Chance
    settings: Mistakes

    def make(self, returns: Sequence[SimReturn], year: int) -> int:
        """Put mistakes into the configured share of ``returns``; says into how many."""
        wanted = round(self.settings.share * len(returns))
        line = self.chance.shuffled(returns, lambda r: r.unit.number, "mistake", year)
        made = 0
        for kind in _allotted(self.settings.kinds, wanted):
            chosen = next((one for one in line if self._try(kind, one)), None)
            if chosen:
                line.remove(chosen)
                made += 1
        return made

    def _try(self, kind: str, one: SimReturn) -> bool:
        """Make the mistake if this return can have it."""
        before = replace(one, cover=dict(one.cover), answers=dict(one.answers))
        slips = getattr(self, f"_{kind}")(one)
        if not slips:
            return False
        one.slips = slips
        if one.again == "correction":
            _redate(before, 12)
            one.truth = before
        return True

    # -- figures -------------------------------------------------------------------------------

    def _parts_off(self, one: SimReturn) -> list[Slip]:
        total = _figure(one, "fund_raised")
        if total < 20:
            return []
        return [_put(one, "fund_raised", total + 10, "parts_off", "合计与分项不等")]

    def _of_which_over(self, one: SimReturn) -> list[Slip]:
        item_id = self._pick(_OF_WHICH, one, "of_which")
        parent = _figure(one, self.edition.item[item_id].parent_id)
        if parent < 2:
            return []
        return [_put(one, item_id, parent + 3, "of_which_over", "其中项大于总计")]

    def _yuan_for_wan(self, one: SimReturn) -> list[Slip]:
        if one.unit.level_id != "county" or one.shape != "xlsx" or not _figure(one, "fund_raised"):
            return []
        one.again = "correction"
        return [
            _put(one, item.item_id, value * 10_000, "yuan_for_wan", "把元填成万元（随后已更正）")
            for item in self.edition.items_of("funding")
            if (value := _figure(one, item.item_id))
        ]

    def _persons_in_wan(self, one: SimReturn) -> list[Slip]:
        for item_id in _CROWDS:
            value = _figure(one, item_id)
            if value >= 10_000 and not _figure(one, f"{item_id}_online"):
                slip = _put(one, item_id, value // 10_000, "persons_in_wan", "人次按万人次填")
                return [slip]
        return []

    def _full_width(self, one: SimReturn) -> list[Slip]:
        """Harmless: other ways to write the same figures."""
        note = "全角数字、千分位、带单位"
        return [
            _put(one, item_id, pattern.format(value).translate(table), "full_width", note)
            for item_id, pattern, table in (
                ("fund_raised", "{:,}", _FULL_WIDTH),
                ("staff_part_time", " {}人 ", {}),
                ("lectures_attendance", "{:,}", {}),
            )
            if (value := _figure(one, item_id))
        ]

    def _about(self, one: SimReturn) -> list[Slip]:
        value = _figure(one, "lectures_attendance")
        if value < 100:
            return []
        rough = f"约{round(value, -2)}"
        return [_put(one, "lectures_attendance", rough, "about", "填约数")]

    def _wan_text(self, one: SimReturn) -> list[Slip]:
        value = _figure(one, "materials_distributed")
        if value < 10_000:
            return []
        text = f"{value / 10_000:.1f}万"
        return [_put(one, "materials_distributed", text, "wan_text", "带“万”字")]

    def _blanks(self, one: SimReturn) -> list[Slip]:
        items = [item.item_id for item in self.edition.items_of("activities")]
        first = int(self.chance.between(0, len(items) - 4, "blanks", one.unit.number))
        return [_put(one, item, None, "blanks", "空白") for item in items[first : first + 4]]

    def _hall_over_building(self, one: SimReturn) -> list[Slip]:
        kind = one.unit.venue_kind
        if not kind:
            return []
        floor = _figure(one, f"{kind}_floor_area")
        item_id = f"{kind}_exhibition_area"
        return [_put(one, item_id, floor + 500, "hall_over_building", "展厅面积大于建筑面积")]

    def _free_days_over(self, one: SimReturn) -> list[Slip]:
        kind = one.unit.venue_kind
        if not kind:
            return []
        return [_put(one, f"{kind}_free_days", 400, "free_days_over", "免费开放天数大于366")]

    def _formula_unstored(self, one: SimReturn) -> list[Slip]:
        value = _figure(one, "fund_used")
        if one.shape != "xlsx" or not value:
            return []
        formula = Formula(f"{value - 1}+1")
        return [_put(one, "fund_used", formula, "formula_unstored", "公式没有存储值")]

    def _cell_error(self, one: SimReturn) -> list[Slip]:
        if one.shape != "xlsx" or not _figure(one, "staff_part_time_person_days"):
            return []
        item_id = "staff_part_time_person_days"
        return [_put(one, item_id, CellError("#REF!"), "cell_error", "单元格是错误值")]

    def _decimal_count(self, one: SimReturn) -> list[Slip]:
        value = _figure(one, "staff_part_time")
        if value < 5:
            return []
        half = value + Decimal("0.5")
        return [_put(one, "staff_part_time", half, "decimal_count", "人数带小数")]

    # -- cover ---------------------------------------------------------------------------------

    def _retired_department(self, one: SimReturn) -> list[Slip]:
        return [_cover(one, "department", "人口计生部门", "retired_department", "部门类别已停用")]

    def _level_missing(self, one: SimReturn) -> list[Slip]:
        return [_cover(one, "level", None, "level_missing", "没有选单位级别")]

    def _code_mistyped(self, one: SimReturn) -> list[Slip]:
        code = str(one.cover["uscc"])
        wrong = code[:-2] + code[-1] + code[-2]
        if wrong == code:
            return []
        return [_cover(one, "uscc", wrong, "code_mistyped", "信用代码末两位颠倒")]

    # -- sending -------------------------------------------------------------------------------

    def _same_file_twice(self, one: SimReturn) -> list[Slip]:
        if one.shape != "xlsx" or one.unit.channel != "county":
            return []
        one.again = "same"
        return [Slip("same_file_twice", "同一文件报送两次")]

    def _both_channels(self, one: SimReturn) -> list[Slip]:
        if one.shape != "xlsx" or one.unit.channel != "county":
            return []
        one.again = "other_channel"
        return [Slip("both_channels", "属地、部门两条渠道各报一次")]

    def _resubmitted(self, one: SimReturn) -> list[Slip]:
        value = _figure(one, "volunteers")
        if one.shape != "xlsx" or one.unit.channel != "county" or value < 20:
            return []
        one.again = "correction"
        return [_put(one, "volunteers", value // 2, "resubmitted", "漏报，随后更正重报")]

    def _pick(self, choices: tuple[T, ...], one: SimReturn, name: str) -> T:
        return self.chance.pick(choices, name, one.unit.number, one.year)


def _allotted(kinds: dict[str, int], wanted: int) -> list[str]:
    """Kinds for ``wanted`` mistakes by weight, each kind once before any comes twice."""
    whole = sum(kinds.values())
    ordered = sorted(kinds, key=lambda kind: -kinds[kind])
    counts = {kind: 1 if n < wanted else 0 for n, kind in enumerate(ordered)}
    while sum(counts.values()) < wanted:
        lagging = max(ordered, key=lambda kind: kinds[kind] / whole * wanted - counts[kind])
        counts[lagging] += 1
    return [kind for kind in ordered for _ in range(counts[kind])]


def _figure(one: SimReturn, item_id: str) -> int:
    value = one.answers.get(item_id)
    return value if isinstance(value, int) else 0


def _put(one: SimReturn, item_id: str, value: Value, kind: str, note: str) -> Slip:
    true = one.answers[item_id]
    one.answers[item_id] = value
    return Slip(kind, note, item_id=item_id, true_value=str(true))


def _cover(one: SimReturn, field_id: str, value: Value, kind: str, note: str) -> Slip:
    true = one.cover[field_id]
    one.cover[field_id] = value
    return Slip(kind, note, field_id=field_id, true_value=str(true))


def _redate(one: SimReturn, days: int) -> None:
    date = one.cover["fill_date"]
    assert isinstance(date, datetime.date)
    one.cover["fill_date"] = date + datetime.timedelta(days=days)
