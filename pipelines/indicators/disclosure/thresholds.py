"""The limits of disclosure control: an office's decision, as data."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.survey.documents import YamlDocument
from pipelines.survey.models import ItemId

BUILT_IN = Path(__file__).parent / "thresholds.yaml"
OVERLAY_FILE = "disclosure.yaml"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Model):
    """When a cell of one kind is sensitive; a percentage of 0 switches its rule off."""

    fewest: int = Field(ge=1)
    dominant: int = Field(ge=1, le=2)
    dominance_percent: Decimal = Field(ge=0, le=100)
    p_percent: Decimal = Field(ge=0, le=100)


class Kinds(_Model):
    money: Limits
    count: Limits


class Intervals(_Model):
    """How wide an attacker's interval must be to either side, in % of the value."""

    sensitive: Decimal = Field(gt=0, le=100)
    complementary: Decimal = Field(ge=0, le=100)


class Thresholds(_Model):
    """Everything in thresholds.yaml."""

    kinds: Kinds
    open_items: tuple[ItemId, ...] = ()
    interval_percent: Intervals
    guard_against_contributors: bool
    costs: dict[str, int]
    exact_up_to: int = Field(ge=0, le=40)

    def is_open(self, quantity: Iterable[tuple[str, bool]]) -> bool:
        """Whether a sum is of open items only."""
        return {item_id for item_id, _ in quantity} <= set(self.open_items)

    def cost_of(self, breakdown: str) -> float:
        return float(self.costs.get(breakdown, self.costs.get("other", 1)))


def load_thresholds(overlay: Path | None = None) -> Thresholds:
    """The office's own limits when it has set any, else the built-in ones."""
    own = overlay / OVERLAY_FILE if overlay else None
    document = YamlDocument(own if own and own.is_file() else BUILT_IN)
    return document.model(Thresholds, document.data)
