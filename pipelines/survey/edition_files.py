"""Write an edition as the files it is loaded from, and carry rules over from another edition."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from pipelines.survey.consistency import EACH_NAMES, FACTS, names_in
from pipelines.survey.definition import definition_file
from pipelines.survey.documents import YamlDocument
from pipelines.survey.models import CrosswalkRow, Edition, Item
from pipelines.survey.tree_rules import subjects_of

_FORMS_HEAD = "# 由空白表导入生成。“待核”的内容请逐项核对后改正。\n"
_RULES_HEAD = (
    "# 由上一版沿用的审核规则：只留下所用指标在本版都有的。新增指标的规则请在这里补写；\n"
    "# 分项、其中项、附属项的规则由 tree 按指标的上下级自动生成，不必逐条写。\n"
)


@dataclass(frozen=True)
class CarriedRules:
    """Rules of another edition that hold for this one, as they stand in its file."""

    data: dict[str, Any]
    left_out: tuple[str, ...]


def carry_rules(base: Edition, overlay: Path | None, items: Sequence[Item]) -> CarriedRules:
    """The rules of ``base`` all of whose items are among ``items``."""
    path = definition_file(f"editions/{base.edition_id}/rules.yaml", overlay)
    data = dict(YamlDocument(path).data or {})
    known = {item.item_id for item in items}
    gone = base.item.keys() - known
    rules, left_out = [], []
    for rule in data.get("rules") or []:
        named = f"{rule['id']} {rule['message_zh']}"
        if not _holds_for(rule, known, gone):
            left_out.append(named)
            continue
        params, dropped = _without_gone(rule.get("params") or {}, gone)
        if any(value == [] for value in params.values()):
            # Nothing is left of what the rule looks at.
            left_out.append(named)
            continue
        left_out += [f"{named}：不再判断 {entry}" for entry in dropped]
        rules.append({**rule, "params": params} if params else rule)
    families = [_for_items(family, items) for family in data.get("tree") or []]
    return CarriedRules({**data, "rules": rules, "tree": families}, tuple(left_out))


def write_edition(edition: Edition, rules: Mapping[str, Any], folder: Path) -> list[Path]:
    """Write items.csv, forms.yaml, rules.yaml and crosswalk.csv into ``folder``."""
    head = edition.model_dump(
        mode="json", exclude={"items", "rules", "crosswalk", "cover", "forms"}
    )
    if not edition.guide:
        del head["guide"]
    head["values"]["not_applicable"] = sorted(head["values"]["not_applicable"])
    head["cover"] = [_without_defaults(field) for field in edition.cover]
    head["forms"] = [_without_defaults(form) for form in edition.forms]
    texts = {
        "items.csv": _csv(Item, edition.items),
        "forms.yaml": _FORMS_HEAD + _yaml(head),
        "rules.yaml": _RULES_HEAD + _yaml(rules),
        "crosswalk.csv": _csv(CrosswalkRow, edition.crosswalk),
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="")
        written.append(path)
    return written


def _holds_for(rule: Mapping[str, Any], known: Set[str], gone: Set[str]) -> bool:
    """Whether all that a rule says can be said of the items ``known``."""
    if any(value in gone for value in (rule.get("params") or {}).values() if type(value) is str):
        return False
    if rule.get("kind") == "method":
        return True
    allowed = EACH_NAMES if rule.get("each") else known | FACTS
    return names_in(f"{rule.get('when', '')} {rule.get('expr', '')}") <= allowed


def _without_gone(params: Mapping[str, Any], gone: Set[str]) -> tuple[dict[str, Any], list[str]]:
    """Params without the entries of their lists that name a gone item, and those entries."""
    kept: dict[str, Any] = {}
    dropped: list[str] = []
    for key, value in params.items():
        kept[key] = value
        if isinstance(value, list):
            named = [(one, _names_of(one)) for one in value]
            kept[key] = [one for one, names in named if not names & gone]
            dropped += ["、".join(sorted(names)) for _, names in named if names & gone]
    return kept, dropped


def _names_of(entry: object) -> set[str]:
    values = entry.values() if isinstance(entry, Mapping) else [entry]
    return {value for value in values if isinstance(value, str)}


def _for_items(family: Mapping[str, Any], items: Sequence[Item]) -> dict[str, Any]:
    """A family of tree rules without what it says of items that are not in the relation."""
    subjects = subjects_of(family["follows"], items)
    kept = dict(family)
    if "leave_out" in kept:
        kept["leave_out"] = [item for item in kept["leave_out"] or [] if item in subjects]
    if "own" in kept:
        own = kept["own"] or {}
        kept["own"] = {item: said for item, said in own.items() if item in subjects}
    return kept


def _csv(model: type[BaseModel], rows: Iterable[BaseModel]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(model.model_fields)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_cell(getattr(row, name)) for name in names])
    return text.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _without_defaults(row: BaseModel) -> dict[str, Any]:
    return row.model_dump(mode="json", exclude_defaults=True)


def _yaml(data: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(data), allow_unicode=True, sort_keys=False, width=1000)
