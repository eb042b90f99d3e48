"""The open data package, held against the rules of Data Package, CSV on the Web and SDMX-CSV.

The rules are written out here from the specifications; the descriptors are read as a stranger
would read them, and the CSV files against what they promise.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest

from pipelines.publish import open_data
from pipelines.warehouse import Snapshot

Table = list[dict[str, str]]

#: 东丰县, suppressed in the snapshot of these tests.
SUPPRESSED = "220421"
NAME = "^[-a-z0-9._/]+$"
#: What the Data Package and Table Schema specifications (v1) demand of what we use of them.
DATA_PACKAGE = {
    "type": "object",
    "required": ["name", "resources"],
    "properties": {
        "name": {"type": "string", "pattern": NAME},
        "title": {"type": "string"},
        "description": {"type": "string"},
        "contributors": {
            "type": "array",
            "minItems": 1,
            "items": {"required": ["title"], "properties": {"title": {"type": "string"}}},
        },
        "sources": {"type": "array", "minItems": 1, "items": {"required": ["title"]}},
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "path"],
                "properties": {
                    "name": {"type": "string", "pattern": NAME},
                    "path": {"type": "string", "pattern": r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"},
                    "bytes": {"type": "integer"},
                    "hash": {"type": "string", "pattern": r"^(sha256:[0-9a-f]{64})$"},
                    "schema": {
                        "type": "object",
                        "required": ["fields"],
                        "properties": {
                            "fields": {
                                "type": "array",
                                "minItems": 1,
                                "items": {
                                    "required": ["name", "type"],
                                    "properties": {
                                        "type": {"enum": ["string", "integer", "number"]},
                                        "constraints": {
                                            "additionalProperties": False,
                                            "properties": {
                                                "required": {"type": "boolean"},
                                                "enum": {"minItems": 1, "uniqueItems": True},
                                            },
                                        },
                                    },
                                },
                            },
                            "missingValues": {"items": {"type": "string"}},
                            "primaryKey": {"type": "array"},
                            "foreignKeys": {"items": {"required": ["fields", "reference"]}},
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def package(two_years, survey, definitions, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "数据包"
    with Snapshot(two_years) as snapshot:
        return open_data.write(snapshot, survey, definitions, 2023, folder)


@pytest.fixture(scope="module")
def descriptor(package: Path) -> dict[str, Any]:
    return json.loads((package / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tables(package: Path) -> dict[str, Table]:
    return {path.stem: read(path) for path in package.glob("*.csv")}


def read(path: Path) -> Table:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def tabular(descriptor: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (found for found in descriptor["resources"] if "schema" in found)


def test_the_descriptor_follows_the_specification(descriptor: dict[str, Any]) -> None:
    jsonschema.validate(descriptor, DATA_PACKAGE)
    names = [found["name"] for found in descriptor["resources"]]
    assert len(set(names)) == len(names)


def test_every_file_is_listed_with_its_size_and_hash(
    package: Path, descriptor: dict[str, Any]
) -> None:
    listed = {found["path"]: found for found in descriptor["resources"]}
    others = {"datapackage.json", "csvw-metadata.json"}
    assert listed.keys() == {path.name for path in package.iterdir()} - others
    for name, found in listed.items():
        data = (package / name).read_bytes()
        assert found["bytes"] == len(data)
        assert found["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_rows_are_what_the_schema_says(
    descriptor: dict[str, Any], tables: dict[str, Table]
) -> None:
    for resource in tabular(descriptor):
        rows, schema = tables[resource["name"]], resource["schema"]
        assert rows
        assert list(rows[0]) == [field["name"] for field in schema["fields"]]
        for field in schema["fields"]:
            asked = field.get("constraints", {})
            for row in rows:
                text = row[field["name"]]
                assert text or not asked.get("required"), (field["name"], row)
                assert text in asked.get("enum", [text])
                if text and field["type"] != "string":
                    integer = field["type"] == "integer"
                    assert re.fullmatch(r"-?\d+" if integer else r"-?\d+(\.\d+)?", text)
        keys = [tuple(row[name] for name in schema["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys)
        assert all(all(key) for key in keys)


def test_foreign_keys_lead_somewhere(descriptor: dict[str, Any], tables: dict[str, Table]) -> None:
    checked = 0
    for resource in tabular(descriptor):
        for key in resource["schema"].get("foreignKeys", []):
            there = key["reference"]
            known = {tuple(r[n] for n in there["fields"]) for r in tables[there["resource"]]}
            used = {tuple(r[n] for n in key["fields"]) for r in tables[resource["name"]]}
            assert used <= known
            checked += 1
    assert checked == 2


def test_csvw_says_the_same_of_every_column(
    package: Path, descriptor: dict[str, Any], tables: dict[str, Table]
) -> None:
    said = json.loads((package / "csvw-metadata.json").read_text(encoding="utf-8"))
    assert said["@context"][0] == "http://www.w3.org/ns/csvw"
    by_url = {table["url"]: table["tableSchema"] for table in said["tables"]}
    for resource in tabular(descriptor):
        schema = by_url.pop(resource["path"])
        header = list(tables[resource["name"]][0])
        assert [column["name"] for column in schema["columns"]] == header
        assert [column["titles"]["und"] for column in schema["columns"]] == header
        assert schema["primaryKey"] == resource["schema"]["primaryKey"]
        for column, field in zip(schema["columns"], resource["schema"]["fields"], strict=True):
            assert column["required"] == field.get("constraints", {}).get("required", False)
            kind = column["datatype"]
            plain = kind if isinstance(kind, str) else kind["base"]
            assert plain == {"number": "decimal"}.get(field["type"], field["type"])
        for key in schema.get("foreignKeys", []):
            assert (package / key["reference"]["resource"]).is_file()
    assert not by_url


def test_values_are_rounded_for_publication_and_suppressed_ones_are_not_there(
    tables: dict[str, Table],
) -> None:
    values = {
        (row["indicator_id"], row["year"], row["breakdown"], row["member_id"]): row
        for row in tables["indicator_values"]
    }
    whole = values["fund_raised", "2023", "province", "220000"]
    assert (whole["value"], whole["unit"], whole["status"]) == ("29512.50", "万元", "published")
    # 1.7528 to two decimals.
    assert values["venues_per_million", "2023", "province", "220000"]["value"] == "1.75"
    hidden = [row for row in values.values() if row["member_id"] == SUPPRESSED]
    suppressed = [row for row in hidden if row["status"] == "suppressed"]
    assert suppressed
    assert all(row["value"] == "" for row in suppressed)
    for row in values.values():
        assert (row["status"] == "published") == (row["value"] != "")
    assert {row["year"] for row in values.values() if row["breakdown"] != "nation"} == {"2023"}


def test_numerators_stay_inside(package: Path) -> None:
    for path in package.iterdir():
        if path.suffix in {".csv", ".json"}:
            assert "numerator" not in path.read_text(encoding="utf-8")


def test_parquet_holds_the_same_rows(package: Path, tables: dict[str, Table]) -> None:
    for name in ("indicator_values", "indicators", "members"):
        found = pq.read_table(package / f"{name}.parquet").to_pylist()
        rows = tables[name]
        assert len(found) == len(rows)
        for ours, theirs in zip(found, rows, strict=True):
            for column, text in theirs.items():
                value = ours[column]
                if isinstance(value, Decimal):
                    assert value == Decimal(text)
                else:
                    assert ("" if value is None else str(value)) == text


def test_sdmx_has_an_observation_for_every_value(tables: dict[str, Table]) -> None:
    observations, values = tables["sdmx-indicator-values"], tables["indicator_values"]
    assert list(observations[0])[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert {row["STRUCTURE"] for row in observations} == {"dataflow"}
    assert re.fullmatch(r"\w+:\w+\(\d+\.\d+\.\d+\)", observations[0]["STRUCTURE_ID"])
    assert {row["ACTION"] for row in observations} == {"I"}
    dimensions = ("INDICATOR", "BREAKDOWN", "MEMBER", "MEMBER2", "TIME_PERIOD")
    for row in observations:
        for name in dimensions[:-1]:
            assert re.fullmatch(r"[A-Za-z0-9_@$-]+", row[name])
    keys = {tuple(row[name] for name in dimensions) for row in observations}
    assert len(keys) == len(observations) == len(values)
    status = {"published": set("ABP"), "missing": {"O"}, "suppressed": {"Q"}}
    for ours, theirs in zip(observations, values, strict=True):
        assert ours["OBS_VALUE"] == theirs["value"]
        assert ours["OBS_STATUS"] in status[theirs["status"]]
        assert ours["CONF_STATUS"] == ("C" if theirs["status"] == "suppressed" else "F")


def test_the_dictionary_names_every_field_in_both_languages(
    package: Path, descriptor: dict[str, Any]
) -> None:
    chinese = (package / "数据字典.md").read_text(encoding="utf-8")
    english = (package / "data-dictionary.md").read_text(encoding="utf-8")
    for resource in tabular(descriptor):
        for field in resource["schema"]["fields"]:
            assert f"| {field['name']} |" in chinese
            assert f"| {field['name']} |" in english
            assert field["title"] in chinese
            assert field["description"] in english
    assert "模拟数据" in chinese
    assert "Simulated data" in english


def test_the_same_snapshot_gives_the_same_bytes(
    two_years, survey, definitions, package: Path, tmp_path: Path
) -> None:
    with Snapshot(two_years) as snapshot:
        again = open_data.write(snapshot, survey, definitions, 2023, tmp_path / "again")
    for path in package.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes()
