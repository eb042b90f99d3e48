"""Write a table of the package as CSV and as Parquet: the same rows, the same bytes every time."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.publish.open_data.fields import DataField, DataTable

Row = dict[str, Any]

#: Decimals that hold any published value exactly.
_PRECISION, _SCALE = 38, 6
#: Digits of a count.
_WHOLE = 18


def csv_text(names: Iterable[str], rows: Iterable[Row]) -> str:
    """RFC 4180 with LF; what is missing is an empty cell, numbers are written out in full."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = list(names)
    writer.writerow(columns)
    writer.writerows([_text(row[name]) for name in columns] for row in rows)
    return out.getvalue()


def write_parquet(table: DataTable, rows: list[Row], path: Path) -> None:
    """The rows in their types, labels of the fields as metadata."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        # Of whole numbers that may be missing pandas would make fractions.
        "missing integer": pa.decimal128(_WHOLE, 0),
        "number": pa.decimal128(_PRECISION, _SCALE),
    }
    schema = pa.schema(
        [
            pa.field(
                field.name,
                types[_kind(field)],
                nullable=not field.required,
                metadata={"label_zh": field.zh, "label_en": field.en},
            )
            for field in table.fields
        ]
    )
    columns = {
        field.name: [_exact(row[field.name], _kind(field)) for row in rows]
        for field in table.fields
    }
    pq.write_table(pa.table(columns, schema=schema), path, compression="zstd")


def _kind(field: DataField) -> str:
    return "missing integer" if field.type == "integer" and not field.required else field.type


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _exact(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "missing integer":
        return Decimal(value)
    if kind != "number":
        return value
    return Decimal(value).quantize(Decimal(1).scaleb(-_SCALE))
