"""督查台账: a survey beside the statistics is data: it is sent out, taken in, checked, tracked."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines import forms, intake, runs, steps
from pipelines.checks.params import Filled, assert_params
from pipelines.commands.blanks import write_blanks
from pipelines.commands.other_surveys import set_up
from pipelines.errors import RootError, SurveyDefinitionError, UsageError
from pipelines.forms import FormTemplate
from pipelines.forms.prefill import known_cover
from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Root, Snapshot

YEAR = 2024
TITLE = "督查台账"

COVER = {
    "is_venue": "是",
    "progress": "召开联席会议2次",
    "deadline": datetime.date(2025, 12, 31),
    "evidence_list": "会议纪要2份",
    "head": "甲",
    "filler": "乙",
    "phone": "0431-80000000",
    "fill_date": datetime.date(2025, 1, 15),
}
SOUND = {"completion": 60, "target_value": 10, "done_value": 6, "evidence_files": 2}
#: What is wrong with each further return, and the rule that says so.
WRONG: tuple[tuple[dict[str, Any], dict[str, Any], str], ...] = (
    ({"completion": 150}, {}, "D01"),
    ({"evidence_files": 0}, {}, "D02"),
    ({"completion": 100}, {}, "D03"),
    ({"evidence_files": "1.5"}, {}, "D04"),
    ({"completion": "六成"}, {}, "G03"),
    ({}, {"progress": "", "deadline": ""}, "G24"),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Root:
    """A sound return of one unit and wrong ones of others, through the line."""
    root = Root(tmp_path_factory.mktemp("ledger"))
    root.raw.mkdir(parents=True)
    set_up(root.path, YEAR, TITLE)
    survey = load_survey(root.overlay)
    units = intake.read_register(root, YEAR, survey).to_pylist()
    template = FormTemplate(survey, YEAR)
    cases = [({}, {}, ""), *WRONG]
    for n, (answers, cover, _) in enumerate(cases):
        forms.fill_form(
            template,
            root.inbox(YEAR) / "部门" / f"{n}.xlsx",
            known_cover(survey, YEAR, units[n]) | COVER | cover,
            SOUND | answers,
        )
    plan = steps.receive(root, YEAR)
    runs.rebuild(plan)
    steps.publish(plan)
    return root


@pytest.fixture(scope="module")
def survey(root: Root) -> Survey:
    return load_survey(root.overlay)


def rows(root: Root, sql: str) -> list[dict[str, Any]]:
    with Snapshot(root.snapshot) as snapshot:
        return snapshot.rows(sql)


def test_the_register_has_a_line_for_every_measure_and_unit(root: Root, survey: Survey) -> None:
    due = rows(root, "SELECT unit_name, venue_name FROM units")
    planned = {
        (unit, f"第{measure.number}条 {measure.title_zh}")
        for measure in survey.measures
        for unit in measure.units
    }
    assert len(planned) == 169
    assert {(row["unit_name"], row["venue_name"]) for row in due} == planned


def test_it_asks_nothing_of_the_statistics(survey: Survey) -> None:
    assert [edition.edition_id for edition in survey.editions] == ["dc-2024"]
    assert not survey.head.is_statistics


def test_the_form_goes_out_to_every_unit_under_its_own_guide(root: Root, tmp_path: Path) -> None:
    folder, count = write_blanks(root.path, YEAR, tmp_path)
    assert count == 169
    form = next(folder.rglob("省水利厅（第1条*.xlsx"))
    guide = [row[0] for row in openpyxl.load_workbook(form).worksheets[0].values]
    assert any("一份表只填一条措施" in str(line) for line in guide)
    assert not any("科技馆" in str(line) for line in guide)


def test_each_mistake_is_found_by_its_rule_and_the_sound_return_passes(root: Root) -> None:
    found = rows(
        root,
        "SELECT r.file, r.status, list(f.rule_id ORDER BY f.rule_id) FILTER (f.rule_id IS NOT NULL)"
        " AS rules FROM returns r LEFT JOIN findings f USING (return_id) GROUP BY ALL",
    )
    by_file = {Path(row["file"]).stem: row for row in found}
    assert by_file["0"]["status"] == "accepted"
    assert by_file["0"]["rules"] is None
    for n, (_, _, rule) in enumerate(WRONG, 1):
        assert by_file[str(n)]["rules"] == [rule]
        assert by_file[str(n)]["status"] == "queried"


def test_the_question_names_the_fields_that_are_not_filled(root: Root) -> None:
    said = rows(root, "SELECT message_zh FROM findings WHERE rule_id = 'G24'")
    assert len(said) == 1
    assert "没有填“进展情况”“完成时限”" in said[0]["message_zh"]


def test_who_has_not_reported_is_tracked(root: Root) -> None:
    due = rows(root, "SELECT returned FROM unit_responses")
    assert len(due) == 169
    assert sum(row["returned"] for row in due) == 1 + len(WRONG)
    assert list((root.report(YEAR) / "查询单").rglob("*催报*.xlsx"))


def test_the_ledger_shows_progress_and_what_is_missing(root: Root) -> None:
    book = openpyxl.load_workbook(root.report(YEAR) / "内部资料" / "督查台账.xlsx")
    sheet = book["进度表"]
    heads = [cell.value for cell in sheet[3]]
    lines = [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(4, values_only=True)]
    lines = [line for line in lines if line["单位"]]
    assert len(lines) == 169
    sound, silent = lines[0], lines[20]
    assert (sound["报送"], sound["未了结"], sound["完成程度（%）"]) == ("通过", 0, 60)
    assert (sound["进展情况"], sound["完成时限"]) == ("召开联席会议2次", "2025-12-31")
    assert (sound["佐证材料"], sound["年度目标量化值（按措施）"]) == ("会议纪要2份", 10)
    assert (silent["报送"], silent["进展情况"]) == ("未报", None)
    text = [str(cell) for row in sheet.values for cell in row]
    assert not any("0431" in cell for cell in text)
    first = book["矩阵"][4]
    assert first[0].value.startswith("第1条")
    assert [cell.value for cell in first[1:6]] == [60, 150, 60, 100, 60]


def test_the_statistics_are_not_published_from_it(root: Root) -> None:
    names = {path.name for path in root.report(YEAR).iterdir()}
    assert not names & {"公报.pdf", "指标表.xlsx", "图", "数据包"}


def test_a_second_time_nothing_is_written(root: Root) -> None:
    assert set_up(root.path, YEAR, TITLE) == []


def test_a_root_with_returns_of_the_statistics_is_refused(tmp_path: Path) -> None:
    root = Root(tmp_path)
    root.inbox(YEAR).mkdir(parents=True)
    (root.inbox(YEAR) / "表.xlsx").write_bytes(b"")
    with pytest.raises(RootError, match="另建工作目录"):
        set_up(tmp_path, YEAR, TITLE)


def test_an_unknown_survey_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="督查台账"):
        set_up(tmp_path, YEAR, "台账")


def test_a_rule_about_a_field_that_the_cover_lacks_is_refused(survey: Survey) -> None:
    edition = survey.editions[0]
    rule = edition.rule["G24"]
    assert_params(rule, Filled, edition)
    wrong = rule.model_copy(update={"params": {"fields": ["progres"]}})
    with pytest.raises(SurveyDefinitionError, match="封面没有的“progres”"):
        assert_params(wrong, Filled, edition)


def test_an_edition_of_another_survey_is_refused(root: Root, tmp_path: Path) -> None:
    assert root.overlay
    shutil.copytree(root.overlay, tmp_path, dirs_exist_ok=True)
    (tmp_path / "editions" / "dc-2024").rename(tmp_path / "editions" / "kp-2030")
    with pytest.raises(SurveyDefinitionError, match="不属于本调查"):
        load_survey(tmp_path)
