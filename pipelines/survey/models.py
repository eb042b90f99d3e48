"""The typed shape of a questionnaire: items, forms, cover fields, rules, editions."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipelines.survey.notation import NOT_APPLICABLE

ItemId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Evidence = Literal["sourced", "inferred", "obvious"]


def _yes_no(value: object) -> object:
    return {"yes": True, "no": False}.get(value, value) if isinstance(value, str) else value


YesNo = Annotated[bool, BeforeValidator(_yes_no)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Item(_Model):
    """One question of the form (指标).

    ``relation`` to the parent: ``part`` parts add up to the parent, ``of_which`` is contained in
    it, ``attribute`` measures something else about it, ``total`` has no parent.
    """

    item_id: ItemId
    form_id: str
    order: int = Field(ge=1)
    parent_id: ItemId | Literal[""] = ""
    relation: Literal["total", "part", "of_which", "attribute"]
    label_zh: str = Field(min_length=1, description="as printed on the form, without 其中：")
    name_zh: str = Field(min_length=1, description="full name, unambiguous outside the form")
    unit: str = Field(min_length=1)
    decimals: int = Field(ge=0, le=6)
    kind: Literal["stock", "flow"]
    additive: YesNo = True
    code: str = Field(default="", description="code printed on the form; empty when unknown")
    code_evidence: Literal["sourced", "sourced-2003", "inferred", "missing"]
    evidence: Evidence
    confidence: Literal["high", "medium", "low", ""] = ""
    scope_zh: str = ""
    note_zh: str = ""

    @property
    def is_money(self) -> bool:
        return self.unit == "万元"

    @property
    def printed_label_zh(self) -> str:
        return f"其中：{self.label_zh}" if self.relation == "of_which" else self.label_zh


class CoverField(_Model):
    """One line of the cover sheet."""

    field_id: ItemId
    label_zh: str
    aliases_zh: tuple[str, ...] = ()
    kind: Literal["text", "uscc", "region", "department", "level", "yes_no", "date"]
    required: bool
    personal: bool = Field(default=False, description="contact data: never leaves the query sheet")
    evidence: Evidence
    note_zh: str = ""


class Form(_Model):
    """One table of the questionnaire (KP-001 科普人员 …)."""

    form_id: ItemId
    code: str
    name_zh: str
    theme: str
    official_count: int | None = None
    note_zh: str = ""


class ValueRules(_Model):
    """How cells are to be filled."""

    not_applicable: frozenset[str] = NOT_APPLICABLE
    integer_only: bool = True


class CrosswalkRow(_Model):
    """How an item relates to an item of the edition before."""

    item_id: ItemId | Literal[""]
    earlier_item_id: ItemId | Literal[""]
    relation: Literal["same", "changed", "new", "gone"]
    comparable: YesNo = True
    break_year: int | Literal[""] = ""
    note_zh: str = ""


class Rule(_Model):
    """A relation that must hold.  ``when`` limits where it applies; ``expr`` must be TRUE there.

    ``expr`` and ``when`` are SQL boolean expressions over item ids, ``is_venue`` and ``level`` (by
    its Chinese name, such as 区县级).  "-" counts as 0 in them, blank and unreadable are NULL.  For
    ``each`` rules they are over ``v`` (this year) and ``prev`` (last year) of every item that the
    selector names.  Method rules are code under the same id; their text is their definition.

    Severity: ``reject_return`` means that the return cannot be used because nobody can tell whose
    it is; ``query`` wants an answer, and a correction where ``must_correct``; ``note`` is a hint.
    ``params`` are the thresholds that the code of a method rule works with.
    """

    id: str = Field(pattern=r"^[A-Z][A-Za-z0-9_]*$")
    scope: Literal["cell", "return", "batch", "year_on_year", "aggregate"]
    severity: Literal["reject_file", "reject_return", "query", "note"]
    must_correct: bool = Field(
        default=False, description="the office cannot release while such a finding is open"
    )
    kind: Literal["expression", "method"] = "expression"
    each: Literal["", "all", "money", "count", "additive"] = ""
    when: str = ""
    expr: str = Field(min_length=1)
    tolerance: Decimal = Decimal(0)
    params: dict[str, Any] = Field(default_factory=dict)
    years: tuple[int, int] | None = None
    message_zh: str = Field(min_length=1)
    evidence: Evidence
    source: str = ""
    note_zh: str = ""

    def __hash__(self) -> int:
        return hash((self.id, self.each, self.when, self.expr))

    def applies_to(self, year: int) -> bool:
        return self.years is None or self.years[0] <= year <= self.years[1]


class GuideSection(_Model):
    """A section of the instructions in the blank form."""

    head: str
    lines: tuple[str, ...]


class Edition(_Model):
    """One version of the questionnaire and everything a room needs to know of it.

    That its rows agree with each other is checked when it is loaded (see ``consistency``).
    """

    edition_id: str = Field(pattern=r"^[a-z]{2,8}-\d{4}$")
    title_zh: str
    years: tuple[int, int]
    approval_zh: str = ""
    organiser_zh: str = ""
    listed_note_zh: str = ""
    guide: tuple[GuideSection, ...] = Field(
        default=(), description="how to fill it; empty: the guide of the science statistics"
    )
    official_count: int | None = None
    values: ValueRules = ValueRules()
    cover: tuple[CoverField, ...]
    forms: tuple[Form, ...]
    items: tuple[Item, ...]
    rules: tuple[Rule, ...] = ()
    crosswalk: tuple[CrosswalkRow, ...] = ()

    @cached_property
    def item(self) -> dict[str, Item]:
        """Items by id."""
        return {item.item_id: item for item in self.items}

    @cached_property
    def form(self) -> dict[str, Form]:
        """Forms by id."""
        return {form.form_id: form for form in self.forms}

    @cached_property
    def rule(self) -> dict[str, Rule]:
        """Rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def form_items(self) -> dict[str, tuple[Item, ...]]:
        """Items of each form, in printed order."""
        return {
            form.form_id: tuple(item for item in self.items if item.form_id == form.form_id)
            for form in self.forms
        }

    def items_of(self, form_id: str) -> tuple[Item, ...]:
        """Items of one form, in printed order."""
        return self.form_items.get(form_id, ())

    def selected_by(self, each: str) -> tuple[Item, ...]:
        """Items that the ``each`` selector of a rule names."""
        chosen = {
            "all": self.items,
            "money": tuple(item for item in self.items if item.is_money),
            "count": tuple(item for item in self.items if not item.is_money),
            "additive": tuple(item for item in self.items if item.additive),
        }
        return chosen[each]

    def children_of(self, item_id: str) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.parent_id == item_id)

    def depth_of(self, item: Item) -> int:
        depth = 0
        while item.parent_id:
            item = self.item[item.parent_id]
            depth += 1
        return depth

    def covers(self, year: int) -> bool:
        return self.years[0] <= year <= self.years[1]
