"""A form with items that nobody knows: refused, proposed, approved, loaded; through the steps."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from pipelines import intake, steps
from pipelines.cli import app
from pipelines.errors import MappingError
from pipelines.survey import Survey
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.manifest import Manifest
from tests.conftest import make_only, publish_everything
from tests.intake.writing import YEAR, Layout, saved, workbook

UNKNOWN = 33


@pytest.fixture
def values(survey: Survey) -> dict[str, int]:
    return {item.item_id: 3 * n + 2 for n, item in enumerate(survey.edition_of(YEAR).items)}


@pytest.fixture
def office(tmp_path: Path, survey: Survey, values: dict[str, int]) -> Root:
    """One return on the form of the office's own system: 33 items more, one of ours renamed."""
    layout = Layout(labels={"volunteers": "登记在册的科普志愿人员"})
    book, _ = workbook(survey.edition_of(YEAR), values, layout=layout)
    for sheet in book.worksheets[1:4]:
        for n in range(UNKNOWN // 3):
            row = sheet.max_row + 1
            code = f"KZ{len(sheet.title)}{row:02}{n}"
            for column, text in enumerate((f"补充指标{row}之{n}", code, "项", 1000 + n), 1):
                sheet.cell(row, column, text)
    root = Root(tmp_path / "某局")
    publish_everything(root)
    make_only(root)
    (root.inbox(YEAR) / "县区").mkdir(parents=True)
    (root.inbox(YEAR) / "县区" / "报表.xlsx").write_bytes(saved(book))
    return root


def build(root: Root) -> steps.Plan:
    plan = steps.receive(root, YEAR)
    steps.ingest(plan, [intake.read_files(plan.inventory.files, root, plan.survey())])
    steps.check(plan)
    steps.build(plan)
    return plan


def rows(root: Root, sql: str) -> list[dict[str, Any]]:
    with Snapshot(root.snapshot) as snapshot:
        return snapshot.rows(sql)


def test_refused_proposed_approved_loaded(office: Root, values: dict[str, int]) -> None:
    plan = build(office)
    steps.publish(plan)
    (refused,) = rows(office, "SELECT * FROM submissions")
    assert (refused["status"], refused["reason_code"]) == ("rejected", "K409")
    (proposal,) = office.proposals(YEAR).iterdir()
    named = proposal.relative_to(office.path).as_posix()
    assert named in refused["advice_zh"]
    outputs = Manifest.read(office.manifest).sections[plan.report_section].outputs
    assert outputs[named] == hashlib.sha256(proposal.read_bytes()).hexdigest()

    listed = CliRunner().invoke(app, ["mappings", "--root", str(office.path)])
    assert f"{UNKNOWN + 1} 行须决定" in listed.output
    out = office.path / "另存"
    CliRunner().invoke(app, ["mappings", "--root", str(office.path), "--out", str(out)])
    assert (out / proposal.name).read_bytes() == proposal.read_bytes()

    document = yaml.safe_load(proposal.read_text("utf-8"))
    labels = [label for table in document["tables"] for label in table["labels"]]
    undecided = [label for label in labels if label["action"] == "?"]
    assert len(undecided) == UNKNOWN + 1
    for label in undecided:
        if label["label"] == "登记在册的科普志愿人员":
            label.update(action="item", item="volunteers")
        else:
            label.update(action="ignore", reason="省里另行布置的补充指标，不入国家统计")
    office.mappings(YEAR).mkdir()
    approved = office.mappings(YEAR) / proposal.name
    approved.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    changed = steps.receive(office, YEAR)
    assert changed.fingerprint != plan.fingerprint

    build(office)
    (loaded,) = rows(office, "SELECT * FROM submissions")
    assert loaded["status"] == "loaded", loaded["reason_zh"]
    assert proposal.name in loaded["reason_zh"]
    answers = {row["item_id"]: row["value"] for row in rows(office, "SELECT * FROM answers")}
    assert answers == {item: Decimal(value) for item, value in values.items()}
    assert rows(office, "SELECT * FROM proposals") == []


def test_an_unfinished_mapping_stops_the_run_before_anything_is_computed(office: Root) -> None:
    build(office)
    before = office.snapshot.read_bytes()
    office.mappings(YEAR).mkdir()
    (office.mappings(YEAR) / "没填完.yaml").write_text(
        f"version: 1\nyear: {YEAR}\nedition: kp-2021\ntables:\n- direction: rows\n"
        '  signature: "0"\n  labels:\n  - {label: "甲", action: "?"}\n',
        "utf-8",
    )
    with pytest.raises(MappingError, match=r"没填完\.yaml"):
        steps.receive(office, YEAR)
    told = CliRunner().invoke(app, ["mappings", "--root", str(office.path)])
    assert isinstance(told.exception, MappingError)
    assert office.snapshot.read_bytes() == before
