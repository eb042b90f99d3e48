"""How two editions differ: what is new, gone, renamed, re-coded, in another unit, moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pipelines.survey.models import Edition, Item

ChangeKind = Literal["new", "gone", "renamed", "recoded", "unit", "moved"]

KIND_NAMES: dict[ChangeKind, str] = {
    "new": "新增",
    "gone": "取消",
    "renamed": "改名",
    "recoded": "改代码",
    "unit": "改计量单位",
    "moved": "改所属表或上级",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference; the item of the side that does not have it is empty."""

    kind: ChangeKind
    item_id: str
    earlier_item_id: str
    form_zh: str
    name_zh: str
    before: str
    after: str


def changes_between(
    earlier: Edition, later: Edition, counterparts: Mapping[str, str]
) -> list[Change]:
    """Differences in the order of ``later``, what is gone at the end.

    ``counterparts`` gives, for items of ``later``, the item of ``earlier`` that asks the same.
    """
    changes: list[Change] = []
    for item in later.items:
        before = earlier.item.get(counterparts.get(item.item_id, ""))
        if before is None:
            after = f"{item.label_zh}（{item.unit}，{item.code or '无代码'}）"
            changes.append(_change("new", item, "", later, "", after))
        else:
            changes += _differences(earlier, before, later, item, counterparts)
    kept = {counterparts[item.item_id] for item in later.items if item.item_id in counterparts}
    for item in earlier.items:
        if item.item_id not in kept:
            was = f"{item.label_zh}（{item.unit}，{item.code or '无代码'}）"
            form = earlier.form[item.form_id].name_zh
            changes.append(Change("gone", "", item.item_id, form, item.name_zh, was, ""))
    return changes


def _differences(
    earlier: Edition, before: Item, later: Edition, after: Item, counterparts: Mapping[str, str]
) -> Iterator[Change]:
    if before.label_zh != after.label_zh:
        yield _change("renamed", after, before.item_id, later, before.label_zh, after.label_zh)
    if before.code != after.code:
        yield _change(
            "recoded", after, before.item_id, later, before.code or "无", after.code or "无"
        )
    if before.unit != after.unit:
        yield _change("unit", after, before.item_id, later, before.unit, after.unit)
    parent = counterparts.get(after.parent_id, after.parent_id)
    if (before.form_id, before.parent_id, before.relation) != (
        after.form_id,
        parent,
        after.relation,
    ):
        was, now = _standing(earlier, before), _standing(later, after)
        yield _change("moved", after, before.item_id, later, was, now)


def _standing(edition: Edition, item: Item) -> str:
    form = edition.form[item.form_id].name_zh
    parent = edition.item[item.parent_id].name_zh if item.parent_id else "无上级"
    relation = {"total": "", "part": "，分项", "of_which": "，其中项", "attribute": "，附属项"}
    return f"{form}，{parent}{relation[item.relation]}"


def _change(
    kind: ChangeKind, item: Item, earlier_id: str, edition: Edition, before: str, after: str
) -> Change:
    form = edition.form[item.form_id].name_zh
    return Change(kind, item.item_id, earlier_id, form, item.name_zh, before, after)
