"""Put readings together as the intake tables: identity, duplicates, revisions, conservation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from pipelines.errors import ConservationError
from pipelines.intake.identities import Identifier, UnitIds, identity_columns
from pipelines.intake.inbox import InboxFile, Inventory
from pipelines.intake.labels import plain_name
from pipelines.intake.readings import FileReport, Readings, ReturnHead
from pipelines.intake.revisions import Candidate, rank
from pipelines.survey import Survey
from pipelines.warehouse.schema import arrow_table, empty_table

_FileKey = tuple[int, str]
_CHANNEL_ORDER = {"county": 0, "department": 1}


def assemble(
    inventory: Inventory,
    readings: Readings | Sequence[Readings],
    survey: Survey,
    register: pa.Table,
) -> dict[str, pa.Table]:
    """The tables submissions, returns, covers, answers and units.

    ``register`` is the units table of all years.  Raises ConservationError when a file or a figure
    would be lost on the way.
    """
    parts = [readings] if isinstance(readings, Readings) else list(readings)
    twice = _same_content(report for part in parts for report in part.reports)
    reports = _settled(parts, inventory, twice)
    heads = [head for part in parts for head in part.returns if _key(head.file) not in twice]
    answers = _answers(parts, twice)
    tables = {
        "submissions": arrow_table("submissions", [_submission(report) for report in reports]),
        "returns": arrow_table("returns", _returns(heads, survey, register)),
        "covers": arrow_table("covers", [row for head in heads for row in _covers(head)]),
        "answers": answers,
        "units": register,
    }
    _assert_conserved(inventory, reports, tables)
    return tables


def _key(file: InboxFile) -> _FileKey:
    return file.year, file.file


def _same_content(reports: Iterable[FileReport]) -> dict[_FileKey, InboxFile]:
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
    parts: Sequence[Readings], inventory: Inventory, twice: dict[_FileKey, InboxFile]
) -> list[FileReport]:
    """A report for every file received, in order."""
    reports = [
        FileReport(file, "", "skipped", file.reason_code, file.reason_zh)
        for file in inventory.skipped
    ]
    for report in (report for part in parts for report in part.reports):
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


def _answers(parts: Sequence[Readings], twice: dict[_FileKey, InboxFile]) -> pa.Table:
    """The answers of all files but those whose content was received before."""
    kept: list[pa.Table] = [empty_table("answers")]
    for part in parts:
        start = 0
        for report in part.reports:
            if report.rows and _key(report.file) in twice:
                kept.append(part.answers.slice(start, report.first_row - start))
                start = report.first_row + report.rows
        kept.append(part.answers.slice(start))
    return pa.concat_tables(kept)


def _returns(
    heads: Sequence[ReturnHead], survey: Survey, register: pa.Table
) -> list[dict[str, Any]]:
    identifier, unit_ids = Identifier(survey), UnitIds(register)
    rows: list[dict[str, Any]] = []
    groups: dict[tuple[int, str, str], list[tuple[Candidate, dict[str, Any]]]] = defaultdict(list)
    for head in heads:
        year = head.file.year
        identity = identifier.identify(head.cover, year)
        unit_id = unit_ids.of(identity, year, head.return_id)
        row = {
            "return_id": head.return_id,
            "submission_id": head.file.submission_id,
            "file": head.file.file,
            "sheet": head.sheet,
            "year": year,
            "edition_id": head.edition_id,
            "layout": head.layout,
            "role": head.role,
            "unit_id": unit_id,
            **identity_columns(identity),
            "is_venue": identity.is_venue,
            "channel": head.file.channel,
            "revision": 1,
            "fill_date": identity.fill_date,
            "status": "received",
            "status_reason_zh": "",
            "simulated": head.simulated,
        }
        rows.append(row)
        if head.role == "basic":
            candidate = Candidate(
                file=head.file.file,
                channel=head.file.channel,
                name=plain_name(identity.unit_name),
                fill_date=identity.fill_date,
                content=head.content,
            )
            groups[year, unit_id, identity.venue_key].append((candidate, row))
    for group in groups.values():
        rank([candidate for candidate, _ in group])
        for candidate, row in group:
            row["revision"] = candidate.revision
            row["status"] = candidate.status
            row["status_reason_zh"] = candidate.reason
    return rows


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
    inventory: Inventory, reports: Sequence[FileReport], tables: dict[str, pa.Table]
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
    if figures_in != loaded + left_out or loaded != tables["answers"].num_rows:
        raise ConservationError(
            f"读到 {figures_in} 格，载入 {tables['answers'].num_rows} 格，未载入 {left_out} 格"
        )
    returns = sum(report.returns for report in reports)
    if returns != tables["returns"].num_rows:
        raise ConservationError(f"读出 {returns} 份调查表，登记 {tables['returns'].num_rows} 份")
