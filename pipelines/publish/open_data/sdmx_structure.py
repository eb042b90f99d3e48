"""The structure of the cube as an SDMX-JSON 2.0 structure message (SDMX 3.0).

Concepts, code lists, the data structure that refers to them, and the dataflow that the lines of
the SDMX-CSV file name: with it a program that never heard of us reads the cube.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipelines.indicators.breakdowns import breakdown_zh
from pipelines.publish.open_data import sdmx
from pipelines.publish.open_data.rows import NO_MEMBER
from pipelines.publish.open_data.sdmx import Row, Words

SCHEMA = (
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas"
    "/2.0.0/sdmx-json-structure-schema.json"
)
_URN = "urn:sdmx:org.sdmx.infomodel."
_CONCEPTS = "CS_KP"
#: What a component holds that has no code list.
_FORMATS = {
    "TIME_PERIOD": "ObservationalTimePeriod",
    "OBS_VALUE": "Decimal",
    "UNIT_MEASURE": "String",
    "DECIMALS": "Integer",
    "UNITS_COVERED": "Integer",
    "RESPONSE_RATE": "Decimal",
}
_LISTS = {
    "INDICATOR": "CL_INDICATOR",
    "BREAKDOWN": "CL_BREAKDOWN",
    "MEMBER": "CL_MEMBER",
    "MEMBER2": "CL_MEMBER",
    "OBS_STATUS": "CL_OBS_STATUS",
    "CONF_STATUS": "CL_CONF_STATUS",
}
#: Named first by their own list, then by whatever cross table has them.
_FIRST = ("province", "prefecture", "county", "department", "level", "channel")

Names = Mapping[str, str]


def structure(
    words: Words, indicators: list[Row], members: list[Row], publisher_zh: str, as_of: str
) -> dict[str, Any]:
    """The message; ``as_of``: the day that the data are of, so that the same data say the same."""
    lists: dict[str, Mapping[str, Names]] = {
        "CL_INDICATOR": {r["indicator_id"]: _names(r["name_zh"], r["name_en"]) for r in indicators},
        "CL_BREAKDOWN": {
            name: _names(breakdown_zh(name), words.breakdowns.get(name, name))
            for name in sorted({row["breakdown"] for row in members})
        },
        "CL_MEMBER": _member_names(words, members),
        "CL_OBS_STATUS": {code: said.names for code, said in words.obs_status.items()},
        "CL_CONF_STATUS": {code: said.names for code, said in words.conf_status.items()},
    }
    title = _names(words.title_zh, words.title_en)
    return {
        "meta": {
            "schema": SCHEMA,
            "id": f"{words.dataflow}_STRUCTURE",
            "prepared": f"{as_of}T00:00:00+08:00",
            "contentLanguages": ["zh", "en"],
            "sender": {"id": words.agency, "name": publisher_zh, "names": {"zh": publisher_zh}},
        },
        "data": {
            "conceptSchemes": [
                {
                    **_artefact(words, _CONCEPTS, title),
                    "concepts": [
                        _item(name, words.concepts[name].names) for name in sdmx.COMPONENTS
                    ],
                }
            ],
            "codelists": [
                {
                    **_artefact(words, name, _list_title(words, name)),
                    "codes": [_item(code, names) for code, names in codes.items()],
                }
                for name, codes in lists.items()
            ],
            "dataStructures": [
                {
                    **_artefact(words, words.dataflow, title),
                    "dataStructureComponents": _components(words),
                }
            ],
            "dataflows": [
                {
                    **_artefact(words, words.dataflow, title),
                    "structure": f"{_URN}datastructure.DataStructure={words.reference}",
                }
            ],
        },
    }


def _components(words: Words) -> dict[str, Any]:
    return {
        "dimensionList": {
            "id": "DimensionDescriptor",
            "dimensions": [
                {**_component(words, name), "position": position}
                for position, name in enumerate(sdmx.DIMENSIONS)
            ],
            "timeDimension": _component(words, sdmx.TIME),
        },
        "measureList": {
            "id": "MeasureDescriptor",
            "measures": [{**_component(words, sdmx.MEASURE), "usage": "optional"}],
        },
        "attributeList": {
            "id": "AttributeDescriptor",
            "attributes": [*_attributes(words)],
        },
    }


def _attributes(words: Words) -> Iterator[dict[str, Any]]:
    for name in sdmx.OF_INDICATOR:
        related = {"attributeRelationship": {"dimensions": ["INDICATOR"]}}
        yield {**_component(words, name), "usage": "mandatory", **related}
    for name in sdmx.OF_OBSERVATION:
        usage = "mandatory" if name in _LISTS else "optional"
        of_each: dict[str, Any] = {"attributeRelationship": {"observation": {}}}
        yield {**_component(words, name), "usage": usage, **of_each}


def _component(words: Words, name: str) -> dict[str, Any]:
    concept = f"{words.agency}:{_CONCEPTS}({words.version}).{name}"
    held = (
        {"enumeration": f"{_URN}codelist.Codelist={words.agency}:{_LISTS[name]}({words.version})"}
        if name in _LISTS
        else {"format": {"dataType": _FORMATS[name]}}
    )
    return {
        "id": name,
        "conceptIdentity": f"{_URN}conceptscheme.Concept={concept}",
        "localRepresentation": held,
    }


def _artefact(words: Words, name: str, names: Names) -> dict[str, Any]:
    return {"agencyID": words.agency, "version": words.version, **_item(name, names)}


def _item(name: str, names: Names) -> dict[str, Any]:
    return {"id": name, "name": names["zh"], "names": dict(names)}


def _names(zh: str, en: str) -> Names:
    return {"zh": zh, "en": en}


def _list_title(words: Words, name: str) -> Names:
    return words.concepts[name.removeprefix("CL_")].names


def _member_names(words: Words, members: Iterable[Row]) -> dict[str, Names]:
    """Every code of a member with its name, in Chinese: places and departments have no other."""
    order = {name: n for n, name in enumerate(_FIRST)}
    found: dict[str, Names] = {NO_MEMBER: words.no_member.names}
    for row in sorted(members, key=lambda r: (order.get(r["breakdown"], len(order)), *r.values())):
        ids = [m for m in (row["member_id"], row["member2_id"]) if m != NO_MEMBER]
        said = row["name_zh"].split("：") if len(ids) > 1 else [row["name_zh"]]
        for member_id, name in zip(ids, said, strict=False):
            found.setdefault(words.member(member_id), {"zh": name})
    return found
