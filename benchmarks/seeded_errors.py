"""How many seeded mistakes the rules ask about: ``python -m benchmarks.seeded_errors``.

Simulated provinces of two years go straight into the warehouse, without files.  The second year
gets mistakes of every kind, one a return, and the rules judge both.  A mistake counts as found
when a query (never a mere note, never the sheet of changes) asks about the cell, or for what
concerns a whole return, when the rule for it asks about the return.  Provinces without any mistake
tell how many queries a clean return gets.

``--seeds`` names the provinces, ``--write`` keeps the table in docs/审核效果.md.  Rules and their
thresholds were set with other seeds (1 to 5) than those that are measured by default.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.provinces import Province, judged, simulated
from benchmarks.seeding import KINDS, Seed, seed_mistakes
from pipelines.survey import Survey, load_survey

_PAGE = Path(__file__).parent.parent / "docs" / "审核效果.md"
_CLASSES = {"hard": "硬", "slip": "一万倍", "soft": "软"}
_TARGETS = {"hard": 0.995, "slip": 0.95, "soft": 0.85}


@dataclass
class Tally:
    """Mistakes seeded and found, and queries by the rules of a kind: all, and rightly asked."""

    seeded: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    queries: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    missed: list[Seed] = field(default_factory=list)
    clean_returns: int = 0
    clean_queries: Counter[str] = field(default_factory=Counter)


def measure(survey: Survey, seeds: Sequence[int], returns: int, share: float) -> Tally:
    """Judge a clean and a seeded province for every seed."""
    tally = Tally()
    for seed in seeds:
        province = simulated(survey, seed, returns)
        _count_clean(survey, province, tally)
        mistakes = seed_mistakes(survey, province, seed, share)
        _count_seeded(survey, province, mistakes, tally)
    return tally


def _count_clean(survey: Survey, province: Province, tally: Tally) -> None:
    last = max(province.years)
    for row in judged(survey, province):
        if row["year"] == last and row["severity"] != "note" and row["return_id"]:
            tally.clean_queries[row["rule_id"]] += 1
    tally.clean_returns += len(province.years[last])


def _count_seeded(
    survey: Survey, province: Province, mistakes: Sequence[Seed], tally: Tally
) -> None:
    last = max(province.years)
    asked: dict[str, list[tuple[str, set[str]]]] = defaultdict(list)
    for row in judged(survey, province):
        if row["year"] == last and row["severity"] != "note" and row["return_id"]:
            asked[row["return_id"]].append((row["rule_id"], set(row["items"])))
    wrong: dict[str, set[str]] = defaultdict(set)
    for one in mistakes:
        wrong[one.return_id] |= set(one.items)
        tally.seeded[one.kind] += 1
        if any(one.is_asked_by(rule, items) for rule, items in asked[one.return_id]):
            tally.found[one.kind] += 1
        else:
            tally.missed.append(one)
    by_return = {one.return_id: one for one in mistakes}
    for return_id, queries in asked.items():
        for rule, items in queries:
            one = by_return.get(return_id)
            right = one is not None and one.explains(rule, items)
            for kind in KINDS:
                if KINDS[kind].is_for(rule):
                    tally.queries[kind] += 1
                    tally.right[kind] += right


def table(tally: Tally) -> list[str]:
    """The result as lines of Markdown."""
    lines = [
        "| 差错 | 性质 | 植入 | 查出 | 查全率 | 相应规则的查询 | 其中问对 | 查准率 |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind, spec in KINDS.items():
        seeded, found = tally.seeded[kind], tally.found[kind]
        queries, right = tally.queries[kind], tally.right[kind]
        lines.append(
            f"| {spec.name_zh} | {_CLASSES[spec.group]} | {seeded} | {found}"
            f" | {_rate(found, seeded)} | {queries} | {right} | {_rate(right, queries)} |"
        )
    return lines


def summary(tally: Tally) -> list[tuple[str, float, bool]]:
    """What is aimed at: name, value, whether it is reached."""
    rows = []
    for group, name in _CLASSES.items():
        kinds = [kind for kind, spec in KINDS.items() if spec.group == group]
        seeded = sum(tally.seeded[kind] for kind in kinds)
        recall = sum(tally.found[kind] for kind in kinds) / max(1, seeded)
        rows.append((f"{name}性差错查全率", recall, recall >= _TARGETS[group]))
    false = sum(tally.clean_queries.values()) / max(1, tally.clean_returns)
    rows.append(("每份无差错的表平均查询条数", false, false < 1.0))
    return rows


def _rate(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "—"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202, 203, 204])
    parser.add_argument("--returns", type=int, default=1000)
    parser.add_argument("--share", type=float, default=0.25, help="of returns with a mistake")
    parser.add_argument("--write", action="store_true", help="keep the table in docs")
    parser.add_argument("--missed", action="store_true", help="list what was not found")
    options = parser.parse_args(arguments)
    tally = measure(load_survey(), options.seeds, options.returns, options.share)
    lines = table(tally)
    print("\n".join(lines))
    results = summary(tally)
    for name, value, reached in results:
        print(f"{name} {value:.4f} {'达到' if reached else '未达到'}")
    print("无差错的表被问最多的规则：", tally.clean_queries.most_common(12))
    if options.missed:
        for one in tally.missed:
            print(one)
    if options.write:
        # Sections of other benchmarks stay.
        _, mark, others = _PAGE.read_text(encoding="utf-8").partition("\n## ")
        page = _page(options, lines, results, tally)
        _PAGE.write_text(f"{page}{mark}{others}", encoding="utf-8")
    return 0


def _page(
    options: argparse.Namespace,
    lines: list[str],
    results: list[tuple[str, float, bool]],
    tally: Tally,
) -> str:
    seeds = " ".join(str(seed) for seed in options.seeds)
    goals = [
        f"- {name}：{value:.4f}（{'达到' if ok else '未达到'}）" for name, value, ok in results
    ]
    clean = "，".join(f"{rule} {count}" for rule, count in tally.clean_queries.most_common(8))
    return _PAGE_TEXT.format(
        day=datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        seeds=seeds,
        returns=options.returns,
        share=options.share,
        goals="\n".join(goals),
        table="\n".join(lines),
        clean_returns=tally.clean_returns,
        clean=clean or "无",
    )


_PAGE_TEXT = """\
# 审核效果

用模拟的全省数据检验审核规则：在一部分表里各植入一处差错，看规则问不问得到。模拟数据，不代表实际差错率。

- 测量日期：{day}
- 命令：`python -m benchmarks.seeded_errors`，参数 `--seeds {seeds} --returns {returns}
  --share {share} --write`
- 种子：{seeds}（定规则和阈值时用的是 1—5，与此不同）

{goals}

{table}

查出：有查询（提示和变动说明不算）问到这一格；关系到整张表的，由相应规则问到这张表。

查准率：相应规则在植入了差错的全省数据里提出的查询中，问到差错本身或由其牵连的占多少。几种差错由同一组规则查出时，各行分母相同。

没有查出的，多为下面几种，凭本表、上年和同类单位的数看不出来：

- 上年没有报过的单位，本来就小的数又少填一位（如 14 填成 1）；
- 很小的单位照抄一张表：各数都在 10 以内或略大，两年相同本属常见。整份表照抄的，各张表合起来判断；
- 上年没有报过、播出时间本来很短的电视台、电台把分钟填成小时。

“与上年相差”等规则多问的，是模拟中真正大起大落的数：数没有填错，但也应说明原因。

无差错的 {clean_returns} 份表中被问最多的规则：{clean}。

模拟的年度变动：每年八成指标变动标准差 3%，近两成 20%，另有 2% 大起大落（60%），
单位每年更替 3%；见 `pipelines/forms/simulation/settings.yaml`。
"""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
