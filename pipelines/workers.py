"""Read batches of files in as many processes as the machine has cores.

Processes are spawned, never forked (readers hold threads).  None is this one: a file on which the
native reader kills its process costs that file alone.  What was lost with the process is read
again, one file at a time, so that the file to blame is known and refused by name.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from typing import TYPE_CHECKING

from pipelines import steps

if TYPE_CHECKING:
    from pipelines.intake import InboxFile, Readings

Submit = Callable[[Sequence["InboxFile"]], "Reading"]
#: Reads some files; picklable, for another process calls it.
Read = Callable[[Sequence["InboxFile"]], "Readings"]


@contextlib.contextmanager
def readers(plan: steps.Plan, batches: int) -> Iterator[Submit]:
    """A function that submits a batch and gives what will be its readings."""
    with readers_by(partial(steps.read, plan.root, plan.overlay), batches) as submit:
        yield submit


@contextlib.contextmanager
def readers_by(read: Read, batches: int) -> Iterator[Submit]:
    """The same with any function that reads files."""
    with _pool(min(os.cpu_count() or 1, max(batches, 1))) as pool:
        try:
            yield lambda files: Reading(read, files, pool)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class Reading:
    """A batch that is being read elsewhere."""

    def __init__(self, read: Read, files: Sequence[InboxFile], pool: ProcessPoolExecutor) -> None:
        self._read = read
        self._files = files
        self._future: Future[Readings] | None = None
        # A pool that has lost a process takes nothing more.
        with contextlib.suppress(BrokenProcessPool):
            self._future = pool.submit(read, files)

    def result(self) -> Readings:
        """Wait for the readings of the batch."""
        if self._future is not None:
            with contextlib.suppress(BrokenProcessPool):
                return self._future.result()
        return _one_by_one(self._read, self._files)


def _one_by_one(read: Read, files: Sequence[InboxFile]) -> Readings:
    """Read in one process, a file at a time; refuse each file that kills it."""
    from pipelines.intake import joined, refuse

    found: list[Readings] = []
    waiting = list(files)
    while waiting:
        with _pool(1) as pool:
            while waiting:
                file = waiting.pop(0)
                try:
                    found.append(pool.submit(read, [file]).result())
                except BrokenProcessPool:
                    found.append(refuse(file, "读取时程序崩溃"))
                    break
    return joined(found)


def _pool(workers: int) -> ProcessPoolExecutor:
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=signal.signal,
        initargs=(signal.SIGINT, signal.SIG_IGN),
    )
    with _interrupts_ignored():
        for _ in range(workers):
            pool.submit(int)
    return pool


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes started inside ignore Ctrl-C from their first breath: a terminal sends it to all
    of them, and only the parent answers it.  Signals can be set in the main thread alone; the
    pool's initializer is for every other case."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
