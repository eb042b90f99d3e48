"""Sentences from numbers: every direction and edge, expected sentences written by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import load_definitions
from pipelines.publish.figures import Figures
from pipelines.publish.sentences import Pattern, load_sentences
from pipelines.publish.words import Binding, Words
from pipelines.survey import load_survey
from pipelines.warehouse import Workshop

YEAR = 2023
_SURVEY = load_survey()
_DEFINITIONS = load_definitions()
_CATALOGUE = _DEFINITIONS.with_items(_SURVEY)
_SENTENCES = load_sentences()
#: Made once: its tables cost more than all that is asked of them.
_WORKSHOP = Workshop()


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


def _words(*rows, year=YEAR) -> Words:
    """The figures of the last call are those there are."""
    _WORKSHOP.replace(
        "indicator_values", [_row(*row) if isinstance(row, tuple) else row for row in rows]
    )
    return Words(Figures(_WORKSHOP, _SURVEY, _DEFINITIONS, year), _SENTENCES)


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
        ("volunteers", 100, 400, "注册科普志愿者由上年的100人增至400人。"),
        ("fund_raised", -5, 100, "科普经费筹集额由上年的−5万元增至100万元。"),
        ("fund_raised", -5, -10, "科普经费筹集额由上年的−5万元减至−10万元。"),
        # Both read 20 万元: there is no change to tell.
        ("fund_raised", 20, "20.004", "科普经费筹集额20.00万元，与上年持平。"),
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
    assert words.sentence(spec) == "科普人员的增长主要由长春市带动，占增量的75.00%。"


def test_contribution_as_points_when_signs_mix():
    words = _words(*_both("staff_total", 100, 140), *_by_place([100, 40], [40, 60]))
    spec = {"say": "贡献", "it": "staff_total", "by": "prefecture"}
    assert words.sentence(spec) == "科普人员的增长主要由长春市带动，拉动60.00个百分点。"


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


def _contributed(last, this, before, now):
    words = _words(*_both("staff_total", last, this), *_by_place(now, before))
    return words.sentence({"say": "贡献", "it": "staff_total", "by": "prefecture"})


@pytest.mark.parametrize(
    ("last", "this", "before", "now", "sentence"),
    [
        # 40 of the 50 fewer.
        (200, 150, [100, 60, 40], [60, 55, 35], "科普人员的下降主要受长春市影响，占减量的80.00%。"),
        # 30 and 30 of 100; the other two 20 each.
        (
            100,
            200,
            [25, 25, 25, 25],
            [55, 55, 45, 45],
            "科普人员的增长主要由长春市、吉林市带动，合计占增量的60.00%。",
        ),
        # A falls by 70 of 200 last year, B rises by 20: 35 points of the 25 lost.
        (200, 150, [150, 50], [80, 70], "科普人员的下降主要受长春市影响，下拉35.00个百分点。"),
        # 30, 25, 24 and 21 up, 90 down: 30 is more than the 10 gained, and not most of the 100 up.
        (
            500,
            510,
            [100, 100, 100, 100, 100],
            [130, 125, 124, 121, 10],
            "科普人员的增长主要由长春市、吉林市带动，合计拉动11.00个百分点。",
        ),
        # Four of a kind: nobody leads.
        (100, 200, [25, 25, 25, 25], [50, 50, 50, 50], ""),
        # All of it comes from the only two there are.
        (100, 200, [50, 50], [100, 100], ""),
        (100, 200, [100], [200], ""),
        # The places are not the whole: what is in none of them may have moved more.
        (100, 200, [50, 40], [80, 45], ""),
        # 持平 (0.04 %): nothing drove it.
        (10000, 10004, [5000, 5000], [5004, 5000], ""),
    ],
)
def test_who_moved_the_total(last, this, before, now, sentence):
    assert _contributed(last, this, before, now) == sentence


def test_on_a_tiny_base_the_driver_is_said_as_an_amount():
    words = _words(
        *_both("science_centers", 3, 8),
        ("science_centers", YEAR - 1, 1, "prefecture", "220100"),
        ("science_centers", YEAR, 5, "prefecture", "220100"),
        ("science_centers", YEAR - 1, 2, "prefecture", "220200"),
        ("science_centers", YEAR, 3, "prefecture", "220200"),
    )
    spec = {"say": "贡献", "it": "science_centers", "by": "prefecture"}
    assert words.sentence(spec) == "科技馆的增加主要在长春市，增加4个。"
    # Nor has it a share or points of growth: 133 points would be false precision.
    assert words.piece(Binding("science_centers", "contribution")) is None


def test_a_ratio_has_no_drivers():
    words = _words(
        *_both("staff_per_10k", 20, 25),
        *((("staff_per_10k", year, v, "prefecture", code))
          for year, values in ((YEAR - 1, (20, 20, 20)), (YEAR, (30, 22, 21)))
          for code, v in zip(PLACES, values, strict=False)),
    )  # fmt: skip
    assert words.piece(Binding("staff_per_10k", "driver")) is None
    assert words.piece(Binding("staff_per_10k", "contribution")) is None


def test_beside_a_hidden_value_nobody_leads_and_nobody_drove():
    hidden = _row("staff_total", YEAR, 900, "prefecture", "220400", flags=["suppressed"])
    words = _words(*_both("staff_total", 160, 1080), *_by_place([70, 60, 50], [50, 40, 30]), hidden)
    for content in ("leaders", "trailers", "leaders_share", "driver", "contribution", "spread"):
        assert words.piece(Binding("staff_total", content)) is None, content


def _leaders(*values):
    return _words(*_by_place(values)).piece(Binding("staff_total", "leaders"))


def test_places_that_tie_are_all_named_or_none():
    assert _leaders(9, 8, 5, 5, 1) == "长春市（9人）、吉林市（8人）、四平市（5人）、辽源市（5人）"
    # Six share the third place: 居前三位 would name nearly everybody.
    assert _leaders(9, 8, 5, 5, 5, 5, 5) is None
    # Who has nothing is not among the first.
    assert _leaders(9, 0, 0, 0, 0) is None


def test_the_last_do_not_overlap_first_places_that_tie():
    words = _words(*_by_place([9, 8, 7, 7, 7, 3, 2]))
    assert words.piece(Binding("staff_total", "trailers")) is None


def test_who_is_not_ranked_for_a_low_response_is_named():
    low = _row("staff_total", YEAR, 900, "prefecture", "220500", rate=Decimal("0.4"))
    words = _words(*_by_place([70, 60, 50, 40]), low)
    said = words.sentence({"say": "地区", "it": "staff_total", "by": "prefecture"})
    assert said == (
        "分地区看，科普人员居前三位的是长春市（70人）、吉林市（60人）、四平市（50人）"
        "（回收率低于50%的通化市不参加排序）。"
    )


def test_the_first_places_together():
    words = _words(*_both("staff_total", 1, 280), *_by_place([70, 60, 50, 40, 30, 20, 10]))
    # 180 / 280
    assert words.sentence({"say": "集中", "it": "staff_total"}) == "前三位合计占全省的64.29%。"
    # Values per head cannot be added up.
    values = zip(PLACES, (4, 3, 2, 1), strict=False)
    rows = [("staff_per_10k", YEAR, value, "prefecture", code) for code, value in values]
    words = _words(("staff_per_10k", YEAR, 3), *rows)
    assert words.piece(Binding("staff_per_10k", "leaders_share")) is None


def test_a_sentence_says_what_it_is_that_is_missing():
    words = _words(
        *_both("fund_raised_government", 1, 0), *_both("fund_raised_government_special", 1, 0)
    )
    spec = {
        "say": "占比",
        "part": "fund_raised_government_special",
        "whole": "fund_raised_government",
        "share": "special_share_of_government",
    }
    # The part is there, 0; it is the share over 0 that is not.
    assert words.sentence(spec) == "科普专项经费占政府拨款比重无数据。"


def test_nothing_is_said_of_what_was_not_asked():
    """The edition of 2014 has no public accounts of WeChat."""
    words = _words(("websites", 2015, 40), year=2015)
    assert words.sentence({"say": "建有", "it": "wechat_accounts"}) == ""
    assert words.sentence({"say": "建有", "it": "tv_hours"}) == "电视台播出科普节目时间无数据。"


def test_a_section_without_any_figure_says_why():
    assert _words(("fund_raised", YEAR, 1)).silence("education") == "missing"
    camps = _row("camps", YEAR, 7, flags=["suppressed"])
    assert _words(camps).silence("education") == "suppressed"
    assert _words(camps, ("interest_groups", YEAR, 0)).silence("education") == ""


def _staff(full, part, total):
    """The first paragraph about personnel: the total, and its two kinds."""
    words = _words(
        ("staff_total", YEAR, total), ("staff_full_time", YEAR, full),
        ("staff_part_time", YEAR, part), ("staff_per_10k", YEAR, 4),
    )  # fmt: skip
    return words.section("personnel")[0]


def test_a_paragraph_says_where_rounding_shows():
    note = "（分项之和与合计因四舍五入略有出入。）"
    # 5.0049 + 5.0049 = 10.0098: 5.00 and 5.00 万人 printed, and 10.01.
    said = _staff(50049, 50049, 100098)
    assert "科普人员10.01万人。其中，科普专职人员5.00万人，科普兼职人员5.00万人。" in said
    assert said.endswith(note)
    # 4866 + 31087 = 35953: 4866人 and 3.11万人 make 35966, which reads 3.60万人 as printed.
    assert note not in _staff(4866, 31087, 35953)
    # The parts are not the whole: no rounding made it so.
    assert note not in _staff(50049, 50049, 100200)


def test_a_paragraph_says_where_shares_miss_the_whole_by_rounding():
    shares = {"government_share": "78.004", "donation_share": "0.404", "own_share": "17.154"}
    amounts = ("fund_raised", "fund_raised_government", "fund_raised_donation",
               "fund_raised_own", "fund_raised_other", "fund_raised_government_special",
               "special_share_of_government")  # fmt: skip
    rows = [(name, YEAR, 1) for name in amounts] + [(k, YEAR, v) for k, v in shares.items()]
    # 78.00 + 0.40 + 17.15 + 4.44 = 99.99, and 100 before rounding.
    said = _words(*rows, ("other_income_share", YEAR, "4.438")).section("funding")[0]
    assert said.endswith("占4.44%。（分项之和与合计因四舍五入略有出入。）")
    # 4.44 more exactly: 99.999... is no whole.
    said = _words(*rows, ("other_income_share", YEAR, "4.3")).section("funding")[0]
    assert "四舍五入" not in said


def test_response_speaks_of_the_data_not_of_one_product():
    phrases = _SENTENCES.response
    assert "本次数据覆盖" in phrases.registered
    assert "公报" not in phrases.registered + phrases.unregistered + phrases.nothing
