"""Method rules over the cover sheet: who reports, where, for which department and level."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pipelines.checks.findings import Outcome, finding, listed
from pipelines.checks.params import Filled, params_of
from pipelines.checks.scene import Scene
from pipelines.checks.wording import clause
from pipelines.survey import Rule
from pipelines.survey.departments import Department
from pipelines.survey.identity import is_valid_uscc
from pipelines.survey.notation import normalise_text

Row = dict[str, Any]
Judge = Callable[[Row], str]


def department(scene: Scene, rule: Rule) -> Outcome:
    """G06: the department is on the list in force; a retired one is answered with its successor."""

    departments = scene.survey.departments
    active = {one.department_id for one in departments.active(scene.year)}

    def judge(row: Row) -> str:
        if row["department_id"] in active:
            return ""
        raw = row["raw_text"]
        if not raw.strip():
            return clause("department_blank")
        retired = departments.retired(raw, scene.year)
        if retired is None:
            return clause("department_unknown", raw=raw, year=scene.year)
        names = listed(_successors(scene, retired))
        return clause("department_retired", raw=raw, year=scene.year, successors=names)

    return _judge(scene, rule, _covered(scene, "department"), judge)


def level(scene: Scene, rule: Rule) -> Outcome:
    """G07: exactly one of the levels is chosen."""
    known = {one.level_id for one in scene.survey.levels}
    names = listed(one.name_zh for one in scene.survey.levels)

    def judge(row: Row) -> str:
        if row["level_id"] in known:
            return ""
        raw = row["raw_text"]
        return clause("level_unknown", raw=raw, levels=names) if raw else clause("level_blank")

    return _judge(scene, rule, _covered(scene, "level"), judge)


def name_and_region(scene: Scene, rule: Rule) -> Outcome:
    """G08: the unit has a name, and its place is told down to a county unit."""

    def judge(row: Row) -> str:
        if not row["unit_name"].strip():
            return clause("name_blank")
        if row["county_code"]:
            return ""
        place = scene.survey.divisions.get(row["division_code"], scene.year)
        if place is not None:
            return clause(
                "region_shallow", raw=row["raw_text"] or place.name_zh, place=place.name_zh
            )
        raw = row["raw_text"]
        return _no_place(scene, raw) if raw.strip() else clause("region_blank")

    return _judge(scene, rule, _covered(scene, "region"), judge)


def _no_place(scene: Scene, raw: str) -> str:
    """A place that is none of this year's: one of before, with what it has become, or none."""
    divisions, year = scene.survey.divisions, scene.year
    former = divisions.formerly(raw, year)
    if former is None:
        return clause("region_unknown", raw=raw)
    now = [
        f"{parent.name_zh if parent else ''}{one.name_zh}"
        for one in divisions.successors(former, year)
        for parent in [divisions.get(one.parent_code, year)]
    ]
    successors = clause("region_successors", all=listed(now)) if now else ""
    return clause("region_former", raw=raw, year=year, successors=successors)


def phone(scene: Scene, rule: Rule) -> Outcome:
    """G09: a telephone number is given.  Not judged on rows of a table, which have no cover."""

    def judge(row: Row) -> str:
        return "" if row["raw_text"].strip() else clause("phone_blank")

    return _judge(scene, rule, _covered(scene, "phone"), judge, lambda row: row["has_cover"])


def credit_code(scene: Scene, rule: Rule) -> Outcome:
    """G16: the credit code, where one is given, has 18 characters and the right check digit."""

    def given(row: Row) -> str:
        return "".join(normalise_text(row["raw_text"] or row["uscc"])[0].upper().split())

    def judge(row: Row) -> str:
        if is_valid_uscc(given(row)):
            return ""
        return clause("uscc_invalid", raw=row["raw_text"] or row["uscc"])

    return _judge(scene, rule, _covered(scene, "uscc"), judge, lambda row: bool(given(row)))


def filled(scene: Scene, rule: Rule) -> Outcome:
    """G24: the cover fields that a survey cannot do without are filled; one finding a return."""
    labels = {field.field_id: field.label_zh for field in scene.survey.edition_of(scene.year).cover}
    lacking: dict[str, list[str]] = {}
    rows: list[Row] = []
    for field_id in params_of(rule, Filled).fields:
        rows = _covered(scene, field_id)
        for row in rows:
            if not row["raw_text"].strip():
                lacking.setdefault(row["return_id"], []).append(labels[field_id])

    def judge(row: Row) -> str:
        blank = lacking.get(row["return_id"])
        return clause("cover_blank", labels="”“".join(blank)) if blank else ""

    return _judge(scene, rule, rows, judge, lambda row: row["has_cover"])


def _covered(scene: Scene, field_id: str) -> list[Row]:
    """Every judged return with what its cover says in one field."""
    return scene.rows(
        """
        SELECT c.return_id, c.submission_id, c.unit_name, c.uscc, c.division_code, c.county_code,
            c.department_id, c.level_id, coalesce(f.raw_text, '') AS raw_text,
            f.sheet AS cover_sheet, f.cell, o.return_id IS NOT NULL AS has_cover
        FROM checked c LEFT JOIN (SELECT DISTINCT return_id FROM covers) o USING (return_id)
        LEFT JOIN covers f ON f.return_id = c.return_id AND f.field_id = ?
        ORDER BY c.return_id
        """,
        [field_id],
    )


def _judge(
    scene: Scene,
    rule: Rule,
    rows: Iterable[Row],
    judge: Judge,
    applies: Callable[[Row], bool] = lambda row: True,
) -> Outcome:
    """Judge each return; the finding stands at the field's cell."""
    outcome = Outcome(0)
    for row in rows:
        if not applies(row):
            outcome.not_evaluated += 1
            continue
        outcome.evaluated += 1
        said = judge(row)
        if said:
            place = {"sheet": row["cover_sheet"], "cell": row["cell"], "raw_text": row["raw_text"]}
            cells = [place] if row["cell"] else []
            outcome.findings.append(finding(rule, scene.year, said, about=row, cells=cells))
    return outcome


def _successors(scene: Scene, retired: Department) -> list[str]:
    """Names of what a retired department became, as the list of the year has them."""
    names = []
    for department_id in retired.successor_id:
        now = scene.survey.departments.get(department_id, scene.year)
        if now is not None:
            names.append(f"{now.code}{now.name_zh}")
    return names or [*retired.successor_id]
