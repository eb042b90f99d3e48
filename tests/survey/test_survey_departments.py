"""Departments over time: codes until 2017, names since, and offices at every level."""

from __future__ import annotations

import pytest

from pipelines.survey import Survey


def test_codes_of_2014(survey: Survey) -> None:
    codes = [row.code for row in survey.departments.active(2014)]
    assert codes == [f"{n:02}" for n in range(1, 31) if n != 8]
    assert "08" in [row.code for row in survey.departments.active(2013)]
    assert {row.code for row in survey.departments.active(2018)} == {""}
    assert len(survey.departments.active(2022)) == 32


def test_08_went_into_07(survey: Survey) -> None:
    departments = survey.departments
    assert departments.resolve("08", 2013).department_id == "population_planning"
    for text in ("08", "8", "人口计生部门", "市人口计生委"):
        assert departments.resolve(text, 2014) is None
        retired = departments.retired(text, 2014)
        assert retired is not None
        assert retired.successor_id == ("health",)
    assert departments.get("health", 2014).code == "07"


@pytest.mark.parametrize("year", [2014, 2017, 2018, 2022])
@pytest.mark.parametrize(
    ("text", "department"),
    [
        ("教育", "education"),
        ("教育部门", "education"),
        ("省教育厅", "education"),
        ("吉林省教育厅", "education"),
        ("长春市教育局", "education"),
        ("长春市朝阳区教育局", "education"),
        ("安图县 教育局", "education"),
        ("市科技局", "science_technology"),
        ("街道（镇）", "science_technology"),
        ("吉林省科学技术协会", "science_association"),
        ("县科协", "science_association"),
        ("延边州公安局", "public_security"),
        ("团省委", "youth_league"),
        ("市总工会", "trade_unions"),
        ("其它", "other"),
    ],
)
def test_offices_at_every_level(survey: Survey, year: int, text: str, department: str) -> None:
    found = survey.departments.resolve(text, year)
    assert found is not None
    assert found.department_id == department


@pytest.mark.parametrize(
    ("text", "year", "department"),
    [
        ("03", 2014, "education"),
        ("3", 2014, "education"),
        ("０３", 2014, "education"),
        ("03 教育部门", 2014, "education"),
        ("03-教育部门", 2014, "education"),
        ("05教育部门", 2014, None),
        ("03", 2022, None),
        ("省卫健委", 2022, "health"),
        ("省卫计委", 2014, "health"),
        ("市场监督管理局", 2022, "market_regulation"),
        ("长春市市场监督管理局", 2022, "market_regulation"),
        ("质监局", 2014, "quality_inspection"),
        ("质监局", 2022, None),
        ("地震局", 2014, "earthquake"),
        ("省地震局", 2022, "emergency"),
        ("财政局", 2022, None),
        ("市", 2022, None),
        ("", 2022, None),
    ],
)
def test_one_text_in_one_year(survey: Survey, text: str, year: int, department: str | None) -> None:
    found = survey.departments.resolve(text, year)
    assert (found.department_id if found else None) == department


def test_a_name_still_in_use_is_not_retired(survey: Survey) -> None:
    assert survey.departments.retired("教育部门", 2022) is None
    assert survey.departments.retired("卫生健康部门", 2014) is None
    assert survey.departments.retired("旅游局", 2022).successor_id == ("culture_tourism",)


@pytest.mark.parametrize("year", [2012, 2013, 2014, 2017, 2018, 2023])
def test_no_name_means_two_departments(survey: Survey, year: int) -> None:
    names = [name for row in survey.departments.active(year) for name in row.names]
    assert len(names) == len(set(names))
    for row in survey.departments.active(year):
        for name in row.names:
            assert survey.departments.resolve(name, year) == row


def test_successors_exist(survey: Survey) -> None:
    known = {row.department_id for row in survey.departments.active(2022)}
    for row in survey.departments.active(2014):
        assert row.successor_id
        assert set(row.successor_id) <= known


@pytest.mark.parametrize(
    ("text", "year", "department"),
    [
        ("03教育部门", 2014, "education"),
        ("３ 教育部门", 2014, "education"),
        ("教育部门（03）", 2014, "education"),
        ("03 教育部门", 2022, "education"),
        ("04教育部门", 2014, None),
        ("04教育部门", 2022, None),
        ("3.0", 2014, None),
    ],
)
def test_a_code_beside_a_name_must_agree_with_it(
    survey: Survey, text: str, year: int, department: str | None
) -> None:
    found = survey.departments.resolve(text, year)
    assert (found.department_id if found else None) == department
