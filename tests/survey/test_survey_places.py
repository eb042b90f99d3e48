"""Divisions over time, and the ways people write a place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.survey import Survey, load_survey
from pipelines.survey.reference import Division, Divisions

DIVISIONS = load_survey().divisions
COUNTIES = DIVISIONS.county_units(2022)


def test_nine_prefectures_and_sixty_counties(survey: Survey) -> None:
    divisions = survey.divisions
    assert [row.name_zh for row in divisions.prefectures(2022)] == [
        *("长春市", "吉林市", "四平市", "辽源市", "通化市"),
        *("白山市", "松原市", "白城市", "延边朝鲜族自治州"),
    ]
    kinds = [row.kind for row in divisions.county_units(2022)]
    assert len(kinds) == 60
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "市辖区": 21,
        "县级市": 20,
        "县": 16,
        "自治县": 3,
    }


@pytest.mark.parametrize("year", [2014, 2015, 2019, 2020, 2023])
def test_every_county_sits_in_a_prefecture_of_its_year(survey: Survey, year: int) -> None:
    divisions = survey.divisions
    prefectures = {row.code for row in divisions.prefectures(year)}
    codes = [row.code for row in divisions.county_units(year)]
    assert len(codes) == len(set(codes)) == 60
    assert {divisions.prefecture_of(code, year) for code in codes} == prefectures


def test_gongzhuling_moved_in_2020(survey: Survey) -> None:
    divisions = survey.divisions
    for year, code, prefecture in ((2019, "220381", "220300"), (2020, "220184", "220100")):
        found = divisions.resolve("公主岭市", year)
        assert found is not None
        assert found.code == code
        assert divisions.prefecture_of(code, year) == prefecture
    assert divisions.get("220381", 2020) is None
    assert divisions.get("220184", 2019) is None
    assert divisions.resolve("四平市公主岭市", 2019) is not None
    assert divisions.resolve("四平市公主岭市", 2022) is None
    former = divisions.formerly("四平市公主岭市", 2022)
    assert former is not None
    assert former.code == "220381"
    assert [one.code for one in divisions.successors(former, 2022)] == ["220184"]
    assert divisions.formerly("某某市", 2022) is None


def test_a_district_keeps_its_old_name(survey: Survey) -> None:
    assert survey.divisions.resolve("九台市", 2013).code == "220181"
    assert survey.divisions.resolve("九台市", 2022).code == "220113"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("吉林省长春市朝阳区", "220104"),
        ("吉林省 长春市 朝阳区", "220104"),
        ("吉林省　长春市　朝阳区", "220104"),
        ("长春市-朝阳区", "220104"),
        ("吉林省/长春市/朝阳区", "220104"),
        ("吉林·长春·南关", "220102"),
        ("长春朝阳区", "220104"),
        ("吉林省朝阳区", "220104"),
        ("中国吉林省长春市朝阳区", "220104"),
        ("朝阳区", "220104"),
        ("220104", "220104"),
        ("２２０１０４", "220104"),
        ("220104000000", "220104"),
        ("220104 长春市朝阳区", "220104"),
        ("长春市朝阳区（220104）", "220104"),
        ("延边州安图县", "222426"),
        ("延边朝鲜族自治州 延吉市", "222401"),
        ("前郭县", "220721"),
        ("通化县", "220521"),
        ("通化市", "220500"),
        ("通化", "220500"),
        ("吉林市", "220200"),
        ("吉林省吉林市昌邑区", "220202"),
        ("吉林省", "220000"),
        ("吉林", "220000"),
        ("省直", "22Z900"),
        ("长春高新区", "220173"),
        ("长白山管委会池北区", "22Z601"),
        ("吉林省长春市朝阳区人民大街1号", "220104"),
        ("延边州延吉市新兴街道", "222401"),
        ("榆树市五棵树镇", "220182"),
    ],
)
def test_as_people_write_it(survey: Survey, text: str, code: str) -> None:
    found = survey.divisions.resolve(text, 2022)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "高新区",
        "经开区",
        "开发区",
        "长春市某区",
        "朝阳区人民大街1号",
        "北京市朝阳区",
        "辽宁省铁西区",
        "220105 长春市朝阳区",
        "22010",
        "220381",
        "110105",
        "四平市朝阳区",
    ],
)
def test_what_does_not_fit_is_left_to_a_person(survey: Survey, text: str) -> None:
    assert survey.divisions.resolve(text, 2022) is None


def test_a_name_of_two_places_is_never_resolved() -> None:
    def place(code: str, name: str, parent: str, level: str = "county") -> Division:
        return Division(
            code=code,
            code_type="gbt2260",
            name_zh=name,
            level=level,
            kind="",
            parent_code=parent,
            status="current",
        )

    divisions = Divisions(
        (
            place("220000", "吉林省", "", "province"),
            place("220100", "甲市", "220000", "prefecture"),
            place("220200", "乙市", "220000", "prefecture"),
            place("220101", "铁西区", "220100"),
            place("220201", "铁西区", "220200"),
        )
    )
    assert divisions.resolve("铁西区", 2022) is None
    assert divisions.resolve("吉林省铁西区", 2022) is None
    assert divisions.resolve("吉林省铁西区站前街", 2022) is None
    assert divisions.resolve("乙市铁西区", 2022).code == "220201"


@pytest.mark.parametrize(
    ("code", "county", "prefecture"),
    [
        ("22Z601", "222426", "222400"),
        ("22Z602", "220621", "220600"),
        ("22Z603", "220623", "220600"),
        ("220171", "220105", "220100"),
        ("22Z581", "220581", "220500"),
        ("220581", "220581", "220500"),
        ("220500", "", "220500"),
        ("220000", "", ""),
        ("22Z900", "", ""),
        ("110105", "", ""),
    ],
)
def test_the_gb_basis(survey: Survey, code: str, county: str, prefecture: str) -> None:
    assert survey.divisions.county_of(code, 2022) == county
    assert survey.divisions.prefecture_of(code, 2022) == prefecture


@given(st.sampled_from(COUNTIES), st.sampled_from(["", " ", "　", "-", "/"]), st.booleans())
def test_every_full_path_finds_its_county(county: Division, gap: str, province: bool) -> None:
    parent = DIVISIONS.get(county.parent_code, 2022)
    assert parent is not None
    names = [*(["吉林省"] if province else []), parent.name_zh, county.name_zh]
    found = DIVISIONS.resolve(gap.join(names), 2022)
    assert found == county


@given(st.text(alphabet="吉林省长春市朝阳区县高新通化220104 -", max_size=12))
def test_whatever_is_found_is_named_in_the_text(text: str) -> None:
    found = DIVISIONS.resolve(text, 2022)
    if found is not None:
        ways = [found.code, *found.names]
        assert any(way in text.replace(" ", "").replace("-", "") for way in ways)
