"""Published tables in their three shapes, to the cell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipelines import intake
from pipelines.errors import PublishedTableError
from pipelines.forms.published import write_published
from pipelines.survey import Survey
from pipelines.survey.published import load_cast_system, load_national
from pipelines.warehouse import Workshop
from tests.intake.writing import Office


def read(office: Office) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = intake.read_published(office.root, office.survey).to_pylist()
    return found


def put(office: Office, name: str, text: str, encoding: str = "utf-8") -> None:
    office.root.published.mkdir(parents=True, exist_ok=True)
    (office.root.published / name).write_bytes(text.encode(encoding))


def test_nothing_published_is_an_empty_table(office: Office) -> None:
    assert read(office) == []


def test_everything_we_publish_comes_back(office: Office, survey: Survey) -> None:
    write_published(office.root.published)
    rows = read(office)
    with Workshop() as workshop:
        workshop.load("published_series", intake.read_published(office.root, survey))
        workshop.assert_keys()
    national = {(f.year, f.region, f.name_zh, Decimal(f.value)) for f in load_national()}
    cast = {(f.year, f.tier_zh, f.indicator_zh, f.amount) for f in load_cast_system() if f.value}
    got = {(r["year"], r["region"], r["name_zh"], r["value"]) for r in rows}
    assert national | cast == got
    assert {r["source_id"] for r in rows} <= survey.sources.keys()
    site = {r["region"]: r["value"] for r in rows if r["name_zh"] == "科普网站数"
            and r["year"] == 2008}  # fmt: skip
    assert site["全国学会"] + site["省级学会"] == site["学会(小计)"] == 549
    assert site["学会(小计)"] + site["科协(小计)"] == site["中国科协系统"] == 1814


def test_years_down_keeps_tier_cell_and_empty_unit(office: Office) -> None:
    put(
        office,
        "中国科协系统试表.csv",
        ",中国科协系统科普网站数,学会(小计)科普网站数\n2007年,,\n2008年,1814.0,549\n",
    )
    rows = {row["region"]: row for row in read(office)}
    assert rows["中国科协系统"]["value"] == 1814
    assert rows["中国科协系统"]["raw_text"] == "1814.0"
    assert rows["学会(小计)"]["cell"] == "C3"
    assert rows["学会(小计)"]["unit"] == ""
    assert rows["学会(小计)"]["source_id"] == "cast_system"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_years_across_with_regions_down(office: Office, encoding: str) -> None:
    text = (
        "数据库：分省年度数据\n指标：地区生产总值(亿元)\n时间：最近2年\n地区,2019年,2018年\n"
        "北京市,35371.28,33105.97\n吉林省,-4.7,\n注：以第四次经济普查修订。\n数据来源：国家统计局\n"
    )
    put(office, "分省.csv", text, encoding)
    rows = read(office)
    assert [(r["region"], r["year"], r["value"], r["cell"]) for r in rows] == [
        ("北京市", 2019, Decimal("35371.28"), "B5"),
        ("北京市", 2018, Decimal("33105.97"), "C5"),
        ("吉林省", 2019, Decimal("-4.7"), "B6"),
    ]
    assert {(r["name_zh"], r["unit"], r["publisher_zh"]) for r in rows} == {
        ("地区生产总值", "亿元", "国家统计局")
    }
    assert "第四次经济普查" in rows[0]["note_zh"]


def test_years_across_with_indicators_down(office: Office) -> None:
    put(office, "表.csv", "指标,2019年,2018年\n普通本科学校数(所),1265,1245\n科普画廊(个),5,\n")
    rows = {(r["name_zh"], r["year"]): r for r in read(office)}
    assert rows["普通本科学校数", 2018]["value"] == 1245
    assert rows["普通本科学校数", 2018]["unit"] == "所"
    assert rows["普通本科学校数", 2018]["region"] == "全国"


def test_a_file_that_is_no_such_table_says_so(office: Office) -> None:
    put(office, "杂.csv", "甲,乙\n1,2\n")
    with pytest.raises(PublishedTableError, match="杂"):
        read(office)


def test_two_figures_for_one_thing_are_not_chosen_between(office: Office) -> None:
    text = "年度,指标,数值\n2008,科普网站数,5\n2008,科普网站数,6\n"
    put(office, "表.csv", text)
    with pytest.raises(PublishedTableError, match="两次"):
        read(office)
