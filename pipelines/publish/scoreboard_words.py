"""The words of the scoreboard and of the composite workbook (``scoreboard.yaml``), typed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from pipelines.publish.office import data_file
from pipelines.survey.documents import YamlDocument


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Heat(_Words):
    """What a cell of the heat map says that holds no count."""

    no_statistic: str
    no_department: str
    nothing: str
    silent: str
    unclear: str


#: Background colours by class; "none" is nothing to judge.
SHADES = {"good": "#CFE6D6", "fair": "#FBE9AE", "poor": "#F0BFB1", "none": "#EEF1F4"}


class PictureWords(_Words):
    """What the heat map says as a picture; a pattern knows the counts of its squares."""

    caption: str
    title: str
    nothing: str
    subtitle: str
    response: str


class Classes(_Words):
    """From where on a share is good, or fair; poor below."""

    good: Decimal
    fair: Decimal

    def of(self, share: Decimal) -> str:
        return "good" if share >= self.good else "fair" if share >= self.fair else "poor"


class HeatClasses(_Words):
    rising: Classes
    response: Classes


class Notes(_Words):
    overview: tuple[str, ...]
    heat: tuple[str, ...]
    as_of: str
    undated: str
    progress: tuple[str, ...]
    composite: tuple[str, ...]


class ScoreWords(_Words):
    """Everything in scoreboard.yaml."""

    internal_zh: str
    scoreboard_title_zh: str
    composite_title_zh: str
    measurability: dict[str, str]
    fit: dict[str, str]
    status: dict[str, str]
    direction: dict[str, str]
    change: dict[str, str]
    weighting: dict[str, str]
    normalisation: dict[str, str]
    aggregation: dict[str, str]
    breakdown: dict[str, str]
    standing: dict[Literal["done", "on_time", "overdue", "unclear", "silent"], str]
    heat: Heat
    picture: PictureWords
    classes: HeatClasses
    notes: Notes


def load_words(overlay: Path | None = None) -> ScoreWords:
    document = YamlDocument(data_file("scoreboard.yaml", overlay))
    return document.model(ScoreWords, document.data)
