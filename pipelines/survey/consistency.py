"""What must hold between the rows of one edition; each problem knows the row that is wrong.

The models check a row by itself.  Here stands what concerns several: ids that occur twice, parents
that do not exist, rules that name an item the questionnaire does not have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from pipelines.survey.models import CoverField, CrosswalkRow, Form, Item, Rule

Row = TypeVar("Row")

Part = Literal["cover", "forms", "items", "rules", "crosswalk"]

#: Names an expression may use beside item ids.
FACTS = frozenset({"is_venue", "level"})
#: Names of a rule that looks at every item one by one.
EACH_NAMES = frozenset({"v", "prev"})

#: SQL words and functions: never names of items.
_WORDS = frozenset(
    {"and", "or", "not", "between", "in", "is", "null", "true", "false"}
) | frozenset({"abs", "floor", "ceil", "round", "greatest", "least", "coalesce"})
_TEXT_OR_NAME = re.compile(r"'(?:[^']|'')*'|(?P<name>\b[A-Za-z_][A-Za-z0-9_]*)")


@dataclass(frozen=True)
class Problem:
    """A row of a part of the edition that contradicts another."""

    part: Part
    index: int
    text_zh: str


@dataclass(frozen=True)
class Parts:
    """The rows of an edition before they are one."""

    cover: Sequence[CoverField]
    forms: Sequence[Form]
    items: Sequence[Item]
    rules: Sequence[Rule]
    crosswalk: Sequence[CrosswalkRow]


def problems_of(parts: Parts) -> Iterator[Problem]:
    """Every contradiction in an edition, by part and row."""
    yield from _twice("cover", parts.cover, "封面项", lambda row: row.field_id)
    yield from _twice("forms", parts.forms, "表", lambda row: row.form_id)
    yield from _twice("items", parts.items, "指标", lambda row: row.item_id)
    yield from _twice("items", parts.items, "指标名称", lambda row: row.name_zh)
    yield from _twice("items", parts.items, "代码", lambda row: row.code)
    yield from _twice("rules", parts.rules, "规则", lambda row: row.id)
    yield from _tree_problems(parts)
    yield from _rule_problems(parts)
    yield from _crosswalk_problems(parts)


def names_in(expression: str) -> frozenset[str]:
    """The names an expression uses, without SQL words, functions and quoted text."""
    found = (match["name"] for match in _TEXT_OR_NAME.finditer(expression) if match["name"])
    return frozenset(name for name in found if name.lower() not in _WORDS)


def _twice(
    part: Part, rows: Iterable[Row], what: str, key: Callable[[Row], str]
) -> Iterator[Problem]:
    seen = set()
    for index, row in enumerate(rows):
        value = key(row)
        if value and value in seen:
            yield Problem(part, index, f"{what}“{value}”重复")
        seen.add(value)


def _tree_problems(parts: Parts) -> Iterator[Problem]:
    forms = {form.form_id for form in parts.forms}
    ids = {item.item_id: item for item in parts.items}
    for index, item in enumerate(parts.items):
        for text in _item_problems(item, forms, ids):
            yield Problem("items", index, text)


def _item_problems(item: Item, forms: set[str], ids: dict[str, Item]) -> Iterator[str]:
    if item.form_id not in forms:
        yield f"指标“{item.item_id}”所属表“{item.form_id}”不存在"
    if bool(item.parent_id) == (item.relation == "total"):
        yield f"指标“{item.item_id}”的上级与关系“{item.relation}”不符：只有 total 没有上级"
    parent = ids.get(item.parent_id)
    if parent is None:
        if item.parent_id:
            yield f"指标“{item.item_id}”的上级“{item.parent_id}”不存在"
        return
    if item.relation in {"part", "of_which"} and parent.unit != item.unit:
        yield (
            f"指标“{item.item_id}”的计量单位“{item.unit}”"
            f"与上级“{parent.item_id}”的“{parent.unit}”不同"
        )
    if item.item_id in _ancestors(item, ids):
        yield f"指标“{item.item_id}”的上级绕回自己"


def _ancestors(item: Item, ids: dict[str, Item]) -> list[str]:
    found: list[str] = []
    parent = ids.get(item.parent_id)
    while parent is not None and parent.item_id not in found:
        found.append(parent.item_id)
        parent = ids.get(parent.parent_id)
    return found


def _rule_problems(parts: Parts) -> Iterator[Problem]:
    items = {item.item_id for item in parts.items}
    for index, rule in enumerate(parts.rules):
        if rule.kind == "method":
            continue
        allowed = EACH_NAMES if rule.each else items | FACTS
        unknown = sorted(names_in(f"{rule.when} {rule.expr}") - allowed)
        if unknown:
            names = "、".join(f"“{name}”" for name in unknown)
            yield Problem("rules", index, f"规则“{rule.id}”用到本版调查表没有的指标或名称{names}")


def _crosswalk_problems(parts: Parts) -> Iterator[Problem]:
    items = {item.item_id for item in parts.items}
    for index, row in enumerate(parts.crosswalk):
        if row.item_id and row.item_id not in items:
            yield Problem("crosswalk", index, f"对照表中的指标“{row.item_id}”不在本版调查表中")
        if (row.relation == "gone") == bool(row.item_id):
            yield Problem("crosswalk", index, "只有关系为 gone 的行没有本版指标")
        if (row.relation in {"new", "gone"} and row.comparable) or (
            row.relation != "new" and not row.earlier_item_id
        ):
            yield Problem(
                "crosswalk", index, f"关系“{row.relation}”与上一版指标、可比与否的填写不符"
            )
