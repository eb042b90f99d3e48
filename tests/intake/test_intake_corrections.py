"""更正.yaml: refused with file, line and reason when malformed; applied while its guard holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.errors import DecisionFileError
from pipelines.intake.decisions.corrections import Correction, read_corrections
from pipelines.intake.decisions.settling import settle
from pipelines.survey import Survey
from pipelines.survey.notation import read_figure
from pipelines.warehouse import Root, Workshop, arrow_table

YEAR = 2023
WHOLE = {
    "单位": "长春市朝阳区教育局", "指标": "年度科普经费筹集额", "原值": "60", "新值": "600",
    "确认人": "张三", "确认日期": "2024-05-20", "方式": "书面", "原因": "漏写一个零",
}  # fmt: skip


def text_of(*entries: Mapping[str, str]) -> str:
    return "".join(
        "\n  ".join(f'{"- " if n == 0 else ""}{key}: "{value}"' for n, (key, value) in
                    enumerate(entry.items())) + "\n"
        for entry in entries
    )  # fmt: skip


def read(survey: Survey, folder: Path, text: str) -> tuple[Correction, ...]:
    root = Root(folder)
    path = root.inbox(YEAR) / "更正.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return read_corrections(root, [YEAR], survey)


def without(key: str) -> dict[str, str]:
    return {name: value for name, value in WHOLE.items() if name != key}


def test_a_whole_entry_is_read_with_its_line(survey: Survey, tmp_path: Path) -> None:
    text = "# 说明\n" + text_of(WHOLE, {**WHOLE, "原值": "600", "新值": "-"})
    first, second = read(survey, tmp_path, text)
    assert (first.number, first.line, second.number, second.line) == (1, 2, 2, 10)
    assert first.item.item_id == "fund_raised"
    assert (first.new.state, first.new.value) == ("reported", 600)
    assert (second.new.state, second.new.value) == ("not_applicable", None)
    assert first.entry.confirmed_on.isoformat() == "2024-05-20"


@pytest.mark.parametrize("text", ["", "# 只有注释\n", "[]\n"])
def test_a_file_without_entries_corrects_nothing(survey: Survey, tmp_path: Path, text: str) -> None:
    assert read(survey, tmp_path, text) == ()


@pytest.mark.parametrize("named", ["fund_raised", "年度科普经费筹集额", " 年度科普经费 筹集额 "])
def test_an_item_goes_by_id_or_full_name(survey: Survey, tmp_path: Path, named: str) -> None:
    (one,) = read(survey, tmp_path, text_of({**WHOLE, "指标": named}))
    assert one.item.item_id == "fund_raised"


def test_an_item_goes_by_its_printed_code(survey: Survey, tmp_path: Path) -> None:
    coded = next(i for i in survey.edition_of(YEAR).items if i.code)
    (one,) = read(survey, tmp_path, text_of({**WHOLE, "指标": coded.code}))
    assert one.item == coded


@pytest.mark.parametrize(
    ("written", "value"),
    [("010", 10), ("1,200", 1200), ("１２００", 1200), ("0", 0), ("1200.50", Decimal("1200.5"))],
)
def test_figures_are_read_as_written_never_as_yaml_would(
    survey: Survey, tmp_path: Path, written: str, value: object
) -> None:
    text = text_of(WHOLE).replace('新值: "600"', f"新值: {written}")
    assert read(survey, tmp_path, text)[0].new.value == value


@settings(max_examples=40, deadline=None)
@given(st.from_regex(r"0{0,3}[1-9][0-9]{0,11}(\.[0-9]{1,3})?", fullmatch=True))
def test_every_figure_comes_back_as_it_was_typed(
    survey: Survey, tmp_path_factory: pytest.TempPathFactory, written: str
) -> None:
    text = text_of({**WHOLE, "原值": "空白"}).replace('新值: "600"', f"新值: {written}")
    (one,) = read(survey, tmp_path_factory.mktemp("年"), text)
    assert one.new.value == Decimal(written)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (text_of(without("新值")), 1, "“新值”缺少该项"),
        (text_of(without("原值")), 1, "“原值”缺少该项"),
        (text_of(without("确认人")), 1, "“确认人”缺少该项"),
        (text_of(without("原因")), 1, "“原因”缺少该项"),
        (text_of(without("单位")), 1, "“文件”和“单位”至少写一项"),
        (text_of({**WHOLE, "原因": ""}), 8, "“原因”不能为空"),
        (text_of({**WHOLE, "备注": "x"}), 9, "“备注”没有这一项"),
        (text_of({**WHOLE, "新值": "约600"}), 4, "填了约数"),
        (text_of({**WHOLE, "新值": "3万"}), 4, "万"),
        (text_of({**WHOLE, "新值": " "}), 4, "不是数字"),
        (text_of({**WHOLE, "新值": "６０"}), 4, "与原值“60”相同"),
        (text_of({**WHOLE, "确认日期": "5月20日"}), 6, "应是日期"),
        (text_of({**WHOLE, "确认日期": "2024-02-30"}), 6, "应是日期"),
        (text_of(WHOLE, {**WHOLE, "指标": "科普经费筹集"}), 10, "年度科普经费筹集额"),
        (text_of(WHOLE).replace('"600"', '"600"\n  新值: "700"'), 5, "“新值”写了两次"),
        (text_of(WHOLE).replace('"600"', "-"), 4, "单独的“-”要加引号"),
        (text_of(WHOLE).replace('"600"', "[1, 2]"), 4, "应填文字"),
        ("更正: 1\n", 1, "以“- ”开头"),
        ("- 文字\n", 1, "“键: 值”"),
    ],
)
def test_a_malformed_file_is_refused_with_file_line_and_reason(
    survey: Survey, tmp_path: Path, text: str, line: int, reason: str
) -> None:
    with pytest.raises(DecisionFileError) as refused:
        read(survey, tmp_path, text)
    assert reason in str(refused.value)
    assert refused.value.place.line == line
    assert refused.value.place.file == f"{YEAR}/更正.yaml"


def a_return(return_id: str, **changes: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "return_id": return_id, "submission_id": "s", "file": f"县区/{return_id}.xlsx",
        "sheet": "封面", "year": YEAR, "edition_id": "kp-2021", "layout": "questionnaire",
        "role": "basic", "unit_id": f"u-{return_id}", "unit_name": "长春市朝阳区教育局",
        "venue_name": "", "uscc": "", "is_venue": False, "division_code": "220104",
        "county_code": "220104", "prefecture_code": "220100", "department_id": "education",
        "level_id": "county", "channel": "county", "revision": 1, "fill_date": None,
        "status": "received", "status_reason_zh": "", "simulated": False,
    }  # fmt: skip
    return {**row, **changes}


def an_answer(return_id: str, text: str, item_id: str = "fund_raised") -> dict[str, Any]:
    reading = read_figure(text)
    return {
        "return_id": return_id, "submission_id": "s", "item_id": item_id, "value": reading.value,
        "state": str(reading.state), "raw_text": text, "file": f"县区/{return_id}.xlsx",
        "sheet": "KP-003 科普经费", "cell": "D7", "notes": [],
    }  # fmt: skip


def settled(
    survey: Survey,
    folder: Path,
    entries: list[dict[str, str]],
    returns: list[dict[str, Any]],
    answers: list[dict[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The corrections as they came out, and the answers in force."""
    with Workshop() as workshop:
        workshop.load("returns", arrow_table("returns", returns))
        workshop.load("answers", arrow_table("answers", answers))
        corrections = read(survey, folder, text_of(*entries))
        workshop.load("corrections", settle(workshop, corrections))
        workshop.assert_keys()
        kept = workshop.table("answers").to_pylist()
        assert [row["raw_text"] for row in kept] == [row["raw_text"] for row in answers]
        assert [row["value"] for row in kept] == [row["value"] for row in answers]
        current = workshop.rows("SELECT * FROM current_answers ORDER BY return_id, item_id")
        return workshop.table("corrections").to_pylist(), current


def test_a_correction_stands_beside_the_answer(survey: Survey, tmp_path: Path) -> None:
    (row,), (cell,) = settled(survey, tmp_path, [WHOLE], [a_return("a")], [an_answer("a", "60")])
    assert (row["status"], row["return_id"], row["found_text"]) == ("applied", "a", "60")
    assert (row["confirmed_by"], row["means_zh"]) == ("张三", "书面")
    assert (cell["value"], cell["amount"], cell["raw_text"]) == (600, 600, "60")
    assert cell["corrected"]
    assert "600" in cell["shown_text"]
    assert "60”" in cell["shown_text"]


def test_to_zero_and_to_no_such_business_are_two_things(survey: Survey, tmp_path: Path) -> None:
    returns = [a_return("a"), a_return("b", unit_name="榆树市教育局")]
    answers = [an_answer("a", "60"), an_answer("b", "60")]
    entries = [{**WHOLE, "新值": "0"}, {**WHOLE, "单位": "榆树市教育局", "新值": "-"}]
    _, (a, b) = settled(survey, tmp_path, entries, returns, answers)
    assert (a["state"], a["value"], a["amount"]) == ("zero", 0, 0)
    assert (b["state"], b["value"], b["amount"]) == ("not_applicable", None, 0)


GUARDS = [
    ("60", "60", True), ("６０", "60", True), ("60.0", "60", True), ("1,060", "1060", True),
    ("约60", "约60", True), ("", "空白", True), ("-", "-", True), ("0", "0", True),
    ("60", "61", False), ("约60", "60", False), ("60", "约60", False), ("", "0", False),
    ("0", "空白", False), ("-", "0", False), ("0", "-", False), ("6", "60", False),
]  # fmt: skip


def test_the_guard_holds_while_the_cell_says_the_same(survey: Survey, tmp_path: Path) -> None:
    units = [f"u{n:02d}" for n in range(len(GUARDS))]
    entries = [
        {**WHOLE, "单位": f"单位{unit}", "原值": guard}
        for unit, (_, guard, _) in zip(units, GUARDS, strict=True)
    ]
    rows, cells = settled(
        survey,
        tmp_path,
        entries,
        [a_return(u, unit_name=f"单位{u}") for u in units],
        [an_answer(u, held) for u, (held, _, _) in zip(units, GUARDS, strict=True)],
    )
    for (held, guard, holds), row, cell in zip(GUARDS, rows, cells, strict=True):
        assert (row["status"] == "applied") is holds, (held, guard)
        assert cell["corrected"] is holds
        if not holds:
            assert row["status"] == "guard_failed"
            assert f"原值应为“{guard}”" in row["status_zh"]
            assert (f"“{held}”" if held else "空白") in row["status_zh"]
            assert cell["value"] == read_figure(held).value


def test_two_corrections_of_a_cell_apply_one_after_the_other(
    survey: Survey, tmp_path: Path
) -> None:
    entries = [WHOLE, {**WHOLE, "原值": "600", "新值": "-"}]
    rows, (cell,) = settled(survey, tmp_path, entries, [a_return("a")], [an_answer("a", "60")])
    assert [row["status"] for row in rows] == ["applied", "applied"]
    assert [row["found_text"] for row in rows] == ["60", "600"]
    assert (cell["state"], cell["value"], cell["raw_text"]) == ("not_applicable", None, "60")


def test_the_second_must_know_of_the_first(survey: Survey, tmp_path: Path) -> None:
    entries = [WHOLE, {**WHOLE, "新值": "700"}]
    (_, second), (cell,) = settled(
        survey, tmp_path, entries, [a_return("a")], [an_answer("a", "60")]
    )
    assert second["status"] == "guard_failed"
    assert "“600”（已由第 1 条更正）" in second["status_zh"]
    assert cell["value"] == 600


@pytest.mark.parametrize(
    ("entry", "returns", "status", "says"),
    [
        (
            {**WHOLE, "单位": "长春市朝阳区教育厅"},
            [a_return("a")],
            "return_missing",
            "长春市朝阳区教育局",
        ),
        (
            WHOLE,
            [a_return("a", status="superseded", status_reason_zh="已由后报的文件更正")],
            "return_replaced",
            "已由后报的文件更正",
        ),
        (WHOLE, [a_return("a"), a_return("b")], "return_ambiguous", "县区/b.xlsx"),
        (WHOLE, [a_return("a", venue_name="朝阳区科技馆")], "return_missing", "朝阳区科技馆"),
        ({**WHOLE, "单元格": "D8"}, [a_return("a")], "cell_differs", "KP-003 科普经费!D7"),
        ({**WHOLE, "指标": "fund_used"}, [a_return("a")], "item_missing", "年度科普经费使用额"),
    ],
)
def test_what_does_not_fit_is_not_applied_and_says_why(
    survey: Survey,
    tmp_path: Path,
    entry: dict[str, str],
    returns: list[dict[str, Any]],
    status: str,
    says: str,
) -> None:
    (row,), cells = settled(survey, tmp_path, [entry], returns, [an_answer("a", "60")])
    assert row["status"] == status
    assert says in row["status_zh"]
    assert [cell["value"] for cell in cells] == [60]


def test_a_return_goes_by_file_unit_code_and_venue(survey: Survey, tmp_path: Path) -> None:
    code = "11220000000000001L"
    returns = [
        a_return("a", uscc=code),
        a_return("b", uscc=code, venue_name="朝阳区科技馆", file="县区/馆.zip!馆.xlsx"),
    ]
    answers = [an_answer("a", "60"), an_answer("b", "60")]
    entries = [
        {**WHOLE, "单位": code, "单元格": "$D$7"},
        {**without("单位"), "文件": "县区/馆.zip!馆.xlsx"},
        {**WHOLE, "场馆": "朝阳区 科技馆", "原值": "600", "新值": "6000"},
    ]
    rows, (a, b) = settled(survey, tmp_path, entries, returns, answers)
    assert [row["return_id"] for row in rows] == ["a", "b", "b"]
    assert (a["value"], b["value"]) == (600, 6000)
