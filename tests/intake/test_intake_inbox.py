"""Taking stock: every file once, archives opened, what is no return listed, order fixed."""

from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import pytest

from pipelines import intake
from pipelines.errors import RootError
from pipelines.survey import Survey
from pipelines.warehouse import Root
from tests.intake.writing import YEAR, Office, filled


def scan(office: Office) -> intake.Inventory:
    return intake.scan(office.root, [YEAR])


def gbk_zip(name: str, data: bytes) -> bytes:
    """A zip as Chinese Windows writes it: the name in GBK, and no sign of it."""
    out = io.BytesIO()
    ascii_name = "N" * len(name.encode("gb18030"))
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(ascii_name, data)
    return out.getvalue().replace(ascii_name.encode(), name.encode("gb18030"))


def test_files_of_any_folder_tree_with_their_channel(office: Office) -> None:
    office.put("县区/长春市/朝阳区/教育局.csv", b"a")
    office.put("部门/省教育厅/本厅.csv", b"b")
    office.put("散放.csv", b"c")
    found = {file.file: file.channel for file in scan(office).files}
    assert found == {
        "县区/长春市/朝阳区/教育局.csv": "county",
        "部门/省教育厅/本厅.csv": "department",
        "散放.csv": "unknown",
    }


def test_decisions_beside_the_returns_are_not_returns(office: Office) -> None:
    for name in ("名录.xlsx", "说明.xlsx", "更正.yaml", "mappings/x.yaml"):
        office.put(name, b"x")
    office.put("县区/名录.xlsx", b"x")
    assert [file.file for file in scan(office).files] == ["县区/名录.xlsx"]


@pytest.mark.parametrize(
    "name", ["~$表.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini", "说明.txt", "__MACOSX/._表.xlsx"]
)
def test_what_is_no_return_is_listed_as_skipped(office: Office, name: str) -> None:
    office.put(f"县区/{name}", b"\x17Microsoft")
    inventory = scan(office)
    assert inventory.files == ()
    assert [file.file for file in inventory.skipped] == [f"县区/{name}"]
    (row,) = office.take_in()["submissions"].to_pylist()
    assert row["status"] == "skipped"
    assert row["reason_zh"]


def test_gbk_names_in_archives(office: Office, survey: Survey) -> None:
    data = gbk_zip("省教育厅/科普表.xlsx", filled(survey, lectures=5))
    received = office.receive(data, "部门/省教育厅.zip")
    assert received.file["file"] == "部门/省教育厅.zip!省教育厅/科普表.xlsx"
    assert received.file["channel"] == "department"
    assert received.answers["lectures"]["value"] == 5


def test_an_archive_in_an_archive_is_opened(office: Office, survey: Survey) -> None:
    inner = gbk_zip("表.xlsx", filled(survey, lectures=5))
    received = office.receive(gbk_zip("内.zip", inner), "外.zip")
    assert received.file["file"] == "外.zip!内.zip!表.xlsx"
    assert received.file["status"] == "loaded"


def test_a_name_that_climbs_out_is_only_a_name(office: Office, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    received = office.receive(gbk_zip("../../../evil.csv", b"a,b\n"), "包.zip")
    assert received.file["file"] == "包.zip!../../../evil.csv"
    after = sorted(tmp_path.rglob("*"))
    assert [path.name for path in after if path not in before] == ["包.zip"]


def test_two_members_of_one_name_stay_apart(office: Office) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.csv", b"2")
    office.put("包.zip", out.getvalue())
    assert [f.file for f in scan(office).files] == ["包.zip!a.csv", "包.zip!a.csv（2）"]


def test_a_link_out_of_the_inbox_is_not_followed(office: Office, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(b"x")
    (office.root.inbox(YEAR) / "表.csv").symlink_to(secret)
    inventory = scan(office)
    assert inventory.files == ()
    assert inventory.skipped[0].reason_code == "S104"


def test_order_hash_and_pickle(office: Office) -> None:
    for name in ("乙/2.csv", "甲.csv", "乙/1.csv"):
        office.put(name, name.encode())
    inventory = scan(office)
    assert [file.file for file in inventory.files] == sorted(f.file for f in inventory.files)
    assert pickle.loads(pickle.dumps(inventory)) == inventory
    before = inventory.fingerprint
    assert scan(office).fingerprint == before
    office.put("甲.csv", b"changed")
    assert scan(office).fingerprint != before


def test_a_year_without_an_inbox_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RootError, match="请"):
        intake.scan(Root(tmp_path), [YEAR])


def test_readings_travel_between_processes(office: Office, survey: Survey) -> None:
    office.put("表.xlsx", filled(survey, lectures=5))
    readings = intake.read_files(list(scan(office).files), office.root, survey)
    again = pickle.loads(pickle.dumps(readings))
    assert again.reports == readings.reports
    assert again.answers.equals(readings.answers)
