"""Breaks are found item by item, through the editions."""

from __future__ import annotations

from pathlib import Path

from pipelines.indicators import Definitions, load_definitions
from pipelines.indicators.breaks import breaks_of
from pipelines.survey import Survey


def test_online_attendance_breaks_lectures_in_2020(
    survey: Survey, definitions: Definitions
) -> None:
    breaks = breaks_of(survey)
    for indicator in ("lectures", "lectures_attendance_per_event", "attendance_all"):
        assert breaks.between(definitions[indicator], 2015, 2021)
        assert breaks.between(definitions[indicator], 2019, 2020)
        assert not breaks.between(definitions[indicator], 2020, 2021)


def test_items_that_run_through_do_not_break(survey: Survey, definitions: Definitions) -> None:
    breaks = breaks_of(survey)
    for indicator in ("fund_raised", "government_share", "staff_per_10k", "venues_two_kinds"):
        assert not breaks.between(definitions[indicator], 2015, 2021)


def test_a_share_breaks_with_its_numerator(survey: Survey, definitions: Definitions) -> None:
    breaks = breaks_of(survey)
    assert breaks.between(definitions["construction_share_of_use"], 2020, 2021)
    assert not breaks.between(definitions["use_rate"], 2020, 2021)


def test_an_item_first_asked_in_an_edition_breaks_where_that_begins(
    survey: Survey, definitions: Definitions
) -> None:
    breaks = breaks_of(survey)
    assert breaks.between(definitions["wechat_posts"], 2020, 2021)
    assert not breaks.between(definitions["wechat_posts"], 2021, 2022)


def test_the_first_year_loaded_has_no_break(survey: Survey, definitions: Definitions) -> None:
    assert not breaks_of(survey).between(definitions["lectures"], None, 2021)


def test_a_definition_may_declare_its_own(survey: Survey, tmp_path: Path) -> None:
    folder = tmp_path / "indicators"
    folder.mkdir()
    (folder / "own.yaml").write_text(
        "theme: funding\nindicators:\n- {indicator_id: raised, name_zh: 筹集, name_en: Raised,"
        " kind: level, unit: 万元, decimals: 2, numerator: [fund_raised], basis: 推,"
        " compare: rate, formula_zh: 无, breaks: [{year: 2022, note_zh: 改口径}]}\n",
        encoding="utf-8",
    )
    definitions = load_definitions(tmp_path)
    assert breaks_of(survey).between(definitions["raised"], 2021, 2022)
    assert not breaks_of(survey).between(definitions["raised"], 2022, 2023)
