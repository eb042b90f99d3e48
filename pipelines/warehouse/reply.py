"""The hidden sheet of a 查询单: which returns it asks, what each numbered line is about.

Written into the workbook that goes out, read from the one that comes back, so that an answer is
matched by number and never by its position.  Everything on it is text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

#: Name of the hidden sheet, and what stands in its first cell.
HIDDEN_SHEET = "_kepu查询单"
SIGNATURE = "kepu-query-1"
#: Names of the sheets that people fill; a workbook that has such a sheet gets another name.
QUERIES, CHANGES = "查询单", "变动说明"
#: Headers of the columns that are read back.
NUMBER, VALUE, REASON, WHY = "编号", "更正值", "原因", "说明"
#: Headers of the office's own list of explanations (说明.xlsx).
EXPLANATION_HEADERS = (
    "单位编号", "单位名称", "场馆名称", "规则", "指标", "核对码", REASON, WHY, "说明人",
)  # fmt: skip
#: Ends a reason that says nothing without words of one's own.
_OPEN_ENDED = "（请写明）"
#: Marks a target on the cover: ``cover:unit_name``.
COVER = "cover:"

#: Between item ids, which hold no blanks.
_BETWEEN = " "


@dataclass(frozen=True, slots=True)
class AskedReturn:
    """A return in the file that the letter asks about; all of its returns are listed."""

    return_id: str
    unit_id: str
    unit_name: str
    venue_name: str
    uscc: str
    region: str


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One numbered line.  ``target`` is the item or cover field that 更正值 replaces, "" for none;
    ``figures`` what the figures were when asked; ``closable`` whether a reason answers it."""

    number: str
    return_id: str
    rule_id: str
    closable: bool
    target: str
    items: tuple[str, ...]
    figures: str
    sheet: str
    cell: str
    raw_text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A 查询单 as it was sent."""

    year: int
    file: str
    submission_id: str
    sheets: tuple[str, ...]
    returns: tuple[AskedReturn, ...]
    lines: tuple[AskedLine, ...]
    reasons: tuple[str, ...] = field(default=())

    @property
    def line(self) -> dict[str, AskedLine]:
        """Lines by number."""
        return {line.number: line for line in self.lines}

    def rows(self) -> list[list[str]]:
        """The hidden sheet, reasons first: a list to choose from refers to them."""
        return [
            [SIGNATURE],
            *(["reason", reason] for reason in self.reasons),
            ["year", str(self.year)],
            ["file", self.file, self.submission_id],
            ["sheets", *self.sheets],
            *(
                ["return", r.return_id, r.unit_id, r.unit_name, r.venue_name, r.uscc, r.region]
                for r in self.returns
            ),
            *(
                [
                    "line", n.number, n.return_id, n.rule_id, "1" if n.closable else "0", n.target,
                    _BETWEEN.join(n.items), n.figures, n.sheet, n.cell, n.raw_text,
                ]
                for n in self.lines
            ),
        ]  # fmt: skip

    def reason_range(self) -> str:
        """The cells of the hidden sheet that hold the reasons."""
        return f"'{HIDDEN_SHEET}'!$B$2:$B${len(self.reasons) + 1}"


def needs_words(reason: str) -> bool:
    """Whether a reason from the list explains nothing by itself; so does none at all."""
    return not reason or reason.endswith(_OPEN_ENDED)


def letter_of(rows: Sequence[Sequence[str]]) -> Letter:
    """The letter that a hidden sheet describes; raises ValueError when it is not whole."""
    if not rows or not rows[0] or rows[0][0] != SIGNATURE:
        raise ValueError("signature")
    (year,) = _of(rows, "year", 1)
    (file,) = _of(rows, "file", 2)
    (sheets,) = _of(rows, "sheets", 1)
    returns = tuple(AskedReturn(*parts[:6]) for parts in _of(rows, "return", 6))
    lines = tuple(
        AskedLine(n, r, rule, closable == "1", target, tuple(items.split()), *rest)
        for n, r, rule, closable, target, items, *rest in (
            parts[:10] for parts in _of(rows, "line", 10)
        )
    )
    known = {one.return_id for one in returns}
    if not returns or any(line.return_id not in known for line in lines):
        raise ValueError("returns")
    named = tuple(name for name in sheets if name)
    return Letter(int(year[0]), file[0], file[1], named, returns, lines)


def _of(rows: Sequence[Sequence[str]], kind: str, width: int) -> Iterator[list[str]]:
    """What follows the name of each row of a kind, padded to a width."""
    for row in rows:
        if row and row[0] == kind:
            rest = list(row[1:])
            yield rest + [""] * (width - len(rest))
