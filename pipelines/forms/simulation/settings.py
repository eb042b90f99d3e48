"""What the simulation draws from (``settings.yaml``), typed and validated."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.survey.documents import YamlDocument

Share = Annotated[float, Field(ge=0, le=1)]
LevelId = Literal["central", "provincial", "prefectural", "county"]
Between = tuple[float, float]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Spread(_Settings):
    """A log-normal quantity by its mean and the sigma of its logarithm."""

    mean: float = Field(gt=0)
    spread: float = Field(ge=0)


class Level(_Settings):
    share: Share
    size: float = Field(gt=0)


class DepartmentUnits(_Settings):
    id: str
    bureau: str
    folder: str
    others: tuple[str, ...] = Field(min_length=1)


class VenueKind(_Settings):
    per_million: float
    name: str
    departments: tuple[str, ...]
    floor: Spread
    visits_per_square_metre: Spread


class Venues(_Settings):
    share_at_most: Share
    kinds: dict[str, VenueKind]
    exhibition_share: Between
    exhibits_per_100_square_metres: Between
    free_days: Between
    ticket_income_share: Share
    ticket_income: Spread


class Total(_Settings):
    """An item that the province's total is set for."""

    per_10k: float = Field(ge=0)
    growth: float
    spread: float = Field(ge=0)
    reporting: Share
    least: int = 0
    cap: int = 10**12
    venue: float = Field(default=0, description="size of a venue relative to a unit; 0: no venue")
    only_venues: bool = False
    departments: tuple[str, ...] = ()
    levels: tuple[LevelId, ...] = ()


class Ratio(Spread):
    of: str


class Events(_Settings):
    online_units: Share
    online_share: Between
    on_site: Spread
    online: Spread


class Funding(_Settings):
    donation_units: Share
    donation: Between
    own: Between
    other: Between
    special_of_government: Between
    used_of_raised: Between
    administration: Between
    activities: Between
    exhibits_units: Share
    exhibits: Between
    construction_government: Between
    week_at_most: Share


class Sending(_Settings):
    summary_counties: Share
    xls: Share
    et: Share
    csv: Share
    zipped_departments: Share
    gbk_zips: Share


class Mistakes(_Settings):
    share: Share
    kinds: dict[str, int]


class Settings(_Settings):
    edition_id: str
    never_reporting: Share
    turnover: Share
    steady: Share
    steady_drift: float
    lively_drift: float
    leaping: Share
    leaping_drift: float = Field(ge=0)
    dash: Share
    levels: dict[LevelId, Level]
    departments: tuple[DepartmentUnits, ...]
    central_departments: tuple[str, ...]
    venues: Venues
    totals: dict[str, Total]
    shares: dict[str, Between]
    ratios: dict[str, Ratio]
    events: dict[str, Events]
    funding: Funding
    sending: Sending
    mistakes: Mistakes


@cache
def settings() -> Settings:
    document = YamlDocument(Path(__file__).with_name("settings.yaml"))
    return document.model(Settings, document.data)
