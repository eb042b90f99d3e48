"""Questions put to what is published: how far are we, and who must answer what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape

from pipelines import intake, steps
from pipelines.account import account_of
from pipelines.commands import console
from pipelines.commands.choosing import year_of
from pipelines.decisions import Waiting, open_decisions
from pipelines.errors import NotFoundError
from pipelines.warehouse import Root, Snapshot


def show_status(folder: Path, year: int | None, as_of: dt.date | None = None) -> None:
    """The account of the published state, response by prefecture, what waits for a person, and
    whether it is current."""
    root = Root(folder)
    plan = steps.receive(root, year)
    if not root.snapshot.is_file():
        console.say(f"收件夹中有 {len(plan.inventory.files)} 个文件，还没有运行过。请运行 kepu run")
        return
    with Snapshot(root.snapshot) as snapshot:
        account = account_of(snapshot, plan.report_year)
        arrangement = plan.arrangement
        if as_of is not None:
            arrangement = arrangement.model_copy(update={"as_of": as_of})
        with console.table_of("项目", "结果", title=f"{plan.report_year} 年度") as table:
            for label, text in account.lines():
                table.add_row(label, escape(text))
        _show_response(snapshot, plan.report_year)
        _show_decisions(open_decisions(snapshot, plan.survey(), plan.report_year, arrangement))
    if steps.is_current(plan):
        console.say("已发布的结果是最新的。")
    else:
        console.warn("收件夹、制度或程序在上次运行后有变化，请运行 kepu run 更新。")


def _show_response(snapshot: Snapshot, year: int) -> None:
    rows = snapshot.rows(
        "SELECT * FROM prefecture_response WHERE year = $year ORDER BY prefecture_code",
        {"year": year},
    )
    with console.table_of("地区", "应报", "实报", "待核实") as table:
        for row in rows:
            table.add_row(
                row["name_zh"], *(str(row[k]) for k in ("expected", "reported", "queried"))
            )


def _show_decisions(waiting: Sequence[Waiting]) -> None:
    if not waiting:
        console.say("没有待处理的事项。")
        return
    with console.table_of("待处理", "数量", "在哪里", title="待处理事项") as table:
        for one in waiting:
            table.add_row(one.what, str(one.count), escape(one.where))


def write_query_sheets(folder: Path, year: int | None, out: Path | None) -> None:
    """List who has questions to answer; the sheets lie in the report, copies go to ``out``."""
    from pipelines.checks import queries

    root = Root(folder)
    with Snapshot(root.snapshot) as snapshot:
        chosen = year_of(snapshot, year)
        target = out if out is not None else root.report(chosen) / "查询单"
        if out is not None:
            plan = steps.receive(root, chosen)
            originals = intake.Originals(root, plan.inventory)
            queries.write_queries(snapshot, plan.survey(), chosen, out, originals, plan.arrangement)
        waiting = snapshot.rows(
            "SELECT r.unit_name AS name, count(*) AS findings,"
            " count(*) FILTER (f.must_correct) AS must FROM open_findings f"
            " JOIN returns r USING (return_id)"
            " WHERE f.year = $year AND f.severity <> 'note' GROUP BY ALL"
            " ORDER BY must DESC, findings DESC, name",
            {"year": chosen},
        )
    if not target.is_dir():
        raise NotFoundError(
            f"{chosen} 年度还没有发布过查询单", f"请先运行 kepu run --year {chosen}"
        )
    with console.table_of("单位", "问题", "必须更正", title=f"{chosen} 年度待答复") as table:
        for row in waiting:
            table.add_row(escape(row["name"]), str(row["findings"]), str(row["must"]))
    console.say(f"{len(waiting)} 个单位有问题待答复，查询单在 {console.shown(target)}")
