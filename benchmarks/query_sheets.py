"""Query sheets a second: everything that goes back to senders, and the lists beside it.

``python benchmarks/query_sheets.py ROOT`` writes the 查询单 of the newest year of ROOT, which must
have been run, into a temporary folder.  One process.  The goal: 1,000 sheets in under 90 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from pipelines import intake, steps
from pipelines.checks import queries
from pipelines.warehouse import Root, Snapshot

_GOAL = 1000


def main(folder: Path) -> None:
    plan = steps.receive(Root(folder))
    originals = intake.Originals(plan.root, plan.inventory)
    survey, year = plan.survey(), plan.report_year
    with tempfile.TemporaryDirectory() as out, Snapshot(plan.root.snapshot) as snapshot:
        started, used = time.monotonic(), time.process_time()
        written = queries.write_queries(
            snapshot, survey, year, Path(out), originals, plan.arrangement
        )
        wall, cpu = time.monotonic() - started, time.process_time() - used
        sheets = sum(path.suffix == ".xlsx" and "催报" not in str(path) for path in written)
    print(f"查询单 {sheets} 份，连同打包转发、催报单和清单，单进程")
    print(f"  用时 {wall:.1f} 秒（处理器 {cpu:.1f} 秒），每秒 {sheets / wall:.1f} 份")
    print(f"  每 {_GOAL} 份 {wall / sheets * _GOAL:.0f} 秒（目标 90 秒以内）")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
