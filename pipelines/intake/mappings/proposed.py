"""A proposed mapping as plain, picklable records: what a file of unknown layout may mean."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

#: What is proposed for a label; MISSING stands for an item of the edition without a place.
OPEN, ITEM, HEADING, MISSING = "?", "item", "heading", "missing"


class ProposedLabel(NamedTuple):
    """One label of the file; ``action`` missing is an item of the edition without a place."""

    table_number: int
    sheet: str
    direction: str
    signature: str
    cell: str
    heading: str
    label: str
    code: str
    unit: str
    above: str
    action: str
    item_id: str
    confidence: Decimal | None
    why: str
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file's layout would mean; files of one layout have one ``layout_id``."""

    layout_id: str
    labels: tuple[ProposedLabel, ...]

    @property
    def file_name(self) -> str:
        """The file in which the proposal is published."""
        return f"版式-{self.layout_id}.yaml"
