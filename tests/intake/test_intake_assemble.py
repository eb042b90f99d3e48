"""Whose return it is, and which of several counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from pipelines.survey import Survey
from pipelines.warehouse import Workshop
from tests.intake.writing import COVER, USCC, YEAR, Office, saved, workbook


def send(office: Office, name: str, answers: dict[str, object] | None = None, **cover: Any) -> None:
    edition = office.survey.edition_of(YEAR)
    given = {"lectures": 5} if answers is None else answers
    office.put(name, saved(workbook(edition, given, {**COVER, **cover})[0]))


def returns(office: Office) -> dict[str, dict[str, Any]]:
    tables = office.take_in()
    with Workshop() as workshop:
        for name, table in tables.items():
            workshop.load(name, table)
        workshop.assert_keys()
    return {row["file"]: row for row in tables["returns"].to_pylist()}


def test_the_cover_resolves(office: Office) -> None:
    send(office, "县区/表.xlsx")
    row = returns(office)["县区/表.xlsx"]
    assert row["unit_id"] == row["uscc"] == USCC
    assert row["unit_name"] == "长春市朝阳区教育局"
    assert (row["county_code"], row["prefecture_code"]) == ("220104", "220100")
    assert (row["department_id"], row["level_id"]) == ("education", "county")
    assert row["is_venue"] is False
    assert row["fill_date"] == dt.date(2024, 5, 6)
    assert row["channel"] == "county"
    assert row["simulated"] is False


def test_a_ticked_box_and_a_mistyped_code(office: Office) -> None:
    send(office, "表.xlsx", level="□省级 □市级 √区县级", uscc="11220000000000001X")
    row = returns(office)["表.xlsx"]
    assert row["level_id"] == "county"
    assert row["uscc"] == ""
    assert row["unit_id"] == "220104|朝阳区教育局"
    covers = {r["field_id"]: r["raw_text"] for r in office.take_in()["covers"].to_pylist()}
    assert covers["uscc"] == "11220000000000001X"


def test_two_ticks_choose_nothing(office: Office) -> None:
    send(office, "表.xlsx", level="√省级 √市级 □区县级")
    assert returns(office)["表.xlsx"]["level_id"] == ""


def test_a_code_stored_as_a_number_is_never_repaired(office: Office) -> None:
    send(office, "表.xlsx", uscc=911100001000000123)
    row = returns(office)["表.xlsx"]
    assert row["uscc"] == ""
    covers = {r["field_id"]: r["raw_text"] for r in office.take_in()["covers"].to_pylist()}
    assert covers["uscc"].replace(".", "").startswith("9111")


def test_what_does_not_resolve_stays_as_written(office: Office) -> None:
    send(office, "表.xlsx", department="人口计生部门", region="朝阳", level=None)
    row = returns(office)["表.xlsx"]
    assert (row["department_id"], row["level_id"]) == ("", "")


def test_the_same_file_twice_counts_once_and_the_county_goes_first(office: Office) -> None:
    send(office, "部门/省厅/表.xlsx")
    send(office, "县区/表.xlsx")
    data = (office.root.inbox(YEAR) / "县区/表.xlsx").read_bytes()
    office.put("部门/省厅/表.xlsx", data)
    tables = office.take_in()
    files = {row["file"]: row for row in tables["submissions"].to_pylist()}
    assert files["县区/表.xlsx"]["status"] == "loaded"
    assert files["部门/省厅/表.xlsx"]["status"] == "duplicate"
    assert "县区/表.xlsx" in files["部门/省厅/表.xlsx"]["reason_zh"]
    assert (
        files["部门/省厅/表.xlsx"]["figures_in"],
        files["部门/省厅/表.xlsx"]["figures_loaded"],
    ) == (
        106,
        0,
    )
    assert tables["returns"].num_rows == 1
    assert tables["answers"].num_rows == 106


def test_a_later_date_is_a_new_revision(office: Office) -> None:
    send(office, "县区/a.xlsx", fill_date="2024-06-01")
    send(office, "县区/b.xlsx", {"lectures": 6}, fill_date="2024-05-01")
    found = returns(office)
    assert (found["县区/a.xlsx"]["status"], found["县区/a.xlsx"]["revision"]) == ("received", 2)
    assert (found["县区/b.xlsx"]["status"], found["县区/b.xlsx"]["revision"]) == ("superseded", 1)
    assert "县区/a.xlsx" in found["县区/b.xlsx"]["status_reason_zh"]


@pytest.mark.parametrize("name", ["表（更正）", "表-修订", "表第2次", "表_v2", "表(2)"])
def test_a_file_name_can_say_that_it_replaces(office: Office, name: str) -> None:
    send(office, "县区/表.xlsx")
    send(office, f"县区/{name}.xlsx", {"lectures": 6})
    found = returns(office)
    assert found[f"县区/{name}.xlsx"]["status"] == "received"
    assert found["县区/表.xlsx"]["status"] == "superseded"


def test_what_cannot_be_decided_is_a_duplicate_that_names_both(office: Office) -> None:
    send(office, "部门/表.xlsx", {"lectures": 6, "exhibitions": 1})
    send(office, "县区/表.xlsx")
    found = returns(office)
    assert found["县区/表.xlsx"]["status"] == "received"
    second = found["部门/表.xlsx"]
    assert second["status"] == "duplicate"
    assert "县区/表.xlsx" in second["status_reason_zh"]
    assert "部门/表.xlsx" in second["status_reason_zh"]
    assert "2 个指标不同" in second["status_reason_zh"]


def test_a_correction_with_an_earlier_date_is_not_decided(office: Office) -> None:
    send(office, "县区/表.xlsx", fill_date="2024-06-01")
    send(office, "县区/表（更正）.xlsx", {"lectures": 6}, fill_date="2024-05-01")
    statuses = {row["status"] for row in returns(office).values()}
    assert statuses == {"received", "duplicate"}


def test_venues_of_one_unit_are_returns_of_their_own(office: Office) -> None:
    send(office, "甲.xlsx", is_venue="是", venue_name="朝阳区科技馆")
    send(office, "乙.xlsx", is_venue="是", venue_name="朝阳区天文馆")
    send(office, "丙.xlsx")
    assert {row["status"] for row in returns(office).values()} == {"received"}


def test_units_without_a_name_are_never_taken_for_one(office: Office) -> None:
    send(office, "甲.xlsx", unit_name=None, uscc=None)
    send(office, "乙.xlsx", {"lectures": 6}, unit_name=None, uscc=None)
    assert {row["status"] for row in returns(office).values()} == {"received"}


def test_the_register_gives_the_id_of_a_unit_without_code(office: Office, survey: Survey) -> None:
    from pipelines.forms.register import write_register

    unit = {
        "unit_name": "长春市朝阳区教育局", "uscc": USCC, "venue_name": "",
        "division_code": "220104", "department_id": "education", "level_id": "county",
        "channel": "county",
    }  # fmt: skip
    write_register(survey, YEAR, [unit], office.root.inbox(YEAR) / "名录.xlsx")
    send(office, "表.xlsx", uscc=None)
    tables = office.take_in()
    (row,) = tables["units"].to_pylist()
    assert {name: row[name] for name in unit} == unit
    assert row["unit_id"] == USCC
    assert tables["returns"].to_pylist()[0]["unit_id"] == USCC
