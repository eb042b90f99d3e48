"""What makes judging fast must not change what it says: tables, threads, shares as data."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from checks_bench import Bench

from pipelines.checks import evaluate, evaluation
from pipelines.checks.methods_cells import slip_windows
from pipelines.checks.scene import scene_of
from pipelines.checks.suites import suites_of
from pipelines.checks.wide import wide_table
from pipelines.checks.worklist import Worklist, worklist
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot, Workshop

_ITEMS = ("lectures", "volunteers", "staff_full_time")


def test_judging_leaves_the_settings_of_the_database_as_they_were(
    bench: Bench, survey: Survey
) -> None:
    bench.add({"lectures": "4"})
    workshop = bench.judge().workshop
    assert _settings(workshop) == _settings(Workshop())


def test_a_failure_while_judging_leaves_them_as_they_were(
    bench: Bench, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.add({"lectures": "4"})
    workshop = bench.judge().workshop

    def fail(*_: object) -> None:
        assert workshop.rows("SELECT current_setting('threads') AS n")[0]["n"] == 2
        raise RuntimeError("no more")

    monkeypatch.setattr(evaluation, "_judge_year", fail)
    with pytest.raises(RuntimeError, match="no more"):
        evaluate(workshop, survey)
    assert _settings(workshop) == _settings(Workshop())
    left = workshop.rows("SELECT table_name FROM duckdb_tables() WHERE temporary")
    assert left == []


def test_a_return_without_some_items_has_nothing_in_their_columns(
    bench: Bench, survey: Survey
) -> None:
    whole = bench.add({"lectures": "1", "volunteers": "2", "staff_full_time": "-"})
    gap = bench.add({"lectures": "3", "staff_full_time": "4"})
    empty = bench.add({"camps": "5"})
    blank = bench.add({"lectures": "6", "volunteers": "", "staff_full_time": "7"})
    workshop = bench.judge().workshop
    with scene_of(workshop, survey, 2023) as scene, wide_table(scene, _ITEMS):
        rows = scene.rows("SELECT * FROM wide ORDER BY return_id")
    said = {row["return_id"]: tuple(row[item] for item in _ITEMS) for row in rows}
    assert said == {
        whole: (1, 2, 0),
        gap: (3, None, 4),
        empty: (None, None, None),
        blank: (6, None, 7),
    }


def test_rules_that_name_no_item_see_the_cover(bench: Bench, survey: Survey) -> None:
    return_id = bench.add({"lectures": "1"}, is_venue=True)
    workshop = bench.judge().workshop
    with scene_of(workshop, survey, 2023) as scene, wide_table(scene, ()):
        rows = scene.rows("FROM wide")
    assert rows == [{"return_id": return_id, "is_venue": True, "level": "区县级"}]


def test_numbers_and_members_sort_as_the_texts_they_stand_for(bench: Bench, survey: Survey) -> None:
    for return_id in ("b", "a10", "a2", "Z"):
        bench.add({"volunteers": "1", "lectures": "2"}, return_id=return_id)
    workshop = bench.judge().workshop
    with scene_of(workshop, survey, 2023) as scene:
        rows = scene.rows("SELECT return_id, item_id FROM cells ORDER BY seq, item_id")
    cells = [(row["return_id"], row["item_id"]) for row in rows]
    assert cells == sorted(cells)
    assert len(cells) == 8


def test_ratios_that_a_factor_may_explain_lie_in_few_ranges() -> None:
    windows = slip_windows((10, 60))
    # 10 covers 3.3 to 30 and 60 covers 20 to 180: one range, and its inverse.
    assert len(windows) == 2
    for factor in (10, 60):
        for ratio in (factor / 3, factor, factor * 3, 3 / factor, 1 / factor, 1 / factor / 3):
            assert any(low <= ratio <= high for low, high in windows)
    assert not any(low <= ratio <= high for ratio in (1, 2, 0.5, 200) for low, high in windows)


@pytest.mark.parametrize(("share", "enough"), [("0.6", 1), ("0.95", 1), ("0.99", 2)])
def test_where_to_stop_is_a_setting(bench: Bench, survey: Survey, share: str, enough: int) -> None:
    # Of 31 too many women, 30 are in the first return: 96.8 per cent.
    bench.add({"staff_full_time": "100", "staff_full_time_women": "130"}, unit_id="A")
    bench.add({"staff_full_time": "200", "staff_full_time_women": "201"}, unit_id="B")
    found = worklist(bench.judge().workshop, survey, 2023)
    assert Worklist(found.tasks, Decimal(share)).enough == enough


def test_answers_that_stand_twice_are_counted_by_item(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    first = bench.add({"lectures": "1", "volunteers": "2"})
    bench.add({"lectures": "3"})
    workshop = bench.judge().workshop
    for item in ("lectures", "lectures", "camps"):
        workshop.con.execute(
            "INSERT INTO answers SELECT * REPLACE (? AS item_id) FROM answers"
            " WHERE return_id = ? AND item_id = 'volunteers'",
            [item, first],
        )
    workshop.write_snapshot(tmp_path / "kepu.duckdb")
    with Snapshot(tmp_path / "kepu.duckdb") as snapshot:
        suites = {suite.name: suite for suite in suites_of(snapshot, survey)}
    rows = suites["数据约定-answers"].frame.to_pylist()
    # Lectures stand three times on the first return, where once is right.
    assert {row["item_id"]: row["repeated"] for row in rows} == {
        "lectures": 2,
        "volunteers": 0,
        "camps": 0,
    }


def _settings(workshop: Workshop) -> list[dict[str, object]]:
    return workshop.rows(
        "SELECT current_setting('threads') AS threads, current_setting('memory_limit') AS memory"
    )
