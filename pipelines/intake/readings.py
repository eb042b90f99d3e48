"""What reading hands to assembly: plain, picklable records and one Arrow table of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from pipelines.intake.inbox import InboxFile
from pipelines.intake.mappings.proposed import Proposal
from pipelines.warehouse.schema import ANSWERS

_REPEATING = ("return_id", "submission_id", "item_id", "state", "file", "sheet")
#: Answers on their way to the workshop: millions wait at once, so what repeats is kept once.
PACKED = pa.schema(
    [
        field.with_type(pa.dictionary(pa.int32(), pa.string()))
        if field.name in _REPEATING
        else field
        for field in ANSWERS.arrow_schema
    ]
)


class Answer(NamedTuple):
    """One figure cell: where it stands and what it says."""

    item_id: str
    value: Decimal | None
    state: str
    raw_text: str
    sheet: str
    cell: str
    notes: tuple[str, ...]


class CoverText(NamedTuple):
    """One filled cover cell; ``numeric`` when the cell held a number, not text."""

    text: str
    sheet: str
    cell: str
    numeric: bool = False


@dataclass(slots=True)
class Draft:
    """One return as found in a file, before it is known whose it is."""

    layout: str
    sheet: str
    row: int
    cover: dict[str, CoverText]
    answers: list[Answer]
    role: str = "basic"
    answers_to: str = ""
    #: Layouts of its tables that an approved mapping decided.
    decided: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class ReturnHead:
    """A return without its answers."""

    return_id: str
    file: InboxFile
    edition_id: str
    layout: str
    role: str
    sheet: str
    row: int
    cover: dict[str, CoverText]
    simulated: bool
    item_ids: tuple[str, ...]
    #: What the answers say, a line each: thousands of returns wait for assembly at once.
    lines: str
    #: The return that a 查询单 asked about, when this is what came back.
    answers_to: str = ""

    @property
    def content(self) -> dict[str, str]:
        """What each answer says, for telling how two returns differ."""
        lines = self.lines.split("\n") if self.item_ids else []
        return dict(zip(self.item_ids, lines, strict=True))


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file.  Its answers are ``rows`` rows of the table from ``first_row``."""

    file: InboxFile
    format: str
    status: str
    reason_code: str = ""
    reason_zh: str = ""
    advice_zh: str = ""
    returns: int = 0
    figures_in: int = 0
    figures_loaded: int = 0
    first_row: int = 0
    rows: int = 0
    #: For a layout that is not known: what it may mean.
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Readings:
    """A batch of files read."""

    reports: tuple[FileReport, ...] = ()
    returns: tuple[ReturnHead, ...] = ()
    answers: pa.Table = field(default_factory=lambda: PACKED.empty_table())
    #: Rows of the ``explanations`` table, from query sheets that came back.
    explanations: tuple[dict[str, Any], ...] = ()


def joined(parts: Sequence[Readings]) -> Readings:
    """Several readings as one."""
    reports: list[FileReport] = []
    first = 0
    for part in parts:
        reports += [replace(report, first_row=report.first_row + first) for report in part.reports]
        first += part.answers.num_rows
    return Readings(
        tuple(reports),
        tuple(head for part in parts for head in part.returns),
        pa.concat_tables([PACKED.empty_table(), *(part.answers for part in parts)]),
        tuple(row for part in parts for row in part.explanations),
    )
