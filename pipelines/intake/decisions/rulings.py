"""Read 认定.yaml: what a person at the office decided about whose a return is and which counts.

A malformed ruling stops the run before anything is computed.  A ruling about a file that has since
changed or gone is not applied and becomes a finding (see ``deciding``).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pipelines.errors import DecisionFileError, Place, SurveyDefinitionError
from pipelines.intake.identity.identities import date_of
from pipelines.survey.documents import YamlDocument
from pipelines.warehouse import Root
from pipelines.warehouse.layout import RULINGS_FILE

ADVICE = "请按 docs/更正与认定.md 的写法改正后重新运行"

#: What can be decided of a return, in the words that people write.
BELONGS, NOT_SAME, COUNTS, OTHER_COUNTS, REPEATS, DISTINCT = (
    "属于名录单位",
    "不是同一单位",
    "以本份为准",
    "以另一份为准",
    "重复计算",
    "没有重复",
)
Decision = Literal[
    "属于名录单位", "不是同一单位", "以本份为准", "以另一份为准", "重复计算", "没有重复"
]
#: The beginning of a file's content hash, or all of it.
_HASH = re.compile(r"[0-9a-fA-F]{12,64}")
#: Decisions about two returns.
_OF_TWO = (OTHER_COUNTS, REPEATS, DISTINCT)


class Entry(BaseModel):
    """One ruling as it stands in the file; the keys are those that people write."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str = Field(min_length=1, alias="文件")
    content: str = Field(alias="内容")
    sheet: str = Field(default="", alias="工作表")
    unit: str = Field(default="", alias="单位")
    venue: str = Field(default="", alias="场馆")
    decision: Decision = Field(alias="认定")
    register_unit: str = Field(default="", alias="名录单位")
    other_file: str = Field(default="", alias="另一份")
    other_unit: str = Field(default="", alias="另一份单位")
    other_venue: str = Field(default="", alias="另一份场馆")
    decided_by: str = Field(min_length=1, alias="认定人")
    decided_on: dt.date = Field(alias="认定日期")
    reason: str = Field(min_length=1, alias="原因")

    @field_validator("content")
    @classmethod
    def _is_a_hash(cls, value: str) -> str:
        if not _HASH.fullmatch(value):
            raise ValueError("应照抄待认定.yaml 里的校验码，至少 12 位")
        return value

    @field_validator("decided_on", mode="before")
    @classmethod
    def _is_a_date(cls, value: object) -> object:
        found = date_of(value) if isinstance(value, str) else None
        if found is None:
            raise ValueError(f"应是日期，如 2024-05-20，现在是“{value}”")
        return found

    @field_validator("file", "other_file")
    @classmethod
    def _as_listed(cls, value: str) -> str:
        return unicodedata.normalize("NFC", value.strip().replace("\\", "/"))

    @model_validator(mode="after")
    def _says_all(self) -> Entry:
        if (self.decision == BELONGS) != bool(self.register_unit):
            raise ValueError(f"“名录单位”在认定“{BELONGS}”时要写，其他认定不写")
        if self.decision in _OF_TWO and not self.other_file:
            raise ValueError(f"认定“{self.decision}”要写“另一份”是哪个文件")
        if (self.other_unit or self.other_venue) and not self.other_file:
            raise ValueError("写了“另一份单位”或“另一份场馆”，也要写“另一份”是哪个文件")
        return self


@dataclass(frozen=True)
class Ruling:
    """An entry with its place in the file."""

    year: int
    number: int
    line: int
    entry: Entry

    @property
    def return_asked_zh(self) -> str:
        """Which return the entry names, in its own words."""
        entry = self.entry
        parts = (("文件", entry.file), ("工作表", entry.sheet), ("单位", entry.unit),
                 ("场馆", entry.venue))  # fmt: skip
        return "，".join(f"{name}“{text}”" for name, text in parts if text)

    @property
    def said_zh(self) -> str:
        """When it was decided and why; by whom stands in the table of rulings only."""
        entry = self.entry
        return f"{entry.decided_on.isoformat()} 认定：{entry.reason}"

    def refused(self, problem: str, advice: str = ADVICE) -> DecisionFileError:
        """The error that this entry cannot be understood."""
        place = Place(file=f"{self.year}/{RULINGS_FILE}", line=self.line)
        return DecisionFileError(problem, advice, place)


def read_rulings(root: Root, years: Iterable[int]) -> tuple[Ruling, ...]:
    """The rulings of several years, in the order of their files.

    Raises DecisionFileError, with file, line and reason, for the first that is malformed.
    """
    found: list[Ruling] = []
    for year in years:
        path = root.inbox(year) / RULINGS_FILE
        if path.is_file():
            found.extend(_read(path, year))
    return tuple(found)


def _read(path: Path, year: int) -> list[Ruling]:
    try:
        document = YamlDocument(path, as_written=True)
        rows = document.data if document.data else []
        if not isinstance(rows, list):
            raise SurveyDefinitionError("应是一条条以“- ”开头的认定", place=Place(line=1))
        rulings = [
            Ruling(year, n + 1, document.line_of((n,)), document.model(Entry, row, (n,)))
            for n, row in enumerate(rows)
        ]
    except SurveyDefinitionError as error:
        place = Place(file=f"{year}/{path.name}", line=error.place.line)
        raise DecisionFileError(error.problem, ADVICE, place) from error
    _refuse_repeated(rulings)
    return rulings


def _refuse_repeated(rulings: list[Ruling]) -> None:
    """Two rulings of one return must not be about the same thing."""
    seen: dict[tuple[str, ...], Ruling] = {}
    for ruling in rulings:
        entry = ruling.entry
        about = "身份" if entry.decision in (BELONGS, NOT_SAME) else "计入"
        key = (entry.file, entry.sheet, entry.unit, entry.venue, about, entry.other_file)
        known = seen.setdefault(key, ruling)
        if known is not ruling:
            raise ruling.refused(f"与第 {known.line} 行说的是同一份表的同一件事", "请删去其中一条")
