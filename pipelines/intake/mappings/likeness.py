"""How much a printed label is like an item of the questionnaire, and by what signs.

A likeness is shown to a person and never used by itself: only a label that names one item exactly,
in a unit that agrees, is proposed as decided, and even that waits for the person's approval.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from rapidfuzz import fuzz

from pipelines.intake.layouts.labels import plain_code, plain_label, without_brackets
from pipelines.intake.layouts.measures import same
from pipelines.intake.mappings.mapping_words import mapping_words
from pipelines.survey.models import Edition, Item

_HALF = Decimal("0.5")
_PLACES = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Printed:
    """A label as it stands on a form, with what stands around it."""

    label: str
    heading: str = ""
    code: str = ""
    unit: str = ""
    #: The item that the labels above make its parent, where known.
    parent: Item | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """An item a label may mean; ``score`` from 0 to 1, ``why`` in Chinese."""

    item: Item
    score: Decimal
    why: str

    @property
    def level(self) -> str:
        return mapping_words().level_of(self.score)


class Likeness:
    """Compares labels with the items of one edition."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition
        self._names = {item.item_id: _names_of(item, edition) for item in edition.items}

    def exact(self, printed: Printed, item: Item) -> Guess:
        """The likeness of a label that names ``item`` exactly: certain but for what speaks
        against it."""
        words = mapping_words()
        signs = _signs(printed, item)
        score = Decimal(1)
        score -= words.exact_less.code if signs.code is False else 0
        score -= words.exact_less.parent if signs.parent is False else 0
        return _capped(item, score, signs, "名称相同")

    def guesses(self, printed: Printed, items: Iterable[Item] | None = None) -> list[Guess]:
        """Items the label may mean, the likeliest first; those too unlike are left out."""
        words = mapping_words()
        found = []
        for item in items if items is not None else self._edition.items:
            likeness = self._label_likeness(printed, item)
            signs, weights = _signs(printed, item), words.weights
            score = (
                weights.label * likeness
                + weights.code * _weight(signs.code)
                + weights.unit * _weight(signs.unit)
                + weights.parent * _weight(signs.parent)
            )
            why = "名称相同" if likeness == 1 else f"名称相近（{likeness * 100:.0f}%）"
            guess = _capped(item, min(score, words.most_when_near), signs, why)
            if guess.score >= words.least_to_show:
                found.append(guess)
        order = {item.item_id: n for n, item in enumerate(self._edition.items)}
        return sorted(found, key=lambda guess: (-guess.score, order[guess.item.item_id]))

    def _label_likeness(self, printed: Printed, item: Item) -> Decimal:
        label = plain_label(printed.label)
        if not label:
            return Decimal(0)
        tries = {label, without_brackets(label)}
        if printed.heading:
            tries.add(plain_label(printed.heading.rpartition(" / ")[2]) + label)
        best = max(fuzz.ratio(tried, name) for tried in tries for name in self._names[item.item_id])
        return Decimal(str(best / 100)).quantize(_PLACES)


class _Signs(NamedTuple):
    """What agrees beside the label; None where it cannot be compared."""

    code: bool | None
    unit: bool | None
    parent: bool | None


def _signs(printed: Printed, item: Item) -> _Signs:
    code = plain_code(printed.code)
    return _Signs(
        code == item.code if code and item.code else None,
        same(plain_label(printed.unit), item.unit) if printed.unit else None,
        printed.parent.item_id == item.parent_id if printed.parent and item.parent_id else None,
    )


def _weight(agrees: bool | None) -> Decimal:
    return _HALF if agrees is None else Decimal(agrees)


def _capped(item: Item, score: Decimal, signs: _Signs, why: str) -> Guess:
    said = [why]
    if signs.code is not None:
        said.append("代码相同" if signs.code else f"代码不同（本版为 {item.code}）")
    if signs.unit is not None:
        said.append("单位相同" if signs.unit else f"单位不同（本版为{item.unit}）")
    if signs.parent is not None:
        said.append("上级相同" if signs.parent else "上级不同")
    if signs.unit is False:
        score = min(score, mapping_words().most_when_unit_differs)
    return Guess(item, score.quantize(_PLACES), "、".join(said))


def _names_of(item: Item, edition: Edition) -> frozenset[str]:
    """The ways an item may be called: its label, its full name, its label after its parent's."""
    names = {item.label_zh, item.name_zh}
    if item.parent_id:
        names.add(edition.item[item.parent_id].label_zh + item.label_zh)
    plain = {plain_label(name) for name in names}
    return frozenset(plain | {without_brackets(name) for name in plain})
