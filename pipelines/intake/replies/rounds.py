"""A return that came back with a 查询单 replaces the one that was asked about, whoever it now says
it is: the name, the place or the credit code may be what was corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.intake.readings import ReturnHead


def asked_about(heads: Sequence[ReturnHead]) -> dict[str, ReturnHead]:
    """Returns that a 查询单 was sent for and came back, with the first that answers each.

    What was sent twice with different answers is for a person to settle: both stay candidates.
    """
    held = {head.return_id for head in heads}
    answers = sorted(
        (head for head in heads if head.answers_to in held), key=lambda head: head.file.file
    )
    found: dict[str, ReturnHead] = {}
    for head in answers:
        found.setdefault(head.answers_to, head)
    return found


def replace_asked(rows: Sequence[dict[str, Any]], heads: Sequence[ReturnHead]) -> None:
    """Set status and revision of what was asked about and of what answers it."""
    by_id: Mapping[str, dict[str, Any]] = {row["return_id"]: row for row in rows}
    for return_id, head in asked_about(heads).items():
        row = by_id[return_id]
        row["status"] = "superseded"
        row["status_reason_zh"] = f"已由查询单的答复“{head.file.file}”更正"
    base = {head.return_id: head.answers_to for head in heads if head.answers_to in by_id}
    for return_id in base:
        rounds, above = 0, return_id
        while above in base and rounds <= len(base):
            rounds, above = rounds + 1, base[above]
        row = by_id[return_id]
        row["revision"] = max(row["revision"], by_id[above]["revision"] + rounds)
