"""Memory of the whole line over many files: ``python -m benchmarks.memory [RETURNS ...]``.

A simulated province of so many returns, register and hostile files included, goes through
``kepu run`` in a process of its own; the memory of that process, and of each of its readers, is
looked at from outside.  The result goes into docs/读取验证.md.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import IO

import psutil

from benchmarks.page import record
from pipelines import steps
from pipelines.forms import simulate
from pipelines.runs import rebuild
from pipelines.survey import load_survey
from pipelines.warehouse import Root

YEAR = 2023
HEADING = "## 内存"
_SIZES = (500, 5000, 20000)
_LOOK = 0.05
_MEGABYTE = 1 << 20
_READING, *_REST = _STAGES = ("收件登记", "读取报表", "登记入库", "逐条审核", "计算指标")


@dataclass
class Peaks:
    """The most that was held, in bytes, by stage; and seconds of each stage."""

    parent: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    reader: int = 0
    tree: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def main(sizes: tuple[int, ...]) -> None:
    """Simulate, run and watch each size; record the table."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            root = Root(Path(folder))
            simulate(load_survey(), root, years=(YEAR,), returns=size, seed=1)
            rows.append(_row(size, root, watch(root)))
            print(rows[-1], flush=True)
    record(HEADING, _section(sizes, rows))


def watch(root: Root) -> Peaks:
    """Run the line over the root in another process and watch it."""
    command = [sys.executable, "-m", "benchmarks.memory", "--in", str(root.path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    peaks, stage = Peaks(), [""]
    assert process.stdout is not None
    Thread(target=_follow, args=(process.stdout, stage), daemon=True).start()
    parent = psutil.Process(process.pid)
    while process.poll() is None:
        _look(parent, peaks, stage[0])
        time.sleep(_LOOK)
        peaks.seconds[stage[0]] += _LOOK
    if process.returncode:
        sys.exit(process.returncode)
    return peaks


def _follow(said: IO[str], stage: list[str]) -> None:
    for line in said:
        stage[0] = line.strip()


def _look(parent: psutil.Process, peaks: Peaks, stage: str) -> None:
    try:
        held = parent.memory_info().rss
        readers = [child.memory_info().rss for child in parent.children(recursive=True)]
    except psutil.Error:
        return  # one of them has just ended
    peaks.parent[stage] = max(peaks.parent[stage], held)
    peaks.reader = max(peaks.reader, *readers, 0)
    peaks.tree = max(peaks.tree, held + sum(readers))


def take_in(root: Root) -> None:
    """The line as far as the published snapshot, saying which stage it is at."""
    print(_READING, flush=True)
    plan = steps.receive(root, YEAR)
    rebuild(plan, lambda what, *_: print(what, flush=True))


def _row(size: int, root: Root, peaks: Peaks) -> str:
    files = sum(path.is_file() for path in root.inbox(YEAR).rglob("*"))
    stages = " | ".join(f"{peaks.parent[stage] / _MEGABYTE:.0f}" for stage in _STAGES)
    reader, tree = peaks.reader / _MEGABYTE, peaks.tree / _MEGABYTE
    return f"| {size} | {files} | {stages} | {reader:.0f} | {tree:.0f} |"


def _section(sizes: tuple[int, ...], rows: list[str]) -> str:
    sizes_zh = " ".join(str(size) for size in sizes)
    return "\n".join(
        [
            HEADING,
            "",
            f"命令：`python -m benchmarks.memory {sizes_zh}`",
            "",
            "模拟一个省的报表（含名录、重复报送和各种不能读的文件），从收件到发布数据快照。",
            "每 0.05 秒看一次各进程占用的内存（MB，常驻），各阶段取主进程的最大值。",
            "",
            f"| 调查表 | 文件 | {' | '.join(_STAGES)} | 每个读取进程 | 全部进程合计 |",
            "|" + "---:|" * (len(_STAGES) + 4),
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in"]:
        take_in(Root(Path(sys.argv[2])))
    else:
        main(tuple(int(size) for size in sys.argv[1:]) or _SIZES)
