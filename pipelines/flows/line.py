"""The line as Prefect flows: 收件, 审核, 建库, 发布, and the yearly parent of the four.

A flow can run on its own schedule: it first brings the line up to where it starts, and does
nothing that is current already.  Tasks work on batches of files, never on single ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar, Token
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import State, Task, flow, get_run_logger, task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from pipelines import runs, steps
from pipelines.errors import StorageError
from pipelines.flows import records
from pipelines.intake import InboxFile
from pipelines.shelf import Shelf
from pipelines.warehouse import Root
from pipelines.workers import SubmitNumbered, readers

_watcher: ContextVar[runs.Progress] = ContextVar("progress", default=runs.silent)
_FOUR_AT_ONCE: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=4)
_TWO_AT_ONCE: TaskRunner[Any] = ThreadPoolTaskRunner(max_workers=2)


def _may_pass(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Retry what may pass by itself (a locked file, a full disk), not a fault of ours or theirs."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, StorageError | OSError)


@task(
    task_run_name="读取 {first} 起 {count} 个文件",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=5,
    retry_condition_fn=_may_pass,
)
def read_batch(
    submit: SubmitNumbered, number: int, files: list[InboxFile], first: str, count: int
) -> None:
    """Read one batch of files; they wait for a free reader process.

    A task gives back nothing: Prefect would keep it until the flow ends.
    """
    submit(number, files).result()


@task(
    task_run_name="{name}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=2,
    retry_delay_seconds=5,
    retry_condition_fn=_may_pass,
)
def do(name: str, step: Callable[..., None], *inputs: Any) -> None:
    """Run one step of the line."""
    step(*inputs)


@flow(name="kepu-ingest", flow_run_name="收件", validate_parameters=False,
      task_runner=_FOUR_AT_ONCE, persist_result=False)  # fmt: skip
def ingest(root: str = ".", year: int | None = None) -> None:
    """收件：读取收件夹中全部文件，登记并载入指标值。

    Args:
        root: 含 data 与 reports 的文件夹
        year: 数据年度；不填则为收件夹中最新的年度
    """
    with steps.sole_run(Root(Path(root))):
        plan = steps.receive(Root(Path(root)), year)
        if steps.stage_of(plan):
            get_run_logger().info("收件没有变化，不必重读")
            return
        _step("登记入库", steps.ingest, plan, _read_all(plan))
        records.inventory(plan)


@flow(name="kepu-check", flow_run_name="审核", validate_parameters=False, persist_result=False)
def check(root: str = ".", year: int | None = None) -> None:
    """审核：逐条规则核对全部调查表，得出审核发现与各表状态。"""
    with steps.sole_run(Root(Path(root))):
        plan = steps.receive(Root(Path(root)), year)
        if not steps.stage_of(plan):
            ingest(root, year)
        if steps.stage_of(plan) == "ingested":
            _step("逐条审核", steps.check, plan)
            records.findings(plan)


@flow(name="kepu-build", flow_run_name="建库", validate_parameters=False, persist_result=False)
def build(root: str = ".", year: int | None = None) -> None:
    """建库：计算指标，发布数据快照。"""
    with steps.sole_run(Root(Path(root))):
        plan = steps.receive(Root(Path(root)), year)
        if steps.stage_of(plan) in {"", "ingested"}:
            check(root, year)
        if steps.stage_of(plan) == "checked":
            _step("计算指标", steps.build, plan)
        records.response(plan)


@flow(name="kepu-publish", flow_run_name="发布", validate_parameters=False,
      task_runner=_TWO_AT_ONCE, persist_result=False)  # fmt: skip
def publish(root: str = ".", year: int | None = None) -> None:
    """发布：图、表、公报、查询单与数据质量文档。"""
    with steps.sole_run(Root(Path(root))):
        plan = steps.receive(Root(Path(root)), year)
        if steps.stage_of(plan) != "built":
            build(root, year)
        wanted = steps.wants_document(plan)
        quality = do.submit("数据质量文档", steps.document, plan) if wanted else None
        if not steps.section_is_current(plan, plan.report_section):
            _step("制表出图", steps.publish, plan)
        if quality is not None:
            quality.result()
        steps.clear(plan)
        records.outputs(plan)


@flow(name="kepu-annual", flow_run_name="科普统计年度主流程", validate_parameters=False,
      persist_result=False)  # fmt: skip
def annual(root: str = ".", year: int | None = None) -> runs.Outcome:
    """年度主流程：收件 → 审核 → 建库 → 发布。没有变化时什么也不做。"""
    started = time.monotonic()
    with steps.sole_run(Root(Path(root))):
        plan = steps.receive(Root(Path(root)), year)
        current = steps.is_current(plan)
        if not current:
            for stage in (ingest, check, build, publish):
                stage(root, year)
        outcome = runs.conclude(plan, started, current)
    records.account(outcome)
    return outcome


def watched_by(progress: runs.Progress) -> Token[runs.Progress]:
    """Tell ``progress`` how far the flows of this context are, as plain steps would."""
    return _watcher.set(progress)


def _step(name: str, step: Callable[..., None], *inputs: Any) -> None:
    _watcher.get()(name, 0, 1)
    do(name, step, *inputs)
    _watcher.get()(name, 1, 1)


def _read_all(plan: steps.Plan) -> Shelf:
    """Read every batch in reader processes, with a progress bar in the UI."""
    batches = steps.batches(plan)
    progress = cast(
        UUID, create_progress_artifact(0.0, key="kepu-reading", description="读取报表进度")
    )
    shelf = steps.shelf(plan)
    with readers(plan, len(batches), shelf) as submit:
        waiting = [
            read_batch.submit(submit, number, batch, batch[0].file, len(batch))
            for number, batch in enumerate(batches)
        ]
        for done, future in enumerate(waiting, 1):
            future.result()
            update_progress_artifact(progress, round(100 * done / len(batches), 1))
            _watcher.get()("读取报表（批）", done, len(batches))
    return shelf
