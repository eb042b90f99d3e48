"""What the office works from: 审核汇总 (what was found), beside 催报名单 (who is missing).

Unit names and counts only: no figure of a unit stands here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.checks.arrangement import Arrangement
from pipelines.checks.figures_code import figure_codes
from pipelines.checks.reminders import write_reminders
from pipelines.checks.sheets import Book, new_book, words
from pipelines.checks.worklist import worklist
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot
from pipelines.warehouse.reply import EXPLANATION_HEADERS

Row = dict[str, Any]

#: The sheet that 说明.xlsx is made from.
OPEN_SHEET = "待说明的问题"


def write_office_lists(
    snapshot: Snapshot, survey: Survey, year: int, folder: Path, arrangement: Arrangement
) -> list[Path]:
    """Write 催报名单.xlsx and a 催报单 a county and department, and 审核汇总.xlsx of a year."""
    return [
        *write_reminders(snapshot, survey, year, folder, arrangement),
        _write_summary(snapshot, survey, year, folder / "审核汇总.xlsx"),
    ]


def _write_summary(snapshot: Snapshot, survey: Survey, year: int, path: Path) -> Path:
    with new_book(path, f"{year} 年度审核汇总", simulated=snapshot.simulated) as book:
        _write_worklist(book, snapshot, survey, year)
        _write_rules(book, snapshot, survey, year)
        _write_statuses(book, snapshot, year)
        _write_refused(book, snapshot, year)
        _write_whole(book, snapshot, year)
        _write_open(book, snapshot, survey, year)
        _write_answers(book, snapshot, year)
    return path


def _write_worklist(book: Book, snapshot: Snapshot, survey: Survey, year: int) -> None:
    """Which query to ask about first, by what it could do to the totals, and where to stop."""
    work, edition, said = worklist(snapshot, survey, year), survey.edition_of(year), words()
    rows = []
    for task in work.tasks:
        item, rule = edition.item.get(task.effect_item_id), edition.rule.get(task.rule_id)
        rows.append(
            [
                task.rank, task.unit_name, task.venue_name, item.name_zh if item else "",
                rule.message_zh if rule else task.rule_id,
                said.natures["must_correct" if task.must_correct else task.severity],
                task.score, task.cumulative, said.answers["stop"] * (task.rank == work.enough),
            ]
        )  # fmt: skip
    sheet = book.sheet("先后次序", (6, 34, 24, 34, 50, 10, 12, 12, 14))
    note = work.sentence_zh or said.answers["no_effect"]
    sheet.write_string(0, 0, note, book.formats["mark"])
    headers = ("次序", "单位名称", "场馆名称", "影响的指标", "规则", "性质", "占全省合计",
               "累计", said.answers["stop_header"])  # fmt: skip
    looks = ("centre", *["text"] * 4, "centre", "percent", "percent", "strong")
    book.list(sheet, 1, headers, rows, looks)


def _write_rules(book: Book, snapshot: Snapshot, survey: Survey, year: int) -> None:
    said, edition = words(), survey.edition_of(year)
    found = snapshot.rows(
        "SELECT * FROM rule_results WHERE year = ? ORDER BY failed DESC, rule_id", [year]
    )
    rows = []
    for n, row in enumerate(found, 1):
        rule = edition.rule.get(row["rule_id"])
        rows.append(
            [
                n, row["rule_id"], rule.message_zh if rule else "",
                said.scopes[rule.scope] if rule else "", said.severities[row["severity"]],
                row["evaluated"], row["passed"], row["failed"], row["not_evaluated"],
            ]
        )  # fmt: skip
    headers = ("序号", "规则", "内容", "范围", "级别", "判断次数", "成立", "不成立", "未评估")
    sheet = book.sheet("按规则", (6, 28, 60, 10, 12, 11, 11, 11, 11))
    book.list(sheet, 0, headers, rows, ("centre", *["text"] * 4, *["number"] * 4))


def _write_statuses(book: Book, snapshot: Snapshot, year: int) -> None:
    found = snapshot.rows(
        """
        SELECT r.unit_name, r.venue_name, r.file, r.status, r.status_reason_zh,
            count(f.finding_id) FILTER (f.severity <> 'note') AS asked,
            count(f.finding_id) FILTER (f.severity <> 'note' AND f.must_correct) AS must
        FROM returns r LEFT JOIN open_findings f USING (return_id)
        WHERE r.year = ? AND r.role = 'basic' AND r.status <> 'accepted'
        GROUP BY r.return_id, r.unit_name, r.venue_name, r.file, r.status, r.status_reason_zh
        ORDER BY must DESC, asked DESC, r.return_id
        """,
        [year],
    )
    statuses = words().statuses
    rows = [
        [
            n, row["unit_name"], row["venue_name"], row["file"], statuses[row["status"]],
            row["asked"], row["must"], row["status_reason_zh"],
        ]
        for n, row in enumerate(found, 1)
    ]  # fmt: skip
    headers = ("序号", "单位名称", "场馆名称", "文件", "状态", "问题", "必须更正", "原因")
    sheet = book.sheet("未通过的表", (6, 34, 24, 40, 10, 8, 10, 60))
    looks = ("centre", "text", "text", "text", "centre", "number", "number", "text")
    book.list(sheet, 0, headers, rows, looks)


def _write_refused(book: Book, snapshot: Snapshot, year: int) -> None:
    found = snapshot.rows(
        "SELECT file, status, reason_zh, advice_zh FROM submissions"
        " WHERE year = ? AND status <> 'loaded' ORDER BY status, file",
        [year],
    )
    states = {"rejected": "拒收", "skipped": "跳过", "duplicate": "相同文件"}
    rows = [
        [n, row["file"], states[row["status"]], row["reason_zh"], row["advice_zh"]]
        for n, row in enumerate(found, 1)
    ]
    sheet = book.sheet("未载入的文件", (6, 56, 12, 50, 50))
    headers = ("序号", "文件", "处理", "原因", "请报送单位")
    book.list(sheet, 0, headers, rows, ("centre", "text", "centre", "text", "text"))


def _write_whole(book: Book, snapshot: Snapshot, year: int) -> None:
    found = snapshot.rows(
        "SELECT rule_id, message_zh FROM findings"
        " WHERE year = ? AND return_id = '' ORDER BY rule_id, message_zh",
        [year],
    )
    rows = [[n, row["rule_id"], row["message_zh"], ""] for n, row in enumerate(found, 1)]
    sheet = book.sheet("汇总层问题", (6, 10, 110, 30))
    headers = ("序号", "规则", "问题", "处理情况")
    book.list(sheet, 0, headers, rows, ("centre", "text", "text", "entry"))


def _write_open(book: Book, snapshot: Snapshot, survey: Survey, year: int) -> None:
    """Questions that a reason answers: what the office may explain itself, in 说明.xlsx."""
    edition, codes = survey.edition_of(year), figure_codes(snapshot, survey, year)
    found = snapshot.rows(
        "SELECT f.finding_id, f.rule_id, f.items, r.unit_id, r.unit_name, r.venue_name"
        " FROM open_findings f JOIN returns r USING (return_id)"
        " WHERE f.year = ? AND NOT f.must_correct AND (f.severity = 'query' OR f.rule_id = ?)"
        " ORDER BY r.unit_id, r.venue_name, f.rule_id, f.items",
        [year, words().changes.rule],
    )
    rows = [
        [
            row["unit_id"], row["unit_name"], row["venue_name"], row["rule_id"],
            "、".join(edition.item[i].name_zh for i in row["items"] if i in edition.item),
            codes[row["finding_id"]], "", "", "",
        ]
        for row in found
    ]  # fmt: skip
    sheet = book.sheet(OPEN_SHEET, (24, 34, 24, 22, 44, 14, 18, 40, 14))
    book.list(sheet, 0, EXPLANATION_HEADERS, rows, (*["text"] * 6, *["entry"] * 3))


def _write_answers(book: Book, snapshot: Snapshot, year: int) -> None:
    """Every explanation received, and what came of it."""
    said = words().answers
    found = snapshot.rows(
        "SELECT * FROM explanations WHERE year = ? ORDER BY state, unit_id, file, cell", [year]
    )
    rows = [
        [
            n, row["unit_name"], row["venue_name"], row["rule_id"], said[row["state"]],
            row["state_reason_zh"], row["reason_code"], said[row["source"]], row["file"],
            f"{row['sheet']}!{row['cell']}",
        ]
        for n, row in enumerate(found, 1)
    ]  # fmt: skip
    sheet = book.sheet("已收到的说明", (6, 34, 24, 22, 10, 34, 22, 10, 44, 18))
    headers = ("序号", "单位名称", "场馆名称", "规则", "结果", "原因", "原因类别", "来源", "文件",
               "位置")  # fmt: skip
    book.list(sheet, 0, headers, rows, ("centre", *["text"] * 9))
