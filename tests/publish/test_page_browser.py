"""The report page as its readers have it: opened from a disk in Chromium, with the network off."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from pipelines.indicators import Definitions, load_definitions
from pipelines.publish import page
from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Snapshot
from tests.conftest import Province

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed here")

#: What the whole page may weigh, its library and its data included.
LIMIT = 2_000_000
PHONE, PROJECTOR = (360, 740), (1920, 1080)
NONGAN, BAISHAN, JILIN = "220122", "220600", "220200"
YEAR = 2023
HOSTILE = "</script><script>document.title='!'</script>\"'><img src=x onerror=alert(1)>"

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def full(province: Province, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a whole simulated province."""
    root, folder = province.root, tmp_path_factory.mktemp("网 页")
    of_year = load_survey(root.overlay), load_definitions(root.overlay), YEAR
    with Snapshot(root.snapshot) as snapshot:
        return page.write(snapshot, *of_year, (), folder, root.overlay)


@pytest.fixture(scope="module")
def guarded(
    two_years: Path,
    survey: Survey,
    definitions: Definitions,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The hand-made province: 白山市 did not report; here 吉林市 is withheld altogether, and a
    department bears a name that is markup."""
    folder = tmp_path_factory.mktemp("guarded")
    path = folder / "kepu.duckdb"
    shutil.copyfile(two_years, path)
    with duckdb.connect(str(path)) as con:
        con.execute(
            "INSERT INTO suppressions SELECT year, indicator_id, breakdown, member_id, '',"
            " 'primary', 'few' FROM indicator_values"
            f" WHERE breakdown = 'prefecture' AND member_id = '{JILIN}'"
        )
        con.execute(
            "UPDATE indicator_values SET member_id = 'hostile', member_zh = $1"
            " WHERE breakdown = 'department' AND member_id = (SELECT min(member_id)"
            " FROM indicator_values WHERE breakdown = 'department')",
            {"1": HOSTILE},
        )
    with Snapshot(path) as snapshot:
        return page.write(snapshot, survey, definitions, YEAR, (), folder)


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """Open a page; whatever it asks for or complains of fails the test."""
    contexts = []

    def open_(path: Path, size: tuple[int, int] = PROJECTOR, address: str = "", **more: Any) -> Any:
        context = browser.new_context(
            offline=True, viewport={"width": size[0], "height": size[1]}, **more
        )
        shown = context.new_page()
        asked: list[str] = []
        said: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.goto(path.as_uri() + address)
        contexts.append((context, asked, said))
        return shown

    yield open_
    for context, asked, said in contexts:
        context.close()
        assert said == []
        assert len(asked) == 1, asked


@contextmanager
def dialog(shown: Page) -> Iterator[Any]:
    yield shown.locator("dialog[open]")
    shown.keyboard.press("Escape")
    assert shown.locator("dialog[open]").count() == 0


def violations(shown: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(shown).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def test_a_whole_province_fits(full: Path) -> None:
    assert full.stat().st_size < LIMIT


def test_axe_finds_nothing_on_a_phone(full: Path, opened: Open) -> None:
    """The county's view stands in the same document as everything else: one look at both."""
    shown = opened(full, PHONE, f"#place=county:{NONGAN}")
    shown.get_by_role("heading", name="农安县，属长春市").wait_for()
    assert violations(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth") == PHONE[0]


def test_axe_finds_nothing_on_a_projector(guarded: Path, opened: Open) -> None:
    shown = opened(guarded, PROJECTOR, f"#place=county:{NONGAN}")
    shown.get_by_role("heading", name="农安县，属长春市").wait_for()
    assert violations(shown) == []
    assert shown.evaluate("document.documentElement.scrollWidth") == PROJECTOR[0]


def test_charts_are_drawn_without_moving_anything(full: Path, opened: Open) -> None:
    shown = opened(full, reduced_motion="reduce")
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    plots = shown.locator(".plot")
    assert plots.count() >= 8
    assert shown.locator(".plot svg").count() == plots.count()
    assert shown.locator("figure > details").count() >= plots.count()
    assert shown.evaluate("document.getAnimations().length") == 0


def test_part_of_a_name_and_enter_go_there(full: Path, opened: Open) -> None:
    shown = opened(full, PHONE)
    search = shown.get_by_role("combobox", name="查指标、地区或部门")
    search.fill("农安")
    assert shown.get_by_role("option").first.inner_text().split() == ["农安县", "长春市"]
    search.press("Enter")
    shown.get_by_role("heading", name="农安县，属长春市").wait_for()
    assert shown.evaluate("decodeURIComponent(location.hash)") == f"#place=county:{NONGAN}"
    search.fill("专项经费")
    search.press("ArrowDown")
    search.press("ArrowDown")
    chosen = shown.locator("[role=option][aria-selected=true]")
    name = chosen.inner_text().split()[0]
    assert search.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    search.press("Enter")
    shown.locator("#indicator-view").get_by_role("heading", name=name, exact=True).wait_for()
    search.fill("没有这个")
    assert "没有名称含“没有这个”" in shown.get_by_role("status").inner_text()
    shown.go_back()
    shown.get_by_role("heading", name="农安县，属长春市").wait_for()


def test_a_number_explains_itself_to_the_keyboard(full: Path, opened: Open) -> None:
    shown = opened(full)
    table = shown.locator("#table-region table")
    assert table.locator(".n[tabindex='0']").count() == 1
    table.locator(".n[tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight"):
        shown.keyboard.press(key)
    shown.keyboard.press("Enter")
    with dialog(shown) as about:
        text = about.inner_text()
        assert about.get_by_role("heading").inner_text() == "长春市：政府拨款"
        for name in ("算法", "计量单位", "数据所依据的调查表", "回收率", "位次", "2023年"):
            assert name in text, name
    focused = shown.evaluate("document.activeElement.closest('tr').cells[0].textContent")
    assert focused == "长春市"


def test_tables_sort_and_keep_their_first_column(full: Path, opened: Open) -> None:
    shown = opened(full, PHONE)
    table = shown.locator("#table-region table")
    head = table.get_by_role("button", name="科普人员", exact=True)
    place = head.evaluate("button => button.closest('th').cellIndex + 1")
    cells = f"tbody tr td:nth-child({place})"

    def shown_numbers() -> list[int]:
        return [int(text.replace(",", "")) for text in table.locator(cells).all_inner_texts()]

    total = shown_numbers()[0]
    head.click()
    falling = shown_numbers()
    assert falling[0] == total
    assert falling[1:] == sorted(falling[1:], reverse=True)
    assert head.locator("xpath=..").get_attribute("aria-sort") == "descending"
    head.press("Enter")
    assert shown_numbers() == [total, *sorted(falling[1:])]
    first = table.locator("tbody th").first
    before = first.bounding_box()
    table.locator("xpath=..").evaluate("region => { region.scrollLeft = 300; }")
    assert first.bounding_box() == before
    shown.locator("#table-region select").select_option(label="科普场地")
    assert "科技馆" in table.locator("thead").inner_text()


def test_squares_are_walked_with_arrows_and_lead_to_their_county(full: Path, opened: Open) -> None:
    shown = opened(full)
    tiles = shown.locator("#indicator-view .tiles .tile")
    assert tiles.count() == 60
    shown.locator("#indicator-view .tile[tabindex='0']").focus()
    shown.keyboard.press("ArrowRight")
    assert "镇赉县" in shown.evaluate("document.activeElement.getAttribute('aria-label')")
    shown.keyboard.press("Enter")
    shown.get_by_role("heading", name="镇赉县，属白城市").wait_for()


def test_who_did_not_report_and_who_is_withheld(guarded: Path, opened: Open) -> None:
    shown = opened(guarded, PHONE, f"#place=prefecture:{BAISHAN}")
    view = shown.locator("#place-view")
    assert "2023年度没有收到白山市的调查表，没有可以公布的数。" in view.inner_text()
    assert view.locator("table").count() == 0
    shown.evaluate(f"location.hash = '#place=prefecture:{JILIN}'")
    view.get_by_text("吉林市的数为保护填报单位资料都不公布。").wait_for()
    assert set(view.locator(".n").all_text_contents()) == {"x为保护填报单位资料不予公布"}
    assert "位次" in view.inner_text()
    assert "第" not in "".join(view.locator("td").all_inner_texts())


def test_a_name_that_is_markup_is_text(guarded: Path, opened: Open) -> None:
    shown = opened(guarded, PHONE)
    shown.locator("#search").fill("onerror")
    shown.keyboard.press("Enter")
    shown.locator("#place-view").get_by_role("heading", name=HOSTILE).first.wait_for()
    assert shown.locator("img").count() == 0
    assert shown.title() == "吉林省2023年度科普统计（模拟数据）"
    assert shown.evaluate("document.documentElement.scrollWidth") == PHONE[0]


def test_an_address_that_names_nothing_does_no_harm(guarded: Path, opened: Open) -> None:
    shown = opened(guarded, PROJECTOR, "#%E5")
    for address in ("#place=county:999999", "#indicator=__proto__", "#place=toString:1", "#place"):
        shown.evaluate(f"location.hash = '{address}'")
        shown.wait_for_function(f"location.hash === '{address}'")
    assert shown.locator("#indicator-view h3").first.inner_text() == "科普经费筹集额"
    assert shown.locator("#place-view h3").first.inner_text() == "长春市"


def test_a_year_without_returns_opens_too(
    two_years: Path, survey: Survey, definitions: Definitions, tmp_path: Path, opened: Open
) -> None:
    empty = tmp_path / "kepu.duckdb"
    shutil.copyfile(two_years, empty)
    with duckdb.connect(str(empty)) as con:
        con.execute(f"DELETE FROM indicator_values WHERE year = {YEAR} AND breakdown <> 'nation'")
    with Snapshot(empty) as snapshot:
        path = page.write(snapshot, survey, definitions, YEAR, (), tmp_path)
    shown = opened(path, PHONE)
    assert "没有收到可以汇总的调查表" in shown.locator("#overview").inner_text()
    assert "没有收到长春市的调查表" in shown.locator("#place-view").inner_text()
    shown.locator("#search").fill("经费使用额")
    shown.keyboard.press("Enter")
    shown.locator("#indicator-view").get_by_role("heading", name="科普经费使用额").wait_for()


def test_the_mark_stays_in_sight(full: Path, opened: Open) -> None:
    shown = opened(full, PHONE)
    shown.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    box = shown.locator("nav .stamp").bounding_box()
    assert "模拟数据" in shown.locator("nav .stamp").inner_text()
    assert 0 <= box["y"] < PHONE[1]
