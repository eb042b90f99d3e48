"""The whole line on a simulated province: it adds up, repeats, survives, and mends itself."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from pipelines import steps
from pipelines.account import account_of
from pipelines.commands.release import freeze
from pipelines.errors import KepuError, RootError, SnapshotError
from pipelines.runs import rebuild, run_line
from pipelines.warehouse import Root, Snapshot
from tests.conftest import Province
from tests.line.published_state import bytes_of, repeatable


def test_everything_received_is_accounted_for(province: Province) -> None:
    with Snapshot(province.root.snapshot) as snapshot:
        account = account_of(snapshot, province.year)
        statuses = {r["status"] for r in snapshot.rows("SELECT DISTINCT status FROM returns")}
    inbox = province.root.inbox(province.year)
    on_disk = [p for p in inbox.rglob("*") if p.is_file() and p.parent != inbox]
    assert account.files_in >= len(on_disk)
    assert account.figures_in >= account.figures_loaded > 0
    assert account.refusals, "the simulation puts hostile files into every inbox"
    assert all(refusal.reason_zh and refusal.advice_zh for refusal in account.refusals)
    assert statuses <= {"accepted", "queried", "rejected", "superseded", "duplicate", "received"}


def test_what_an_official_opens_is_there(province: Province) -> None:
    report = province.root.report(province.year)
    assert (report / "公报.pdf").read_bytes().startswith(b"%PDF")
    assert len(list((report / "图").glob("*.png"))) >= 12
    assert (report / "指标表.xlsx").is_file()
    assert list((report / "查询单").rglob("*.xlsx"))
    assert (province.root.quality / "index.html").is_file()
    assert not province.root.work.exists()


def test_a_second_run_changes_not_one_byte(own_province: Province) -> None:
    before = bytes_of(own_province.root)
    outcome = run_line(own_province.root, own_province.year)
    assert outcome.was_current
    assert bytes_of(own_province.root) == before


def test_what_was_deleted_is_rebuilt_the_same(own_province: Province) -> None:
    root = own_province.root
    before = repeatable(root)
    shutil.rmtree(root.processed)
    shutil.rmtree(root.reports)
    assert not run_line(root, own_province.year).was_current
    assert repeatable(root) == before


def test_reports_touched_or_gone_are_made_anew_and_blank_forms_stay(
    own_province: Province,
) -> None:
    root, year = own_province.root, own_province.year
    form = root.blanks(year) / "长春市" / "某单位.xlsx"
    form.parent.mkdir(parents=True)
    form.write_bytes(b"a form")
    assert run_line(root, year).was_current, "forms are no part of what a run makes"
    bulletin, tables = (root.report(year) / name for name in ("公报.pdf", "指标表.xlsx"))
    right = bulletin.read_bytes(), tables.read_bytes()
    bulletin.write_bytes(b"changed by hand")
    tables.unlink()
    assert not run_line(root, year).was_current
    assert (bulletin.read_bytes(), tables.read_bytes()) == right
    assert form.read_bytes() == b"a form"


def test_a_corrupt_file_is_named_and_everything_else_is_as_before(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    with Snapshot(root.snapshot) as snapshot:
        before = snapshot.table("answers")
        refused = {refusal.file for refusal in account_of(snapshot, year).refusals}
    bad = root.inbox(year) / "县区" / "坏表.xlsx"
    bad.write_bytes(b"PK\x03\x04 cut off")
    rebuild(steps.receive(root, year))
    with Snapshot(root.snapshot) as snapshot:
        assert snapshot.table("answers") == before
        now = {refusal.file for refusal in account_of(snapshot, year).refusals}
    assert now - refused == {"县区/坏表.xlsx"}


def test_data_raw_is_never_written(province: Province) -> None:
    held = {
        path.relative_to(province.root.raw).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for path in province.root.raw.rglob("*")
        if path.is_file()
    }
    assert held == province.received


def test_a_missing_inbox_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RootError, match="kepu init"):
        run_line(Root(tmp_path))
    (tmp_path / "data" / "raw" / "2023").mkdir(parents=True)
    with pytest.raises(RootError, match="2021"):
        run_line(Root(tmp_path), 2021)


def test_an_empty_inbox_gives_a_report_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "data" / "raw" / "2023").mkdir(parents=True)
    plan = steps.receive(Root(tmp_path))
    rebuild(plan)
    steps.publish(plan)
    with Snapshot(plan.root.snapshot) as snapshot:
        assert account_of(snapshot, 2023).files_in == 0
    assert (tmp_path / "reports" / "2023" / "公报.pdf").read_bytes().startswith(b"%PDF")


def test_a_release_is_frozen_only_when_nothing_is_open(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    with pytest.raises(SnapshotError, match="必须更正"):
        freeze(root.path, year, "张三", provisional=False)
    said = freeze(root.path, year, "张三", provisional=True)
    assert said.startswith("2023-r1")
    frozen = root.releases / "2023-r1"
    assert (frozen / "reports" / "2023" / "公报.pdf").is_file()
    with Snapshot(frozen / "data" / "processed" / "kepu.duckdb") as snapshot:
        assert snapshot.rows("SELECT count(*) AS n FROM answers")[0]["n"] > 0
    assert freeze(root.path, year, "张三", provisional=True).startswith("2023-r2")


def test_a_release_of_what_is_out_of_date_is_refused(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    (root.inbox(year) / "新到.xlsx").write_bytes(b"PK")
    with pytest.raises(KepuError, match="不是最新的"):
        freeze(root.path, year, "张三", provisional=True)
