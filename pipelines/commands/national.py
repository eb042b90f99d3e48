"""The sheets to key into the national system, from the published snapshot."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines import forms
from pipelines.commands.choosing import year_of
from pipelines.survey import load_survey
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.layout import NATIONAL_FOLDER
from pipelines.warehouse.publication import storage_errors, swap_folder


def write_sheets(folder: Path, year: int | None, out: Path | None) -> list[str]:
    """Write a workbook for every return and the province; returns what to say of it."""
    root = Root(folder)
    root.require_folder()
    with Snapshot(root.snapshot) as snapshot:
        chosen = year_of(snapshot, year)
        survey = load_survey(root.overlay)
        target = out if out is not None else root.national(chosen)
        if out is not None:
            written = forms.write_national(snapshot, survey, chosen, out)
        else:
            # Swapped in whole: no sheet of a return that no longer counts stays behind.
            fresh = root.work / NATIONAL_FOLDER
            with storage_errors(target):
                shutil.rmtree(fresh, ignore_errors=True)
                written = forms.write_national(snapshot, survey, chosen, fresh)
                target.parent.mkdir(parents=True, exist_ok=True)
                swap_folder(fresh, target, root.work / f"old-{NATIONAL_FOLDER}")
    lines = [f"已生成 {written.returns} 份录入表和全省合计：{target}"]
    if written.left_out:
        lines.append(f"另有 {written.left_out} 份被退回的调查表没有生成，更正后再运行")
    return [*lines, "含单个单位的数据，只供录入国家系统，不得外传"]
