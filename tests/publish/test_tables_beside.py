"""Other provinces beside ours, and the note where rounding shows: both worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pipelines.indicators import Definitions
from pipelines.publish.cautions import cautions_note
from pipelines.publish.figures import Figures
from pipelines.publish.rounding import rounding_note
from pipelines.publish.table_book import TableBook, TableSpec, load_tables
from pipelines.publish.table_model import Column, Missing, Number, Row, Table
from pipelines.publish.tables import build
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot, Workshop

YEAR = 2023
LIAONING, JILIN, HEILONGJIANG = "210000", "220000", "230000"
CHANGCHUN, JILIN_CITY, SIPING = "220100", "220200", "220300"
PATTERN = "四舍五入（{names}）"

#: indicator, year, breakdown, member, value
VALUES: tuple[tuple[str, int, str, str, str | None], ...] = (
    ("staff_total", 2023, "province", JILIN, "41000"),
    ("staff_total", 2021, "province", JILIN, "40000"),
    ("staff_total", 2021, "nation", "000000", "1827000"),
    ("staff_total", 2021, "peer_province", LIAONING, "52000"),
    ("staff_total", 2021, "peer_province", HEILONGJIANG, "31000"),
    ("staff_total", 2021, "peer_province", JILIN, "40012"),
    ("staff_total", 2020, "peer_province", LIAONING, "50000"),
    # A year after ours is not used; an indicator nobody else published has no column.
    ("staff_total", 2024, "peer_province", LIAONING, "53000"),
    ("lectures", 2023, "province", JILIN, "900"),
    ("volunteers", 2021, "peer_province", JILIN, "9"),
    ("fund_raised", 2022, "peer_province", LIAONING, "60000"),
    ("fund_raised", 2022, "province", JILIN, None),
    # 0.004 three times prints as nothing, and makes 0.01.
    ("fund_used", 2023, "province", JILIN, "0.012"),
    ("fund_used", 2023, "prefecture", CHANGCHUN, "0.004"),
    ("fund_used", 2023, "prefecture", JILIN_CITY, "0.004"),
    ("fund_used", 2023, "prefecture", SIPING, "0.004"),
    # A prefecture's returns are missing from the parts: 5 is not 3, and no rounding made it so.
    ("fund_used_activities", 2023, "province", JILIN, "5.004"),
    ("fund_used_activities", 2023, "prefecture", CHANGCHUN, "1.5"),
    ("fund_used_activities", 2023, "prefecture", JILIN_CITY, "1.5"),
    ("fund_used_activities", 2023, "prefecture", SIPING, "0"),
    # 3.30 = 1.10 + 2.20 + 0 as printed too.
    ("fund_used_construction", 2023, "province", JILIN, "3.3"),
    ("fund_used_construction", 2023, "prefecture", CHANGCHUN, "1.1"),
    ("fund_used_construction", 2023, "prefecture", JILIN_CITY, "2.2"),
    ("fund_used_construction", 2023, "prefecture", SIPING, "0"),
    # Thirds make a whole: 33.33 three times prints as 99.99.
    ("government_share", 2023, "province", JILIN, "33.333333333333333"),
    ("donation_share", 2023, "province", JILIN, "33.333333333333333"),
    ("own_share", 2023, "province", JILIN, "33.333333333333334"),
    ("other_income_share", 2023, "province", JILIN, "0"),
    ("government_share", 2022, "province", JILIN, "25"),
    ("donation_share", 2022, "province", JILIN, "25"),
    ("own_share", 2022, "province", JILIN, "25"),
    ("other_income_share", 2022, "province", JILIN, "25"),
)


@pytest.fixture(scope="module")
def figures(
    survey: Survey, definitions: Definitions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Figures]:
    path = tmp_path_factory.mktemp("beside") / "kepu.duckdb"
    with Workshop() as workshop:
        workshop.load("indicator_values", [_row(definitions, *each) for each in VALUES])
        workshop.load("published_series", [_published(LIAONING, "辽宁省科学技术厅")])
        workshop.write_snapshot(path)
    with Snapshot(path) as snapshot:
        yield Figures(snapshot, survey, definitions, YEAR)


def _row(
    definitions: Definitions, indicator: str, year: int, by: str, member: str, value: str | None
) -> dict[str, Any]:
    return {
        "indicator_id": indicator, "year": year, "breakdown": by, "member_id": member,
        "member2_id": "", "member_zh": member, "value": None if value is None else Decimal(value),
        "unit": definitions[indicator].unit, "numerator": None, "denominator": None,
        "units_covered": 1, "units_expected": None, "response_rate": None,
        "flags": [] if value else ["no_return"],
    }  # fmt: skip


def _published(region: str, publisher: str) -> dict[str, Any]:
    return {
        "source_id": "s", "region": region, "series_id": "staff_total", "name_zh": "科普人员",
        "year": 2021, "value": Decimal(52000), "raw_text": "52000", "unit": "人", "derived": False,
        "publisher_zh": publisher, "title_zh": "", "published_on": "", "note_zh": "", "file": "",
        "sheet": "", "cell": "",
    }  # fmt: skip


@pytest.fixture(scope="module")
def book() -> TableBook:
    return load_tables()


def made(book: TableBook, figures: Figures, **spec: Any) -> Table:
    known = {"id": "t", "title_zh": "表", "theme": "综合", "workbook": False}
    return build(book, TableSpec(**(known | spec)), figures, "资料来源：本省。")


def text(cell: Any) -> str:
    return f"{cell.value:.{cell.decimals}f}" if isinstance(cell, Number) else str(cell)


def test_the_provinces_stand_in_official_order_each_column_in_its_year(
    book: TableBook, figures: Figures
) -> None:
    table = made(
        book, figures, layout="provinces",
        indicators=["staff_total", "lectures", "volunteers", "fund_raised"],
    )  # fmt: skip
    assert [(c.group, c.full_head, c.unit) for c in table.columns] == [
        ("2021年", "2021年：科普人员", "人"),
        ("2022年", "2022年：经费筹集额", "万元"),
    ]
    assert [(row.label, *map(text, row.cells)) for row in table.rows] == [
        ("全国", "1827000", "…"),
        ("本省（本次调查）", "40000", "…"),
        ("辽宁省", "52000", "60000"),
        ("吉林省（已公布）", "40012", "…"),
        ("黑龙江省", "31000", "…"),
        ("本省位次", "2/3", "-"),
    ]
    assert "各省数公布滞后，本表用2021年、2022年数，本省和全国也取同一年度。" in table.notes
    assert table.source == "资料来源：本省。各省数来源：辽宁省科学技术厅。"


def test_a_year_long_ago_is_not_set_beside_ours(book: TableBook, figures: Figures) -> None:
    def heads(latest: int) -> list[str]:
        table = made(
            book, figures, layout="provinces", indicators=["staff_total", "fund_raised"],
            latest_years=latest,
        )  # fmt: skip
        return [column.full_head for column in table.columns]

    # 2022 and 2023 are the latest two: the staff of 2021 are older.
    assert heads(2) == ["2022年：经费筹集额"]
    assert heads(3) == ["2021年：科普人员", "2022年：经费筹集额"]


def test_without_other_provinces_there_is_no_such_table(book: TableBook, figures: Figures) -> None:
    assert not made(book, figures, layout="provinces", indicators=["lectures", "volunteers"]).rows


def test_rounding_is_told_where_it_shows_and_nowhere_else(
    book: TableBook, figures: Figures
) -> None:
    ids = ["fund_used", "fund_used_activities", "fund_used_construction"]
    table = made(book, figures, layout="members", by="prefecture", indicators=ids)
    assert [n for n in table.notes if "四舍五入" in n] == [
        "部分数据因四舍五入的原因，分项之和与合计略有出入（经费使用额）。"
    ]
    plain = made(book, figures, layout="members", by="prefecture", indicators=ids[1:])
    assert not any("四舍五入" in note for note in plain.notes)


def test_shares_that_print_to_less_than_a_hundred_say_so(book: TableBook, figures: Figures) -> None:
    ids = ["government_share", "donation_share", "own_share", "other_income_share"]
    said = [
        rounding_note(_shares(book, figures, ids[:count]), PATTERN, figures) for count in (4, 3, 2)
    ]
    name = figures.definition("government_share").name_zh
    # Two of them are no whole that anybody would add up.
    assert said == [f"四舍五入（{name}等4项）", f"四舍五入（{name}等3项）", ""]


def _shares(book: TableBook, figures: Figures, ids: list[str]) -> Table:
    return made(book, figures, layout="change", indicators=ids)


@pytest.mark.parametrize(
    ("total", "parts", "said"),
    [
        # 1.5 + 1.5 = 3 万人次; whole they print as 2 + 2.
        ("3", ["1.5", "1.5"], True),
        ("3", ["1", "2"], False),
        ("4", ["1.5", "1.5"], False),
        ("3", ["1.5", "1.5", "x"], False),
        ("3", ["1.5", "1.5", "…"], True),
        ("3", ["1.5", "1.5", "-"], True),
        ("-3", ["-1.5", "-1.5"], True),
        ("1.5", ["1.5"], False),
    ],
)
def test_a_cross_table_adds_from_left_to_right(
    figures: Figures, total: str, parts: list[str], said: bool
) -> None:
    spec = TableSpec(
        id="t", title_zh="表", theme="综合", layout="cross", by="department_level", workbook=False
    )
    cells = [Number(Decimal(c), 0) if c not in {"x", "…", "-"} else c for c in (total, *parts)]
    columns = tuple(Column(str(n)) for n in range(len(cells)))
    table = Table(spec, "表", "部门", columns, (Row("教育部门", tuple(cells)),))
    assert rounding_note(table, PATTERN, figures) == ("四舍五入（教育部门）" if said else "")


def test_items_add_up_to_the_indicator_that_they_make(figures: Figures) -> None:
    """科普人员 is 专职 and 兼职: 0.5 + 0.5 万人 print as 1 + 1 beside 1."""
    spec = TableSpec(id="t", title_zh="表", theme="综合", layout="series", workbook=False)

    def table(*values: str) -> Table:
        keys = ("staff_total", "staff_full_time", "staff_part_time")
        rows = tuple(
            Row(key, (Number(Decimal(value), 0),), key=key)
            for key, value in zip(keys, values, strict=True)
        )
        return Table(spec, "表", "指标", (Column("2023年"),), rows)

    name = figures.definition("staff_total").name_zh
    assert rounding_note(table("1", "0.5", "0.5"), PATTERN, figures) == f"四舍五入（{name}）"
    assert rounding_note(table("2", "1.4", "0.6"), PATTERN, figures) == ""


def test_many_places_are_counted(figures: Figures) -> None:
    spec = TableSpec(
        id="t", title_zh="表", theme="综合", layout="cross", by="department_level", workbook=False
    )
    half = Number(Decimal("0.5"), 0)
    rows = tuple(Row(name, (Number(Decimal(1), 0), half, half)) for name in "甲乙丙丁戊")
    table = Table(spec, "表", "部门", (Column("合计"), Column("省"), Column("市")), rows)
    assert rounding_note(table, PATTERN, figures) == "四舍五入（甲、乙、丙、丁等5处）"


def test_members_add_up_to_their_subtotal_too(figures: Figures) -> None:
    spec = TableSpec(
        id="t", title_zh="表", theme="综合", layout="appendix", form="media", by="county",
        workbook=False,
    )  # fmt: skip

    def row(name: str, value: str, *, total: bool = False) -> Row:
        return Row(name, (Number(Decimal(value), 0),), total)

    # 0.5 + 0.5 + 1 + 1 = 3 prints as 1 + 1 + 1 + 1; of the parts only 长春's do not add up.
    rows = (
        row("全省", "3", total=True), row("长春市", "1", total=True), row("甲", "0.5"),
        row("乙", "0.5"), row("吉林市", "2", total=True), row("丙", "1"), row("丁", "1"),
    )  # fmt: skip
    table = Table(spec, "表", "地区", (Column("图书"),), rows)
    assert rounding_note(table, PATTERN, figures) == "四舍五入（图书）"
    even = Table(spec, "表", "地区", (Column("图书"),), (rows[4], *rows[5:]))
    assert rounding_note(even, PATTERN, figures) == ""


def _held(*lines: tuple[str, bool, list[str]]) -> Table:
    """A table of ones; every cell holds the flag that is written for it."""
    spec = TableSpec(id="t", title_zh="表", theme="综合", layout="members", workbook=False)
    rows = tuple(
        Row(
            name,
            tuple(
                Missing("no_return") if flag == "…" else
                Number(Decimal(1), 0, flags=frozenset(flag.split()))
                for flag in flags
            ),
            total,
        )
        for name, total, flags in lines
    )  # fmt: skip
    return Table(
        spec, "表", "地区", (Column("人均经费"), Column("每万人人员"), Column("人数")), rows
    )


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (_held(("全省", True, ["", "", ""])), ""),
        # What other marks tell is not told again.
        (_held(("全省", True, ["break", "provisional", ""])), ""),
        (
            _held(
                ("全省", True, ["", "", ""]),
                ("长春市", False, ["population_year:2021"] * 2 + [""]),
                ("吉林市", False, ["population_year:2021", "…", ""]),
            ),
            "人口不是当年数，用2021年（除全省外的人均经费、每万人人员）。",
        ),
        (
            _held(
                ("全省", True, ["census population_year:2020"] * 2 + [""]),
                ("长春市", False, ["census population_year:2020"] * 2 + [""]),
            ),
            "人口为普查数，人口不是当年数，用2020年（人均经费、每万人人员）。",
        ),
        (
            _held(
                ("全省", True, ["", "", ""]),
                ("长春市", False, ["", "", ""]),
                ("白山市", False, ["population_split"] * 2 + ["partial"]),
            ),
            (
                "有分项无人填报，只是已填部分之和（白山市的人数）；"
                "长白山的人口按普查拆分（白山市的人均经费、每万人人员）。"
            ),
        ),
        (
            _held(
                ("长春市", False, ["partial", "", ""]),
                ("吉林市", False, ["", "partial", ""]),
            ),
            "有分项无人填报，只是已填部分之和（长春市的人均经费、吉林市的每万人人员）。",
        ),
    ],
)
def test_what_to_mind_is_said_with_the_rows_and_columns(table: Table, said: str) -> None:
    assert cautions_note(table) == said


def test_the_workbook_has_a_sheet_for_the_provinces(book: TableBook) -> None:
    assert book.table["provinces"].sheet_zh == "各省对照"
