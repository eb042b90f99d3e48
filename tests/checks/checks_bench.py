"""Build the tables that intake would hand over, from a few words, without intake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pipelines.checks import evaluate
from pipelines.survey import Survey
from pipelines.survey.notation import read_figure
from pipelines.warehouse import Workshop, arrow_table

COVER = {
    "unit_name": "长春市朝阳区科学技术局",
    "uscc": "",
    "region": "吉林省长春市朝阳区",
    "department": "科技管理部门",
    "level": "区县级",
    "phone": "0431-88880000",
    "filler": "张三丰",
}


@dataclass
class Bench:
    """Rows in the making.  ``add`` files a return; ``judge`` evaluates them all."""

    survey: Survey
    returns: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    covers: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    submissions: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        figures: Mapping[str, str] | None = None,
        *,
        year: int = 2023,
        fill: str | None = None,
        cover: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> str:
        """File a return; ``figures`` are cell texts by item, ``fill`` the text of all others."""
        edition = self.survey.edition_of(year)
        return_id = changes.pop("return_id", f"r{len(self.returns):03d}")
        row = {
            "return_id": return_id,
            "submission_id": f"s-{return_id}",
            "file": f"县区/{return_id}.xlsx",
            "sheet": "封面",
            "year": year,
            "edition_id": edition.edition_id,
            "layout": "questionnaire",
            "role": "basic",
            "unit_id": f"u-{return_id}",
            "unit_name": COVER["unit_name"] + return_id,
            "venue_name": "",
            "uscc": "",
            "is_venue": False,
            "division_code": "220104",
            "county_code": "220104",
            "prefecture_code": "220100",
            "department_id": "science_technology",
            "level_id": "county",
            "channel": "county",
            "revision": 1,
            "fill_date": None,
            "status": "received",
            "status_reason_zh": "",
            "simulated": False,
            **changes,
        }
        self.returns.append(row)
        texts = {} if fill is None else {item.item_id: fill for item in edition.items}
        for item_id, text in {**texts, **(figures or {})}.items():
            item = edition.item[item_id]
            reading = read_figure(text, unit=item.unit)
            self.answers.append(
                {
                    "return_id": return_id,
                    "submission_id": row["submission_id"],
                    "item_id": item_id,
                    "value": reading.value,
                    "state": str(reading.state),
                    "raw_text": text,
                    "file": row["file"],
                    "sheet": edition.form[item.form_id].name_zh,
                    "cell": f"D{item.order + 5}",
                    "notes": list(reading.notes),
                }
            )
        if row["layout"] == "questionnaire":
            filled = {**COVER, **(cover or {})}
            for n, (field_id, text) in enumerate(filled.items()):
                self.covers.append(
                    {
                        "return_id": return_id,
                        "field_id": field_id,
                        "raw_text": text,
                        "sheet": "封面",
                        "cell": f"C{n + 3}",
                    }
                )
        return return_id

    def list_unit(self, unit_id: str, name: str, *, year: int = 2023, **changes: Any) -> None:
        self.units.append(
            {
                "year": year,
                "unit_id": unit_id,
                "unit_name": name,
                "venue_name": "",
                "uscc": "",
                "division_code": "220104",
                "county_code": "220104",
                "prefecture_code": "220100",
                "department_id": "science_technology",
                "level_id": "county",
                "channel": "county",
                "file": "名录.xlsx",
                "sheet": "名录",
                "row": len(self.units) + 2,
                **changes,
            }
        )

    def judge(self, pinned: Iterable[Mapping[str, Any]] = ()) -> Judged:
        workshop = Workshop()
        for name in ("returns", "answers", "covers", "units", "submissions"):
            workshop.load(name, arrow_table(name, getattr(self, name)))
        evaluate(workshop, self.survey, pinned)
        workshop.assert_keys()
        return Judged(workshop)


@dataclass
class Judged:
    workshop: Workshop

    def found(self, rule_id: str = "", return_id: str | None = None) -> list[dict[str, Any]]:
        rows = self.workshop.table("findings").to_pylist()
        return [
            row
            for row in rows
            if rule_id in ("", row["rule_id"]) and return_id in (None, row["return_id"])
        ]

    def one(self, rule_id: str, return_id: str | None = None) -> dict[str, Any]:
        (row,) = self.found(rule_id, return_id)
        return row

    def result(self, rule_id: str, year: int = 2023) -> dict[str, Any]:
        rows = self.workshop.table("rule_results").to_pylist()
        (row,) = [r for r in rows if r["rule_id"] == rule_id and r["year"] == year]
        return row

    def counts(self, rule_id: str, year: int = 2023) -> tuple[int, int, int, int]:
        """evaluated, passed, failed, not evaluated"""
        row = self.result(rule_id, year)
        return row["evaluated"], row["passed"], row["failed"], row["not_evaluated"]

    def status(self, return_id: str) -> str:
        rows = self.workshop.table("returns").to_pylist()
        return next(row["status"] for row in rows if row["return_id"] == return_id)


def figure(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("1e-15"))
