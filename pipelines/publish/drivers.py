"""Who moved a total: the members of a breakdown, as far as the change may be told of them.

Only what can be added up has drivers: the change of a share is not the sum of its parts' changes.
"""

from __future__ import annotations

from pipelines.publish.figures import Figures, Member
from pipelines.publish.movements import Contribution, Led, Part, largest, leading


def largest_contribution(
    figures: Figures, indicator_id: str, by: str
) -> Contribution[Member] | None:
    """The member whose change is the largest; None where there is no change to be told in rates,
    or a value of either year is missing for any member."""
    if figures.change(indicator_id).kind != "rate" or not _is_told(figures, indicator_id):
        return None
    this, last = figures.get(indicator_id).value, figures.last(indicator_id).value
    return largest(this, last, _parts(figures, indicator_id, by))


def drivers(figures: Figures, indicator_id: str, by: str) -> Led[Member] | None:
    """The few members that make most of the change; None where it takes many."""
    if not _is_told(figures, indicator_id):
        return None
    this, last = figures.get(indicator_id).value, figures.last(indicator_id).value
    return leading(this, last, _parts(figures, indicator_id, by))


def _is_told(figures: Figures, indicator_id: str) -> bool:
    found = figures.change(indicator_id)
    told = found.kind in {"rate", "from_to"} and not found.is_flat
    return told and figures.definition(indicator_id).kind == "level"


def _parts(figures: Figures, indicator_id: str, by: str) -> list[Part[Member]]:
    return [
        Part(
            member,
            figures.get(indicator_id, by, member.member_id).value,
            figures.last(indicator_id, by, member.member_id).value,
        )
        for member in figures.reporting(by, [indicator_id])
    ]
