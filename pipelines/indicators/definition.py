"""What an indicator is: typed definitions, and the catalogue of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipelines.errors import Place, SurveyDefinitionError
from pipelines.survey import Edition, Item, Survey
from pipelines.survey.models import ItemId

#: The term that stands for the year-end resident population, in persons.
POPULATION = "population"

#: ``growth`` (in %) and ``difference`` (in the unit) are on the year before, of the indicator
#: that ``of`` names; the other kinds stand for one year.
Kind = Literal["level", "share", "per_head", "per_unit", "ratio", "average", "growth", "difference"]
CHANGES: frozenset[Kind] = frozenset({"growth", "difference"})

#: An item, and whether it is subtracted.
SignedItem = tuple[str, bool]

#: What to do about a definition that is refused.
ADVICE = "请按指标定义的格式说明改正后重试"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Term(_Model):
    """One summand of a numerator or denominator: an item, a level indicator or the population.

    Written ``item_id``, or ``-item_id`` to subtract.  ``parts`` are filled when a level indicator
    is referred to: they are what it sums.
    """

    id: ItemId
    negative: bool = False
    parts: tuple[Term, ...] = ()

    def items(self) -> Iterator[SignedItem]:
        """Items below this term; the population is no item."""
        if self.id == POPULATION:
            return
        if not self.parts:
            yield self.id, self.negative
        for part in self.parts:
            for item_id, negative in part.items():
                yield item_id, negative != self.negative


def _items_of(terms: Iterable[Term]) -> tuple[SignedItem, ...]:
    return tuple(sorted(pair for term in terms for pair in term.items()))


def _term(value: object) -> object:
    if isinstance(value, str):
        return {"id": value.removeprefix("-"), "negative": value.startswith("-")}
    return value


Terms = tuple[Annotated[Term, BeforeValidator(_term)], ...]


class Break(_Model):
    """From ``year`` on the indicator cannot be compared with earlier years."""

    year: int
    note_zh: str = Field(min_length=1)


class Definition(_Model):
    """One indicator: what is summed, what it is divided by, how it is read and compared."""

    indicator_id: ItemId
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    theme: Literal[
        "personnel", "venues", "funding", "media", "activities", "education", "oversight"
    ]
    kind: Kind
    unit: str = Field(min_length=1)
    decimals: int = Field(ge=0, le=6)
    numerator: Terms = ()
    denominator: Terms = ()
    of: ItemId | Literal[""] = Field(default="", description="what a change is measured of")
    multiplier: Decimal = Field(default=Decimal(1), gt=0)
    editions: tuple[str, ...] = Field(
        default=(), description="editions that can give it; empty: all that ask its items"
    )
    years: tuple[int, int] | None = None
    basis: Literal["证", "算", "推"]
    compare: Literal["rate", "points", "difference"]
    breaks: tuple[Break, ...] = ()
    caveats: tuple[str, ...] = ()
    formula_zh: str = Field(min_length=1)
    note_zh: str = ""
    tells_zh: str = ""
    not_tells_zh: str = ""

    @property
    def counts_population(self) -> bool:
        """The population stands above the line: so many people per venue."""
        return bool(self.numerator) and self.numerator[0].id == POPULATION

    @cached_property
    def needs_population(self) -> bool:
        return any(term.id == POPULATION for term in (*self.numerator, *self.denominator))

    @cached_property
    def items(self) -> frozenset[str]:
        """Every item the indicator needs."""
        return frozenset(item for item, _ in (*self.items_above, *self.items_below))

    @cached_property
    def items_above(self) -> tuple[SignedItem, ...]:
        """Items that the numerator adds, or subtracts, in a fixed order: equal sums are equal."""
        return _items_of(self.numerator)

    @cached_property
    def items_below(self) -> tuple[SignedItem, ...]:
        return _items_of(self.denominator)

    def valid_in(self, year: int, edition: Edition) -> bool:
        """Does the edition used for ``year`` ask everything that the indicator needs?"""
        in_years = self.years is None or self.years[0] <= year <= self.years[1]
        in_edition = not self.editions or edition.edition_id in self.editions
        return in_years and in_edition and self.items <= edition.item.keys()

    @property
    def is_change(self) -> bool:
        """Whether it compares two years."""
        return self.kind in CHANGES

    @model_validator(mode="after")
    def _is_consistent(self) -> Definition:
        if self.is_change:
            return self._consistent_change()
        if self.of:
            raise ValueError("只有同比（growth）和差额（difference）写 of")
        if not self.numerator:
            raise ValueError("缺少分子 numerator")
        if (self.kind == "level") != (not self.denominator):
            raise ValueError("总量指标没有分母，其他各类必须有分母")
        if self.kind == "level" and self.multiplier != 1:
            raise ValueError("总量指标没有乘数")
        is_share = self.kind == "share"
        if is_share != (self.unit == "%") or is_share != (self.compare == "points"):
            raise ValueError("占比的单位应为“%”，并用百分点比较；其他各类不用")
        if is_share and self.multiplier != 100:
            raise ValueError("占比的乘数应为 100")
        if self.kind == "per_head" and [term.id for term in self.denominator] != [POPULATION]:
            raise ValueError("人均指标的分母应为 population")
        return self

    def _consistent_change(self) -> Definition:
        """Its terms, filled when it is linked, are those of the indicator that it is of."""
        if not self.of:
            raise ValueError("同比和差额应写明 of：是哪个指标的")
        growth = self.kind == "growth"
        if growth != (self.unit == "%") or self.compare != ("points" if growth else "difference"):
            raise ValueError("同比的单位应为“%”、用百分点比较；差额用原单位、用差额比较")
        return self


@dataclass(frozen=True)
class Definitions:
    """All definitions by id, with where each stands and the closed lists they draw on."""

    by_id: dict[str, Definition]
    places: dict[str, Place]
    caveats: dict[str, str]
    cross_tables: dict[str, tuple[str, ...]]
    fingerprint: str

    def __getitem__(self, indicator_id: str) -> Definition:
        return self.by_id[indicator_id]

    def __contains__(self, indicator_id: object) -> bool:
        return indicator_id in self.by_id

    def __iter__(self) -> Iterator[Definition]:
        return iter(self.by_id.values())

    def with_items(self, survey: Survey) -> Definitions:
        """The catalogue: every item of every edition as an indicator too.

        A definition under an item's own id stands for that item.  A definition that asks for an
        item which a named edition lacks, or which no edition has, raises SurveyDefinitionError.
        """
        for indicator_id in self.places:
            self._assert_asked(self[indicator_id], survey.editions)
        levels = {d.indicator_id: d for d in _item_definitions(survey.editions)}
        known = {indicator_id: self[indicator_id] for indicator_id in self.places}
        catalogue = replace(self, by_id=levels | known)
        catalogue._assert_cross_tables()
        return catalogue

    def asked_in(self, year: int, edition: Edition) -> tuple[Definition, ...]:
        """The definitions that the year's questionnaire can give."""
        return tuple(d for d in self if d.valid_in(year, edition))

    def _assert_cross_tables(self) -> None:
        for breakdown, ids in self.cross_tables.items():
            for indicator_id in ids:
                if indicator_id not in self or self[indicator_id].kind != "level":
                    raise SurveyDefinitionError(
                        f"交叉表 {breakdown} 中的“{indicator_id}”不是总量指标",
                        ADVICE,
                        Place(file="cross_tables.yaml"),
                    )

    def _assert_asked(self, definition: Definition, editions: Iterable[Edition]) -> None:
        place = self.places[definition.indicator_id]
        lacking = {e.edition_id: definition.items - e.item.keys() for e in editions}
        for edition_id in definition.editions:
            if edition_id not in lacking:
                raise SurveyDefinitionError(f"没有编号为“{edition_id}”的调查表", ADVICE, place)
            if lacking[edition_id]:
                items = "、".join(sorted(lacking[edition_id]))
                raise SurveyDefinitionError(
                    f"指标“{definition.indicator_id}”要用的 {items} 不在 {edition_id} 中",
                    ADVICE,
                    place,
                )
        if all(lacking.values()):
            raise SurveyDefinitionError(
                f"没有一版调查表问到指标“{definition.indicator_id}”要用的全部项", ADVICE, place
            )


def _item_definitions(editions: Iterable[Edition]) -> Iterator[Definition]:
    """Every item as an indicator, worded as in the latest edition that asks it.

    An item that cannot be added up is averaged over its parent (days open per venue).
    """
    latest: dict[str, tuple[Edition, Item]] = {}
    for edition in sorted(editions, key=lambda e: e.years):
        latest |= {item.item_id: (edition, item) for item in edition.items}
    for edition, item in latest.values():
        if item.additive or item.parent_id:
            yield _item_definition(edition, item)


def _item_definition(edition: Edition, item: Item) -> Definition:
    values: dict[str, Any] = {
        "indicator_id": item.item_id,
        "name_zh": item.name_zh,
        "name_en": item.item_id.replace("_", " ").capitalize(),
        "theme": edition.form[item.form_id].theme,
        "kind": "level",
        "unit": item.unit,
        "decimals": item.decimals,
        "numerator": (item.item_id,),
        "basis": "证" if item.evidence == "sourced" else "推",
        "compare": "rate",
        "formula_zh": f"各单位“{item.name_zh}”之和",
        "note_zh": item.note_zh,
    }
    if not item.additive:
        parent = edition.item[item.parent_id]
        values |= {
            "name_zh": f"{item.name_zh}（平均）",
            "kind": "average",
            "unit": f"{item.unit}/{parent.unit}",
            "decimals": 2,
            "denominator": (parent.item_id,),
            "caveats": ("average_not_sum",),
            "formula_zh": f"各单位“{item.name_zh}”之和 ÷ {parent.name_zh}",
        }
    return Definition.model_validate(values)
