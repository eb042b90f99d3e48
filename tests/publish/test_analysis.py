"""内部分析报告, read back as text: movers and causes, queries, who did not report."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from pypdf import PdfReader

from pipelines.publish import analysis
from pipelines.publish.figures import Figures
from pipelines.publish.movements import Part, by_size, largest
from pipelines.publish.unit_values import UnitValues
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Query:
    """An open query as the room of checks ranks it."""

    rank: int
    message_zh: str
    effect: Decimal | None
    effect_item_id: str
    score: Decimal | None
    adds: Decimal
    cumulative: Decimal
    must_correct: bool = False
    unit_name: str = "某县科协"
    venue_name: str = ""


@dataclass(frozen=True)
class Queries:
    tasks: tuple[Query, ...] = ()
    sentence_zh: str = ""


def _query(
    rank: int, said: str, effect: str | None, item: str, score: str | None, adds: str, so_far: str
) -> Query:
    known = [None if value is None else Decimal(value) for value in (effect, score)]
    return Query(rank, said, known[0], item, known[1], Decimal(adds), Decimal(so_far), rank == 1)


ASKED = Queries(
    (
        _query(1, "单位可能填错", "900", "fund_raised", "0.09", "0.09", "0.6"),
        _query(2, "同一格又问", "700", "fund_raised", "0.07", "0", "0.6"),
        _query(3, "与上年相差很大", "150.5", "fund_raised", "0.015", "0.015", "0.9"),
        _query(4, "人数不合", "40", "staff_full_time", "0.01", "0.01", "1"),
        _query(5, "算不出影响", None, "", None, "0", "1"),
    ),
    "前 3 条涵盖了九成",
)


def _text(reader: PdfReader) -> str:
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


@pytest.fixture(scope="module")
def reader(province, survey, definitions, tmp_path_factory):
    path = tmp_path_factory.mktemp("内 部") / "内部分析报告.pdf"
    with Snapshot(province.root.snapshot) as snapshot:
        analysis.write(snapshot, survey, definitions, province.year, ASKED, path)
    return PdfReader(path)


@pytest.fixture(scope="module")
def text(reader) -> str:
    return _text(reader)


def test_every_page_says_what_it_is(reader):
    for page in reader.pages:
        said = "".join(page.extract_text().split())
        assert "内部资料" in said
        assert "模拟数据" in said


def _sums(province, column: str, year: int) -> dict[str, Decimal]:
    """经费筹集额 by a column of the returns, from the answers themselves."""
    with Snapshot(province.root.snapshot) as snapshot:
        rows = snapshot.rows(
            f"SELECT {column} AS who, sum(a.amount) AS amount FROM counted_answers a"
            " JOIN returns r USING (return_id) WHERE a.item_id = 'fund_raised' AND a.year = ?"
            f" AND a.amount IS NOT NULL GROUP BY {column}",
            [year],
        )
    return {row["who"]: row["amount"] for row in rows}


def _first(this: dict[str, Decimal], last: dict[str, Decimal]) -> tuple[str, Decimal]:
    """Who moved the sum most, and by how many 百分点 of last year's."""
    zero = Decimal(0)
    moved = {who: this.get(who, zero) - last.get(who, zero) for who in this.keys() | last.keys()}
    who = max(moved, key=lambda each: abs(moved[each]))
    return who, moved[who] / sum(last.values()) * 100


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("r.prefecture_code", "分市（州）看，"),
        ("r.department_id", "分部门看，"),
        ("r.unit_id || r.venue_name", "分单位看，"),
    ],
)
def test_the_cause_of_a_change_is_the_part_that_moved_most(province, survey, text, column, said):
    this, last = (_sums(province, column, year) for year in (2023, 2022))
    who, points = _first(this, last)
    cause = next(t for t in text.split("科普经费筹集额")[1:] if "分市（州）看" in t)
    sentence = cause.split(said)[1].split("百分点")[0]
    word = "拉动" if points > 0 else "下拉"
    assert sentence.endswith(f"{word}{abs(points):.2f}个")
    if column == "r.prefecture_code":
        assert sentence.startswith(survey.divisions.get(who, 2023).name_zh)
    if column == "r.department_id":
        assert sentence.startswith(survey.departments.get(who, 2023).name_zh)


def test_what_correcting_could_move_counts_a_figure_once(province, definitions, text):
    # 900 + 150.50; the second query is about the same figure as the first
    total = sum(_sums(province, "r.unit_id", 2023).values())
    share = Decimal("1050.5") / total * 100
    name = definitions["fund_raised"].name_zh
    assert f"{name}万元2{total:,.2f}1,050.50{share:.2f}" in text
    assert "没有答复的查询5条，其中须改正的1条。前3条涵盖了九成。" in text
    assert "【须改正】单位可能填错" in text
    assert "5某县科协算不出影响……100.00" in text


def test_who_did_not_report_is_named(province, text):
    with Snapshot(province.root.snapshot) as snapshot:
        rows = snapshot.rows(
            "SELECT unit_name, venue_name, unit_id FROM units u WHERE year = 2023 AND NOT EXISTS"
            " (SELECT 1 FROM returns r WHERE r.year = 2023 AND r.unit_id = u.unit_id"
            " AND r.venue_name = u.venue_name AND r.status IN ('accepted', 'queried', 'received')"
            " AND r.role = 'basic')"
        )
    assert rows
    assert f"应报而没有报送的{len(rows)}个单位（场馆），2022年度共填报科普经费筹集额" in text
    listed = text.split("没有报送的单位次序")[1]
    assert all("".join(row["unit_name"].split()) in listed for row in rows)


def test_the_first_year_has_no_movers(one_year, survey, definitions, tmp_path):
    with Snapshot(one_year) as snapshot:
        made = analysis.write(snapshot, survey, definitions, 2023, Queries(), tmp_path / "内部.pdf")
    text = _text(PdfReader(made))
    assert "没有2022年度的数据，不能分析变动。" in text
    assert "没有未答复的查询。" in text
    assert "拉动" not in text
    assert "三、变动由谁引起" not in text


def test_nothing_received(nothing, survey, definitions, tmp_path):
    with Snapshot(nothing) as snapshot:
        made = analysis.write(snapshot, survey, definitions, 2023, Queries(), tmp_path / "内部.pdf")
    text = _text(PdfReader(made))
    assert "没有应报名录，不能列出没有报送的单位。" in text
    assert "审核共记录0条发现" in text


def _part(who: str, this: int | None, last: int | None) -> Part[str]:
    return Part(who, *(None if v is None else Decimal(v) for v in (this, last)))


def test_a_contribution_is_a_share_where_all_moved_one_way():
    found = largest(Decimal(130), Decimal(100), [_part("甲", 60, 40), _part("乙", 70, 60)])
    assert found is not None
    assert (found.who, found.share, found.points) == ("甲", Decimal(20) / 30, Decimal("0.2"))


def test_a_contribution_has_no_share_where_signs_mix():
    found = largest(Decimal(110), Decimal(100), [_part("甲", 70, 40), _part("乙", 40, 60)])
    assert found is not None
    assert (found.who, found.share, found.points) == ("甲", None, Decimal("0.3"))


@pytest.mark.parametrize(
    ("this", "last", "parts"),
    [
        (None, 100, [_part("甲", 1, 2)]),
        (100, 0, [_part("甲", 100, 0)]),
        (100, 100, [_part("甲", 60, 40), _part("乙", 40, 60)]),
        (130, 100, [_part("甲", None, 40), _part("乙", 70, 60)]),
        (130, 100, []),
    ],
)
def test_no_contribution_is_made_up(this, last, parts):
    this, last = (None if v is None else Decimal(v) for v in (this, last))
    assert largest(this, last, parts) is None


def test_one_who_did_not_report_moves_all_that_it_had():
    found = by_size(
        [_part("甲", 7, 5), _part("乙", None, 9), _part("丙", 4, None), _part("丁", 3, 3)]
    )
    assert [(part.who, part.moved) for part in found] == [("乙", -9), ("丙", 4), ("甲", 2)]


def test_not_reported_is_told_from_not_filled_in(snapshot, survey, definitions):
    figures = Figures(snapshot, survey, definitions, 2023, internal=True)
    values = UnitValues(figures, [definitions["fund_raised"]])
    # 单位001 answered without a figure; every ninth unit, from 单位000 on, did not answer
    assert values.reported(("单位001", ""), 2023)
    assert not values.reported(("单位000", ""), 2023)
    assert values.parts(definitions["fund_raised"]) == []
