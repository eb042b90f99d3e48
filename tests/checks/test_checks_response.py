"""Who has not reported: counts by hand, deadlines in working days, the lists and the matrix."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from checks_bench import Bench
from openpyxl import load_workbook

from pipelines.checks.arrangement import Arrangement, read_arrangement
from pipelines.checks.reminders import write_reminders
from pipelines.checks.response import count_of, grouped, matrix_of, units_of
from pipelines.checks.workdays import Calendar
from pipelines.errors import SurveyDefinitionError
from pipelines.survey import Survey
from pipelines.warehouse import Root, Snapshot

YEAR = 2023
EDUCATION = {"department_id": "education", "channel": "department"}


@pytest.mark.parametrize(
    ("day", "workdays", "after"),
    [
        (date(2024, 4, 30), 1, date(2024, 5, 6)),  # 1–5 May free
        (date(2024, 4, 26), 1, date(2024, 4, 28)),  # a Sunday worked
        (date(2024, 9, 27), 3, date(2024, 10, 8)),  # 29, 30 September worked, then a week free
        (date(2024, 6, 3), 5, date(2024, 6, 11)),  # a weekend and 10 June (端午)
    ],
)
def test_working_days_of_the_chinese_calendar(day: date, workdays: int, after: date) -> None:
    assert Calendar().after(day, workdays) == after
    assert Calendar().between(day, after) == workdays


def test_days_that_the_office_writes_come_first() -> None:
    monday = date(2024, 6, 17)
    assert not Calendar(holidays={monday}).is_workday(monday)
    assert Calendar(workdays={date(2024, 6, 15)}).is_workday(date(2024, 6, 15))


def test_a_year_without_published_holidays_is_not_guessed() -> None:
    with pytest.raises(SurveyDefinitionError, match="2060"):
        Calendar().is_workday(date(2060, 5, 3))
    told = Calendar(holidays={date(2060, 5, 3)})
    assert not told.is_workday(date(2060, 5, 3))
    assert told.is_workday(date(2060, 5, 4))


def written(folder: Path, text: str, survey: Survey) -> Arrangement:
    root = Root(folder)
    root.inbox(YEAR).mkdir(parents=True)
    (root.inbox(YEAR) / "工作安排.yaml").write_text(text, encoding="utf-8")
    return read_arrangement(root, YEAR, survey)


def test_the_arrangement_is_read(tmp_path: Path, survey: Survey) -> None:
    arranged = written(
        tmp_path,
        "报送截止: 2024-04-26\n截至日期: 2024-05-07\n查询单发出日期: 2024-04-30\n"
        "查询答复工作日数: 2\n催报后补报工作日数: 1\n另行规定的报送截止: {教育部门: 2024-05-06}\n",
        survey,
    )
    assert arranged.answer_by == date(2024, 5, 7)
    assert arranged.report_by == date(2024, 5, 8)
    # 28 (a Sunday worked), 29, 30 April, 6 and 7 May.
    assert arranged.days_late("长春市", "科协组织") == 5
    assert arranged.days_late("长春市", "教育部门") == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("报送截至: 2024-04-26\n", "报送截至"),
        ("报送截止: 四月底\n", "报送截止"),
        ("查询答复工作日数: 0\n", "查询答复工作日数"),
        ("另行规定的报送截止: {长春: 2024-05-06, 火星部门: 2024-05-06}\n", "火星部门"),
    ],
)
def test_a_malformed_arrangement_names_file_and_line(
    tmp_path: Path, survey: Survey, text: str, told: str
) -> None:
    with pytest.raises(SurveyDefinitionError) as caught:
        written(tmp_path, text, survey)
    assert told in str(caught.value)
    assert "工作安排.yaml" in str(caught.value)
    assert "第 1 行" in str(caught.value)


def test_without_an_arrangement_nothing_is_overdue_or_in_time(
    tmp_path: Path, survey: Survey
) -> None:
    arranged = read_arrangement(Root(tmp_path), YEAR, survey)
    assert arranged.days_late("长春市") is None
    assert arranged.answer_by is None


def province(bench: Bench, folder: Path) -> Snapshot:
    """Four listed: one accepted, one sent back, two silent; one more is not listed."""
    bench.add({"lectures": "2", "lectures_attendance": "9"}, unit_id="A")
    bench.add({}, unit_id="B", unit_name="", division_code="", county_code="", cover={"region": ""})
    bench.add({"lectures": "2", "lectures_attendance": "9"}, unit_id="X")
    bench.list_unit("A", "长春科技局")
    bench.list_unit("B", "南关科技局")
    bench.list_unit("C", "宽城科技局", county_code="220103", division_code="220103")
    bench.list_unit("D", "省某学校", county_code="", prefecture_code="", **EDUCATION)
    path = folder / "k.duckdb"
    bench.judge().workshop.write_snapshot(path)
    return Snapshot(path)


AS_OF = Arrangement(due=date(2024, 4, 26), as_of=date(2024, 5, 7))


def test_counts_at_every_level(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    with province(bench, tmp_path) as snapshot:
        units = units_of(snapshot, survey, YEAR, AS_OF)
    whole = count_of(units)
    assert (whole.expected, whole.received, whole.reported, whole.rejected) == (4, 2, 1, 1)
    assert (whole.missing, whole.overdue, whole.rate) == (3, 3, 0.25)
    by_department = dict(grouped(survey, YEAR, units, "department_id"))
    assert count_of(by_department["教育部门"]).missing == 1
    by_county = dict(grouped(survey, YEAR, units, "county_code"))
    assert count_of(by_county["长春市宽城区"]).expected == 1
    assert next(iter(by_county)) == "全省"
    assert list(by_county)[-1] == "未归类"


def test_overdue_is_unknown_without_a_day(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    with province(bench, tmp_path) as snapshot:
        units = units_of(snapshot, survey, YEAR, Arrangement(due=date(2024, 4, 26)))
    assert count_of(units).overdue is None


def test_the_matrix_adds_up(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    with province(bench, tmp_path) as snapshot:
        matrix = matrix_of(survey, YEAR, units_of(snapshot, survey, YEAR, AS_OF), "合计", "不明")
    assert matrix.columns == ("合计", "教育部门", "科技管理部门")
    rows = dict(matrix.rows)
    assert rows["合计"] == ("1/4", "0/1", "1/3")
    assert rows["长春市"] == ("1/3", "", "1/3")
    assert rows["不明"] == ("0/1", "0/1", "")


def test_lists_for_the_office_and_for_each_county_and_department(
    bench: Bench, survey: Survey, tmp_path: Path
) -> None:
    with province(bench, tmp_path) as snapshot:
        paths = write_reminders(snapshot, survey, YEAR, tmp_path / "q", AS_OF)
    names = [path.relative_to(tmp_path / "q").as_posix() for path in paths]
    assert names[0] == "催报名单.xlsx"
    assert set(names[1:]) == {
        "催报/县区/长春市朝阳区催报单.xlsx",
        "催报/县区/长春市宽城区催报单.xlsx",
        "催报/部门/教育部门催报单.xlsx",
    }
    book = load_workbook(paths[0])
    assert book.sheetnames == [
        "按市州",
        "按县市区",
        "按主管部门",
        "按级别",
        "市州×部门",
        "未报单位",
    ]
    total = [cell.value for cell in book["按市州"][3]]
    assert total == [1, "全省", 4, 2, 0.25, 2, 0, 1, 3, 3]
    # Departments go down the page: 教育部门 has one unit, whose place is not known.
    matrix = [[cell.value for cell in row] for row in book["市州×部门"].iter_rows(min_row=2)]
    assert matrix[0] == ["主管部门", "合计", "长春市", "未归类"]
    assert matrix[1] == ["合计", "1/4", "1/3", "0/1"]
    assert matrix[2] == ["教育部门", "0/1", None, "0/1"]
    own = load_workbook(next(path for path in paths if "宽城" in path.name))["催报单"]
    assert "应报 1 份，已报 0 份，未报 1 份" in own["A2"].value
    assert "截至 2024年5月7日；请于 2024年5月10日 前补报" in own["A3"].value
    line = [cell.value for cell in own[5]]
    assert line[4] == "宽城科技局"
    assert line[-2:] == ["2024年4月26日", "逾期 5 个工作日"]


def test_lists_say_that_no_deadline_is_set(bench: Bench, survey: Survey, tmp_path: Path) -> None:
    with province(bench, tmp_path) as snapshot:
        first, *sent = write_reminders(snapshot, survey, YEAR, tmp_path / "q", Arrangement())
    sheet = load_workbook(first)["未报单位"]
    assert "截止时间未设" in sheet["A2"].value
    assert sheet["H4"].value == "截止时间未设"
    # What goes out to counties and departments does not tell the office what to set.
    for path in sent:
        own = load_workbook(path)["催报单"]
        assert own["A3"].value == "请尽快补报。"
        assert (own["H5"].value, own["I5"].value) == (None, None)
