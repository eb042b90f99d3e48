"""Read received files: bytes to sheets, sheets to returns, returns to answers, file by file.

Each file stands alone: whatever is wrong with it becomes its report, with a stable code, a reason
and advice for the sender, and nothing of it is loaded.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pyarrow as pa

from pipelines.errors import (
    BlankReturnError,
    EmptyFileError,
    ForeignFileError,
    IncompleteReturnError,
    Place,
    ReaderFailureError,
    UnclearLayoutError,
    UnreadableFileError,
    WrongYearError,
)
from pipelines.intake.collect import Collected, collect
from pipelines.intake.inbox import InboxFile, content_of
from pipelines.intake.lexicon import Lexicon
from pipelines.intake.marks import is_simulated
from pipelines.intake.readings import Answer, Draft, FileReport, Readings, ReturnHead
from pipelines.intake.sniff import Format, sniff
from pipelines.intake.vocabulary import refusals
from pipelines.intake.workbooks import read_sheets
from pipelines.survey import Survey
from pipelines.survey.models import Edition
from pipelines.survey.notation import State
from pipelines.warehouse import Root
from pipelines.warehouse.schema import ANSWERS

_EXAMPLES = 3


def read_files(files: list[InboxFile], root: Root, survey: Survey) -> Readings:
    """Read a batch of files; safe in any process, in any order."""
    batch = _Batch(root, survey)
    for file in files:
        batch.add(file)
    return batch.readings()


def refuse(file: InboxFile, problem: str) -> Readings:
    """The readings of a file that could not be read at all."""
    return Readings((refused(file, "", ReaderFailureError(problem)),))


class _Batch:
    """Readings being gathered, with what is shared between the files of a batch."""

    def __init__(self, root: Root, survey: Survey) -> None:
        self._root = root
        self._survey = survey
        self._lexicons: dict[int, Lexicon] = {}
        self._reports: list[FileReport] = []
        self._returns: list[ReturnHead] = []
        self._columns: dict[str, list[Any]] = {column.name: [] for column in ANSWERS.columns}

    def add(self, file: InboxFile) -> None:
        if file.verdict:
            self._reports.append(_verdict(file))
            return
        kind = ""
        seen = 0
        try:
            data = content_of(file, self._root)
            kind = str(sniff(data))
            collected = self._collect(file, data, Format(kind))
            seen = sum(len(draft.answers) for draft in collected.drafts)
            self._check(file, collected)
        except UnreadableFileError as error:
            self._reports.append(refused(file, kind, error, seen))
        except MemoryError:
            too_much = ReaderFailureError("内容太多，内存放不下")
            self._reports.append(refused(file, kind, too_much, seen))
        except Exception as unexpected:  # one bad file never stops the others
            failure = ReaderFailureError(f"{type(unexpected).__name__}：{unexpected}")
            self._reports.append(refused(file, kind, failure, seen))
        else:
            self._load(file, kind, collected)

    def readings(self) -> Readings:
        answers = pa.table(self._columns, schema=ANSWERS.arrow_schema)
        return Readings(tuple(self._reports), tuple(self._returns), answers)

    def _collect(self, file: InboxFile, data: bytes, kind: Format) -> Collected:
        sheets = read_sheets(data, kind)
        if all(sheet.is_blank for sheet in sheets):
            raise EmptyFileError("所有工作表都是空的")
        return collect(sheets, self._lexicon(file.year), self._survey.divisions)

    def _lexicon(self, year: int) -> Lexicon:
        if year not in self._lexicons:
            self._lexicons[year] = Lexicon(self._survey.edition_of(year), year)
        return self._lexicons[year]

    def _check(self, file: InboxFile, collected: Collected) -> None:
        edition = self._survey.edition_of(file.year)
        if not collected.drafts:
            raise ForeignFileError("文件里没有找到科普统计调查表")
        _check_year(collected, file.year)
        _check_unknown(collected, edition, file.year)
        for draft in collected.drafts:
            if draft.layout == "questionnaire":
                _check_complete(draft, edition)

    def _load(self, file: InboxFile, kind: str, collected: Collected) -> None:
        first_row = len(self._columns["return_id"])
        edition_id = self._survey.edition_of(file.year).edition_id
        simulated = is_simulated(collected.sheets)
        for draft in collected.drafts:
            self._add_return(file, draft, edition_id, simulated)
        rows = len(self._columns["return_id"]) - first_row
        self._reports.append(
            FileReport(
                file,
                kind,
                "loaded",
                returns=len(collected.drafts),
                figures_in=rows,
                figures_loaded=rows,
                first_row=first_row,
                rows=rows,
            )
        )

    def _add_return(self, file: InboxFile, draft: Draft, edition_id: str, simulated: bool) -> None:
        return_id = _return_id(file, draft)
        self._returns.append(
            ReturnHead(
                return_id=return_id,
                file=file,
                edition_id=edition_id,
                layout=draft.layout,
                role=draft.role,
                sheet=draft.sheet,
                row=draft.row,
                cover=draft.cover,
                simulated=simulated,
                content={a.item_id: _content(a) for a in draft.answers},
            )
        )
        columns, answers = self._columns, draft.answers
        count = len(answers)
        columns["return_id"].extend([return_id] * count)
        columns["submission_id"].extend([file.submission_id] * count)
        columns["file"].extend([file.file] * count)
        for name in ("item_id", "value", "state", "raw_text", "sheet", "cell", "notes"):
            place = Answer._fields.index(name)
            columns[name].extend([answer[place] for answer in answers])


def refused(file: InboxFile, kind: str, error: UnreadableFileError, figures: int = 0) -> FileReport:
    """The report of a file of which nothing is loaded."""
    refusal = refusals()[error.code]
    where = str(error.place)
    reason = f"{refusal.title_zh}：{where + '，' if where else ''}{error.problem}"
    return FileReport(
        file,
        kind,
        "rejected",
        error.code,
        reason,
        error.advice or refusal.advice_zh,
        figures_in=figures,
    )


def _verdict(file: InboxFile) -> FileReport:
    """The report of a file that taking stock has already settled."""
    title = refusals()[file.reason_code].title_zh if file.verdict == "rejected" else ""
    reason = f"{title}：{file.reason_zh}" if title else file.reason_zh
    return FileReport(file, "", file.verdict, file.reason_code, reason, file.advice_zh)


def _check_year(collected: Collected, year: int) -> None:
    for stated, sheet, cell in collected.years:
        if stated != year:
            raise WrongYearError(
                f"表上写的是 {stated} 年度，收件夹是 {year} 年度", place=Place("", sheet, cell)
            )


def _check_unknown(collected: Collected, edition: Edition, year: int) -> None:
    if collected.unknown:
        shown = "、".join(f"“{label}”（{where}）" for where, label in collected.unknown[:_EXAMPLES])
        more = f"等 {len(collected.unknown)} 项" if len(collected.unknown) > _EXAMPLES else ""
        raise UnclearLayoutError(
            f"有数的指标不在 {year} 年度的调查表（{edition.edition_id}）里：{shown}{more}"
        )


def _check_complete(draft: Draft, edition: Edition) -> None:
    """Every form is there with all its rows, and none is left wholly blank."""
    states = {answer.item_id: answer.state for answer in draft.answers}
    if all(state == State.BLANK for state in states.values()):
        raise BlankReturnError("一个数也没有填", place=Place(sheet=draft.sheet))
    absent: list[str] = []
    blank: list[str] = []
    rows: list[str] = []
    for form in edition.forms:
        items = edition.items_of(form.form_id)
        found = [states[item.item_id] for item in items if item.item_id in states]
        name = f"{form.code} {form.name_zh}"
        if items and not found:
            absent.append(name)
        elif items and all(state == State.BLANK for state in found):
            blank.append(name)
        else:
            rows.extend(item.name_zh for item in items if item.item_id not in states)
    problems = []
    if absent:
        problems.append(f"缺少{'、'.join(absent)}")
    if blank:
        problems.append(f"{'、'.join(blank)}整张没有填")
    if rows:
        more = f"等 {len(rows)} 项" if len(rows) > _EXAMPLES else ""
        problems.append(f"缺少指标行“{'”“'.join(rows[:_EXAMPLES])}”{more}")
    if problems:
        raise IncompleteReturnError("；".join(problems))


def _return_id(file: InboxFile, draft: Draft) -> str:
    name = draft.cover["unit_name"].text if "unit_name" in draft.cover else ""
    key = f"{file.year}|{file.submission_id}|{draft.sheet}|{draft.row}|{name}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _content(answer: Answer) -> str:
    """What an answer says, for telling whether two returns differ."""
    if answer.value is not None:
        return str(answer.value)
    return "-" if answer.state == State.NOT_APPLICABLE else answer.raw_text.strip()
