"""The set of forms that goes out."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from pipelines.forms import FormTemplate, write_form_set
from pipelines.survey import Survey

from .conftest import reader

UNITS = [
    {
        "unit_id": "1",
        "unit_name": "甲县科协",
        "venue_name": "",
        "uscc": "91350100M000100Y43",
        "division_code": "220122",
        "county_code": "220122",
        "prefecture_code": "220100",
        "department_id": "science_association",
        "level_id": "county",
        "channel": "county",
    },
    {
        "unit_id": "2",
        "unit_name": "乙/厅",
        "venue_name": "乙馆",
        "uscc": "",
        "division_code": "220102",
        "county_code": "220102",
        "prefecture_code": "220100",
        "department_id": "education",
        "level_id": "provincial",
        "channel": "department",
    },
]


def test_without_a_register_one_blank_form(survey: Survey, tmp_path: Path) -> None:
    assert [path.name for path in write_form_set(survey, 2023, tmp_path)] == [
        "全国科普统计调查表（2023年度）.xlsx"
    ]


def test_a_prefilled_form_for_every_unit(
    survey: Survey, template: FormTemplate, tmp_path: Path
) -> None:
    last_year = {("1", ""): {"lectures": "1200", "volunteers": "-", "no_longer_asked": "5"}}
    paths = write_form_set(survey, 2023, tmp_path, [*UNITS, UNITS[0]], last_year)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "县区/长春市/农安县/甲县科协.xlsx",
        "部门/教育部门/乙_厅（乙馆）.xlsx",
        "县区/长春市/农安县/甲县科协（2）.xlsx",
    ]
    at, read = template.layout, reader(paths[0].read_bytes())
    assert read(at.cover("unit_name")) == "甲县科协"
    assert read(at.cover("is_venue")) == "否"
    assert read(at.last_year("lectures")) == 1200
    assert read(at.last_year("volunteers")) == "-"
    assert read(at.figure("lectures")) == ""
    venue = reader(paths[1].read_bytes())
    assert venue(at.cover("is_venue")) == "是"
    assert venue(at.cover("department")) == "教育部门"
    assert venue(at.cover("uscc")) == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("=1+1蛊", "=1+1蛊"),
        ("=cmd|' /C calc'!A0蛊", "=cmd|' /C calc'!A0蛊"),
        ("+1+1蛊", "+1+1蛊"),
        ("-2+3蛊", "-2+3蛊"),
        ("@SUM(1+1)蛊", "@SUM(1+1)蛊"),
        ("\t=1+1蛊", "\t=1+1蛊"),
        ("</t></is></c><c><f>1+1</f></c>蛊", "</t></is></c><c><f>1+1</f></c>蛊"),
        ("http://localhost/蛊", "http://localhost/蛊"),
        ("a\x01\ufffe蛊", "a\ufffd\ufffd蛊"),
        ("长" * 200 + "蛊", "长" * 200 + "蛊"),
    ],
)
def test_a_name_is_text_in_the_form_whatever_it_begins_with(
    survey: Survey, template: FormTemplate, tmp_path: Path, name: str, shown: str
) -> None:
    unit = {**UNITS[0], "unit_name": name, "venue_name": f"{name}馆"}
    (path,) = write_form_set(survey, 2023, tmp_path, [unit])
    data = path.read_bytes()
    sheets = openpyxl.load_workbook(io.BytesIO(data))
    for field, text in (("unit_name", shown), ("venue_name", f"{shown}馆")):
        at = template.layout.cover(field)
        cell = sheets[at.sheet][at.a1]
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for part in package.namelist():
            xml = package.read(part).decode()
            assert not re.search(r"<f[^>]*>[^<]*蛊", xml), part
            assert not (part.endswith(".rels") and "蛊" in xml), part


def test_a_name_that_looks_like_an_escape_is_shown_as_written(
    survey: Survey, template: FormTemplate, tmp_path: Path
) -> None:
    unit = {**UNITS[0], "unit_name": "第_x0041_站"}
    (path,) = write_form_set(survey, 2023, tmp_path, [unit])
    assert reader(path.read_bytes())(template.layout.cover("unit_name")) == "第_x0041_站"
