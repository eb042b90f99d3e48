"""Simulated data, and the whole line run on it: in a root of its own, never beside real returns."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipelines.commands import console
from pipelines.commands.setup import lay_out
from pipelines.errors import Place, RootError
from pipelines.warehouse import Root

_DEMO_SEED = 20231231
_MARK = "模拟数据.txt"


def run(folder: Path, year: int, returns: int, *, through_prefect: bool) -> int:
    """Simulate two years and run the line on them; returns the exit code (0: all went well).

    The demonstration contains refused files on purpose, so they do not make it fail.
    """
    root = Root(folder)
    _start_anew(root)
    lay_out(folder, year)
    simulate_returns(folder, year, returns, _DEMO_SEED)
    outcome = console.run_visibly(root, year, through_prefect=through_prefect)
    console.show_outcome(root, outcome)
    return 0


def simulate_returns(folder: Path, year: int, returns: int, seed: int) -> None:
    """Simulated returns of ``year`` and the year before, put into their inboxes."""
    from pipelines import forms
    from pipelines.survey import load_survey

    root = Root(folder)
    _refuse_real_returns(root, (year - 1, year))
    survey = load_survey(root.overlay)
    summary = forms.simulate(survey, root, years=(year - 1, year), returns=returns, seed=seed)
    (root.raw / _MARK).write_text(
        "本目录中的报表由程序生成，供培训和试运行，不是真实单位的数据。\n", encoding="utf-8"
    )
    counts = "、".join(f"{year} 年度 {count} 份" for year, count in summary.returns.items())
    console.say(
        f"模拟报表已放入 {console.shown(root.raw)}：{counts}，共 {summary.files} 个文件，"
        f"其中故意填错 {summary.mistakes} 处"
    )


def _start_anew(root: Root) -> None:
    """An earlier demonstration is replaced; anything else in the way is left alone."""
    if not root.path.exists() or not any(root.path.iterdir()):
        return
    if not (root.raw / _MARK).is_file():
        raise RootError(
            "该目录不是以前的演示目录，不能覆盖",
            "请换一个空目录：kepu demo --root 目录名",
            Place(file=str(root.path)),
        )
    for part in (root.raw, root.processed, root.reports):
        shutil.rmtree(part, ignore_errors=True)


def _refuse_real_returns(root: Root, years: tuple[int, int]) -> None:
    """Simulated and real returns never mix."""
    for year in years:
        inbox = root.inbox(year)
        held = [p for p in inbox.rglob("*") if p.is_file()] if inbox.is_dir() else []
        if any(path.name != "说明.txt" for path in held) and not (root.raw / _MARK).is_file():
            raise RootError(
                f"{year} 年度的收件夹里已有文件，不能放入模拟数据",
                "模拟数据请放在另一个目录：kepu simulate --root 目录名",
                Place(file=str(inbox)),
            )
