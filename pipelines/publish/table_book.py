"""Which tables are published, with which rows and columns: ``tables.yaml``, read and validated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.publish.office import data_file
from pipelines.survey.documents import YamlDocument


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class TableSpec(_Model):
    """One table as a statistician orders it."""

    id: str
    title_zh: str
    theme: str
    layout: Literal[
        "appendix",
        "change",
        "cross",
        "definitions",
        "glossary",
        "members",
        "nation",
        "provinces",
        "published",
        "response",
        "rules",
        "series",
    ]
    sheet_zh: str = ""
    number_zh: str = Field(default="", description="附表1; empty: numbered in order")
    by: str = ""
    form: str = Field(default="", description="whose items are the columns, in printed order")
    columns_per_part: int = Field(default=0, ge=0, description="more go to a 续表; 0: all fit")
    over_breaks: bool = Field(default=False, description="give changes over a break, marked")
    indicators: str | tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    latest_years: int = 0
    min_years: int = 1
    first_rows: int = 0
    scaled: bool = False
    numbered: bool = True
    note_zh: str = ""
    workbook: bool = True


class TableBook(_Model):
    """Everything in tables.yaml."""

    lists: Mapping[str, tuple[str, ...]]
    heads: Mapping[str, str]
    notes: Mapping[str, str]
    rounding_zh: str = Field(min_length=1, description="where printed parts miss their total")
    tables: tuple[TableSpec, ...]

    @cached_property
    def table(self) -> dict[str, TableSpec]:
        return {spec.id: spec for spec in self.tables}

    def indicators_of(self, spec: TableSpec) -> tuple[str, ...]:
        named = spec.indicators
        return self.lists[named] if isinstance(named, str) else named

    @model_validator(mode="after")
    def _is_consistent(self) -> TableBook:
        problems = [
            f"表“{spec.id}”所用的指标清单“{spec.indicators}”不存在"
            for spec in self.tables
            if isinstance(spec.indicators, str) and spec.indicators not in self.lists
        ]
        problems += [
            f"表“{spec.id}”缺少工作表名"
            for spec in self.tables
            if spec.workbook and not spec.sheet_zh
        ]
        problems += [
            f"表“{spec.id}”没有写明 {name}"
            for spec in self.tables
            for layout, name in (("appendix", "form"), ("appendix", "by"), ("cross", "by"))
            if spec.layout == layout and not getattr(spec, name)
        ]
        for name, values in {
            "表": [spec.id for spec in self.tables],
            "工作表": [spec.sheet_zh for spec in self.tables if spec.workbook],
        }.items():
            problems += [f"{name}“{v}”重复" for v in sorted(set(values)) if values.count(v) > 1]
        if problems:
            raise ValueError("；".join(problems))
        return self


def load_tables(overlay: Path | None = None) -> TableBook:
    document = YamlDocument(data_file("tables.yaml", overlay))
    return document.model(TableBook, document.data)
