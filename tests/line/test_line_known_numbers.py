"""Blank forms filled by an independent program with numbers we know: every total must come out.

The workbooks are written by ``kepu forms`` and filled cell by cell with openpyxl, looking for the
item's label, as a person would.  All expected values are worked out here by hand.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from pipelines import steps
from pipelines.account import Account, account_of
from pipelines.commands.setup import lay_out
from pipelines.forms import write_blank_form
from pipelines.runs import rebuild
from pipelines.survey import Survey
from pipelines.warehouse import Root, Snapshot
from tests.conftest import publish_everything

YEAR = 2023
#: Jilin's year-end resident population of 2023, 万人, as first published (two decimals).
POPULATION = Decimal("2339.41") * 10_000

USCC = ("11220000000000001L", "11220000000000002P", "11220000000000003T")

FULL: dict[str, str | int | float] = {
    "staff_full_time": 10, "staff_full_time_qualified": 6, "staff_full_time_women": 4,
    "staff_full_time_rural": 0, "staff_full_time_managers": 2, "staff_full_time_creators": 3,
    "staff_full_time_guides": 2, "staff_part_time": 40, "staff_part_time_person_days": 400,
    "staff_part_time_qualified": 20, "staff_part_time_women": 15, "staff_part_time_rural": 5,
    "staff_part_time_guides": 8, "volunteers": 100,
    "fund_raised": 500, "fund_raised_government": 400, "fund_raised_government_special": 300,
    "fund_raised_donation": 20, "fund_raised_own": 50, "fund_raised_other": 30,
    "fund_used": 480, "fund_used_administration": 80, "fund_used_activities": 300,
    "fund_used_construction": 0, "fund_used_construction_government": 0,
    "fund_used_exhibits": 60, "fund_used_other": 40,
    "lectures": 50, "lectures_online": 10, "lectures_attendance": 6000,
    "lectures_attendance_online": 2000,
}  # fmt: skip


def fill(
    survey: Survey,
    path: Path,
    cover: Mapping[str, object],
    figures: Mapping[str, object],
) -> dict[str, str]:
    """Fill a blank form by label; items not given get "-".  Returns the cell of every item."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_blank_form(survey, YEAR, path)
    book = openpyxl.load_workbook(path)
    edition = survey.edition_of(YEAR)
    labels = {field.label_zh: field.field_id for field in edition.cover}
    sheet = book["封面"]
    for row in sheet.iter_rows():
        for cell in row:
            label = str(cell.value or "").strip().lstrip("*").strip()
            if labels.get(label) in cover:
                sheet.cell(cell.row, cell.column + 1).value = cover[labels[label]]
    places = {}
    for form in edition.forms:
        sheet = next(s for s in book.worksheets if s.title.startswith(form.code))
        rows = iter(edition.items_of(form.form_id))
        header = next(
            c for r in sheet.iter_rows() for c in r if str(c.value or "").startswith("数量")
        )
        name = next(
            c for r in sheet.iter_rows() for c in r if str(c.value or "").startswith("指标名称")
        )
        for number in range(header.row + 1, sheet.max_row + 1):
            label = str(sheet.cell(number, name.column).value or "").strip()
            if label in {"", "甲"}:
                continue
            item = next(rows, None)
            if item is None:
                break
            assert label.endswith(item.label_zh), (label, item.label_zh)
            sheet.cell(number, header.column).value = figures.get(item.item_id, "-")
            places[item.item_id] = f"{sheet.title}!{header.column_letter}{number}"
        assert next(rows, None) is None, f"items of {form.code} are missing on the form"
    book.save(path)
    return places


def cover(name: str, uscc: str, region: str, department: str, level: str) -> dict[str, object]:
    return {
        "unit_name": name, "uscc": uscc, "region": region, "department": department,
        "level": level, "is_venue": "否", "head": "甲", "filler": "乙", "phone": "0431-80000000",
        "fill_date": "2024-05-06",
    }  # fmt: skip


def run(root: Root) -> Account:
    """The line up to the snapshot; what is made from it is tested elsewhere."""
    rebuild(steps.receive(root, YEAR))
    with Snapshot(root.snapshot) as snapshot:
        return account_of(snapshot, YEAR)


def value(
    root: Root, indicator: str, breakdown: str = "province", member: str = "220000"
) -> object:
    with Snapshot(root.snapshot) as snapshot:
        rows = snapshot.rows(
            "SELECT value FROM indicator_values WHERE indicator_id = $i AND year = $y"
            " AND breakdown = $b AND member_id = $m AND member2_id = ''",
            {"i": indicator, "y": YEAR, "b": breakdown, "m": member},
        )
    assert len(rows) == 1, (indicator, breakdown, member)
    return rows[0]["value"]


@pytest.fixture(scope="module")
def as_received(survey: Survey, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """A clean education bureau, a science bureau in another city, a provincial department.

    Run once; read only.
    """
    office = Root(tmp_path_factory.mktemp("三家"))
    lay_out(office.path, YEAR)
    publish_everything(office)
    raw = office.inbox(YEAR)
    fill(
        survey,
        raw / "县区/长春市/朝阳区/教育局.xlsx",
        cover("长春市朝阳区教育局", USCC[0], "吉林省长春市朝阳区", "教育部门", "区县级"),
        FULL,
    )
    fill(
        survey,
        raw / "县区/延边州/安图县/科技局.xlsx",
        cover("安图县科学技术局", USCC[1], "延边朝鲜族自治州安图县", "科技管理部门", "区县级"),
        {**FULL, "fund_raised": "８００．０", "fund_raised_government": 700,
         "staff_full_time": "5人", "staff_full_time_women": 5},
    )  # fmt: skip
    fill(
        survey,
        raw / "部门/省气象局/气象局.xlsx",
        cover("吉林省气象局", USCC[2], "吉林省长春市绿园区", "气象部门", "省级"),
        {**FULL, "fund_raised_own": "约50", "fund_raised": 0.5, "lectures_online": 60},
    )
    run(office)
    return office


@pytest.fixture
def three_units(as_received: Root, tmp_path: Path) -> Root:
    """The same three after their first run, to add to."""
    shutil.copytree(as_received.path, tmp_path / "三家")
    return Root(tmp_path / "三家")


def test_totals_ratios_and_breakdowns(as_received: Root) -> None:
    assert value(as_received, "fund_raised") == Decimal("1300.5")
    assert value(as_received, "staff_full_time") == 25
    assert value(as_received, "fund_raised", "prefecture", "220100") == Decimal("500.5")
    assert value(as_received, "fund_raised", "county", "222426") == 800
    assert value(as_received, "fund_raised", "department", "education") == 500
    assert value(as_received, "fund_raised", "level", "provincial") == Decimal("0.5")
    # 自筹: one of three cannot be read, so two are in the sum.
    assert value(as_received, "fund_raised_own") == 100
    per_head = value(as_received, "fund_special_per_head")
    assert isinstance(per_head, Decimal)
    assert abs(per_head - Decimal(900 * 10_000) / POPULATION) < Decimal("1e-14")
    # Σ/Σ over all three: (6+20)x3 of (25+120), not a mean of three shares.
    share = value(as_received, "staff_qualified_share")
    assert isinstance(share, Decimal)
    assert abs(share - Decimal(100) * 78 / 145) < Decimal("1e-12")
    # "-" was given for every venue item: zero venues, not missing.
    assert value(as_received, "venues_two_kinds") == 0


def test_a_place_where_nobody_reported_is_missing_not_zero(as_received: Root) -> None:
    assert value(as_received, "fund_raised", "prefecture", "220800") is None


def test_findings_name_the_rule_the_cells_and_the_numbers(as_received: Root) -> None:
    with Snapshot(as_received.snapshot) as snapshot:
        found = {
            (row["rule_id"], row["unit_name"]): row
            for row in snapshot.rows(
                "SELECT f.*, r.unit_name FROM findings f JOIN returns r USING (return_id)"
                " WHERE f.severity <> 'note'"
            )
        }
    unreadable = found["G03", "吉林省气象局"]
    assert unreadable["observed"] == ["约50"]
    assert unreadable["cells"][0].startswith("KP-003")
    assert "约50" in unreadable["message_zh"]
    too_many = found["R_lectures_online", "吉林省气象局"]
    assert "60" in too_many["message_zh"]
    assert "50" in too_many["message_zh"]
    assert ("J02", "吉林省气象局") not in found
    # J01 of 气象局 needs 自筹, which cannot be read: not evaluated, never guessed.
    assert ("J01", "吉林省气象局") not in found
    assert not [rule for rule, unit in found if unit == "长春市朝阳区教育局"]
    # 安图县: 800 = 700 + 20 + 50 + 30, women 5 of 5: consistent after reading ８００．０ and 5人.
    assert not [rule for rule, unit in found if unit == "安图县科学技术局" and rule[0] == "J"]


def test_notation_is_noted_and_the_cell_is_where_it_was_filled(as_received: Root) -> None:
    with Snapshot(as_received.snapshot) as snapshot:
        row = snapshot.rows(
            "SELECT a.* FROM answers a JOIN returns r USING (return_id)"
            " WHERE r.unit_name = '安图县科学技术局' AND a.item_id = 'fund_raised'"
        )[0]
    assert (row["raw_text"], row["value"], row["state"]) == ("８００．０", 800, "reported")
    assert row["notes"]
    book = openpyxl.load_workbook(as_received.inbox(YEAR) / row["file"])
    assert book[row["sheet"]][row["cell"]].value == "８００．０"


def test_a_corrected_return_replaces_the_earlier_one(survey: Survey, three_units: Root) -> None:
    fill(
        survey,
        three_units.inbox(YEAR) / "县区/长春市/朝阳区/教育局（更正）.xlsx",
        cover("长春市朝阳区教育局", USCC[0], "吉林省长春市朝阳区", "教育部门", "区县级")
        | {"fill_date": "2024-05-20"},
        {**FULL, "fund_raised": 600, "fund_raised_government": 500},
    )
    account = run(three_units)
    assert value(three_units, "fund_raised") == Decimal("1400.5")
    assert account.returns["superseded"] == 1


def test_the_same_file_twice_counts_once(three_units: Root) -> None:
    inbox = three_units.inbox(YEAR)
    again = inbox / "部门/省教育厅/教育局.xlsx"
    again.parent.mkdir(parents=True)
    again.write_bytes((inbox / "县区/长春市/朝阳区/教育局.xlsx").read_bytes())
    account = run(three_units)
    assert account.files["duplicate"] == 1
    assert value(three_units, "fund_raised") == Decimal("1300.5")


def test_an_unknown_department_counts_apart_and_must_be_corrected(
    survey: Survey, three_units: Root
) -> None:
    fill(
        survey,
        three_units.inbox(YEAR) / "县区/通化市/不明.xlsx",
        cover("某单位", "", "吉林省通化市东昌区", "星际部门", "区县级"),
        FULL,
    )
    account = run(three_units)
    assert account.must_correct
    assert value(three_units, "fund_raised") == Decimal("1800.5")
    assert value(three_units, "fund_raised", "department", "none") == 500
    with Snapshot(three_units.snapshot) as snapshot:
        departments = snapshot.rows(
            "SELECT sum(value) AS total FROM indicator_values WHERE breakdown = 'department'"
            " AND indicator_id = 'fund_raised'"
        )
    assert departments[0]["total"] == Decimal("1800.5")


def test_an_unknown_place_is_sent_back_and_does_not_count(
    survey: Survey, three_units: Root
) -> None:
    fill(
        survey,
        three_units.inbox(YEAR) / "县区/通化市/不明.xlsx",
        cover("某单位", "", "火星市环形山区", "教育部门", "区县级"),
        FULL,
    )
    account = run(three_units)
    assert account.returns["rejected"] == 1
    assert value(three_units, "fund_raised") == Decimal("1300.5")
