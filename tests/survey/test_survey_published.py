"""Figures that others published: carried over exactly, named, sourced, and consistent."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from pipelines.forms.published import HEADER, WORKBOOK, write_published
from pipelines.survey import Survey
from pipelines.survey.published import (
    CAST_NO_TIER,
    CAST_SOURCE,
    CAST_TIERS,
    CastFigure,
    NationalFigure,
    load_cast_system,
    load_national,
)
from pipelines.survey.quantities import in_unit

NATIONAL = load_national()
CAST = load_cast_system()


def figure(year: int, name: str, source: str = "") -> NationalFigure:
    (found,) = (
        row
        for row in NATIONAL
        if (row.year, row.region, row.name_zh) == (year, "全国", name)
        and source in ("", row.source_id)
    )
    return found


def test_every_name_has_a_series_and_every_figure_a_source(survey: Survey) -> None:
    names = {row.name_zh for row in NATIONAL} | {row.indicator_zh for row in CAST}
    assert names <= set(survey.series)
    assert {row.source_id for row in NATIONAL} | {CAST_SOURCE} == set(survey.sources)


def test_a_source_prints_a_series_once_a_year(survey: Survey) -> None:
    keys = Counter(
        (row.source_id, row.region, survey.series[row.name_zh].series_id, row.year)
        for row in NATIONAL
    )
    assert max(keys.values()) == 1
    cells = Counter(
        (row.tier_zh, survey.series[row.indicator_zh].series_id, row.year) for row in CAST
    )
    assert max(cells.values()) == 1


def test_units_fit_their_series(survey: Survey) -> None:
    for row in NATIONAL:
        series = survey.series[row.name_zh]
        value = in_unit(Decimal(row.value), row.unit, series.unit)
        assert value is not None, (row.year, row.name_zh, row.unit, series.unit)
        assert series.derived == (row.nature == "公布比率") or row.nature == "推得数"


def test_series_of_our_items_have_our_units(survey: Survey) -> None:
    edition = survey.edition("kp-2021")
    shared = [row for row in survey.series.values() if row.series_id in edition.item]
    assert len({row.series_id for row in shared}) > 40
    for row in shared:
        assert row.unit == edition.item[row.series_id].unit, row.name_zh


def test_printed_decimals_are_kept() -> None:
    assert figure(2022, "年度科普经费筹集额").value == "191.00"
    assert figure(2024, "年度科普经费筹集额").value == "222.20"
    assert figure(2016, "科技馆和科学技术类博物馆").value == "1393"


def test_both_reports_of_a_disagreement_are_kept() -> None:
    found = {r.value: r for r in NATIONAL if (r.year, r.name_zh) == (2023, "科普人员")}
    assert set(found) == {"215.62", "215.63"}
    assert all("不一致" in row.note_zh or "取此数" in row.note_zh for row in found.values())
    parts = [Decimal(figure(2023, name).value) for name in ("科普专职人员", "科普兼职人员")]
    assert sum(parts) == Decimal("215.63")


def test_nothing_points_to_a_copy(survey: Survey) -> None:
    words = [text for row in survey.sources.values() for text in row.model_dump().values()]
    words += [row.note_zh for row in NATIONAL]
    assert not [text for text in words if "http" in text or "转载" in text or "www" in text]


@pytest.mark.parametrize("year", [2016, 2017, 2018, 2021, 2022, 2023, 2024])
def test_two_kinds_of_venues_add_up(year: int) -> None:
    both = [int(figure(year, name).value) for name in ("科技馆", "科学技术类博物馆")]
    assert sum(both) == int(figure(year, "科技馆和科学技术类博物馆").value)


@pytest.mark.parametrize("year", [2006, 2012, 2016, 2017, 2018, 2020, 2021, 2022, 2023, 2024])
def test_government_share(year: int) -> None:
    """Recomputed from figures of two decimals the share may be off by one in the last place."""
    share = figure(year, "政府拨款占筹集额比重")
    raised = Decimal(figure(year, "年度科普经费筹集额").value)
    government = Decimal(figure(year, "政府拨款").value)
    assert abs(government / raised * 100 - Decimal(share.value)) < Decimal("0.01")


def cells() -> dict[tuple[int, str, str], Decimal]:
    return {
        (row.year, row.tier_zh, row.indicator_zh): row.amount
        for row in CAST
        if row.amount is not None
    }


def test_size_of_the_cast_tables() -> None:
    assert len([row for row in CAST if row.value]) == 937
    assert len(CAST) == 340 * 4
    assert len({row.table_zh for row in CAST}) == 11
    assert {row.year for row in CAST} == {2008, 2009, 2010, 2011}
    assert {row.tier_zh for row in CAST} == {*CAST_TIERS, CAST_NO_TIER}


def test_tiers_add_up_in_260_of_261_cases() -> None:
    values = cells()
    held, failed = 0, []
    for parts, total in (
        (("全国学会", "省级学会"), "学会(小计)"),
        (("学会(小计)", "科协(小计)"), "中国科协系统"),
    ):
        for year in range(2008, 2012):
            for name in dict.fromkeys(row.indicator_zh for row in CAST):
                terms = [values.get((year, tier, name)) for tier in (*parts, total)]
                if None in terms:
                    continue
                # Parts may be printed finer than their total: half a unit of it is rounding.
                if abs(terms[0] + terms[1] - terms[2]) <= Decimal("0.5"):
                    held += 1
                else:
                    failed.append((year, total, name, *map(int, terms)))
    assert held == 260
    # Both parts rounded: 61 + 136 = 197 against 198 printed.
    assert failed == [(2008, "学会(小计)", "培训结业人数", 61, 136, 198)]


def test_a_heading_names_tier_and_indicator() -> None:
    given = {"table_zh": "表", "year": 2008, "indicator_zh": "科普网站数", "value": "549"}
    assert CastFigure(tier_zh="学会(小计)", **given).heading_zh == "学会(小计)科普网站数"
    assert CastFigure(tier_zh="未分层", **given).heading_zh == "科普网站数"
    assert CastFigure(tier_zh="未分层", **(given | {"value": ""})).amount is None


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_published(tmp_path_factory.mktemp("公布") / "公布数据")


def test_one_workbook_and_eleven_tables(written: list[Path]) -> None:
    assert written[0].name == WORKBOOK
    assert [path.suffix for path in written] == [".xlsx", *[".csv"] * 11]


def test_the_workbook_holds_every_figure_as_printed(written: list[Path], survey: Survey) -> None:
    sheet = openpyxl.load_workbook(written[0]).active
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[1]] == list(HEADER)
    figures = rows[2 : 2 + len(NATIONAL)]
    for cells_, row in zip(figures, NATIONAL, strict=True):
        source = survey.sources[row.source_id]
        decimals = len(cells_[3].number_format.partition(".")[2])
        assert f"{cells_[3].value:.{decimals}f}" == row.value
        assert [cell.value or "" for cell in cells_[:3]] == [row.year, row.region, row.name_zh]
        assert [cell.value or "" for cell in cells_[4:]] == [
            *(row.unit, row.nature, source.publisher_zh, source.title_zh),
            *(source.published_on, row.note_zh),
        ]
    assert all(row[0].value.startswith("注") for row in rows[2 + len(NATIONAL) :])


def test_the_tables_have_the_published_shape(written: list[Path]) -> None:
    path = next(p for p in written if p.name == "中国科协系统科学技术普及活动.csv")
    data = path.read_bytes()
    assert data.startswith(",中国科协系统举办科普展览受众人数,".encode())
    rows = list(csv.reader(data.decode().splitlines()))
    assert [row[0] for row in rows[1:]] == [f"{year}年" for year in range(1978, 2015)]
    assert {len(row) for row in rows} == {41}
    at = rows[0].index("全国学会举办科普讲座受众人数")
    by_year = {row[0]: row[at] for row in rows[1:]}
    assert by_year["2009年"] == "436.5"
    assert by_year["2011年"] == "777"
    assert by_year["2012年"] == by_year["1978年"] == ""
    empty = rows[0].index("全国学会开展科技咨询次数")
    assert {row[empty] for row in rows[1:]} == {""}


def test_no_figure_is_lost_in_the_tables(written: list[Path]) -> None:
    filled = 0
    for path in written[1:]:
        rows = list(csv.reader(path.read_text("utf-8").splitlines()))
        filled += sum(bool(cell) for row in rows[1:] for cell in row[1:])
    assert filled == 937


def test_the_same_figures_give_the_same_bytes(written: list[Path], tmp_path: Path) -> None:
    again = write_published(tmp_path)
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in written]
