"""The measures of the plan: what measures them, whose figures stand where, what nobody can say."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from indicator_rows import indicator_row

import pipelines.indicators.measures as room
from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import Definitions, score_measures
from pipelines.indicators.measures import load_measurements
from pipelines.survey import Survey
from pipelines.warehouse import Workshop

YEAR = 2023
EXCHANGES = 14  # 省教育厅、省科学技术厅、省科学技术协会

Board = dict[tuple[int, str, int], dict[str, Any]]
Score = Callable[..., Board]


@pytest.fixture
def board(survey: Survey, definitions: Definitions) -> Score:
    def scored(*rows: dict[str, Any]) -> Board:
        with Workshop() as workshop:
            workshop.load("indicator_values", list(rows))
            score_measures(workshop, survey, definitions)
            workshop.assert_keys()
            found = workshop.table("measure_scores").to_pylist()
        return {
            (row["measure"], row["subject_zh"], row["order"]): row
            for row in found
            if row["year"] == YEAR
        }

    return scored


def province(indicator_id: str, value: str | None, year: int = YEAR, **more: Any) -> dict[str, Any]:
    return indicator_row(indicator_id, year, "province", "220000", value, **more)


def department(
    indicator_id: str, member: str, value: str | None, year: int = YEAR, **more: Any
) -> dict[str, Any]:
    return indicator_row(indicator_id, year, "department", member, value, **more)


def test_value_change_and_response_of_the_province_and_a_unit(board: Score) -> None:
    found = board(
        province("exchanges", "1000", rate="0.9", expected=300),
        province("exchanges", "800", YEAR - 1),
        department("exchanges", "education", "500", rate="0.75", expected=40),
        department("exchanges", "education", "625", YEAR - 1),
    )
    whole = found[EXCHANGES, "吉林省", 1]
    assert (whole["value"], whole["last_value"]) == (Decimal(1000), Decimal(800))
    assert (whole["change_kind"], whole["change"], whole["direction"]) == ("rate", 25, "up")
    assert (whole["fit"], whole["status"]) == ("direct", "measured")
    assert (whole["units_expected"], whole["response_rate"]) == (300, Decimal("0.9"))
    assert whole["rank"] is None
    unit = found[EXCHANGES, "省教育厅", 1]
    assert (unit["value"], unit["change"], unit["direction"]) == (500, -20, "down")
    assert (unit["units_expected"], unit["response_rate"]) == (40, Decimal("0.75"))


def test_a_unit_ranks_among_the_departments_that_gave_a_figure(board: Score) -> None:
    found = board(
        province("exchanges", "19"),
        department("exchanges", "education", "5"),
        department("exchanges", "science_technology", "7"),
        department("exchanges", "science_association", "5"),
        department("exchanges", "health", None),
        department("exchanges", "none", "2"),
    )
    ranks = {
        name: (found[EXCHANGES, name, 1]["rank"], found[EXCHANGES, name, 1]["ranked"])
        for name in ("省教育厅", "省科学技术厅", "省科学技术协会")
    }
    assert ranks == {
        "省教育厅": (2, 3),
        "省科学技术厅": (1, 3),
        "省科学技术协会": (2, 3),
    }


def test_a_measure_that_no_statistic_measures_says_so(board: Score, survey: Survey) -> None:
    found = board(province("exchanges", "1"))
    unmeasured = {measure.number for measure in survey.measures if not measure.indicators}
    assert unmeasured == {2, 7, 20, 21, 23, 24, 25, 26}
    for (measure, _, _), row in found.items():
        if measure in unmeasured:
            assert (row["status"], row["indicator_id"], row["value"]) == ("no_statistic", "", None)
            assert "没有统计指标可以度量" in row["note_zh"]
    assert (20, "省委组织部", 1) in found
    assert {measure for measure, _, _ in found} == set(range(1, 29))


def test_a_name_without_an_indicator_keeps_its_line(board: Score) -> None:
    found = board(province("outreach_vehicles", "3"))
    line = found[8, "吉林省", 1]
    assert (line["status"], line["name_zh"]) == ("no_statistic", "流动科技馆站")
    assert "没有对应的统计指标" in line["note_zh"]
    assert found[8, "吉林省", 2]["value"] == 3


def test_not_asked_nobody_answered_and_no_such_department_differ(board: Score) -> None:
    found = board(
        province("websites", None),
        department("websites", "publicity", None),
    )
    assert found[15, "吉林省", 1]["status"] == "no_value"
    assert found[15, "吉林省", 2]["status"] == "not_asked"
    assert found[15, "省委网信办", 1]["status"] == "no_department"
    assert found[15, "省委宣传部", 1]["status"] == "no_value"
    assert found[15, "省科学技术协会", 1]["status"] == "not_asked"


def test_a_missing_value_says_why_it_is_missing(board: Score) -> None:
    found = board(
        province("display_galleries", None, flags=["not_asked"]),
        province("websites", None, flags=["not_filled"]),
        province("exchanges", None, flags=["beyond_table"]),
        province("exchanges_attendance", None, flags=["no_return"]),
    )
    galleries = next(
        row
        for (_, subject, _), row in found.items()
        if row["indicator_id"] == "display_galleries" and subject == "吉林省"
    )
    assert galleries["status"] == "not_asked"
    assert "没有问到" in galleries["note_zh"]
    places = ((15, "吉林省", 1), (EXCHANGES, "吉林省", 1), (EXCHANGES, "吉林省", 2))
    said = [found[at]["note_zh"].split("；")[0] for at in places]
    assert said == ["无人填报", "数值超出表能容纳的范围", "无人填报"]


def test_over_a_break_nothing_is_compared(board: Score) -> None:
    found = board(
        province("exchanges", "1000", flags=["break"]), province("exchanges", "800", YEAR - 1)
    )
    line = found[EXCHANGES, "吉林省", 1]
    assert (line["change_kind"], line["change"], line["direction"]) == ("break", None, "")
    assert line["last_value"] == 800


def test_units_of_one_department_name_each_other(board: Score) -> None:
    found = board(province("exchanges", "1"), department("rural_sites", "emergency", "2"))
    assert "省地震局" in found[8, "省应急管理厅", 3]["note_zh"]
    assert "省应急管理厅" in found[8, "省地震局", 3]["note_zh"]
    assert found[8, "省地震局", 3]["value"] == 2


def test_a_measure_of_one_system_takes_that_systems_figures(board: Score) -> None:
    found = board(
        province("staff_full_time", "100"),
        department("staff_full_time", "science_association", "30"),
    )
    assert (3, "吉林省", 1) not in found
    assert found[3, "科协组织", 1]["value"] == 30
    assert found[3, "科协组织", 1]["scope"] == "system"


def test_the_plan_agrees_with_its_own_fits(survey: Survey) -> None:
    for measure in survey.measures:
        fits = {named.fit for named in measure.indicators}
        by_fit = "measurable" if "direct" in fits else "partial" if fits else "qualitative"
        assert measure.measurability == by_fit, measure.number


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  捐赠: {", "  捐款: {", "没有写对应的指标|不是方案中的指标名"),
        ("[exchanges, ", "[exchangez, ", "exchangez"),
        ("[volunteers]", "[staff_per_10k]", "按人口平均"),
        ("  3: [science_association]", "  33: [science_association]", "没有第33条"),
        ("  3: [science_association]", "  3: [associations]", "associations"),
        ("    note_zh: 已收集到的调查表没有流动科技馆站一项", "    note_zh: ''", "写明原因"),
    ],
)
def test_a_mapping_that_fits_neither_plan_nor_catalogue_is_refused(
    survey: Survey, definitions: Definitions, tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = (Path(room.__file__).parent / "measurements.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (tmp_path / "measures").mkdir()
    own = tmp_path / "measures" / "measurements.yaml"
    own.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match=said):
        load_measurements(survey, definitions, tmp_path)
