"""The public outputs of a run, each read into claims (``reading_back``) from nothing but itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
from docx import Document
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph
from lxml import html
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader

from tests.publish.reading_back import (
    Claim,
    Truth,
    figures_in,
    head_of,
    of_table,
)
from tests.publish.reading_sentences import of_piece, of_places, of_said

#: Tables that are not made of indicator values: what others published, returns, rules, texts.
OTHER_SHEETS = {"全国历年", "科协系统", "回收与审核", "审核规则", "指标解释", "各省对照"}
OTHER_TITLES = re.compile(r"回收与审核|审核规则|指标解释|中国科协系统|全国科普统计历年")
PIECE = re.compile(r"〔([^〔〕｜]*)｜([^〔〕｜]*)〕")


def machine(truth: Truth, path: Path) -> Iterator[Claim]:
    for sheet in openpyxl.load_workbook(path).worksheets[3:]:
        if sheet.title in OTHER_SHEETS:
            continue
        (table,) = sheet.tables.values()
        rows = [[cell.value for cell in row] for row in sheet[table.ref]]
        above = [str(cell.value) for cell in sheet["A"][:10]]
        single = next((t.removeprefix("指标：") for t in above if t.startswith("指标：")), "")
        of = truth.indicator(single) if single else ""
        heads = [head_of(str(head)) for head in rows[0]]
        kept = [n for n, (name, _) in enumerate(heads) if name != "备注"]
        shown = [[row[n] for n in kept] for row in rows[1:]]
        yield from of_table(truth, above[0], of, [heads[n] for n in kept], shown, path.name)


def printed(truth: Truth, path: Path, names: dict[tuple[str, str], str]) -> Iterator[Claim]:
    for sheet in openpyxl.load_workbook(path).worksheets[2:]:
        if sheet.title.partition("（续")[0] not in OTHER_SHEETS:
            yield from _printed_sheet(truth, sheet, names)


def _printed_sheet(
    truth: Truth, sheet: Worksheet, names: dict[tuple[str, str], str]
) -> Iterator[Claim]:
    over = {
        (row, column): sheet.cell(merged.min_row, merged.min_col).value
        for merged in sheet.merged_cells.ranges
        for row in range(merged.min_row, merged.max_row + 1)
        for column in range(merged.min_col, merged.max_col + 1)
    }

    def at(row: int, column: int) -> str:
        return str(over.get((row, column)) or sheet.cell(row, column).value or "")

    title, last = at(1, 1), int(sheet.print_title_rows.rpartition("$")[2])
    common = at(2, sheet.max_column).removeprefix("单位：")
    heads = [_printed_head(at, last, column, common) for column in range(1, sheet.max_column + 1)]
    if "附表" in title:
        # The yearbook's appendices name an item by the group and the label of the form.
        heads[1:] = [
            (names.get((group, name), name), unit)
            for name, unit, group in (
                (*head, at(3, n) if at(3, n) != head[0] else "")
                for n, head in enumerate(heads[1:], 2)
            )
        ]
    rows = []
    for row in sheet.iter_rows(min_row=last + 1):
        rows.append([cell.value for cell in row])
        if row[0].border.bottom.style == "medium":
            break
    single = _single(truth, title)
    yield from of_table(truth, title, single, heads, rows, "印刷版")


def _printed_head(
    at: Callable[[int, int], str], last: int, column: int, common: str
) -> tuple[str, str]:
    """The lowest head, and the unit under it or above the table."""
    below = at(last, column)
    if found := re.fullmatch(r"（(.+)）", below):
        return at(last - 1, column), found[1]
    name = below if below else at(last - 1, column)
    textual = name in {"计量单位", "增减单位", "全国数年份"}
    return (name, "" if textual or column == 1 else common)


def _single(truth: Truth, title: str) -> str:
    """Series by place and cross tables name their one indicator at the end of the title."""
    if not re.search(r"历年各|各部门科普经费筹集额|各级单位科普(经费筹集额|人员)$", title):
        return ""
    if re.fullmatch(r"(附)?表\d+　\d{4}年各(级单位)科普人员", title):
        return ""
    ending = re.search(r"(科普经费筹集额|科普人员)(（|$)", title)
    return truth.indicator(ending[1]) if ending else ""


def word(truth: Truth, path: Path) -> Iterator[Claim]:
    document = Document(str(path))
    title, tables = "", 0
    for element in document.element.body.iterchildren():
        if element.tag.endswith("}p"):
            title = Paragraph(element, document).text or title
        elif element.tag.endswith("}tbl"):
            rows = [[cell.text for cell in row.cells] for row in WordTable(element, document).rows]
            tables += 1
            if tables == 1:
                yield from _cards(truth, rows)
            elif "各条措施" in title:
                yield from _measures(truth, rows)
            elif not OTHER_TITLES.search(title):
                heads = [head_of(head) for head in rows[0]]
                if "比" in rows[0][-1] and "全国" in rows[0][-1]:
                    heads = [(head_of(h)[0], "") if "本省与全国" in h else (h, "") for h in rows[0]]
                yield from of_table(truth, title, "", heads, rows[1:], path.name)


def _cards(truth: Truth, rows: list[list[str]]) -> Iterator[Claim]:
    for name, said, moved, nation in rows:
        indicator = truth.indicator(name)
        yield from of_said(truth, f"{said}，{moved}", indicator, f"要点｜{name}")
        yield from _nation(truth, nation, indicator)


def _nation(truth: Truth, said: str, indicator: str) -> Iterator[Claim]:
    if found := re.fullmatch(r"全国（(\d{4})年）(\d[\d.,]*)(.+)", said):
        yield Claim(said, found[2], found[3], indicator, int(found[1]), "nation", "000000")


def _measures(truth: Truth, rows: list[list[str]]) -> Iterator[Claim]:
    """政府拨款2.81亿元，比上年增长3.28%；…"""
    for *_, text in rows[1:]:
        for part in filter(None, re.split(r"[；。\n]", text)):
            if found := re.fullmatch(r"([^\d，]+?)((?:由上年的)?\d.*)", part):
                yield from _measure(truth, found[1], found[2])


def _measure(truth: Truth, name: str, said: str) -> Iterator[Claim]:
    """Of the province, or of a department that is named first."""
    by = next((n for b, n in truth.members if b == "department" and name.startswith(n)), "")
    place = truth.member("department", by) if by else ("province", "220000")
    for claim in of_said(truth, said, truth.indicator(name.removeprefix(by)), f"措施｜{name}"):
        yield replace(claim, breakdown=place[0], member=place[1])


def draft(truth: Truth, path: Path) -> Iterator[Claim]:
    text = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.S)
    for said, origin in PIECE.findall(text):
        yield from of_piece(truth, said, origin, f"〔{said}｜{origin}〕")


def package(truth: Truth, path: Path) -> list[str]:
    """Every row of the data package, and every published value in it."""
    wrong, seen = [], set()
    for name, year, by, member, second, said, status in package_rows(path):
        key = (name, int(year), by, member, "" if second == "_Z" else second)
        seen.add(key)
        wrong += _package_row(truth, key, said or "", status)
    due = {key for key in truth.values if key[1] == truth.year}
    due |= {key for key in truth.values if key[1] < truth.year and key[2] == "nation"}
    return wrong + [f"数据包缺 {key}" for key in sorted(due - seen)]


def package_rows(path: Path) -> list[tuple[str, ...]]:
    """Of the CSV, the Parquet or the SDMX-CSV, all of it as text."""
    columns = "indicator_id, year, breakdown, member_id, member2_id, value, status"
    if path.name.startswith("sdmx"):
        columns = (
            "INDICATOR, TIME_PERIOD, BREAKDOWN, MEMBER, MEMBER2, OBS_VALUE,"
            " CASE WHEN OBS_VALUE <> '' THEN 'published'"
            " WHEN CONF_STATUS = 'F' THEN 'missing' ELSE 'suppressed' END"
        )
    source = "read_parquet(?)" if path.suffix == ".parquet" else "read_csv(?, all_varchar = true)"
    with duckdb.connect() as con:
        found = con.execute(
            f"SELECT COLUMNS(*)::VARCHAR FROM (SELECT {columns} FROM {source})", [str(path)]
        )
        return found.fetchall()


def _package_row(truth: Truth, key: Any, said: str, status: str) -> list[str]:
    if key not in truth.values:
        return [f"数据包多 {key}"]
    value = truth.values[key]
    if not said:
        expected = "suppressed" if key in truth.hidden else "missing"
        return (
            [] if value is None and status == expected else [f"{key}：空，库中 {value}，{status}"]
        )
    printed = Decimal(said)
    places = Decimal(1).scaleb(int(printed.as_tuple().exponent))
    same = value is not None and printed == value.quantize(places, ROUND_HALF_UP)
    return [] if same and key not in truth.hidden else [f"{key}：{said}，库中 {value}"]


def page(truth: Truth, path: Path) -> Iterator[Claim]:
    """What the page's script shows, and what stands in the page without it."""
    tree = html.fromstring(path.read_text(encoding="utf-8"))
    (script,) = tree.xpath("//script[@id='data']")
    data = json.loads(script.text)
    for by, columns in data["columns"].items():
        places = [("province", "220000"), *((by, row[0]) for row in data["members"][by])]
        for indicator, column in columns.items():
            yield from _column(truth, indicator, column, places, f"网页｜{by}")
    for indicator, column in data["provincial"].items():
        yield from _column(truth, indicator, column, [("province", "220000")], "网页｜全省")
    for indicator, entry in data["indicators"].items():
        said = entry["said"].removeprefix(entry["name"]).rstrip("。")
        if said[:1].isdigit() or said.startswith("由上年的"):
            yield from of_said(truth, said, indicator, f"网页｜{entry['said']}")
        yield from _nation(truth, entry["nation"], indicator)
        if entry["series"]:
            yield from _series(indicator, entry["series"])
        for by, lead in entry["lead"].items():
            for text in (lead["title"], *lead["notes"]):
                if found := re.search(r"位的是(.+?)。?$", text):
                    yield from of_places(truth, found[1], indicator, by, f"网页｜{text}")
    for card in tree.xpath("//li[contains(@class, 'card')]"):
        yield from _page_card(truth, card)
    for table in tree.xpath("//table[.//thead//th]"):
        yield from _page_table(truth, table)


def _column(
    truth: Truth, indicator: str, column: dict[str, Any], places: list[tuple[str, str]], where: str
) -> Iterator[Claim]:
    for key, year in (("v", truth.year), ("l", truth.year - 1)):
        for said, place in zip(column[key].split("|"), places, strict=True):
            yield Claim(where, said, column["u"], indicator, year, *place)
    for said, place in zip(column["c"].split("|"), places, strict=True):
        if found := re.fullmatch(r"([+−]\d[\d.,]*)(.+)", said):
            yield Claim(where, found[1], found[2], indicator, truth.year, *place, change=True)


def _series(indicator: str, series: dict[str, Any]) -> Iterator[Claim]:
    for key, place in (("own", ("province", "220000")), ("nation", ("nation", "000000"))):
        for year, said in zip(series["years"], series[key], strict=False):
            yield Claim("网页｜历年", said, series["unit"], indicator, year, *place)


def _page_card(truth: Truth, card: Any) -> Iterator[Claim]:
    name, big, moved, nation = (
        "".join(card.xpath(f"string({tag})").split())
        for tag in ("h3", "p[@class='big']", "p[@class='moved']", "p[@class='nation']")
    )
    indicator = truth.indicator(name)
    value = big[0] if big[0] in "x…" else big  # a mark is explained beside it
    yield from of_said(truth, f"{value}，{moved}", indicator, f"网页｜{name}")
    yield from _nation(truth, nation, indicator)


def _page_table(truth: Truth, table: Any) -> Iterator[Claim]:
    caption = " ".join(table.xpath("string(caption)").split())
    heads = []
    for th in table.xpath(".//thead//th"):
        unit = "".join(th.xpath("string(small)").split())
        heads.append(((th.text or "").strip(), unit))
    rows = [
        ["".join(tr.xpath("string(th)").split()), *(_shown(td) for td in tr.xpath("td"))]
        for tr in table.xpath(".//tbody/tr")
    ]
    yield from of_table(truth, caption, "", heads, rows, "网页")


def _shown(cell: Any) -> str:
    marks = cell.xpath("span/text()")
    return str(marks[0]) if marks else "".join(cell.xpath("string(.)").split())


@cache
def pdf_text(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def paragraphs_of(path: Path) -> list[str]:
    text = re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8"), flags=re.S)
    blocks = [block for block in text.split("\n\n") if block.strip() and not block.startswith("# ")]
    return [PIECE.sub(r"\1", block).strip() for block in blocks]


def pdf_differs(text: str, document: Any) -> list[str]:
    """What the Word edition tells in tables and the PDF does not, and figures only in the PDF."""
    flat = re.sub(r"\s", "", text)
    cards, *tables = document.tables
    told = [cell.text for row in cards.rows for cell in row.cells]
    told += ["".join(cell.text for cell in row.cells) for table in tables for row in table.rows]
    words = " ".join([*told, *(p.text for p in document.paragraphs)])
    known = set(figures_in(words)) | {
        figure for table in document.tables for row in table.rows for cell in row.cells
        for figure in figures_in(cell.text)
    }  # fmt: skip
    pages = re.sub(r"— \d+ —|^.*(?:\. ?){4,}.*$", "", text, flags=re.M)
    alone = [figure for figure in dict.fromkeys(figures_in(pages)) if figure not in known]
    return [row for row in told if re.sub(r"\s", "", row) not in flat] + alone
