"""Write out what others have published, in the shapes it is published in, for intake to read.

A published table is source material like a return: it enters through intake and is traced to its
cells.  The figures are the ones of ``survey/published_series``; here they only get their shape.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.survey.published import (
    CastFigure,
    NationalFigure,
    PublishedSource,
    load_cast_system,
    load_national,
    load_sources,
)

WORKBOOK = "全国科普统计历年公布数据.xlsx"
TITLE = "全国科普统计历年公布数据（2006—2024年度）"
HEADER = (
    "年度",
    "地区",
    "指标",
    "数值",
    "单位",
    "性质",
    "发布者",
    "题名",
    "发布日期",
    "说明",
)
NOTES = (
    "注1：数值照录发布时的数字和小数位，没有换算；单位为发布时的单位。",
    "注2：“公布比率”由发布者用未舍入的数计算，与用本表数字重算的结果末位可差0.01。",
    "注3：“推得数”由公布的本年数和增减量推得，算法见说明。",
    "注4：同一指标有两个数的，为两处报道不一致，均予照录。",
)
_WIDTHS = (7, 12, 40, 12, 10, 10, 22, 44, 12, 56)

#: Years that the tables of the 中国科协系统 list; those without figures are empty lines.
CAST_YEARS = range(1978, 2015)


def write_published(folder: Path) -> list[Path]:
    """One workbook of the national releases and one CSV a table of the 中国科协系统."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _write_workbook(folder / WORKBOOK, load_national(), load_sources()),
        *_write_cast_tables(folder, load_cast_system()),
    ]


def _write_workbook(
    path: Path, figures: tuple[NationalFigure, ...], sources: dict[str, PublishedSource]
) -> Path:
    book = xlsxwriter.Workbook(str(path))
    # A fixed date: the same figures give the same bytes.
    book.set_properties({"title": TITLE, "created": datetime(2026, 1, 1, tzinfo=UTC)})
    sheet = book.add_worksheet("公布数据")
    title = book.add_format({"bold": True, "font_size": 14})
    header = book.add_format({"bold": True, "bottom": 1, "top": 1, "text_wrap": True})
    number_formats: dict[int, Any] = {}
    sheet.write_string(0, 0, TITLE, title)
    for column, (name, width) in enumerate(zip(HEADER, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(1, column, name, header)
    for row, figure in enumerate(figures, start=2):
        source = sources[figure.source_id]
        texts = {
            1: figure.region,
            2: figure.name_zh,
            4: figure.unit,
            5: figure.nature,
            6: source.publisher_zh,
            7: source.title_zh,
            8: source.published_on,
            9: figure.note_zh,
        }
        sheet.write_number(row, 0, figure.year)
        for column, text in texts.items():
            sheet.write_string(row, column, text)
        places = figure.decimals
        if places not in number_formats:
            code = "0." + "0" * places if places else "0"
            number_formats[places] = book.add_format({"num_format": code})
        sheet.write_number(row, 3, float(figure.value), number_formats[places])
    for offset, note in enumerate(NOTES):
        sheet.write_string(2 + len(figures) + offset, 0, note)
    sheet.freeze_panes(2, 3)
    book.close()
    return path


def _write_cast_tables(folder: Path, figures: tuple[CastFigure, ...]) -> list[Path]:
    paths = []
    for table_zh, cells in groupby(figures, key=lambda figure: figure.table_zh):
        path = folder / f"{table_zh}.csv"
        path.write_bytes(_cast_table(list(cells)).encode())
        paths.append(path)
    return paths


def _cast_table(cells: list[CastFigure]) -> str:
    """Years down, tier and indicator across; the first header cell is empty, as published."""
    headings = list(dict.fromkeys(cell.heading_zh for cell in cells))
    values = {(cell.year, cell.heading_zh): cell.value for cell in cells}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["", *headings])
    for year in CAST_YEARS:
        writer.writerow([f"{year}年", *(values.get((year, h), "") for h in headings)])
    return text.getvalue()
