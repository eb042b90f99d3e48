"""Write 待认定.yaml: the open questions about identity as rulings to fill in for 认定.yaml.

Names and places only, no figures: the file lies among reports that are passed around.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.intake.decisions.rulings import (
    BELONGS,
    COUNTS,
    DISTINCT,
    NOT_SAME,
    OTHER_COUNTS,
    REPEATS,
)
from pipelines.warehouse import Snapshot
from pipelines.warehouse.layout import RULINGS_FILE

Row = Mapping[str, Any]

_HEAD = (
    "# 待认定：认不准是谁的表、以哪份为准、有没有重复计算。",
    f"# 核实后填好一条，剪切到 data/raw/<年度>/{RULINGS_FILE}，下次运行照此执行。",
    "# “内容”照抄，不要改：文件换了内容，认定就不再采用。",
)
_SIMULATED = "# 模拟数据"
#: What may be decided about each kind of question; identity where it is not listed.
_CHOICES = {
    "duplicate": (COUNTS, OTHER_COUNTS, NOT_SAME),
    "double_count": (REPEATS, DISTINCT),
}
_IDENTITY_CHOICES = (BELONGS, NOT_SAME)
#: What every reader of YAML takes for plain text.
_PLAIN = re.compile(r"[\w\u4e00-\u9fff][\w\u4e00-\u9fff./（）()-]*")


def write_open_rulings(snapshot: Snapshot, year: int, path: Path) -> bool:
    """Write the open questions of a year; False, and nothing written, when there is none."""
    rows = snapshot.rows(
        "SELECT * FROM identity_questions WHERE year = $year"
        " ORDER BY kind, file, sheet, unit_name, question_id",
        {"year": year},
    )
    if not rows:
        return False
    simulated = snapshot.rows(
        "SELECT coalesce(bool_or(simulated), false) AS s FROM returns WHERE year = $year",
        {"year": year},
    )[0]["s"]
    path.write_text(open_rulings(rows, simulated=simulated), encoding="utf-8", newline="\n")
    return True


def open_rulings(rows: Sequence[Row], *, simulated: bool = False) -> str:
    """The questions as a YAML text whose entries lack only the decision."""
    lines = [*([_SIMULATED] if simulated else []), *_HEAD]
    for number, row in enumerate(rows, 1):
        lines += ["", f"# {number}. {_one_line(row['message_zh'])}"]
        lines += [f"#    可能是：{_one_line(text)}" for text in row["candidates"]]
        if row["return_id"]:
            lines += _entry(row)
    return "\n".join(lines) + "\n"


def _entry(row: Row) -> Iterator[str]:
    choices = _CHOICES.get(row["kind"], _IDENTITY_CHOICES)
    known = [
        ("文件", row["file"]), ("内容", row["content"]), ("工作表", row["sheet"]),
        ("单位", row["unit_name"]), ("场馆", row["venue_name"]),
    ]  # fmt: skip
    if row["other_file"]:
        known += [("另一份", row["other_file"]), ("另一份单位", row["other_unit_name"])]
    fields = [f"{key}: {_scalar(text)}" for key, text in known if text]
    fields.append(f"认定:  # {' | '.join(choices)}")
    if BELONGS in choices:
        hint = "、".join(row["candidate_ids"]) or "信用代码或单位全称"
        fields.append(f"名录单位:  # 认定“{BELONGS}”时填，其他认定删去此行：{_one_line(hint)}")
    fields += ["认定人:", "认定日期:  # 如 2024-05-20", "原因:"]
    for number, text in enumerate(fields):
        yield ("- " if number == 0 else "  ") + text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
