"""Definitions are data that cannot be wrong in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import Definitions, load_definitions
from pipelines.survey import Survey

GOOD = """\
theme: media
indicators:
- indicator_id: titles_all
  name_zh: 图书和期刊种数
  name_en: Titles
  kind: level
  unit: 种
  decimals: 0
  numerator: [books_titles, journals_titles]
  basis: 推
  compare: rate
  formula_zh: 图书种数 + 期刊种数
- indicator_id: books_share_of_titles
  name_zh: 图书占比
  name_en: Share of books
  kind: share
  unit: '%'
  decimals: 2
  numerator: [titles_all, -journals_titles]
  denominator: [titles_all]
  multiplier: 100
  basis: 推
  compare: points
  formula_zh: （图书和期刊种数 - 期刊种数）÷ 图书和期刊种数
"""

#: Derived indicators that publications and the published series refer to by id.
REFERRED_TO = [
    "staff_total",
    "staff_per_10k",
    "staff_full_part_ratio",
    "staff_qualified_share",
    "staff_full_time_qualified_share",
    "staff_part_time_qualified_share",
    "staff_women_share",
    "creators_share_of_full_time",
    "guides_share_of_full_time",
    "part_time_days_per_head",
    "volunteers",
    "venues_two_kinds",
    "venues_three_kinds",
    "population_per_venue",
    "venues_per_million",
    "venues_three_per_million",
    "venue_floor_area_per_10k",
    "exhibition_area_per_10k",
    "science_center_floor_area_per_10k",
    "exhibition_share",
    "science_center_exhibition_share",
    "visits_two_kinds",
    "visits_per_venue",
    "government_share",
    "donation_share",
    "own_share",
    "other_income_share",
    "special_share_of_government",
    "fund_special_per_head",
    "fund_raised_per_head",
    "use_rate",
    "administration_share_of_use",
    "activities_share_of_use",
    "construction_share_of_use",
    "exhibits_share_of_use",
    "other_share_of_use",
    "attendance_all",
    "lectures_attendance_per_event",
    "exhibitions_attendance_per_event",
    "competitions_attendance_per_event",
    "lectures_online_share",
    "exhibitions_online_share",
    "competitions_online_share",
    "attendance_per_head",
    "wechat_reads_per_post",
    "copies_per_book",
]


def overlay_with(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "indicators"
    folder.mkdir()
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_catalogue_holds_every_derived_indicator_and_every_item(
    definitions: Definitions, survey: Survey
) -> None:
    assert set(REFERRED_TO) <= set(definitions.by_id)
    assert {item.item_id for e in survey.editions for item in e.items} <= set(definitions.by_id)


def test_every_definition_says_what_it_tells_and_where_it_stands(
    definitions: Definitions,
) -> None:
    for indicator_id, place in definitions.places.items():
        assert definitions[indicator_id].tells_zh, indicator_id
        assert definitions[indicator_id].not_tells_zh, indicator_id
        assert place.line > 0


def test_every_caveat_of_the_closed_list_is_used(definitions: Definitions) -> None:
    used = {caveat for definition in definitions for caveat in definition.caveats}
    assert used == set(definitions.caveats)


def test_an_item_that_cannot_be_added_is_averaged(definitions: Definitions) -> None:
    free_days = definitions["science_centers_free_days"]
    assert (free_days.kind, free_days.unit) == ("average", "天/个")
    assert free_days.items == {"science_centers_free_days", "science_centers"}


def test_what_a_year_did_not_ask_it_cannot_give(definitions: Definitions, survey: Survey) -> None:
    given = {
        year: {d.indicator_id for d in definitions.asked_in(year, survey.edition_of(year))}
        for year in (2015, 2021)
    }
    assert "lectures_online_share" in given[2021] - given[2015]
    assert "part_time_days_per_head" in given[2021] - given[2015]
    assert "fund_used_construction_exhibits" in given[2015] - given[2021]
    assert "staff_per_10k" in given[2015] & given[2021]


def test_an_office_adds_its_own(tmp_path: Path) -> None:
    definitions = load_definitions(overlay_with(tmp_path, GOOD))
    assert definitions["titles_all"].items == {"books_titles", "journals_titles"}
    signs = [pair for t in definitions["books_share_of_titles"].numerator for pair in t.items()]
    assert signs == [
        ("books_titles", False),
        ("journals_titles", False),
        ("journals_titles", True),
    ]
    assert "staff_total" in definitions


def test_an_office_replaces_by_id(tmp_path: Path) -> None:
    own = GOOD.replace("titles_all", "staff_total").replace("theme: media", "theme: personnel")
    definitions = load_definitions(overlay_with(tmp_path, own))
    assert definitions["staff_total"].name_zh == "图书和期刊种数"
    # What rests on it follows.
    assert "books_titles" in definitions["staff_per_10k"].items
    assert definitions.fingerprint != load_definitions().fingerprint


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("  unit: 种\n", "  unit: ''\n", 7, "unit"),
        ("kind: level", "kind: sum", 6, "kind"),
        ("  name_zh: 图书占比\n", "", 13, "name_zh"),
        ("  basis: 推\n  compare: rate\n", "  compare: rate\n", 3, "basis"),
        ("books_titles, journals_titles]", "books_titles, 期刊]", 9, "numerator"),
        ("numerator: [books_titles, journals_titles]", "numerator: []", 3, "numerator"),
        ("  unit: '%'\n", "", 13, "unit"),
        ("  decimals: 0\n", "  decimals: 0\n  colour: red\n", 9, "colour"),
        ("unit: '%'", "unit: 元", 13, "占比的单位"),
        ("multiplier: 100", "multiplier: 1000", 13, "乘数"),
        ("compare: points", "compare: rate", 13, "百分点"),
        ("kind: level", "kind: per_unit", 3, "分母"),
        ("theme: media", "theme: 传媒", 3, "theme"),
        (
            "  basis: 推\n  compare: rate",
            "  caveats: [odd]\n  basis: 推\n  compare: rate",
            10,
            "odd",
        ),
        ("books_share_of_titles", "titles_all", 13, "重复"),
        ("numerator: [titles_all, -", "numerator: [use_rate, -", 13, "不是总量指标"),
        ("[books_titles, journals_titles]", "[books_titles, no_such_item]", 3, "问到"),
        ("  decimals: 0\n", "  decimals: 0\n  editions: [kp-1999]\n", 3, "kp-1999"),
        (
            "[books_titles, journals_titles]",
            "[books_titles, lectures_online]\n  editions: [kp-2014]",
            3,
            "lectures_online",
        ),
        ("theme: media\nindicators:", "things:", 1, "theme"),
    ],
)
def test_a_malformed_definition_names_file_line_and_reason(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    assert old in GOOD
    with pytest.raises(SurveyDefinitionError) as caught:
        load_definitions(overlay_with(tmp_path, GOOD.replace(old, new, 1)))
    assert (caught.value.place.file, caught.value.place.line) == ("own.yaml", line)
    assert said in caught.value.problem


def test_a_definition_that_refers_to_itself_is_refused(tmp_path: Path) -> None:
    circle = GOOD.replace("[books_titles, journals_titles]", "[books_titles, other_titles]") + (
        "- {indicator_id: other_titles, name_zh: 其他, name_en: Other, kind: level, unit: 种,"
        " decimals: 0, numerator: [titles_all], basis: 推, compare: rate, formula_zh: 无}\n"
    )
    with pytest.raises(SurveyDefinitionError, match="引用了自己"):
        load_definitions(overlay_with(tmp_path, circle))


def test_a_broken_file_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(SurveyDefinitionError) as caught:
        load_definitions(overlay_with(tmp_path, "theme: media\nindicators: [\n"))
    assert caught.value.place.line == 3


def test_a_cross_table_takes_levels_only(tmp_path: Path) -> None:
    own = GOOD.replace("books_share_of_titles", "wechat_accounts")
    with pytest.raises(
        SurveyDefinitionError, match="交叉表 prefecture_department 中的“wechat_accounts”"
    ):
        load_definitions(overlay_with(tmp_path, own))
