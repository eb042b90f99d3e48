"""What the internal analysis holds: ``analysis.yaml``, read and validated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.publish.office import words_file
from pipelines.publish.printed import cell_text
from pipelines.publish.sentences import Pattern
from pipelines.publish.table_model import Cell

#: A row of a list: its label, its cells, whether it stands out.
Line = tuple[str, Sequence[Cell], bool]


_COLUMNS = {"changes": 9, "causes": 6, "queries": 6, "corrected": 6, "soft": 5, "silent": 5}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ListSpec(_Model):
    """A list: its heads, the shares of the width, which columns hold long text (from 0)."""

    title: str
    heads: tuple[str, ...] = Field(min_length=2)
    widths: tuple[float, ...]
    left: tuple[int, ...] = ()

    @model_validator(mode="after")
    def _has_widths(self) -> ListSpec:
        if len(self.heads) != len(self.widths):
            raise ValueError("heads 和 widths 的个数应相同")
        return self

    def drawn(self, lines: Sequence[Line], title: str = "", unit: str = "") -> dict[str, Any]:
        """The list as ``house.typ`` draws it."""
        return {
            "title": title or self.title,
            "unit": unit,
            "stub": self.heads[0],
            "columns": [
                {
                    "head": head,
                    "lines": [head],
                    "group": "",
                    "unit": "",
                    "textual": n in self.left,
                    "left": n in self.left,
                }
                for n, head in enumerate(self.heads[1:], 1)
            ],
            "rows": [
                {"label": label, "total": total, "cells": [cell_text(cell) for cell in cells]}
                for label, cells, total in lines
            ],
            "notes": [],
            "source": "",
            "kind": "list",
            "widths": list(self.widths),
        }


class AnalysisBook(_Model):
    """Everything in analysis.yaml."""

    title_zh: str
    headline: tuple[str, ...]
    changes: int = Field(ge=1)
    movers: int = Field(ge=1)
    queries: int = Field(ge=1)
    soft: int = Field(ge=1)
    last_year_items: tuple[str, ...]
    chapters: Mapping[str, str]
    sentences: Mapping[str, str]
    tables: Mapping[str, ListSpec]
    labels: Mapping[str, str]

    @model_validator(mode="after")
    def _has_columns(self) -> AnalysisBook:
        """A list has as many columns as is written into it."""
        for name, columns in _COLUMNS.items():
            if name in self.tables and len(self.tables[name].heads) != columns:
                raise ValueError(f"表“{name}”应有 {columns} 列")
        return self

    def say(self, name: str, /, **said: object) -> str:
        """A sentence with its values; a group that lacks one is left out."""
        values = {key: None if value is None else str(value) for key, value in said.items()}
        return Pattern(self.sentences[name]).fill(lambda role, _: values.get(role)) or ""


def load_analysis(overlay: Path | None = None) -> AnalysisBook:
    sections = ("chapters", "sentences", "tables", "labels")
    document = words_file("analysis.yaml", overlay, *sections)
    return document.model(AnalysisBook, document.data)
