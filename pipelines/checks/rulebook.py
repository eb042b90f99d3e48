"""The rule book (审核规则手册): every rule of a year, from the same line that judges."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from pipelines.checks.sheets import new_book, words
from pipelines.survey import Edition, Rule, Survey

_HEADERS = ("序号", "编号", "范围", "级别", "须更正", "适用条件", "必须成立的关系", "容差",
            "说明", "依据", "出处", "备注")  # fmt: skip
_WIDTHS = (6, 26, 10, 11, 8, 26, 46, 7, 44, 11, 36, 36)
_LOOKS = ("centre", "text", "centre", "centre", "centre", *["text"] * 2, "number",
          *["text"] * 4)  # fmt: skip
_SELECTORS = {"all": "每个指标", "money": "每个金额指标", "count": "每个数量指标",
              "additive": "每个可加总指标"}  # fmt: skip
NOTES = (
    "一、关系必须成立；不成立时按级别处理：退回调查表＝暂不计入汇总；查询＝发查询单核实；提示＝只提示。",
    "二、填了数（含 0）用其值；“-”按 0 参与；空白和无法识别的不参与判断，记为“未评估”。",
    "三、适用条件不满足时，规则视为成立。容差已写在关系中。",
    "四、依据：“有出处”见出处一栏；“由定义得出”为指标定义必然成立；“建议值”为待用本省数据校准的阈值。",
)
_WORD = re.compile(r"'[^']*'|[a-z][a-z0-9_]*")
_NAMES = {"is_venue": "是场馆表", "level": "单位级别", "v": "本年", "prev": "上年"}


class Line(NamedTuple):
    """A rule as the book prints it; texts, but for the tolerance."""

    rule_id: str
    scope: str
    severity: str
    must_correct: bool
    when: str
    relation: str
    tolerance: Decimal | None
    message: str
    evidence: str
    source: str
    note: str


def write(survey: Survey, year: int, path: Path) -> Path:
    """Write the rule book of a data year."""
    title, lines = title_of(survey, year), lines_of(survey, year)
    with new_book(path, title) as book:
        sheet = book.sheet("审核规则", _WIDTHS)
        sheet.write_string(0, 0, title, book.formats["title"])
        for n, note in enumerate(NOTES, 1):
            sheet.write_string(n, 0, note, book.formats["line_plain"])
        rows = [[n, *_cells(line)] for n, line in enumerate(lines, 1)]
        book.list(sheet, len(NOTES) + 1, _HEADERS, rows, _LOOKS)
        sheet.autofilter(len(NOTES) + 1, 0, len(NOTES) + 1 + len(rows), len(_HEADERS) - 1)
    return path


def title_of(survey: Survey, year: int) -> str:
    return f"{year} 年度{survey.edition_of(year).title_zh}审核规则手册"


def lines_of(survey: Survey, year: int) -> list[Line]:
    """Every rule that applies in a data year, in the order of the edition."""
    edition, said = survey.edition_of(year), words()
    return [
        Line(
            rule.id,
            said.scopes[rule.scope],
            said.severities[rule.severity],
            rule.must_correct,
            in_words(edition, rule.when),
            relation(edition, rule),
            rule.tolerance or None,
            rule.message_zh,
            said.evidences[rule.evidence],
            rule.source,
            rule.note_zh,
        )
        for rule in edition.rules
        if rule.applies_to(year)
    ]


def _cells(line: Line) -> list[object]:
    printed = line._asdict()
    printed["must_correct"] = "是" if line.must_correct else ""
    printed["tolerance"] = float(line.tolerance) if line.tolerance else None
    return list(printed.values())


def relation(edition: Edition, rule: Rule) -> str:
    """What must hold, in words."""
    if rule.kind == "method":
        return rule.expr
    selector = f"{_SELECTORS[rule.each]}：" if rule.each else ""
    return selector + in_words(edition, rule.expr)


def in_words(edition: Edition, expression: str) -> str:
    """An expression with the Chinese names of its items, as people read it."""

    def named(match: re.Match[str]) -> str:
        word = match.group()
        item = edition.item.get(word)
        return f"“{item.name_zh}”" if item else _NAMES.get(word, word)

    text = _WORD.sub(named, expression)
    for sql, plain in _OPERATORS:
        text = text.replace(sql, plain)
    return text


_OPERATORS = (
    ("<=", "≤"), (">=", "≥"), ("<>", "≠"), (" * ", " × "), (" / ", " ÷ "), ("NOT ", "非 "),
    (" AND ", " 且 "), (" OR ", " 或 "), ("abs(", "绝对值("), ("floor(", "取整("),
    (" BETWEEN ", " 介于 "),
)  # fmt: skip
