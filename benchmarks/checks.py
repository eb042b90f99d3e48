"""All rules over very many returns: ``python -m benchmarks.checks``.

A simulated province is copied inside DuckDB until there are ``--returns`` returns a year for two
years, each figure moved a little, and the questionnaire is widened to 139 items.  Prints seconds
and the peak memory of judging, then of Great Expectations in a process of its own.
"""

from __future__ import annotations

import argparse
import datetime
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from benchmarks.page import record
from benchmarks.provinces import filled, simulated
from pipelines.checks import evaluate
from pipelines.survey import Edition, Survey, load_survey
from pipelines.warehouse import Workshop

_SOURCE = 500
_ITEMS = 139
#: Every copy of a unit is of another size, in both years the same; what counts venues stays.
_SCALED = """
CASE WHEN value > 0 AND item_id NOT IN ('science_centers', 'science_museums', 'youth_centers',
        'open_institutions') AND item_id NOT LIKE '%_free_days'
    THEN greatest(1, round(value * (0.6 + hash(split_part(return_id, '-', 2), n) % 1000 / 800.0)))
    ELSE value END"""


def widened(survey: Survey, year: int) -> Survey:
    """The survey with an edition of 139 items: the last ones repeat items of the first forms."""
    edition = survey.edition_of(year)
    plain = [item for item in edition.items if item.relation == "total" and item.additive]
    wanted = _ITEMS - len(edition.items)
    extra = [
        item.model_copy(
            update={
                "item_id": f"extra_{n}_{item.item_id}",
                "name_zh": f"另列{n}：{item.name_zh}",
                "order": 1000 + n,
                "code": "",
            }
        )
        for n, item in enumerate((plain * 3)[:wanted])
    ]
    wide: Edition = edition.model_copy(update={"items": (*edition.items, *extra)})
    wide.__dict__.pop("item", None)
    others = tuple(e for e in survey.editions if e.edition_id != wide.edition_id)
    return replace(survey, editions=(*others, wide))


def multiplied(survey: Survey, returns: int, path: Path) -> Workshop:
    """A workshop with ``returns`` returns in each of two years."""
    province = simulated(survey, 7, _SOURCE)
    source = filled(survey, province)
    for name in ("returns", "answers"):
        source.con.execute(f"COPY {name} TO '{path / name}.parquet' (FORMAT parquet)")
    source.close()
    workshop = Workshop(path / "workshop.duckdb")
    con, copies = workshop.con, returns // _SOURCE
    extra = [i.item_id for i in survey.edition_of(2023).items if i.item_id.startswith("extra_")]
    pairs = ", ".join(f"('{name}', '{name.split('_', 2)[2]}')" for name in extra)
    con.execute(f"""
        INSERT INTO returns BY NAME
        SELECT * EXCLUDE (n) REPLACE (return_id || '-' || n AS return_id,
            unit_id || '-' || n AS unit_id, unit_name || n AS unit_name)
        FROM '{path}/returns.parquet', range({copies}) t(n)
    """)
    con.execute(f"""
        INSERT INTO answers BY NAME
        WITH extra(item_id, source) AS (VALUES {pairs}), whole AS (
            SELECT * FROM '{path}/answers.parquet' WHERE item_id NOT LIKE 'extra_%'
            UNION ALL BY NAME
            SELECT a.* REPLACE (e.item_id AS item_id)
            FROM '{path}/answers.parquet' a JOIN extra e ON e.source = a.item_id
        )
        SELECT * EXCLUDE (n) REPLACE (return_id || '-' || n AS return_id, {_SCALED} AS value)
        FROM whole, range({copies}) t(n)
    """)
    return workshop


@dataclass(frozen=True)
class Cost:
    """What a step took: seconds by the clock and of the processors, and the peak memory in MB."""

    wall: float
    cpu: float
    peak: float

    @property
    def row(self) -> str:
        return f"{self.wall:.1f} 秒 | {self.cpu:.1f} 秒 | {self.peak:.0f} MB"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--returns", type=int, default=40_000, help="in each of two years")
    parser.add_argument("--quality", action="store_true", help="run Great Expectations as well")
    parser.add_argument("--write", action="store_true", help="keep the figures in docs")
    options = parser.parse_args(arguments)
    survey = widened(load_survey(), 2023)
    with (
        tempfile.TemporaryDirectory() as folder,
        multiplied(survey, options.returns, Path(folder)) as workshop,
    ):
        size = f"调查表 {workshop.count('returns')} 份，{workshop.count('answers')} 格"
        print(size, flush=True)
        costs = {"审核": _judged(workshop, survey)}
        found = f"发现 {workshop.count('findings')} 条"
        print(f"审核 {costs['审核'].row}，{found}", flush=True)
        if options.quality:
            costs["质量文档（Great Expectations）"] = cost = _documented(workshop, Path(folder))
            print(f"质量文档 {cost.row}")
    if options.write:
        record(_HEADING, _section(f"{size}，{found}", costs), _PAGE)
    return 0


def _judged(workshop: Workshop, survey: Survey) -> Cost:
    started, cpu = time.monotonic(), time.process_time()
    evaluate(workshop, survey)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(time.monotonic() - started, time.process_time() - cpu, peak)


def _documented(workshop: Workshop, folder: Path) -> Cost:
    """Great Expectations over the published snapshot, as the line runs it."""
    snapshot = folder / "data" / "processed" / "kepu.duckdb"
    snapshot.parent.mkdir(parents=True)
    workshop.write_snapshot(snapshot)
    command = [sys.executable, "-m", "pipelines.checks.quality", str(snapshot), str(folder / "q")]
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = 0.0
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(0.05)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - started, cpu, peak)


def _resident(pid: int) -> float:
    """Memory of a process in MB.  The peak that the system keeps begins with its parent's."""
    try:
        return psutil.Process(pid).memory_info().rss / 2**20
    except psutil.Error:
        return 0.0


def _section(size: str, costs: dict[str, Cost]) -> str:
    rows = "\n".join(f"| {name} | {cost.row} |" for name, cost in costs.items())
    return _SECTION.format(
        heading=_HEADING,
        day=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        size=size,
        rows=rows,
        cores=os.cpu_count(),
        load=os.getloadavg()[2],
    )


_PAGE = Path(__file__).parent.parent / "docs" / "审核效果.md"
_HEADING = "## 审核的速度和内存"
_SECTION = """\
{heading}

模拟的两个年度，每份 139 项指标：{size}。
命令：`python -m benchmarks.checks --quality --write`，{day}。

| 步骤 | 用时 | 处理器时间 | 内存峰值 |
|---|---:|---:|---:|
{rows}

机器 {cores} 个核心，测量时前 15 分钟的平均负载为 {load:.1f}。
负载大于核心数时，用时是与其他程序分用处理器的结果，处理器时间（各线程合计）才可比较。
"""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
