"""What the package says of its files to a machine: Frictionless ``datapackage.json`` and CSVW."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.publish.open_data.fields import DataField, DataTable, Layout

#: What the name of a Parquet resource has that the name of its CSV twin has not.
_TWIN = "_parquet"
_OWN = {"bytes": "file_bytes", "hash": "file_hash"}
_CSVW_TYPES = {"string": "string", "integer": "integer", "number": "decimal"}


@dataclass(frozen=True)
class Title:
    """How this package is called; ``version`` changes with the data."""

    name: str
    zh: str
    en: str
    description_zh: str
    description_en: str
    publisher_zh: str
    source_zh: str
    terms_zh: str
    terms_en: str
    version: str


def data_package(
    layout: Layout,
    title: Title,
    terms: Mapping[str, Any],
    folder: Path,
    others: Sequence[tuple[str, str, str, Mapping[str, Any]]],
) -> dict[str, Any]:
    """The Frictionless descriptor; ``others`` are further files as (name, path, title, and what
    else there is to say)."""
    return {
        "profile": "data-package",
        "name": title.name,
        "title": title.zh,
        "title_en": title.en,
        "description": title.description_zh,
        "description_en": title.description_en,
        "version": title.version,
        **terms,
        "resources": [
            *(_tabular(table, folder) for table in layout.tables),
            *(_columnar(table, folder) for table in layout.tables),
            *({**_plain(name, path, said, folder), **more} for name, path, said, more in others),
        ],
    }


def _tabular(table: DataTable, folder: Path) -> dict[str, Any]:
    return {
        **_plain(table.name, f"{table.name}.csv", table.zh, folder),
        "profile": "tabular-data-resource",
        "title_en": table.en,
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "header": True},
        "schema": _schema(table, ""),
    }


def _columnar(table: DataTable, folder: Path) -> dict[str, Any]:
    """The Parquet twin, which refers to the twins of the tables that the CSV file refers to.

    The official validator cannot tell size and hash of a Parquet file and calls them wrong: they
    stand under names of our own.
    """
    plain = _plain(f"{table.name}{_TWIN}", f"{table.name}.parquet", table.zh, folder)
    return {
        **{_OWN.get(name, name): value for name, value in plain.items()},
        "profile": "tabular-data-resource",
        "title_en": table.en,
        "schema": _schema(table, _TWIN),
    }


def _schema(table: DataTable, twin: str) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [_field(field) for field in table.fields],
        "missingValues": [""],
        "primaryKey": list(table.key),
    }
    if table.refers:
        schema["foreignKeys"] = [
            {
                "fields": list(reference.fields),
                "reference": {"resource": reference.table + twin, "fields": list(reference.to)},
            }
            for reference in table.refers
        ]
    return schema


def _plain(name: str, path: str, title: str, folder: Path) -> dict[str, Any]:
    data = (folder / path).read_bytes()
    kind = _FORMATS.get(name) or Path(path).suffix.removeprefix(".")
    return {
        "name": name,
        "path": path,
        "title": title,
        "format": kind,
        "mediatype": _MEDIA[kind],
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
    }


#: Formats that an ending does not tell.
_FORMATS = {"sdmx_structure": "sdmx-json"}
_MEDIA = {
    "csv": "text/csv",
    "sdmx-json": "application/vnd.sdmx.structure+json;version=2.0.0",
    "parquet": "application/vnd.apache.parquet",
    "md": "text/markdown",
}


def _field(field: DataField) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if field.required else {}
    if field.values:
        constraints["enum"] = list(field.values)
    found = {
        "name": field.name,
        "type": field.type,
        "title": field.zh,
        "description": field.en,
    }
    return found | ({"constraints": constraints} if constraints else {})


def csvw_metadata(layout: Layout, title: Title) -> dict[str, Any]:
    """CSV on the Web: a table group over the CSV files."""
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "zh"}],
        "dc:title": [_said(title.zh, "zh"), _said(title.en, "en")],
        "dc:description": [_said(title.description_zh, "zh"), _said(title.description_en, "en")],
        "dc:publisher": title.publisher_zh,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\n"]},
        "tables": [_csvw_table(table) for table in layout.tables],
    }


def _csvw_table(table: DataTable) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "columns": [_csvw_column(field) for field in table.fields],
        "primaryKey": list(table.key),
    }
    if table.refers:
        schema["foreignKeys"] = [
            {
                "columnReference": list(reference.fields),
                "reference": {
                    "resource": f"{reference.table}.csv",
                    "columnReference": list(reference.to),
                },
            }
            for reference in table.refers
        ]
    return {
        "url": f"{table.name}.csv",
        "dc:title": [_said(table.zh, "zh"), _said(table.en, "en")],
        "tableSchema": schema,
    }


def _csvw_column(field: DataField) -> dict[str, Any]:
    datatype: Any = _CSVW_TYPES[field.type]
    if field.values:
        datatype = {"base": "string", "format": "|".join(field.values)}
    return {
        "name": field.name,
        "titles": {"und": field.name},
        "dc:description": [_said(field.zh, "zh"), _said(field.en, "en")],
        "datatype": datatype,
        "required": field.required,
    }


def _said(text: str, language: str) -> dict[str, str]:
    return {"@value": text, "@language": language}
