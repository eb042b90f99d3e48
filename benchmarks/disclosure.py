"""Disclosure control on random tables: what an attacker recovers, what is suppressed too much.

``python -m benchmarks.disclosure [SNAPSHOT]`` writes docs/披露控制.md.  The attacker shares no
code with the audit: it is given the published cells of a table and its sums, and asks two linear
programmes for each cell that is not published.  Small tables are also solved exactly.  With a
snapshot (kepu.duckdb) the cost of protecting a whole province is measured as well.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

from benchmarks.page import record
from pipelines.indicators.disclosure import additive_table, cheapest, suppress
from pipelines.indicators.disclosure.table import LinkedTable

PAGE = Path(__file__).parent.parent / "docs" / "披露控制.md"
HEADING = "## 随机表检验"
_TABLES, _SEED, _INTERVAL = 200, 20, 0.15
#: Cells up to which the exact answer is asked for.
_SMALL = 16


@dataclass(frozen=True)
class Case:
    """A random table: its cells and sums, and the sensitive cells."""

    values: list[float]
    sums: list[tuple[int, tuple[int, ...]]]
    primary: np.ndarray

    def table(self, *, strict: bool) -> LinkedTable:
        """``strict``: complementary cells too must stay in doubt by the interval."""
        values = np.array(self.values)
        least = np.minimum(1.0, values)
        need = np.maximum(_INTERVAL * values, least)
        return additive_table(
            self.values, self.sums, need=need if strict else np.where(self.primary, need, least)
        )


def cases() -> Iterator[Case]:
    """Two-way tables, and hierarchies of places and kinds over two items and their sum."""
    rng = np.random.default_rng(_SEED)
    for number in range(_TABLES):
        make = _two_way if number % 2 else _linked
        yield make(rng)


def _two_way(rng: np.random.Generator) -> Case:
    rows, columns = (int(n) for n in rng.integers(2, 6, 2))
    body = _figures(rng, (rows, columns))
    at = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    cells = np.zeros(at.shape)
    cells[:-1, :-1] = body
    cells[-1, :-1], cells[:-1, -1], cells[-1, -1] = body.sum(0), body.sum(1), body.sum()
    sums = [(int(at[r, -1]), tuple(map(int, at[r, :-1]))) for r in range(rows + 1)]
    sums += [(int(at[-1, c]), tuple(map(int, at[:-1, c]))) for c in range(columns + 1)]
    return Case([*cells.ravel()], sums, _sensitive(rng, cells.ravel(), at[:-1, :-1].ravel()))


def _linked(rng: np.random.Generator) -> Case:
    districts, places = int(rng.integers(6, 16)), int(rng.integers(2, 5))
    home, kind = rng.integers(0, places, districts), rng.integers(0, 3, districts)
    items = _figures(rng, (2, districts))
    values: list[float] = []
    sums: list[tuple[int, tuple[int, ...]]] = []
    inner: list[int] = []
    starts = []
    for item in (items[0], items[1], items.sum(axis=0)):
        start = len(values)
        starts.append(start)
        by_place = [float(item[home == p].sum()) for p in range(places)]
        by_kind = [float(item[kind == k].sum()) for k in range(3)]
        values += [float(item.sum()), *by_place, *by_kind, *map(float, item)]
        first = start + 1 + places + 3
        sums.append((start, tuple(range(start + 1, start + 1 + places))))
        sums.append((start, tuple(range(start + 1 + places, first))))
        for p in range(places):
            inside = tuple(int(first + d) for d in np.flatnonzero(home == p))
            sums += [(start + 1 + p, inside)] if inside else []
        inner += range(first, first + districts)
    width = starts[1]
    sums += [(starts[2] + n, (n, starts[1] + n)) for n in range(width)]
    return Case(values, sums, _sensitive(rng, np.array(values), np.array(inner)))


def _figures(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Skewed whole numbers with zeros, as counts of small places are."""
    figures = np.round(rng.gamma(0.6, 80, shape))
    return np.where(rng.random(shape) < 0.2, 0, figures)


def _sensitive(rng: np.random.Generator, values: np.ndarray, inner: np.ndarray) -> np.ndarray:
    flags = np.zeros(len(values), dtype=bool)
    able = inner[values[inner] > 0]
    if len(able):
        count = int(rng.integers(1, 2 + len(able) // 4))
        flags[rng.choice(able, size=min(count, len(able)), replace=False)] = True
    return flags


def recovered(case: Case, hidden: np.ndarray, asked: np.ndarray) -> int:
    """How many of the cells asked about the attacker can tell to within the interval."""
    values = np.array(case.values)
    equations = np.zeros((len(case.sums), len(values)))
    for row, (total, parts) in enumerate(case.sums):
        equations[row, total] = 1
        equations[row, list(parts)] -= 1
    bounds = [(0, None) if h else (v, v) for v, h in zip(values, hidden, strict=True)]
    count = 0
    for cell in np.flatnonzero(asked):
        goal = np.zeros(len(values))
        goal[cell] = 1
        low = linprog(goal, A_eq=equations, b_eq=np.zeros(len(case.sums)), bounds=bounds)
        high = linprog(-goal, A_eq=equations, b_eq=np.zeros(len(case.sums)), bounds=bounds)
        top = np.inf if high.status == 3 else -high.fun
        slack = 1e-5 * max(1.0, values[cell])
        wide_down = low.fun <= (1 - _INTERVAL) * values[cell] + slack
        wide_up = top >= (1 + _INTERVAL) * values[cell] - slack
        count += not (wide_down and wide_up)
    return count


@dataclass
class Tally:
    """What came of one way to suppress, over all tables."""

    cells: int = 0
    sensitive: int = 0
    suppressed: int = 0
    recovered: int = 0
    searched: int = 0
    optimum: int = 0
    compared: int = 0
    seconds: float = 0.0


def tally(*, strict: bool) -> Tally:
    found = Tally()
    for case in cases():
        table = case.table(strict=strict)
        started = time.process_time()
        hidden = suppress(table, case.primary)
        found.seconds += time.process_time() - started
        found.cells += int((table.values > 0).sum())
        found.sensitive += int(case.primary.sum())
        found.suppressed += int(hidden.sum())
        found.recovered += recovered(case, hidden, hidden if strict else case.primary)
        if int((table.values > 0).sum()) <= _SMALL and case.primary.any():
            found.compared += 1
            found.searched += int(hidden.sum())
            found.optimum += int(cheapest(table, case.primary).sum())
    return found


def section(both: dict[str, Tally], province: str) -> str:
    rows = "\n".join(
        f"| {name} | {t.cells} | {t.sensitive} | {t.suppressed} | {t.recovered} |"
        f" {t.compared} | {t.optimum} | {t.searched} |"
        f" {100 * (t.searched / t.optimum - 1):.1f}% | {t.seconds:.1f} |"
        for name, t in both.items()
    )
    heads = (
        "要求", "非零格", "敏感格", "不公布", "被推出", "与精确解比的小表", "精确解压", "本法压",
        "多压", "处理器秒",
    )  # fmt: skip
    return f"""{HEADING}

`python -m benchmarks.disclosure` 所写。随机表 {_TABLES} 张，一半是带合计的二维表，
一半是地区、类别、分项相连的表。
“被推出”是指另写的攻击者（线性规划，已知全部公布格、加总关系和非负）能把某格定在真值的 ±15% 以内。

| {" | ".join(heads)} |
|{" --- |" * len(heads)}
{rows}

- “只护敏感格”是缺省：补压的格本身不敏感，只求不能准确推出。
- “全部不公布格”要求补压的格也各有 ±15% 的余地，压得更多。
{province}"""


def of_province(snapshot: Path) -> str:
    """What protecting a loaded province costs, and how much of it is left."""
    from pipelines.indicators import load_definitions
    from pipelines.indicators.disclosure import protect
    from pipelines.survey import load_survey
    from pipelines.warehouse import Workshop

    survey, definitions = load_survey(), load_definitions()
    with Workshop() as workshop:
        con = workshop.con
        con.execute(f"ATTACH '{snapshot}' AS published (READ_ONLY)")
        for name in ("returns", "answers", "corrections", "units", "indicator_values"):
            con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM published.{name}")
        started = time.process_time()
        protect(workshop, survey, definitions)
        seconds = time.process_time() - started
        years, returns = con.execute(
            "SELECT count(DISTINCT year), count(*) FROM counted_returns"
        ).fetchall()[0]
        rows = con.execute(
            "SELECT v.breakdown, count(*) FILTER (v.value <> 0), count(s.year) FILTER"
            " (s.reason = 'primary'), count(s.year) FILTER (s.rule = 'margin')"
            " FROM indicator_values v JOIN published.indicators i USING (indicator_id)"
            " LEFT JOIN suppressions s USING (year, indicator_id, breakdown, member_id, member2_id)"
            " WHERE i.kind = 'level' GROUP BY v.breakdown ORDER BY v.breakdown"
        ).fetchall()
    lines = "\n".join(
        f"| {name} | {cells} | {primary} | {margin} |"
        for name, cells, primary, margin in rows
        if cells and name not in ("nation", "region3", "peer_province")
    )
    return f"""
模拟的一个省，{years} 个年度、参与汇总的调查表共 {returns} 份，处理器时间 {seconds:.1f} 秒。
总量指标的格：

| 分组 | 非零格 | 敏感 | 补压 |
| --- | --- | --- | --- |
{lines}
"""


def main(snapshot: Path | None) -> None:
    province = of_province(snapshot) if snapshot else ""
    both = {"只护敏感格": tally(strict=False), "全部不公布格": tally(strict=True)}
    for name, found in both.items():
        print(name, found)
    print(province)
    record(HEADING, section(both, province), PAGE)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
