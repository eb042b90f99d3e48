"""Whose a return is: the register, the versions of one unit, and what a person decides."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import intake
from pipelines.errors import DecisionFileError
from pipelines.forms.register import write_register
from pipelines.intake.decisions.open_rulings import open_rulings
from pipelines.intake.identity.double_count import double_counts
from pipelines.intake.identity.revisions import Candidate, rank
from pipelines.survey import Survey
from pipelines.survey.identity import check_digit
from pipelines.warehouse import Workshop
from tests.intake.writing import COVER, USCC, YEAR, Layout, Office, saved, workbook

Row = dict[str, Any]

OTHER = "1122000000000002" + "0"
OTHER_USCC = OTHER + check_digit(OTHER)
NAME = "长春市朝阳区教育局"


def send(
    office: Office,
    name: str,
    answers: dict[str, object] | None = None,
    layout: Layout | None = None,
    **cover: Any,
) -> str:
    """Put a return into the inbox; gives the beginning of its content hash."""
    edition = office.survey.edition_of(YEAR)
    given = {"lectures": 5} if answers is None else answers
    data = saved(workbook(edition, given, {**COVER, **cover}, layout)[0])
    office.put(name, data)
    return hashlib.sha256(data).hexdigest()[:16]


class Desk:
    """What intake makes of an office, by file."""

    def __init__(self, office: Office) -> None:
        self.tables = office.take_in()
        with Workshop() as workshop:
            for name, table in self.tables.items():
                workshop.load(name, table)
            workshop.assert_keys()
        self.returns: dict[str, Row] = {
            row["file"]: row for row in self.tables["returns"].to_pylist()
        }
        self.questions: list[Row] = self.tables["identity_questions"].to_pylist()
        self.rulings: list[Row] = self.tables["rulings"].to_pylist()

    def status(self, file: str) -> tuple[str, int]:
        return self.returns[file]["status"], self.returns[file]["revision"]

    @property
    def statuses(self) -> list[str]:
        return sorted(row["status"] for row in self.returns.values())

    @property
    def kinds(self) -> list[str]:
        return sorted(row["kind"] for row in self.questions)


def unit(**changes: str) -> dict[str, str]:
    return {
        "unit_name": NAME, "uscc": USCC, "venue_name": "", "division_code": "220104",
        "department_id": "education", "level_id": "county", "channel": "county", **changes,
    }  # fmt: skip


def register(office: Office, *units: dict[str, str]) -> None:
    path = office.root.inbox(YEAR) / "名录.xlsx"
    write_register(office.survey, YEAR, units or [unit()], path)


def rule(office: Office, *entries: dict[str, str]) -> None:
    by = {"认定人": "某人", "认定日期": "2024-06-20", "原因": "电话核实"}
    text = yaml.safe_dump([{**entry, **by} for entry in entries], allow_unicode=True)
    (office.root.inbox(YEAR) / "认定.yaml").write_text(text, encoding="utf-8")


# Versions of one unit


def test_three_versions_by_date_are_three_revisions(office: Office) -> None:
    send(office, "县区/乙.xlsx", {"lectures": 2}, fill_date="2024-05-20")
    send(office, "县区/丙.xlsx", {"lectures": 3}, fill_date="2024-06-01")
    send(office, "县区/甲.xlsx", {"lectures": 1}, fill_date="2024-05-06")
    desk = Desk(office)
    assert desk.status("县区/甲.xlsx") == ("superseded", 1)
    assert desk.status("县区/乙.xlsx") == ("superseded", 2)
    assert desk.status("县区/丙.xlsx") == ("received", 3)
    assert desk.questions == []


@pytest.mark.parametrize(
    "later",
    ["表第二版", "表第3稿", "表v3", "表V2", "表(2)", "表（2）", "更正/表", "表-最终", "表2稿"],
)
def test_names_of_files_and_folders_say_which_is_later(office: Office, later: str) -> None:
    send(office, "县区/表.xlsx", fill_date=None)
    send(office, f"县区/{later}.xlsx", {"lectures": 6}, fill_date=None)
    desk = Desk(office)
    assert desk.status("县区/表.xlsx") == ("superseded", 1)
    assert desk.status(f"县区/{later}.xlsx") == ("received", 2)


@pytest.mark.parametrize(
    ("one", "other"),
    [("表v3", "表最终"), ("表更正", "表v2"), ("表甲", "表乙")],
)
def test_signs_that_do_not_compare_are_left_to_a_person(
    office: Office, one: str, other: str
) -> None:
    send(office, f"县区/{one}.xlsx", fill_date=None)
    send(office, f"县区/{other}.xlsx", {"lectures": 6}, fill_date=None)
    desk = Desk(office)
    assert desk.statuses == ["duplicate", "received"]
    assert desk.kinds == ["duplicate"]


def test_a_date_in_the_file_name_tells_the_later(office: Office) -> None:
    send(office, "县区/表20240601.xlsx", fill_date=None)
    send(office, "县区/表2024-06-15.xlsx", {"lectures": 6}, fill_date=None)
    assert Desk(office).status("县区/表2024-06-15.xlsx") == ("received", 2)


def test_an_office_of_renewal_is_not_a_renewed_file(office: Office) -> None:
    name = "长春市朝阳区城市更新局"
    send(office, "县区/城市更新局.xlsx", unit_name=name, fill_date=None)
    send(office, "县区/表.xlsx", {"lectures": 6}, unit_name=name, fill_date=None)
    assert Desk(office).statuses == ["duplicate", "received"]


def test_county_and_department_never_replace_each_other(office: Office) -> None:
    send(office, "县区/表.xlsx", fill_date="2024-05-06")
    send(office, "部门/表更正.xlsx", {"lectures": 8, "exhibitions": 2}, fill_date="2024-06-06")
    desk = Desk(office)
    assert desk.status("县区/表.xlsx")[0] == "received"
    second = desk.returns["部门/表更正.xlsx"]
    assert second["status"] == "duplicate"
    assert "科普（技）讲座举办次数 8 与 5" in second["status_reason_zh"]
    assert "县区/表.xlsx" in second["status_reason_zh"]
    assert [(q["file"], q["other_file"]) for q in desk.questions] == [
        ("部门/表更正.xlsx", "县区/表.xlsx")
    ]


def test_a_correction_may_come_in_another_format(office: Office, survey: Survey) -> None:
    send(office, "县区/表.xlsx", fill_date="2024-05-06")
    rows = ["单位名称,统一社会信用代码,所在地,主管部门,级别,填表日期,指标名称,代码,数量"]
    edition = survey.edition_of(YEAR)
    cover = [f"{label},{text}" for label, text in (
        ("单位名称", NAME), ("统一社会信用代码", USCC), ("单位所在地", "220104"),
        ("机构主管部门类别", "教育部门"), ("单位级别", "区县级"), ("填表日期", "2024-06-06"),
    )]  # fmt: skip
    table = [f"{item.printed_label_zh.replace(',', '')},{item.code},{item.unit},7"
             for item in edition.items]  # fmt: skip
    rows = [*cover, "", "指标名称,代码,计量单位,数量", *table]
    office.put("县区/表.csv", "\n".join(rows).encode("gb18030"))
    desk = Desk(office)
    assert desk.status("县区/表.xlsx") == ("superseded", 1)
    assert desk.status("县区/表.csv") == ("received", 2)


def test_a_correction_that_lacks_forms_replaces_nothing(office: Office) -> None:
    send(office, "县区/表.xlsx", fill_date="2024-05-06")
    only = Layout(drop=frozenset({"media", "activities"}))
    send(office, "县区/表更正.xlsx", {"lectures": 6}, only, fill_date="2024-06-06")
    desk = Desk(office)
    assert desk.status("县区/表.xlsx") == ("received", 1)
    files = {row["file"]: row for row in desk.tables["submissions"].to_pylist()}
    assert files["县区/表更正.xlsx"]["reason_code"] == "K407"


def test_a_copied_credit_code_lets_nobody_replace_another_unit(office: Office) -> None:
    send(office, "县区/教育局.xlsx", fill_date="2024-05-06")
    send(office, "县区/体育局.xlsx", unit_name="长春市朝阳区体育局", fill_date="2024-06-06")
    desk = Desk(office)
    assert desk.statuses == ["duplicate", "received"]
    assert "单位名称不同" in str([row["status_reason_zh"] for row in desk.returns.values()])


def test_a_code_left_out_once_is_found_by_the_name_in_its_division(office: Office) -> None:
    send(office, "县区/表.xlsx", uscc=None, fill_date="2024-05-06")
    send(
        office, "县区/新表.xlsx", {"lectures": 6}, unit_name="朝阳区教育局", fill_date="2024-06-06"
    )
    desk = Desk(office)
    assert desk.status("县区/表.xlsx") == ("superseded", 1)
    assert desk.returns["县区/表.xlsx"]["unit_id"] == USCC


# The register


def test_a_unit_is_matched_by_code_or_by_name_in_its_division(office: Office) -> None:
    register(office)
    send(office, "县区/甲.xlsx", uscc=None, unit_name="吉林省长春市朝阳区教育局")
    desk = Desk(office)
    assert desk.returns["县区/甲.xlsx"]["unit_id"] == USCC
    assert desk.questions == []


def test_without_a_register_nothing_is_asked_of_it(office: Office) -> None:
    send(office, "县区/甲.xlsx", unit_name="没有人认识的单位")
    assert Desk(office).questions == []


@pytest.mark.parametrize(
    ("cover", "units", "kind", "candidates"),
    [
        ({"uscc": None, "unit_name": "某某学会"}, [unit()], "unknown_unit", []),
        ({"uscc": USCC[:9] + "1" + USCC[10:]}, [unit(unit_name="甲局")], "unknown_unit", [USCC]),
        ({"uscc": None, "region": "220102"}, [unit()], "unknown_unit", [USCC]),
        ({"uscc": None, "unit_name": "朝阳区教肓局"}, [unit()], "unknown_unit", [USCC]),
        ({}, [unit(unit_name="长春市朝阳区档案馆")], "name_differs", [USCC]),
        ({"uscc": OTHER_USCC}, [unit()], "code_differs", [USCC]),
        ({"region": "220102"}, [unit()], "place_differs", [USCC]),
        ({"venue_name": "甲馆", "is_venue": "是"}, [unit()], "unknown_venue", [USCC]),
        (
            {"uscc": None},
            [unit(), unit(uscc=OTHER_USCC)],
            "ambiguous_unit",
            [USCC, OTHER_USCC],
        ),
        (
            {"uscc": OTHER_USCC},
            [unit(), unit(uscc=OTHER_USCC, unit_name="长春市朝阳区档案馆")],
            "code_of_another",
            [OTHER_USCC, USCC],
        ),
    ],
)
def test_what_does_not_match_is_asked_with_candidates(
    office: Office,
    cover: dict[str, object],
    units: list[dict[str, str]],
    kind: str,
    candidates: list[str],
) -> None:
    register(office, *units)
    send(office, "县区/表.xlsx", **cover)
    desk = Desk(office)
    assert desk.kinds == [kind]
    assert desk.questions[0]["candidate_ids"] == candidates
    assert len(desk.questions[0]["candidates"]) == len(candidates)
    if kind in ("unknown_unit", "ambiguous_unit", "code_of_another"):
        assert desk.returns["县区/表.xlsx"]["unit_id"] not in candidates


# Double counts


VENUE: dict[str, object] = {
    "science_centers": 1, "science_centers_floor_area": 5200, "science_centers_visits": 31000,
    "science_centers_exhibits": 120, "staff_full_time": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("bureau", "asked"),
    [
        ({**VENUE, "lectures": 40}, True),
        (
            {"science_centers": 1, "science_centers_floor_area": 6000,
             "science_centers_visits": 40000, "science_centers_exhibits": 200},
            True,
        ),
        ({"lectures": 40, "staff_full_time": 3}, False),
    ],
)  # fmt: skip
def test_a_venue_inside_its_bureau_is_asked_about(
    office: Office, bureau: dict[str, object], asked: bool
) -> None:
    send(office, "县区/局.xlsx", bureau)
    send(office, "县区/馆.xlsx", VENUE, unit_name="朝阳区科技馆", uscc=OTHER_USCC, is_venue="是",
         venue_name="朝阳区科技馆")  # fmt: skip
    desk = Desk(office)
    assert desk.statuses == ["received", "received"]
    assert desk.kinds == (["double_count"] if asked else [])
    if asked:
        question = desk.questions[0]
        assert (question["file"], question["other_file"]) == ("县区/馆.xlsx", "县区/局.xlsx")
        assert "science_centers_visits" in question["items"]


def test_a_venue_is_found_among_hundreds_of_its_department_and_place(survey: Survey) -> None:
    """40 bureaus and 30 venues: one bureau repeats a venue, another is as large as one."""
    content = {f"局{n}": {"lectures": str(1000 + n), "staff_full_time": "12"} for n in range(40)}
    content |= {
        f"馆{n}": {"exhibitions": str(5000 + n), "staff_full_time": "12"} for n in range(30)
    }
    venue = {item: str(figure) for item, figure in VENUE.items()}
    content["馆7"] = {**venue, "lectures": "-"}
    content["局31"] = {**venue, "lectures": "40", "staff_part_time": "约5"}
    larger = {item: str(Decimal(str(figure)) + 1) for item, figure in VENUE.items()}
    content["局5"] = {**larger, "science_centers": "1"}
    rows = [
        {"return_id": name, "year": YEAR, "division_code": "220104", "department_id": "x",
         "venue_name": "", "is_venue": name.startswith("馆")}
        for name in content
    ]  # fmt: skip
    found = list(double_counts(rows, content.__getitem__, survey))
    assert [(one.venue, one.bureau) for one in found] == [("馆7", "局5"), ("馆7", "局31")]
    inside = ("science_centers_exhibits", "science_centers_floor_area", "science_centers_visits")
    assert sorted(found[1].items) == sorted(inside)
    assert sorted(found[0].items) == sorted(("science_centers", *inside))


# Rulings


def test_a_ruling_says_whose_a_return_is(office: Office) -> None:
    register(office)
    content = send(office, "县区/表.xlsx", uscc=None, unit_name="朝阳教育")
    assert Desk(office).kinds == ["unknown_unit"]
    rule(office, {"文件": "县区/表.xlsx", "内容": content, "认定": "属于名录单位",
                  "名录单位": USCC})  # fmt: skip
    desk = Desk(office)
    assert desk.returns["县区/表.xlsx"]["unit_id"] == USCC
    assert desk.returns["县区/表.xlsx"]["unit_name"] == "朝阳教育"
    assert desk.questions == []
    assert [(row["status"], row["unit_id"]) for row in desk.rulings] == [("applied", USCC)]


def test_a_ruling_parts_two_units_of_one_code(office: Office) -> None:
    send(office, "县区/教育局.xlsx")
    content = send(office, "县区/体育局.xlsx", unit_name="长春市朝阳区体育局")
    rule(office, {"文件": "县区/体育局.xlsx", "内容": content, "认定": "不是同一单位"})
    desk = Desk(office)
    assert desk.statuses == ["received", "received"]
    assert desk.returns["县区/体育局.xlsx"]["unit_id"] == "220104|朝阳区体育局"


def test_a_ruling_may_say_that_the_other_counts(office: Office) -> None:
    send(office, "县区/表.xlsx")
    content = send(office, "部门/表.xlsx", {"lectures": 6})
    rule(office, {"文件": "部门/表.xlsx", "内容": content, "认定": "以另一份为准",
                  "另一份": "县区/表.xlsx"})  # fmt: skip
    desk = Desk(office)
    assert desk.status("县区/表.xlsx") == ("received", 2)
    assert desk.status("部门/表.xlsx") == ("superseded", 1)
    assert desk.questions == []


def test_a_ruling_says_which_counts(office: Office) -> None:
    send(office, "县区/表.xlsx")
    content = send(office, "部门/表.xlsx", {"lectures": 6})
    rule(office, {"文件": "部门/表.xlsx", "内容": content, "认定": "以本份为准"})
    desk = Desk(office)
    assert desk.status("部门/表.xlsx") == ("received", 2)
    assert desk.status("县区/表.xlsx") == ("superseded", 1)
    assert "电话核实" in desk.returns["县区/表.xlsx"]["status_reason_zh"]
    assert desk.questions == []


@pytest.mark.parametrize(
    ("decision", "status"), [("重复计算", "superseded"), ("没有重复", "received")]
)
def test_a_ruling_settles_a_double_count(office: Office, decision: str, status: str) -> None:
    send(office, "县区/局.xlsx", VENUE)
    content = send(office, "县区/馆.xlsx", {**VENUE, "lectures": 1}, unit_name="朝阳区科技馆",
                   uscc=OTHER_USCC, is_venue="是", venue_name="朝阳区科技馆")  # fmt: skip
    rule(office, {"文件": "县区/馆.xlsx", "内容": content, "认定": decision,
                  "另一份": "县区/局.xlsx"})  # fmt: skip
    desk = Desk(office)
    assert desk.returns["县区/馆.xlsx"]["status"] == status
    assert desk.returns["县区/局.xlsx"]["status"] == "received"
    assert desk.questions == []


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [("县区/没有.xlsx", "0" * 16, "没有这个文件"), ("县区/表.xlsx", "0" * 16, "文件内容已变")],
)
def test_a_stale_ruling_is_not_applied_and_asked_about(
    office: Office, file: str, content: str, why: str
) -> None:
    send(office, "县区/表.xlsx")
    send(office, "部门/表.xlsx", {"lectures": 6})
    rule(office, {"文件": file, "内容": content, "认定": "以本份为准"})
    desk = Desk(office)
    assert desk.statuses == ["duplicate", "received"]
    assert desk.kinds == ["duplicate", "stale_ruling"]
    (ruling,) = desk.rulings
    assert ruling["status"] == "stale"
    assert why in ruling["status_zh"]


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"认定": "大概是"}, "只能填"),
        ({"认定": ""}, "只能填"),
        ({"认定": "属于名录单位"}, "名录单位"),
        ({"认定": "属于名录单位", "名录单位": "没有这个单位"}, "名录里没有单位"),
        ({"认定": "重复计算"}, "另一份"),
        ({"认定": "重复计算", "另一份": "县区/表.xlsx"}, "同一份|没有这份表"),
        ({"认定": "以本份为准", "内容": "abc"}, "应照抄待认定.yaml"),
        ({"认定": "以本份为准", "单位": "别的单位"}, "没有这份表"),
        ({"认定": "以本份为准", "认定日期": "去年"}, "应是日期"),
        ({"认定": "以本份为准", "多写": "一项"}, "没有这一项"),
    ],
)
def test_a_malformed_ruling_stops_with_file_line_and_reason(
    office: Office, entry: dict[str, str], why: str
) -> None:
    register(office)
    content = send(office, "县区/表.xlsx")
    fields = {"文件": "县区/表.xlsx", "内容": content, "认定人": "某人", "认定日期": "2024-06-20",
              "原因": "核实", **entry}  # fmt: skip
    lines = "\n".join(f"  {key}: {value}" for key, value in fields.items())
    text = f"# 注释\n-{lines[1:]}\n"
    (office.root.inbox(YEAR) / "认定.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DecisionFileError, match=why) as caught:
        Desk(office)
    assert caught.value.code == "K207"
    assert caught.value.place.file == f"{YEAR}/认定.yaml"
    assert caught.value.place.line >= 2


def test_two_rulings_against_each_other_stop(office: Office) -> None:
    one = send(office, "县区/表.xlsx")
    two = send(office, "部门/表.xlsx", {"lectures": 6})
    rule(
        office,
        {"文件": "县区/表.xlsx", "内容": one, "认定": "以本份为准"},
        {"文件": "部门/表.xlsx", "内容": two, "认定": "以本份为准"},
    )
    with pytest.raises(DecisionFileError, match="都说以自己为准"):
        Desk(office)


def test_the_file_of_rulings_is_no_return(office: Office) -> None:
    content = send(office, "县区/表.xlsx")
    rule(office, {"文件": "县区/表.xlsx", "内容": content, "认定": "以本份为准"})
    inventory = intake.scan(office.root, [YEAR])
    assert [file.file for file in (*inventory.files, *inventory.skipped)] == ["县区/表.xlsx"]


def test_open_questions_come_as_rulings_to_fill_in(office: Office, tmp_path: Path) -> None:
    register(office)
    send(office, "县区/表 1：初稿.xlsx", uscc=None, unit_name="朝阳区教肓局")
    questions = Desk(office).questions
    text = open_rulings(questions)
    assert USCC in text
    assert text == open_rulings(list(questions))
    path = office.root.inbox(YEAR) / "认定.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DecisionFileError):
        Desk(office)
    filled = {
        "认定:": "认定: 属于名录单位",
        "名录单位:": f"名录单位: {USCC}",
        "认定人:": "认定人: 某人",
        "认定日期:": "认定日期: 2024-06-20",
        "原因:": "原因: 错字",
    }
    lines = []
    for line in text.splitlines():
        key = next((k for k in filled if line.strip().startswith(k)), "")
        lines.append(f"  {filled[key]}" if key else line)
    path.write_text("\n".join(lines), encoding="utf-8")
    desk = Desk(office)
    assert desk.questions == []
    assert next(iter(desk.returns.values()))["unit_id"] == USCC


def test_a_row_of_a_table_never_replaces_the_units_own_form(office: Office, survey: Survey) -> None:
    send(office, "县区/表.xlsx", fill_date=None)
    items = [survey.edition_of(YEAR).item[i] for i in ("lectures", "exhibitions", "volunteers")]
    head = ["单位名称", "统一社会信用代码", "单位所在地", *(item.name_zh for item in items)]
    row = [NAME, USCC, "220104", "9", "9", "9"]
    office.put("县区/汇总（最终）.csv", "\n".join([",".join(head), ",".join(row)]).encode())
    desk = Desk(office)
    assert desk.status("县区/表.xlsx")[0] == "received"
    assert desk.status("县区/汇总（最终）.csv")[0] == "duplicate"
    assert "9 与 5" in desk.returns["县区/汇总（最终）.csv"]["status_reason_zh"]


versions = st.lists(
    st.tuples(
        st.sampled_from(["表", "表更正", "表v2", "表v3", "表最终", "表(2)", "表20240601"]),
        st.sampled_from(["county", "department", "unknown"]),
        st.none() | st.dates(dt.date(2024, 5, 1), dt.date(2024, 5, 4)),
        st.sampled_from(["朝阳区教育局", "长春市朝阳区教育局", "朝阳区体育局"]),
        st.sampled_from(["questionnaire", "table"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(versions, st.randoms(use_true_random=False))
def test_ranking_keeps_every_version_and_does_not_depend_on_order(
    drawn: list[tuple[str, str, dt.date | None, str, str]], chance: Random
) -> None:
    def ranked(order: list[int]) -> dict[str, tuple[str, int, str]]:
        candidates = []
        for n in order:
            name, channel, day, unit_name, layout = drawn[n]
            file = f"{n}/{name}.xlsx"
            candidates.append(
                Candidate(str(n), file, layout, channel, unit_name, day, lambda: {"lectures": "1"})
            )
        rank(candidates, {})
        for one in candidates:
            assert one.reason or one.status == "received"
            if one.status == "superseded":
                assert one.current is not None
                assert one.revision < one.current.revision
                assert one.current.status in ("received", "duplicate")
                assert {one.channel, one.current.channel} != {"county", "department"}
                assert one.layout == one.current.layout
        return {c.return_id: (c.status, c.revision, c.reason) for c in candidates}

    order = list(range(len(drawn)))
    first = ranked(order)
    assert [status for status, _, _ in first.values()].count("received") == 1
    chance.shuffle(order)
    assert ranked(order) == first
