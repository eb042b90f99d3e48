"""The yearbook's tables, from returns to cells: appendix, 续表, series, cross tables, notes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipelines.indicators import Definitions, compute
from pipelines.publish.absence import marks_note
from pipelines.publish.figures import Figures
from pipelines.publish.table_book import TableBook, TableSpec, load_tables
from pipelines.publish.tables import Table, build
from pipelines.publish.yearbook import broken_notes
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot, Workshop
from pipelines.warehouse.schema import TABLES

NANGUAN, GONGZHULING_OLD, GONGZHULING, MEIHEKOU = "220102", "220381", "220184", "220581"
APPENDICES = (
    "科普人员", "科普场地", "科普经费", "科普传媒", "科普活动", "科学教育",
)  # fmt: skip
#: Year, place, department, level, answers.
RETURNS: tuple[tuple[int, str, str, str, dict[str, str]], ...] = (
    (2015, GONGZHULING_OLD, "education", "county", {"fund_raised": "10", "lectures": "5"}),
    (2015, NANGUAN, "education", "county", {"fund_raised": "100", "lectures": "7"}),
    (2021, GONGZHULING, "education", "county", {"fund_raised": "11", "lectures": "6"}),
    (2021, NANGUAN, "health", "prefectural", {"fund_raised": "120", "lectures": "",
     "staff_full_time": "4", "staff_full_time_women": "3"}),
    (2021, MEIHEKOU, "education", "county", {"fund_raised": "2", "lectures": "1"}),
)  # fmt: skip
_EMPTY: dict[str, Any] = {"text": "", "texts": [], "integer": 0, "flag": False, "date": None}


def _row(table: str, **known: Any) -> dict[str, Any]:
    blank = {c.name: None if c.nullable else _EMPTY.get(c.kind) for c in TABLES[table].columns}
    return blank | known


@pytest.fixture(scope="module")
def snapshot(
    survey: Survey, definitions: Definitions, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Snapshot]:
    path = tmp_path_factory.mktemp("yearbook") / "kepu.duckdb"
    with Workshop() as workshop:
        for n, (year, place, department, level, answers) in enumerate(RETURNS):
            located = {
                "division_code": place,
                "county_code": survey.divisions.county_of(place, year),
                "prefecture_code": survey.divisions.prefecture_of(place, year),
                "department_id": department,
                "level_id": level,
                "channel": "county",
            }
            state = {"role": "basic", "status": "accepted"}
            head = _row(
                "returns", return_id=f"r{n}", year=year, unit_id=f"u{n}", **located, **state
            )
            workshop.load("returns", [head])
            cells = [
                _row(
                    "answers", return_id=f"r{n}", item_id=item, raw_text=text,
                    value=Decimal(text) if text else None,
                    state="reported" if text else "blank",
                )
                for item, text in answers.items()
            ]  # fmt: skip
            workshop.load("answers", cells)
        compute(workshop, survey, definitions)
        workshop.write_snapshot(path)
    with Snapshot(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def figures(snapshot: Snapshot, survey: Survey, definitions: Definitions) -> Figures:
    return Figures(snapshot, survey, definitions, 2021)


def made(figures: Figures, **spec: Any) -> Table:
    book = load_tables()
    wanted = TableSpec(id="t", title_zh="表", theme="综合", workbook=False, **spec)
    return build(book, wanted, figures, "资料来源：本省。")


def cells(table: Table, label: str) -> dict[str, Any]:
    row = next(row for row in table.rows if row.label == label)
    return {
        column.full_head: getattr(cell, "value", cell)
        for column, cell in zip(table.columns, row.cells, strict=True)
    }


def test_the_appendix_tables_stand_in_the_order_of_the_yearbook() -> None:
    found = [spec for spec in load_tables().tables if spec.number_zh]
    assert [spec.number_zh for spec in found] == [f"附表{n}" for n in range(1, 19)]
    # those of counties are too long for the workbook
    assert [spec.workbook for spec in found] == [True] * 12 + [False] * 6
    members = ("各市（州）", "各部门", "各县（市、区）")
    titles = [f"{who}{what}" for who in members for what in APPENDICES]
    assert [spec.title_zh for spec in found] == titles


def test_an_appendix_table_has_every_item_in_the_order_of_the_form(
    figures: Figures, survey: Survey
) -> None:
    table = made(figures, layout="appendix", by="prefecture", form="personnel")
    items = survey.edition_of(2021).items_of("personnel")
    assert len(table.columns) == len(items)
    assert [c.full_head for c in table.columns[:3]] == [
        "科普专职人员：合计",
        "科普专职人员：中级职称及以上或大学本科及以上学历人员",
        "科普专职人员：女性",
    ]
    assert [row.label for row in table.rows][:3] == ["全省", "长春市", "吉林市"]
    assert cells(table, "长春市")["科普专职人员：女性"] == 3
    assert cells(table, "吉林市")["科普专职人员：合计"] == "…"


def test_what_does_not_fit_is_continued(figures: Figures) -> None:
    table = made(figures, layout="appendix", by="department", form="personnel", columns_per_part=6)
    parts = list(table.parts())
    assert [part.title for part in parts] == [
        "2021年表", "2021年表（续表1）", "2021年表（续表2）",
    ]  # fmt: skip
    assert sum((part.columns for part in parts), ()) == table.columns
    assert [bool(part.notes) for part in parts] == [False, False, True]
    two = made(figures, layout="appendix", by="level", form="personnel", columns_per_part=8)
    assert [part.title for part in two.parts()] == ["2021年表", "2021年表（续表）"]


def test_a_form_nobody_filled_gives_no_table(figures: Figures) -> None:
    assert made(figures, layout="appendix", by="prefecture", form="education").rows == ()


def test_the_note_says_why_a_value_is_missing(figures: Figures) -> None:
    table = made(
        figures, layout="members", by="prefecture",
        indicators=("fund_raised", "lectures", "fund_raised_per_head"),
    )  # fmt: skip
    note = next(note for note in table.notes if "…" in note)
    assert "没有收到调查表（吉林市、四平市、辽源市" in note
    assert note.endswith("。")


def test_a_series_marks_what_cannot_be_compared(figures: Figures) -> None:
    table = made(figures, layout="series", indicators=("fund_raised", "lectures", "wechat_posts"))
    raised, lectures = table.rows[0], table.rows[1]
    assert [cell.mark for cell in raised.cells[1:]] == ["", ""]  # type: ignore[union-attr]
    assert [cell.mark for cell in lectures.cells[1:]] == ["", "※"]  # type: ignore[union-attr]
    assert [row.label for row in table.rows] == ["年度科普经费筹集额", "科普（技）讲座举办次数"]
    assert any("2020年起与以前年度不可比" in note for note in table.notes)


def test_a_constant_series_keeps_gongzhuling_in_changchun(figures: Figures) -> None:
    table = made(figures, layout="series", by="prefecture_constant", indicators=("fund_raised",))
    assert cells(table, "长春市") == {"计量单位": "万元", "2015年": 110, "2021年": 131}
    assert cells(table, "四平市")["2015年"] == "…"
    reported = made(figures, layout="series", by="prefecture", indicators=("fund_raised",))
    assert cells(reported, "四平市")["2015年"] == 10
    assert any("不变口径" in note for note in table.notes)
    assert not any("口径：" in note for note in reported.notes)


def test_meihekou_stands_beside_tonghua_or_in_it(figures: Figures) -> None:
    spec: dict[str, Any] = {"layout": "members", "indicators": ("fund_raised",)}
    assert cells(made(figures, by="prefecture", **spec), "通化市") == {"经费筹集额": 2}
    apart = made(figures, by="prefecture_apart", **spec)
    assert cells(apart, "梅河口市") == {"经费筹集额": 2}
    assert "通化市" not in [row.label for row in apart.rows]


def test_a_cross_table_shows_who_is_not_there(figures: Figures) -> None:
    table = made(figures, layout="cross", by="department_level", indicators=("fund_raised",))
    assert cells(table, "教育部门") == {"合计": 13, "市级": "-", "区县级": 13}
    assert cells(table, "卫生健康部门") == {"合计": 120, "市级": 120, "区县级": "-"}


def test_a_change_over_a_break_is_given_when_asked_for_and_marked(
    snapshot: Snapshot, survey: Survey, definitions: Definitions
) -> None:
    class Neighbours(Figures):
        """As if the year loaded before were the year before."""

        def last(self, indicator_id: str, *place: Any) -> Any:
            return self.get(indicator_id, *place, year=2015)

    figures = Neighbours(snapshot, survey, definitions, 2021)
    spec: dict[str, Any] = {"layout": "change", "indicators": ("lectures",)}
    plain = made(figures, **spec).rows[0].cells
    assert plain[3:5] == ("-", "口径调整")
    asked = made(figures, over_breaks=True, **spec).rows[0].cells
    assert asked[3].mark == "※"  # type: ignore[union-attr]


def test_absent_figures_say_why(figures: Figures) -> None:
    assert figures.get("fund_raised", year=2019).reason == "no_year"
    assert figures.get("fund_raised", "county", GONGZHULING, 2015).reason == "unknown_division"
    assert figures.get("wechat_posts", "prefecture", "220100", 2015).reason == "not_asked"
    assert figures.get("fund_raised", "nation", "000000").reason == "not_published"
    assert figures.get("fund_raised").reason == ""


def test_breaks_of_one_kind_share_a_note() -> None:
    notes = broken_notes({"甲": {2020: "含线上"}, "乙": {2020: "含线上"}, "丙": {}})
    assert notes == ("※甲、乙：含线上，2020年起与以前年度不可比。",)


def test_a_break_of_very_many_names_some_and_counts() -> None:
    names = [f"指标{n}" for n in range(1, 14)]
    note = broken_notes({name: {2023: "改版"} for name in names})
    assert note == ("※指标1、指标2、指标3等13项指标：改版，2023年起与以前年度不可比。",)
    few = broken_notes({name: {2023: "改版"} for name in names[:12]})
    assert few[0].startswith(f"※{'、'.join(names[:12])}：改版")


def test_a_table_without_marks_has_no_note_on_them(figures: Figures) -> None:
    table = made(figures, layout="series", indicators=("fund_raised",))
    assert marks_note(table) == ""


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"layout": "appendix", "by": "level"}, "form"),
        ({"layout": "appendix", "form": "media"}, "by"),
        ({"layout": "cross", "indicators": ["fund_raised"]}, "by"),
        ({"layout": "pie"}, "layout"),
    ],
)
def test_a_table_that_cannot_be_built_is_refused(spec: dict[str, Any], said: str) -> None:
    table = {"id": "t", "title_zh": "表", "theme": "综合", "workbook": False, **spec}
    with pytest.raises(ValidationError, match=said):
        TableBook.model_validate(
            {"lists": {}, "heads": {}, "notes": {}, "rounding_zh": "{names}", "tables": [table]}
        )


def test_an_office_may_order_its_own_titles(tmp_path: Path) -> None:
    folder = tmp_path / "publish"
    folder.mkdir()
    (folder / "tables.yaml").write_text(
        "lists: {}\nheads: {}\nnotes: {}\nrounding_zh: 有出入（{names}）\ntables:\n"
        "  - {id: a, number_zh: 附表一, sheet_zh: 甲, title_zh: 全省人员, theme: 年报,"
        " layout: appendix, form: personnel, by: level, columns_per_part: 5}\n",
        "utf-8",
    )
    spec = load_tables(tmp_path).tables[0]
    assert (spec.number_zh, spec.title_zh, spec.columns_per_part) == ("附表一", "全省人员", 5)
