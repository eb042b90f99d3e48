"""名录.xlsx: the units expected to report in a year, one row a return."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.forms.look import Look
from pipelines.forms.prefill import full_name
from pipelines.survey import Survey

HEADERS = (
    "单位名称",
    "统一社会信用代码",
    "场馆名称",
    "单位所在地",
    "机构主管部门类别",
    "单位级别",
    "渠道",
    "备注",
)
_WIDTHS = (44, 24, 30, 34, 34, 12, 8, 14)
CHANNELS = {"county": "属地", "department": "部门"}


def write_register(
    survey: Survey, year: int, units: Iterable[Mapping[str, Any]], path: Path, remark: str = ""
) -> Path:
    """Write the register of a year to ``path``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(register_book(survey, year, units, remark))
    return path


def register_book(
    survey: Survey, year: int, units: Iterable[Mapping[str, Any]], remark: str = ""
) -> bytes:
    """The register of a year from rows with the columns of the units table."""
    levels = {row.level_id: row.name_zh for row in survey.levels}
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        look = Look(book)
        sheet = book.add_worksheet("名录")
        for column, (header, width) in enumerate(zip(HEADERS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, header, look("header"))
        for row, unit in enumerate(units, 1):
            division = survey.divisions.get(unit["division_code"], year)
            department = survey.departments.get(unit["department_id"], year)
            texts = (
                unit["unit_name"],
                unit["uscc"],
                unit["venue_name"],
                full_name(survey, division, year) if division else "",
                department.name_zh if department else "",
                levels.get(unit["level_id"], ""),
                CHANNELS.get(unit["channel"], ""),
                remark,
            )
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text, look("text_plain"))
        sheet.freeze_panes(1, 1)
    return buffer.getvalue()
