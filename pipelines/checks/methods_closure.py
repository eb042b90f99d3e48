"""Method rules over sums: the same total, however the returns are put into groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.checks.findings import Outcome, finding, listed
from pipelines.checks.scene import Scene, texts
from pipelines.checks.wording import clause
from pipelines.survey import Rule
from pipelines.survey.notation import plain_text
from pipelines.warehouse.schema import quoted


@dataclass(frozen=True)
class _Split:
    """A whole and its parts: two conditions over ``sums`` that must select the same sum."""

    whole_zh: str
    parts_zh: str
    whole: str
    parts: str


def closure(scene: Scene, rule: Rule) -> Outcome:
    """A02: province = prefectures = county units by location, and province = levels, separately.

    Returns in no county unit, or of no known level, are a part of their own.  A code
    that the division list of the year does not have, or has elsewhere, breaks the closure.
    """
    items = scene.edition.item
    splits = list(_splits(scene))
    sums = ", ".join(
        f"coalesce(sum(amount) FILTER (WHERE {condition}), 0) AS {side}{n}"
        for n, split in enumerate(splits)
        for side, condition in (("whole", split.whole), ("parts", split.parts))
    )
    rows = scene.rows(
        f"SELECT item_id, {sums} FROM sums WHERE item_id IN ({texts(scene.item_ids('additive'))})"
        " GROUP BY item_id ORDER BY item_id"
    )
    outcome = Outcome(len(splits))
    for n, split in enumerate(splits):
        broken = [row for row in rows if row[f"whole{n}"] != row[f"parts{n}"]]
        if broken:
            figures = listed(
                f"{items[row['item_id']].name_zh} {plain_text(row[f'whole{n}'])}"
                f" / {plain_text(row[f'parts{n}'])}"
                for row in broken[:5]
            )
            said = clause(
                "closure",
                whole=split.whole_zh,
                parts=split.parts_zh,
                count=len(broken),
                all=figures,
            )
            outcome.findings.append(
                finding(
                    rule,
                    scene.year,
                    said,
                    items=[row["item_id"] for row in broken],
                    subject=f"{split.whole_zh} {split.parts_zh}",
                )
            )
    return outcome


def groupings(scene: Scene, rule: Rule) -> Outcome:
    """A03: the sums by region, by level and by department are one and the same.

    Returns whose region, level or department is not known are a group of their own.
    """
    dimensions = {
        "region": ("prefecture_code", ["", *scene.prefectures()]),
        "level": ("level_id", ["", *(one.level_id for one in scene.survey.levels)]),
        "department": (
            "department_id",
            ["", *(d.department_id for d in scene.survey.departments.active(scene.year))],
        ),
    }
    sums = ", ".join(
        f"coalesce(sum(amount) FILTER (WHERE {column} IN ({texts(members)})), 0) AS {name}"
        for name, (column, members) in dimensions.items()
    )
    rows = scene.rows(
        f"SELECT item_id, {sums} FROM sums WHERE item_id IN ({texts(scene.item_ids('additive'))})"
        " GROUP BY item_id ORDER BY item_id"
    )
    found = []
    for row in rows:
        values = [row[name] for name in dimensions]
        if len(set(values)) > 1:
            item = scene.edition.item[row["item_id"]]
            figures = {name: plain_text(row[name]) for name in dimensions}
            said = clause("grouping", name=item.name_zh, unit=f" {item.unit}", **figures)
            found.append(
                finding(
                    rule,
                    scene.year,
                    said,
                    items=[item.item_id],
                    effect=max(values) - min(values),
                    effect_item=item.item_id,
                )
            )
    return Outcome(len(rows), 0, found)


def _splits(scene: Scene) -> Iterator[_Split]:
    divisions, year = scene.survey.divisions, scene.year
    prefectures = scene.prefectures()
    levels = ["", *(one.level_id for one in scene.survey.levels)]
    yield _Split("全省", "各市州", "TRUE", f"prefecture_code IN ({texts([*prefectures, ''])})")
    yield _Split("全省", "各级别", "TRUE", f"level_id IN ({texts(levels)})")
    for code in prefectures:
        counties = [c.code for c in divisions.county_units(year) if c.parent_code == code]
        whole = f"prefecture_code = {quoted(code)}"
        parts = f"{whole} AND county_code IN ({texts([*counties, ''])})"
        yield _Split(scene.place_zh(code), "所辖县（市、区）", whole, parts)
