"""The thresholds of method rules: what each rule's ``params`` in ``rules.yaml`` may hold.

An office changes a threshold in its own copy of ``rules.yaml``.  Every rule's params are checked
before anything is computed, so that a slip of the pen stops the run with the name of the rule.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipelines.errors import SurveyDefinitionError
from pipelines.survey import Edition, Rule


class Params(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def items(self) -> tuple[str, ...]:
        """The items that the params name."""
        return ()

    def cover_fields(self) -> tuple[str, ...]:
        """The cover fields that the params name."""
        return ()


class NoParams(Params):
    """Of a rule without thresholds."""


class Filled(Params):
    """G24.  ``fields`` of the cover that must not be empty."""

    fields: tuple[str, ...] = Field(min_length=1)

    def cover_fields(self) -> tuple[str, ...]:
        return self.fields


class Slip(Params):
    """G14.  ``from_amount``: the larger of the two figures must reach it."""

    factors: tuple[int, ...]
    hour_factors: tuple[int, ...] = ()
    from_amount: float = Field(ge=0)


class Peers(Params):
    """How peer groups are formed: a group with fewer members falls back on a wider one."""

    smallest_group: int = Field(ge=5)


class HidiroglouBerthelot(Peers):
    """G17.  ``u``, ``a``, ``c`` as in the paper of 1986.

    Only changes by ``least_factor`` and more are asked about, of figures from ``from_amount``.
    """

    u: float = Field(ge=0, le=1)
    a: float = Field(ge=0)
    c: float = Field(gt=0)
    least_factor: float = Field(ge=1)
    from_amount: float = Field(ge=0)


class Pair(Params):
    """One ratio that is compared among peers; its ``less`` items are taken off first."""

    numerator: str
    denominator: str
    numerator_less: str = ""
    denominator_less: str = ""

    def items(self) -> tuple[str, ...]:
        named = (self.numerator, self.denominator, self.numerator_less, self.denominator_less)
        return tuple(name for name in named if name)


class Ratios(Peers):
    """G20.  Bounds lie ``spreads`` robust standard deviations of the logarithm from the median.

    Asked about are amounts from ``from_amount``, reported or usual for such units.
    """

    pairs: tuple[Pair, ...]
    spreads: float = Field(gt=0)
    least_spread: float = Field(gt=0)
    from_amount: float = Field(ge=0)

    def items(self) -> tuple[str, ...]:
        return tuple(name for pair in self.pairs for name in pair.items())


class Sizes(Peers):
    """G22.  As ``Ratios``, of single figures of units without a last year."""

    spreads: float = Field(gt=0)
    least_spread: float = Field(gt=0)
    from_amount: float = Field(ge=0)


class Copied(Params):
    """G18.  So many figures above 0 as last year, large enough together that it is no chance.

    A figure weighs the logarithm of its tenth: 100 weighs 1, 1,000 weighs 2, 10 and less nothing.
    """

    figures: int = Field(ge=2)
    weight: float = Field(gt=0)


class Constant(Params):
    """G19.  At least ``units`` returns of a county report the very same figure, and they are a
    ``share`` of those that report the item, or ``times`` as many as elsewhere."""

    units: int = Field(ge=3)
    share: float = Field(gt=0, le=1)
    times: float = Field(gt=1)
    from_amount: float = Field(ge=0)


class Event(Params):
    """One kind of event and its crowd."""

    events: str
    crowd: str


class SameEvent(Params):
    """G21.  Units of a county with as many events and exactly the same crowd, from ``crowd``."""

    kinds: tuple[Event, ...]
    from_crowd: float = Field(gt=0)

    def items(self) -> tuple[str, ...]:
        return tuple(name for kind in self.kinds for name in (kind.events, kind.crowd))


class Overlap(Params):
    """V42.  So many equal figures, from ``from_amount``, are no coincidence."""

    figures: int = Field(ge=1)
    from_amount: int = Field(ge=0)


class Response(Params):
    """A04."""

    least_rate: float = Field(gt=0, le=1)


class Dominance(Params):
    """A05.  Judged where at least ``units`` returns report the item."""

    largest_share: float = Field(gt=0, lt=1)
    units: int = Field(ge=2)


class Outliers(Params):
    """A06.  So many absolute deviations from the median of at least ``places`` prefectures."""

    deviations: float = Field(gt=0)
    places: int = Field(ge=3)


Kind = TypeVar("Kind", bound=Params)


def params_of(rule: Rule, kind: type[Kind]) -> Kind:
    """The params of a rule; raises SurveyDefinitionError with the name of the rule."""
    try:
        return kind.model_validate(rule.params)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise SurveyDefinitionError(
            f"规则 {rule.id} 的参数“{where}”缺少、多余或不合规定",
            "请改正 rules.yaml 中该规则的 params",
        ) from error


def assert_params(rule: Rule, kind: type[Params], edition: Edition) -> None:
    """The params are complete, and name items and cover fields of the edition."""
    found = params_of(rule, kind)
    strange = set(found.cover_fields()) - {field.field_id for field in edition.cover}
    if strange:
        raise SurveyDefinitionError(
            f"规则 {rule.id} 的参数用了封面没有的“{'、'.join(sorted(strange))}”",
            "请改正 rules.yaml 中该规则的 params",
        )
    unknown = sorted(set(found.items()) - edition.item.keys())
    if unknown:
        raise SurveyDefinitionError(
            f"规则 {rule.id} 的参数用了本版调查表没有的指标“{'、'.join(unknown)}”",
            "请改正 rules.yaml 中该规则的 params",
        )
