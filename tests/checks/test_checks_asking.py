"""Which rules looked at a cell: by hand for one return, and in sum against the counts of a run."""

from __future__ import annotations

from collections import Counter

from checks_bench import Bench

from pipelines.checks.asking import rules_over
from pipelines.checks.methods_cells import JUDGED

FUNDS = {
    "fund_raised": "500", "fund_raised_government": "400", "fund_raised_donation": "20",
    "fund_raised_own": "50", "fund_raised_other": "30",
}  # fmt: skip


def test_passed_failed_and_not_evaluated(bench: Bench) -> None:
    good = bench.add(FUNDS, fill="0")
    wrong = bench.add({**FUNDS, "fund_raised": "600"}, fill="0")
    open_ = bench.add({**FUNDS, "fund_raised_own": ""}, fill="0")
    done = bench.judge()
    cells = [(one, "fund_raised") for one in (good, wrong, open_)]
    asked = rules_over(done.workshop, bench.survey, 2023, cells)
    assert "J01" in asked[good, "fund_raised"].passed
    assert "J01" in asked[wrong, "fund_raised"].failed
    assert "J01" in asked[open_, "fund_raised"].not_evaluated
    # Nothing to compare with: no return of the year before.
    assert {"G12", "G13", "G14"} <= set(asked[good, "fund_raised"].not_evaluated)
    assert "G03" in asked[good, "fund_raised"].passed
    assert "J01" not in asked[good, "fund_raised"].failed


def test_a_rule_that_does_not_name_the_item_did_not_look_at_it(bench: Bench) -> None:
    one = bench.add(FUNDS, fill="0")
    done = bench.judge()
    asked = rules_over(done.workshop, bench.survey, 2023, [(one, "volunteers")])
    looked = asked[one, "volunteers"]
    assert "J01" not in {*looked.passed, *looked.failed, *looked.not_evaluated}
    assert "G01" in looked.passed


def test_nothing_asked_nothing_left_behind(bench: Bench) -> None:
    bench.add(FUNDS, fill="0")
    done = bench.judge()
    assert rules_over(done.workshop, bench.survey, 2023, []) == {}
    rules_over(done.workshop, bench.survey, 2023, [("r000", "fund_raised")])
    left = done.workshop.rows("SELECT table_name FROM duckdb_tables() WHERE temporary")
    assert left == []


def test_in_sum_it_is_what_the_run_counted(bench: Bench) -> None:
    """Every rule over cells and over single returns: same number of passes, failures, opens."""
    texts = ["0", "5", "12", "", "-", "约3", "7.5", "900"]
    items = [item.item_id for item in bench.survey.edition_of(2023).items]
    for n in range(9):
        figures = {item: texts[(7 * n + 3 * k) % len(texts)] for k, item in enumerate(items)}
        before = {item: texts[(5 * n + k) % len(texts)] for k, item in enumerate(items)}
        bench.add(before, year=2022, return_id=f"b{n}", unit_id=f"u{n}")
        bench.add(figures, return_id=f"n{n}", unit_id=f"u{n}", is_venue=n % 2 == 0)
    done = bench.judge()
    every = [(f"n{n}", item) for n in range(9) for item in items]
    asked = rules_over(done.workshop, bench.survey, 2023, every)
    sums: dict[str, Counter[str]] = {}
    for outcome in ("passed", "failed", "not_evaluated"):
        counted: Counter[str] = Counter()
        seen: set[tuple[str, str]] = set()
        for (return_id, _), looked in asked.items():
            for rule_id in getattr(looked, outcome):
                rule = bench.survey.edition_of(2023).rule[rule_id]
                by_cell = rule.each or rule_id in JUDGED
                counted[rule_id] += 1 if by_cell else (return_id, rule_id) not in seen
                seen.add((return_id, rule_id))
        sums[outcome] = counted
    for rule in bench.survey.edition_of(2023).rules:
        if rule.kind == "expression" or rule.id in JUDGED:
            held = done.result(rule.id)
            here = tuple(sums[name][rule.id] for name in ("passed", "failed", "not_evaluated"))
            assert here == (held["passed"], held["failed"], held["not_evaluated"]), rule.id
