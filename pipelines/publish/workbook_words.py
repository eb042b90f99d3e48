"""The words, widths and papers of the two editions of 指标表 (``workbook.yaml``), typed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.publish.office import words_file


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SheetNames(_Model):
    cover: str = Field(min_length=1, max_length=31)
    contents: str = Field(min_length=1, max_length=31)
    notes: str = Field(min_length=1, max_length=31)


class MachineWords(_Model):
    edition: str
    beside: str
    cover: str
    contents: str
    contents_heads: tuple[str, str, str, str, str]
    notes: str
    notes_heads: tuple[str, str, str]
    all_tables: str
    note: str
    summary: str
    of_indicator: str
    see_notes: str
    back: str
    remark: str = Field(min_length=1)
    marked: str
    broken: str
    empty: str = Field(min_length=1)


class Paper(_Model):
    """A sheet of paper as it lies; sizes in millimetres."""

    name: str
    paper: int
    landscape: bool
    width: float = Field(gt=0)
    height: float = Field(gt=0)


class Margins(_Model):
    left: float
    right: float
    top: float
    bottom: float


class PrintWords(_Model):
    edition: str
    contents: str
    contents_heads: tuple[str, str, str]
    unit: str
    unit_under_head: str
    note: str
    footer: str
    papers: tuple[Paper, ...] = Field(min_length=1)
    margins: Margins
    least_scale: int = Field(ge=50, le=100)


class Widths(_Model):
    """Of columns, in widths of a digit."""

    stub_least: float
    stub_most: float
    number_least: float
    text: Mapping[str, float]
    text_wide: float

    def of_text(self, head: str) -> float:
        return self.text.get(head, self.text_wide)


class WorkbookWords(_Model):
    """Everything in workbook.yaml."""

    sheets: SheetNames
    facts: Mapping[str, str]
    year: str
    mark: str
    rounding: str
    machine: MachineWords
    print: PrintWords
    widths: Widths


def load_workbook_words(overlay: Path | None = None) -> WorkbookWords:
    document = words_file("workbook.yaml", overlay, "facts", "machine")
    return document.model(WorkbookWords, document.data)
