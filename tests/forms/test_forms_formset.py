"""The set of forms that goes out."""

from __future__ import annotations

from pathlib import Path

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
