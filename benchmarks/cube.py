"""The indicator cube over very many returns: ``python -m benchmarks.cube``.

Two measurements, each in a process of its own: ten years of 80,000 returns with every indicator at
every breakdown and in every cross table, and three years of 2,500 returns (about a province like
Jilin) as the office uses it.  Every place, department, level and channel of the year is drawn
evenly, which is harder than life: in life most of their combinations are empty.

Prints seconds on the clock, CPU seconds (the machine may be shared) and the peak memory, and
writes them to docs/指标与汇总.md.  Making the returns is not measured.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.page import record
from pipelines.indicators import compute, load_definitions
from pipelines.indicators.breakdowns import BREAKDOWNS
from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Workshop
from pipelines.warehouse.schema import TABLES

_FIRST, _NEWER = 2014, 2020
_DOC = Path(__file__).parent.parent / "docs" / "指标与汇总.md"
_HEADING = "## 用时与内存"
#: What fills the columns that the cube does not read.
_FILLING = {"text": "''", "texts": "[]", "integer": "0", "flag": "false", "figure": "0",
            "date": "NULL"}  # fmt: skip
_STATE = "['blank', 'not_applicable', 'zero', 'reported'][least(1 + draw, 4)]"
_VALUE = """
CASE WHEN draw < 2 THEN NULL WHEN draw = 2 THEN 0
    WHEN money THEN (hash(r, i, 7) % 1000000)::DECIMAL(20, 2) / 100
    ELSE hash(r, i, 7) % 5000 END"""


def stretched() -> Survey:
    """The survey with its two editions covering ten years without a gap."""
    survey = load_survey()
    older, newer = sorted(survey.editions, key=lambda e: e.years)
    return replace(
        survey,
        editions=(
            older.model_copy(update={"years": (_FIRST, _NEWER - 1)}),
            newer.model_copy(update={"years": (_NEWER, _FIRST + 9)}),
        ),
    )


def fill(workshop: Workshop, survey: Survey, years: range, returns: int) -> None:
    """Returns, answers and a register for every year."""
    import pyarrow as pa

    for year in years:
        divisions = [
            {"n": n, "code": d.code, "county": survey.divisions.county_of(d.code, year),
             "prefecture": survey.divisions.prefecture_of(d.code, year)}
            for n, d in enumerate(x for x in survey.divisions.rows if x.valid_in(year))
        ]  # fmt: skip
        departments = [
            {"n": n, "id": d.department_id} for n, d in enumerate(survey.departments.active(year))
        ]
        items = [
            {"i": n, "item_id": i.item_id, "money": i.is_money}
            for n, i in enumerate(survey.edition_of(year).items)
        ]
        for name, rows in (("d", divisions), ("p", departments), ("i", items)):
            workshop.con.register(name, pa.Table.from_pylist(rows))
        levels = ", ".join(f"'{level.level_id}'" for level in survey.levels)
        known = {
            "return_id": f"'{year}-' || r",
            "unit_id": "'u' || r",
            "year": str(year),
            "role": "'basic'",
            "division_code": "d.code",
            "county_code": "d.county",
            "prefecture_code": "d.prefecture",
            "department_id": "p.id",
            "level_id": f"[{levels}][(1 + hash(r, 1) % {len(survey.levels)})::BIGINT]",
            "channel": "['county', 'department'][(1 + hash(r, 2) % 2)::BIGINT]",
            "status": "CASE WHEN hash(r, 3) % 9 = 0 THEN 'queried' ELSE 'accepted' END",
        }
        located = (
            f"range({returns}) t(r) JOIN d ON d.n = hash(r, 4) % {len(divisions)}"
            f" JOIN p ON p.n = hash(r, 5) % {len(departments)}"
        )
        _insert(workshop, "returns", known, located)
        _insert(workshop, "units", known, located)
        drawn = f"(SELECT r, i.*, (hash(r, i) % 7)::BIGINT AS draw FROM range({returns}) t(r), i)"
        answers = {
            "return_id": f"'{year}-' || r",
            "item_id": "item_id",
            "state": _STATE,
            "value": f"({_VALUE})::DECIMAL(38, 15)",
        }
        _insert(workshop, "answers", answers, drawn)
        print(f"filled {year}", flush=True)


def _insert(workshop: Workshop, name: str, known: dict[str, str], source: str) -> None:
    columns = ", ".join(
        f'{known.get(c.name, "NULL" if c.nullable else _FILLING[c.kind])} AS "{c.name}"'
        for c in TABLES[name].columns
    )
    workshop.con.execute(f"INSERT INTO {name} BY NAME SELECT {columns} FROM {source}")


def measure(path: Path, crossed: bool) -> dict[str, Any]:
    """Compute the cube of the returns at ``path``; what a run has long imported is not counted."""
    import pyarrow as pa

    pa.decimal128(38, 15)
    survey, definitions = stretched(), load_definitions()
    if crossed:
        definitions = replace(definitions, cross_tables={})
    with Workshop.reopened(path) as workshop:
        wall, cpu = time.monotonic(), time.process_time()
        compute(workshop, survey, definitions)
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        rows = workshop.count("indicator_values")
        answers = workshop.count("answers")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": wall, "cpu": cpu, "peak": peak, "rows": rows, "answers": answers}


def _measured(folder: Path, name: str, returns: int, years: int, crossed: bool) -> str:
    """Make the returns, measure in a new process, and say what came of it."""
    path = folder / f"{name}.duckdb"
    if not path.is_file():
        with Workshop(path) as workshop:
            workshop.con.execute("SET threads = 2")
            fill(workshop, stretched(), range(_FIRST, _FIRST + years), returns)
    command = [sys.executable, "-m", "benchmarks.cube", "--measure", str(path)]
    done = subprocess.run(
        [*command, *(["--crossed"] if crossed else [])],
        check=True, stdout=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    line = done.stdout.strip().splitlines()[-1]
    print(name, line)
    return line


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--returns", type=int, default=80_000)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--folder", type=Path, help="keep the returns here and use them again")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--crossed", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        found = measure(asked.measure, asked.crossed)
        print("{wall:.1f} {cpu:.1f} {peak:.0f} {rows} {answers}".format(**found))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        province = _measured(folder, "province", 2_500, 3, False)
        full = _measured(folder, "full", asked.returns, asked.years, True)
    record(_HEADING, _section(asked.returns, asked.years, full, province), _DOC)


def _section(returns: int, years: int, full: str, province: str) -> str:
    lines = [
        f"{_HEADING}\n",
        f"`python -m benchmarks.cube`：{len(BREAKDOWNS)} 种分组。机器与他人共用，以 CPU 秒为准。\n",
        "| 规模 | 填报值 | 算出的行 | 用时（秒） | CPU（秒） | 内存峰值（MB） |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for what, line in (
        (f"{years} 年 × {returns} 份，全部指标 × 全部分组与交叉表", full),
        ("3 年 × 2500 份（约一省），日常所用", province),
    ):
        wall, cpu, peak, rows, answers = line.split()
        lines.append(f"| {what} | {answers} | {rows} | {wall} | {cpu} | {peak} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
