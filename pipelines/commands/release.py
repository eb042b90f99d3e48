"""Freeze the published state as a release."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from pipelines import steps
from pipelines.commands import console
from pipelines.errors import DifferencingError, Place, SnapshotError
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.publication import write_atomically
from pipelines.warehouse.release import all_releases, freeze_release

if TYPE_CHECKING:
    from pipelines.indicators.disclosure import Told

#: What is the matter with a cell, in the words of the list.
_KINDS = {
    "published": "一版不公布的数，另一版公布过（或相差不大）",
    "together": "一版不公布的数，由两版公布的数合起来推得",
    "difference": "两版都公布，变动只来自一两个单位，差额就是它们的数",
}


def freeze(
    folder: Path,
    year: int | None,
    by: str,
    *,
    provisional: bool,
    known_differences: bool = False,
) -> str:
    """Freeze ``year``; what is published must be what the inbox now gives.

    Raises DifferencingError when it would tell of single respondents together with an earlier
    release, unless that is said to be known.
    """
    root = Root(folder)
    with steps.sole_run(root):
        plan = steps.receive(root, year)
        if not steps.is_current(plan):
            raise SnapshotError(
                "收件夹或制度在上次运行后有变化，已发布的结果不是最新的",
                "请先运行 kepu run，核对后再定稿",
            )
        told = _told_with_earlier(plan)
        listed = root.told_together(plan.report_year)
        listed.unlink(missing_ok=True)
        if told:
            write_atomically(listed, _list(plan, told))
            if not known_differences:
                raise _refusal(told, listed)
        release = freeze_release(
            root,
            plan.report_year,
            by,
            provisional=provisional,
            known_differences=sum(map(len, told.values())),
        )
    return f"{release.name}，位于 {console.shown(release.folder)}"


def _told_with_earlier(plan: steps.Plan) -> dict[str, list[Told]]:
    """By earlier release, of whatever year, what the state to be frozen tells together with it."""
    earlier = [r for r in all_releases(plan.root) if r.fingerprint != plan.fingerprint]
    if not earlier or not plan.survey().head.is_statistics:
        return {}
    from pipelines.indicators.disclosure import compare

    found: dict[str, list[Told]] = {}
    with Snapshot(plan.root.snapshot) as now:
        for release in earlier:
            try:
                with Snapshot(release.snapshot) as before:
                    told = compare(now, before, plan.survey(), plan.definitions(), plan.overlay)
            except duckdb.Error as error:
                raise SnapshotError(
                    f"先前定稿的 {release.name} 是另一版程序做的，无法核对两版合看会泄露什么",
                    "请人工核对两版不公布的格，把该版本移到别处保存后再定稿",
                    Place(file=str(release.snapshot)),
                ) from error
            if told:
                found[release.name] = told
    return found


def _refusal(told: dict[str, list[Told]], listed: Path) -> DifferencingError:
    kinds = Counter(cell.kind for cells in told.values() for cell in cells)
    said = "；".join(f"{_KINDS[kind]} {kinds[kind]} 格" for kind in _KINDS if kinds[kind])
    return DifferencingError(
        f"与先前定稿的 {'、'.join(told)} 合起来看，能推得单位的数：{said}",
        f"逐格清单在“{console.shown(listed)}”（内部资料）；请等更多单位一起修订后再定稿，"
        "或确认这些数可以公开后加 --known-differences",
    )


def _list(plan: steps.Plan, told: dict[str, list[Told]]) -> bytes:
    """The cells, one a line, by the names that people know; opens in Excel and WPS."""
    catalogue = plan.definitions().with_items(plan.survey())
    with Snapshot(plan.root.snapshot) as snapshot:
        names = {
            tuple(row[:3]): row[3]
            for row in snapshot.con.execute(
                "SELECT DISTINCT breakdown, member_id, member2_id, member_zh FROM indicator_values"
            ).fetchall()
        }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["先前版本", "年度", "问题", "指标", "分组", "成员"])
    for release, cells in told.items():
        for cell in cells:
            members = (cell.breakdown, cell.member_id, cell.member2_id)
            writer.writerow(
                [
                    release,
                    cell.year,
                    _KINDS[cell.kind],
                    catalogue[cell.indicator_id].name_zh,
                    cell.breakdown,
                    names.get(members, "：".join(members[1:]).strip("：")),
                ]
            )
    return out.getvalue().encode("utf-8-sig")
