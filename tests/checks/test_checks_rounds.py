"""Query sheets that go out and come back: corrections, explanations, and what is not taken."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from query_rounds import Rounds, Run, answer, columns_of, filled, lines_of

from pipelines.survey import Survey
from tests.conftest import needs_office
from tests.intake.writing import COVER, YEAR, saved, workbook
from tests.intake.writing import filled as questionnaire

#: Women are more than all: must be corrected.
WRONG = {"staff_full_time": 2, "staff_full_time_women": 3}
#: Sites that nobody visits, lectures that nobody hears: asked about.
DOUBTFUL = {"websites": 3, "website_visits": 0, "lectures": 4, "lectures_attendance": 0}
RECEIVED, ANSWER = "县区/长春市/教育局.xlsx", "县区/长春市/答复.xlsx"


@dataclass(frozen=True)
class Sent:
    """A first round, asked once for all tests: what came, what went out, what was found."""

    received: bytes
    letter: bytes
    run: Run


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory, survey: Survey) -> Sent:
    """Asked about a figure that must be corrected."""
    return first_round(tmp_path_factory.mktemp("错"), survey, WRONG)


@pytest.fixture(scope="module")
def doubtful(tmp_path_factory: pytest.TempPathFactory, survey: Survey) -> Sent:
    """Asked only what a reason answers."""
    return first_round(tmp_path_factory.mktemp("疑"), survey, DOUBTFUL)


def first_round(folder: Path, survey: Survey, figures: dict[str, int]) -> Sent:
    rounds = Rounds(folder, survey)
    data = questionnaire(survey, **figures)
    rounds.put(RECEIVED, data)
    run = rounds.run()
    return Sent(data, rounds.letter(), run)


@pytest.fixture
def rounds(tmp_path: Path, survey: Survey) -> Rounds:
    return Rounds(tmp_path, survey)


def answered(rounds: Rounds, sent: Sent, data: bytes) -> Rounds:
    """What came first and what came back, in one inbox."""
    rounds.put(RECEIVED, sent.received)
    rounds.put(ANSWER, data)
    return rounds


def line_about(book: Any, item: str, rule: str = "") -> dict[str, Any]:
    """The first line of 查询单 about an item."""
    return next(line for line in lines_of(book["查询单"]) if line["指标"] == item)


WOMEN, ALL = "科普专职人员中的女性", "科普专职人员"


def corrected(data: bytes, value: object = 2, item: str = WOMEN) -> bytes:
    def change(book: Any) -> None:
        answer(book, "查询单", line_about(book, item)["row"], 更正值=value)

    return filled(data, change)


def test_a_correction_makes_a_new_revision(rounds: Rounds, wrong: Sent) -> None:
    (base,) = wrong.run.returns
    assert "R_staff_full_time_women" in {one["rule_id"] for one in wrong.run.open}
    run = answered(rounds, wrong, corrected(wrong.letter)).run()
    assert run.answer("staff_full_time_women")["value"] == Decimal(2)
    assert "R_staff_full_time_women" not in {one["rule_id"] for one in run.findings}
    states = {row["file"]: (row["status"], row["revision"]) for row in run.returns}
    assert states[RECEIVED] == ("superseded", 1)
    assert states[ANSWER][1] == 2
    old = next(row for row in run.returns if row["return_id"] == base["return_id"])
    assert "答复.xlsx" in old["status_reason_zh"]


def test_provenance_is_the_cell_that_people_filled(rounds: Rounds, wrong: Sent) -> None:
    letter = corrected(wrong.letter)
    sheet = load_workbook(io.BytesIO(letter))["查询单"]
    _, columns = columns_of(sheet)
    row = line_about({"查询单": sheet}, WOMEN)["row"]
    run = answered(rounds, wrong, letter).take_in()
    women, everybody = run.answer("staff_full_time_women"), run.answer("staff_full_time")
    assert (women["sheet"], women["file"]) == ("查询单", ANSWER)
    assert women["cell"] == sheet.cell(row, columns["更正值"]).coordinate
    assert any("为“3”" in note for note in women["notes"])
    assert everybody["sheet"] == "KP-001 科普人员"
    assert everybody["file"] == ANSWER


def in_form(book: Any, item: str, value: object) -> None:
    """Change the form's own cell of an item that is asked about."""
    book["KP-001 科普人员"][line_about(book, item)["单元格"]].value = value


def test_form_and_correction_that_differ_are_asked_again(rounds: Rounds, wrong: Sent) -> None:
    def change(book: Any) -> None:
        answer(book, "查询单", line_about(book, WOMEN)["row"], 更正值=2)
        in_form(book, WOMEN, 1)

    run = answered(rounds, wrong, filled(wrong.letter, change)).run()
    women = run.answer("staff_full_time_women")
    assert (women["state"], women["value"]) == ("unreadable", None)
    assert {"1", "2"} <= set(women["raw_text"])
    assert any("两处不同" in note for note in women["notes"])
    assert "G03" in {one["rule_id"] for one in run.open}


def test_form_and_correction_that_agree_are_taken(rounds: Rounds, wrong: Sent) -> None:
    def change(book: Any) -> None:
        answer(book, "查询单", line_about(book, WOMEN)["row"], 更正值="1")
        in_form(book, WOMEN, 1)

    run = answered(rounds, wrong, filled(wrong.letter, change)).take_in()
    assert run.answer("staff_full_time_women")["value"] == Decimal(1)


def test_a_form_corrected_by_hand_counts(rounds: Rounds, wrong: Sent) -> None:
    letter = filled(wrong.letter, lambda book: in_form(book, WOMEN, 1))
    women = answered(rounds, wrong, letter).take_in().answer("staff_full_time_women")
    assert (women["value"], women["sheet"]) == (Decimal(1), "KP-001 科普人员")


@pytest.mark.parametrize(
    ("text", "state", "value"),
    [
        ("-", "not_applicable", None),
        ("0", "zero", 0),
        ("１", "reported", 1),
        ("约1", "unreadable", None),
    ],
)
def test_a_correction_is_read_like_any_figure(
    rounds: Rounds, wrong: Sent, text: str, state: str, value: int | None
) -> None:
    run = answered(rounds, wrong, corrected(wrong.letter, text)).take_in()
    women = run.answer("staff_full_time_women")
    assert women["state"] == state
    assert women["value"] == (None if value is None else Decimal(value))


def explained(data: bytes, *findings: dict[str, Any], text: str = "在建，尚未开放") -> bytes:
    def change(book: Any) -> None:
        left = {one["finding_id"] for one in findings}
        for line in lines_of(book["查询单"]):
            finding_id = str(line["编号"]).partition(".")[0]
            if finding_id in left:
                left.remove(finding_id)
                answer(book, "查询单", line["row"], 说明=text)
        assert not left, "not asked"

    return filled(data, change)


def questions(run: Run) -> list[dict[str, Any]]:
    return [one for one in run.open if one["severity"] == "query"]


def test_explanations_close_soft_questions(rounds: Rounds, doubtful: Sent) -> None:
    asked = questions(doubtful.run)
    assert len(asked) >= 2
    assert not any(one["must_correct"] for one in asked)
    run = answered(rounds, doubtful, explained(doubtful.letter, asked[0])).run()
    assert asked[0]["rule_id"] in {one["rule_id"] for one in run.findings}, "stays on record"
    assert {one["rule_id"] for one in questions(run)} == {one["rule_id"] for one in asked[1:]}
    (row,) = run.explanations
    said = (row["state"], row["source"], row["text_zh"])
    assert said == ("holds", "respondent", "在建，尚未开放")
    assert run.counted()["status"] == "queried"


def test_a_return_is_accepted_once_all_is_explained(rounds: Rounds, doubtful: Sent) -> None:
    letter = explained(doubtful.letter, *questions(doubtful.run))
    row = answered(rounds, doubtful, letter).run().counted()
    assert (row["status"], row["status_reason_zh"]) == ("accepted", "待核实的问题已有说明")


def test_a_hard_question_stays_open_whatever_is_said(rounds: Rounds, wrong: Sent) -> None:
    hard = next(one for one in wrong.run.open if one["rule_id"] == "R_staff_full_time_women")
    run = answered(rounds, wrong, explained(wrong.letter, hard, text="没有错")).run()
    assert "R_staff_full_time_women" in {one["rule_id"] for one in run.open}
    (row,) = run.explanations
    assert row["state"] == "hard"
    assert row["state_reason_zh"]


def test_an_explanation_is_void_once_its_figures_change(rounds: Rounds, doubtful: Sent) -> None:
    finding = next(one for one in questions(doubtful.run) if "lectures" in one["items"])

    def change(book: Any) -> None:
        place = next(at for at in finding["cells"] if _holds(book, at, "4"))
        sheet, _, cell = place.rpartition("!")
        book[sheet][cell].value = 5

    letter = filled(explained(doubtful.letter, finding), change)
    run = answered(rounds, doubtful, letter).run()
    (row,) = run.explanations
    assert row["state"] == "stale"
    assert finding["rule_id"] in {one["rule_id"] for one in run.open}


def _holds(book: Any, place: str, text: str) -> bool:
    sheet, _, cell = place.rpartition("!")
    return str(book[sheet][cell].value) == text


def shuffle(book: Any) -> None:
    """Lines sorted the other way round, and one added."""
    sheet = book["查询单"]
    header, columns = columns_of(sheet)
    rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=header + 1)]
    rows = [*reversed(rows), [None] * len(columns)]
    rows[-1][columns["说明"] - 1] = "另有一事"
    for n, values in enumerate(rows, header + 1):
        for column, value in enumerate(values, 1):
            sheet.cell(n, column).value = value


def test_lines_are_known_by_number_not_by_place(rounds: Rounds, wrong: Sent) -> None:
    letter = filled(corrected(wrong.letter), shuffle)
    run = answered(rounds, wrong, letter).take_in()
    assert run.answer("staff_full_time_women")["value"] == Decimal(2)
    assert run.answer("staff_full_time")["value"] == Decimal(2)
    (row,) = run.explanations
    assert (row["state"], row["text_zh"]) == ("unmatched", "另有一事")
    assert "没有编号" in row["state_reason_zh"]


def test_a_deleted_line_changes_nothing(rounds: Rounds, wrong: Sent) -> None:
    def change(book: Any) -> None:
        book["查询单"].delete_rows(line_about(book, WOMEN)["row"])

    run = answered(rounds, wrong, filled(wrong.letter, change)).take_in()
    assert run.answer("staff_full_time_women")["value"] == Decimal(3)
    assert run.explanations == []


def refusal(rounds: Rounds, sent: Sent, change: Callable[[Any], None]) -> tuple[str, str]:
    run = answered(rounds, sent, filled(sent.letter, change)).take_in()
    (row,) = [f for f in run.files if f["file"] == ANSWER]
    assert row["status"] == "rejected", row
    assert run.counted()["file"] == RECEIVED
    return row["reason_code"], row["reason_zh"]


def hidden_row(book: Any, kind: str) -> Any:
    rows = book["_kepu查询单"].iter_rows()
    return next(row for row in rows if row[0].value == kind)


def test_a_workbook_without_its_hidden_sheet_is_refused(rounds: Rounds, wrong: Sent) -> None:
    def change(book: Any) -> None:
        del book["_kepu查询单"]

    code, why = refusal(rounds, wrong, change)
    assert code == "K416"
    assert "编号页" in why


@pytest.mark.parametrize("kind", ["return", "year", "file", "sheets", "line"])
def test_a_damaged_hidden_sheet_is_refused(rounds: Rounds, wrong: Sent, kind: str) -> None:
    def change(book: Any) -> None:
        rows = book["_kepu查询单"]
        if kind == "line":
            hidden_row(book, kind)[2].value = "没有的表"
        else:
            rows.delete_rows(hidden_row(book, kind)[0].row)

    code, _ = refusal(rounds, wrong, change)
    assert code == "K416"


def test_a_letter_of_another_year_is_refused(rounds: Rounds, wrong: Sent) -> None:
    def change(book: Any) -> None:
        hidden_row(book, "year")[1].value = str(YEAR - 1)

    code, why = refusal(rounds, wrong, change)
    assert code == "K406"
    assert str(YEAR - 1) in why


def test_a_letter_with_another_units_forms_is_refused(rounds: Rounds, wrong: Sent) -> None:
    def change(book: Any) -> None:
        for row in book["封面"].iter_rows():
            for cell in row:
                if cell.value == COVER["unit_name"]:
                    cell.value = "吉林市教育局"
                if cell.value == COVER["uscc"]:
                    cell.value = "112200000000000039"

    code, why = refusal(rounds, wrong, change)
    assert code == "K416"
    assert "吉林市教育局" in why


def test_forms_deleted_and_only_our_sheets_sent_back_is_refused(
    rounds: Rounds, wrong: Sent
) -> None:
    def change(book: Any) -> None:
        for name in book.sheetnames:
            if name.startswith("KP-") or name == "封面":
                del book[name]

    code, why = refusal(rounds, wrong, change)
    assert code == "K416"
    assert "调查表" in why


def test_a_line_copied_twice_is_refused(rounds: Rounds, wrong: Sent) -> None:
    def change(book: Any) -> None:
        sheet = book["查询单"]
        row = line_about(book, WOMEN)["row"]
        answer(book, "查询单", row, 更正值=2)
        last = sheet.max_row + 1
        for column in range(1, sheet.max_column + 1):
            sheet.cell(last, column).value = sheet.cell(row, column).value
        answer(book, "查询单", last, 更正值=1)

    code, why = refusal(rounds, wrong, change)
    assert code == "K416"
    assert "复制" in why


def test_a_second_round_asks_only_what_is_left(rounds: Rounds) -> None:
    figures = {**WRONG, "staff_part_time": 1, "staff_part_time_women": 4}
    rounds.put(RECEIVED, questionnaire(rounds.survey, **figures))
    rounds.run()
    rounds.put(ANSWER, corrected(rounds.letter()))
    assert rounds.run().answer("staff_full_time_women")["value"] == Decimal(2)
    again = rounds.letter()
    book = load_workbook(io.BytesIO(again))
    assert [n for n in book.sheetnames if n.startswith(("查询单", "变动"))] == ["查询单"]
    assert WOMEN not in {line["指标"] for line in lines_of(book["查询单"])}
    forms = book["KP-001 科普人员"]
    women = next(r for r in forms.iter_rows() if any(cell.value == "KR120" for cell in r))
    assert 2 in [cell.value for cell in women]
    assert forms[line_about(book, "科普兼职人员中的女性")["单元格"]].value == 4
    rounds.put("县区/长春市/再答复.xlsx", corrected(again, 1, "科普兼职人员中的女性"))
    run = rounds.take_in()
    assert run.counted()["revision"] == 3
    assert run.answer("staff_full_time_women")["value"] == Decimal(2)
    assert run.answer("staff_part_time_women")["value"] == Decimal(1)


def test_a_cover_line_is_corrected_and_replaces_its_return(rounds: Rounds) -> None:
    cover = {**COVER, "uscc": "11220000000000001X"}
    book, _ = workbook(rounds.survey.edition_of(YEAR), {"lectures": 1}, cover)
    rounds.put(RECEIVED, saved(book))
    assert any(one["rule_id"] == "G16" for one in rounds.run().open)

    def change(book: Any) -> None:
        line = next(x for x in lines_of(book["查询单"]) if x["所填"] == "11220000000000001X")
        answer(book, "查询单", line["row"], 更正值=COVER["uscc"])

    rounds.put(ANSWER, filled(rounds.letter(), change))
    run = rounds.take_in()
    assert run.counted()["uscc"] == COVER["uscc"]
    assert sorted(row["status"] for row in run.returns)[-1] == "superseded"


def summary_table(survey: Survey) -> bytes:
    """Two units in two rows, as a county sends them; the first has more women than people."""
    edition = survey.edition_of(YEAR)
    book = Workbook()
    sheet = book.active
    sheet.title = "汇总"
    sheet.append([f"科普统计汇总表（{YEAR}年度）"])
    sheet.append(["单位名称", "所在地", "主管部门", "级别", *(i.name_zh for i in edition.items)])
    for name, women in (("朝阳区科技局", 3), ("朝阳区教育局", 1)):
        figures = {"staff_full_time": 2, "staff_full_time_women": women}
        cells = [figures.get(item.item_id, "-") for item in edition.items]
        sheet.append([name, "吉林省长春市朝阳区", "教育部门", "区县级", *cells])
    return saved(book)


def test_a_table_of_units_in_a_package_goes_back_as_one_workbook(rounds: Rounds) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("汇总表.xlsx", summary_table(rounds.survey))
    rounds.put("县区/长春市/报表.zip", buffer.getvalue())
    first = rounds.run()
    assert len(first.returns) == 2
    letter = rounds.letter()
    book = load_workbook(io.BytesIO(letter))
    line = line_about(book, WOMEN)
    assert line["单位"] == "朝阳区科技局"
    assert book["汇总"][line["单元格"]].comment is not None

    def change(book: Any) -> None:
        answer(book, "查询单", line_about(book, WOMEN)["row"], 更正值=2)
        sheet = book["汇总"]
        # The rows of the table in another order: units are known by name.
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3, max_row=4)]
        for number, values in enumerate(reversed(rows), 3):
            for column, value in enumerate(values, 1):
                sheet.cell(number, column).value = value

    rounds.put(ANSWER, filled(letter, change))
    run = rounds.take_in()
    counted = run.workshop.rows(
        "SELECT r.unit_name, r.revision, a.value FROM counted_returns r"
        " JOIN answers a USING (return_id) WHERE a.item_id = 'staff_full_time_women' ORDER BY 1"
    )
    assert [(row["unit_name"], row["revision"], row["value"]) for row in counted] == [
        ("朝阳区教育局", 2, Decimal(1)),
        ("朝阳区科技局", 2, Decimal(2)),
    ]


def office(data: bytes, folder: Path, name: str, to: str) -> bytes:
    """Open in LibreOffice and save in another format (or the same), as a person would."""
    source, target = folder / "in" / name, folder / "out"
    source.parent.mkdir(parents=True)
    source.write_bytes(data)
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless",
               "--convert-to", to, "--outdir", str(target), str(source)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (target / source.with_suffix(f".{to}").name).read_bytes()


@needs_office
@pytest.mark.parametrize("sender", ["xlsx", "xls"])
def test_round_trip_through_libreoffice(
    rounds: Rounds, wrong: Sent, tmp_path: Path, sender: str
) -> None:
    letter, name = wrong.letter, RECEIVED
    if sender == "xls":
        name = "县区/长春市/教育局.xls"
        rounds.put(name, office(wrong.received, tmp_path / "a", "表.xlsx", "xls"))
        rounds.run()
        letter = rounds.letter()
        assert "不是 .xlsx" in str(
            [c.value for c in load_workbook(io.BytesIO(letter))["查询单"]["A"]]
        )
    else:
        rounds.put(name, wrong.received)
    before = values_of(rounds.take_in())
    saved_again = office(letter, tmp_path / "b", "查询单.xlsx", "xlsx")
    rounds.put(ANSWER, corrected(saved_again))
    run = rounds.take_in()
    after = values_of(run)
    assert after.pop("staff_full_time_women") == Decimal(2)
    assert before.pop("staff_full_time_women") == Decimal(3)
    assert after == before
    assert run.counted()["revision"] == 2


def values_of(run: Run) -> dict[str, Decimal | None]:
    rows = run.workshop.rows("SELECT a.* FROM answers a JOIN counted_returns USING (return_id)")
    return {row["item_id"]: row["value"] for row in rows}
