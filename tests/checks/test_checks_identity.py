"""Rules over identity: what intake left open, double counts across units, the same unit twice."""

from __future__ import annotations

from typing import Any

from checks_bench import Bench

from pipelines.checks import evaluate
from pipelines.survey import Survey
from pipelines.warehouse import Workshop, arrow_table


def question(kind: str, **changes: Any) -> dict[str, Any]:
    return {
        "question_id": f"q-{kind}", "year": 2023, "kind": kind, "return_id": "r000",
        "file": "县区/r000.xlsx", "sheet": "封面", "content": "0" * 16, "unit_name": "某局",
        "venue_name": "", "other_return_id": "", "other_file": "", "other_unit_name": "",
        "candidates": [], "candidate_ids": [], "items": [], "message_zh": "名录里没有“某局”",
        **changes,
    }  # fmt: skip


def ruling(**changes: Any) -> dict[str, Any]:
    import datetime as dt

    return {
        "year": 2023, "number": 1, "line": 1, "return_asked_zh": "文件“x”",
        "decision_zh": "没有重复", "return_id": "r001", "other_return_id": "r000", "unit_id": "",
        "decided_by": "某人", "decided_on": dt.date(2024, 6, 1), "reason_zh": "核实",
        "status": "applied", "status_zh": "", **changes,
    }  # fmt: skip


def judged(
    bench: Bench,
    survey: Survey,
    questions: list[dict[str, Any]],
    rulings: list[dict[str, Any]] | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Findings by rule."""
    with Workshop() as workshop:
        for name in ("returns", "answers", "covers", "units", "submissions"):
            workshop.load(name, arrow_table(name, getattr(bench, name)))
        workshop.load("identity_questions", arrow_table("identity_questions", questions))
        workshop.load("rulings", arrow_table("rulings", rulings or []))
        evaluate(workshop, survey)
        found: dict[str, list[dict[str, Any]]] = {}
        for row in workshop.rows("SELECT * FROM findings ORDER BY finding_id"):
            found.setdefault(row["rule_id"], []).append(row)
    return found


def test_an_open_identity_stands_with_the_office(bench: Bench, survey: Survey) -> None:
    bench.add({"lectures": "5"})
    found = judged(
        bench, survey, [question("unknown_unit", candidates=["123 某某局（朝阳区，名录第 2 行）"])]
    )
    (row,) = found["G23"]
    assert row["return_id"] == ""
    assert row["severity"] == "query"
    assert "名录里没有“某局”" in row["message_zh"]
    assert "县区/r000.xlsx" in row["message_zh"]
    assert "可能是：123 某某局" in row["message_zh"]
    assert "C02" not in found


def test_nothing_open_gives_no_finding(bench: Bench, survey: Survey) -> None:
    bench.add({"lectures": "5"})
    found = judged(bench, survey, [])
    assert not {"G23", "C02", "V46"} & found.keys()


def test_a_stale_ruling_must_be_put_right(bench: Bench, survey: Survey) -> None:
    bench.add({"lectures": "5"})
    stale = question("stale_ruling", return_id="", message_zh="认定.yaml 第 3 行没有采用")
    (row,) = judged(bench, survey, [stale])["C02"]
    assert row["must_correct"] is True
    assert "第 3 行" in row["message_zh"]


def test_a_bureau_that_holds_another_units_venue_is_asked(bench: Bench, survey: Survey) -> None:
    bureau = bench.add({"science_centers_visits": "31000", "science_centers_floor_area": "5200"})
    venue = bench.add({"science_centers_visits": "31000"}, venue_name="某馆", is_venue=True)
    double = question(
        "double_count", return_id=venue, other_return_id=bureau,
        items=["science_centers_visits"], message_zh="场馆“某馆”单独报了表",
    )  # fmt: skip
    (row,) = judged(bench, survey, [double])["V46"]
    assert row["return_id"] == bureau
    assert row["items"] == ["science_centers_visits"]
    assert row["cells"] == ["科普场地!D9"]
    assert "县区/r001.xlsx" in row["message_zh"]


def test_the_same_unit_twice_names_files_and_differences(bench: Bench, survey: Survey) -> None:
    first = bench.add({"lectures": "5", "volunteers": "3", "exhibitions": "-"}, unit_id="u")
    bench.add({"lectures": "8", "volunteers": "3", "exhibitions": "1"}, unit_id="u",
              channel="department", status="duplicate", file="部门/r001.xlsx")  # fmt: skip
    (row,) = judged(bench, survey, [])["G10"]
    assert row["return_id"] == first
    assert row["observed"] == ["县区/r000.xlsx", "部门/r001.xlsx"]
    assert row["items"] == ["lectures", "exhibitions"]
    assert row["cells"] == ["科普活动!D6", "科普活动!D10"]
    assert "不同的有 2 项" in row["message_zh"]
    assert "“5”（科普活动!D6）与“8”（科普活动!D6）" in row["message_zh"]


def test_the_same_content_twice_says_so(bench: Bench, survey: Survey) -> None:
    bench.add({"lectures": "5"}, unit_id="u")
    bench.add({"lectures": "5"}, unit_id="u", status="duplicate")
    (row,) = judged(bench, survey, [])["G10"]
    assert row["items"] == []
    assert "内容相同" in row["message_zh"]


def test_a_ruling_that_nothing_is_counted_twice_closes_the_overlap(
    bench: Bench, survey: Survey
) -> None:
    figures = {"lectures": "50", "volunteers": "300", "staff_full_time": "40"}
    bench.add(figures, unit_id="u")
    bench.add(figures, unit_id="u", venue_name="某馆", is_venue=True)
    assert "V42" in judged(bench, survey, [])
    assert "V42" not in judged(bench, survey, [], [ruling()])
    assert "V42" in judged(bench, survey, [], [ruling(status="stale")])
