"""The workshop and the snapshot: exact values, declared schema, repeatable hashes, refusals."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from pipelines.errors import ConservationError, SnapshotError
from pipelines.warehouse import TABLES, Snapshot, Workshop, arrow_table, empty_table


def answer(return_id: str, item_id: str, value: str | None, state: str) -> dict[str, Any]:
    return {
        "return_id": return_id,
        "submission_id": "s",
        "item_id": item_id,
        "value": None if value is None else Decimal(value),
        "state": state,
        "raw_text": value or "",
        "file": "f.xlsx",
        "sheet": "表",
        "cell": "D5",
        "notes": [],
    }


def basic_return(return_id: str, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "return_id": return_id, "submission_id": "s", "file": "f.xlsx", "sheet": "封面",
        "year": 2023, "edition_id": "kp-2021", "layout": "questionnaire", "role": "basic",
        "unit_id": return_id, "unit_name": "单位", "venue_name": "", "uscc": "",
        "is_venue": False, "division_code": "220104", "county_code": "220104",
        "prefecture_code": "220100", "department_id": "education", "level_id": "county",
        "channel": "county", "revision": 1, "fill_date": None, "status": "accepted",
        "status_reason_zh": "", "simulated": False,
    }  # fmt: skip
    return {**row, **changes}


def test_fifteen_decimals_survive_and_sums_are_exact() -> None:
    with Workshop() as workshop:
        workshop.load("answers", [answer("a", "x", "0.1", "reported")])
        workshop.load("answers", [answer("b", "x", "0.2", "reported")])
        workshop.load("answers", [answer("c", "x", "333.333333333333333", "reported")])
        total = workshop.rows("SELECT sum(value) AS total FROM answers")[0]["total"]
    assert total == Decimal("333.633333333333333")


def test_a_dash_counts_as_zero_and_blank_does_not_count() -> None:
    with Workshop() as workshop:
        workshop.load("returns", [basic_return("a"), basic_return("b"), basic_return("c")])
        workshop.load(
            "answers",
            [
                answer("a", "x", None, "not_applicable"),
                answer("b", "x", None, "blank"),
                answer("c", "x", "5", "reported"),
            ],
        )
        row = workshop.rows("SELECT sum(amount) AS s, count(amount) AS n FROM counted_answers")[0]
    assert (row["s"], row["n"]) == (Decimal(5), 2)


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({"status": "accepted"}, True),
        ({"status": "queried"}, True),
        ({"status": "rejected"}, False),
        ({"status": "superseded"}, False),
        ({"status": "duplicate"}, False),
        ({"status": "accepted", "role": "summary"}, False),
    ],
)
def test_which_returns_count(changes: dict[str, str], counts: bool) -> None:
    with Workshop() as workshop:
        workshop.load("returns", [basic_return("a", **changes)])
        assert workshop.rows("SELECT count(*) AS n FROM counted_returns")[0]["n"] == counts


def test_a_row_with_a_foreign_column_is_refused() -> None:
    with pytest.raises(ValueError, match="columns differ"):
        arrow_table("meta", [{"key": "a", "value": "b", "third": "c"}])


def test_a_null_in_a_column_that_must_be_filled_is_refused() -> None:
    with Workshop() as workshop, pytest.raises((duckdb.Error, pa.ArrowInvalid, ValueError)):
        workshop.load("meta", [{"key": "a", "value": None}])


def test_a_key_that_is_there_twice_is_found() -> None:
    with Workshop() as workshop:
        workshop.load("answers", [answer("a", "x", "1", "reported")] * 2)
        with pytest.raises(ConservationError, match="answers"):
            workshop.assert_keys()


def test_the_same_rows_in_another_order_give_the_same_hashes_and_parquet(tmp_path: Path) -> None:
    rows = [answer(str(n), "x", str(n), "reported") for n in range(50)]
    made = []
    for name, order in (("a", rows), ("b", rows[::-1])):
        with Workshop() as workshop:
            workshop.load("answers", order)
            files = workshop.write_parquet(tmp_path / name)
            made.append((workshop.content_hashes(), [f.read_bytes() for f in files]))
    assert made[0] == made[1]


def test_one_changed_digit_changes_the_hash() -> None:
    hashes = []
    for value in ("1", "1.000000000000001"):
        with Workshop() as workshop:
            workshop.load("answers", [answer("a", "x", value, "reported")])
            hashes.append(workshop.content_hashes()["answers"])
    assert hashes[0] != hashes[1]


def test_a_snapshot_gives_back_what_was_loaded_and_explains_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "快照.duckdb"
    with Workshop() as workshop:
        workshop.load("answers", [answer("a", "x", "1.5", "reported")])
        workshop.write_snapshot(path)
    with Snapshot(path) as snapshot:
        assert snapshot.table("answers").to_pylist()[0]["value"] == Decimal("1.5")
        columns = snapshot.rows(
            "SELECT c.comment FROM duckdb_columns() c JOIN duckdb_tables() t USING (table_oid)"
        )
        assert len(columns) == sum(len(table.columns) for table in TABLES.values())
        assert all(column["comment"] for column in columns)
        assert {row["table_name"] for row in snapshot.rows("SELECT * FROM duckdb_tables()")} == set(
            TABLES
        )


def test_a_snapshot_cannot_be_written(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    with Workshop() as workshop:
        workshop.write_snapshot(path)
    with Snapshot(path) as snapshot, pytest.raises(duckdb.Error):
        snapshot.con.execute("DELETE FROM meta")


def test_a_missing_or_broken_snapshot_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="kepu run"):
        Snapshot(tmp_path / "没有.duckdb")
    broken = tmp_path / "坏.duckdb"
    broken.write_bytes(b"not a database" * 1000)
    with pytest.raises(SnapshotError, match="重建"):
        Snapshot(broken)


def test_every_table_has_a_chinese_label_and_a_key_of_its_own_columns() -> None:
    for table in TABLES.values():
        assert set(table.key) <= table.column.keys()
        assert all(
            any("\u4e00" <= letter <= "\u9fff" for letter in column.label_zh)
            for column in table.columns
        )
        assert empty_table(table.name).num_rows == 0


def test_ids_and_codes_are_text() -> None:
    numeric = [
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if column.name.endswith(("_id", "_code")) and column.kind != "text"
    ]
    assert not numeric
