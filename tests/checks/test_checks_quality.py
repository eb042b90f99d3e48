"""Great Expectations documents: complete, Chinese, offline, the same bytes, nothing personal."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from checks_bench import COVER
from every_rule import broken_workshop

from pipelines.survey import Survey
from pipelines.warehouse import Snapshot


@pytest.fixture(scope="module")
def documents(survey: Survey, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two folders made from one snapshot, each by a process of its own, both at once."""
    folder = tmp_path_factory.mktemp("质量 文档")
    snapshot = folder / "data" / "processed" / "kepu.duckdb"
    snapshot.parent.mkdir(parents=True)
    broken_workshop(survey).write_snapshot(snapshot)
    made = (folder / "1", folder / "2")
    module = [sys.executable, "-m", "pipelines.checks.quality"]
    workers = [
        subprocess.Popen(
            [*module, str(snapshot), str(out)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        for out in made
    ]
    for worker in workers:
        _, said = worker.communicate()
        assert worker.returncode == 0, said
    return made


def test_every_rule_is_an_expectation_with_its_result(
    documents: tuple[Path, Path], survey: Survey
) -> None:
    folder = documents[0]
    for year, met in ((2022, True), (2023, False)):
        name = f"审核规则-{year}.json"
        suite = json.loads((folder / "expectations" / name).read_text("utf-8"))
        results = json.loads((folder / "validations" / name).read_text("utf-8"))
        ids = [one["meta"]["编号"] for one in suite["expectations"]]
        assert ids == [rule.id for rule in survey.edition_of(year).rules]
        successes = {one["编号"]: one["success"] for one in results["results"]}
        assert successes["R_staff_full_time_women"] is met
        assert results["success"] is False


def test_great_expectations_and_findings_agree_on_every_rule(
    documents: tuple[Path, Path], survey: Survey
) -> None:
    """An expectation is met exactly when no finding of its rule stands in the snapshot.

    In 2023 every rule is broken somewhere, generated, soft and over totals; in 2022 few are.
    """
    folder = documents[0]
    with Snapshot(folder.parent / "data" / "processed" / "kepu.duckdb") as snapshot:
        counts = {
            (row["year"], row["rule_id"]): row["n"]
            for row in snapshot.rows(
                "SELECT year, rule_id, count(*) AS n FROM findings GROUP BY ALL"
            )
        }
        judged = snapshot.rows("SELECT year, rule_id, failed FROM rule_results")
    assert {row["rule_id"] for row in judged if row["year"] == 2023} == set(
        survey.edition_of(2023).rule
    )
    results = {}
    for year in (2022, 2023):
        path = folder / "validations" / f"审核规则-{year}.json"
        for one in json.loads(path.read_text("utf-8"))["results"]:
            results[year, one["编号"]] = (one["success"], one["result"]["observed_value"])
    assert results.keys() == {(row["year"], row["rule_id"]) for row in judged}
    for row in judged:
        key = (row["year"], row["rule_id"])
        found = counts.get(key, 0)
        assert results[key] == (found == 0, found) == (row["failed"] == 0, row["failed"]), key
    unmet = {rule for (year, rule), (met, _) in results.items() if year == 2023 and not met}
    assert unmet == set(survey.edition_of(2023).rule)
    assert sum(met for (year, _), (met, _) in results.items() if year == 2022) > 150


def test_contract_of_the_tables(documents: tuple[Path, Path]) -> None:
    path = documents[0] / "validations" / "数据约定-returns.json"
    results = {one["编号"]: one for one in json.loads(path.read_text("utf-8"))["results"]}
    assert results["unique_return_id"]["success"] is True
    assert results["like_division_code"]["success"] is False
    assert results["like_division_code"]["result"]["unexpected_count"] == 1


def test_pages_need_nothing_from_outside_and_lead_somewhere(documents: tuple[Path, Path]) -> None:
    folder = documents[0]
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) == 1 + 2 * 5
    for page in [*pages, folder / "style.css"]:
        text = page.read_text("utf-8")
        assert not re.search(r"https?:|//cdn", text)
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            assert (page.parent / link).is_file(), link
    assert (folder / "font.woff").read_bytes()[:4] == b"wOFF"


def test_the_same_snapshot_gives_the_same_bytes(documents: tuple[Path, Path]) -> None:
    first, second = (
        {
            path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder in documents
    )
    assert first == second
    assert sum(len(content) for content in first.values()) < 5_000_000


def test_documents_hold_no_figure_and_no_contact(documents: tuple[Path, Path]) -> None:
    for path in documents[0].rglob("*"):
        if path.is_file() and path.suffix != ".woff":
            text = path.read_text("utf-8")
            assert "约五次" not in text
            assert COVER["phone"] not in text
            assert COVER["filler"] not in text


def test_a_missing_snapshot_is_said_in_one_line(tmp_path: Path) -> None:
    from pipelines.checks import quality

    assert quality.main([str(tmp_path / "a" / "b" / "no.duckdb"), str(tmp_path / "out")]) == 1
    assert quality.main([]) == 2
