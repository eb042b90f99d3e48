"""What the report page shows, in which order and words: ``page.yaml``, read and validated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.errors import Place, SurveyDefinitionError
from pipelines.indicators.definition import Definition
from pipelines.publish.office import data_file
from pipelines.publish.page.vocabulary import Vocabulary
from pipelines.publish.sentences import Pattern
from pipelines.publish.table_book import TableBook
from pipelines.survey.documents import YamlDocument

#: What an indicator may be filed under.
THEMES: tuple[str, ...] = get_args(Definition.model_fields["theme"].annotation)
By = Literal["prefecture", "county", "department", "level"]
#: A list by its name in tables.yaml, or spelled out.
Indicators = str | tuple[str, ...]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Composition(_Model):
    title: str = Field(min_length=1)
    whole: str
    parts: tuple[str, ...] = Field(min_length=2)


class Scatter(_Model):
    x: str
    y: str
    by: By


class Listing(_Model):
    title: str = Field(min_length=1)
    indicators: Indicators


class Group(_Model):
    """A breakdown as the page shows it; ``anchor`` is the address of its table."""

    by: By
    name: str = Field(min_length=1)
    each: str = Field(min_length=1, description="all of them, as a title begins: 各部门")
    stub: str = Field(min_length=1)
    anchor: str = Field(pattern=r"^[a-z]+$")


class PagePatterns(_Model):
    leaders: str
    trailers: str
    whole: str

    @model_validator(mode="after")
    def _can_be_filled(self) -> PagePatterns:
        problems = [p for _, text in self for p in Pattern(text).problems()]
        if problems:
            raise ValueError("；".join(problems))
        return self


class PageBook(_Model):
    """Everything in page.yaml."""

    title: str = Field(min_length=1)
    cards: tuple[str, ...]
    compositions: tuple[Composition, ...]
    changes: tuple[str, ...]
    scatters: tuple[Scatter, ...]
    start: str
    tables: tuple[Listing, ...] = Field(min_length=1)
    groups: tuple[Group, ...] = Field(min_length=1)
    profile: tuple[Listing, ...]
    standing: tuple[str, ...]
    themes: Mapping[str, str]
    patterns: PagePatterns
    scope: tuple[str, ...]
    words: Vocabulary

    @model_validator(mode="after")
    def _is_consistent(self) -> PageBook:
        for what in ("by", "anchor"):
            found = [getattr(group, what) for group in self.groups]
            if len(set(found)) < len(found):
                raise ValueError(f"groups 的 {what} 有重复")
        lacking = sorted(set(THEMES) - self.themes.keys())
        if lacking:
            raise ValueError(f"themes 缺少 {'、'.join(lacking)}")
        shown = {group.by for group in self.groups}
        unknown = sorted({scatter.by for scatter in self.scatters} - shown)
        if unknown:
            raise ValueError(f"scatters 所用的分组 {'、'.join(unknown)} 不在 groups 中")
        return self


def load_book(tables: TableBook, overlay: Path | None = None) -> PageBook:
    """The built-in page, or an office's own ``publish/page.yaml``."""
    document = YamlDocument(data_file("page.yaml", overlay))
    book = document.model(PageBook, document.data)
    for section in ("tables", "profile"):
        for n, listing in enumerate(getattr(book, section)):
            if isinstance(listing.indicators, str) and listing.indicators not in tables.lists:
                raise SurveyDefinitionError(
                    f"指标清单“{listing.indicators}”不在 tables.yaml 的 lists 中",
                    "请改正清单名，或直接列出指标编号",
                    Place(document.path.name, line=document.line_of([section, n, "indicators"])),
                )
    return book
