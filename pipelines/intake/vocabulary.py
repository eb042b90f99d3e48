"""The words intake knows things by, and the sentences it refuses with, from reviewed YAML."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.errors import UnreadableFileError
from pipelines.intake.layouts.labels import plain_label
from pipelines.survey.documents import YamlDocument

_HERE = Path(__file__).parent


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HeaderWords(_Model):
    """Words of the header row of a questionnaire table, by what their column holds."""

    label: tuple[str, ...]
    code: tuple[str, ...]
    unit: tuple[str, ...]
    value: tuple[tuple[str, ...], ...]
    previous: tuple[str, ...]
    planned: tuple[str, ...]
    revised: tuple[str, ...]
    other: tuple[str, ...]


class SkipRule(_Model):
    """File names that are no returns, and why."""

    code: str = Field(pattern=r"^S\d{3}$")
    patterns: tuple[str, ...]
    reason_zh: str


class Measures(_Model):
    """Units of measure: other spellings, and families whose members differ by a factor."""

    same: dict[str, str]
    currency: tuple[str, ...]
    families: tuple[tuple[str, ...], ...]


class Limits(_Model):
    """Sizes beyond which a file cannot be a return."""

    file_bytes: int
    markup_bytes: int
    archive_members: int
    archive_bytes: int
    ratio: int
    ratio_from_bytes: int
    sheet_cells: int
    sheets: int
    file_seconds: float = Field(gt=0)
    process_bytes: int


class Vocabulary(_Model):
    """The whole of ``vocabulary.yaml``."""

    headers: HeaderWords
    year_labels: tuple[str, ...]
    year_heading: tuple[str, ...]
    year_not: tuple[str, ...]
    last_year_words: tuple[str, ...]
    simulated_mark: str
    checked: str
    unchecked: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    identity: dict[str, tuple[str, ...]]
    self_words: tuple[str, ...]
    total_words: tuple[str, ...]
    total_starts: tuple[str, ...]
    comparing_words: tuple[str, ...]
    group_endings: tuple[str, ...]
    identifier_endings: tuple[str, ...]
    header_row_words: tuple[str, ...]
    footer_words: tuple[str, ...]
    measures: Measures
    revision_words: tuple[str, ...]
    final_words: tuple[str, ...]
    channel_names: dict[str, tuple[str, ...]]
    channels: dict[str, tuple[str, ...]]
    hidden_notes: dict[str, str]
    cell_notes: dict[str, str]
    encoding_words: tuple[str, ...]
    skipped: tuple[SkipRule, ...]
    skipped_folders: tuple[str, ...]
    limits: Limits


class Refusal(_Model):
    """The name of a refusal and what to ask the sender."""

    title_zh: str
    advice_zh: str


@cache
def vocabulary() -> Vocabulary:
    """The reviewed words; read once a process."""
    document = YamlDocument(_HERE / "vocabulary.yaml")
    return document.model(Vocabulary, document.data)


def limits() -> Limits:
    """The sizes beyond which a file cannot be a return."""
    return vocabulary().limits


def is_footer(text: str) -> bool:
    """Whether a text is a line under a table: 注：…, 填表人：…."""
    return bool(_footer_start().match(plain_label(text)))


@cache
def _footer_start() -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in vocabulary().footer_words)
    return re.compile(rf"(?:{words})\d{{0,2}}(?:[:、.,(]|$)")


@cache
def refusals() -> dict[str, Refusal]:
    """Refusals by error code, for every subclass of UnreadableFileError."""
    document = YamlDocument(_HERE / "refusals.yaml")
    found = {code: document.model(Refusal, row, (code,)) for code, row in document.data.items()}
    kinds: list[type[UnreadableFileError]] = [
        UnreadableFileError,
        *UnreadableFileError.__subclasses__(),
    ]
    codes = {kind.code for kind in kinds}
    missing = codes - found.keys()
    if missing:
        raise LookupError(f"refusals.yaml lacks {sorted(missing)}")
    return found


@cache
def header_roles() -> dict[str, tuple[str, int]]:
    """Normalised header word to (role, rank); a lower rank is preferred among value columns."""
    words = vocabulary().headers
    roles: dict[str, tuple[str, int]] = {}
    for role in ("label", "code", "unit", "previous", "planned", "revised", "other"):
        for word in getattr(words, role):
            roles[plain_label(word)] = (role, 0)
    for rank, group in enumerate(words.value):
        for word in group:
            roles[plain_label(word)] = ("value", rank)
    return roles


@cache
def identity_fields() -> dict[str, str]:
    """Normalised column header to the identity field it names."""
    return {
        plain_label(word): field for field, words in vocabulary().identity.items() for word in words
    }
