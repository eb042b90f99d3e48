"""Read 督查台账.xlsx: how far each responsible unit says it is with each measure of the plan.

The file is the summary that the ledger's own root writes, copied beside the statistics.  It is
read exactly or refused with the cell: progress put under another measure would be worse than none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from pipelines.errors import OversightError, Place, UnreadableFileError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.formats.guarded import reading
from pipelines.intake.formats.sniff import sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.identity.identities import date_of
from pipelines.intake.layouts.figures import read_cell, shown
from pipelines.survey import Survey
from pipelines.survey.addresses import address
from pipelines.survey.documents import YamlDocument
from pipelines.survey.notation import NOT_APPLICABLE, State, normalise_text
from pipelines.warehouse import Root
from pipelines.warehouse.layout import OVERSIGHT_FILE
from pipelines.warehouse.oversight import OPEN, STATE, STATES, SUBJECT, UNIT
from pipelines.warehouse.publication import storage_errors

Row = dict[str, Any]

_HEADER_SEARCH_ROWS = 15
_ADVICE = f"请把台账目录 reports 中的“{OVERSIGHT_FILE}”原样复制过来"
_FIGURES = ("completion", "target_value", "done_value", "evidence_files")
_TEXTS = ("progress_zh", "deadline_zh", "evidence_zh", "next_step_zh")
_WHOLE = 100
_YEAR = re.compile(r"((?:19|20)\d\d)年度")
_SUBJECT = re.compile(r"第(\d{1,3})条\s*(.*)", re.DOTALL)


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, tuple[str, ...]]
    required: tuple[str, ...]
    simulated: tuple[str, ...]


@cache
def _words() -> _Words:
    document = YamlDocument(Path(__file__).with_name("oversight.yaml"))
    return document.model(_Words, document.data)


def read_progress(
    root: Root, survey: Survey, as_of: Mapping[int, dt.date | None]
) -> tuple[Row, ...]:
    """Rows of ``progress_reports`` for the years that ``as_of`` gives, with the day as of which
    they are looked at where one is set; raises OversightError."""
    return tuple(row for year in sorted(as_of) for row in _read(root, year, survey, as_of[year]))


def _read(root: Root, year: int, survey: Survey, as_of: dt.date | None) -> list[Row]:
    path = root.inbox(year) / OVERSIGHT_FILE
    if not path.is_file():
        return []
    if not survey.head.is_statistics:
        raise OversightError(
            f"“{survey.head.title_zh}”的目录里不放汇总表",
            "单位报来的台账请放入“部门”文件夹；汇总表放到科普统计的工作目录",
            Place(file=str(path)),
        )
    try:
        with reading(), storage_errors(path):
            data = path.read_bytes()
            for sheet in (sheet for sheet in read_sheets(data, sniff(data)) if not sheet.hidden):
                table = _Table.found(sheet, year, survey)
                if table:
                    return _dated(list(table.lines()), as_of)
    except UnreadableFileError as error:
        raise OversightError(error.problem, error.advice, Place(file=str(path))) from error
    raise OversightError(
        f"没有找到表头（{'、'.join((UNIT, SUBJECT, STATE, OPEN))}）", _ADVICE, Place(file=str(path))
    )


def _dated(rows: list[Row], as_of: dt.date | None) -> list[Row]:
    """The day that is set, else the latest on which anybody has filled in a ledger."""
    filled = [row["fill_date"] for row in rows if row["fill_date"]]
    day = as_of or max(filled, default=None)
    return [row | {"as_of": day} for row in rows]


@dataclass(frozen=True)
class _Table:
    """The sheet of the summary whose header has been found."""

    sheet: Sheet
    header: int
    columns: dict[str, int]
    year: int
    survey: Survey

    @classmethod
    def found(cls, sheet: Sheet, year: int, survey: Survey) -> _Table | None:
        """None for a sheet that is no such table; raises OversightError for one that lacks much."""
        for row, line in enumerate(sheet.rows[:_HEADER_SEARCH_ROWS]):
            heads = [_head(shown(cell)) for cell in line]
            if {UNIT, SUBJECT, STATE, OPEN} <= set(heads):
                table = cls(sheet, row, _columns(heads, sheet, row), year, survey)
                table._assert_year()
                return table
        return None

    def lines(self) -> Iterator[Row]:
        """A row of ``progress_reports`` for every line, ``as_of`` apart."""
        first: dict[tuple[int, str], int] = {}
        for row in range(self.header + 1, len(self.sheet.rows)):
            if not any(shown(cell).strip() for cell in self.sheet.rows[row]):
                continue
            line = self._line(row)
            before = first.setdefault((line["measure"], line["unit_zh"]), row)
            if before != row:
                said = f"与第 {before + 1} 行是同一单位、同一条措施（{line['unit_zh']}）"
                raise self._wrong(row, UNIT, said, "请在台账目录中认定以哪一份为准后重新复制")
            yield line

    def _line(self, row: int) -> Row:
        name = self._text(row, UNIT)
        if not name:
            raise self._wrong(row, UNIT, "没有写单位")
        unit_id, unit_zh = self._units.get(name, ("", name))
        state = self._state(row)
        line = {
            "year": self.year,
            **self._measure(row),
            "unit_id": unit_id,
            "unit_zh": unit_zh,
            "state": state,
            "open_findings": self._count(row),
            **{name: self._figure(row, name, state) for name in _FIGURES},
            **{name: self._text(row, name) for name in _TEXTS},
            "deadline": date_of(self._text(row, "deadline_zh")),
            "fill_date": date_of(self._text(row, "fill_date")),
            "simulated": self._simulated,
            "file": OVERSIGHT_FILE,
            "sheet": self.sheet.name,
            "cell": address(row, self.columns[UNIT]),
        }
        if state == "none" and any(line[name] for name in (*_FIGURES, *_TEXTS)):
            raise self._wrong(row, STATE, f"写的是“{STATES[state]}”，后面却有填报的内容")
        return line

    def _measure(self, row: int) -> Row:
        """The measure that the subject names, by number and by title: they must agree."""
        text = self._text(row, SUBJECT)
        match = _SUBJECT.fullmatch(text)
        measure = self._measures.get(int(match[1])) if match else None
        if match is None or measure is None:
            raise self._wrong(row, SUBJECT, f"“{text}”不是实施方案的措施（应如“第1条 …”）")
        if normalise_text(match[2])[0] != normalise_text(measure.title_zh)[0]:
            said = f"第{measure.number}条在实施方案中是“{measure.title_zh}”，这里写的是“{match[2]}”"
            raise self._wrong(row, SUBJECT, said)
        return {"measure": measure.number, "title_zh": measure.title_zh}

    def _state(self, row: int) -> str:
        said = self._text(row, STATE)
        for state, word in STATES.items():
            if said == word:
                return state
        raise self._wrong(row, STATE, f"“{said}”不是{'、'.join(STATES.values())}之一")

    def _count(self, row: int) -> int | None:
        value, state, raw, _ = read_cell(self._cell(row, OPEN), "", NOT_APPLICABLE)
        if state == State.BLANK:
            return None
        if value is None or value < 0 or value != value.to_integral_value():
            raise self._wrong(row, OPEN, f"“{raw}”不是问题的条数")
        return int(value)

    def _figure(self, row: int, name: str, state: str) -> Any:
        """A figure; what cannot be read is a question as long as the ledger asks it, no longer."""
        if name not in self.columns:
            return None
        unit = "%" if name == "completion" else ""
        value, read, raw, _ = read_cell(self._cell(row, name), unit, NOT_APPLICABLE)
        if state == "accepted" and read == State.UNREADABLE:
            raise self._wrong(row, name, f"“{raw}”不是数，却已审核通过")
        passed = state == "accepted" and name == "completion"
        if passed and value is not None and not 0 <= value <= _WHOLE:
            raise self._wrong(row, name, f"完成程度 {raw} 不在0到100之间，却已审核通过")
        return value

    def _assert_year(self) -> None:
        """The title says the year: last year's summary must not pass for this year's."""
        stated = {int(m[1]) for text in self._above if (m := _YEAR.search(text))}
        place = Place(OVERSIGHT_FILE, self.sheet.name, "A1")
        if not stated:
            raise OversightError("表题没有写是哪个年度的（如“2024年度…”）", _ADVICE, place)
        if stated != {self.year}:
            said = "、".join(str(year) for year in sorted(stated))
            raise OversightError(
                f"表题写的是 {said} 年度，放在了 {self.year} 年度的收件夹里",
                "请放入该年度的收件夹，或换成本年度的汇总表",
                place,
            )

    @cached_property
    def _above(self) -> list[str]:
        rows = self.sheet.rows[: self.header]
        return [text for line in rows for cell in line if (text := shown(cell).strip())]

    @cached_property
    def _simulated(self) -> bool:
        return any(word in text for text in self._above for word in _words().simulated)

    @cached_property
    def _measures(self) -> dict[int, Any]:
        return {measure.number: measure for measure in self.survey.measures}

    @cached_property
    def _units(self) -> dict[str, tuple[str, str]]:
        return {
            name: (unit.unit_id, unit.name_zh)
            for unit in self.survey.units
            for name in (unit.name_zh, *unit.aliases)
        }

    def _cell(self, row: int, name: str) -> Any:
        return self.sheet.at(row, self.columns[name]) if name in self.columns else ""

    def _text(self, row: int, name: str) -> str:
        return shown(self._cell(row, name)).strip()

    def _wrong(self, row: int, name: str, said: str, advice: str = _ADVICE) -> OversightError:
        cell = address(row, self.columns[name])
        return OversightError(said, advice, Place(OVERSIGHT_FILE, self.sheet.name, cell))


def _head(text: str) -> str:
    """A header without its unit: 完成程度（%） → 完成程度."""
    return "".join(re.split(r"[（(]", text)[0].split())


def _columns(heads: list[str], sheet: Sheet, row: int) -> dict[str, int]:
    """Where each column stands; raises OversightError for one that lacks or stands twice."""
    known = {word: name for name, words in _words().columns.items() for word in words}
    known |= {word: word for word in (UNIT, SUBJECT, STATE, OPEN)}
    columns: dict[str, int] = {}
    for column, head in enumerate(heads):
        name = known.get(head)
        if name in columns:
            place = Place(OVERSIGHT_FILE, sheet.name, address(row, column))
            raise OversightError(f"有两列都是“{head}”", _ADVICE, place)
        if name:
            columns[name] = column
    lacking = [_words().columns[name][0] for name in _words().required if name not in columns]
    if lacking:
        place = Place(OVERSIGHT_FILE, sheet.name, address(row, 0))
        raise OversightError(f"缺少“{'”“'.join(lacking)}”这几列", _ADVICE, place)
    return columns
