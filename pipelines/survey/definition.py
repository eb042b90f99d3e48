"""Load the whole survey definition: built-in files, overlaid by an office's own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from pipelines.errors import Place, SurveyDefinitionError, UnknownYearError
from pipelines.survey.consistency import Parts, Problem, problems_of
from pipelines.survey.departments import Department, Departments
from pipelines.survey.documents import Model, YamlDocument, read_csv_lines, read_csv_models
from pipelines.survey.head import SurveyHead, head_of
from pipelines.survey.models import CoverField, CrosswalkRow, Edition, Form, Item, Rule
from pipelines.survey.plan import Measure, Plan, ResponsibleUnit
from pipelines.survey.published import (
    PublishedSource,
    SeriesName,
    load_series,
    load_sources,
)
from pipelines.survey.reference import (
    Division,
    Divisions,
    Level,
    Population,
    PopulationFigure,
    Province,
    ReferenceSource,
    Tile,
)
from pipelines.survey.tree_rules import FamilyError, RuleFamily, rules_of

BUILT_IN = Path(__file__).parent


@dataclass(frozen=True)
class Survey:
    """Everything that is asked and the world it is asked in."""

    head: SurveyHead
    editions: tuple[Edition, ...]
    divisions: Divisions
    departments: Departments
    levels: tuple[Level, ...]
    population: Population
    series: dict[str, SeriesName]
    sources: dict[str, PublishedSource]
    plan: Plan
    units: tuple[ResponsibleUnit, ...]
    tiles: tuple[Tile, ...]
    provinces: tuple[Province, ...]
    reference_sources: tuple[ReferenceSource, ...]
    fingerprint: str

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures of the provincial plan, in order."""
        return self.plan.measures

    def edition_of(self, year: int) -> Edition:
        """The edition used for a data year; raises UnknownYearError."""
        for edition in self.editions:
            if edition.covers(year):
                return edition
        known = "、".join(
            "—".join(str(year) for year in sorted(set(e.years))) for e in self.editions
        )
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
        head=files.head,
        editions=_load_editions(files),
        divisions=Divisions(read_csv_models(files.path("reference/divisions.csv"), Division)),
        departments=Departments(
            read_csv_models(files.path("reference/departments.csv"), Department)
        ),
        levels=read_csv_models(files.path("reference/levels.csv"), Level),
        population=Population(
            read_csv_models(files.path("reference/population.csv"), PopulationFigure)
        ),
        series=load_series(files.path("published_series/series.csv")),
        sources=load_sources(files.path("published_series/sources.csv")),
        plan=_load_plan(files.path("reference/measures.yaml")),
        units=read_csv_models(files.path("reference/units.csv"), ResponsibleUnit),
        tiles=read_csv_models(files.path("reference/tilegrid.csv"), Tile),
        provinces=read_csv_models(files.path("reference/divisions_national.csv"), Province),
        reference_sources=read_csv_models(files.path("reference/sources.csv"), ReferenceSource),
        fingerprint=files.fingerprint(),
    )


def definition_file(relative: str, overlay: Path | None) -> Path:
    """The file of the definition that is in force: the office's own, else the built-in one."""
    return _Files(overlay).path(relative)


@dataclass(frozen=True)
class _Files:
    """The built-in definition files with an office's overlay on top."""

    overlay: Path | None

    @cached_property
    def head(self) -> SurveyHead:
        return head_of(self.overlay)

    def path(self, relative: str) -> Path:
        over = self.overlay / relative if self.overlay else None
        return over if over and over.is_file() else BUILT_IN / relative

    def editions(self) -> list[str]:
        built_in = [BUILT_IN] if self.head.is_statistics else []
        roots = [*built_in, *([self.overlay] if self.overlay else [])]
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


def _load_editions(files: _Files) -> tuple[Edition, ...]:
    editions = tuple(_load_edition(files, name) for name in files.editions())
    for earlier, later in pairwise(sorted(editions, key=lambda edition: edition.years)):
        if later.years[0] <= earlier.years[1]:
            raise SurveyDefinitionError(
                f"调查表“{earlier.edition_id}”与“{later.edition_id}”的年度重叠",
                "一个年度只能用一版调查表，请改正 forms.yaml 中的 years",
                Place(file=f"editions/{later.edition_id}/forms.yaml"),
            )
    return editions


def _load_edition(files: _Files, name: str) -> Edition:
    folder = f"editions/{name}"
    head = YamlDocument(files.path(f"{folder}/forms.yaml"))
    rules = YamlDocument(files.path(f"{folder}/rules.yaml"))
    items_path = files.path(f"{folder}/items.csv")
    crosswalk_path = files.path(f"{folder}/crosswalk.csv")
    items = read_csv_lines(items_path, Item)
    # Without one, nothing of this edition is compared with earlier ones, and every table says so.
    crosswalk = read_csv_lines(crosswalk_path, CrosswalkRow) if crosswalk_path.is_file() else []
    typed = _listed(rules, Rule, "rules")
    made = _rules_of_tree(rules, tuple(item for _, item in items))
    parts = Parts(
        cover=_listed(head, CoverField, "cover"),
        forms=_listed(head, Form, "forms"),
        items=tuple(item for _, item in items),
        rules=(*typed, *(rule for rule, _ in made)),
        crosswalk=tuple(row for _, row in crosswalk),
    )

    def place(problem: Problem) -> Place:
        at = (problem.part, problem.index)
        match problem.part:
            case "items":
                return Place(file=items_path.name, line=items[problem.index][0])
            case "crosswalk":
                return Place(file=crosswalk_path.name, line=crosswalk[problem.index][0])
            case "rules":
                if problem.index >= len(typed):
                    return Place(rules.path.name, line=made[problem.index - len(typed)][1])
                return Place(file=rules.path.name, line=rules.line_of(at))
        return Place(file=head.path.name, line=head.line_of(at))

    for problem in problems_of(parts):
        raise SurveyDefinitionError(problem.text_zh, f"请改正调查表“{name}”", place(problem))
    edition = head.model(Edition, {**head.data, **vars(parts)})
    if not name.startswith(f"{files.head.survey_id}-"):
        raise SurveyDefinitionError(
            f"调查表“{name}”不属于本调查（{files.head.survey_id}）",
            "调查表的编号应以 survey.yaml 中的 survey_id 开头",
            Place(file=head.path.name, line=head.line_of(("edition_id",))),
        )
    if edition.edition_id != name:
        raise SurveyDefinitionError(
            f"编号“{edition.edition_id}”与所在文件夹“{name}”不同",
            "请使两者一致",
            Place(file=head.path.name, line=head.line_of(("edition_id",))),
        )
    return edition


def _rules_of_tree(document: YamlDocument, items: tuple[Item, ...]) -> list[tuple[Rule, int]]:
    """What the families of ``tree`` say about the items, each with the line of its family.

    An item with a parent that is missing is left for ``consistency`` to name.
    """
    made: list[tuple[Rule, int]] = []
    known = {item.item_id for item in items}
    sound = [item for item in items if not item.parent_id or item.parent_id in known]
    for n, family in enumerate(_listed(document, RuleFamily, "tree")):
        line = document.line_of(("tree", n))
        try:
            made += [(rule, line) for rule in rules_of(family, sound)]
        except FamilyError as error:
            raise SurveyDefinitionError(
                str(error), "请改正 rules.yaml 的 tree 一节", Place(document.path.name, line=line)
            ) from error
    return made


def _load_plan(path: Path) -> Plan:
    document = YamlDocument(path)
    return document.model(Plan, document.data)


def _listed(document: YamlDocument, model: type[Model], key: str) -> tuple[Model, ...]:
    """The rows of a list in a YAML file, each validated at its own line."""
    if not isinstance(document.data, dict):
        raise SurveyDefinitionError(
            "文件为空或不是“键: 值”的形式", f"应有“{key}:”一项", Place(file=document.path.name)
        )
    rows = document.data.get(key) or []
    return tuple(document.model(model, row, (key, n)) for n, row in enumerate(rows))
