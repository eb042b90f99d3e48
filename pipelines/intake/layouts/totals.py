"""Rows of a questionnaire that sum others (合计, 小计) where the edition has no such item.

Their figures are never answers.  One that is the sum of the rows above it or under it says nothing
new and is kept apart, with a note; any other may be something else than a sum, and stops the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import NamedTuple

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.readings import Answer
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey.models import Edition
from pipelines.survey.notation import plain_text


class Total(NamedTuple):
    """A figure that says it is a sum, and how many answers stand before it."""

    before: int
    label: str
    cell: str
    value: Decimal


def keep_totals_apart(answers: list[Answer], totals: Sequence[Total], edition: Edition) -> None:
    """Hold each sum of a table against its answers; raises UnclearLayoutError for one that is none.

    The answer next to a sum notes that it was there.
    """
    for total in totals:
        others = [other.value for other in totals if other is not total]
        parts = [*_parts(answers, total, edition), others]
        if not any(total.value in accumulate(part) for part in parts):
            raise _refusal(answers, total)
        if answers:
            near = min(max(total.before - 1, 0), len(answers) - 1)
            note = vocabulary().cell_notes["total"].format(label=total.label, cell=total.cell)
            answers[near] = answers[near]._replace(notes=(*answers[near].notes, note))


def _parts(answers: Sequence[Answer], total: Total, edition: Edition) -> Iterator[list[Decimal]]:
    """The figures that may be summed, nearest first: all, or those that are part of no other."""
    for rows in (answers[: total.before][::-1], answers[total.before :]):
        given = [row for row in rows if row.value is not None]
        inside = {row.item_id for row in rows}
        yield [row.value for row in given if row.value is not None]
        yield [
            row.value
            for row in given
            if row.value is not None and edition.item[row.item_id].parent_id not in inside
        ]


def _refusal(answers: Sequence[Answer], total: Total) -> UnclearLayoutError:
    sheet = answers[0].sheet if answers else ""
    return UnclearLayoutError(
        f"“{total.label}”一行填了 {plain_text(total.value)}，不等于它上面或下面几项之和；"
        "调查表没有这一项，看不出它是什么",
        "请报送单位核对这一行和各项的数；只是合计的，改对或删去后重新报送",
        Place(sheet=sheet, cell=total.cell),
    )
