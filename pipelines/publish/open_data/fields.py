"""The tables of the open data package, field by field (``fields.yaml``): one entry, every use."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.survey.documents import YamlDocument


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class DataField(_Model):
    """One column."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: Literal["string", "integer", "number"]
    required: bool
    zh: str
    en: str
    values: tuple[str, ...] = ()


class Reference(_Model):
    """Columns whose values stand in another table."""

    fields: tuple[str, ...]
    table: str
    to: tuple[str, ...]


class DataTable(_Model):
    """One CSV file (and its Parquet twin)."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    zh: str
    en: str
    key: tuple[str, ...]
    refers: tuple[Reference, ...]
    fields: tuple[DataField, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)


class PackageWords(_Model):
    """What the package as a whole says of itself."""

    name: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    simulated_zh: str
    simulated_en: str


class Layout(_Model):
    """Everything in fields.yaml."""

    package: PackageWords
    tables: tuple[DataTable, ...]

    @model_validator(mode="after")
    def _keys_are_fields(self) -> Layout:
        names = {table.name: set(table.names) for table in self.tables}
        for table in self.tables:
            if not set(table.key) <= names[table.name]:
                raise ValueError(f"表“{table.name}”的主键不是其字段")
            for reference in table.refers:
                own, other = set(reference.fields), set(reference.to)
                if not own <= names[table.name] or not other <= names.get(reference.table, set()):
                    raise ValueError(f"表“{table.name}”的引用不成立")
        return self


def load_layout() -> Layout:
    document = YamlDocument(Path(__file__).parent / "fields.yaml")
    return document.model(Layout, document.data)
