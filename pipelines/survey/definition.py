"""Load the whole survey definition: built-in files, overlaid by an office's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import Place, SurveyDefinitionError, UnknownYearError
from pipelines.survey.documents import YamlDocument, read_csv_models, validated
from pipelines.survey.models import CoverField, CrosswalkRow, Edition, Form, Item, Rule
from pipelines.survey.published import PublishedSource, SeriesName
from pipelines.survey.reference import (
    Department,
    Departments,
    Division,
    Divisions,
    Level,
    Population,
    PopulationFigure,
)

BUILT_IN = Path(__file__).parent


@dataclass(frozen=True)
class Survey:
    """Everything that is asked and the world it is asked in."""

    editions: tuple[Edition, ...]
    divisions: Divisions
    departments: Departments
    levels: tuple[Level, ...]
    population: Population
    series: dict[str, SeriesName]
    sources: dict[str, PublishedSource]
    fingerprint: str

    def edition_of(self, year: int) -> Edition:
        """The edition used for a data year; raises UnknownYearError."""
        for edition in self.editions:
            if edition.covers(year):
                return edition
        known = "、".join(f"{e.years[0]}—{e.years[1]}" for e in self.editions)
        raise UnknownYearError(
            f"没有 {year} 年度的调查表",
            f"已有年度：{known}；新年度请把调查表定义放入 data/raw/调查制度/editions/",
        )

    def edition(self, edition_id: str) -> Edition:
        for edition in self.editions:
            if edition.edition_id == edition_id:
                return edition
        raise UnknownYearError(f"没有编号为“{edition_id}”的调查表")


def load_survey(overlay: Path | None = None) -> Survey:
    """The survey definition; files under ``overlay`` replace built-in files of the same path."""
    files = _Files(overlay)
    return Survey(
        editions=tuple(_load_edition(files, name) for name in files.editions()),
        divisions=Divisions(read_csv_models(files.path("reference/divisions.csv"), Division)),
        departments=Departments(
            read_csv_models(files.path("reference/departments.csv"), Department)
        ),
        levels=read_csv_models(files.path("reference/levels.csv"), Level),
        population=Population(
            read_csv_models(files.path("reference/population.csv"), PopulationFigure)
        ),
        series={
            row.name_zh: row
            for row in read_csv_models(files.path("published_series/series.csv"), SeriesName)
        },
        sources={
            row.source_id: row
            for row in read_csv_models(files.path("published_series/sources.csv"), PublishedSource)
        },
        fingerprint=files.fingerprint(),
    )


@dataclass(frozen=True)
class _Files:
    """The built-in definition files with an office's overlay on top."""

    overlay: Path | None

    def path(self, relative: str) -> Path:
        over = self.overlay / relative if self.overlay else None
        return over if over and over.is_file() else BUILT_IN / relative

    def editions(self) -> list[str]:
        roots = [BUILT_IN, *([self.overlay] if self.overlay else [])]
        return sorted(
            {p.name for root in roots for p in (root / "editions").glob("*") if p.is_dir()}
        )

    def fingerprint(self) -> str:
        digest = hashlib.sha256()
        for relative in sorted(self._all()):
            digest.update(relative.encode())
            digest.update(hashlib.sha256(self.path(relative).read_bytes()).digest())
        return digest.hexdigest()

    def _all(self) -> Iterator[str]:
        seen: set[str] = set()
        for root in [BUILT_IN, *([self.overlay] if self.overlay else [])]:
            for folder in ("editions", "reference", "published_series"):
                for path in (root / folder).rglob("*"):
                    if path.is_file() and path.suffix in {".csv", ".yaml"}:
                        seen.add(path.relative_to(root).as_posix())
        yield from seen


def _load_edition(files: _Files, name: str) -> Edition:
    folder = f"editions/{name}"
    head = YamlDocument(files.path(f"{folder}/forms.yaml"))
    if not isinstance(head.data, dict):
        raise SurveyDefinitionError("文件为空或不是“键: 值”", "", Place(file=head.path.name))
    data: dict[str, Any] = dict(head.data)
    data["cover"] = [
        head.model(CoverField, field, ("cover", n)) for n, field in enumerate(data.get("cover", []))
    ]
    data["forms"] = [
        head.model(Form, form, ("forms", n)) for n, form in enumerate(data.get("forms", []))
    ]
    items_path = files.path(f"{folder}/items.csv")
    data["items"] = read_csv_models(items_path, Item)
    data["rules"] = _load_rules(files.path(f"{folder}/rules.yaml"))
    data["crosswalk"] = read_csv_models(files.path(f"{folder}/crosswalk.csv"), CrosswalkRow)
    return validated(Edition, data, items_path.parent)


def _load_rules(path: Path) -> tuple[Rule, ...]:
    document = YamlDocument(path)
    rules = (document.data or {}).get("rules") or []
    return tuple(document.model(Rule, rule, ("rules", n)) for n, rule in enumerate(rules))
