"""What others have published: sources, the names their figures go by, and the figures.

The figures of the national releases (2006—2024) and of the 中国科协系统 (2008—2011) are kept as the
text that was printed.  They are written out as workbooks in the published shapes, enter the line
through intake like any other file, and serve as the yardstick of the indicator engine.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.survey.documents import read_csv_models
from pipelines.survey.models import YesNo

FOLDER = Path(__file__).parent / "published_series"

#: The source all figures of the 中国科协系统 come from.
CAST_SOURCE = "cast_system"
#: Tiers of the 中国科协系统, as they stand before the indicator in a column heading.
CAST_TIERS = ("中国科协系统", "全国学会", "省级学会", "学会(小计)", "科协(小计)")
#: Stands for the tier where the heading names none.
CAST_NO_TIER = "未分层"

Printed = Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PublishedSource(_Row):
    """A publication: original publisher, title and date (to the month or year where that is all).

    ``published_on`` is empty when the publication bears no date.
    """

    source_id: str
    publisher_zh: str
    title_zh: str
    published_on: Annotated[str, Field(pattern=r"^(\d{4}(-\d\d(-\d\d)?)?)?$")]
    note_zh: str = ""


class SeriesName(_Row):
    """A name used in publications and the series it means.

    ``series_id`` is an item or indicator id of ours where the meaning is the same, else an id
    of its own.  ``unit`` is the unit of the series, without 万 or 亿 (money: 万元); empty when the
    publication gives none.
    """

    name_zh: str
    series_id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    unit: str
    derived: YesNo = False
    note_zh: str = ""


class NationalFigure(_Row):
    """One printed figure of the national releases (a few are of regions).

    ``nature`` tells counts from printed ratios and from figures worked out from a printed change.
    """

    year: int
    region: str
    name_zh: str
    value: Printed
    unit: str
    nature: Literal["公布数", "公布比率", "推得数"]
    source_id: str
    note_zh: str = ""

    @property
    def derived(self) -> bool:
        return self.nature != "公布数"

    @property
    def decimals(self) -> int:
        """Decimals as printed: 191.00 has two."""
        return len(self.value.partition(".")[2])


class CastFigure(_Row):
    """One cell of the tables of the 中国科协系统; ``value`` is empty where the table is."""

    table_zh: str
    year: int
    tier_zh: Literal["中国科协系统", "全国学会", "省级学会", "学会(小计)", "科协(小计)", "未分层"]
    indicator_zh: str
    value: Printed | Literal[""]

    @property
    def heading_zh(self) -> str:
        """The column heading as published: tier and indicator in one string."""
        tier = "" if self.tier_zh == CAST_NO_TIER else self.tier_zh
        return tier + self.indicator_zh

    @property
    def amount(self) -> Decimal | None:
        return Decimal(self.value) if self.value else None


def load_sources(path: Path = FOLDER / "sources.csv") -> dict[str, PublishedSource]:
    """Publications by id."""
    return {row.source_id: row for row in read_csv_models(path, PublishedSource)}


def load_series(path: Path = FOLDER / "series.csv") -> dict[str, SeriesName]:
    """Series by the names they go by."""
    return {row.name_zh: row for row in read_csv_models(path, SeriesName)}


def load_national(path: Path = FOLDER / "national.csv") -> tuple[NationalFigure, ...]:
    """The figures of the national releases, by year."""
    return read_csv_models(path, NationalFigure)


def load_cast_system(path: Path = FOLDER / "cast_system.csv") -> tuple[CastFigure, ...]:
    """Every cell of the eleven tables of the 中国科协系统, 2008—2011, in published order."""
    return read_csv_models(path, CastFigure)
