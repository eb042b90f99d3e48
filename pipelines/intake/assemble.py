"""Put readings together as the intake tables: identity, duplicates, revisions, conservation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from pipelines.errors import ConservationError
from pipelines.intake.decisions.deciding import Known
from pipelines.intake.decisions.rulings import Ruling
from pipelines.intake.identity.identification import identify
from pipelines.intake.identity.identities import Identifier
from pipelines.intake.inbox import InboxFile, Inventory
from pipelines.intake.mappings.proposal_file import proposal_rows
from pipelines.intake.readings import FileReport, Readings, ReturnHead
from pipelines.survey import Survey
from pipelines.warehouse.schema import arrow_table

_FileKey = tuple[int, str]
_CHANNEL_ORDER = {"county": 0, "department": 1}


def assemble(
    inventory: Inventory,
    readings: Iterable[Readings],
    survey: Survey,
    register: pa.Table,
    rulings: Sequence[Ruling] = (),
) -> Iterator[tuple[str, pa.Table]]:
    """The tables submissions, returns, covers, answers, units and what goes with them, by name.

    Answers, covers and explanations come a batch at a time: ``readings`` is gone through twice
    and may lie on disk, for a province's do not fit in memory; what is kept of a return is whose
    it is and what it says in one short text.  ``register`` is the units table of all years.
    Raises ConservationError, at the latest at the end, when a file or a figure would be lost on
    the way, DecisionFileError for a ruling that cannot be meant.
    """
    files = {_key(file): file for file in inventory.files}
    received = [
        replace(report, file=files[_key(report.file)])
        for part in readings
        for report in part.reports
    ]
    twice = _same_content(received)
    reports = _settled(received, inventory, twice)
    known: list[Known] = []
    answers = 0
    remembered = _Memory(survey, files)
    for part in readings:
        heads = [head for head in part.returns if _key(head.file) not in twice]
        known += [remembered.known(head) for head in heads]
        loaded = _answers(part, twice)
        answers += loaded.num_rows
        yield "answers", loaded
        yield "covers", arrow_table("covers", (row for head in heads for row in _covers(head)))
        yield "explanations", arrow_table("explanations", _explanations(part, twice))
    identified = identify(known, reports, survey, register, rulings)
    _assert_conserved(inventory, reports, answers, len(identified.returns))
    yield "submissions", arrow_table("submissions", map(_submission, reports))
    yield "returns", arrow_table("returns", identified.returns)
    yield "rulings", arrow_table("rulings", identified.rulings)
    yield "identity_questions", arrow_table("identity_questions", identified.questions)
    yield "units", register
    proposals = (row for report in reports for row in proposal_rows(report))
    yield "proposals", arrow_table("proposals", proposals)


class _Memory:
    """What is kept of every return until all are there: as little as tells whose it is."""

    def __init__(self, survey: Survey, files: Mapping[_FileKey, InboxFile]) -> None:
        self._identifier = Identifier(survey)
        self._files = files
        self._item_ids: dict[tuple[str, ...], tuple[str, ...]] = {}

    def known(self, head: ReturnHead) -> Known:
        identity = self._identifier.identify(head.cover, head.file.year)
        items = self._item_ids.setdefault(head.item_ids, head.item_ids)
        slim = replace(head, file=self._files[_key(head.file)], cover={}, item_ids=items)
        return slim, identity


def _key(file: InboxFile) -> _FileKey:
    return file.year, file.file


def _same_content(reports: Sequence[FileReport]) -> dict[_FileKey, InboxFile]:
    """Files whose content was received before, with the file that counts."""
    first: dict[tuple[int, str], InboxFile] = {}
    twice: dict[_FileKey, InboxFile] = {}
    loaded = [report.file for report in reports if report.status == "loaded"]
    loaded.sort(key=lambda f: (f.year, _CHANNEL_ORDER.get(f.channel, 2), f.file))
    for file in loaded:
        known = first.setdefault((file.year, file.submission_id), file)
        if known is not file:
            twice[_key(file)] = known
    return twice


def _settled(
    received: Sequence[FileReport], inventory: Inventory, twice: Mapping[_FileKey, InboxFile]
) -> list[FileReport]:
    """A report for every file received, in order."""
    reports = [
        FileReport(file, "", "skipped", file.reason_code, file.reason_zh)
        for file in inventory.skipped
    ]
    for report in received:
        known = twice.get(_key(report.file))
        if known is None:
            reports.append(report)
            continue
        reports.append(
            replace(
                report,
                status="duplicate",
                reason_code="S201",
                reason_zh=f"与“{known.file}”内容完全相同，只计一次",
                returns=0,
                figures_loaded=0,
            )
        )
    return sorted(reports, key=lambda report: _key(report.file))


def _answers(part: Readings, twice: Mapping[_FileKey, InboxFile]) -> pa.Table:
    """The answers of a batch without those of files whose content was received before."""
    kept: list[pa.Table] = []
    start = 0
    for report in part.reports:
        if report.rows and _key(report.file) in twice:
            kept.append(part.answers.slice(start, report.first_row - start))
            start = report.first_row + report.rows
    return pa.concat_tables([*kept, part.answers.slice(start)])


def _explanations(
    part: Readings, twice: Mapping[_FileKey, InboxFile]
) -> Iterator[Mapping[str, Any]]:
    """What returned query sheets say, but of files whose content was received before."""
    return (row for row in part.explanations if (row["year"], row["file"]) not in twice)


def _covers(head: ReturnHead) -> list[dict[str, Any]]:
    return [
        {
            "return_id": head.return_id,
            "field_id": field_id,
            "raw_text": text.text,
            "sheet": text.sheet,
            "cell": text.cell,
        }
        for field_id, text in head.cover.items()
    ]


def _submission(report: FileReport) -> dict[str, Any]:
    file = report.file
    return {
        "year": file.year,
        "file": file.file,
        "submission_id": file.submission_id,
        "bytes": file.bytes,
        "format": report.format,
        "channel": file.channel,
        "status": report.status,
        "reason_code": report.reason_code,
        "reason_zh": report.reason_zh,
        "advice_zh": report.advice_zh,
        "returns": report.returns,
        "figures_in": report.figures_in,
        "figures_loaded": report.figures_loaded,
    }


def _assert_conserved(
    inventory: Inventory, reports: Sequence[FileReport], answers: int, returns: int
) -> None:
    """Files in = files with a status; figures in = loaded + those of files not loaded."""
    received = len(inventory.files) + len(inventory.skipped)
    if len(reports) != received:
        raise ConservationError(f"收到 {received} 个文件，有结果的 {len(reports)} 个")
    figures_in = sum(report.figures_in for report in reports)
    loaded = sum(report.figures_loaded for report in reports)
    left_out = sum(
        report.figures_in for report in reports if report.status in ("rejected", "duplicate")
    )
    if figures_in != loaded + left_out or loaded != answers:
        raise ConservationError(f"读到 {figures_in} 格，载入 {answers} 格，未载入 {left_out} 格")
    read = sum(report.returns for report in reports)
    if read != returns:
        raise ConservationError(f"读出 {read} 份调查表，登记 {returns} 份")
