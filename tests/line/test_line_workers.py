"""A file that kills the process reading it costs that file, never the run."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from pipelines.intake import InboxFile, Readings
from pipelines.intake.readings import FileReport
from pipelines.warehouse.schema import arrow_table
from pipelines.workers import readers_by


def named(name: str) -> InboxFile:
    return InboxFile(2023, name, name, 1, "county", name)


def read(files: Sequence[InboxFile]) -> Readings:
    """One answer a file; a file named “坏” takes its process with it."""
    reports, rows = [], []
    for number, file in enumerate(files):
        if "坏" in file.file:
            os.kill(os.getpid(), signal.SIGKILL)
        reports.append(FileReport(file, "xlsx", "loaded", first_row=number, rows=1))
        rows.append(
            {
                "return_id": file.file,
                "submission_id": file.file,
                "item_id": "volunteers",
                "value": None,
                "state": "blank",
                "raw_text": "",
                "file": file.file,
                "sheet": "S",
                "cell": "A1",
                "notes": [],
            }
        )
    return Readings(tuple(reports), (), arrow_table("answers", rows))


def test_the_file_that_kills_its_reader_is_refused_and_all_others_are_read() -> None:
    batches = [
        [named("甲"), named("坏一"), named("乙")],
        [named("丙")],
        [named("坏二"), named("丁")],
    ]
    with readers_by(read, len(batches)) as submit:
        found = [reading.result() for reading in [submit(batch) for batch in batches]]

    assert [[r.file for r in part.reports] for part in found] == batches
    for part in found:
        names = part.answers.column("file").to_pylist()
        for report in part.reports:
            if "坏" in report.file.file:
                assert (report.status, report.reason_code, report.rows) == ("rejected", "K412", 0)
                assert report.advice_zh
            else:
                assert names[report.first_row] == report.file.file
    assert sum(part.answers.num_rows for part in found) == 4


def test_one_small_batch_is_not_read_in_this_process() -> None:
    with readers_by(read, 1) as submit:
        part = submit([named("坏"), named("好")]).result()
    assert [report.status for report in part.reports] == ["rejected", "loaded"]
