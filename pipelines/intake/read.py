"""Read received files: bytes to sheets, sheets to returns, returns to answers, file by file.

Each file stands alone: whatever is wrong with it becomes its report, with a stable code, a reason
and advice for the sender, and nothing of it is loaded.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from pipelines.errors import (
    BlankReturnError,
    ChangedFileError,
    EmptyFileError,
    ForeignFileError,
    IncompleteReturnError,
    MappingError,
    MemoryLimitError,
    Place,
    ReaderFailureError,
    UnclearColumnError,
    UnclearLayoutError,
    UnreadableFileError,
    WrongYearError,
)
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.formats.sniff import Format, sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.inbox import InboxFile, content_of, inaccessible
from pipelines.intake.layouts.collect import Collected, collect
from pipelines.intake.layouts.diagnosis import explained
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.marks import is_simulated
from pipelines.intake.mappings.mapping import read_mappings
from pipelines.intake.mappings.proposal import propose
from pipelines.intake.mappings.proposal_file import advice_of
from pipelines.intake.readings import PACKED, Answer, Draft, FileReport, Readings, ReturnHead
from pipelines.intake.replies.answered import answered_letter, apply, explanations
from pipelines.intake.vocabulary import refusals
from pipelines.survey import Survey
from pipelines.survey.models import Edition
from pipelines.survey.notation import State
from pipelines.warehouse import Root
from pipelines.warehouse.schema import ANSWERS

_EXAMPLES = 3
#: A lexicon that has met so many texts is begun anew: files of free text would swell it.
_MOST_TEXTS = 50_000
#: Refusals behind which a questionnaire of an unknown layout may stand.
_MAPPABLE = frozenset({ForeignFileError.code, IncompleteReturnError.code, UnclearLayoutError.code})


class Reader:
    """Reads files of one root; safe in any process, in any order.

    It keeps what it has learnt of the texts in them, which every further file is the faster for.
    """

    def __init__(self, root: Root, survey: Survey) -> None:
        self._root = root
        self._survey = survey
        self._lexicons: dict[int, Lexicon] = {}

    def read(self, files: Iterable[InboxFile]) -> Readings:
        """The readings of ``files``; each is taken up when the one before is done."""
        batch = _Batch(self._root, self._survey, self._lexicon)
        for file in files:
            batch.add(file)
        return batch.readings()

    def _lexicon(self, year: int) -> Lexicon:
        known = self._lexicons.get(year)
        if known is None or len(known.marking) > _MOST_TEXTS:
            mappings = read_mappings(self._root, year, self._survey)
            known = Lexicon(self._survey.edition_of(year), year, mappings)
            self._lexicons[year] = known
        return known


def read_files(files: Iterable[InboxFile], root: Root, survey: Survey) -> Readings:
    """Read one batch of files."""
    return Reader(root, survey).read(files)


def refuse(file: InboxFile, reason: UnreadableFileError) -> Readings:
    """The readings of a file that could not be read at all."""
    return Readings((refused(file, "", reason),))


class _Batch:
    """Readings being gathered, with what is shared between the files of a batch."""

    def __init__(self, root: Root, survey: Survey, lexicon: Callable[[int], Lexicon]) -> None:
        self._root = root
        self._survey = survey
        self._lexicon = lexicon
        self._reports: list[FileReport] = []
        self._returns: list[ReturnHead] = []
        self._explanations: list[dict[str, Any]] = []
        self._item_ids: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._sheets: list[Sheet] = []
        self._columns: dict[str, list[Any]] = {column.name: [] for column in ANSWERS.columns}

    def add(self, file: InboxFile) -> None:
        if file.verdict:
            self._reports.append(_verdict(file))
            return
        kind = ""
        seen = 0
        self._sheets = []
        drafts: list[Draft] = []
        try:
            data = _received(file, self._root)
            kind = str(sniff(data))
            collected = self._collect(file, data, Format(kind))
            drafts = collected.drafts
            seen = sum(len(draft.answers) for draft in drafts)
            self._check(file, collected)
        except UnreadableFileError as error:
            reason = self._explained(error, file.year, drafts)
            report = refused(file, kind, reason, seen)
            hopeless = isinstance(error, UnclearColumnError)
            self._reports.append(report if hopeless else self._proposed(report))
        except MappingError:
            raise
        except MemoryError:
            too_much = MemoryLimitError("内容太多，内存放不下")
            self._reports.append(refused(file, kind, too_much, seen))
        except Exception as unexpected:  # one bad file never stops the others
            failure = ReaderFailureError(f"{type(unexpected).__name__}：{unexpected}")
            self._reports.append(refused(file, kind, failure, seen))
        else:
            self._load(file, kind, collected)

    def readings(self) -> Readings:
        answers = pa.table(self._columns, schema=PACKED)
        return Readings(
            tuple(self._reports), tuple(self._returns), answers, tuple(self._explanations)
        )

    def _collect(self, file: InboxFile, data: bytes, kind: Format) -> Collected:
        sheets = read_sheets(data, kind)
        if all(sheet.is_blank for sheet in sheets):
            raise EmptyFileError("所有工作表都是空的")
        self._sheets = sheets
        answered = answered_letter(sheets, file.year)
        if answered is None:
            return collect(sheets, self._lexicon(file.year), self._survey.divisions)
        collected = collect(answered.forms, self._lexicon(file.year), self._survey.divisions)
        apply(answered, collected, self._survey.edition_of(file.year))
        collected.explanations.extend(explanations(answered, file.year, file.file))
        return collected

    def _explained(
        self, error: UnreadableFileError, year: int, drafts: Sequence[Draft]
    ) -> UnreadableFileError:
        """A more exact reason, where the sheets give one."""
        if not self._sheets:
            return error
        found = frozenset(answer.item_id for draft in drafts for answer in draft.answers)
        with contextlib.suppress(UnreadableFileError):
            return explained(error, self._sheets, found, self._lexicon(year), self._survey)
        return error

    def _proposed(self, report: FileReport) -> FileReport:
        """For a layout that is not known: the mapping it would need, and how to use it."""
        if report.reason_code not in _MAPPABLE or not self._sheets:
            return report
        with contextlib.suppress(UnreadableFileError):
            proposal = propose(self._sheets, self._lexicon(report.file.year))
            if proposal is not None:
                advice = advice_of(proposal, report.file.year)
                return replace(
                    report, proposal=proposal, advice_zh=f"{advice}；否则{report.advice_zh}"
                )
        return report

    def _check(self, file: InboxFile, collected: Collected) -> None:
        edition = self._survey.edition_of(file.year)
        if not collected.drafts:
            raise ForeignFileError("文件里没有找到科普统计调查表")
        _check_year(collected, file.year)
        _check_unknown(collected, edition, file.year)
        for draft in collected.drafts:
            if draft.layout == "questionnaire":
                absent = self._lexicon(file.year).mappings.absent(draft.decided)
                _check_complete(draft, edition, absent)

    def _load(self, file: InboxFile, kind: str, collected: Collected) -> None:
        first_row = len(self._columns["return_id"])
        edition_id = self._survey.edition_of(file.year).edition_id
        simulated = is_simulated(collected.sheets)
        for draft in collected.drafts:
            self._add_return(file, draft, edition_id, simulated)
        self._explanations += collected.explanations
        rows = len(self._columns["return_id"]) - first_row
        self._reports.append(
            FileReport(
                file,
                kind,
                "loaded",
                reason_zh=_said_of_mappings(collected.drafts, self._lexicon(file.year)),
                returns=len(collected.drafts),
                figures_in=rows,
                figures_loaded=rows,
                first_row=first_row,
                rows=rows,
            )
        )

    def _add_return(self, file: InboxFile, draft: Draft, edition_id: str, simulated: bool) -> None:
        return_id = _return_id(file, draft)
        item_ids = tuple([answer.item_id for answer in draft.answers])
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
                item_ids=self._item_ids.setdefault(item_ids, item_ids),
                lines="\n".join([_line(answer) for answer in draft.answers]),
                answers_to=draft.answers_to,
            )
        )
        columns, answers = self._columns, draft.answers
        count = len(answers)
        columns["return_id"].extend([return_id] * count)
        columns["submission_id"].extend([file.submission_id] * count)
        columns["file"].extend([file.file] * count)
        for name, values in zip(Answer._fields, zip(*answers, strict=True), strict=False):
            columns[name].extend(values)


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


def _received(file: InboxFile, root: Root) -> bytes:
    """The bytes of the file as it was received; raises UnreadableFileError's kinds."""
    try:
        data = content_of(file, root)
    except OSError as error:
        raise inaccessible(error) from error
    except IndexError as error:
        raise ChangedFileError("收件之后压缩包里的文件少了") from error
    if hashlib.sha256(data).hexdigest() != file.submission_id:
        raise ChangedFileError("收件之后文件内容变了")
    return data


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


def _check_complete(draft: Draft, edition: Edition, absent_items: Iterable[str]) -> None:
    """Every form is there with all its rows, and none is left wholly blank.

    ``absent_items`` are those that, by an approved mapping, the layout does not ask.
    """
    found = {answer.item_id for answer in draft.answers}
    filled = {answer.item_id for answer in draft.answers if answer.state != State.BLANK}
    if not filled:
        raise BlankReturnError("一个数也没有填", place=Place(sheet=draft.sheet))
    absent: list[str] = []
    blank: list[str] = []
    rows: list[str] = []
    for form in edition.forms:
        items = edition.items_of(form.form_id)
        asked = {item.item_id for item in items}.difference(absent_items)
        if asked and asked.isdisjoint(found):
            absent.append(f"{form.code} {form.name_zh}")
        elif asked and asked.isdisjoint(filled):
            blank.append(f"{form.code} {form.name_zh}")
        elif not asked <= found:
            missing = asked - found
            rows.extend(item.name_zh for item in items if item.item_id in missing)
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


def _said_of_mappings(drafts: Sequence[Draft], lexicon: Lexicon) -> str:
    """By which mappings the file was read, and which items they say its forms do not ask."""
    layouts = {layout for draft in drafts for layout in draft.decided}
    if not layouts:
        return ""
    absent = lexicon.mappings.absent(layouts)
    items = lexicon.edition.item
    lacking = "；".join(f"“{items[i].name_zh}”（{reason}）" for i, reason in sorted(absent.items()))
    names = "、".join(lexicon.mappings.names(layouts))
    return f"按版式对照表 {names} 读取" + (f"；表上没有：{lacking}" if lacking else "")


def _return_id(file: InboxFile, draft: Draft) -> str:
    name = draft.cover["unit_name"].text if "unit_name" in draft.cover else ""
    key = f"{file.year}|{file.submission_id}|{draft.sheet}|{draft.row}|{name}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _line(answer: Answer) -> str:
    """What an answer says, in one line, for telling whether two returns differ."""
    if answer.value is not None:
        return str(answer.value)
    if answer.state == State.NOT_APPLICABLE:
        return "-"
    return " ".join(answer.raw_text.split())
