"""Returns and registers made in a line or two, loaded as the tables that intake hands over."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipelines.indicators import Definitions, compute
from pipelines.survey import Survey
from pipelines.survey.notation import read_figure
from pipelines.warehouse import Workshop

Key = tuple[str, int, str, str, str]


@dataclass
class Province:
    """A province under construction; ``compute`` gives its indicator rows by key."""

    survey: Survey
    returns: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        year: int,
        division: str,
        answers: Mapping[str, str],
        *,
        department: str = "science_association",
        level: str = "county",
        channel: str = "county",
        status: str = "accepted",
        role: str = "basic",
        unit: str = "",
    ) -> None:
        """A return whose cells hold the given texts, located at ``division``."""
        number = len(self.returns)
        return_id = f"r{number:04d}"
        divisions = self.survey.divisions
        self.returns.append(
            {
                "return_id": return_id,
                "submission_id": "s",
                "file": "表.xlsx",
                "sheet": "封面",
                "year": year,
                "edition_id": self.survey.edition_of(year).edition_id,
                "layout": "questionnaire",
                "role": role,
                "unit_id": unit or return_id,
                "unit_name": return_id,
                "venue_name": "",
                "uscc": "",
                "is_venue": False,
                "division_code": division,
                "county_code": divisions.county_of(division, year),
                "prefecture_code": divisions.prefecture_of(division, year),
                "department_id": department,
                "level_id": level,
                "channel": channel,
                "revision": 1,
                "fill_date": None,
                "status": status,
                "status_reason_zh": "",
                "simulated": True,
            }
        )
        for item_id, text in answers.items():
            reading = read_figure(text)
            self.answers.append(
                {
                    "return_id": return_id,
                    "submission_id": "s",
                    "item_id": item_id,
                    "value": reading.value,
                    "state": reading.state.value,
                    "raw_text": text,
                    "file": "表.xlsx",
                    "sheet": "表",
                    "cell": "E5",
                    "notes": [],
                }
            )

    def expect(
        self,
        year: int,
        division: str,
        unit: str,
        *,
        department: str = "science_association",
        level: str = "county",
        channel: str = "county",
    ) -> None:
        """A line of the register."""
        divisions = self.survey.divisions
        self.units.append(
            {
                "year": year,
                "unit_id": unit,
                "unit_name": unit,
                "venue_name": "",
                "uscc": "",
                "division_code": division,
                "county_code": divisions.county_of(division, year),
                "prefecture_code": divisions.prefecture_of(division, year),
                "department_id": department,
                "level_id": level,
                "channel": channel,
                "file": "名录.xlsx",
                "sheet": "名录",
                "row": len(self.units) + 2,
            }
        )

    def publish(
        self,
        region: str,
        series: str,
        year: int,
        value: str,
        unit: str,
        *,
        source: str = "a",
        on: str = "2022-12-31",
    ) -> None:
        """A figure that somebody published."""
        self.published.append(
            {
                "source_id": source,
                "region": region,
                "series_id": series,
                "name_zh": series,
                "year": year,
                "value": Decimal(value),
                "raw_text": value,
                "unit": unit,
                "derived": False,
                "publisher_zh": "某部",
                "title_zh": "某年度数据",
                "published_on": on,
                "note_zh": "",
                "file": "数据.csv",
                "sheet": "",
                "cell": "",
            }
        )

    def compute(
        self, definitions: Definitions, workshop: Workshop | None = None
    ) -> dict[Key, dict[str, Any]]:
        """Rows of ``indicator_values`` by indicator, year, breakdown and members.

        A ``workshop`` given is emptied first: setting up a new one for every example costs most.
        """
        with contextlib.nullcontext(workshop) if workshop else Workshop() as used:
            used.replace("returns", self.returns)
            used.replace("answers", self.answers)
            used.replace("units", self.units)
            used.replace("published_series", self.published)
            compute(used, self.survey, definitions)
            used.assert_keys()
            rows = used.table("indicator_values").to_pylist()
        return {
            (
                row["indicator_id"],
                row["year"],
                row["breakdown"],
                row["member_id"],
                row["member2_id"],
            ): row
            for row in rows
        }
