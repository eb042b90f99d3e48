"""kepu mappings: layouts that nobody has decided, with what they may mean, and those decided."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from pipelines import intake
from pipelines.commands import console
from pipelines.errors import NotFoundError
from pipelines.survey import load_survey
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.layout import MAPPINGS_FOLDER, PROPOSALS_FOLDER
from pipelines.warehouse.publication import storage_errors

_FILES_SHOWN = 5


def show_mappings(folder: Path, year: int | None, out: Path | None) -> None:
    """List the proposals of a year and the mappings in force; write the proposals to ``out``."""
    root = Root(folder)
    survey = load_survey(root.overlay)
    years = root.require_inbox(year)
    chosen = year if year is not None else years[-1]
    in_force = intake.read_mappings(root, chosen, survey)
    for approved in in_force.files:
        console.say(f"已认定：data/raw/{chosen}/{MAPPINGS_FOLDER}/{approved.name}")
    with Snapshot(root.snapshot) as snapshot:
        rows = [row for row in snapshot.table("proposals").to_pylist() if row["year"] == chosen]
    if out is not None and not rows:
        raise NotFoundError(f"{chosen} 年度没有要对照的版式", "上次运行时各表的版式都认得")
    _list(rows, chosen)
    if out is not None:
        with storage_errors(out):
            written = intake.write_proposals(rows, survey.edition_of(chosen), out)
        for path in written:
            console.say(f"已写出 {path}")


def _list(rows: list[dict[str, Any]], year: int) -> None:
    layouts: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        layouts[row["layout_id"]].append(row)
    for layout_id, of_layout in sorted(layouts.items()):
        files = sorted({row["file"] for row in of_layout})
        labels = [row for row in of_layout if row["file"] == files[0]]
        undecided = [row for row in labels if row["action"] == intake.OPEN]
        missing = [row for row in labels if row["action"] == intake.MISSING]
        console.say(
            f"版式 {layout_id}：{len(files)} 个文件，{len(undecided)} 行须决定，"
            f"{len(missing)} 项指标没有位置"
        )
        for file in files[:_FILES_SHOWN]:
            console.say(f"  {file}")
        if len(files) > _FILES_SHOWN:
            console.say(f"  等 {len(files)} 个文件")
        name = intake.Proposal(layout_id, ()).file_name
        console.say(f"  建议：reports/{year}/{PROPOSALS_FOLDER}/{name}")
    if not layouts:
        console.say(f"{year} 年度没有要对照的版式")
