"""What a one-page brief holds, by kind of place: ``briefs.yaml``, read and validated."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.publish.office import words_file
from pipelines.publish.sentences import Pattern

Kind = Literal["prefecture", "county", "department"]
KINDS: tuple[Kind, ...] = ("prefecture", "county", "department")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PeerGroup(_Model):
    """Places that are compared with each other; ``of`` are kinds of division, empty: all."""

    name_zh: str = Field(min_length=1)
    of: tuple[str, ...] = ()


class BriefKind(_Model):
    """A page about one kind of member."""

    folder_zh: str = Field(min_length=1)
    name_zh: str = Field(min_length=1)
    peers: tuple[PeerGroup, ...] = Field(min_length=1)
    cards: tuple[str, ...]
    rows: tuple[str, ...]
    rank: str
    line: str
    bars: tuple[str, ...]
    contribution: str

    @property
    def indicators(self) -> tuple[str, ...]:
        """Every indicator of the page, once."""
        named = (*self.cards, *self.rows, self.rank, self.line, *self.bars, self.contribution)
        return tuple(dict.fromkeys(named))


class BriefBook(_Model):
    """Everything in briefs.yaml; a kind that is not there is not printed."""

    title_zh: str
    kinds: Mapping[Kind, BriefKind]
    names: Mapping[str, str]
    sentences: Mapping[str, str]
    missing: Mapping[str, str]
    labels: Mapping[str, str]
    most_hidden: Decimal = Field(ge=0, le=1)
    rank_rows: int = Field(ge=5, le=14)
    named_units: int = Field(ge=1, le=20)
    named_characters: int = Field(ge=20, le=200)

    def say(self, name: str, said: Mapping[str, str | None]) -> str:
        """A sentence with its values; "" when one outside a group is missing."""
        text = self.sentences.get(name) or self.missing[name]
        return Pattern(text).fill(lambda role, _: said.get(role)) or ""


def load_briefs(overlay: Path | None = None) -> BriefBook:
    document = words_file("briefs.yaml", overlay, "sentences", "missing", "labels")
    return document.model(BriefBook, document.data)
