"""Read 名录.xlsx: the units expected to report in a year."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from pipelines.errors import Place, RegisterError, UnreadableFileError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.formats.guarded import reading
from pipelines.intake.formats.sniff import sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.identity.identities import (
    Identifier,
    WrittenNames,
    channel_of,
    identity_columns,
)
from pipelines.intake.layouts.figures import shown
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.readings import CoverText
from pipelines.intake.vocabulary import identity_fields
from pipelines.survey import Survey
from pipelines.survey.addresses import address
from pipelines.warehouse import Root
from pipelines.warehouse.layout import REGISTER_FILE
from pipelines.warehouse.publication import storage_errors
from pipelines.warehouse.schema import arrow_table, empty_table

_HEADER_SEARCH_ROWS = 15
_FEWEST_COLUMNS = 2


def read_registers(root: Root, years: Iterable[int], survey: Survey) -> pa.Table:
    """The units tables of several years as one."""
    return pa.concat_tables(
        [empty_table("units"), *(read_register(root, year, survey) for year in years)]
    )


def read_register(root: Root, year: int, survey: Survey) -> pa.Table:
    """The units table of a year; empty when the year has no register.

    Raises RegisterError when there is one that cannot be used.
    """
    path = root.inbox(year) / REGISTER_FILE
    if not path.is_file():
        return empty_table("units")
    try:
        with reading(), storage_errors(path):
            data = path.read_bytes()
            for sheet in (sheet for sheet in read_sheets(data, sniff(data)) if not sheet.hidden):
                columns, first = _header(sheet)
                if columns:
                    return arrow_table("units", _units(sheet, columns, first, year, survey))
    except UnreadableFileError as error:
        raise RegisterError(error.problem, error.advice, Place(file=str(path))) from error
    raise RegisterError(
        "没有找到表头（至少要有“单位名称”和“单位所在地”）",
        "请用 kepu simulate 或 kepu init 给出的名录格式",
        Place(file=str(path)),
    )


def _header(sheet: Sheet) -> tuple[dict[str, int], int]:
    fields = identity_fields()
    for row, line in enumerate(sheet.rows[:_HEADER_SEARCH_ROWS]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(line):
            field = fields.get(plain_label(cell), "") if type(cell) is str else ""
            if field:
                columns.setdefault(field, column)
        if "unit_name" in columns and len(columns) >= _FEWEST_COLUMNS:
            return columns, row + 1
    return {}, 0


def _units(
    sheet: Sheet, columns: dict[str, int], first: int, year: int, survey: Survey
) -> list[dict[str, Any]]:
    identifier, names = Identifier(survey), WrittenNames(survey)
    units: dict[tuple[str, str], dict[str, Any]] = {}
    for row in range(first, len(sheet.rows)):
        cover = {
            field: CoverText(
                shown(cell := sheet.filled(row, column)).strip(),
                sheet.name,
                address(row, column),
                isinstance(cell, int | float),
            )
            for field, column in columns.items()
        }
        if not cover["unit_name"].text:
            continue
        identity = identifier.identify(cover, year)
        name = names.of(identity.unit_name, identity.division_code, year)
        unit_id = identity.uscc or f"{identity.division_code}|{name}"
        channel = cover["channel"].text if "channel" in cover else ""
        unit = {
            "year": year,
            "unit_id": unit_id,
            **identity_columns(identity),
            "channel": channel_of(channel),
            "file": REGISTER_FILE,
            "sheet": sheet.name,
            "row": row + 1,
        }
        known = units.setdefault((unit_id, identity.venue_name), unit)
        if known is not unit:
            raise RegisterError(
                f"第 {known['row']} 行与第 {row + 1} 行是同一单位、同一场馆"
                f"（{identity.unit_name}）",
                "请删去重复的一行；同一单位有多个场馆的，请填“场馆名称”加以区分",
                Place(
                    file=REGISTER_FILE, sheet=sheet.name, cell=address(row, columns["unit_name"])
                ),
            )
    return list(units.values())
