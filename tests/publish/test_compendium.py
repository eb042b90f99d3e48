"""资料汇编, read back as text: every standard table, its figures, heads that repeat, contents."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader

from pipelines.errors import PublicationError
from pipelines.publish import compendium
from pipelines.publish.compendium import load_compendium
from pipelines.publish.figures import Figures
from pipelines.publish.office import data_file
from pipelines.publish.table_book import load_tables
from pipelines.warehouse import Snapshot


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office that wants a short yearbook: a wide table, a split one, counties, a cross table."""
    folder = tmp_path_factory.mktemp("自己") / "调查制度"
    (folder / "publish").mkdir(parents=True)
    book = yaml.safe_load(data_file("compendium.yaml").read_text(encoding="utf-8"))
    book["parts"] = [
        {"title": "综合", "tables": ["headline", "counties"]},
        {"title": "经费", "themes": ["科普经费"], "exclude": ["funding_by_level"]},
        {"title": "空", "tables": []},
        {
            "title": "全部指标",
            "tables": ["appendix_education_by_county", "appendix_funding_by_prefecture"],
        },
    ]
    text = yaml.safe_dump(book, allow_unicode=True)
    (folder / "publish" / "compendium.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def reader(province, survey, definitions, overlay, tmp_path_factory):
    path = tmp_path_factory.mktemp("汇 编") / "资料汇编.pdf"
    with Snapshot(province.root.snapshot) as snapshot:
        compendium.write(snapshot, survey, definitions, province.year, path, overlay)
    return PdfReader(path)


@pytest.fixture(scope="module")
def pages(reader) -> list[str]:
    return ["".join(page.extract_text().split()) for page in reader.pages]


def titles(entries: list) -> list:
    return [titles(e) if isinstance(e, list) else "".join(e.title.split()) for e in entries]


def test_every_standard_table_is_in_the_yearbook():
    book = load_tables()
    chosen = [spec.id for _, specs in load_compendium().specs(book) for spec in specs]
    assert len(chosen) == len(set(chosen))
    standard = {spec.id for spec in book.tables if spec.workbook}
    # how often each rule was judged is for the office's workbook, not for readers
    assert standard - set(chosen) == {"rules"}
    assert {s for s in chosen if s.endswith("_by_county")} == {
        f"appendix_{form}_by_county"
        for form in ("personnel", "venues", "funding", "media", "activities", "education")
    }


def test_contents_and_bookmarks_name_every_table_once(reader, pages):
    found = titles(reader.outline)
    assert found[0] == "编辑说明"
    assert found[1] == "第一篇综合"
    assert found[2] == ["表1-12023年科普统计主要指标", "表1-22023年各县（市、区）科普统计主要指标"]
    assert found[3] == "第二篇经费"
    assert found[4] == ["表2-12023年各市（州）科普经费", "表2-22023年各部门科普经费"]
    assert found[5] == "第三篇全部指标"
    assert [each[:4] for each in found[6]] == ["附表18", "附表32"]
    for table in (*found[2], *found[4], *found[6]):
        assert table in pages[1]


def test_every_page_is_marked_and_numbered(reader, pages):
    assert "模拟数据" in pages[0]
    for number, page in enumerate(pages[1:], 2):
        assert page.removeprefix("模拟数据").startswith("吉林省2023年度科普统计资料汇编模拟")
        assert f"—{number}—" in page


def test_a_table_that_goes_on_repeats_its_head(pages):
    first, second = (page for page in pages[2:] if "表1-22023年各县" in page)
    assert "（续表）" not in first.split("表1-2")[1][:40]
    assert "各县（市、区）科普统计主要指标（续表）" in second
    assert "科普场馆" in second  # the heads of the columns stand again


def test_wide_tables_lie_on_their_side(reader, pages):
    for page, text in zip(reader.pages[2:], pages[2:], strict=True):
        lies = page.mediabox.width > page.mediabox.height
        if "表2-1" in text:  # 12 columns
            assert lies
        if "表1-1" in text:  # 7 columns
            assert not lies


def test_groups_stand_above_their_columns(pages):
    page = next(page for page in pages[2:] if "附表32023年各市（州）科普经费" in page)
    table = page.split("附表3")[1]
    assert table.index("年度科普经费筹集额") < table.index("合计") < table.index("全省")


def test_counties_stand_under_their_prefecture(pages):
    text = "".join(page for page in pages[2:] if "附表18" in page)
    places = ["全省", "长春市", "南关区", "吉林市", "昌邑区", "延边朝鲜族自治州", "延吉市"]
    found = [re.search(rf"{place}[\d…x]", text).start() for place in places]
    assert found == sorted(found)


def test_figures_are_those_of_the_indicator_tables(province, pages, definitions):
    """Each row of the prefectures' money table, worked out from the snapshot."""
    text = next(page for page in pages[2:] if "表2-12023年各市（州）科普经费" in page)
    text = text.split("表2-2")[0]
    names = load_tables().lists["funding"]
    with Snapshot(province.root.snapshot) as snapshot:
        rows = snapshot.rows(
            "SELECT member_zh, indicator_id, value, flags FROM public_indicator_values"
            " WHERE year = ? AND breakdown IN ('province', 'prefecture')"
            " AND list_contains(?, indicator_id)",
            [province.year, list(names)],
        )
    found = {(r["member_zh"], r["indicator_id"]): r["value"] for r in rows}
    hidden = {(r["member_zh"], r["indicator_id"]) for r in rows if "suppressed" in r["flags"]}
    whole = {
        name: all(v is None or v % 1 == 0 for (_, n), v in found.items() if n == name)
        for name in names
    }
    places = list(dict.fromkeys(place for place, _ in found))
    assert len(places) == 10
    for place in places:
        cells = []
        for name in names:
            value = found[place, name]
            exponent = Decimal(1).scaleb(0 if whole[name] else -definitions[name].decimals)
            mark = "x" if (place, name) in hidden else "…"
            cells.append(mark if value is None else f"{value.quantize(exponent, ROUND_HALF_UP):,f}")
        label = "全省" if place == "吉林省" else place
        assert label + "".join(cells) in text


def test_an_unknown_table_is_refused(overlay, province, survey, definitions, tmp_path):
    own = tmp_path / "publish"
    own.mkdir()
    text = (overlay / "publish" / "compendium.yaml").read_text(encoding="utf-8")
    (own / "compendium.yaml").write_text(text.replace("headline", "headlines"), encoding="utf-8")
    with (
        Snapshot(province.root.snapshot) as snapshot,
        pytest.raises(PublicationError, match="“headlines”不在"),
    ):
        compendium.write(
            snapshot, survey, definitions, province.year, tmp_path / "汇编.pdf", tmp_path
        )


def test_nothing_received_makes_a_short_truthful_yearbook(nothing, survey, definitions, tmp_path):
    with Snapshot(nothing) as snapshot:
        made = compendium.write(snapshot, survey, definitions, 2023, tmp_path / "汇编.pdf")
    reader = PdfReader(made)
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)
    assert "2023年度没有收到可以汇总的调查表，没有可汇编的表。" in text
    assert "第一篇" not in text
    assert len(reader.pages) == 3


def test_nobody_lives_in_a_level(snapshot, survey, definitions):
    figures = Figures(snapshot, survey, definitions, 2023)
    assert figures.get("fund_special_per_head", "level", "central").reason == "no_population"
    assert figures.get("lectures", "level", "central").reason == "no_return"
    assert figures.get("fund_special_per_head", "county", "220102").reason == "no_return"
