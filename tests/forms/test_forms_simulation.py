"""The simulated province: consistent, near the published volumes, repeatable, honest."""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from python_calamine import load_workbook

from pipelines.errors import UnknownYearError, UsageError
from pipelines.forms import simulate
from pipelines.forms.checking import is_relation
from pipelines.forms.layout import Cell
from pipelines.forms.simulation.chance import Chance
from pipelines.forms.simulation.figures import Answers, Drawer, province_total
from pipelines.forms.simulation.roster import Roster, SimUnit
from pipelines.forms.simulation.settings import settings
from pipelines.survey import Survey
from pipelines.survey.identity import is_valid_uscc
from pipelines.warehouse import Root

from .conftest import SMALL, Province, files_of, reader

YEARS = (2022, 2023)
#: Year-end population of Jilin as first published, 万人.
POPULATION = {2022: 2347.69, 2023: 2339.41}


@pytest.fixture(scope="module")
def roster(survey: Survey) -> Roster:
    return Roster(survey, settings(), Chance(20231231), YEARS, 400)


@pytest.fixture(scope="module")
def drawn(survey: Survey, roster: Roster) -> dict[int, dict[int, Answers]]:
    drawer = Drawer(survey.edition_of(2023), settings(), Chance(20231231), 2022)
    return {year: drawer.draw(roster.reporting(year), year, POPULATION[year]) for year in YEARS}


def units_of(roster: Roster, year: int) -> dict[int, SimUnit]:
    return {unit.number: unit for unit in roster.reporting(year)}


# -- who -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("returns", [20, 60, 400, 3000])
def test_exactly_so_many_units_report_each_year(survey: Survey, returns: int) -> None:
    roster = Roster(survey, settings(), Chance(1), YEARS, returns)
    for year in YEARS:
        reporting, expected = roster.reporting(year), roster.expected(year)
        assert len(reporting) == returns
        assert {unit.number for unit in reporting} <= {unit.number for unit in expected}
        assert 0.04 <= 1 - returns / len(expected) <= 0.08
        if returns >= 60:
            places = {survey.divisions.prefecture_of(u.division_code, year) for u in reporting}
            assert len(places) == 9


def test_units_have_distinct_identities(roster: Roster) -> None:
    units = roster.expected(2023)
    keys = Counter((unit.uscc, unit.venue_name) for unit in units)
    assert max(keys.values()) == 1
    owners = {unit.unit_name: unit.uscc for unit in units}
    assert all(owners[unit.unit_name] == unit.uscc for unit in units)
    assert len(set(owners.values())) == len(owners)
    assert all(is_valid_uscc(unit.uscc) and "MN" in unit.uscc for unit in units)
    assert all(unit.unit_name.startswith("模拟") for unit in units)


def test_units_come_and_go(roster: Roster) -> None:
    first, second = ({u.number for u in roster.expected(year)} for year in YEARS)
    assert len(first) == len(second)
    assert 0 < len(first - second) < 0.06 * len(first)
    assert len(second - first) == len(first - second)


# -- figures -------------------------------------------------------------------------------------


@pytest.mark.parametrize("year", YEARS)
def test_every_rule_of_a_return_holds(
    survey: Survey, roster: Roster, drawn: dict[int, dict[int, Answers]], year: int
) -> None:
    edition = survey.edition_of(year)
    levels = {level.level_id: level.name_zh for level in survey.levels}
    facts = [("number", pa.int64()), ("is_venue", pa.bool_()), ("level", pa.string())]
    schema = pa.schema([*facts, *((item_id, pa.float64()) for item_id in edition.item)])
    rows = [
        {
            "number": number,
            "is_venue": bool(unit.venue_name),
            "level": levels[unit.level_id],
            **{item: 0 if v == "-" else v for item, v in drawn[year][number].items()},
        }
        for number, unit in units_of(roster, year).items()
    ]
    assert len(rows) == 400
    assert rows[0].keys() == set(schema.names)
    with duckdb.connect() as con:
        con.register("r", pa.Table.from_pylist(rows, schema=schema))
        for rule in filter(is_relation, edition.rules):
            where = f"({rule.when or 'TRUE'}) AND ({rule.expr}) IS NOT TRUE"
            failing = con.execute(f"SELECT number FROM r WHERE {where}").fetchall()
            assert failing == [], rule.id


def test_volumes_a_head_are_near_the_national_releases(
    drawn: dict[int, dict[int, Answers]],
) -> None:
    """National release of 2023 over 140,967 万人 (volunteers, venues, staff, funds)."""
    national = {
        "fund_raised": 2150600 / 140967,
        "fund_raised_government": 1671100 / 140967,
        "fund_raised_government_special": 5.76,
        "staff_full_time": 293200 / 140967,
        "staff_part_time": 1863100 / 140967,
        "volunteers": 8045300 / 140967,
        "community_rooms": 48000 / 140967,
        "rural_sites": 161900 / 140967,
    }
    for item_id, per_10k in national.items():
        found = province_total(drawn[2023], item_id) / POPULATION[2023]
        assert found == pytest.approx(per_10k, rel=0.2), item_id
    venues = sum(province_total(drawn[2023], k) for k in ("science_centers", "science_museums"))
    assert 18 <= venues <= 40


def test_most_figures_move_little_from_year_to_year(
    drawn: dict[int, dict[int, Answers]],
) -> None:
    moves = [
        abs(now - before) / before
        for number, answers in drawn[2023].items()
        for item_id, now in answers.items()
        if isinstance(before := drawn[2022].get(number, {}).get(item_id), int)
        and isinstance(now, int)
        and before > 0
    ]
    assert 0.6 <= sum(move <= 0.08 for move in moves) / len(moves) <= 0.9


def test_an_item_does_not_move_when_another_unit_is_added(survey: Survey) -> None:
    chance = Chance(5)
    assert chance.uniform("a", 1) == Chance(5).uniform("a", 1)
    assert chance.uniform("a", 1) != chance.uniform("a", 2)
    draws = [chance.uniform(n) for n in range(4000)]
    assert 0.48 < sum(draws) / len(draws) < 0.52
    spread = [chance.spread(0.6, n) for n in range(4000)]
    assert 0.95 < sum(spread) / len(spread) < 1.05


# -- files ---------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(
    survey: Survey, province: Province, tmp_path: Path
) -> None:
    again, other = Root(tmp_path / "again"), Root(tmp_path / "other")
    summary = simulate(survey, again, returns=SMALL, published=False)
    assert files_of(again.path) == files_of(province.root.path)
    assert (summary.returns, summary.files) == (dict.fromkeys(YEARS, SMALL), province.summary.files)
    simulate(survey, other, returns=SMALL, seed=1, published=False)
    assert files_of(other.path) != files_of(province.root.path)


def test_both_channels_and_every_shape_arrive(province: Province) -> None:
    names = list(files_of(province.root.inbox(2023)))
    assert {name.split("/")[0] for name in names} == {"县区", "部门", "名录.xlsx"}
    endings = Counter(name.rsplit(".", 1)[-1] for name in names)
    assert {"xlsx", "xls", "et", "csv", "zip"} <= endings.keys()
    assert any(name.endswith("汇总表.xlsx") for name in names)
    assert any(name.split("/")[-1].startswith("~$") for name in names)
    assert {".DS_Store", "Thumbs.db"} <= {name.split("/")[-1] for name in names}


def test_some_zips_carry_gbk_names(province: Province) -> None:
    flags = set()
    for path in province.root.raw.rglob("*.zip"):
        with zipfile.ZipFile(path, metadata_encoding="gbk") as package:
            assert package.testzip() is None
            assert all("模拟" in name for name in package.namelist())
            flags |= {entry.flag_bits for entry in package.infolist()}
    assert flags == {0, 0x800}


def test_every_readable_file_says_it_is_simulated(province: Province) -> None:
    broken = {row["文件"] for row in sidecar(province) if row["错误"] in _UNREADABLE}
    checked = 0
    for year in YEARS:
        for name, data in documents(province.root.inbox(year)):
            if name in broken:
                continue
            if name.endswith(".csv"):
                assert "模拟数据" in data.decode("gb18030").splitlines()[1]
            else:
                book = load_workbook(io.BytesIO(data))
                sheets = [n for n in book.sheet_names if n not in {"代码表", "审核"}]
                for sheet in sheets:
                    rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)[:4]
                    assert any("模拟数据" in str(cell) for row in rows for cell in row), name
            checked += 1
    assert checked >= 2 * SMALL * 0.9


def test_about_one_return_in_ten_has_a_mistake(province: Province) -> None:
    assert province.summary.mistakes == pytest.approx(0.1 * 2 * SMALL, abs=4)
    rows = [row for row in sidecar(province) if row["错误"] in settings().mistakes.kinds]
    wrong = {(row["年度"], row["单位名称"], row["场馆名称"]) for row in rows}
    assert len(wrong) == province.summary.mistakes


def test_the_sidecar_points_at_the_cells(province: Province) -> None:
    """What stands in the named cell differs from the true value it gives."""
    checked = 0
    contents = {year: dict(documents(province.root.inbox(year))) for year in YEARS}
    for row in sidecar(province):
        data = contents[int(row["年度"])].get(row["文件"])
        assert data is not None, row
        if not row["单元格"]:
            continue
        shown = str(cell_of(data, row["单元格"]))
        assert shown.removesuffix(".0") != row["真实值"], row
        if row["错误"] == "of_which_over":
            assert int(float(shown)) > int(row["真实值"])
        if row["错误"] == "yuan_for_wan":
            assert int(float(shown)) == int(row["真实值"]) * 10_000
        checked += 1
    assert checked >= 20


def test_errors_in_money_are_followed_by_a_correction(province: Province) -> None:
    files = {year: set(files_of(province.root.inbox(year))) for year in YEARS}
    wrong = {(int(r["年度"]), r["文件"]) for r in sidecar(province) if r["错误"] == "yuan_for_wan"}
    assert wrong
    for year, file in wrong:
        assert file.replace(".xlsx", "（更正）.xlsx") in files[year]


def test_the_register_lists_who_is_expected(province: Province) -> None:
    data = (province.root.inbox(2023) / "名录.xlsx").read_bytes()
    rows = load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[0][:7] == [
        "单位名称",
        "统一社会信用代码",
        "场馆名称",
        "单位所在地",
        "机构主管部门类别",
        "单位级别",
        "渠道",
    ]
    assert len(rows) - 1 == round(SMALL / 0.94)
    assert {row[6] for row in rows[1:]} == {"属地", "部门"}
    assert all(is_valid_uscc(str(row[1])) for row in rows[1:])


def test_a_second_simulation_replaces_the_first_and_keeps_what_people_added(
    survey: Survey, tmp_path: Path
) -> None:
    root = Root(tmp_path)
    simulate(survey, root, returns=30, published=False)
    first = set(files_of(root.raw))
    added = root.inbox(2023) / "说明.xlsx"
    added.write_bytes(b"by hand")
    simulate(survey, root, returns=20, seed=3, published=False)
    now = set(files_of(root.raw))
    assert added.read_bytes() == b"by hand"
    assert len(now) < len(first)


def test_real_returns_are_never_mixed_in(survey: Survey, tmp_path: Path) -> None:
    real = Root(tmp_path).inbox(2023) / "县区" / "真表.xlsx"
    real.parent.mkdir(parents=True)
    real.write_bytes(b"real")
    with pytest.raises(UsageError, match="收件夹里已有文件"):
        simulate(survey, Root(tmp_path), returns=20, published=False)
    assert [p.name for p in Root(tmp_path).raw.rglob("*") if p.is_file()] == ["真表.xlsx"]


def test_too_few_returns_and_other_editions_are_refused(survey: Survey, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="不能少于 20 份"):
        simulate(survey, Root(tmp_path), returns=19)
    with pytest.raises(UnknownYearError, match="不能模拟 2014 年度"):
        simulate(survey, Root(tmp_path), years=(2014, 2015), returns=20)


_UNREADABLE = {"corrupt", "encrypted", "empty", "lock_file", "ds_store", "thumbs"}


def sidecar(province: Province) -> list[dict[str, str]]:
    text = province.summary.sidecar.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def documents(inbox: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of an inbox, those in zips as 包.zip!内部路径; the register left out."""
    for name, data in files_of(inbox).items():
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(data), metadata_encoding="gbk") as package:
                for inner in package.namelist():
                    yield f"{name}!{inner}", package.read(inner)
        elif name != "名录.xlsx":
            yield name, data


def cell_of(data: bytes, address: str) -> object:
    sheet, _, at = address.rpartition("!")
    letters = at.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    row = int(at.removeprefix(letters)) - 1
    if not sheet:
        return list(csv.reader(io.StringIO(data.decode("gb18030"))))[row][column - 1]
    return reader(data)(Cell(sheet, row, column - 1))
