"""Rules that follow from the tree of a questionnaire: written once a family, made for every item.

``rules.yaml`` declares families under ``tree``: which relation between items they follow, how
severe a break is, how it is worded.  A family makes one rule for every item that has the relation,
so that an item added to ``items.csv`` is checked without anybody typing a rule.  What the office
knows by another number, a wider tolerance or a source of its own stands under ``own``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.survey.models import Evidence, Item, ItemId, Rule

Follows = Literal["sum", "within", "none_means_none", "some_means_some"]


class RuleFamily(BaseModel):
    """What a family of rules says about every item that stands in a relation.

    ``sum``: an item is the sum of its parts.  ``within``: an item contained in its parent is not
    larger.  ``none_means_none``: where the parent is 0 its attributes are 0.  ``some_means_some``:
    where the parent is above 0 its attributes are.  ``{item}`` and ``{parent}`` in the sentences
    are full names, ``{label}`` the item as printed; in ``id`` they are item ids.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: str
    follows: Follows
    id: str
    message_zh: str
    severity: Literal["query", "note"] = "query"
    must_correct: bool = False
    tolerance: Decimal = Decimal(0)
    evidence: Evidence = "obvious"
    source: str = ""
    note_zh: str = ""
    leave_out: tuple[ItemId, ...] = ()
    own: dict[ItemId, dict[str, Any]] = Field(default_factory=dict)


class FamilyError(ValueError):
    """A family that names an item the relation does not have, or makes no valid rule."""


def rules_of(family: RuleFamily, items: Sequence[Item]) -> tuple[Rule, ...]:
    """The rules of a family for the items of an edition, in printed order."""
    by_id = {item.item_id: item for item in items}
    related = list(_RELATIONS[family.follows](items, by_id))
    subjects = {subject.item_id for subject, _, _ in related}
    unknown = sorted({*family.leave_out, *family.own} - subjects)
    if unknown:
        raise FamilyError(f"规则族“{family.family}”提到的指标不在此关系中：{'、'.join(unknown)}")
    return tuple(
        _rule(family, subject, parent, fields)
        for subject, parent, fields in related
        if subject.item_id not in family.leave_out
    )


def subjects_of(follows: Follows, items: Sequence[Item]) -> frozenset[str]:
    """The items for which a family of this relation makes a rule."""
    by_id = {item.item_id: item for item in items}
    return frozenset(subject.item_id for subject, _, _ in _RELATIONS[follows](items, by_id))


Related = Iterator[tuple[Item, Item, dict[str, str]]]


def _sums(items: Sequence[Item], by_id: dict[str, Item]) -> Related:
    for total in items:
        parts = [i.item_id for i in items if i.parent_id == total.item_id and i.relation == "part"]
        if parts:
            expr = f"abs({total.item_id} - ({' + '.join(parts)})) <= {{tolerance}}"
            yield total, total, {"expr": expr}


def _contained(items: Sequence[Item], by_id: dict[str, Item]) -> Related:
    for item in items:
        if item.relation == "of_which":
            parent = by_id[item.parent_id]
            yield item, parent, {"expr": f"{item.item_id} <= {parent.item_id}"}


def _none(items: Sequence[Item], by_id: dict[str, Item]) -> Related:
    yield from _attributes(items, by_id, "= 0")


def _some(items: Sequence[Item], by_id: dict[str, Item]) -> Related:
    yield from _attributes(items, by_id, "> 0")


def _attributes(items: Sequence[Item], by_id: dict[str, Item], comparison: str) -> Related:
    for item in items:
        if item.relation == "attribute":
            parent = by_id[item.parent_id]
            yield (
                item,
                parent,
                {
                    "when": f"{parent.item_id} {comparison}",
                    "expr": f"{item.item_id} {comparison}",
                },
            )


_RELATIONS: dict[Follows, Callable[[Sequence[Item], dict[str, Item]], Related]] = {
    "sum": _sums,
    "within": _contained,
    "none_means_none": _none,
    "some_means_some": _some,
}


def _rule(family: RuleFamily, subject: Item, parent: Item, fields: dict[str, str]) -> Rule:
    said: dict[str, Any] = {
        "scope": "return",
        "severity": family.severity,
        "must_correct": family.must_correct,
        "tolerance": family.tolerance,
        "evidence": family.evidence,
        "source": family.source,
        "note_zh": family.note_zh,
        "id": family.id.format(item=subject.item_id, parent=parent.item_id),
        "message_zh": family.message_zh.format(
            item=subject.name_zh, parent=parent.name_zh, label=subject.label_zh
        ),
        **fields,
        **family.own.get(subject.item_id, {}),
    }
    said["expr"] = said["expr"].format(tolerance=said["tolerance"])
    try:
        return Rule.model_validate(said)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors()[0]["loc"])
        raise FamilyError(
            f"规则族“{family.family}”给“{subject.item_id}”另写的“{where}”不合规定"
        ) from error
