"""The sentences and thresholds of this room, as reviewed data."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.survey.documents import YamlDocument

_HERE = Path(__file__).parent


class Wording(BaseModel):
    """Sentence patterns: clauses after a rule's message, likely causes, reasons of a status."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clauses: dict[str, str]
    figures: dict[str, str]
    causes: dict[str, str]
    status: dict[str, str]
    explanations: dict[str, str]


class Settings(BaseModel):
    """Words that mean the same, lengths of lists, what judging may use of the machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    missing_names: int = Field(ge=1)
    enough_share: Decimal = Field(gt=0, le=1)
    judging_threads: int = Field(ge=1)
    judging_memory: str = Field(pattern=r"^[1-9][0-9]*(MB|GB)$")
    query_deadlines: dict[int, str] = {}
    same_words: dict[str, str] = {}


@cache
def wording() -> Wording:
    document = YamlDocument(_HERE / "wording.yaml")
    return document.model(Wording, document.data)


@cache
def settings() -> Settings:
    document = YamlDocument(_HERE / "settings.yaml")
    return document.model(Settings, document.data)


def clause(pattern: str, /, **parts: object) -> str:
    """A sentence about the figures, filled with what is the case."""
    return wording().clauses[pattern].format(**parts)


def cause(pattern: str, /, **parts: object) -> str:
    """A likely cause, filled with what is the case."""
    return wording().causes[pattern].format(**parts)
