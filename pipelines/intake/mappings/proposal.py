"""The mapping a file of unknown layout would need: label by label, with how sure and why.

Nothing here is used for reading.  A label that names an item exactly is proposed as decided; what
is only near stays open (``?``) with the likeliest items beside it, for a person to decide.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.entries import Direction, Entry, signature_of
from pipelines.intake.layouts.items import ItemFinder
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.mappings.asked_tables import AskedTable, asked_tables
from pipelines.intake.mappings.likeness import Guess, Likeness, Printed
from pipelines.intake.mappings.mapping_words import mapping_words
from pipelines.intake.mappings.proposed import HEADING, ITEM, MISSING, OPEN, Proposal, ProposedLabel
from pipelines.survey.models import Item

_OF_WHICH = "其中"
#: 其中 stands at the beginning of a label, perhaps after a bracket or a number.
_OF_WHICH_WITHIN = 5
_ID_LENGTH = 8
#: A longer table is no questionnaire.
_MOST_ENTRIES = 600


@dataclass(slots=True)
class _Line:
    """An entry on its way to a proposed label."""

    entry: Entry
    filled: bool
    printed: Printed
    above: str = ""
    exact: Item | None = None
    clash: str = ""
    best: Guess | None = None
    others: list[Guess] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    sheet: str
    direction: Direction
    entries: Sequence[Entry]
    lines: list[_Line]
    one_return: bool

    @property
    def signature(self) -> str:
        return signature_of(self.direction, self.entries)


def propose(sheets: Sequence[Sheet], lexicon: Lexicon) -> Proposal | None:
    """What the tables of a refused file would mean; None where no label is open to question."""
    tables: list[_Table] = []
    placed: set[str] = set()
    for sheet in sheets:
        if not sheet.hidden:
            _read_tables(sheet, lexicon, tables, placed)
    _settle_exact(tables, placed)
    _guess(tables, lexicon, placed)
    known = sum(line.exact is not None for table in tables for line in table.lines)
    near = sum(_is_near(line) for table in tables for line in table.lines)
    if known + near < mapping_words().fewest_near_rows:
        return None
    missing = [item for item in lexicon.edition.items if item.item_id not in placed]
    made = [(table, [_proposed(line, table) for line in table.lines]) for table in tables]
    labels = [
        proposed for _, proposed in made if any(label.action == OPEN for label in proposed)
    ] or [proposed for table, proposed in made if _is_short(table, missing)]
    if not labels:
        return None
    flat = [label._replace(table_number=n) for n, each in enumerate(labels) for label in each]
    signatures = sorted({label.signature for label in flat})
    layout_id = hashlib.sha256("|".join(signatures).encode()).hexdigest()[:_ID_LENGTH]
    flat += [_missing(item) for item in missing]
    return Proposal(layout_id, tuple(flat))


def _is_short(table: _Table, missing: Sequence[Item]) -> bool:
    """Whether a table asks some items of a form and leaves out others: of a questionnaire, where
    every item is asked.  A person may say that they are not on the form."""
    forms = {line.exact.form_id for line in table.lines if line.exact is not None}
    return table.one_return and any(item.form_id in forms for item in missing)


def _read_tables(sheet: Sheet, lexicon: Lexicon, tables: list[_Table], placed: set[str]) -> None:
    """Add the tables of a sheet that nobody has decided, each layout once."""
    seen = {table.signature for table in tables}
    for group in asked_tables(sheet, lexicon):
        finder = ItemFinder(lexicon)
        made: list[_Table] = []
        for found in group:
            decided = lexicon.mappings.decide(found.direction, found.entries)
            if decided is not None:
                placed.update(one.item.item_id for one in decided[1] if one.item is not None)
            elif 0 < len(found.entries) <= _MOST_ENTRIES:
                lines = _lines(sheet.name, found, lexicon, finder)
                made.append(
                    _Table(sheet.name, found.direction, found.entries, lines, found.one_return)
                )
        _hold_places(made, finder, lexicon)
        tables += [table for table in made if table.signature not in seen]
        seen |= {table.signature for table in made}


def _hold_places(tables: Sequence[_Table], finder: ItemFinder, lexicon: Lexicon) -> None:
    """Where the order of the labels tells nothing, one that several items have stays open."""
    try:
        finder.check()
    except UnclearLayoutError as error:
        for line in (line for table in tables for line in table.lines):
            word = lexicon[line.entry.label] if line.entry.label else None
            if line.exact is not None and word is not None and len(word.items) > 1:
                line.exact, line.clash = None, error.problem


def _lines(sheet: str, found: AskedTable, lexicon: Lexicon, finder: ItemFinder) -> list[_Line]:
    lines: list[_Line] = []
    last: Item | None = None
    whole = ""
    for entry in found.entries:
        line = _Line(entry, found.filled(entry), _printed(entry, _parent(entry, last, lexicon)))
        try:
            line.exact = finder.find(entry.texts, entry.code, Place("", sheet, entry.cell))[0]
        except UnclearLayoutError as error:
            line.clash = error.problem
        parent = line.printed.parent
        if line.exact is not None:
            last = line.exact
            parent = lexicon.edition.item.get(last.parent_id)
            line.printed = _printed(entry, parent)
        of_which = _OF_WHICH in entry.label[:_OF_WHICH_WITHIN]
        line.above = parent.name_zh if parent else whole if of_which else ""
        whole = whole if of_which else entry.label
        lines.append(line)
    return lines


def _printed(entry: Entry, parent: Item | None) -> Printed:
    return Printed(entry.label, entry.heading, entry.code, entry.unit, parent)


def _parent(entry: Entry, last: Item | None, lexicon: Lexicon) -> Item | None:
    """What the label most likely belongs to: the last total above it."""
    if last is None or not entry.texts:
        return None
    return lexicon.edition.item.get(last.parent_id) or last


def _settle_exact(tables: Sequence[_Table], placed: set[str]) -> None:
    """An item that two labels name stays with the first; the other is open."""
    cells: dict[str, str] = {}
    for table in tables:
        for line in table.lines:
            if line.exact is None:
                continue
            item = line.exact
            where = f"{table.sheet}!{line.entry.cell}"
            if item.item_id in placed:
                at = cells.get(item.item_id, "另一张表")
                line.clash = f"“{item.name_zh}”在 {at} 已有一处"
                line.exact = None
                continue
            placed.add(item.item_id)
            cells[item.item_id] = where


def _guess(tables: Sequence[_Table], lexicon: Lexicon, placed: set[str]) -> None:
    """For labels that name no item, the likeliest of the items that are left, each for one."""
    likeness = Likeness(lexicon.edition)
    free = [item for item in lexicon.edition.items if item.item_id not in placed]
    lines = [line for table in tables for line in table.lines]
    for line in lines:
        if line.exact is not None:
            line.best = likeness.exact(line.printed, line.exact)
        elif _asks(line):
            line.others = likeness.guesses(line.printed, free)
    offers = [
        (-guess.score, n, m) for n, line in enumerate(lines) for m, guess in enumerate(line.others)
    ]
    taken: set[str] = set()
    for _, n, m in sorted(offers):
        line = lines[n]
        if line.best is None and line.others[m].item.item_id not in taken:
            line.best = line.others[m]
            taken.add(line.best.item.item_id)


def _asks(line: _Line) -> bool:
    """Whether a label may be an item: a heading has no code, no unit and no figure."""
    return bool(line.filled or line.entry.code or line.entry.unit or line.clash)


def _is_near(line: _Line) -> bool:
    return line.exact is None and line.best is not None and line.best.level != "低"


def _proposed(line: _Line, table: _Table) -> ProposedLabel:
    best = line.best
    action, why = HEADING, "没有代码、单位和数，应是标题行"
    if line.exact is not None and best is not None:
        action, why = (ITEM if best.level == "高" else OPEN), best.why
    elif _asks(line):
        if best is not None and best.level == "低":
            best = None
        action, why = OPEN, best.why if best else "本版调查表里没有名称相近的指标"
        why = f"{line.clash}；{why}" if line.clash else why
    others = [guess for guess in line.others if guess is not best]
    entry = line.entry
    return ProposedLabel(
        table_number=0,
        sheet=table.sheet,
        direction=table.direction,
        signature=table.signature,
        cell=entry.cell,
        heading=entry.heading,
        label=entry.label,
        code=entry.code,
        unit=entry.unit,
        above=line.above,
        action=action,
        item_id=best.item.item_id if best else "",
        confidence=best.score if best else None,
        why=why,
        alternatives=tuple(_shown(guess) for guess in others[: mapping_words().alternatives]),
    )


def _shown(guess: Guess) -> str:
    return f"{guess.item.item_id} {guess.item.name_zh}（{guess.item.unit}，{guess.score}）"


def _missing(item: Item) -> ProposedLabel:
    return ProposedLabel(
        -1, "", "", "", "", "", item.name_zh, item.code, item.unit, "",
        MISSING, item.item_id, None, "", (),
    )  # fmt: skip
