"""Unknown layouts: refused with a proposal, read exactly once a person has approved it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines import intake
from pipelines.errors import MappingError
from pipelines.survey import Survey, load_survey
from tests.intake.writing import YEAR, Layout, Office, Received, filled, saved, workbook

SURVEY = load_survey()

#: Labels of the official-looking form: renamed, and so far from ours that nobody may guess.
RENAMED = {
    "staff_full_time_women": "其中：女科普工作者",
    "science_centers_exhibits": "科普展品展项总数",
    "lectures": "各类讲座场数",
}
#: Printed as ever, but under two items, and the one above it is not known any more.
DOUBTFUL = {"lectures_online": "其中：线上举办次数"}


def form(survey: Survey, renamed: dict[str, str] = RENAMED, **answers: object) -> bytes:
    return filled(survey, Layout(labels=renamed), **answers)


def proposal_of(received: Received, office: Office) -> tuple[str, dict[str, Any]]:
    """The one proposal as text, and as what YAML makes of it."""
    rows = received.tables["proposals"].to_pylist()
    folder = office.root.path / "建议"
    written = intake.write_proposals(rows, office.survey.edition_of(YEAR), folder)
    assert len(written) == 1
    text = written[0].read_text(encoding="utf-8")
    return text, yaml.safe_load(text)


def labels_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [label for table in document["tables"] for label in table["labels"]]


def approve(office: Office, document: dict[str, Any], name: str = "某表.yaml") -> Path:
    folder = office.root.mappings(YEAR)
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), "utf-8")
    return path


def decide(document: dict[str, Any], items: dict[str, str]) -> dict[str, Any]:
    """Give every open label the item of its printed text, else ignore it with a reason."""
    by_label = {label: item for item, label in {**DOUBTFUL, **items}.items()}
    for label in labels_of(document):
        if label["action"] == "?":
            item = by_label.get(label["label"], "")
            label["action"] = "item" if item else "ignore"
            label["item"] = item
            label["reason"] = "" if item else "本版没有此项"
    return document


def test_an_unknown_layout_is_refused_with_a_proposal_in_the_advice(
    office: Office, survey: Survey
) -> None:
    received = office.receive(form(survey, staff_full_time=5, staff_full_time_women=3))
    assert received.refusal == "K409"
    text, document = proposal_of(received, office)
    name = next((office.root.path / "建议").iterdir()).name
    assert f"reports/{YEAR}/版式建议/{name}" in received.file["advice_zh"]
    assert f"data/raw/{YEAR}/mappings/" in received.file["advice_zh"]
    assert text.startswith("# 版式对照建议")
    assert document["files"] == ["县区/报表.xlsx"]
    assert (document["version"], document["year"]) == (1, YEAR)


def test_the_proposal_says_for_every_row_what_it_may_be(office: Office, survey: Survey) -> None:
    received = office.receive(form(survey, staff_full_time=5))
    _, document = proposal_of(received, office)
    labels = labels_of(document)
    items = {item.item_id: item for item in survey.edition_of(YEAR).items}
    known = [label for label in labels if label["action"] == "item"]
    undecided = {label["label"]: label for label in labels if label["action"] == "?"}
    assert set(undecided) == {*RENAMED.values(), *DOUBTFUL.values()}
    for label in known:
        item = items[label["item"]]
        assert label["label"] == item.printed_label_zh
        assert label.get("code", "") == item.code
        assert label["name"] == f"{item.name_zh}（{item.unit}）"
        assert (label["confidence"], label["level"]) == (1.0, "高")
    women = undecided["其中：女科普工作者"]
    assert women["item"] == "staff_full_time_women"  # the code KR120 says so
    assert women["level"] in ("中", "低")
    assert women["confidence"] < 0.85
    assert women["above"] == "科普专职人员"
    assert "代码相同" in women["why"]
    tables = {table["sheet"] for table in document["tables"]}
    assert tables == {"KP-001 科普人员", "KP-002 科普场地", "KP-005 科普活动"}
    placed = {label["item"] for label in known}
    in_tables = {i for i, item in items.items() if item.form_id in ("personnel", "venues")}
    missing = {row["item"] for row in document["missing"]}
    assert missing == {*RENAMED, *DOUBTFUL}
    assert in_tables <= placed | missing


def test_an_approved_mapping_reads_every_figure_right(office: Office, survey: Survey) -> None:
    values = {item.item_id: n + 1 for n, item in enumerate(survey.edition_of(YEAR).items)}
    book, cells = workbook(survey.edition_of(YEAR), values, layout=Layout(labels=RENAMED))
    received = office.receive(saved(book))
    assert received.refusal == "K409"
    approve(office, decide(proposal_of(received, office)[1], RENAMED))
    received = Received(office.take_in())
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert "某表.yaml" in received.file["reason_zh"]
    read = {
        item: (row["value"], row["sheet"], row["cell"]) for item, row in received.answers.items()
    }
    assert read == {i: (Decimal(value), *cells[i]) for i, value in values.items()}
    note = "按版式对照表 某表.yaml 认定"
    assert note in received.answers["staff_full_time_women"]["notes"]
    assert not any(note in n for n in received.answers["fund_raised"]["notes"])
    assert received.tables["proposals"].num_rows == 0


def test_a_mapping_holds_for_its_own_layout_only(office: Office, survey: Survey) -> None:
    received = office.receive(form(survey, staff_full_time=5))
    approve(office, decide(proposal_of(received, office)[1], RENAMED))
    other = dict(RENAMED, staff_part_time_women="其中：女科普工作者")
    office.put("县区/另一种.xlsx", form(survey, other, staff_full_time=6))
    spaced = {item: f" {label} " for item, label in RENAMED.items()}
    office.put("县区/多空格.xlsx", form(survey, spaced, staff_full_time=7))
    files = {row["file"]: row["status"] for row in Received(office.take_in()).files}
    assert files == {
        "县区/报表.xlsx": "loaded",
        "县区/另一种.xlsx": "rejected",
        "县区/多空格.xlsx": "loaded",
    }


def test_a_form_in_another_unit_has_another_layout(office: Office, survey: Survey) -> None:
    """The same labels and codes with 元 where 万元 was approved must not be read."""
    renamed = {"fund_raised_government": "其中：财政拨入"}
    received = office.receive(form(survey, renamed, fund_raised_government=5))
    approve(office, decide(proposal_of(received, office)[1], renamed))
    assert Received(office.take_in()).file["status"] == "loaded"
    book, cells = workbook(
        survey.edition_of(YEAR), {"fund_raised_government": 50000}, layout=Layout(labels=renamed)
    )
    sheet, cell = cells["fund_raised_government"]
    book[sheet][f"C{cell[1:]}"] = "元"
    office.put("县区/元.xlsx", saved(book))
    status = {row["file"]: row["status"] for row in Received(office.take_in()).files}
    assert status["县区/元.xlsx"] == "rejected"
    assert status["县区/报表.xlsx"] == "loaded"


def extra_rows(survey: Survey, count: int, **answers: object) -> bytes:
    """The form with ``count`` further items that our edition does not list, figures in them."""
    book, _ = workbook(survey.edition_of(YEAR), answers)
    sheet = book["KP-006 科学教育"]
    for n in range(count):
        row = sheet.max_row + 1
        for column, text in enumerate((f"未列指标第{n + 1}项", f"KX{n + 500}", "人", 7 + n), 1):
            sheet.cell(row, column, text)
    return saved(book)


def test_a_form_with_33_unknown_items_loads_once_they_are_put_aside(
    office: Office, survey: Survey
) -> None:
    values = {item.item_id: 2 * n + 1 for n, item in enumerate(survey.edition_of(YEAR).items)}
    received = office.receive(extra_rows(survey, 33, **values))
    assert received.refusal == "K409"
    _, document = proposal_of(received, office)
    assert sum(label["action"] == "?" for label in labels_of(document)) == 33
    assert document["missing"] == []
    approve(office, decide(document, {}))
    received = Received(office.take_in())
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert {i: row["value"] for i, row in received.answers.items()} == values


def test_a_figure_in_a_row_approved_as_heading_stops_the_file(
    office: Office, survey: Survey
) -> None:
    book, _ = workbook(survey.edition_of(YEAR), {}, layout=Layout(labels=RENAMED))
    sheet = book["KP-001 科普人员"]
    sheet.insert_rows(6)
    sheet["A6"] = "一、人员情况"
    received = office.receive(saved(book))
    document = decide(proposal_of(received, office)[1], RENAMED)
    heading = next(label for label in labels_of(document) if label["label"] == "一、人员情况")
    assert heading["action"] == "heading"
    approve(office, document)
    assert Received(office.take_in()).file["status"] == "loaded"
    sheet["D6"] = 12
    office.put("县区/报表.xlsx", saved(book))
    assert Received(office.take_in()).refusal == "K409"


def test_what_the_form_does_not_ask_stays_absent_with_a_reason(
    office: Office, survey: Survey
) -> None:
    book, cells = workbook(
        survey.edition_of(YEAR), {"staff_full_time": 4}, layout=Layout(labels=RENAMED)
    )
    sheet, cell = cells["science_centers_free_days"]
    book[sheet].delete_rows(int(cell[1:]))
    received = office.receive(saved(book))
    document = decide(proposal_of(received, office)[1], RENAMED)
    assert "science_centers_free_days" in {row["item"] for row in document["missing"]}
    approve(office, document)
    assert Received(office.take_in()).refusal == "K407"
    document["absent"] = [{"item": "science_centers_free_days", "reason": "省里的表没有这一项"}]
    approve(office, document)
    received = Received(office.take_in())
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert "science_centers_free_days" not in received.answers
    assert "省里的表没有这一项" in received.file["reason_zh"]
    assert len(received.answers) == len(survey.edition_of(YEAR).items) - 1


def test_a_form_short_of_a_row_is_read_once_a_person_says_that_it_does_not_ask_it(
    office: Office, survey: Survey
) -> None:
    """Every label is known: all that is open is whether the rows that are missing may be."""
    book, cells = workbook(survey.edition_of(YEAR), {"staff_full_time": 4})
    sheet, cell = cells["science_centers_free_days"]
    book[sheet].delete_rows(int(cell[1:]))
    received = office.receive(saved(book))
    assert received.refusal == "K407"
    _, document = proposal_of(received, office)
    assert {table["sheet"] for table in document["tables"]} == {sheet}
    assert {label["action"] for label in labels_of(document)} == {"item"}
    assert [row["item"] for row in document["missing"]] == ["science_centers_free_days"]
    approve(office, document)
    assert Received(office.take_in()).refusal == "K407"
    document["absent"] = [{"item": "science_centers_free_days", "reason": "省里的表没有这一项"}]
    approve(office, document)
    received = Received(office.take_in())
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert len(received.answers) == len(survey.edition_of(YEAR).items) - 1
    assert received.answers["staff_full_time"]["value"] == 4


def test_a_form_left_out_whole_is_sent_back_and_not_to_be_mapped(
    office: Office, survey: Survey
) -> None:
    received = office.receive(filled(survey, Layout(drop=frozenset({"activities"}))))
    assert received.refusal == "K407"
    assert received.tables["proposals"].num_rows == 0


@pytest.mark.parametrize("headed", [True, False])
def test_a_return_laid_on_its_side_is_mapped_like_one_upright(
    office: Office, survey: Survey, headed: bool
) -> None:
    edition = survey.edition_of(YEAR)
    values = {item.item_id: 5 * n + 3 for n, item in enumerate(edition.items)}
    book, _ = workbook(edition, {}, layout=Layout(drop=frozenset(f.form_id for f in edition.forms)))
    cells = {}
    for form in edition.forms:
        sheet = book.create_sheet(form.code)
        heads = ("指标名称", "代码", "数量") if headed else ()
        for row, text in enumerate(heads, 3):
            sheet.cell(row, 1, text)
        for column, item in enumerate(edition.items_of(form.form_id), 2):
            sheet.cell(3, column, RENAMED.get(item.item_id, item.printed_label_zh))
            sheet.cell(4, column, item.code)
            cells[item.item_id] = (form.code, sheet.cell(5, column, values[item.item_id]))
    received = office.receive(saved(book))
    assert received.refusal == "K409"
    approve(office, decide(proposal_of(received, office)[1], RENAMED))
    received = Received(office.take_in())
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    read = {i: (row["value"], row["sheet"], row["cell"]) for i, row in received.answers.items()}
    assert read == {
        i: (Decimal(values[i]), sheet, cell.coordinate) for i, (sheet, cell) in cells.items()
    }


@pytest.mark.parametrize("sideways", [False, True])
def test_two_columns_of_figures_are_asked_about_and_no_mapping_is_offered(
    office: Office, survey: Survey, sideways: bool
) -> None:
    """A mapping decides what rows mean; it would be filled in and the file still be refused."""
    lines: list[tuple[object, ...]] = [("指标名称", "代码", "数量", "数值")]
    items = survey.edition_of(YEAR).items
    lines += [(item.label_zh, item.code, n, n + 1) for n, item in enumerate(items, 1)]
    book = openpyxl.Workbook()
    for line in zip(*lines, strict=True) if sideways else lines:
        book.active.append(line)
    received = office.receive(saved(book))
    assert received.refusal == "K409"
    assert "不止一列像是本年数" in received.file["reason_zh"]
    assert "版式建议" not in received.file["advice_zh"]
    assert received.tables["proposals"].num_rows == 0


def edited(what: str, document: dict[str, Any]) -> dict[str, Any]:
    """A sound mapping spoilt in one way."""
    label = next(one for one in labels_of(document) if one["label"] == RENAMED["lectures"])
    other = next(one for one in labels_of(document) if one["label"] == "科普专职人员")
    match what:
        case "open":
            label["action"] = "?"
        case "unknown item":
            label["item"] = "no_such_item"
        case "twice":
            label["item"] = "staff_full_time"
        case "no reason":
            label.update(action="ignore", reason=" ")
        case "label changed":
            other["label"] = "专职人员"
        case "row removed":
            document["tables"][0]["labels"].pop()
        case "other year":
            document["year"] = YEAR - 1
        case "other edition":
            document["edition"] = "kp-2014"
        case "no version":
            del document["version"]
        case "other version":
            document["version"] = 2
        case "unit scaled":
            label["item"] = "fund_raised"
        case "absent without reason":
            document["absent"] = [{"item": "lectures"}]
            label.update(action="ignore", reason="另有")
        case "absent and there":
            document["absent"] = [{"item": "staff_full_time", "reason": "没有"}]
        case "misspelt key":
            label["acton"] = label.pop("action")
    return document


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("open", "还没有决定"),
        ("unknown item", "no_such_item"),
        ("twice", "都认定为“科普专职人员”"),
        ("no reason", "没有写明原因"),
        ("label changed", "signature"),
        ("row removed", "signature"),
        ("other year", f"{YEAR - 1} 年度"),
        ("other edition", "kp-2014"),
        ("no version", "version"),
        ("other version", "version"),
        ("unit scaled", "数值不作换算"),
        ("absent without reason", "为什么没有"),
        ("absent and there", "都认定为“科普专职人员”"),
        ("misspelt key", "acton"),
    ],
)
def test_a_wrong_mapping_stops_everything_and_says_where(
    office: Office, survey: Survey, what: str, said: str
) -> None:
    received = office.receive(form(survey, staff_full_time=5))
    document = decide(proposal_of(received, office)[1], RENAMED)
    path = approve(office, edited(what, document))
    with pytest.raises(MappingError) as caught:
        intake.read_mappings(office.root, YEAR, survey)
    assert caught.value.code == "K208"
    assert said in str(caught.value)
    assert path.name in str(caught.value)
    if what not in ("no version",):
        assert caught.value.place.line > 0
    with pytest.raises(MappingError):
        office.take_in()


def test_the_file_may_be_edited_by_hand_in_a_plain_editor(office: Office, survey: Survey) -> None:
    """By replacing text as a person does, saved with the mark that Notepad puts first."""
    received = office.receive(form(survey, staff_full_time=5, staff_full_time_women=3))
    text, document = proposal_of(received, office)
    for label in labels_of(document):
        if label["action"] == "?":
            known = {v: k for k, v in {**RENAMED, **DOUBTFUL}.items()}[label["label"]]
            before = f'    action: "?"\n    item: {label["item"] or chr(34) * 2}\n'
            assert before in text
            text = text.replace(before, f"    action: item\n    item: {known}\n", 1)
    text = text.replace("absent: []", "absent:")
    folder = office.root.mappings(YEAR)
    folder.mkdir()
    (folder / "手改.yaml").write_text(text, encoding="utf-8-sig", newline="\r\n")
    received = Received(office.take_in())
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert received.answers["staff_full_time_women"]["value"] == 3


@pytest.mark.parametrize(
    "text", ["action: [", "action: ?\nitem: 1", "", "- 1\n", "version: 1\nversion: 1\n"]
)
def test_what_is_no_mapping_at_all_is_a_sentence(office: Office, survey: Survey, text: str) -> None:
    folder = office.root.mappings(YEAR)
    folder.mkdir()
    (folder / "坏.yaml").write_text(text, "utf-8")
    with pytest.raises(MappingError, match=r"坏\.yaml"):
        intake.read_mappings(office.root, YEAR, survey)


def test_a_file_with_a_hidden_second_ending_is_not_passed_over(
    office: Office, survey: Survey
) -> None:
    folder = office.root.mappings(YEAR)
    folder.mkdir()
    (folder / "说明.txt").write_text("放对照表", "utf-8")
    assert not intake.read_mappings(office.root, YEAR, survey)
    (folder / "版式.yaml.txt").write_text("version: 1", "utf-8")
    with pytest.raises(MappingError, match=r"版式\.yaml\.txt"):
        intake.read_mappings(office.root, YEAR, survey)


def test_two_mappings_of_one_layout_must_agree(office: Office, survey: Survey) -> None:
    received = office.receive(form(survey, staff_full_time=5))
    document = decide(proposal_of(received, office)[1], RENAMED)
    approve(office, document, "一.yaml")
    approve(office, document, "二.yaml")
    assert Received(office.take_in()).file["status"] == "loaded"
    label = next(one for one in labels_of(document) if one["label"] == RENAMED["lectures"])
    label.update(action="ignore", item="", reason="不取")
    approve(office, document, "二.yaml")
    with pytest.raises(MappingError, match="认定不同"):
        intake.read_mappings(office.root, YEAR, survey)


def test_files_of_one_layout_share_a_proposal(office: Office, survey: Survey) -> None:
    office.put("县区/甲.xlsx", form(survey, staff_full_time=1))
    office.put("县区/乙.xlsx", form(survey, staff_full_time=2))
    tables = office.take_in()
    rows = tables["proposals"].to_pylist()
    assert len({row["layout_id"] for row in rows}) == 1
    folder = office.root.path / "建议"
    (written,) = intake.write_proposals(rows, survey.edition_of(YEAR), folder)
    assert yaml.safe_load(written.read_text("utf-8"))["files"] == ["县区/乙.xlsx", "县区/甲.xlsx"]


def test_a_file_that_is_nothing_of_ours_gets_no_proposal(office: Office, survey: Survey) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ("指标名称", "代码", "计量单位", "数量"),
        ("粮食产量", "A01", "吨", 5),
        ("猪", "A02", "头", 9),
    ):
        sheet.append(row)
    received = office.receive(saved(book))
    assert received.refusal in ("K404", "K409")
    assert received.tables["proposals"].num_rows == 0


hostile = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t\"'#:{}[]&*!|>%@`-？"),
    min_size=1,
    max_size=25,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(labels=st.lists(hostile, min_size=1, max_size=4, unique=True))
def test_whatever_the_labels_hold_the_proposal_is_yaml_that_loads_as_written(
    tmp_path_factory: pytest.TempPathFactory, labels: list[str]
) -> None:
    """Written as YAML by hand, so that it can carry comments: nothing in a label may break it."""
    office = Office(tmp_path_factory.mktemp("局"), SURVEY)
    book, _ = workbook(office.survey.edition_of(YEAR), {})
    sheet = book["KP-006 科学教育"]
    for n, label in enumerate(labels):
        row = sheet.max_row + 1
        for column, text in enumerate((label, f"KX{n + 500}", "人"), 1):
            sheet.cell(row, column).value = text
            sheet.cell(row, column).data_type = "s"
        sheet.cell(row, 4, 7)
    received = office.receive(saved(book))
    rows = received.tables["proposals"].to_pylist()
    if not rows:
        return
    _, document = proposal_of(received, office)
    assert [label["label"] for label in labels_of(document)] == [
        row["label"] for row in rows if row["action"] != "missing"
    ]
    approve(office, decide(document, {}))
    intake.read_mappings(office.root, YEAR, office.survey)


def summary(survey: Survey, **figures: list[int]) -> bytes:
    """A summary table: two units down, three known items and two of another name across."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([f"科普统计汇总表（{YEAR}年度）"])
    heads = {
        "staff_full_time": "科普专职人员",
        "staff_part_time": "科普兼职人员",
        "volunteers": "注册科普（技）志愿者",
        "fund_raised": "科普经费总筹集数",
        "other": "本地自设指标",
    }
    sheet.append(["序号", "单位名称", "所在地", *heads.values(), "备注"])
    for n, unit in enumerate(("长春市科技馆", "吉林市科技馆")):
        place = "吉林省长春市朝阳区" if n == 0 else "吉林省吉林市昌邑区"
        sheet.append([n + 1, unit, place, *(figures[key][n] for key in heads), "无"])
    return saved(book)


SUMMARY = {
    "staff_full_time": [5, 6],
    "staff_part_time": [50, 60],
    "volunteers": [500, 600],
    "fund_raised": [71, 72],
    "other": [8, 9],
}


def test_columns_of_a_summary_table_are_mapped_like_rows(office: Office, survey: Survey) -> None:
    received = office.receive(summary(survey, **SUMMARY))
    assert received.refusal == "K409"
    _, document = proposal_of(received, office)
    (table,) = document["tables"]
    assert table["direction"] == "columns"
    undecided = {label["label"]: label for label in table["labels"] if label["action"] == "?"}
    assert set(undecided) == {"科普经费总筹集数", "本地自设指标"}
    undecided["科普经费总筹集数"].update(action="item", item="fund_raised")
    undecided["本地自设指标"].update(action="ignore", reason="本地自设")
    approve(office, document)
    tables = office.take_in()
    received = Received(tables)
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    units = {row["return_id"]: row["unit_name"] for row in received.returns}
    got = {
        (units[row["return_id"]], row["item_id"]): (row["value"], row["cell"])
        for row in tables["answers"].to_pylist()
    }
    expected = {}
    for n, unit in enumerate(("长春市科技馆", "吉林市科技馆")):
        for column, item in zip("DEFG", list(SUMMARY)[:4], strict=True):
            expected[unit, item] = (Decimal(SUMMARY[item][n]), f"{column}{n + 3}")
    assert got == expected


def test_two_returns_in_one_workbook_are_proposed_once(office: Office, survey: Survey) -> None:
    edition = survey.edition_of(YEAR)
    book, _ = workbook(edition, {"staff_full_time": 1}, layout=Layout(labels=RENAMED))
    twice, _ = workbook(
        edition,
        {"staff_full_time": 2},
        {"unit_name": "长春市二道区教育局", "region": "吉林省长春市二道区"},
        Layout(labels=RENAMED),
    )
    for sheet in twice.worksheets:
        copy = book.create_sheet(f"{sheet.title}（2）")
        for line in sheet.iter_rows():
            for cell in line:
                copy[cell.coordinate] = cell.value
    received = office.receive(saved(book))
    assert received.refusal == "K409"
    _, document = proposal_of(received, office)
    assert len(document["tables"]) == 3
    approve(office, decide(document, RENAMED))
    tables = office.take_in()
    assert Received(tables).file["status"] == "loaded", Received(tables).file["reason_zh"]
    full_time = [r for r in tables["answers"].to_pylist() if r["item_id"] == "staff_full_time"]
    assert sorted(row["value"] for row in full_time) == [1, 2]
