"""Which charts are drawn: the reviewed list in ``charts.yaml``, typed and validated.

Titles are patterns tried in order: the first whose figures are all there is used, so a chart always
says what its numbers can carry.  ``{indicator.value}`` asks for a provincial figure (also
``change``, ``last``, ``name``); ``{fact}`` for something the form worked out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.publish.office import data_file
from pipelines.survey.documents import YamlDocument

Breakdown = Literal["prefecture", "county", "department", "level", "venue"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Chart(_Model):
    """One chart: what it shows, in which form, and what its title may say."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    file_zh: str = Field(min_length=1, description="file name after the number and theme")
    theme: Literal[
        "personnel", "venues", "funding", "media", "activities", "national", "quality"
    ]  # fmt: skip
    form: Literal[
        "composition", "ranking", "pairs", "changes", "slope", "strips", "panels", "pyramid",
        "scatter", "series", "years", "published", "tiles", "boundary", "response", "findings",
        "matrix",
    ]  # fmt: skip
    caption: str = Field(min_length=1, description="what is shown, for 图1-1 under the picture")
    indicators: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}
    breakdown: Breakdown = "prefecture"
    mark: Literal["dot", "bar"] = "bar"
    reference: bool = Field(default=False, description="a line at the province's value")
    limit: int = Field(default=12, ge=3)
    bounds: tuple[int, ...] = Field(default=(), description="upper bounds of the lower classes")
    region: str = ""
    peers: Literal["prefecture", "kind"] = Field(
        default="prefecture", description="strips: counties by prefecture, or by kind of county"
    )
    internal: bool = Field(default=False, description="for the office itself, never passed on")
    cuts: tuple[Literal["square", "wide"], ...] = Field(
        default=(), description="further formats: for telephones, for slides"
    )
    titles: tuple[str, ...] = Field(min_length=1)
    subtitle: str
    notes: tuple[str, ...] = ()

    @property
    def shows_returns(self) -> bool:
        """Whether anything in it comes from the year's returns, not only from publications."""
        return self.form != "published" and (self.form != "series" or self.reference)

    @property
    def compares(self) -> bool:
        """Whether it sets the year against the year before."""
        by_form = self.form in {"composition", "pairs", "changes", "slope"}
        return by_form or (self.form == "ranking" and self.mark == "dot")

    @model_validator(mode="after")
    def _is_consistent(self) -> Chart:
        if self.form not in {"findings", "matrix"} and not self.indicators:
            raise ValueError("除审核发现图和回收矩阵外，每张图都要写明指标（indicators）")
        measures = {"pyramid": 2, "scatter": 2}.get(self.form, 1)
        if self.form not in {"findings", "matrix"} and len(self.indicators) < measures:
            raise ValueError(f"{self.form} 图要写明两个指标（indicators）")
        unknown = self.labels.keys() - set(self.indicators)
        if unknown:
            raise ValueError(f"labels 中的“{'、'.join(sorted(unknown))}”不在 indicators 中")
        if self.breakdown == "venue" and not (self.internal and self.form == "scatter"):
            raise ValueError(
                "逐个场馆（breakdown: venue）只能用于内部资料（internal: true）的散点图"
            )
        if list(self.bounds) != sorted(set(self.bounds)):
            raise ValueError("bounds 应由小到大，不重复")
        return self


class Phrases(_Model):
    """Words that stand in charts whatever their subject."""

    missing: str
    hatched: str
    elsewhere: str
    no_last_note: str
    suppressed: str
    suppressed_note: str
    suppressed_part: str
    suppressed_squares: str
    hatched_hidden: str
    hidden_year: str
    not_reported: str
    no_last_year: str
    no_data: str
    broken: str
    flat: str
    province: str
    last_year: str
    rest: str
    low_response: str
    gap: str
    gap_note: str
    break_note: str
    missing_note: str
    parts_less: str
    parts_more: str
    low_response_note: str
    scope: str
    national_source: str
    simulated_source: str
    provisional: str
    no_register: str
    finding_kinds: Mapping[str, str]
    findings_count: str
    more_departments: str
    no_findings: str
    matrix_whole: str
    matrix_unknown: str
    kinds: Mapping[str, str]
    county_kinds: Mapping[str, str] = Field(description="by the last character of the name")
    more_notes: str
    alt_rest: str
    listing: str
    listing_figures: str
    listing_notes: str
    listing_cuts: str
    median: str
    median_note: str
    cross_note: str
    hidden_count: str
    missing_count: str
    zero_count: str
    place_kinds: Mapping[Breakdown, str]
    absent_count: str
    suppressed_either: str
    missing_either: str
    suppressed_years: str
    missing_years: str
    gap_own: str
    gap_own_note: str
    reviewed: str


class ChartBook(_Model):
    """Everything in charts.yaml."""

    phrases: Phrases
    charts: tuple[Chart, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> ChartBook:
        unnamed = {chart.form for chart in self.charts} - self.phrases.kinds.keys()
        if unnamed:
            raise ValueError(f"phrases 的 kinds 中没有 {'、'.join(sorted(unnamed))}")
        for what in ("id", "file_zh"):
            seen = [getattr(chart, what) for chart in self.charts]
            twice = sorted({name for name in seen if seen.count(name) > 1})
            if twice:
                raise ValueError(f"图的 {what} 重复：{'、'.join(twice)}")
        return self


def load_book(overlay: Path | None = None) -> ChartBook:
    """The built-in list, or an office's own ``publish/charts.yaml``."""
    document = YamlDocument(data_file("charts.yaml", overlay))
    return document.model(ChartBook, document.data)
