"""A process that reads files, watched from outside: it can be ended, native code cannot.

The process takes its files one by one and says so each time, so that whoever watches knows which
file it is at, for how long, and can name it when the process is lost.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, cast

import psutil

from pipelines.errors import (
    MemoryLimitError,
    ReaderFailureError,
    TimeLimitError,
    UnreadableFileError,
)

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from pipelines.intake import InboxFile, Limits, Readings

#: Reads files, taking up each when it is done with the one before; picklable.
Read = Callable[[Iterable["InboxFile"]], "Readings"]

#: Seconds between two looks at a process that says nothing.
_LOOK = 0.05


class ProcessLostError(Exception):
    """The process was lost at its ``number``th file (None: before it took up any)."""

    def __init__(self, number: int | None, reason: UnreadableFileError) -> None:
        super().__init__(number, reason)
        self.number = number
        self.reason = reason


class ReaderProcess:
    """A process for ``read``, started when first needed and again after every loss."""

    def __init__(self, read: Read, limits: Limits) -> None:
        self._read = read
        self._limits = limits
        self._starting = threading.Lock()
        self._stopped = False
        self._process: SpawnProcess | None = None
        self._connection: Connection | None = None

    def read(self, files: Sequence[InboxFile]) -> Readings:
        """The readings of ``files``; raises ProcessLostError, or what ``read`` raised."""
        connection = self._running()
        number: int | None = None
        try:
            connection.send(files)
            since = time.monotonic()
            while True:
                if not connection.poll(_LOOK):
                    self._look(number, time.monotonic() - since)
                    continue
                said = connection.recv()
                if not isinstance(said, int):
                    break
                number, since = said, time.monotonic()
        except (EOFError, OSError):
            self._end()
            raise ProcessLostError(number, ReaderFailureError("读取时程序崩溃")) from None
        if isinstance(said, BaseException):
            raise said
        return cast("Readings", said)

    def stop(self) -> None:
        """End the process for good; may be called from another thread."""
        with self._starting:
            self._stopped = True
            if self._process is not None:
                self._process.kill()
                self._process.join()

    def _running(self) -> Connection:
        with self._starting:
            if self._stopped:
                raise CancelledError
            if self._connection is None:
                context = get_context("spawn")
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(self._read, theirs), daemon=True)
                with _interrupts_held():
                    process.start()
                theirs.close()
                self._process, self._connection = process, ours
            return self._connection

    def _look(self, number: int | None, seconds: float) -> None:
        """End the process, and raise ProcessLostError, when it has gone beyond a limit."""
        if number is None or self._process is None:
            return
        reason: UnreadableFileError | None = None
        if seconds > self._limits.file_seconds:
            reason = TimeLimitError(f"读了 {self._limits.file_seconds:g} 秒还没有读完")
        elif _memory(self._process.pid) > self._limits.process_bytes:
            reason = MemoryLimitError("内容太多，内存放不下")
        if reason is not None:
            self._end()
            raise ProcessLostError(number, reason)

    def _end(self) -> None:
        if self._process is not None and self._connection is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
        self._process = self._connection = None


def _serve(read: Read, connection: Connection) -> None:
    """The life of the process: readings for files, until nobody asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Only the native reader writes here, of its own troubles, in no user's language.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    while True:
        try:
            files = connection.recv()
        except EOFError:
            return
        try:
            connection.send(read(_announced(files, connection)))
        except Exception as error:
            error.add_note(traceback.format_exc())
            connection.send(error)


def _announced(files: Sequence[InboxFile], connection: Connection) -> Iterator[InboxFile]:
    for number, file in enumerate(files):
        connection.send(number)
        yield file


def _memory(pid: int | None) -> int:
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.Error:
        return 0  # it has just died, which its connection will say


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Processes started inside ignore Ctrl-C from their first breath: a terminal sends it to all
    of them, and only the parent answers it.  A blocked signal stays blocked in a new process; here
    it waits until the process is started.  Windows has no such thing: there the process's own
    first line must do."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # It starts with the first process, and unblocks Ctrl-C when it does.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
