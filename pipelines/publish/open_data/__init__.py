"""数据包: the published indicators for machines, as open data with their description.

CSV and Parquet, a Frictionless ``datapackage.json``, CSVW metadata, SDMX-CSV with its structure,
and a data dictionary in Chinese and English; all from one list of fields.  Nothing in it comes
from a single respondent.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.publish.office import Office, load_office
from pipelines.publish.open_data import dictionary, sdmx, sdmx_structure
from pipelines.publish.open_data.descriptors import Title, csvw_metadata, data_package
from pipelines.publish.open_data.fields import Layout, load_layout
from pipelines.publish.open_data.files import csv_text, write_parquet
from pipelines.publish.open_data.rows import (
    indicator_rows,
    member_rows,
    public_values,
    value_rows,
)
from pipelines.publish.open_data.terms import Terms, load_terms
from pipelines.warehouse.publication import storage_errors

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

DESCRIPTOR = "datapackage.json"
CSVW = "csvw-metadata.json"
SDMX = "sdmx-indicator-values.csv"
SDMX_STRUCTURE = "sdmx-structure.json"
DICTIONARY_ZH = "数据字典.md"
DICTIONARY_EN = "data-dictionary.md"


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    folder: Path,
    overlay: Path | None = None,
) -> Path:
    """Write the package of a data year into ``folder``."""
    layout = load_layout()
    catalogue = definitions.with_items(survey)
    values = public_values(snapshot, year)
    tables = {
        "indicator_values": list(value_rows(values, catalogue)),
        "indicators": list(indicator_rows(values, catalogue)),
        "members": list(member_rows(values)),
    }
    office, terms = load_office(overlay), load_terms(overlay)
    title = _title(snapshot, layout, office, terms, year)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for table in layout.tables:
            rows = tables[table.name]
            _write(folder / f"{table.name}.csv", csv_text(table.names, rows))
            write_parquet(table, rows, folder / f"{table.name}.parquet")
        words = sdmx.load_words()
        as_of = snapshot.meta.get("data_as_of") or f"{year}-12-31"
        _write_sdmx(folder, words, tables, title, as_of)
        _write(folder / DICTIONARY_ZH, dictionary.chinese(layout, title))
        _write(folder / DICTIONARY_EN, dictionary.english(layout, title))
        cube_schema = {"profile": "tabular-data-resource", "schema": sdmx.table_schema(words)}
        others: list[tuple[str, str, str, dict[str, Any]]] = [
            ("sdmx", SDMX, "SDMX-CSV", cube_schema),
            ("sdmx_structure", SDMX_STRUCTURE, "SDMX-JSON", {}),
            ("dictionary_zh", DICTIONARY_ZH, "数据字典", {}),
            ("dictionary_en", DICTIONARY_EN, "Data dictionary", {}),
        ]
        _write_json(folder / CSVW, csvw_metadata(layout, title))
        _write_json(
            folder / DESCRIPTOR,
            data_package(layout, title, terms.described(office, year), folder, others),
        )
    return folder


def _write_sdmx(
    folder: Path, words: sdmx.Words, tables: dict[str, list[Any]], title: Title, as_of: str
) -> None:
    decimals = {row["indicator_id"]: row["decimals"] for row in tables["indicators"]}
    cube = sdmx.observations(tables["indicator_values"], decimals, words)
    _write(folder / SDMX, csv_text(sdmx.COLUMNS, cube))
    described = sdmx_structure.structure(
        words, tables["indicators"], tables["members"], title.publisher_zh, as_of
    )
    _write_json(folder / SDMX_STRUCTURE, described)


def _title(snapshot: Snapshot, layout: Layout, office: Office, terms: Terms, year: int) -> Title:
    words, meta = layout.package, snapshot.meta
    simulated = meta.get("simulated") == "yes"
    return Title(
        name=words.name.format(year=year),
        zh=words.title_zh.format(place=office.place_zh, year=year),
        en=words.title_en.format(year=year),
        description_zh=(words.simulated_zh if simulated else "") + words.description_zh,
        description_en=f"{words.simulated_en} " * simulated + words.description_en,
        publisher_zh=office.office_zh,
        source_zh=office.source(year),
        terms_zh=terms.terms_zh,
        terms_en=terms.terms_en,
        version=meta.get("fingerprint", "")[:16],
    )


def _write(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _write_json(path: Path, data: dict[str, Any]) -> None:
    _write(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


__all__ = ["write"]
