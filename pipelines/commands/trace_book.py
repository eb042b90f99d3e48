"""The whole list of traced cells as a workbook or CSV, one row a cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.checks.sheets import new_book, words
from pipelines.commands.choosing import Asked
from pipelines.commands.trace_lines import (
    Side,
    correction_text,
    earlier_text,
    explanation_text,
    revision_text,
    ruling_text,
)
from pipelines.indicators import Definition
from pipelines.survey import Survey
from pipelines.survey.notation import State, plain_text
from pipelines.warehouse.publication import write_atomically
from pipelines.warehouse.trace import Contribution

_HEADERS = (
    "分子或分母", "计入", "单位", "场馆", "单位编号", "指标", "计量单位", "文件", "工作表",
    "单元格", "原文", "状态", "读取时的归一", "报送", "此前与重复报送", "说明", "更正", "认定",
    "规则不成立", "规则通过", "规则未评估", "本表",
)  # fmt: skip
_WIDTHS = (10, 14, 30, 20, 20, 30, 9, 46, 18, 9, 14, 12, 18, 20, 40, 40, 40, 30, 24, 30, 24, 9)
_LOOKS = ("centre", "number", *["text"] * 20)
#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "@", "-")


def write_book(
    survey: Survey,
    definition: Definition,
    asked: Asked,
    sides: Sequence[Side],
    path: Path,
    *,
    simulated: bool,
) -> None:
    """Write every cell to ``path``, by its suffix .xlsx or .csv."""
    rows = [_row(survey, asked.year, side, cell) for side in sides for cell in side.cells]
    if path.suffix.lower() == ".csv":
        write_atomically(path, _csv(rows))
        return
    title = f"{asked.year} 年度 {asked.name_zh} {definition.name_zh}"
    with new_book(path, title, simulated=simulated) as book:
        sheet = book.sheet("单元格", _WIDTHS)
        sheet.write_string(
            0, 0, f"{title}。算法：{definition.formula_zh}", book.formats["line_plain"]
        )
        book.list(sheet, 1, _HEADERS, rows, _LOOKS)
        cited = sorted({
            rule_id
            for side in sides
            for rules in side.rules.values()
            for rule_id in (*rules.passed, *rules.failed, *rules.not_evaluated)
        })  # fmt: skip
        known = survey.edition_of(asked.year).rule
        rules_sheet = book.sheet("规则", (30, 90))
        book.list(
            rules_sheet,
            0,
            ("规则", "内容"),
            [(rule_id, known[rule_id].message_zh) for rule_id in cited if rule_id in known],
            ("text", "text"),
        )


def _row(survey: Survey, year: int, side: Side, cell: Contribution) -> list[Any]:
    item = survey.edition_of(year).item[cell.item_id]
    rules = side.rules[cell.key]
    counted = side.trace.signed(cell) if cell.counts and cell.amount is not None else None
    return [
        side.title,
        counted,
        cell.unit_name,
        cell.venue_name,
        cell.unit_id,
        item.name_zh,
        item.unit,
        cell.file,
        cell.sheet,
        cell.cell,
        cell.raw_text,
        State(cell.state).label_zh + ("（更正后）" if cell.corrected else ""),
        "\n".join(cell.notes),
        revision_text(cell),
        "\n".join(map(earlier_text, cell.history.earlier)),
        "\n".join(map(explanation_text, cell.history.explanations)),
        "\n".join(map(correction_text, cell.history.corrections)),
        "\n".join(map(ruling_text, cell.history.rulings)),
        " ".join(rules.failed),
        " ".join(rules.passed),
        " ".join(rules.not_evaluated),
        words().statuses[cell.status],
    ]


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADERS)
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    # With the mark that makes spreadsheets read it as UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return plain_text(value)
    text = "" if value is None else str(value)
    # What a respondent typed must not run as a formula in the office's spreadsheet.
    return f"'{text}" if text.startswith(_FORMULA) and text != "-" else text
