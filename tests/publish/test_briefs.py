"""一页简报, read back as text: own figures, ranks among peers, what is missing, what is hidden."""

from __future__ import annotations

import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pytest
from pypdf import PdfReader

from pipelines.indicators import Definitions
from pipelines.publish import briefs
from pipelines.publish.brief_book import load_briefs
from pipelines.publish.brief_charts import _window
from pipelines.publish.figure import Member, Ranked
from pipelines.publish.figures import Figures
from pipelines.publish.office import data_file
from pipelines.publish.peers import Standing, fraction, listed, peers_of, standing
from pipelines.publish.sentences import load_sentences
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

YEAR = 2023
CHANGCHUN, SONGYUAN = "220100", "220700"
DEHUI, DONGLIAO, FUSONG, QIANGUO = "220183", "220422", "220621", "220721"
ALL_PAGES = {CHANGCHUN, SONGYUAN, DEHUI, DONGLIAO, FUSONG, QIANGUO, "education"}


@pytest.fixture(scope="module")
def edges(two_years: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """德惠市 grew fourfold, 松原市 lost most, everything of 东辽县 is hidden; long unit names."""
    path = tmp_path_factory.mktemp("edges") / "kepu.duckdb"
    shutil.copyfile(two_years, path)
    with duckdb.connect(str(path)) as con:
        con.execute(
            "UPDATE indicator_values SET value = value * 4 WHERE year = 2023"
            f" AND member_id = '{DEHUI}'"
        )
        con.execute(
            "UPDATE indicator_values SET value = value * 0.3 WHERE year = 2023"
            f" AND member_id = '{SONGYUAN}'"
        )
        con.execute(
            "INSERT INTO suppressions SELECT year, indicator_id, breakdown, member_id, '',"
            f" 'primary', 'few' FROM indicator_values WHERE member_id = '{DONGLIAO}'"
        )
        con.execute("UPDATE units SET unit_name = '模拟' || repeat('很长的单位名称', 6) || unit_id")
    return path


def _print(
    path: Path, survey: Survey, definitions: Definitions, folder: Path, **how: object
) -> dict[str, PdfReader]:
    with Snapshot(path) as snapshot:
        made = briefs.write(snapshot, survey, definitions, YEAR, folder, only=ALL_PAGES, **how)  # type: ignore[arg-type]
    return {brief.member_id: PdfReader(brief.path) for brief in made}


@pytest.fixture(scope="module")
def public(edges, survey, definitions, tmp_path_factory):
    return _print(edges, survey, definitions, tmp_path_factory.mktemp("简 报"))


@pytest.fixture(scope="module")
def internal(edges, survey, definitions, tmp_path_factory):
    folder = tmp_path_factory.mktemp("内部")
    return _print(edges, survey, definitions, folder, internal=True)


def text_of(reader: PdfReader) -> str:
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


def test_each_is_one_tagged_page_with_a_title(public, internal):
    assert public.keys() == internal.keys() == ALL_PAGES
    for reader in (*public.values(), *internal.values()):
        assert len(reader.pages) == 1
        assert "/StructTreeRoot" in reader.trailer["/Root"]
        assert "模拟数据" in text_of(reader)
    assert public[QIANGUO].metadata.title == "松原市前郭尔罗斯蒙古族自治县2023年度科普统计简报"


def test_growth_is_told_as_from_to_when_it_is_fourfold(public):
    text = text_of(public[DEHUI])
    # 776.59 万元 in 2022; 822.48 x 4 = 3289.92 in 2023
    assert "由上年的776.59万元增至3289.92万元" in text
    assert "+2513.33万元" in text


def test_a_decline_has_its_sign_and_its_word(public):
    text = text_of(public[SONGYUAN])
    # 590.25 of 1857.73: 590.25 / 1857.73 - 1 = -68.23 %
    assert "比上年下降68.23%" in text
    assert "\u221268.23%" in text
    # 590.25 / 29512.50 = 2.00 %; eight prefectures answered, the least of them is this one
    assert "占全省的2.00%，在8个市（州）中列第8位" in text


def test_a_place_that_reported_nothing_says_so(public, internal):
    text = text_of(public[FUSONG])
    assert "2023年度没有收到白山市抚松县可以汇总的调查表，没有本年的数字。" in text
    assert "应报调查表2份，实报0份，回收率0.00%" in text
    assert "2个单位（场馆）没有报送。" in text
    assert "比上年" not in text
    assert "很长的单位名称" in text_of(internal[FUSONG]).partition("2个单位（场馆）没有报送：")[2]


def test_what_is_hidden_is_hidden_in_public_only(public, internal, edges):
    said, kept = text_of(public[DONGLIAO]), text_of(internal[DONGLIAO])
    with duckdb.connect(str(edges), read_only=True) as con:
        rows = con.execute(
            "SELECT value FROM indicator_values WHERE year = 2023 AND breakdown = 'county'"
            f" AND member_id = '{DONGLIAO}' AND indicator_id = 'staff_total'"
        ).fetchall()
    value = f"{rows[0][0]:,.0f}"
    assert value not in said
    assert value in kept
    assert "不予公布的指标：科普经费筹集额、" in said
    assert "“x”表示为保护填报单位资料不予公布" in said
    assert "不得对外提供的指标：科普经费筹集额、" in kept
    assert "内部资料" in kept
    assert "内部资料" not in said


def test_public_pages_name_no_unit(public):
    assert all("很长的单位名称" not in text_of(reader) for reader in public.values())


def test_the_first_year_is_not_compared(one_year, survey, definitions, tmp_path):
    text = text_of(_print(one_year, survey, definitions, tmp_path)[CHANGCHUN])
    assert "没有2022年度的数据，不与上年比较。" in text
    for word in ("比上年增长", "2022年人", "模拟"):
        assert word not in text
    assert "只有一年的数，不能看出变化" in text


def test_same_snapshot_same_bytes(edges, survey, definitions, tmp_path):
    made = []
    for name in ("甲", "乙"):
        with Snapshot(edges) as snapshot:
            found = briefs.write(
                snapshot, survey, definitions, YEAR, tmp_path / name, only={QIANGUO}
            )
        made.append(found[0].path.read_bytes())
    assert made[0] == made[1]
    assert found[0].path.relative_to(tmp_path / "乙").as_posix() == (
        "县区/松原市前郭尔罗斯蒙古族自治县.pdf"
    )


def test_an_office_leaves_a_kind_out(edges, survey, definitions, tmp_path):
    own = tmp_path / "publish"
    own.mkdir()
    text = data_file("briefs.yaml").read_text(encoding="utf-8")
    start, end = text.index("  prefecture:\n"), text.index("  department:\n")
    (own / "briefs.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    with Snapshot(edges) as snapshot:
        made = briefs.write(
            snapshot, survey, definitions, YEAR, tmp_path / "简报", tmp_path, only=ALL_PAGES
        )
    assert [brief.member_id for brief in made] == ["education"]


def _printed(value: Decimal | None, flags: list[str], decimals: int) -> str:
    if value is None:
        return "x" if "suppressed" in flags else "…"
    return f"{value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):,f}"


@pytest.mark.parametrize("member", [("prefecture", CHANGCHUN), ("department", "education")])
def test_the_table_says_what_the_indicator_tables_hold(
    province, survey, definitions, member, tmp_path
):
    by, code = member
    with Snapshot(province.root.snapshot) as snapshot:
        made = briefs.write(
            snapshot,
            survey,
            definitions,
            province.year,
            tmp_path,
            province.root.overlay,
            only={code},
        )
        rows = {
            (r["indicator_id"], r["year"], r["breakdown"]): (r["value"], r["flags"])
            for r in snapshot.rows(
                "SELECT * FROM public_indicator_values WHERE (breakdown = ? AND member_id = ?)"
                " OR breakdown = 'province'",
                [by, code],
            )
        }
    text = text_of(PdfReader(made[0].path))
    compared = 0
    for name in load_briefs().kinds[by].rows:
        this, last = (rows[name, year, by] for year in (province.year, province.year - 1))
        whole = rows[name, province.year, "province"]
        known = [v for v, _ in (this, last, whole) if v is not None]
        level = definitions[name].kind == "level"
        decimals = 0 if level and all(v % 1 == 0 for v in known) else definitions[name].decimals
        label = load_sentences().names.get(name, definitions[name].name_zh)
        shown = f"{label}{definitions[name].unit}"
        shown += "".join(_printed(*each, decimals) for each in (this, last))
        assert shown in text, name
        compared += this[0] is not None
    assert compared >= 8


def test_everyone_on_the_lists_has_one_page_among_peers(snapshot, survey, definitions):
    figures = Figures(snapshot, survey, definitions, YEAR)
    for breakdown, kind in load_briefs().kinds.items():
        groups = peers_of(figures, breakdown, kind)
        members = [member for group in groups for member in group.members]
        assert sorted(m.member_id for m in members) == sorted(
            m.member_id for m in listed(figures, breakdown)
        )
    names = {
        g.name_zh: len(g.members)
        for g in peers_of(figures, "county", load_briefs().kinds["county"])
    }
    # 60 county units of 2023: 21 districts, 20 cities, 16 counties and 3 autonomous ones
    assert names == {"市辖区": 21, "县级市": 20, "县和自治县": 19}


def _ranking(*values: int) -> list[Ranked]:
    return [
        Ranked(Member(f"m{n}", f"名{n}"), Decimal(v), 1 + sum(o > v for o in values))
        for n, v in enumerate(values)
    ]


QUARTER = Decimal("0.25")


@pytest.mark.parametrize(
    ("values", "hidden", "member", "found"),
    [
        ((9, 7, 7, 1), 0, "m2", Standing(2, 4)),
        ((9, 7, 7, 1), 1, "m2", Standing(2, 5, 1)),  # second, or third if the hidden one is larger
        ((9, 7, 7, 1), 2, "m2", None),  # 2 of 6 hidden: too many to say
        ((9, 0), 0, "m1", None),  # nothing is not a place
        ((9,), 0, "m0", None),  # nobody to compare with
        ((9, 7), 0, "absent", None),
    ],
)
def test_standing(values, hidden, member, found):
    assert standing(_ranking(*values), hidden, member, QUARTER) == found


def test_a_place_between_two_is_written_so():
    assert Standing(2, 5, 1).text == "2–3/5"
    assert Standing(2, 5).text == "2/5"


@pytest.mark.parametrize(
    ("count", "own", "shown"),
    [
        (4, 1, [0, 1, 2, 3]),
        (20, 0, [0, 1, 2, 3, 4, 5, 6, 19]),
        (20, 10, [0, 1, 2, 8, 9, 10, 11, 19]),
        (20, 19, [0, 1, 2, 15, 16, 17, 18, 19]),
        (20, -1, [0, 1, 2, 3, 4, 5, 6, 19]),
    ],
)
def test_a_long_ranking_shows_the_first_the_own_and_the_last(count, own, shown):
    assert _window(count, own, 9) == shown


def test_bars_never_leave_their_scale():
    assert fraction(Decimal(1), Decimal(4)) == 0.25
    assert fraction(Decimal(9), Decimal(4)) == 1
    assert fraction(Decimal(-2), Decimal(4)) == 0
    assert fraction(None, Decimal(4)) == 0
    assert fraction(Decimal(1), Decimal(0)) == 0
