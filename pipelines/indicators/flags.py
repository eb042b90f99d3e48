"""The closed list of marks that a value may bear, and why a value that is not there is missing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipelines.survey.documents import YamlDocument


class Flags(BaseModel):
    """Sentences by mark: ``missing`` says why there is no value, ``caution`` what to mind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    missing: dict[str, str]
    caution: dict[str, str]


@cache
def flags() -> Flags:
    document = YamlDocument(Path(__file__).parent / "flags.yaml")
    return document.model(Flags, document.data)


def reason_of(marks: Iterable[str]) -> str:
    """The mark that says why a value is missing; "" when none does."""
    return next((mark for mark in marks if mark in flags().missing), "")
