"""Returns that keep or break a rule, found by trying figures against the rule read as Python.

The second method beside the SQL that judges: it knows the rule's text and nothing else.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pipelines.checks.compiling import compile_rule
from pipelines.survey import Edition, Rule

_NAME = re.compile(r"'[^']*'|[A-Za-z_]\w*")
_PYTHON = {"AND": "and", "OR": "or", "NOT": "not", "abs": "abs", "floor": "int"}


def as_python(rule_text: str) -> str:
    """The rule in Python: a second method, independent of the SQL that judges."""
    between = re.sub(r"(\w+) BETWEEN (.+?) AND (.+)$", r"(\2) <= \1 <= (\3)", rule_text)
    plain = re.sub(r"(?<![<>!=])=(?!=)", "==", between).replace("<>", "!=")
    plain = re.sub(r"\b\d+\.\d+\b", lambda m: f"Decimal('{m.group()}')", plain)
    return _NAME.sub(lambda m: _PYTHON.get(m.group(), m.group()), plain)


def holds(text: str, facts: dict[str, Any]) -> bool:
    return bool(eval(as_python(text), {"abs": abs, "int": int, "Decimal": Decimal}, facts))


def candidates(edition: Edition, rule: Rule) -> Iterator[dict[str, Any]]:
    """Assignments to the items of a rule: small numbers, constants of the rule and products."""
    text = f"{rule.when} {rule.expr}"
    items = compile_rule(rule, edition).items
    constants = [int(Decimal(c)) for c in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)]
    pool = sorted({0, 1, 2, 5, 9, 100, *constants, *(c + 1 for c in constants)})
    pool += [10 * c + 7 for c in constants if c > 1]
    pool += [a * b for a in constants for b in constants if a < b <= 12]
    draw = random.Random(7)
    for _ in range(4000):
        facts: dict[str, Any] = {item: draw.choice(pool) for item in items}
        facts["is_venue"] = draw.choice([True, False])
        facts["level"] = draw.choice(["区县级", "市级"])
        yield facts


def witness(edition: Edition, rule: Rule, wanted: bool) -> dict[str, Any]:
    for facts in candidates(edition, rule):
        applies = not rule.when or holds(rule.when, facts)
        if applies and holds(rule.expr, facts) == wanted:
            return facts
    raise AssertionError(f"no assignment makes {rule.id} {wanted}")
