"""Loading the survey: both editions, the overlay, and files that are wrong."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pipelines.errors import SurveyDefinitionError, UnknownYearError
from pipelines.survey import Survey, load_survey
from pipelines.survey.definition import BUILT_IN

ITEMS = "editions/kp-2021/items.csv"
RULES = "editions/kp-2021/rules.yaml"
FORMS = "editions/kp-2021/forms.yaml"


def line_of(text: str, start: str) -> int:
    return next(n for n, row in enumerate(text.splitlines(), 1) if row.startswith(start))


def test_editions_cover_their_years(survey: Survey) -> None:
    assert [survey.edition_of(year).edition_id for year in (2014, 2015, 2021, 2023)] == [
        "kp-2014",
        "kp-2014",
        "kp-2021",
        "kp-2021",
    ]
    with pytest.raises(UnknownYearError, match="没有 2019 年度的调查表"):
        survey.edition_of(2019)


def test_both_editions_have_their_items(survey: Survey) -> None:
    counts = {
        edition.edition_id: {
            form.code: len(edition.items_of(form.form_id)) for form in edition.forms
        }
        for edition in survey.editions
    }
    # The printed forms of 2014 count 14, 17, 12 and 19; of the 26 of the venue form 20 are known.
    assert counts["kp-2014"] == {
        "KP-001": 14,
        "KP-002": 20,
        "KP-003": 17,
        "KP-004": 12,
        "KP-005": 19,
    }
    assert counts["kp-2021"] == {
        "KP-001": 14,
        "KP-002": 30,
        "KP-003": 16,
        "KP-004": 21,
        "KP-005": 21,
        "KP-006": 4,
    }


def test_items_carry_what_a_table_needs(survey: Survey) -> None:
    edition = survey.edition("kp-2021")
    special = edition.item["fund_raised_government_special"]
    assert (special.unit, special.decimals, special.kind, special.relation) == (
        "万元",
        2,
        "flow",
        "of_which",
    )
    assert edition.depth_of(special) == 2
    parts = [item.item_id for item in edition.children_of("fund_raised") if item.relation == "part"]
    assert parts == [
        "fund_raised_government",
        "fund_raised_donation",
        "fund_raised_own",
        "fund_raised_other",
    ]
    assert not edition.item["science_centers_free_days"].additive


def test_no_text_of_an_item_would_be_a_formula(survey: Survey) -> None:
    for edition in survey.editions:
        for item in edition.items:
            for text in (item.label_zh, item.name_zh, item.note_zh, item.scope_zh):
                assert not text.startswith(("=", "+", "-", "@")), (item.item_id, text)


def test_crosswalk_names_every_item_of_both_editions(survey: Survey) -> None:
    new, old = survey.edition("kp-2021"), survey.edition("kp-2014")
    assert [row.item_id for row in new.crosswalk if row.item_id] == [i.item_id for i in new.items]
    assert {row.earlier_item_id for row in new.crosswalk} - {""} == set(old.item)


@pytest.mark.parametrize(
    ("item_id", "year"),
    [
        ("lectures", 2020),
        ("exhibitions_attendance", 2020),
        ("competitions", 2020),
        ("staff_part_time_person_days", 2018),
        ("fund_used_construction", 2021),
        ("fund_used_exhibits", 2021),
    ],
)
def test_breaks_in_series_are_known(survey: Survey, item_id: str, year: int) -> None:
    (row,) = (r for r in survey.edition("kp-2021").crosswalk if r.item_id == item_id)
    assert (row.comparable, row.break_year) == (False, year)
    assert row.note_zh


def test_moving_to_another_form_breaks_nothing(survey: Survey) -> None:
    old, new = survey.edition("kp-2014"), survey.edition("kp-2021")
    assert old.item["interest_groups"].form_id == "activities"
    assert new.item["interest_groups"].form_id == "education"
    (row,) = (r for r in new.crosswalk if r.item_id == "interest_groups")
    assert row.comparable


def test_same_items_keep_their_unit(survey: Survey) -> None:
    old, new = survey.edition("kp-2014"), survey.edition("kp-2021")
    for row in new.crosswalk:
        if row.comparable:
            assert old.item[row.earlier_item_id].unit == new.item[row.item_id].unit


def test_overlay_replaces_a_file_and_enters_the_fingerprint(survey: Survey, overlay) -> None:
    folder = overlay(
        ITEMS, lambda text: text.replace("科普画廊,科普画廊,", "科普宣传栏,科普宣传栏,")
    )
    changed = load_survey(folder)
    assert changed.edition("kp-2021").item["display_galleries"].name_zh == "科普宣传栏"
    assert survey.edition("kp-2021").item["display_galleries"].name_zh == "科普画廊"
    assert changed.edition("kp-2014") == survey.edition("kp-2014")
    assert changed.fingerprint != survey.fingerprint


def test_fingerprint_is_of_the_content(survey: Survey, tmp_path: Path) -> None:
    assert load_survey(tmp_path).fingerprint == survey.fingerprint == load_survey().fingerprint


def test_overlay_adds_an_edition(survey: Survey, tmp_path: Path) -> None:
    source = Path(load_survey.__code__.co_filename).parent / "editions" / "kp-2021"
    target = tmp_path / "editions" / "kp-2024"
    target.mkdir(parents=True)
    for path in source.iterdir():
        text = path.read_text("utf-8").replace("kp-2021", "kp-2024")
        text = text.replace("- 2021\n- 2023\n", "- 2024\n- 2026\n")
        (target / path.name).write_text(text, "utf-8")
    assert load_survey(tmp_path).edition_of(2025).edition_id == "kp-2024"


def wrong(overlay, relative: str, edit) -> str:
    """The message of loading with one file edited; checks file and line too."""
    seen = {}

    def keep(text: str) -> str:
        seen["text"] = edit(text)
        return seen["text"]

    folder = overlay(relative, keep)
    with pytest.raises(SurveyDefinitionError) as caught:
        load_survey(folder)
    assert caught.value.place.file == Path(relative).name
    assert caught.value.code == "K100"
    assert re.search("[\u4e00-\u9fff]", caught.value.problem)
    return f"{caught.value.place.line}|{caught.value}"


def test_unit_that_differs_from_its_parent(overlay) -> None:
    told = wrong(
        overlay, ITEMS, lambda t: re.sub(r"(_women,.*?女性,.*?),人,", r"\1,人次,", t, count=1)
    )
    assert told.startswith("4|")
    assert "“人次”与上级“staff_full_time”的“人”不同" in told


def test_parent_that_does_not_exist(overlay) -> None:
    told = wrong(
        overlay,
        ITEMS,
        lambda t: t.replace("women,personnel,3,staff_full_time,", "women,personnel,3,staff,"),
    )
    assert told.startswith("4|")
    assert "的上级“staff”不存在" in told


def test_duplicate_id(overlay) -> None:
    told = wrong(
        overlay,
        ITEMS,
        lambda t: t + next(r for r in t.splitlines() if r.startswith("volunteers,")) + "\n",
    )
    assert told.startswith("108|")
    assert "指标“volunteers”重复" in told


def test_wrong_number_of_columns(overlay) -> None:
    told = wrong(overlay, ITEMS, lambda t: t.replace("\nvolunteers,", "\nvolunteers,extra,", 1))
    assert told.startswith("15|")
    assert "列数与表头不一致" in told


def test_value_outside_the_list(overlay) -> None:
    told = wrong(overlay, ITEMS, lambda t: t.replace("人,0,stock,yes,KR300", "人,0,存量,yes,KR300"))
    assert told.startswith("15|")
    assert "“kind”只能填 'stock'、'flow'" in told


def test_broken_yaml(overlay) -> None:
    told = wrong(overlay, RULES, lambda t: t.replace("- id: G15\n", "- id: [G15\n"))
    assert "不是规范的 YAML" in told
    assert not told.startswith("0|")


def test_rule_without_message(overlay) -> None:
    def edit(text: str) -> str:
        return text.replace("  message_zh: 指标值不能为负\n", "")

    told = wrong(overlay, RULES, edit)
    assert "“message_zh”缺少该项" in told


def test_rule_with_a_misspelt_key(overlay) -> None:
    told = wrong(
        overlay, RULES, lambda t: t.replace("  expr: v >= 0\n", "  expr: v >= 0\n  wenn: x\n")
    )
    assert "“wenn”没有这一项" in told


def test_rule_that_names_an_unknown_item(overlay) -> None:
    lines = {}

    def edit(text: str) -> str:
        changed = text.replace("expr: volunteers <= 200000", "expr: volunteer <= 200000")
        lines["at"] = line_of(changed, "  expr: volunteer <=")
        lines["rule"] = line_of(changed, "- id: R16c")
        return changed

    told = wrong(overlay, RULES, edit)
    assert told.startswith(f"{lines['rule']}|")
    assert "规则“R16c”用到本版调查表没有的指标或名称“volunteer”" in told


def test_each_rule_may_only_name_v_and_prev(overlay) -> None:
    told = wrong(overlay, RULES, lambda t: t.replace("expr: v >= 0", "expr: staff_full_time >= 0"))
    assert "规则“G02”" in told


def test_form_that_is_no_mapping(overlay) -> None:
    told = wrong(overlay, FORMS, lambda t: t + "- 科普经费\n")
    assert "这里应是“键: 值”的形式" in told


@pytest.mark.parametrize("relative", [FORMS, RULES])
@pytest.mark.parametrize("content", ["# nothing\n", "- 1\n", "文字\n"])
def test_file_that_is_no_mapping(overlay, relative: str, content: str) -> None:
    assert "文件为空或不是" in wrong(overlay, relative, lambda text: content)


def test_edition_id_must_be_its_folder(overlay) -> None:
    told = wrong(overlay, FORMS, lambda t: t.replace("edition_id: kp-2021", "edition_id: kp-2022"))
    assert told.startswith("1|")
    assert "编号“kp-2022”与所在文件夹“kp-2021”不同" in told


def test_two_editions_of_one_year(overlay) -> None:
    folder = overlay(FORMS, lambda text: text.replace("- 2021\n- 2023\n", "- 2015\n- 2023\n"))
    with pytest.raises(SurveyDefinitionError, match="“kp-2014”与“kp-2021”的年度重叠"):
        load_survey(folder)


def test_a_parent_cannot_lead_back_to_itself(overlay) -> None:
    def edit(text: str) -> str:
        return text.replace(
            "\nstaff_full_time,personnel,1,,total,",
            "\nstaff_full_time,personnel,1,staff_full_time_women,of_which,",
        )

    assert "绕回自己" in wrong(overlay, ITEMS, edit)


def test_file_in_another_encoding(overlay, tmp_path: Path) -> None:
    folder = overlay(ITEMS, lambda t: t.replace("科普画廊", "宣传栏"))
    path = folder / ITEMS
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    with pytest.raises(SurveyDefinitionError, match="不是 UTF-8 编码"):
        load_survey(folder)


def test_crosswalk_row_of_an_unknown_item(overlay) -> None:
    told = wrong(
        overlay,
        "editions/kp-2021/crosswalk.csv",
        lambda t: t.replace("\nvolunteers,volunteers", "\nvolunteer,volunteers"),
    )
    assert told.startswith("15|")
    assert "“volunteer”不在本版调查表中" in told


def new_edition(folder: Path, without: str) -> Path:
    """A 2023 edition of an office's own that lacks a file."""
    new = folder / "editions" / "kp-2023"
    shutil.copytree(BUILT_IN / "editions" / "kp-2021", new)
    (new / without).unlink()
    for name, edition, years in (("kp-2023", new, (2023, 2035)), ("kp-2021", None, (2021, 2022))):
        source = (BUILT_IN / "editions" / "kp-2021" / "forms.yaml").read_text("utf-8")
        text = source.replace("edition_id: kp-2021", f"edition_id: {name}").replace(
            "- 2021\n- 2023\n", "- {}\n- {}\n".format(*years)
        )
        own = edition or folder / "editions" / name
        own.mkdir(exist_ok=True)
        (own / "forms.yaml").write_text(text, "utf-8")
    return folder


def test_an_edition_without_a_crosswalk_is_read_all_the_same(tmp_path: Path) -> None:
    edition = load_survey(new_edition(tmp_path, "crosswalk.csv")).edition("kp-2023")
    assert edition.crosswalk == ()
    assert edition.years == (2023, 2035)


def test_a_file_that_an_edition_lacks_is_named_where_it_belongs(tmp_path: Path) -> None:
    with pytest.raises(SurveyDefinitionError, match="补上") as refused:
        load_survey(new_edition(tmp_path, "items.csv"))
    assert refused.value.place.file == "editions/kp-2023/items.csv"


def test_plan_names_known_units(survey: Survey) -> None:
    assert [measure.number for measure in survey.measures] == list(range(1, 29))
    known = {unit.name_zh for unit in survey.units}
    assert {name for measure in survey.measures for name in measure.units} <= known
    assert all(not measure.units for measure in survey.measures if measure.number >= 25)
    departments = {row.department_id for row in survey.departments.active(2022)}
    assert {unit.department_id for unit in survey.units} - {""} <= departments


def test_measurability_follows_from_the_fit(survey: Survey) -> None:
    for measure in survey.measures:
        direct = any(indicator.fit == "direct" for indicator in measure.indicators)
        expected = "measurable" if direct else "partial" if measure.indicators else "qualitative"
        assert measure.measurability == expected, measure.number


def test_provinces_in_the_three_regions_of_the_survey(survey: Survey) -> None:
    regions = [province.region3 for province in survey.provinces]
    assert [regions.count(name) for name in ("东部", "中部", "西部")] == [11, 8, 12]
    assert next(p.region3 for p in survey.provinces if p.short_zh == "吉林") == "中部"


def test_tiles_do_not_overlap_and_name_divisions(survey: Survey) -> None:
    places = [(tile.grid, tile.row, tile.col) for tile in survey.tiles]
    assert len(set(places)) == len(places) == 81
    counties = {tile.code for tile in survey.tiles if tile.grid == "county" and not tile.optional}
    assert counties == {row.code for row in survey.divisions.county_units(2022)}
