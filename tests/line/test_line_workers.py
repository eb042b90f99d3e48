"""A file that kills, stalls or swells the process reading it costs that file, never the run."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pytest

from pipelines import intake
from pipelines.errors import ReaderProcessError
from pipelines.intake import InboxFile, Limits, Readings
from pipelines.intake.readings import PACKED, FileReport
from pipelines.watched import Read
from pipelines.workers import readers_by

#: The first array makes pyarrow import much: here, so that no reader does it in a file's time.
pa.array([""])
MEGABYTE = 1 << 20
SHORT = intake.limits().model_copy(update={"file_seconds": 3.0})
#: With the program loaded, a process holds about 150 MB.
NARROW = intake.limits().model_copy(update={"process_bytes": 400 * MEGABYTE})


def named(name: str) -> InboxFile:
    return InboxFile(2023, name, name, 1, "county", name)


def read(files: Iterable[InboxFile]) -> Readings:
    """One answer a file; what a bad file does to its process is its name."""
    reports: list[FileReport] = []
    rows: list[dict[str, object]] = []
    for number, file in enumerate(files):
        misbehave(file.file)
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
    return Readings(tuple(reports), (), pa.Table.from_pylist(rows, schema=PACKED))


def misbehave(name: str) -> None:
    if "崩溃" in name:
        os.kill(os.getpid(), signal.SIGKILL)
    elif "退出" in name:
        os._exit(0)
    elif "不动" in name:
        time.sleep(3600)
    elif "空转" in name:
        while True:
            pass
    elif "吃内存" in name:
        eaten = []
        while True:
            eaten.append(bytearray(b"x") * MEGABYTE)


def read_together(files: Iterable[InboxFile]) -> Readings:
    """A reader that looks at all its files before it reads them."""
    return read(list(files))


def dead_on_arrival(files: Iterable[InboxFile]) -> Readings:
    os._exit(1)


def faulty(files: Iterable[InboxFile]) -> Readings:
    raise LookupError("a fault of ours")


CODES = {"崩溃": "K412", "退出": "K412", "不动": "K413", "空转": "K413", "吃内存": "K414"}


def take_in(
    batches: Sequence[Sequence[str]], how: Read = read, limits: Limits | None = None
) -> list[Readings]:
    with readers_by(how, len(batches), limits) as submit:
        return [
            reading.result()
            for reading in [submit([named(name) for name in batch]) for batch in batches]
        ]


def assert_nothing_lost(batches: Sequence[Sequence[str]], found: Sequence[Readings]) -> None:
    """Every file has its report, in order, and every good file its answer."""
    assert [[r.file.file for r in part.reports] for part in found] == [list(b) for b in batches]
    for part in found:
        names = part.answers.column("file").to_pylist()
        for report in part.reports:
            code = next((code for word, code in CODES.items() if word in report.file.file), "")
            if code:
                assert (report.status, report.reason_code, report.rows) == ("rejected", code, 0)
                assert report.reason_zh
                assert report.advice_zh
            else:
                assert names[report.first_row] == report.file.file
    good = sum(not any(word in name for word in CODES) for batch in batches for name in batch)
    assert sum(part.answers.num_rows for part in found) == good


def test_the_file_that_kills_its_reader_is_refused_and_all_others_are_read() -> None:
    batches = [["甲", "崩溃", "乙"], ["丙"], ["退出", "丁"]]
    assert_nothing_lost(batches, take_in(batches))


def test_the_file_that_never_ends_is_refused_and_all_others_are_read() -> None:
    batches = [["甲", "不动", "乙"], ["丙", "空转"], ["丁"]]
    assert_nothing_lost(batches, take_in(batches, limits=SHORT))


def test_the_file_that_swells_is_refused_and_all_others_are_read() -> None:
    batches = [["甲", "吃内存", "乙"], ["丙"]]
    assert_nothing_lost(batches, take_in(batches, limits=NARROW))


def test_one_small_batch_is_not_read_in_this_process() -> None:
    batches = [["崩溃", "好"]]
    assert_nothing_lost(batches, take_in(batches))


def test_a_reader_that_takes_all_its_files_at_once_still_finds_the_one_to_blame() -> None:
    batches = [["甲", "崩溃", "乙"]]
    assert_nothing_lost(batches, take_in(batches, read_together))


def test_a_process_that_dies_before_its_first_file_is_not_the_files_fault() -> None:
    with pytest.raises(ReaderProcessError, match="K206"):
        take_in([["甲"]], dead_on_arrival)


def test_a_fault_of_ours_is_raised_as_it_is() -> None:
    with pytest.raises(LookupError, match="a fault of ours"):
        take_in([["甲"]], faulty)


def test_leaving_early_leaves_no_process_behind() -> None:
    """As when Ctrl-C is pressed while a file stalls: no waiting for it."""
    started = time.monotonic()
    with contextlib.suppress(KeyboardInterrupt), readers_by(read, 2) as submit:
        stalled = submit([named("不动")])
        submit([named("甲")]).result()
        raise KeyboardInterrupt
    assert stalled.done()
    assert time.monotonic() - started < intake.limits().file_seconds
