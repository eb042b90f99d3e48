"""The report page: its HTML, its data, and what it does in a real browser without a network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from pipelines.errors import PublicationError, SurveyDefinitionError
from pipelines.indicators import Definitions, load_definitions
from pipelines.publish import page
from pipelines.publish.office import BUILT_IN
from pipelines.publish.page import Link
from pipelines.publish.page.assembly import inline_json
from pipelines.publish.page.classes import classes_of
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

YEAR = 2023
CHANGCHUN, JILIN, BAISHAN = "220100", "220200", "220600"
DONGFENG, TAOBEI = "220421", "220802"
#: dist/echarts.common.min.js of echarts 6.1.0.
ECHARTS = "61f13280aba3161f77fc801bf5f9c786f55f10432153a0683fc5cc0700b013d5"

Write = Callable[..., str]


@pytest.fixture(scope="module")
def write(survey: Survey, definitions: Definitions) -> Write:
    """Write a page of a snapshot, and give its text."""

    def made(
        snapshot: Path, folder: Path, *, links: tuple[Link, ...] = (), overlay: Path | None = None
    ) -> str:
        with Snapshot(snapshot) as opened:
            path = page.write(opened, survey, definitions, YEAR, links, folder, overlay)
        return path.read_text(encoding="utf-8")

    return made


@pytest.fixture(scope="module")
def guarded(two_years: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """吉林市's staff are not published, of neither year."""
    path = tmp_path_factory.mktemp("guarded") / "kepu.duckdb"
    shutil.copyfile(two_years, path)
    with duckdb.connect(str(path)) as con:
        for year in (YEAR, YEAR - 1):
            con.execute(
                "INSERT INTO suppressions VALUES"
                f" ({year}, 'staff_total', 'prefecture', '{JILIN}', '', 'primary', 'few')"
            )
    return path


@pytest.fixture(scope="module")
def text(guarded: Path, write: Write, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(guarded, tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def data(text: str) -> dict[str, Any]:
    return data_of(text)


def data_of(text: str) -> dict[str, Any]:
    (found,) = html.fromstring(text).xpath("//script[@id='data']")
    loaded: dict[str, Any] = json.loads(found.text)
    return loaded


def cell(data: dict[str, Any], by: str, indicator: str, member: str, key: str) -> str:
    column = data["columns"][by][indicator]
    ids = ["", *(row[0] for row in data["members"][by])]
    cells = column[key] if key in "dq" else column[key].split("|")
    return str(cells[ids.index(member)])


def test_the_page_says_what_it_is_before_any_script_runs(text: str) -> None:
    tree = html.fromstring(text)
    assert tree.xpath("string(//title)") == "吉林省2023年度科普统计（模拟数据）"
    assert "不得引用" in tree.xpath("string(//header//div[@class='marks'])")
    assert tree.xpath("string(//nav//strong[@class='stamp'])") == "模拟数据"
    card = tree.xpath("//li[contains(@class, 'theme-funding')]")[0]
    # 29512.50万元 is 2.95亿元; (29512.50 - 27866.00) / 27866.00 = 5.9086 %
    assert " ".join(card.xpath("string(p[@class='big'])").split()) == "2.95 亿元"
    assert card.xpath("string(p[@class='moved'])") == "比上年增长5.91%"
    assert "93 份" in card.xpath("string(details)")
    assert "77.5%" in card.xpath("string(details)")


def test_the_tables_stand_in_the_page_without_scripts(text: str) -> None:
    (table,) = html.fromstring(text).xpath("//div[@id='table-region']//table")
    heads = [th.text for th in table.xpath(".//thead//th")]
    rows = {tr.xpath("string(th)"): tr for tr in table.xpath(".//tbody/tr")}
    staff = heads.index("科普人员")
    assert rows["全省"].xpath(f"string(td[{heads.index('经费筹集额')}])") == "29,512.50"
    # 长春市 is first of nine: 9/45 of 41286 is 8257.2, and its people are whole
    assert rows["长春市"].xpath(f"string(td[{staff}])") == "8,257"
    assert rows["吉林市"].xpath(f"td[{staff}]/span/text()") == ["x", "为保护填报单位资料不予公布"]
    assert rows["白山市"].xpath(f"td[{staff}]/span/text()") == ["…", "没有数"]


def test_every_figure_is_that_of_the_public_values(data: dict[str, Any], guarded: Path) -> None:
    """By a second way: the view read with SQL, rounded half up with the decimal module."""
    definitions = {d.indicator_id: d for d in load_definitions()}
    with Snapshot(guarded) as snapshot:
        rows = snapshot.rows(
            "SELECT * FROM public_indicator_values WHERE year = ? AND member2_id = ''"
            " AND breakdown IN ('prefecture', 'county', 'department')",
            [YEAR],
        )
    assert len(rows) > 800
    for row in rows:
        shown = cell(data, row["breakdown"], row["indicator_id"], row["member_id"], "v")
        if "suppressed" in row["flags"]:
            assert shown == "x"
        elif row["value"] is None:
            assert shown == "…"
        else:
            printed = Decimal(shown.replace(",", "").replace("\u2212", "-"))
            places = Decimal(1).scaleb(printed.as_tuple().exponent)
            assert printed == row["value"].quantize(places, ROUND_HALF_UP), row
            definition = definitions.get(row["indicator_id"])
            if definition is not None and definition.kind != "level":
                assert -printed.as_tuple().exponent == definition.decimals


def test_what_stands_behind_a_figure_is_with_it(data: dict[str, Any]) -> None:
    assert cell(data, "county", "fund_raised", "220102", "n") == "93"
    state = data["states"][int(cell(data, "county", "fund_raised", "220102", "m"))]
    assert (state["rate"], state["low"], state["why"]) == ("89.0%", False, "")
    hidden = data["states"][int(cell(data, "county", "fund_raised", DONGFENG, "m"))]
    assert hidden["why"] == "为保护填报单位资料不予公布"
    entry = data["indicators"]["fund_special_per_head"]
    assert entry["formula"] == "科普专项经费（万元）÷ 年末常住人口 × 10000"
    assert entry["unit"] == "元"


def test_change_share_and_place(data: dict[str, Any]) -> None:
    # 长春市 has 9/45 of 29512.50 and of 27866.00: 5902.50 and 5573.20, which is +5.91 %
    assert cell(data, "prefecture", "fund_raised", CHANGCHUN, "v") == "5,902.50"
    assert cell(data, "prefecture", "fund_raised", CHANGCHUN, "l") == "5,573.20"
    assert cell(data, "prefecture", "fund_raised", CHANGCHUN, "c") == "+5.91%"
    assert cell(data, "prefecture", "fund_raised", CHANGCHUN, "d") == "u"
    assert cell(data, "prefecture", "fund_raised", CHANGCHUN, "s") == "20.0%"
    assert cell(data, "prefecture", "fund_raised", CHANGCHUN, "k") == "1"
    # venues: 9/45 of 41 and of 38 are 8 and 8 after whole numbers: nothing moved
    assert cell(data, "prefecture", "venues_two_kinds", CHANGCHUN, "d") == "f"
    # a fall is told as such: staff 41286 after 42010, 1/45 each: 917 after 934 (7th 延边)
    assert cell(data, "prefecture", "staff_total", "222400", "d") == "d"
    assert cell(data, "prefecture", "staff_total", "222400", "c") == "\u22121.82%"


def test_nothing_tells_a_suppressed_figure(data: dict[str, Any]) -> None:
    for key in ("c", "s", "k"):
        assert cell(data, "prefecture", "staff_total", JILIN, key) == ""
    assert cell(data, "prefecture", "staff_total", JILIN, "l") == "x"
    assert cell(data, "prefecture", "staff_total", JILIN, "q") == "."
    column = data["columns"]["prefecture"]["staff_total"]
    # 9 places, one absent, one withheld: seven are ranked, and one more may stand among them
    assert (column["of"], column["h"]) == (7, 1)
    lead = data["indicators"]["staff_total"]["lead"]["prefecture"]
    assert lead["title"] == ""
    assert "有1个的数为保护填报单位资料不公布" in lead["notes"][0]
    assert all(JILIN not in scatter["members"] for scatter in data["scatters"])


def test_missing_is_told_apart_with_its_reason(data: dict[str, Any]) -> None:
    assert cell(data, "county", "venues_two_kinds", TAOBEI, "v") == "0"
    assert cell(data, "county", "venues_two_kinds", TAOBEI, "q") == "z"
    assert cell(data, "county", "venues_two_kinds", DONGFENG, "v") == "x"
    assert cell(data, "prefecture", "venues_two_kinds", BAISHAN, "v") == "…"
    notes = data["indicators"]["venues_two_kinds"]["lead"]["prefecture"]["notes"]
    assert any("有1个没有数" in note for note in notes)


def test_all_counties_have_a_square(data: dict[str, Any]) -> None:
    assert len(data["tiles"]) == 60
    assert len({(row, column) for _, _, row, column, _ in data["tiles"]}) == 60


def test_the_first_year_has_nothing_to_compare(
    one_year: Path, write: Write, tmp_path: Path
) -> None:
    text = write(one_year, tmp_path)
    first = data_of(text)
    assert "没有2022年度的数据，不与上年比较。" in text
    assert "模拟数据" not in html.fromstring(text).xpath("string(//body)")
    assert set(first["columns"]["prefecture"]["fund_raised"]["d"]) == {"-"}
    assert first["indicators"]["fund_raised"]["series"] is None
    assert first["indicators"]["fund_raised"]["nation"] == "全国无公布数"


def test_a_year_without_returns_says_so(two_years: Path, write: Write, tmp_path: Path) -> None:
    empty = tmp_path / "kepu.duckdb"
    shutil.copyfile(two_years, empty)
    with duckdb.connect(str(empty)) as con:
        con.execute(f"DELETE FROM indicator_values WHERE year = {YEAR} AND breakdown <> 'nation'")
    text = write(empty, tmp_path)
    assert "2023年度没有收到可以汇总的调查表，没有可公布的数据。" in text
    assert not html.fromstring(text).xpath("//li[contains(@class, 'card')]")


def test_the_same_snapshot_gives_the_same_bytes(
    text: str, guarded: Path, write: Write, tmp_path: Path
) -> None:
    assert write(guarded, tmp_path) == text


def test_only_its_own_scripts_and_styles_may_run(text: str) -> None:
    tree = html.fromstring(text)
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
        for part in (*scripts, style)
    ]
    assert policy.startswith("default-src 'none';")
    assert f"script-src {hashes[0]} {hashes[1]};" in policy
    assert f"style-src {hashes[2]};" in policy
    assert "unsafe" not in policy
    assert not tree.xpath("//@*[starts-with(name(), 'on')] | //@style")
    assert not tree.xpath("//@src")
    assert {link.partition(":")[0] for link in tree.xpath("//link/@href")} == {"data"}


def test_the_vendored_library_is_the_published_one() -> None:
    folder = BUILT_IN / "page" / "vendor" / "echarts"
    script = (folder / "echarts.common.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() == ECHARTS
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert "Apache ECharts" in (folder / "NOTICE").read_text(encoding="utf-8")
    assert "6.1.0" in (folder / "README.md").read_text(encoding="utf-8")


@given(st.dictionaries(st.text(), st.text()))
def test_data_in_the_page_reads_back_and_is_no_markup(data: dict[str, str]) -> None:
    text = inline_json(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028\u2029") & set(text)


HOSTILE = "</script><script>document.title='!'</script>\"'><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def hostile(two_years: Path, write: Write, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An office whose own words are markup, with members' names that are as well."""
    folder = tmp_path_factory.mktemp("hostile")
    publish = folder / "publish"
    publish.mkdir()
    office = yaml.safe_load((BUILT_IN / "office.yaml").read_text(encoding="utf-8"))
    own = yaml.safe_dump(office | {"office_zh": HOSTILE}, allow_unicode=True)
    (publish / "office.yaml").write_text(own, encoding="utf-8")
    snapshot = folder / "kepu.duckdb"
    shutil.copyfile(two_years, snapshot)
    with duckdb.connect(str(snapshot)) as con:
        con.execute(
            "UPDATE indicator_values SET member_id = 'hostile', member_zh = $1"
            " WHERE breakdown = 'department' AND member_id = (SELECT min(member_id)"
            " FROM indicator_values WHERE breakdown = 'department')",
            {"1": HOSTILE},
        )
    return write(snapshot, folder / "网页", overlay=folder)


def test_no_name_is_ever_markup(hostile: str) -> None:
    tree = html.fromstring(hostile)
    assert HOSTILE in tree.xpath("string(//p[@class='office'])")
    assert any(HOSTILE in th for th in tree.xpath("//th/text()"))
    assert len(tree.xpath("//script")) == 3
    assert not tree.xpath("//img")
    assert any(HOSTILE in row for row in data_of(hostile)["members"]["department"])


def test_a_file_about_one_county_stands_with_it(
    two_years: Path, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "农安县.pdf").write_bytes(b"0" * 3000)
    link = Link(tmp_path / "农安县.pdf", "农安县一页简报", about="county:220122")
    text = write(two_years, tmp_path, links=(link,))
    (file,) = data_of(text)["files"]["county:220122"]
    assert (file["title"], file["size"]) == ("农安县一页简报", "PDF 3 KB")
    heads = html.fromstring(text).xpath("//section[@id='downloads']/h3/text()")
    assert heads == ["各地区、各部门"]


def test_links_lead_to_files_of_the_same_release(
    two_years: Path, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "图 1").mkdir()
    for name, size in (("公报.pdf", 3 * 1024 * 1024 // 2), ("图 1/01#经费.png", 2000)):
        (tmp_path / name).write_bytes(b"0" * size)
    links = (Link(tmp_path / "公报.pdf", "公报"), Link(tmp_path / "图 1/01#经费.png", "经费<图>"))
    tree = html.fromstring(write(two_years, tmp_path, links=links))
    found = {
        a.text: (a.get("href"), a.getnext().text) for a in tree.xpath("//ul[@class='files']//a")
    }
    assert found == {
        "公报": ("%E5%85%AC%E6%8A%A5.pdf", "PDF 1.5 MB"),
        "经费<图>": ("%E5%9B%BE%201/01%23%E7%BB%8F%E8%B4%B9.png", "PNG 2 KB"),
    }


@pytest.mark.parametrize("name", ["内部资料/综合测算.xlsx", "没有.pdf", "../外面.pdf"])
def test_other_links_are_refused(two_years: Path, write: Write, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "2023"
    (folder / "内部资料").mkdir(parents=True)
    (folder / "内部资料" / "综合测算.xlsx").write_bytes(b"")
    (tmp_path / "外面.pdf").write_bytes(b"")
    with pytest.raises(PublicationError):
        write(two_years, folder, links=(Link((folder / name).resolve(), "文件"),))
    assert not (folder / page.FILE).exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("indicators: main}", "indicators: mian}", "“mian”不在 tables.yaml"),
        ("cards: [fund_raised,", "cards: [fund_rased,", "没有编号为“fund_rased”的指标"),
        ("没有名称含“{text}”", "没有名称含“{txt}”", "{txt}不认识"),
        ("by: county, name:", "by: region, name:", "只能填"),
        ('leaders: "[{it.name}', 'leaders: "[{it.nme}', "不认识的占位"),
        ("  skip: 跳到正文\n", "", "缺少该项"),
    ],
)
def test_a_page_that_cannot_be_made_is_refused(
    two_years: Path, write: Write, tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = (BUILT_IN / "page.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "publish").mkdir()
    (tmp_path / "publish" / "page.yaml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match=re.escape(said)):
        write(two_years, tmp_path, overlay=tmp_path)


def test_classes_are_round_and_near_the_fifths() -> None:
    values = [Decimal(n) for n in (0, 9, 12, 21, 29, 33, 41, 48, 62, 79, 1000)]
    classes = classes_of(values, 0)
    # fifths of the ten that are not zero end at 12, 29, 41, 62; round: 10, 30, 40, 60
    assert classes.bounds == (10, 30, 40, 60)
    assert classes.names == ("10及以下", "10—30", "30—40", "40—60", "60以上")
    assert "".join(map(classes.of, values)) == "z0111233444"
    assert classes.of(None) == "."


@given(st.lists(st.decimals(-(10**9), 10**9, places=2), max_size=60))
def test_every_figure_falls_into_one_class(values: list[Decimal]) -> None:
    classes = classes_of(values, 2)
    found = [classes.of(value) for value in sorted(values)]
    assert list(classes.bounds) == sorted(set(classes.bounds))
    assert len(classes.names) <= 5
    numbers = [int(one) for one in found if one != "z"]
    assert numbers == sorted(numbers)
    assert all(number < len(classes.names) for number in numbers)
    assert all(
        (one == "z") <= (value == 0) for one, value in zip(found, sorted(values), strict=True)
    )
