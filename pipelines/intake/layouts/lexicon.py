"""What a text in a cell may stand for: header word, item label or code, cover label.

One dictionary from raw text to its meaning, filled as texts are met: a batch of questionnaires
repeats the same few hundred texts, so most cells cost one lookup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.intake.formats.cells import Cell
from pipelines.intake.layouts.headings import stated_year
from pipelines.intake.layouts.labels import plain_code, plain_label, without_brackets
from pipelines.intake.layouts.measures import stated_measures
from pipelines.intake.mappings.mapping import Mappings
from pipelines.intake.vocabulary import header_roles, identity_fields, vocabulary
from pipelines.survey.models import CoverField, Edition, Item


@dataclass(frozen=True, slots=True)
class Word:
    """The meanings of one text within an edition and year."""

    plain: str
    role: str = ""
    rank: int = 0
    items: tuple[Item, ...] = ()
    near: bool = False
    code: Item | None = None
    code_text: str = ""
    cover: CoverField | None = None
    identity: str = ""
    year_label: bool = False
    #: The data year that a heading states; 0 when the text is no such heading.
    year: int = 0
    #: Label and value written into one cell.
    inline: CoverField | None = None
    #: Units of measure that the text states in brackets or after 单位：.
    measures: tuple[str, ...] = ()

    @property
    def states_measures(self) -> bool:
        """Whether it says the unit of what stands around it: 单位：万元, and no item or header."""
        return bool(self.measures) and not (self.items or self.role)

    @property
    def is_of_another_time(self) -> bool:
        """Whether it heads figures of last year, or such as were planned."""
        return self.role in ("previous", "planned")

    @property
    def names_units(self) -> bool:
        """Whether it heads the names of units; 单位 alone may head units of measure."""
        return self.identity == "unit_name" and not self.role

    @property
    def marks(self) -> bool:
        """Whether a cell of this text says what a sheet holds, apart from its items."""
        return bool(
            self.role
            or self.cover
            or self.inline
            or self.year_label
            or self.year
            or (self.measures and not self.items)
        )


_NOTHING = Word("")

#: Offset of a row in its table, its item (None for an unknown one), notes, label.
MappedRow = tuple[int, Item | None, tuple[str, ...], str]


class Lexicon(dict[str, Word]):
    """Text to Word; look up with ``lexicon[text]``."""

    def __init__(self, edition: Edition, year: int, mappings: Mappings | None = None) -> None:
        super().__init__()
        #: What people have decided about layouts that the words alone do not tell.
        self.mappings = mappings or Mappings()
        #: Rows of questionnaire tables by their labels, codes and units, as worked out before.
        self.mapped: dict[tuple[object, ...], list[list[MappedRow]]] = {}
        #: Headers of tables by the words in them and around them, as worked out before.
        self.heads: dict[tuple[object, ...], list[Any]] = {}
        self.marking: dict[Cell, Word | None] = _Marking(self)
        #: The items by id, in the order of the forms.
        self.order = {item.item_id: n for n, item in enumerate(edition.items)}
        self.edition = edition
        self.year = year
        self._codes = {item.code: item for item in edition.items if item.code}
        self.units = frozenset(plain_label(item.unit) for item in edition.items)
        self._labels: dict[str, tuple[Item, ...]] = {}
        self._near: dict[str, tuple[Item, ...]] = {}
        for item in edition.items:
            for text in dict.fromkeys((item.label_zh, item.name_zh)):
                label = plain_label(text)
                self._labels[label] = (*self._labels.get(label, ()), item)
                short = without_brackets(label)
                self._near[short] = (*self._near.get(short, ()), item)
        self._cover = {
            plain_label(text): field
            for field in edition.cover
            for text in (field.label_zh, *field.aliases_zh)
        }
        self._years = frozenset(plain_label(text) for text in vocabulary().year_labels)

    def __missing__(self, text: str) -> Word:
        word = self._word(text) if len(text) <= 120 else _NOTHING
        self[text] = word
        return word

    def items_of(self, *texts: str) -> tuple[Item, ...]:
        """Items whose label is the given texts written together."""
        return self._labels.get("".join(texts), ())

    def _word(self, text: str) -> Word:
        plain = plain_label(text)
        if not plain:
            return _NOTHING
        role, rank = self._role(plain)
        head = text.replace("：", ":", 1).partition(":")
        measures = stated_measures(plain, self.units)
        items, near = self._items(plain)
        code = plain_code(text)
        cover = self._cover.get(plain)
        return Word(
            plain=plain,
            role=role,
            rank=rank,
            items=items,
            near=near,
            code=self._codes.get(code),
            code_text=code,
            cover=cover,
            identity=identity_fields().get(plain, "") or (cover.field_id if cover else ""),
            year_label=plain in self._years,
            year=0 if role else stated_year(text),
            inline=self._cover.get(plain_label(head[0])) if head[1] and not cover else None,
            measures=measures,
        )

    def _role(self, plain: str) -> tuple[str, int]:
        role = header_roles().get(plain)
        if role:
            return role
        short = without_brackets(plain)
        if short != plain and short in header_roles():
            return header_roles()[short]
        for stem in (f"{self.year}年", f"{self.year}年度"):
            if plain.startswith(stem) and plain[len(stem) :] in _YEAR_TAILS:
                return "value", 0
        if plain[:4].isdigit() and plain[4:5] == "年":
            tail = plain[5:].lstrip("度")
            named = header_roles().get(tail, ("", 0))
            if named[0] in ("planned", "revised"):
                return named
            if tail in _YEAR_TAILS:
                return "previous", 0
        return "", 0

    def _items(self, plain: str) -> tuple[tuple[Item, ...], bool]:
        found = self._labels.get(plain)
        if found:
            return found, False
        if plain.endswith(")"):
            head, _, unit = plain[:-1].rpartition("(")
            if unit in self.units and head in self._labels:
                return self._labels[head], False
        near = self._near.get(without_brackets(plain), ())
        return near, bool(near)


class _Marking(dict[Cell, Word | None]):
    """Cell to the Word of its text when that marks something: the one lookup a cell costs."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, cell: Cell) -> Word | None:
        if type(cell) is not str:
            return None
        word = self._lexicon[cell]
        found = self[cell] = word if word.marks else None
        return found


_YEAR_TAILS = frozenset({"", "数", "数量", "数值", "实际", "实际数", "合计", "值"})
