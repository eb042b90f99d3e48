"""Mistakes of every kind, put into a simulated province with a note of where.

Each kind says which rules are for it and what it does to a return.  Kinds that need several units
(the same event, one constant) or a whole form change more than one cell or return.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from benchmarks.provinces import Province, ReturnRow
from pipelines.survey import Edition, Item, Survey

#: Rules that put a slipped or odd figure in question.
_SOFT = ("G14", "G17", "G20", "G22")


@dataclass(frozen=True)
class Seed:
    """One mistake: the cells that are wrong; none where it concerns the return."""

    kind: str
    return_id: str
    items: tuple[str, ...]
    note: str = ""

    def is_asked_by(self, rule: str, items: set[str]) -> bool:
        if self.items and not KINDS[self.kind].whole:
            return bool(items & set(self.items))
        return KINDS[self.kind].is_for(rule)

    def explains(self, rule: str, items: set[str]) -> bool:
        return self.is_asked_by(rule, items) or bool(items & set(self.items))


Maker = Callable[["Field"], Iterator[Seed]]


@dataclass(frozen=True)
class Kind:
    name_zh: str
    group: str
    rules: tuple[str, ...]
    make: Maker
    #: Found only when a rule for it asks, whichever cell it names.
    whole: bool = False
    weight: int = 3

    def is_for(self, rule: str) -> bool:
        """Whether the rule is for this kind; R_* stands for all that begin so."""
        return any(
            rule.startswith(name[:-1]) if name.endswith("*") else rule == name
            for name in self.rules
        )


@dataclass
class Field:
    """Where mistakes are made: the edition, chance, returns not yet touched, last year's texts."""

    edition: Edition
    draw: random.Random
    free: list[ReturnRow]
    last: dict[tuple[str, str], dict[str, str]]
    kind: str = ""

    def take(self, wanted: Callable[[ReturnRow], bool]) -> ReturnRow | None:
        """A return that can have the mistake; nobody else gets it."""
        found = next((row for row in self.free if wanted(row)), None)
        if found:
            self.free.remove(found)
        return found

    def items(self, row: ReturnRow, wanted: Callable[[Item, int], bool]) -> list[str]:
        return [
            item.item_id
            for item in self.edition.items
            if row.texts[item.item_id].isdecimal() and wanted(item, int(row.texts[item.item_id]))
        ]

    def before(self, row: ReturnRow) -> dict[str, str]:
        return self.last.get((row.unit.uscc, row.unit.venue_name), {})

    def seed(self, row: ReturnRow, items: Iterable[str], note: str = "") -> Seed:
        return Seed(self.kind, row.return_id, tuple(items), note)


def seed_mistakes(survey: Survey, province: Province, seed: int, share: float) -> list[Seed]:
    """Change the last year of ``province``; says what was done."""
    year = max(province.years)
    draw = random.Random(seed * 7919)
    returns = list(province.years[year])
    draw.shuffle(returns)
    last = {(row.unit.uscc, row.unit.venue_name): row.texts for row in province.years[year - 1]}
    field = Field(survey.edition_of(year), draw, returns, last)
    made: list[Seed] = []
    names = [name for name, kind in KINDS.items() for _ in range(kind.weight)]
    touched = round(share * len(returns))
    for turn in range(touched):
        if len(returns) - len(field.free) >= touched:
            break
        field.kind = names[turn % len(names)]
        made += KINDS[field.kind].make(field)
    return made


# -- one cell against another ----------------------------------------------------------------


def _put(relation: str) -> Maker:
    def make(field: Field) -> Iterator[Seed]:
        makers = {"total": _total_off, "within": _within, "none": _none, "some": _some}
        yield from makers[relation](field)

    return make


def _total_off(field: Field) -> Iterator[Seed]:
    row = field.take(
        lambda r: r.texts["fund_raised"].isdecimal() and int(r.texts["fund_raised"]) > 40
    )
    if row:
        total = int(row.texts["fund_raised"])
        row.texts["fund_raised"] = str(
            total + field.draw.choice([-1, 1]) * field.draw.randint(3, 30)
        )
        yield field.seed(row, ["fund_raised"])


def _within(field: Field) -> Iterator[Seed]:
    parts = [i for i in field.edition.items if i.relation == "of_which"]
    item = field.draw.choice(parts)
    row = field.take(
        lambda r: r.texts[item.parent_id].isdecimal() and int(r.texts[item.parent_id]) > 0
    )
    if row:
        whole = int(row.texts[item.parent_id])
        row.texts[item.item_id] = str(whole + field.draw.randint(1, max(1, whole // 4)))
        yield field.seed(row, [item.item_id])


def _none(field: Field) -> Iterator[Seed]:
    attributes = [i for i in field.edition.items if i.relation == "attribute"]
    item = field.draw.choice(attributes)
    row = field.take(lambda r: r.texts[item.parent_id] in {"-", "0"})
    if row:
        row.texts[item.item_id] = str(field.draw.randint(5, 300))
        yield field.seed(row, [item.item_id])


def _some(field: Field) -> Iterator[Seed]:
    rules = [rule for rule in field.edition.rules if rule.id.startswith("P_")]
    rule = field.draw.choice(rules)
    item = field.edition.item[rule.id.removeprefix("P_")]
    row = field.take(lambda r: r.texts[item.item_id].isdecimal() and int(r.texts[item.item_id]) > 0)
    if row:
        row.texts[item.item_id] = field.draw.choice(["0", "-"])
        yield field.seed(row, [item.item_id])


def _figure(text: Callable[[random.Random, int], str], least: int = 1) -> Maker:
    """A cell rewritten."""

    def make(field: Field) -> Iterator[Seed]:
        row = field.take(lambda r: bool(field.items(r, lambda i, v: v >= least and not i.is_money)))
        if row:
            chosen = field.items(row, lambda i, v: v >= least and not i.is_money)
            item = field.draw.choice(chosen)
            row.texts[item] = text(field.draw, int(row.texts[item]))
            yield field.seed(row, [item])

    return make


def _venue(change: Callable[[Field, ReturnRow, str], str]) -> Maker:
    def make(field: Field) -> Iterator[Seed]:
        row = field.take(lambda r: bool(r.unit.venue_name))
        if row:
            yield field.seed(row, [change(field, row, row.unit.venue_kind)])

    return make


def _hall(field: Field, row: ReturnRow, kind: str) -> str:
    row.texts[f"{kind}_exhibition_area"] = str(
        int(row.texts[f"{kind}_floor_area"]) + field.draw.randint(1, 900)
    )
    return f"{kind}_exhibition_area"


def _days(field: Field, row: ReturnRow, kind: str) -> str:
    row.texts[f"{kind}_free_days"] = str(field.draw.randint(367, 900))
    return f"{kind}_free_days"


def _venue_in_unit(field: Field) -> Iterator[Seed]:
    row = field.take(lambda r: not r.unit.venue_name)
    if row:
        row.texts |= {"science_centers": "1", "science_centers_floor_area": "2000",
                      "science_centers_exhibition_area": "900",
                      "science_centers_visits": "12000"}  # fmt: skip
        yield field.seed(row, ["science_centers"])


def _work(factor: Callable[[random.Random], int]) -> Maker:
    def make(field: Field) -> Iterator[Seed]:
        row = field.take(
            lambda r: (
                r.texts["staff_part_time"].isdecimal() and int(r.texts["staff_part_time"]) >= 5
            )
        )
        if row:
            people = int(row.texts["staff_part_time"])
            row.texts["staff_part_time_person_days"] = str(people * factor(field.draw))
            yield field.seed(row, ["staff_part_time_person_days"])

    return make


def _cover(**changes: object) -> Maker:
    def make(field: Field) -> Iterator[Seed]:
        row = field.take(lambda r: True)
        if row:
            row.changes |= changes
            yield field.seed(row, [])

    return make


# -- units, years, neighbours ------------------------------------------------------------------


def _slip(power: int, larger: bool) -> Maker:
    """One figure ``power`` times too large, or too small and cut to a whole number."""

    def possible(item: Item, value: int) -> bool:
        return item.additive and (value >= 5 if larger else value // power >= 1)

    def make(field: Field) -> Iterator[Seed]:
        row = field.take(lambda r: bool(field.items(r, possible)))
        if row:
            item = field.draw.choice(field.items(row, possible))
            value = int(row.texts[item])
            row.texts[item] = str(value * power if larger else value // power)
            yield field.seed(row, [item], f"{value} -> {row.texts[item]}")

    return make


def _minutes(field: Field) -> Iterator[Seed]:
    hours = ("tv_hours", "radio_hours")
    row = field.take(lambda r: any(r.texts[i].isdecimal() and int(r.texts[i]) >= 5 for i in hours))
    if row:
        item = next(i for i in hours if row.texts[i].isdecimal() and int(row.texts[i]) >= 5)
        row.texts[item] = str(int(row.texts[item]) * 60)
        yield field.seed(row, [item])


def _jump(field: Field) -> Iterator[Seed]:
    """A change that no factor explains: 3 to 7 times, or as small a part, of a large figure."""

    def possible(row: ReturnRow) -> list[str]:
        before = field.before(row)
        large = field.items(row, lambda i, v: i.additive and v >= 200)
        return [i for i in large if before.get(i, "").isdecimal() and int(before[i]) > 0]

    row = field.take(lambda r: bool(possible(r)))
    if row:
        item = field.draw.choice(possible(row))
        value, factor = int(row.texts[item]), field.draw.uniform(3, 7)
        larger = field.draw.random() < 0.5
        row.texts[item] = str(round(value * factor) if larger else round(value / factor))
        yield field.seed(row, [item], f"{value} -> {row.texts[item]}")


def _crowd(field: Field) -> Iterator[Seed]:
    """A crowd twenty to sixty times what so many events have, in a unit without a last year."""
    events = field.draw.choice(["lectures", "week_events", "trainings", "interest_groups"])
    crowd = f"{events}_attendance"
    row = field.take(
        lambda r: not field.before(r) and r.texts[crowd].isdecimal() and int(r.texts[crowd]) > 0
    )
    if row:
        row.texts[crowd] = str(round(int(row.texts[crowd]) * field.draw.uniform(20, 60)))
        yield field.seed(row, [crowd], f"{row.texts[events]} / {row.texts[crowd]}")


def _copy(field: Field) -> Iterator[Seed]:
    """A whole form as last year, of at least five figures."""

    def possible(row: ReturnRow) -> list[str]:
        before = field.before(row)
        return [
            form.form_id
            for form in field.edition.forms
            if sum(int(before.get(i.item_id, "0").isdecimal() and before.get(i.item_id) != "0")
                   for i in field.edition.items_of(form.form_id)) >= 5
        ]  # fmt: skip

    row = field.take(lambda r: bool(field.before(r)) and bool(possible(r)))
    if row:
        form = field.draw.choice(possible(row))
        names = [item.item_id for item in field.edition.items_of(form)]
        row.texts |= {name: field.before(row)[name] for name in names}
        yield field.seed(row, names, form)


def _copy_all(field: Field) -> Iterator[Seed]:
    """A whole return as last year, of at least five figures."""

    def figures(row: ReturnRow) -> list[str]:
        before = field.before(row)
        return [name for name, text in before.items() if text.isdecimal() and text != "0"]

    row = field.take(lambda r: len(figures(r)) >= 5)
    if row:
        row.texts |= field.before(row)
        yield field.seed(row, figures(row))


def _neighbours(field: Field, wanted: int, able: Callable[[ReturnRow], bool]) -> list[ReturnRow]:
    """Untouched returns of one county."""
    by_place: dict[str, list[ReturnRow]] = {}
    for row in field.free:
        if able(row) and row.unit.channel == "county":
            by_place.setdefault(row.unit.division_code, []).append(row)
    group = next((rows for rows in by_place.values() if len(rows) >= wanted), [])[:wanted]
    for row in group:
        field.free.remove(row)
    return group


def _same(field: Field) -> Iterator[Seed]:
    """Two or three units of a county report one event as their own."""
    names = ("week_events", "week_events_attendance")
    group = _neighbours(
        field,
        field.draw.choice([2, 3]),
        lambda r: r.texts[names[0]].isdecimal() and r.texts[names[0]] != "0",
    )
    crowd = field.draw.randint(600, 6000)
    for row in group:
        row.texts |= {names[0]: "1", names[1]: str(crowd)}
        yield field.seed(row, names)


def _constant(field: Field) -> Iterator[Seed]:
    """The county told everybody what to write."""
    item = field.draw.choice(["materials_distributed", "lectures_attendance", "volunteers"])
    group = _neighbours(
        field,
        7,
        lambda r: r.texts[item].isdecimal() and r.texts[item] != "0" and not r.unit.venue_name,
    )
    value = str(field.draw.choice([50, 100, 200, 500, 1000]))
    for row in group:
        row.texts[item] = value
        yield field.seed(row, [item], value)


def _left_blank(field: Field) -> Iterator[Seed]:
    row = field.take(lambda r: any(v.isdecimal() and v != "0" for v in field.before(r).values()))
    if row:
        old = field.before(row)
        item = field.draw.choice([i for i, v in old.items() if v.isdecimal() and v != "0"])
        row.texts[item] = ""
        yield field.seed(row, [item])


def _unclear(draw: random.Random, value: int) -> str:
    return draw.choice([f"约{value}", f"{value}余", f"{value}-{value + 5}", "若干", "#REF!", "3万"])


KINDS: dict[str, Kind] = {
    "total_off": Kind("合计不等于各项之和", "hard", ("J01",), _put("total")),
    "within": Kind("其中项大于上级", "hard", ("R_*",), _put("within")),
    "none": Kind("上级为 0 而附属项大于 0", "hard", ("Z_*",), _put("none")),
    "some": Kind("上级大于 0 而附属项为 0", "hard", ("P_*", "R12"), _put("some")),
    "negative": Kind("负数", "hard", ("G02",), _figure(lambda d, v: str(-v))),
    "decimal": Kind("数量带小数", "hard", ("G01",), _figure(lambda d, v: f"{v}.{d.randint(1, 9)}")),
    "unclear": Kind("文字、约数、区间、错误值", "hard", ("G03",), _figure(_unclear)),
    "hall": Kind("展厅面积大于建筑面积", "hard", ("V_*",), _venue(_hall)),
    "days": Kind("免费开放天数超过 366", "hard", ("V_*",), _venue(_days)),
    "venue": Kind("非场馆表填了场馆", "hard", ("V41",), _venue_in_unit),
    "work_days": Kind("人天超过人数×366", "hard", ("R13",), _work(lambda d: d.randint(367, 900))),
    "department": Kind("主管部门认不出", "hard", ("G06",), _cover(department_id="")),
    "level": Kind("级别没有选", "hard", ("G07",), _cover(level_id="")),
    "place": Kind(
        "所在地认不出",
        "hard",
        ("G08",),
        _cover(division_code="", county_code="", prefecture_code=""),
    ),
    "slip10000": Kind("多填四位（元填成万元等）", "slip", _SOFT, _slip(10_000, True), weight=6),
    "slip10000_down": Kind("少填四位（按万填报）", "slip", _SOFT, _slip(10_000, False), weight=6),
    "slip100": Kind("多填两位", "soft", _SOFT, _slip(100, True)),
    "slip100_down": Kind("少填两位", "soft", _SOFT, _slip(100, False)),
    "slip10": Kind("多填一位", "soft", _SOFT, _slip(10, True)),
    "slip10_down": Kind("少填一位", "soft", _SOFT, _slip(10, False)),
    "minutes": Kind("分钟填成小时", "soft", (*_SOFT, "M06a", "M06b"), _minutes),
    "jump": Kind("与上年相差 3—7 倍", "soft", _SOFT, _jump),
    "crowd": Kind("没有上年数，平均每次人数过大", "soft", _SOFT, _crowd),
    "copy": Kind("整张表照抄上年", "soft", ("G18",), _copy, whole=True),
    "copy_all": Kind("整份表照抄上年", "soft", ("G18",), _copy_all, whole=True),
    "constant": Kind("同地区多个单位同一个数", "soft", ("G19",), _constant, whole=True, weight=1),
    "event": Kind("同一活动几个单位重复填报", "soft", ("G21",), _same, whole=True),
    "months": Kind("工作量按人数×12 填", "soft", ("R18",), _work(lambda d: 12), whole=True),
    "blank": Kind("上年有数今年空白", "soft", ("G13",), _left_blank, whole=True),
}
