"""An office's own blank form becomes a proposed edition, with every difference and its evidence."""

from __future__ import annotations

import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipelines.checks.evaluation import assert_rules
from pipelines.commands.edition_import import Imported, import_blank, summary
from pipelines.errors import KepuError, OfficialFormError, StorageError, UsageError
from pipelines.forms import write_blank_form
from pipelines.intake import read_official_form
from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Root
from tests.intake.writing import YEAR, Office, Received, filled, saved, workbook

NEXT = 2024


@pytest.fixture
def blank(survey: Survey, tmp_path: Path) -> Callable[[Callable[[Any], None]], Path]:
    """Our own blank form of the year, changed by hand as an office would find it changed."""

    def changed(change: Callable[[Any], None]) -> Path:
        path = write_blank_form(survey, YEAR, tmp_path / "空白表.xlsx")
        book = openpyxl.load_workbook(path)
        change(book)
        book.save(path)
        return path

    return changed


def next_year(book: Any) -> None:
    for sheet in book:
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, str) and not cell.value.startswith("="):
                    cell.value = cell.value.replace(str(YEAR), str(NEXT))


def made(root: Path) -> Path:
    """A root that is there: under a wrong name nothing is imported."""
    root.mkdir(exist_ok=True)
    return root


def row_of(sheet: Any, label: str) -> int:
    return next(
        row for row in range(1, sheet.max_row + 1) if str(sheet.cell(row, 1).value).strip() == label
    )


def approved(done: Imported, root: Path) -> Survey:
    """The survey once the person has copied the proposal to 调查制度."""
    overlay = Root(root).raw / "调查制度"
    target = overlay / "editions" / done.folder.name
    shutil.copytree(done.folder, target)
    return load_survey(overlay)


def test_our_own_blank_form_comes_back_without_a_difference(survey: Survey, tmp_path: Path) -> None:
    for year in (2014, YEAR):
        path = write_blank_form(survey, year, tmp_path / f"{year}.xlsx")
        done = import_blank(made(tmp_path / str(year)), path, None, None)
        assert list(done.changes) == []
        assert done.proposed.to_review == ()
        before, after = (
            survey.edition_of(year),
            approved(done, tmp_path / str(year)).edition_of(year),
        )
        assert done.proposed.base.edition_id == before.edition_id == after.edition_id
        told = ["item_id", "form_id", "order", "parent_id", "relation", "label_zh", "name_zh"]
        told += ["unit", "code"]
        assert [[getattr(i, name) for name in told] for i in after.items] == [
            [getattr(i, name) for name in told] for i in before.items
        ]
        assert after.rules == before.rules
        assert after.cover == before.cover
        assert after.crosswalk == before.crosswalk


def test_every_kind_of_difference_is_found_and_the_edition_loads(
    survey: Survey, tmp_path: Path, blank: Any
) -> None:
    def change(book: Any) -> None:
        next_year(book)
        people = book["KP-001 科普人员"]
        people.cell(row_of(people, "其中：农村科普人员"), 1).value = "其中：乡村科普人员"
        people.cell(row_of(people, "其中：女性"), 2).value = "KR199"
        people.cell(row_of(people, "年度实际投入工作量"), 3).value = "人月"
        last = people.max_row + 1
        for column, text in enumerate(("其中：退休科技人员志愿者", "KR310", "人"), 1):
            people.cell(last, column).value = text
        events = book["KP-005 科普活动"]
        assert events.cell(events.max_row, 1).value == "重大科普活动次数"
        events.delete_rows(events.max_row)

    done = import_blank(tmp_path, blank(change), None, None)
    found = {(change.kind, change.item_id or change.earlier_item_id) for change in done.changes}
    assert found == {
        ("renamed", "staff_full_time_rural"),
        ("recoded", "staff_full_time_women"),
        ("unit", f"staff_part_time_person_days_{NEXT}"),
        ("new", "kr310"),
        ("gone", "large_events"),
    }
    assert {one.item.item_id for one in done.proposed.to_review} == {
        "staff_full_time_rural",
        f"staff_part_time_person_days_{NEXT}",
        "kr310",
    }
    edition = approved(done, tmp_path).edition_of(NEXT)
    assert edition.edition_id == f"kp-{NEXT}"
    assert len(edition.items) == len(survey.edition_of(YEAR).items)
    new = edition.item["kr310"]
    assert (new.parent_id, new.relation, new.unit) == ("volunteers", "of_which", "人")
    assert "待核" in new.note_zh
    relations = Counter(row.relation for row in edition.crosswalk)
    assert relations == {"same": 104, "changed": 1, "new": 1, "gone": 1}
    changed = next(row for row in edition.crosswalk if row.relation == "changed")
    assert (changed.comparable, changed.break_year) == (False, NEXT)
    left_out = {text.split()[0] for text in done.rules.left_out}
    assert {"R13", "R14"} <= left_out  # they divide by person days
    used = {rule.id for rule in edition.rules}
    assert not used & (left_out - {"G20"})
    # One of the ratios that G20 compares is over person days; the others are still compared.
    assert any(
        "G20" in text and "staff_part_time_person_days" in text for text in done.rules.left_out
    )
    assert_rules(edition, NEXT)


def test_the_table_of_differences_can_be_read(tmp_path: Path, blank: Any) -> None:
    done = import_blank(tmp_path, blank(lambda book: _rename(book)), NEXT, None)
    book = openpyxl.load_workbook(done.table)
    differences = [[c.value for c in line] for line in book["差异"].iter_rows()]
    assert differences[0] == ["类别", "表", "指标", "编号", "kp-2021", "空白表"]
    assert [differences[1][n] for n in (0, 4, 5)] == ["改名", "农村科普人员", "乡村科普人员"]
    evidence = [[c.value for c in line] for line in book["逐项依据"].iter_rows(min_row=2)]
    assert len(evidence) == len(done.proposed.edition.items)
    assert all(row[5] and row[6] and row[7] for row in evidence), (
        "no item without place and evidence"
    )
    assert sum(row[0] == "待核" for row in evidence) == 1
    said = "\n".join(summary(done))
    assert "改名 1 处" in said
    assert "待核 1 项" in said
    assert "data/raw/调查制度/editions/" in said


def _rename(book: Any) -> None:
    people = book["KP-001 科普人员"]
    people.cell(row_of(people, "其中：农村科普人员"), 1).value = "其中：乡村科普人员"


def official(tmp_path: Path, rows: list[tuple[Any, ...]], name: str = "官方表.xlsx") -> Path:
    """A form typed by somebody else: one sheet, its own title, no column for figures."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for row in rows:
        sheet.append(row)
    path = tmp_path / name
    book.save(path)
    return path


STRANGE = [
    ("全国科普统计调查表（2024年度）",),
    ("批准文号：国统制〔2025〕36号",),
    ("KP-001 科普人员",),
    ("指标名称", "代码", "计量单位"),
    ("甲", "乙", "丙"),
    ("一、科普人员情况",),
    ("科普专职人员", "KR100", "人"),
    ("　其中：女性", "KR120", "人"),
    ("　　其中：博士", "KR121", "人"),
    ("科普兼职人员", "KR200", "人"),
    ("　年度实际投入工作量", "KR210", "人天"),
    ("　其中：女性", "KR230", "人"),
    ("KP-007 科普产业",),
    ("指标名称", "代码", "计量单位"),
    ("科普企业", "KQ100", "家"),
    ("　主营业务收入", "KQ110", "万元"),
    ("单位负责人：          填表人：",),
]


def test_a_form_of_another_hand_gives_forms_parents_and_units(
    survey: Survey, tmp_path: Path
) -> None:
    done = import_blank(tmp_path, official(tmp_path, STRANGE), None, None)
    edition = approved(done, tmp_path).edition_of(NEXT)
    assert [(form.code, form.name_zh) for form in edition.forms] == [
        ("KP-001", "科普人员"),
        ("KP-007", "科普产业"),
    ]
    assert edition.approval_zh == "国统制〔2025〕36号"
    got = {i.item_id: (i.parent_id, i.relation, i.unit, i.kind) for i in edition.items}
    assert got == {
        "staff_full_time": ("", "total", "人", "stock"),
        "staff_full_time_women": ("staff_full_time", "of_which", "人", "stock"),
        "kr121": ("staff_full_time_women", "of_which", "人", "stock"),
        "staff_part_time": ("", "total", "人", "stock"),
        "staff_part_time_person_days": ("staff_part_time", "attribute", "人天", "flow"),
        "staff_part_time_women": ("staff_part_time", "of_which", "人", "stock"),
        "kq100": ("", "total", "家", "stock"),
        "kq110": ("kq100", "attribute", "万元", "flow"),
    }


def test_an_official_form_filled_by_a_unit_is_read_once_its_edition_is_approved(
    survey: Survey, tmp_path: Path, blank: Any
) -> None:
    """New items and all: blank form in, edition approved, return read to the last figure."""

    def change(book: Any) -> None:
        next_year(book)
        sheet = book["KP-006 科学教育"]
        for n in range(33):
            row = sheet.max_row + 1
            for column, text in enumerate((f"新增教育指标第{n + 1}项", f"KX{500 + n}", "人"), 1):
                sheet.cell(row, column).value = text

    done = import_blank(made(tmp_path / "局"), blank(change), None, None)
    theirs = approved(done, tmp_path / "局")
    edition = theirs.edition_of(NEXT)
    assert len(edition.items) == len(survey.edition_of(YEAR).items) + 33
    office = Office(tmp_path / "收", theirs)
    office.root.inbox(NEXT).mkdir()
    values = {item.item_id: n + 3 for n, item in enumerate(edition.items)}
    office.put("县区/表.xlsx", saved(workbook(edition, values)[0]), NEXT)
    received = Received(office.take_in())
    assert received.file["status"] == "rejected"  # the writer's title says another year
    data = workbook(edition, values)[0]
    data["封面"]["A1"] = f"全国科普统计调查表（{NEXT}年度）"
    office.put("县区/表.xlsx", saved(data), NEXT)
    received = Received(office.take_in())
    assert received.file["status"] == "loaded", received.file["reason_zh"]
    assert {item: row["value"] for item, row in received.answers.items()} == values


def test_line_numbers_that_begin_anew_are_no_codes(tmp_path: Path) -> None:
    coded = [row for row in STRANGE if len(row) == 3 and row[1][0] == "K"]
    again = [(row[0], "01", row[2]) if row in coded else row for row in STRANGE]
    done = import_blank(tmp_path, official(tmp_path, again), None, None)
    assert {item.code for item in done.proposed.edition.items} == {""}
    assert any("行号" in line for line in summary(done))


def refusal(tmp_path: Path, path: Path, year: int | None = None) -> KepuError:
    with pytest.raises(KepuError) as caught:
        import_blank(made(tmp_path / "root"), path, year, None)
    assert not (tmp_path / "root" / "reports").exists()
    return caught.value


def test_a_filled_form_is_refused_with_the_cell(survey: Survey, tmp_path: Path) -> None:
    path = tmp_path / "已填.xlsx"
    path.write_bytes(filled(survey, staff_full_time=5))
    error = refusal(tmp_path, path)
    assert isinstance(error, OfficialFormError)
    assert error.place.file == "已填.xlsx"
    assert (error.place.sheet, error.place.cell) == ("KP-001 科普人员", "D6")


def test_sums_that_show_nought_do_not_fill_a_form(tmp_path: Path) -> None:
    rows = [(*row, "数量" if row[0] == "指标名称" else None) if len(row) == 3 else row
            for row in STRANGE]  # fmt: skip
    rows[6] = (*rows[6][:3], 0)
    assert import_blank(tmp_path, official(tmp_path, rows), None, None).changes


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.xlsx", b"", "K403"),
        ("图.xlsx", b"\x89PNG\r\n\x1a\n" + b"0" * 40, "K405"),
        ("半个.xlsx", b"PK\x03\x04" + b"0" * 40, "K401"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    error = refusal(tmp_path, path)
    assert error.code == code
    assert error.place.file == name
    assert name in str(error)


def test_a_damaged_form_is_named_and_told_what_to_do(survey: Survey, tmp_path: Path) -> None:
    """Every part of a sound form broken in turn, in the XML and in the packing: one of our errors,
    or the form as it was, never a crash."""
    sound = write_blank_form(survey, YEAR, tmp_path / "空白表.xlsx")
    damaged = tmp_path / "坏表.xlsx"
    with zipfile.ZipFile(sound) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    errors: list[KepuError] = []
    for name, content in parts.items():
        for broken in (content[: len(content) // 2], content.replace(b'="1"', b'="x"'), None):
            with zipfile.ZipFile(damaged, "w") as archive:
                for other, whole in parts.items():
                    data = broken if other == name else whole
                    if data is not None:
                        archive.writestr(other, data)
            try:
                form = read_official_form(damaged, survey.edition_of(YEAR), YEAR)
            except KepuError as error:
                errors.append(error)
            else:
                rows = sum(len(one.rows) for one in form.forms)
                assert rows <= len(survey.edition_of(YEAR).items)
    assert errors
    assert all(error.place.file == damaged.name and error.advice for error in errors)


def test_a_table_that_cannot_be_written_is_said(
    survey: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the table of an earlier import is open in a spreadsheet program."""
    blank = write_blank_form(survey, YEAR, tmp_path / "空白表.xlsx")
    real = Path.write_bytes

    def locked(path: Path, data: bytes) -> int:
        if path.name.endswith("差异.xlsx"):
            raise PermissionError(13, "denied", str(path))
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", locked)
    with pytest.raises(StorageError, match="正被其他程序打开"):
        import_blank(tmp_path, blank, YEAR, tmp_path / "建议")


def test_what_is_no_form_is_refused(tmp_path: Path) -> None:
    path = official(tmp_path, [("姓名", "电话"), ("张", "1"), ("李", "2")])
    assert refusal(tmp_path, path, NEXT).code == "K209"
    assert refusal(tmp_path, tmp_path / "没有这个文件.xlsx", NEXT).code == "K209"


def test_a_form_without_a_year_asks_for_it(tmp_path: Path) -> None:
    path = official(tmp_path, STRANGE[2:])
    assert isinstance(refusal(tmp_path, path), UsageError)
    assert import_blank(made(tmp_path / "有"), path, NEXT, None).folder.name == f"kp-{NEXT}"


def test_a_code_used_twice_is_refused_with_both_cells(tmp_path: Path) -> None:
    rows = [("科普兼职人员", "KR100", "人") if row[0] == "科普兼职人员" else row for row in STRANGE]
    error = refusal(tmp_path, official(tmp_path, rows))
    assert error.code == "K209"
    assert "Sheet1!A7、Sheet1!A10" in str(error)


def test_a_proposal_somebody_has_edited_is_not_written_over(tmp_path: Path) -> None:
    path = official(tmp_path, STRANGE)
    done = import_blank(tmp_path, path, None, None)
    assert import_blank(tmp_path, path, None, None).folder == done.folder  # the same again is fine
    (done.folder / "items.csv").write_text("改过", "utf-8")
    with pytest.raises(UsageError, match="不同的建议"):
        import_blank(tmp_path, path, None, None)


def test_the_same_blank_gives_the_same_bytes(tmp_path: Path) -> None:
    path = official(tmp_path, STRANGE)
    one = import_blank(made(tmp_path / "甲"), path, None, None)
    two = import_blank(made(tmp_path / "乙"), path, None, None)
    pairs = zip(sorted(one.folder.iterdir()), sorted(two.folder.iterdir()), strict=True)
    for first, second in [(one.table, two.table), *pairs]:
        assert first.read_bytes() == second.read_bytes()
