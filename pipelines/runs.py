"""Drive the line from a plain program: the same steps that the Prefect flows wrap."""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pipelines import steps
from pipelines.account import Account, account_of
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.manifest import Manifest
from pipelines.warehouse.publication import write_atomically
from pipelines.workers import readers

#: Told what is being done and how far it is: (what, done, of how many).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    account: Account
    outputs: tuple[str, ...]
    seconds: float
    was_current: bool


def silent(what: str, done: int, total: int) -> None:
    """No progress shown."""


def run_line(root: Root, year: int | None = None, progress: Progress = silent) -> Outcome:
    """Run every step that is not current, in this process and its readers."""
    started = time.monotonic()
    with steps.sole_run(root):
        progress("收件登记", 0, 1)
        plan = steps.receive(root, year)
        progress("收件登记", 1, 1)
        current = steps.is_current(plan)
        if not current:
            _advance(plan, progress)
        return conclude(plan, started, current)


def rebuild(plan: steps.Plan, progress: Progress = silent) -> None:
    """Read everything and publish the snapshot; reports and documents are left as they are."""
    batches = steps.batches(plan)
    total = len(plan.inventory.files)
    shelf, done = steps.shelf(plan), 0
    progress("读取报表", 0, total)
    with readers(plan, len(batches), shelf) as submit:
        waiting = [submit(number, batch) for number, batch in enumerate(batches)]
        for batch, future in zip(batches, waiting, strict=True):
            future.result()
            done += len(batch)
            progress("读取报表", done, total)
    rest: tuple[tuple[str, Callable[[], None]], ...] = (
        ("登记入库", lambda: steps.ingest(plan, shelf)),
        ("逐条审核", lambda: steps.check(plan)),
        ("计算指标", lambda: steps.build(plan)),
    )
    for what, step in rest:
        progress(what, 0, 1)
        step()
        progress(what, 1, 1)


def conclude(plan: steps.Plan, started: float, current: bool) -> Outcome:
    """The outcome of a finished run; a run that changed something is written to the run log."""
    with Snapshot(plan.root.snapshot) as snapshot:
        account = account_of(snapshot, plan.report_year)
    manifest = Manifest.read(plan.root.manifest)
    outputs = tuple(
        path for name in steps.sections(plan) for path in sorted(manifest.sections[name].outputs)
    )
    outcome = Outcome(account, outputs, time.monotonic() - started, current)
    if not current:
        _log(plan, outcome)
    return outcome


def _advance(plan: steps.Plan, progress: Progress) -> None:
    if not steps.section_is_current(plan, "snapshot"):
        rebuild(plan, progress)
    progress("制表出图", 0, 1)
    if not steps.wants_document(plan):
        steps.publish(plan)
        progress("制表出图", 1, 1)
    else:
        with steps.documenting(plan):
            steps.publish(plan)
            progress("制表出图", 1, 1)
            progress("数据质量文档", 0, 1)
        progress("数据质量文档", 1, 1)
    steps.clear(plan)


def _log(plan: steps.Plan, outcome: Outcome) -> None:
    record = {
        "run": steps.run_id(),
        "user": _user(),
        "fingerprint": plan.fingerprint,
        "years": plan.years,
        "report_year": plan.report_year,
        "seconds": round(outcome.seconds, 2),
        "account": dict(outcome.account.lines()),
    }
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    write_atomically(plan.root.runs / f"{record['run']}.json", text.encode())


def _user() -> str:
    with suppress(KeyError, OSError):
        return getpass.getuser()
    return ""
