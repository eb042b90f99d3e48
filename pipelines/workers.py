"""Read batches of files in as many processes as the machine has cores.

Processes are spawned, never forked (readers hold threads), and only when there is enough to read:
starting one costs about a second.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING

from pipelines import steps

if TYPE_CHECKING:
    from pipelines.intake import InboxFile, Readings

Submit = Callable[[Sequence["InboxFile"]], "Future[Readings]"]


@contextlib.contextmanager
def readers(plan: steps.Plan, batches: int) -> Iterator[Submit]:
    """A function that submits a batch and gives a future of its readings."""
    workers = min(os.cpu_count() or 1, batches)
    if workers < 2:
        yield lambda files: _at_once(plan, files)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            yield lambda files: pool.submit(steps.read, plan.root, plan.overlay, files)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _at_once(plan: steps.Plan, files: Sequence[InboxFile]) -> Future[Readings]:
    done: Future[Readings] = Future()
    done.set_result(steps.read(plan.root, plan.overlay, files))
    return done
