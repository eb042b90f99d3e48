"""The file of thresholds (审核阈值.yaml): written every year, pinned by a copy in the inbox.

Bounds that the soft rules learn differ a little whenever a return comes in.  An office that wants
to hold them still copies ``reports/<year>/审核阈值.yaml`` to ``data/raw/<year>/``; bounds in that
file then judge, changed by hand or not, and only what it leaves out is learnt.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from pipelines.checks.methods import PARAMS
from pipelines.checks.params import Params, Peers, Ratios, params_of
from pipelines.errors import Place, SurveyDefinitionError
from pipelines.survey import Edition, Rule, Survey
from pipelines.survey.documents import YamlDocument
from pipelines.survey.notation import plain_text
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.layout import THRESHOLDS_FILE
from pipelines.warehouse.publication import write_atomically

_HEAD = """\
# {year} 年度审核阈值：由本年和上年数据算得，同类单位为级别、主管部门、是否场馆相同的单位。
# 要固定阈值，把本文件复制到 data/raw/{year}/ 再运行；其中的阈值照用，删去的行仍由数据算得。
# rule 规则；item 指标；base 比率的分母；venue 场馆；level 级别、department 部门，空为不分；
# n 数据个数；middle 中位；lower、upper 下限、上限（G17 的界限是对变动程度 E 的，见审核规则手册）。
"""


class Threshold(BaseModel):
    """One line of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    item: str
    base: str = ""
    venue: bool = False
    level: str = ""
    department: str = ""
    n: int
    middle: Decimal
    lower: Decimal
    upper: Decimal


def write_thresholds(snapshot: Snapshot, year: int, path: Path) -> Path:
    """Write the thresholds by which a year was judged."""
    rows = snapshot.rows(
        "SELECT * FROM thresholds WHERE year = ?"
        " ORDER BY rule_id, item_id, base_id, is_venue, level_id, department_id",
        [year],
    )
    lines = [_line(row) for row in rows]
    text = _HEAD.format(year=year) + "thresholds:\n" + "".join(lines)
    write_atomically(path, (text if lines else text.replace(":\n", ": []\n")).encode())
    return path


def read_thresholds(root: Root, years: Sequence[int], survey: Survey) -> list[dict[str, Any]]:
    """Rows of the table ``thresholds`` that people have pinned; raises with file and line."""
    rows = []
    for year in years:
        path = root.inbox(year) / THRESHOLDS_FILE
        if path.is_file():
            rows += _rows(path, year, survey)
    return rows


def _rows(path: Path, year: int, survey: Survey) -> list[dict[str, Any]]:
    document = YamlDocument(path)
    data = document.data
    listed = data.get("thresholds") if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise SurveyDefinitionError(
            "文件中没有“thresholds:”一项",
            "请从 reports 中重新复制审核阈值文件",
            Place(file=str(path)),
        )
    rows, seen = [], set()
    for n, value in enumerate(listed):
        one = document.model(Threshold, value, ("thresholds", n))
        key = (one.rule, one.item, one.base, one.venue, one.level, one.department)
        fault = "与前面的一行重复" if key in seen else _fault(one, survey, year)
        if fault:
            line = document.line_of(("thresholds", n))
            raise SurveyDefinitionError(fault, "请改正该行", Place(file=path.name, line=line))
        seen.add(key)
        rows.append(_row(one, year))
    return rows


def _fault(one: Threshold, survey: Survey, year: int) -> str:
    """Why the line would judge nothing, or nothing sensible; "" where it is right."""
    edition = survey.edition_of(year)
    rule = edition.rule.get(one.rule)
    if rule is None:
        return f"没有规则“{one.rule}”"
    for name in (one.item, *((one.base,) if one.base else ())):
        if name not in edition.item:
            return f"没有指标“{name}”"
    learnt = issubclass(PARAMS.get(rule.id, Params), Peers)
    if not learnt or (one.item, one.base) not in _judged(rule, edition):
        named = "、".join(f"“{name}”" for name in (one.item, one.base) if name)
        return f"规则“{one.rule}”没有{named}的阈值"
    if one.level not in {"", *(level.level_id for level in survey.levels)}:
        return f"没有级别“{one.level}”"
    if one.department and survey.departments.get(one.department, year) is None:
        return f"没有部门“{one.department}”"
    if (one.department or one.venue) and not one.level:
        return "写了部门或场馆的，要写级别"
    return "下限大于上限" if one.lower > one.upper else ""


def _judged(rule: Rule, edition: Edition) -> set[tuple[str, str]]:
    """Items, or pairs of items, that a rule with thresholds judges."""
    if PARAMS[rule.id] is Ratios:
        return {(pair.numerator, pair.denominator) for pair in params_of(rule, Ratios).pairs}
    return {(item.item_id, "") for item in edition.selected_by(rule.each)}


def _row(one: Threshold, year: int) -> dict[str, Any]:
    return {
        "year": year,
        "rule_id": one.rule,
        "item_id": one.item,
        "base_id": one.base,
        "is_venue": one.venue,
        "level_id": one.level,
        "department_id": one.department,
        "n": one.n,
        "middle": one.middle,
        "lower": one.lower,
        "upper": one.upper,
        "pinned": True,
    }


def _line(row: dict[str, Any]) -> str:
    said = {
        "rule": row["rule_id"],
        "item": row["item_id"],
        "base": row["base_id"],
        "venue": row["is_venue"],
        "level": row["level_id"],
        "department": row["department_id"],
        "n": row["n"],
    }
    kept = {key: value for key, value in said.items() if value not in ("", False)}
    text = yaml.safe_dump(kept, default_flow_style=True, allow_unicode=True, sort_keys=False,
                          width=1000).strip()  # fmt: skip
    bounds = ", ".join(f"{name}: {plain_text(row[name])}" for name in ("middle", "lower", "upper"))
    return f"- {text[:-1]}, {bounds}}}\n"
