"""Read the definition files: built-in ones, one a theme, and an office's own on top."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from pipelines.errors import Place, SurveyDefinitionError
from pipelines.indicators.definition import ADVICE, Definition, Definitions, Term
from pipelines.survey import load_survey
from pipelines.survey.documents import YamlDocument
from pipelines.survey.head import head_of

_ROOM = Path(__file__).parent
#: Instead of a list of indicators: all of them.
_EVERYTHING = "全部"


def load_definitions(overlay: Path | None = None) -> Definitions:
    """The catalogue: built-in definitions, an office's own (by id), and every item of the survey.

    ``overlay`` is the folder 调查制度, whose ``indicators/*.yaml`` replace or add.
    """
    return read_definitions(overlay).with_items(load_survey(overlay))


def read_definitions(overlay: Path | None = None) -> Definitions:
    """Only what the definition files say, before it is held against a survey."""
    caveats = _closed_list("caveats.yaml", "caveats")
    # Built-in definitions are those of the statistics; another survey brings its own.
    statistics = head_of(overlay).is_statistics
    files = _yaml_files(_ROOM / "definitions") if statistics else []
    own = _yaml_files(overlay / "indicators") if overlay else []
    found: dict[str, Definition] = {}
    places: dict[str, Place] = {}
    for layer in (files, own):
        read = [pair for path in layer for pair in _read_theme(path, caveats)]
        _assert_unique(read)
        found |= {d.indicator_id: d for d, _ in read}
        places |= {d.indicator_id: place for d, place in read}
    linked = {name: _linked(d, found, places[name]) for name, d in found.items()}
    linked |= {
        name: _change_linked(d, linked, places[name]) for name, d in linked.items() if d.is_change
    }
    closed = [
        _ROOM / name
        for name in ("caveats.yaml", "cross_tables.yaml", "flags.yaml", "territory.yaml")
    ]
    cross_tables = YamlDocument(_ROOM / "cross_tables.yaml").data if statistics else {}
    return Definitions(
        by_id=linked,
        places=places,
        caveats=caveats,
        cross_tables={name: tuple(ids) for name, ids in cross_tables.items() if ids != _EVERYTHING},
        fingerprint=_fingerprint([*files, *own, *closed]),
    )


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


def _closed_list(name: str, key: str) -> dict[str, str]:
    data: dict[str, str] = YamlDocument(_ROOM / name).data[key]
    return data


def _read_theme(path: Path, caveats: dict[str, str]) -> list[tuple[Definition, Place]]:
    document = YamlDocument(path)
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("indicators"), list):
        raise SurveyDefinitionError(
            "应有 theme 和 indicators 两项", ADVICE, Place(file=path.name, line=1)
        )
    read = []
    for n, entry in enumerate(data["indicators"]):
        at = ("indicators", n)
        value: Any = {"theme": data.get("theme"), **entry} if isinstance(entry, dict) else entry
        definition = document.model(Definition, value, at)
        place = Place(file=path.name, line=document.line_of(at))
        unknown = [caveat for caveat in definition.caveats if caveat not in caveats]
        if unknown:
            line = document.line_of([*at, "caveats"])
            raise SurveyDefinitionError(
                f"没有名为“{'、'.join(unknown)}”的提示",
                f"可用的有：{'、'.join(caveats)}",
                Place(file=path.name, line=line),
            )
        read.append((definition, place))
    return read


def _assert_unique(read: list[tuple[Definition, Place]]) -> None:
    seen: set[str] = set()
    for definition, place in read:
        if definition.indicator_id in seen:
            raise SurveyDefinitionError(f"指标“{definition.indicator_id}”重复", ADVICE, place)
        seen.add(definition.indicator_id)


def _linked(definition: Definition, found: dict[str, Definition], place: Place) -> Definition:
    """The definition with every level indicator it refers to replaced by that and its parts."""

    def link(term: Term, path: tuple[str, ...]) -> Term:
        target = found.get(term.id)
        if target is None or term.id == path[-1]:
            return term
        if target.kind != "level":
            raise SurveyDefinitionError(
                f"指标“{definition.indicator_id}”引用的“{term.id}”不是总量指标", ADVICE, place
            )
        if term.id in path:
            raise SurveyDefinitionError(f"指标“{term.id}”引用了自己", ADVICE, place)
        parts = tuple(link(part, (*path, term.id)) for part in target.numerator)
        own = len(parts) == 1 and parts[0].id == term.id
        return term if own else term.model_copy(update={"parts": parts})

    start = (definition.indicator_id,)
    return definition.model_copy(
        update={
            "numerator": tuple(link(term, start) for term in definition.numerator),
            "denominator": tuple(link(term, start) for term in definition.denominator),
        }
    )


def _change_linked(
    definition: Definition, linked: dict[str, Definition], place: Place
) -> Definition:
    """A change with the terms of the indicator that it is of: it needs the same items."""
    target = linked.get(definition.of)
    if target is None:
        return definition.model_copy(update={"numerator": (Term(id=definition.of),)})
    if target.is_change:
        raise SurveyDefinitionError(
            f"指标“{definition.indicator_id}”不能是同比或差额的同比", ADVICE, place
        )
    if definition.kind == "growth" and target.kind != "level":
        raise SurveyDefinitionError(
            f"“{target.name_zh}”不是总量，不报增长率：人均值报差额，占比报百分点", ADVICE, place
        )
    unit = "个百分点" if target.kind == "share" else target.unit
    if definition.kind == "difference" and definition.unit != unit:
        raise SurveyDefinitionError(
            f"指标“{definition.indicator_id}”的单位应为“{unit}”", ADVICE, place
        )
    terms = {"numerator": target.numerator, "denominator": target.denominator}
    return definition.model_copy(update={**terms, "breaks": target.breaks})


def _fingerprint(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
