"""Freeze the published state as a release."""

from __future__ import annotations

from pathlib import Path

from pipelines import steps
from pipelines.commands import console
from pipelines.errors import SnapshotError
from pipelines.warehouse import Root
from pipelines.warehouse.release import freeze_release


def freeze(folder: Path, year: int | None, by: str, *, provisional: bool) -> str:
    """Freeze ``year``; what is published must be what the inbox now gives."""
    root = Root(folder)
    with steps.sole_run(root):
        plan = steps.receive(root, year)
        if not steps.is_current(plan):
            raise SnapshotError(
                "收件夹或制度在上次运行后有变化，已发布的结果不是最新的",
                "请先运行 kepu run，核对后再定稿",
            )
        release = freeze_release(root, plan.report_year, by, provisional=provisional)
    return f"{release.name}，位于 {console.shown(release.folder)}"
