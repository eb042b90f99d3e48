"""Read batches of files in as many processes as the machine has cores.

Processes are spawned, never forked (readers hold threads).  None is this one: a file on which the
native reader dies, hangs or eats the memory costs that file alone.  What was lost with a process
is read again.  The file it was at is read alone, in a fresh process, before it is blamed: whether
a file is refused never depends on the files read before it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue

from pipelines import intake, steps
from pipelines.errors import ReaderProcessError
from pipelines.intake import InboxFile, Limits, Readings
from pipelines.shelf import Shelf
from pipelines.watched import ProcessLostError, Read, ReaderProcess

#: Takes a batch, and gives what will be its readings.
Submit = Callable[[Sequence[InboxFile]], Future[Readings]]
#: Takes a numbered batch, and gives what ends when its readings are put aside.
SubmitNumbered = Callable[[int, Sequence[InboxFile]], Future[None]]

#: A process that dies so often before its first file will not live.
_STARTS = 3


@contextlib.contextmanager
def readers(plan: steps.Plan, batches: int, shelf: Shelf) -> Iterator[SubmitNumbered]:
    """A function that submits a batch, whose readings are put on the shelf as soon as read."""
    with _threads(partial(steps.read, plan.root, plan.overlay), batches) as (threads, read_batch):

        def put_aside(number: int, files: Sequence[InboxFile]) -> None:
            shelf.put(number, read_batch(files))

        yield lambda number, files: threads.submit(put_aside, number, files)


@contextlib.contextmanager
def readers_by(read: Read, batches: int, limits: Limits | None = None) -> Iterator[Submit]:
    """A function that submits a batch to any function that reads files."""
    with _threads(read, batches, limits) as (threads, read_batch):
        yield lambda files: threads.submit(read_batch, files)


@contextlib.contextmanager
def _threads(
    read: Read, batches: int, limits: Limits | None = None
) -> Iterator[tuple[ThreadPoolExecutor, Callable[[Sequence[InboxFile]], Readings]]]:
    """Threads, and a function for them that has a process read a batch."""
    count = min(os.cpu_count() or 1, max(batches, 1))
    processes = [ReaderProcess(read, limits or intake.limits()) for _ in range(count)]
    idle: SimpleQueue[ReaderProcess] = SimpleQueue()
    for process in processes:
        idle.put(process)

    def read_batch(files: Sequence[InboxFile]) -> Readings:
        process = idle.get()
        try:
            return _read_all(process, files)
        finally:
            idle.put(process)

    # A thread for each process: it waits for what the process says.
    threads = ThreadPoolExecutor(count, thread_name_prefix="reader")
    try:
        yield threads, read_batch
        threads.shutdown()
    finally:
        for process in processes:
            process.stop()
        threads.shutdown(cancel_futures=True)


def _read_all(process: ReaderProcess, files: Sequence[InboxFile]) -> Readings:
    """The readings of all files in order; those that cannot be read, even alone, are refused."""
    found: list[Readings] = []
    waiting = [files]
    starts = 0
    while waiting:
        run = waiting.pop()
        try:
            found.append(process.read(run))
            starts = 0
        except ProcessLostError as loss:
            if loss.number is None:
                starts += 1
                if starts == _STARTS:
                    raise ReaderProcessError("读取文件的进程启动不了") from loss
                waiting.append(run)
            elif len(run) == 1:
                found.append(intake.refuse(run[0], loss.reason))
            else:
                at = loss.number
                rest = (run[at + 1 :], run[at : at + 1], run[:at])  # the last comes first
                waiting.extend(part for part in rest if part)
    return intake.joined(found)
