"""The whole line on a simulated province: it adds up, repeats, survives, and mends itself."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipelines import steps
from pipelines.account import account_of
from pipelines.commands.release import freeze
from pipelines.errors import (
    NotFoundError,
    RootError,
    SurveyDefinitionError,
)
from pipelines.runs import rebuild, run_line
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.layout import OVERLAY_FOLDER
from tests.conftest import Province, make_only
from tests.line.published_state import bytes_of


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


def test_reports_touched_or_gone_are_made_anew_and_blank_forms_stay(
    own_province: Province,
) -> None:
    root, year = own_province.root, own_province.year
    make_only(root, "rule_book")
    assert not run_line(root, year).was_current
    form = root.blanks(year) / "长春市" / "某单位.xlsx"
    form.parent.mkdir(parents=True)
    form.write_bytes(b"a form")
    assert run_line(root, year).was_current, "forms are no part of what a run makes"
    book, page = (root.report(year) / f"审核规则手册{ending}" for ending in (".xlsx", ".html"))
    right = book.read_bytes(), page.read_bytes()
    book.write_bytes(b"changed by hand")
    page.unlink()
    assert not run_line(root, year).was_current
    assert (book.read_bytes(), page.read_bytes()) == right
    assert form.read_bytes() == b"a form"


def test_a_product_left_out_is_gone_and_nothing_of_before_stays(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    make_only(root, "charts")
    run_line(root, year)
    report = root.report(year)
    assert list((report / "图").glob("*.png"))
    assert not (report / "公报.pdf").exists()
    assert not (report / "查询单").exists()
    assert (report / "审核阈值.yaml").exists(), "what waits for a person is always written"
    assert not root.quality.exists(), "documents of the state before would be read as today's"
    with pytest.raises(NotFoundError, match="quality"):
        freeze(root.path, year, "张三", provisional=True)


def test_a_malformed_choice_of_products_names_its_line(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    make_only(root, "charts")
    path = root.raw / OVERLAY_FOLDER / "publish" / "products.yaml"
    path.write_text(path.read_text("utf-8").replace("charts: true", "charts: maybe"), "utf-8")
    with pytest.raises(SurveyDefinitionError, match=r"products\.yaml.*第 3 行.*yes 或 no"):
        run_line(root, year)


def test_a_corrupt_file_is_named_and_everything_else_is_as_before(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    with Snapshot(root.snapshot) as snapshot:
        before = snapshot.table("answers")
        refused = {refusal.file for refusal in account_of(snapshot, year).refusals}
    make_only(root, "rule_book")
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
