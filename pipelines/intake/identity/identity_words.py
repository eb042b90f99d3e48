"""Thresholds and sentences of telling units apart, from reviewed YAML."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.survey.documents import YamlDocument


class IdentityWords(BaseModel):
    """The whole of ``identity.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    near: float = Field(gt=0, le=1)
    most_candidates: int = Field(ge=1)
    overlap_items: int = Field(ge=1)
    overlap_from: int = Field(ge=1)
    most_differences: int = Field(ge=1)
    questions: dict[str, str]
    places: dict[str, str]
    stale: dict[str, str]
    candidate: str
    difference: str
    nothing: str
    more: str
    reasons: dict[str, str]


@cache
def identity_words() -> IdentityWords:
    """The reviewed words; read once a process."""
    document = YamlDocument(Path(__file__).parent / "identity.yaml")
    return document.model(IdentityWords, document.data)
