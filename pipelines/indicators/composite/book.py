"""Which composite indexes are worked out and how: ``indexes.yaml``, read and validated."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.errors import Place, SurveyDefinitionError
from pipelines.survey.documents import YamlDocument
from pipelines.survey.head import head_of
from pipelines.survey.models import ItemId

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions

#: Stands with every composite result, whatever an office changes.
LABEL_ZH = "本省测算，非国家发布指数"

OVERLAY_FOLDER = "composite"
_FILE = "indexes.yaml"
_ADVICE = "请按 indexes.yaml 开头的写法改正后重试"

Normalisation = Literal["min_max", "z_score", "base_year"]
Weighting = Literal["given", "equal", "entropy", "critic"]
Aggregation = Literal["arithmetic", "geometric"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class IndexItem(_Model):
    """One indicator of an index; ``weight`` only where weights are given."""

    indicator_id: ItemId
    dimension_zh: str = ""
    direction: Literal["up", "down"]
    weight: float | None = Field(default=None, gt=0)


class Sensitivity(_Model):
    """What is varied to see how far a rank depends on the choices made."""

    draws: int = Field(ge=100, le=100_000)
    seed: int
    spread: float = Field(ge=0, lt=1, description="weights move by this share, up or down")
    normalisations: tuple[Normalisation, ...] = Field(min_length=1)
    weightings: tuple[Weighting, ...] = Field(min_length=1)
    aggregations: tuple[Aggregation, ...] = Field(min_length=1)
    interval: tuple[int, int] = (5, 95)


class Index(_Model):
    """One composite index of the members of one or more breakdowns."""

    index_id: ItemId
    name_zh: str = Field(min_length=1)
    breakdowns: tuple[Literal["prefecture", "county"], ...] = Field(min_length=1)
    normalisation: Normalisation
    weighting: Weighting
    aggregation: Aggregation
    base_year: int | None = None
    min_response: float = Field(default=0, ge=0, le=1)
    floor: float = Field(default=0.01, gt=0, lt=1)
    items: tuple[IndexItem, ...] = Field(min_length=2)
    sensitivity: Sensitivity
    note_zh: str = ""

    @cached_property
    def methods(self) -> tuple[tuple[Normalisation, Weighting, Aggregation], ...]:
        """Every combination that the sensitivity analysis draws from."""
        varied = self.sensitivity
        return tuple(
            (normalisation, weighting, aggregation)
            for normalisation in varied.normalisations
            for weighting in varied.weightings
            for aggregation in varied.aggregations
            if (normalisation, aggregation) != ("z_score", "geometric")
        )

    @model_validator(mode="after")
    def _is_consistent(self) -> Index:
        used = {self.normalisation, *self.sensitivity.normalisations}
        weightings = {self.weighting, *self.sensitivity.weightings}
        ids = [item.indicator_id for item in self.items]
        low, high = self.sensitivity.interval
        if len(set(ids)) < len(ids):
            raise ValueError("同一指标不能用两次")
        if (self.normalisation, self.aggregation) == ("z_score", "geometric"):
            raise ValueError("z_score 有负数，不能与几何平均合用")
        if not self.methods:
            raise ValueError("sensitivity 中没有可用的方法组合")
        if ("base_year" in used) != (self.base_year is not None):
            raise ValueError("用定基法时须写 base_year，不用时不写")
        if "base_year" in used and any(item.direction == "down" for item in self.items):
            raise ValueError("定基法不能用于越小越好的指标")
        given = [item.weight is not None for item in self.items]
        if any(given) != all(given) or all(given) != ("given" in weightings):
            raise ValueError("用给定权重（given）时每项都要写 weight，不用时都不写")
        if not 0 <= low < high <= 100:
            raise ValueError("interval 应为 0—100 之间由小到大的两个数")
        return self


class Reasons(_Model):
    """Why a member is not scored."""

    missing: str
    not_asked: str
    low_response: str
    too_few: str
    no_base: str


class IndexBook(_Model):
    """Everything in indexes.yaml."""

    indexes: tuple[Index, ...]
    reasons: Reasons


def load_indexes(definitions: Definitions, overlay: Path | None = None) -> IndexBook:
    """The office's own list, else the built-in one, held against the catalogue."""
    own = overlay / OVERLAY_FOLDER / _FILE if overlay else None
    is_own = own is not None and own.is_file()
    path = own if own and is_own else Path(__file__).parent / _FILE
    document = YamlDocument(path)
    book = document.model(IndexBook, document.data)
    if not is_own and not head_of(overlay).is_statistics:
        return book.model_copy(update={"indexes": ()})
    seen: set[str] = set()
    for n, index in enumerate(book.indexes):
        place = Place(file=path.name, line=document.line_of(("indexes", n)))
        if index.index_id in seen:
            raise SurveyDefinitionError(f"指数“{index.index_id}”重复", _ADVICE, place)
        seen.add(index.index_id)
        for k, item in enumerate(index.items):
            problem = _problem(item, definitions)
            if problem:
                line = document.line_of(("indexes", n, "items", k))
                raise SurveyDefinitionError(
                    f"指数“{index.index_id}”所选的“{item.indicator_id}”{problem}",
                    _ADVICE,
                    Place(file=path.name, line=line),
                )
    return book


def _problem(item: IndexItem, definitions: Definitions) -> str:
    if item.indicator_id not in definitions:
        return "不在指标目录中"
    if definitions[item.indicator_id].is_change:
        return "是增减，会有负数，不能合成"
    return ""
