"""Read 更正.yaml: figures that a respondent has confirmed should be others, as reviewed data.

The file is written by people at the office and stops the run when it is malformed, before anything
is computed.  Whether a correction fits what was reported is told later (see ``settling``).
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.errors import DecisionFileError, Place, SurveyDefinitionError
from pipelines.intake.identity.identities import date_of
from pipelines.intake.layouts.labels import plain_name
from pipelines.survey import Edition, Item, Survey
from pipelines.survey.documents import YamlDocument
from pipelines.survey.notation import Reading, State, read_figure
from pipelines.warehouse import Root
from pipelines.warehouse.layout import CORRECTIONS_FILE

_ADVICE = "请按 docs/更正与认定.md 的写法改正后重新运行"


class Entry(BaseModel):
    """One correction as it stands in the file; the keys are those that people write."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(default="", alias="文件")
    unit: str = Field(default="", alias="单位")
    venue: str = Field(default="", alias="场馆")
    item: str = Field(min_length=1, alias="指标")
    cell: str = Field(default="", alias="单元格")
    old: str = Field(alias="原值")
    new: str = Field(min_length=1, alias="新值")
    confirmed_by: str = Field(min_length=1, alias="确认人")
    confirmed_on: dt.date = Field(alias="确认日期")
    means: str = Field(default="", alias="方式")
    reason: str = Field(min_length=1, alias="原因")

    @field_validator("confirmed_on", mode="before")
    @classmethod
    def _is_a_date(cls, value: object) -> object:
        found = date_of(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"应是日期，如 2024-05-20，现在是“{value}”")
        return found

    @field_validator("file")
    @classmethod
    def _as_listed(cls, value: str) -> str:
        return unicodedata.normalize("NFC", value.strip().replace("\\", "/"))

    @model_validator(mode="after")
    def _names_a_return(self) -> Entry:
        if not self.file and not self.unit:
            raise ValueError("“文件”和“单位”至少写一项")
        return self


@dataclass(frozen=True)
class Correction:
    """An entry with its place, its item found and its figures read."""

    year: int
    number: int
    line: int
    entry: Entry
    item: Item
    old: Reading
    new: Reading

    @property
    def return_asked_zh(self) -> str:
        """Which return the entry names, in its own words."""
        entry = self.entry
        parts = (("文件", entry.file), ("单位", entry.unit), ("场馆", entry.venue))
        return "，".join(f"{name}“{text}”" for name, text in parts if text)


def read_corrections(root: Root, years: Iterable[int], survey: Survey) -> tuple[Correction, ...]:
    """The corrections of several years, in the order of their files.

    Raises DecisionFileError, with file, line and reason, for the first that is malformed.
    """
    found: list[Correction] = []
    for year in years:
        path = root.inbox(year) / CORRECTIONS_FILE
        if path.is_file():
            found.extend(_read(path, year, survey.edition_of(year)))
    return tuple(found)


def _read(path: Path, year: int, edition: Edition) -> list[Correction]:
    try:
        document = YamlDocument(path, as_written=True)
        rows = document.data if document.data is not None else []
        if not isinstance(rows, list):
            raise SurveyDefinitionError("应是一条条以“- ”开头的更正", place=Place(line=1))
        return [_correction(document, year, n, edition) for n in range(len(rows))]
    except SurveyDefinitionError as error:
        line = error.place.line
        advice = _dash_advice(path, line) or _ADVICE
        place = Place(file=f"{year}/{path.name}", line=line)
        raise DecisionFileError(error.problem, advice, place) from error


def _correction(document: YamlDocument, year: int, n: int, edition: Edition) -> Correction:
    entry = document.model(Entry, document.data[n], (n,))

    def refuse(key: str, problem: str) -> SurveyDefinitionError:
        return SurveyDefinitionError(problem, place=Place(line=document.line_of((n, key))))

    try:
        item = _item(edition, entry.item)
    except ValueError as error:
        raise refuse("指标", str(error)) from error
    new = _reading(entry.new, item, edition)
    if new.state in (State.BLANK, State.UNREADABLE):
        why = f"，{new.notes[-1]}" if new.notes else ""
        raise refuse("新值", f"新值“{entry.new}”不是数字、0 或 -{why}")
    old = _reading(entry.old, item, edition)
    if (old.state, old.value) == (new.state, new.value):
        raise refuse("新值", f"新值“{entry.new}”与原值“{entry.old}”相同")
    return Correction(year, n + 1, document.line_of((n,)), entry, item, old, new)


def _reading(text: str, item: Item, edition: Edition) -> Reading:
    return read_figure(text, unit=item.unit, not_applicable=edition.values.not_applicable)


def _item(edition: Edition, asked: str) -> Item:
    """The item of an id, a printed code or a full name; raises ValueError with the nearest."""
    wanted = plain_name(asked)
    if wanted in edition.item:
        return edition.item[wanted]
    for key in ("code", "name_zh"):
        fitting = [i for i in edition.items if plain_name(getattr(i, key)) == wanted]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            names = "、".join(item.name_zh for item in fitting)
            raise ValueError(f"“{asked}”可指几个指标：{names}，请写全称")
    names_zh = [item.name_zh for item in edition.items]
    near = [n for n in names_zh if wanted in plain_name(n)] or get_close_matches(asked, names_zh)
    hint = f"，是不是：{'、'.join(near[:3])}" if near else ""
    raise ValueError(f"{edition.title_zh}没有指标“{asked}”{hint}")


def _dash_advice(path: Path, line: int) -> str:
    """What to do where a dash without quotes, to YAML a list, broke the file; "" elsewhere."""
    lines = path.read_bytes().decode("utf-8", "replace").splitlines()
    here = lines[line - 1] if 0 < line <= len(lines) else ""
    lone = here.partition("#")[0].rpartition(":")[2].strip() == "-"
    return '单独的“-”要加引号，写作 "-"' if lone else ""
