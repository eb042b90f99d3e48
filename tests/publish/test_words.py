"""Sentences from numbers: every direction and edge, expected sentences written by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import load_definitions
from pipelines.publish.figures import Figures
from pipelines.publish.sentences import Pattern, load_sentences
from pipelines.publish.words import Words
from pipelines.survey import load_survey
from pipelines.warehouse import Workshop

YEAR = 2023
_SURVEY = load_survey()
_DEFINITIONS = load_definitions()
_CATALOGUE = _DEFINITIONS.with_items(_SURVEY)


def _row(indicator_id, year, value, breakdown="province", member="220000", flags=(), rate=None):
    return {
        "indicator_id": indicator_id,
        "year": year,
        "breakdown": breakdown,
        "member_id": member,
        "member2_id": "",
        "member_zh": member,
        "value": None if value is None else Decimal(str(value)),
        "unit": _CATALOGUE[indicator_id].unit,
        "numerator": None,
        "denominator": None,
        "units_covered": 1,
        "units_expected": None,
        "response_rate": rate,
        "flags": list(flags),
    }


def _words(*rows) -> Words:
    workshop = Workshop()
    workshop.load(
        "indicator_values", [_row(*row) if isinstance(row, tuple) else row for row in rows]
    )
    return Words(Figures(workshop, _SURVEY, _DEFINITIONS, YEAR), load_sentences())


def _both(indicator_id, last, this):
    return (indicator_id, YEAR - 1, last), (indicator_id, YEAR, this)


@pytest.mark.parametrize(
    ("indicator_id", "last", "this", "sentence"),
    [
        # 2222000.00 万元 = 222.20 亿元; 2222000/2150600 = 1.0332
        ("fund_raised", 2150600, 2222000, "科普经费筹集额222.20亿元，比上年增长3.32%。"),
        ("fund_raised", 20000, 15000, "科普经费筹集额1.50亿元，比上年下降25.00%。"),
        ("fund_raised", 9999.5, 9000, "科普经费筹集额9000万元，比上年下降10.00%。"),
        ("fund_raised", 9000, 9001.25, "科普经费筹集额9001.25万元，与上年持平。"),
        ("fund_raised", 10000, 10004.9, "科普经费筹集额1.00亿元，与上年持平。"),
        ("fund_raised", 10000, 10005, "科普经费筹集额1.00亿元，比上年增长0.05%。"),
        ("staff_total", 40000, 52345, "科普人员5.23万人，比上年增长30.86%。"),
        ("science_centers", 3, 8, "科技馆由上年的3个增至8个。"),
        ("science_centers", 29, 27, "科技馆由上年的29个减至27个。"),
        ("science_centers", 30, 33, "科技馆33个，比上年增长10.00%。"),
        ("science_centers", 8, 8, "科技馆8个，与上年持平。"),
        ("science_centers", 0, 0, "科技馆0个，与上年持平。"),
        ("science_centers", 0, 2, "科技馆由上年的0个增至2个。"),
        ("science_centers", 2, 0, "科技馆由上年的2个减至0个。"),
        ("volunteers", 100, 301, "注册科普志愿者由上年的100人增至301人。"),
        ("volunteers", 100, 300, "注册科普志愿者300人，比上年增长200.00%。"),
        ("fund_raised", -5, 100, "科普经费筹集额由上年的-5万元增至100万元。"),
        ("government_share", 80, 77.06, "政府拨款占筹集额比重77.06%，比上年下降2.94个百分点。"),
        ("government_share", 75.86, 77.06, "政府拨款占筹集额比重77.06%，比上年提高1.20个百分点。"),
        ("government_share", 77.06, 77.0649, "政府拨款占筹集额比重77.06%，与上年持平。"),
        ("fund_special_per_head", 5.3, 5.84, "人均科普专项经费5.84元，比上年增加0.54元。"),
        ("fund_special_per_head", 5.84, 5.3, "人均科普专项经费5.30元，比上年减少0.54元。"),
        ("fund_special_per_head", 5.841, 5.842, "人均科普专项经费5.84元，与上年持平。"),
        ("attendance_all", 100000000, 150000000, "科普活动参加人次1.50亿人次，比上年增长50.00%。"),
    ],
)
def test_value_and_change(indicator_id, last, this, sentence):
    words = _words(*_both(indicator_id, last, this))
    assert words.sentence({"say": "分量", "it": indicator_id}) == sentence


def test_no_last_year():
    words = _words(("science_centers", YEAR, 40), *_both("volunteers", 1, 1))
    assert words.sentence({"say": "分量", "it": "science_centers"}) == "科技馆40个，上年无数据。"


def test_without_any_last_year_nothing_is_said_of_it():
    words = _words(("science_centers", YEAR, 40))
    assert words.sentence({"say": "分量", "it": "science_centers"}) == "科技馆40个。"
    assert words.change("science_centers") is None


def test_change_per_head_is_said_in_the_unit_before_the_stroke():
    words = _words(*_both("attendance_per_head", "1.7665", "1.8863"))
    # 1.8863 − 1.7665 = 0.1198
    assert words.change("attendance_per_head") == "比上年增加0.12人次"


def test_last_year_row_without_value_is_no_last_year():
    words = _words(*_both("science_centers", None, 40), *_both("volunteers", 1, 1))
    assert words.change("science_centers") == "上年无数据"


def test_break_is_not_compared():
    words = _words(
        ("science_centers", YEAR - 1, 40),
        _row("science_centers", YEAR, 80, flags=["break"]),
    )
    assert (
        words.sentence({"say": "分量", "it": "science_centers"})
        == "科技馆80个，因口径调整，不与上年比较。"
    )


def test_missing_and_suppressed_say_so():
    words = _words(_row("science_centers", YEAR, 7, flags=["suppressed"]))
    assert words.sentence({"say": "总量", "it": "science_centers"}) == "科技馆不予公布。"
    assert words.sentence({"say": "总量", "it": "fund_raised"}) == "科普经费筹集额无数据。"
    assert words.value("science_centers", words.figures.get("science_centers")) is None


def test_zero_is_not_missing():
    words = _words(("science_centers", YEAR, 0))
    assert words.sentence({"say": "分量", "it": "science_centers"}) == "科技馆0个。"


def test_part_of_whole():
    words = _words(
        *_both("fund_raised", 20000, 30000),
        *_both("fund_raised_government", 15000, 24000),
        *_both("government_share", 75, 80),
    )
    spec = {
        "say": "构成",
        "part": "fund_raised_government",
        "whole": "fund_raised",
        "share": "government_share",
    }
    assert (
        words.sentence(spec)
        == "其中，政府拨款2.40亿元，占科普经费筹集额的80.00%，比上年提高5.00个百分点。"
    )


def test_optional_group_falls_away():
    words = _words(*_both("fund_raised_government", 15000, 24000))
    spec = {
        "say": "构成",
        "part": "fund_raised_government",
        "whole": "fund_raised",
        "share": "government_share",
    }
    assert words.sentence(spec) == "其中，政府拨款2.40亿元。"


def test_nation_of_an_earlier_year_is_dated():
    words = _words(
        *_both("fund_special_per_head", 5.3, 5.84),
        ("fund_special_per_head", 2022, 5.30, "nation", "000000"),
    )
    spec = {"say": "人均", "it": "fund_special_per_head"}
    assert (
        words.sentence(spec)
        == "全省人均科普专项经费5.84元，比上年增加0.54元；全国（2022年）为5.30元。"
    )


PLACES = ["220100", "220200", "220300", "220400", "220500", "220600", "220700"]


def _by_place(values, last=None):
    this = [
        ("staff_total", YEAR, value, "prefecture", code)
        for code, value in zip(PLACES, values, strict=False)
    ]
    before = [
        ("staff_total", YEAR - 1, value, "prefecture", code)
        for code, value in zip(PLACES, last or [], strict=False)
    ]
    return [*this, *before]


def test_ranks_share_a_place_on_ties():
    words = _words(*_by_place([50, 80, 80, 20]))
    assert words.rank("staff_total", "prefecture", "220200") == "吉林市科普人员居全省第1位（并列）"
    assert words.rank("staff_total", "prefecture", "220100") == "长春市科普人员居全省第3位"
    assert words.rank("staff_total", "prefecture", "220800") == "白城市科普人员不参加排名"


def test_low_response_is_not_ranked():
    words = _words(
        *_by_place([50, 80]),
        _row("staff_total", YEAR, 900, "prefecture", "220300", rate=Decimal("0.49")),
    )
    assert words.rank("staff_total", "prefecture", "220300") == "四平市科普人员不参加排名"
    assert words.rank("staff_total", "prefecture", "220200") == "吉林市科普人员居全省第1位"


def test_leaders_and_trailers():
    words = _words(*_by_place([70, 60, 50, 40, 30, 20, 10]))
    spec = {"say": "地区", "it": "staff_total", "by": "prefecture"}
    assert words.sentence(spec) == (
        "分地区看，科普人员居前三位的是长春市（70人）、吉林市（60人）、四平市（50人）；"
        "居后三位的是通化市（30人）、白山市（20人）、松原市（10人）。"
    )


def test_contribution_as_share_when_all_move_one_way():
    words = _words(*_both("staff_total", 100, 140), *_by_place([70, 70], [40, 60]))
    spec = {"say": "贡献", "it": "staff_total", "by": "prefecture"}
    assert words.sentence(spec) == "全省科普人员的变化中，长春市贡献了增量的75.00%。"


def test_contribution_as_points_when_signs_mix():
    words = _words(*_both("staff_total", 100, 140), *_by_place([100, 40], [40, 60]))
    spec = {"say": "贡献", "it": "staff_total", "by": "prefecture"}
    assert words.sentence(spec) == "全省科普人员的变化中，长春市拉动60.00个百分点。"


def test_contribution_needs_both_years_everywhere():
    words = _words(*_both("staff_total", 100, 140), *_by_place([100, 40], [40]))
    assert words.sentence({"say": "贡献", "it": "staff_total", "by": "prefecture"}) == ""


def test_every_section_speaks_or_says_what_is_missing():
    words = _words(*_both("fund_raised", 20000, 30000))
    for name in words.sentences.sections:
        for paragraph in words.section(name):
            assert paragraph.endswith("。")
            assert "None" not in paragraph
            assert "。。" not in paragraph
            assert "；。" not in paragraph


def test_every_indicator_named_in_sentences_exists():
    for paragraphs in load_sentences().sections.values():
        for spec in (spec for paragraph in paragraphs for spec in paragraph):
            for role, indicator_id in spec.items():
                if role not in {"say", "by"}:
                    assert indicator_id in _CATALOGUE


def test_pattern_reports_what_it_does_not_know():
    assert Pattern("{it.size}").problems() == ["不认识的占位“{it.size}”"]
    assert Pattern("{month}").problems() == ["不认识的占位“{month}”"]
    assert Pattern("[{it.value}").problems() == ["括号不成对或占位写法不对"]
    assert Pattern("[{it.value}]").problems() == []


def test_an_office_can_reword(tmp_path):
    own = tmp_path / "publish"
    own.mkdir()
    text = (load_path()).read_text(encoding="utf-8")
    (own / "sentences.yaml").write_text(text.replace("与上年持平", "和上年一样"), encoding="utf-8")
    words = Words(
        _words(*_both("science_centers", 8, 8)).figures, sentences=load_sentences(tmp_path)
    )
    assert words.change("science_centers") == "和上年一样"


def test_a_wrong_sentence_file_says_where(tmp_path):
    own = tmp_path / "publish"
    own.mkdir()
    text = load_path().read_text(encoding="utf-8")
    (own / "sentences.yaml").write_text(text.replace("{it.said}", "{it.sad}"), encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match="不认识的占位"):
        load_sentences(tmp_path)


def load_path():
    from pipelines.publish.office import data_file

    return data_file("sentences.yaml")


def test_last_places_that_tie_with_others_are_not_named():
    words = _words(*_by_place([70, 60, 50, 0, 0, 0, 0]))
    assert "居后三位" not in words.sentence(
        {"say": "地区", "it": "staff_total", "by": "prefecture"}
    )
