"""Files a second: bare calamine, our intake, pandas with openpyxl, on the same workbooks.

``python -m benchmarks.intake ROOT [--write]`` takes the .xlsx returns in the inboxes of ROOT.  One
process; CPU time, so that other work on the machine disturbs little; best of three.  ``--write``
keeps the result in docs/读取验证.md.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import python_calamine

from benchmarks.page import record
from pipelines import intake
from pipelines.intake.inbox import InboxFile, content_of
from pipelines.survey import load_survey
from pipelines.warehouse import Root

HEADING = "## 速度"
_FILES, _SAMPLE, _ROUNDS = 200, 8, 3


def main(folder: Path, keep: bool) -> None:
    root = Root(folder)
    survey = load_survey(root.overlay)
    received = list(intake.scan(root, root.years()).files)
    # One reader for all, as each process of the line has.
    reader = intake.Reader(root, survey)
    reports = reader.read(received).reports
    files = [r.file for r in reports if r.status == "loaded" and r.format == "xlsx"][:_FILES]
    if not files:
        sys.exit("收件夹里没有可读的 .xlsx 报表")
    bare, ours = _rates(
        len(files),
        lambda: [_bare(content_of(file, root)) for file in files],
        lambda: reader.read(files),
    )
    sample = files[:_SAMPLE]
    (pandas_rate,) = _rates(len(sample), lambda: _pandas(sample, root))
    lines = [
        f"下发的空白表填成的 .xlsx {len(files)} 份，单进程，每秒份数（处理器时间，三次取最快）：",
        "",
        "| 怎样读 | 每秒份数 | 与 intake 相比 |",
        "|---|---:|---|",
        f"| 仅用 calamine 读单元格 | {bare:.0f} | intake 为其 {ours / bare:.2f} 倍 |",
        f"| 本项目 intake | {ours:.0f} | |",
        f"| pandas + openpyxl | {pandas_rate:.0f} | intake 为其 {ours / pandas_rate:.1f} 倍 |",
    ]
    print("\n".join(lines))
    if keep:
        command = "命令：`python -m benchmarks.intake 工作目录 --write`"
        record(HEADING, "\n".join([HEADING, "", command, "", *lines, ""]))


def _rates(count: int, *works: Callable[[], object]) -> list[float]:
    """Files a second of each work, best of the rounds; they take turns, so that a slow spell of
    the machine does not fall on one of them alone."""
    best = [float("inf")] * len(works)
    for _ in range(_ROUNDS):
        for number, work in enumerate(works):
            start = time.process_time()
            work()
            best[number] = min(best[number], time.process_time() - start)
    return [count / seconds for seconds in best]


def _bare(data: bytes) -> None:
    book = python_calamine.load_workbook(io.BytesIO(data))
    for number in range(len(book.sheet_names)):
        sheet = book.get_sheet_by_index(number)
        sheet.to_python(skip_empty_area=False)
        _ = sheet.merged_cell_ranges


def _pandas(files: list[InboxFile], root: Root) -> None:
    import pandas as pd

    for file in files:
        data = io.BytesIO(content_of(file, root))
        pd.read_excel(data, sheet_name=None, header=None, engine="openpyxl")


if __name__ == "__main__":
    main(Path(sys.argv[1]), keep="--write" in sys.argv)
