"""The reviewed sentences of the blank form (``wording.yaml``), typed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipelines.survey.documents import YamlDocument


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Section(_Words):
    head: str
    lines: tuple[str, ...]


class Prompts(_Words):
    count: str
    money: str


class Errors(_Words):
    count: str
    money: str
    list: str
    region: str
    uscc: str
    date: str


class Hints(_Words):
    required: str
    uscc: str
    venue_name: str


class Wording(_Words):
    law: str
    guide: tuple[Section, ...]
    prompts: Prompts
    errors: Errors
    hints: Hints


@cache
def wording() -> Wording:
    document = YamlDocument(Path(__file__).with_name("wording.yaml"))
    return document.model(Wording, document.data)
