"""Words and limits for telling unknown labels, from reviewed YAML."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipelines.survey.documents import YamlDocument

_HERE = Path(__file__).parent


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Model):
    """How much of a likeness each sign makes."""

    label: Decimal
    code: Decimal
    unit: Decimal
    parent: Decimal


class Less(_Model):
    """What an exact label loses by a sign that disagrees."""

    code: Decimal
    parent: Decimal


class MappingWords(_Model):
    """The whole of ``mapping_words.yaml``."""

    note_words: tuple[str, ...]
    weights: Weights
    exact_less: Less
    most_when_near: Decimal
    most_when_unit_differs: Decimal
    least_to_show: Decimal
    high: Decimal
    medium: Decimal
    alternatives: int
    fewest_near_rows: int
    rename_at_least: Decimal
    flow_units: frozenset[str]

    def level_of(self, score: Decimal) -> str:
        if score >= self.high:
            return "高"
        return "中" if score >= self.medium else "低"


@cache
def mapping_words() -> MappingWords:
    """The reviewed words; read once a process."""
    document = YamlDocument(_HERE / "mapping_words.yaml")
    return document.model(MappingWords, document.data)
