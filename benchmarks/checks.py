"""All rules over very many returns: ``python -m benchmarks.checks``.

A simulated province is copied inside DuckDB until there are ``--returns`` returns a year for two
years, each figure moved a little, and the questionnaire is widened to 139 items.  Prints seconds
and the peak memory of judging, then of Great Expectations in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

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


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--returns", type=int, default=40_000, help="in each of two years")
    parser.add_argument("--quality", action="store_true", help="run Great Expectations as well")
    options = parser.parse_args(arguments)
    survey = widened(load_survey(), 2023)
    with (
        tempfile.TemporaryDirectory() as folder,
        multiplied(survey, options.returns, Path(folder)) as workshop,
    ):
        print(f"调查表 {workshop.count('returns')} 份，{workshop.count('answers')} 格")
        started, cpu = time.monotonic(), time.process_time()
        evaluate(workshop, survey)
        print(
            f"审核 {time.monotonic() - started:.1f} 秒"
            f"（处理器 {time.process_time() - cpu:.1f} 秒），"
            f"发现 {workshop.count('findings')} 条，"
            f"内存峰值 {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
        )
        if options.quality:
            _documented(workshop, Path(folder))
    return 0


def _documented(workshop: Workshop, folder: Path) -> None:
    snapshot = folder / "data" / "processed" / "kepu.duckdb"
    snapshot.parent.mkdir(parents=True)
    workshop.write_snapshot(snapshot)
    started = time.monotonic()
    command = [sys.executable, "-m", "pipelines.checks.quality", str(snapshot), str(folder / "q")]
    subprocess.run(command, check=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"质量文档 {time.monotonic() - started:.1f} 秒，内存峰值 {peak:.0f} MB")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
