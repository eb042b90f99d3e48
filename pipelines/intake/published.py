"""Read what others have published (data/raw/公布数据), in the shapes it is published in.

Three shapes, known by content: a long table (one figure a row under 年度 指标 数值), years down
with tier and indicator across, and years across with regions or indicators down.  Figures and
units are kept as printed; nothing is scaled.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from pipelines.errors import Place, PublishedTableError, UnreadableFileError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.formats.guarded import reading
from pipelines.intake.formats.sniff import sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.layouts.figures import read_cell, shown
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey import Survey
from pipelines.survey.addresses import address
from pipelines.survey.documents import YamlDocument
from pipelines.survey.notation import State, normalise_text
from pipelines.warehouse import Root
from pipelines.warehouse.schema import arrow_table

_YEAR = re.compile(r"((?:19|20)\d\d)(?:年度?)?")
_UNIT = re.compile(r"^(.*?)\(([^()]*)\)$")
_LONG_COLUMNS = {"year", "name", "value"}
_FEWEST_YEARS = 2


class PublishedWords(BaseModel):
    """The whole of ``published.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[str, tuple[str, ...]]
    derived: tuple[str, ...]
    row_headers: tuple[str, ...]
    indicator_line: tuple[str, ...]
    database_line: tuple[str, ...]
    time_line: tuple[str, ...]
    source_line: tuple[str, ...]
    note_line: tuple[str, ...]
    tiers: tuple[str, ...]
    no_tier: str
    whole_country: str


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """One figure as printed, with where it stands and what is said of it."""

    region: str
    name_zh: str
    year: int
    value: Decimal | None
    raw_text: str
    unit: str
    sheet: str
    cell: str
    derived: bool = False
    publisher_zh: str = ""
    title_zh: str = ""
    published_on: str = ""
    note_zh: str = ""


def read_published(root: Root, survey: Survey) -> pa.Table:
    """The published_series table; raises PublishedTableError for a file that is no such table."""
    rows: dict[tuple[str, str, str, int], dict[str, Any]] = {}
    for path in _files(root.published):
        file = path.relative_to(root.published).as_posix()
        figures = read_published_file(path.read_bytes(), file)
        for figure in figures:
            row = _row(figure, file, survey)
            key = (row["source_id"], row["region"], row["series_id"], row["year"])
            if key in rows and rows[key]["name_zh"] != row["name_zh"]:
                # Two wordings of one series in one publication: the second keeps a name of its own.
                row["series_id"] = _own_id("series", figure.name_zh)
                key = (row["source_id"], row["region"], row["series_id"], row["year"])
            if key in rows:
                first = rows[key]
                if first["value"] == row["value"]:
                    continue
                raise PublishedTableError(
                    f"“{figure.name_zh}”{figure.year} 年出现两次而且不同"
                    f"（另一处在“{first['file']}”{first['cell']}）",
                    place=Place(file, figure.sheet, figure.cell),
                )
            rows[key] = row
    return arrow_table("published_series", rows.values())


def read_published_file(data: bytes, file: str) -> list[PublishedFigure]:
    """The figures of one published file; raises PublishedTableError."""
    figures: list[PublishedFigure] = []
    try:
        with reading():
            for sheet in read_sheets(data, sniff(data)):
                if not sheet.hidden:
                    figures.extend(_read_sheet(sheet, Path(file).stem))
    except UnreadableFileError as error:
        raise PublishedTableError(error.problem, error.advice, Place(file=file)) from error
    if not figures:
        raise PublishedTableError(
            "没有找到公布数据的表（年度、指标、数值各一列，或年度在行、列表头）",
            "请按“公布数据”文件夹中的样式整理后放入，或移走该文件",
            Place(file=file),
        )
    return figures


@cache
def published_words() -> PublishedWords:
    document = YamlDocument(Path(__file__).with_name("published.yaml"))
    return document.model(PublishedWords, document.data)


def year_of(text: str) -> int | None:
    """The year that a heading such as 2008年 states; None when it states none."""
    match = _YEAR.fullmatch("".join(normalise_text(text)[0].split()))
    return int(match.group(1)) if match else None


def _files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    skipped = [p for rule in vocabulary().skipped for p in rule.patterns]
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.match(pattern) for pattern in skipped):
            yield path


def _read_sheet(sheet: Sheet, stem: str) -> Iterator[PublishedFigure]:
    if _plain(sheet, 0, 0) == "" and len(_years_below(sheet, 0)) >= _FEWEST_YEARS:
        yield from _years_down(sheet, stem)
        return
    for row, line in enumerate(sheet.rows):
        columns = _long_header(line)
        if columns.keys() >= _LONG_COLUMNS:
            yield from _long(sheet, row + 1, columns)
            return
        years = _year_headings(line)
        if len(years) >= _FEWEST_YEARS:
            yield from _years_across(sheet, row, years)
            return


def _year_headings(line: list[Any]) -> dict[int, int]:
    """Columns headed by a year; figures between 1900 and 2099 under other headings are none."""
    words = {plain_label(word) for word in published_words().row_headers}
    if not line or type(line[0]) is not str or plain_label(line[0]) not in words:
        return {}
    found = {column: year_of(shown(cell)) for column, cell in enumerate(line) if column}
    return {column: year for column, year in found.items() if year is not None}


def _long_header(line: list[Any]) -> dict[str, int]:
    known = {plain_label(w): key for key, words in published_words().columns.items() for w in words}
    columns: dict[str, int] = {}
    for column, cell in enumerate(line):
        key = known.get(plain_label(cell)) if type(cell) is str else None
        if key:
            columns.setdefault(key, column)
    return columns


def _long(sheet: Sheet, first: int, columns: dict[str, int]) -> Iterator[PublishedFigure]:
    words = published_words()
    for row in range(first, len(sheet.rows)):
        year = year_of(shown(sheet.at(row, columns["year"])))
        text = {key: shown(sheet.at(row, column)).strip() for key, column in columns.items()}
        if year is None or not text["name"]:
            continue
        figure = _figure(
            sheet, row, columns["value"], text.get("region") or words.whole_country, text["name"],
            year, text.get("unit", ""),
        )  # fmt: skip
        if figure:
            yield replace(
                figure,
                derived=text.get("nature", "") in words.derived,
                publisher_zh=text.get("publisher", ""),
                title_zh=text.get("title", ""),
                published_on=text.get("published_on", ""),
                note_zh=text.get("note", ""),
            )


def _years_down(sheet: Sheet, stem: str) -> Iterator[PublishedFigure]:
    """Years down, headings of tier and indicator across: 省级学会科普网站数."""
    words = published_words()
    for row, year in _years_below(sheet, 0).items():
        for column in range(1, len(sheet.rows[row])):
            heading = _plain(sheet, 0, column)
            if not heading:
                continue
            fits = [tier for tier in words.tiers if heading.startswith(tier)]
            tier = max(fits, key=len, default="")
            figure = _figure(
                sheet, row, column, tier or words.no_tier, heading.removeprefix(tier), year, ""
            )
            if figure:
                yield replace(figure, title_zh=stem)


def _years_across(sheet: Sheet, header: int, years: dict[int, int]) -> Iterator[PublishedFigure]:
    """Years across, regions or indicators down; title, unit, notes and source in lines around."""
    words = published_words()
    said = _lines(sheet, header)
    indicator, unit = _name_and_unit(said.get("indicator", ""))
    by_region = bool(indicator)
    note = "；".join(part for part in (said.get("note", ""), said.get("time", "")) if part)
    for row in range(header + 1, len(sheet.rows)):
        label = _plain(sheet, row, 0)
        if not label or _line_kind(label):
            continue
        name, own_unit = (indicator, unit) if by_region else _name_and_unit(label)
        for column, year in years.items():
            region = label if by_region else words.whole_country
            figure = _figure(sheet, row, column, region, name, year, own_unit)
            if figure:
                yield replace(
                    figure,
                    title_zh=said.get("database", ""),
                    publisher_zh=said.get("source", ""),
                    note_zh=note,
                )


def _figure(
    sheet: Sheet, row: int, column: int, region: str, name: str, year: int, unit: str
) -> PublishedFigure | None:
    value, state, raw, _ = read_cell(sheet.at(row, column), "", frozenset(), sheet.date1904)
    if state == State.BLANK:
        return None
    where = address(row, column)
    return PublishedFigure(region, name, year, value, raw, unit, sheet.name, where)


def _years_below(sheet: Sheet, column: int) -> dict[int, int]:
    return {
        row: year
        for row in range(1, len(sheet.rows))
        if (year := year_of(_plain(sheet, row, column))) is not None
    }


def _lines(sheet: Sheet, header: int) -> dict[str, str]:
    """Lines of text around a table: 指标：… 注：… 数据来源：…."""
    said: dict[str, str] = {}
    for row in range(len(sheet.rows)):
        text = normalise_text(shown(sheet.at(row, 0)))[0]
        kind = _line_kind(text)
        if kind and row != header:
            content = text.partition(":")[2].strip()
            said[kind] = f"{said[kind]} {content}" if kind in said else content
    return said


def _line_kind(text: str) -> str:
    words = published_words()
    plain = normalise_text(text)[0]
    head, colon, _ = plain.partition(":")
    if not colon:
        return ""
    for kind in ("indicator", "database", "time", "source", "note"):
        if head.strip() in getattr(words, f"{kind}_line"):
            return kind
    return ""


def _name_and_unit(text: str) -> tuple[str, str]:
    match = _UNIT.match(normalise_text(text)[0])
    return (match.group(1).strip(), match.group(2)) if match else (text.strip(), "")


def _plain(sheet: Sheet, row: int, column: int) -> str:
    return normalise_text(shown(sheet.at(row, column)))[0]


def _row(figure: PublishedFigure, file: str, survey: Survey) -> dict[str, Any]:
    source_id, publisher, title, published_on = _source(figure, survey)
    name = survey.series.get(figure.name_zh)
    return {
        "source_id": source_id,
        "region": figure.region,
        "series_id": name.series_id if name else _own_id("series", figure.name_zh),
        "name_zh": figure.name_zh,
        "year": figure.year,
        "value": figure.value,
        "raw_text": figure.raw_text,
        "unit": figure.unit,
        "derived": figure.derived or bool(name and name.derived),
        "publisher_zh": publisher,
        "title_zh": title,
        "published_on": published_on,
        "note_zh": figure.note_zh,
        "file": file,
        "sheet": figure.sheet,
        "cell": figure.cell,
    }


def _source(figure: PublishedFigure, survey: Survey) -> tuple[str, str, str, str]:
    """The publication a figure is from: by publisher, title and date, else by title."""
    said = (figure.publisher_zh, figure.title_zh, figure.published_on)
    for source in survey.sources.values():
        if said == (source.publisher_zh, source.title_zh, source.published_on):
            return source.source_id, *said
    for source in survey.sources.values():
        topic = source.title_zh.rpartition("：")[2]
        if not figure.publisher_zh and topic and _same_topic(figure, topic):
            return source.source_id, source.publisher_zh, source.title_zh, source.published_on
    return _own_id("source", "|".join(said)), *said


def _same_topic(figure: PublishedFigure, topic: str) -> bool:
    """A table of a publication carries the name of its system: 中国科协系统经费情况."""
    tier = published_words().tiers[0]
    return topic.startswith(tier) and figure.title_zh.startswith(tier)


def _own_id(kind: str, text: str) -> str:
    return f"{kind}_{hashlib.sha256(text.encode()).hexdigest()[:10]}"
