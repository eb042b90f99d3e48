"""Identifiers stay the text that was written, from any format, and are never repaired."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.survey import Survey
from pipelines.warehouse import Workshop
from tests.intake.writing import COVER, USCC, YEAR, Office, filled, saved, workbook


def covered(survey: Survey, **cover: object) -> bytes:
    return saved(workbook(survey.edition_of(YEAR), {"lectures": 5}, {**COVER, **cover})[0])


def as_csv(survey: Survey, encoding: str, **texts: str) -> bytes:
    """A return as text: cover lines, then the items."""
    edition = survey.edition_of(YEAR)
    cover = {**{key: str(value) for key, value in COVER.items()}, **texts}
    lines = [f"{field.label_zh},{cover.get(field.field_id, '')}" for field in edition.cover]
    lines += ["", "指标名称,代码,计量单位,数量"]
    lines += [f"{i.printed_label_zh},{i.code},{i.unit},{texts.get(i.item_id, 7)}"
              for i in edition.items]  # fmt: skip
    return "\n".join(lines).encode(encoding)


def cover_of(office: Office, field: str) -> str:
    rows = office.take_in()["covers"].to_pylist()
    return next(row["raw_text"] for row in rows if row["field_id"] == field)


@pytest.mark.parametrize("exact", ["911100001000000123", "9.11100001E17", "9.111000010000001E+17"])
def test_a_code_stored_as_a_number_is_refused(office: Office, survey: Survey, exact: str) -> None:
    data = covered(survey, uscc=0.123456)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if "worksheets/" in info.filename:
                content = re.sub(rb"<v>0\.123456</v>", f"<v>{exact}</v>".encode(), content)
            new.writestr(info.filename, content)
    received = office.receive(out.getvalue())
    assert received.returns[0]["uscc"] == ""
    assert received.returns[0]["unit_id"] == "220104|朝阳区教育局"


@pytest.mark.parametrize(
    "text",
    ["9.11E+17", "12E45", "0047583311587E590003", "11220000000000001X", "1122000000000000lL",
     "11220000O00000001L", "NA", "1122000000000000１"],
)  # fmt: skip
def test_what_is_no_code_stays_as_written_and_means_nobody(
    office: Office, survey: Survey, text: str
) -> None:
    office.put("县区/表.csv", as_csv(survey, "utf-8", uscc=text))
    assert cover_of(office, "uscc") == text
    (row,) = office.take_in()["returns"].to_pylist()
    assert row["uscc"] == ""


@pytest.mark.parametrize(
    "text", [USCC, USCC.lower(), f" {USCC[:8]} {USCC[8:]} ", "１１" + USCC[2:]]
)
def test_ways_of_writing_a_good_code(office: Office, survey: Survey, text: str) -> None:
    office.put("县区/表.xlsx", covered(survey, uscc=text))
    (row,) = office.take_in()["returns"].to_pylist()
    assert row["uscc"] == USCC


def test_leading_zeros_and_blank_codes_survive_to_parquet(
    office: Office, survey: Survey, tmp_path: Path
) -> None:
    office.put("县区/甲.csv", as_csv(survey, "utf-8", phone="010101", uscc=""))
    office.put("县区/乙.csv", as_csv(survey, "gb18030", phone="00123", unit_name="乙局"))
    tables = office.take_in()
    with Workshop() as workshop:
        for name, table in tables.items():
            workshop.load(name, table)
        workshop.write_parquet(tmp_path / "out")
    found = pq.read_table(next((tmp_path / "out").rglob("returns*.parquet"))).to_pylist()
    assert sorted(row["uscc"] for row in found) == ["", USCC]
    phones = {r["raw_text"] for r in tables["covers"].to_pylist() if r["field_id"] == "phone"}
    assert phones == {"010101", "00123"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_decoded_so_that_names_are_names(
    office: Office, survey: Survey, encoding: str
) -> None:
    # The UTF-8 bytes of 石景山区 also decode as GB18030, to other characters.
    name = "石景山区科学技术局驻朝阳区办事处"
    office.put("县区/表.csv", as_csv(survey, encoding, unit_name=name))
    (row,) = office.take_in()["returns"].to_pylist()
    assert row["unit_name"] == name
    assert row["county_code"] == "220104"


@pytest.mark.parametrize(
    ("text", "state", "value"),
    [
        ("NA", "unreadable", None),
        ("None", "unreadable", None),
        ("nan", "unreadable", None),
        ("1E+20", "unreadable", None),
        ("1e50", "unreadable", None),
        ("12E45", "unreadable", None),
        ("１２３．５", "reported", "123.5"),
        ("007", "reported", "7"),
        ("TRUE", "unreadable", None),
        ("2023-05-06", "unreadable", None),
        ("无", "not_applicable", None),
        ("—", "not_applicable", None),
        ("", "blank", None),
    ],
)
def test_cells_of_text_files_are_read_by_the_same_grammar(
    office: Office, survey: Survey, text: str, state: str, value: str | None
) -> None:
    received = office.receive(as_csv(survey, "gb18030", fund_raised=text), "县区/表.csv")
    answer = received.answers["fund_raised"]
    assert (answer["state"], answer["raw_text"]) == (state, text)
    assert (None if answer["value"] is None else f"{answer['value'].normalize():f}") == value


def test_a_count_as_text_with_leading_zeros_is_noted(office: Office, survey: Survey) -> None:
    answer = office.receive(filled(survey, lectures="0012")).answers["lectures"]
    assert answer["value"] == 12
    assert answer["notes"] == ["去除前面的零"]
