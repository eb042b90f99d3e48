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


class NationalWords(_Words):
    """The sheets to key into the national system."""

    internal: str
    simulated: str
    how: str
    cover: str
    cover_heads: tuple[str, str]
    form_heads: tuple[str, str, str, str, str, str]
    line_heads: tuple[str, str]
    no_cell: str
    unreadable: str
    not_additive: str
    nobody: str
    covered: str
    fraction: str


@cache
def national_words() -> NationalWords:
    document = YamlDocument(Path(__file__).with_name("national.yaml"))
    return document.model(NationalWords, document.data)


@cache
def wording() -> Wording:
    document = YamlDocument(Path(__file__).with_name("wording.yaml"))
    return document.model(Wording, document.data)
