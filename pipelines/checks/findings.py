"""Compose findings: identity, places, and sentences with the real names and numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipelines.checks.wording import wording
from pipelines.survey import Item, Rule
from pipelines.survey.notation import State, plain_text
from pipelines.survey.quantities import round_half_up

#: Decimals kept of a computed effect; reported figures keep every digit.
_EFFECT_PLACES = 6

Finding = dict[str, Any]
Cell = Mapping[str, Any]


@dataclass
class Outcome:
    """What one rule gave for one year; ``passed`` follows.

    ``filed`` counts findings that stand in the table already (see ``filing``).
    """

    evaluated: int
    not_evaluated: int = 0
    findings: list[Finding] = field(default_factory=list)
    filed: int = 0

    @property
    def failed(self) -> int:
        return len(self.findings) + self.filed


def finding(
    rule: Rule,
    year: int,
    clause: str,
    *,
    about: Mapping[str, Any] | None = None,
    items: Sequence[str] = (),
    cells: Iterable[Cell] = (),
    observed: Sequence[str] | None = None,
    cause: str = "",
    effect: Decimal | None = None,
    effect_item: str = "",
    subject: str = "",
) -> Finding:
    """One finding.  ``about`` is the return; ``subject`` sets findings without one apart."""
    places = list(cells)
    return_id = about["return_id"] if about else ""
    addresses = [address(place) for place in places]
    identity = (str(year), rule.id, return_id, subject, *items, *addresses)
    return {
        "finding_id": hashlib.sha256("\x1f".join(identity).encode()).hexdigest()[:20],
        "year": year,
        "rule_id": rule.id,
        "scope": rule.scope,
        "severity": rule.severity,
        "must_correct": rule.must_correct,
        "return_id": return_id,
        "submission_id": about["submission_id"] if about else "",
        "items": list(items),
        "cells": addresses,
        "observed": [c["raw_text"] for c in places] if observed is None else list(observed),
        "message_zh": _sentence(rule, clause),
        "likely_cause_zh": cause,
        "effect": None if effect is None else round_half_up(effect, _EFFECT_PLACES),
        "effect_item_id": effect_item if effect is not None else "",
    }


def _sentence(rule: Rule, clause: str) -> str:
    pattern = wording().figures["finding"]
    return pattern.format(message=rule.message_zh, clause=clause)


def address(cell: Cell) -> str:
    """``工作表!单元格``; the cell alone where there are no sheets (CSV)."""
    sheet, place = cell["sheet"] or "", cell["cell"] or ""
    return f"{sheet}!{place}" if sheet and place else place


def shown(item: Item, state: str | None, value: Decimal | None) -> str:
    """An item with its value as sentences name it."""
    figures = wording().figures
    if state == State.NOT_APPLICABLE:
        return figures["not_applicable"].format(name=item.name_zh)
    text = State(state or State.BLANK).label_zh if value is None else plain_text(value)
    unit = "" if value is None else f" {item.unit}"
    return figures["item"].format(name=item.name_zh, value=text, unit=unit)


def joined(parts: Iterable[str]) -> str:
    return wording().figures["join"].join(parts)


def listed(parts: Iterable[str]) -> str:
    return wording().figures["list"].join(parts)


def percent(ratio: Decimal) -> str:
    return f"{round_half_up(ratio * 100, 2):f}%"


def three_digits(value: Decimal | float) -> str:
    """A ratio or a bound as sentences name it: three digits that count."""
    exact = Decimal(str(value))
    if exact == 0:
        return "0"
    return plain_text(round_half_up(exact, max(0, 2 - exact.adjusted())))
