"""What the office works from: 催报名单 (who is missing) and 审核汇总 (what was found).

Unit names and counts only: no figure of a unit stands here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.checks.sheets import Book, new_book, words
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

Row = dict[str, Any]

_RESPONSE_HEADERS = ("序号", "{what}", "应报", "收到", "回收率", "通过", "待核实", "退回", "未报")
_RESPONSE_WIDTHS = (6, 30, 10, 10, 11, 10, 10, 10, 10)
_RESPONSE_LOOKS = ("centre", "text", *["number"] * 2, "percent", *["number"] * 4)
_NO_LIST = "没有名录（data/raw/名录.xlsx），应报数、回收率和未报单位不能计算。"


def write_office_lists(snapshot: Snapshot, survey: Survey, year: int, folder: Path) -> list[Path]:
    """Write 催报名单.xlsx and 审核汇总.xlsx of a year."""
    return [
        _write_reminders(snapshot, survey, year, folder / "催报名单.xlsx"),
        _write_summary(snapshot, survey, year, folder / "审核汇总.xlsx"),
    ]


def _write_reminders(snapshot: Snapshot, survey: Survey, year: int, path: Path) -> Path:
    responses = _responses(snapshot, year)
    with new_book(path, f"{year} 年度催报名单") as book:
        for sheet, what, key in (
            ("按地区", "市（州）", "prefecture_code"),
            ("按部门", "主管部门", "department_id"),
        ):
            _write_response(book, sheet, what, _grouped(survey, year, responses, key))
        missing = [row for row in responses if row["listed"] and not row["returned"]]
        rows = [
            [n, *_place(survey, year, row), row["unit_name"], row["venue_name"], row["unit_id"]]
            for n, row in enumerate(missing, 1)
        ]
        headers = (
            "序号",
            "市（州）",
            "县（市、区）",
            "主管部门",
            "单位名称",
            "场馆名称",
            "单位编号",
        )
        widths = (6, 16, 18, 26, 40, 28, 24)
        sheet = book.sheet("未报单位", widths)
        listed = any(row["listed"] for row in responses)
        note = f"未报 {len(rows)} 份（{year} 年度）" if listed else _NO_LIST
        sheet.write_string(0, 0, note, book.formats["mark"])
        book.list(sheet, 1, headers, rows, ("centre", *["text"] * 6))
    return path


def _write_response(book: Book, name: str, what: str, groups: list[tuple[str, list[Row]]]) -> None:
    rows = []
    for n, (group, members) in enumerate(groups, 1):
        listed = [row for row in members if row["listed"]]
        reported = sum(row["returned"] for row in listed)
        states = [sum(row[state] for row in members) for state in _STATES]
        rate = reported / len(listed) if listed else None
        came = sum(states[:2])
        rows.append([n, group, len(listed) or None, came, rate, *states, len(listed) - reported])
    sheet = book.sheet(name, _RESPONSE_WIDTHS)
    note = "收到：参与汇总的调查表；回收率＝名录中已收到的单位÷应报单位；退回的不算收到。"
    sheet.write_string(0, 0, note, book.formats["line_plain"])
    headers = [header.format(what=what) for header in _RESPONSE_HEADERS]
    book.list(sheet, 1, headers, rows, _RESPONSE_LOOKS)


_STATES = ("accepted", "queried", "rejected")


def _responses(snapshot: Snapshot, year: int) -> list[Row]:
    """A row a unit (and venue) that is listed or has sent something: how many of which status."""
    return snapshot.rows(
        """
        WITH sent AS (
            SELECT unit_id, venue_name, any_value(unit_name ORDER BY return_id) AS unit_name,
                any_value(prefecture_code ORDER BY return_id) AS prefecture_code,
                any_value(county_code ORDER BY return_id) AS county_code,
                any_value(department_id ORDER BY return_id) AS department_id,
                count(*) FILTER (status IN ('accepted', 'received')) AS accepted,
                count(*) FILTER (status = 'queried') AS queried,
                count(*) FILTER (status = 'rejected') AS rejected
            FROM returns
            WHERE year = $year AND role = 'basic' AND status NOT IN ('superseded', 'duplicate')
            GROUP BY unit_id, venue_name
        ), listed AS (SELECT * FROM units WHERE year = $year)
        SELECT coalesce(l.unit_id, s.unit_id) AS unit_id,
            coalesce(l.unit_name, s.unit_name) AS unit_name,
            coalesce(l.venue_name, s.venue_name) AS venue_name,
            coalesce(l.prefecture_code, s.prefecture_code) AS prefecture_code,
            coalesce(l.county_code, s.county_code) AS county_code,
            coalesce(l.department_id, s.department_id) AS department_id,
            l.unit_id IS NOT NULL AS listed,
            coalesce(s.accepted + s.queried, 0) > 0 AS returned,
            coalesce(s.accepted, 0) AS accepted, coalesce(s.queried, 0) AS queried,
            coalesce(s.rejected, 0) AS rejected
        FROM listed l FULL JOIN sent s
            ON l.unit_id = s.unit_id AND l.venue_name = s.venue_name
        ORDER BY prefecture_code, county_code, department_id, unit_id, venue_name
        """,
        {"year": year},
    )


def _grouped(
    survey: Survey, year: int, responses: list[Row], key: str
) -> list[tuple[str, list[Row]]]:
    """Rows by prefecture or department in official order, the unknown last, the whole first."""
    if key == "prefecture_code":
        names = {place.code: place.name_zh for place in survey.divisions.prefectures(year)}
    else:
        names = {one.department_id: one.name_zh for one in survey.departments.active(year)}
    groups = [("全省", responses)]
    for code, name in names.items():
        groups.append((name, [row for row in responses if row[key] == code]))
    groups.append(("未归类", [row for row in responses if row[key] not in names]))
    return [(name, rows) for name, rows in groups if rows]


def _place(survey: Survey, year: int, row: Row) -> list[str]:
    places = [survey.divisions.get(row[key], year) for key in ("prefecture_code", "county_code")]
    department = survey.departments.get(row["department_id"], year)
    return [*(place.name_zh if place else "" for place in places),
            department.name_zh if department else ""]  # fmt: skip


def _write_summary(snapshot: Snapshot, survey: Survey, year: int, path: Path) -> Path:
    with new_book(path, f"{year} 年度审核汇总") as book:
        _write_rules(book, snapshot, survey, year)
        _write_statuses(book, snapshot, year)
        _write_refused(book, snapshot, year)
        _write_whole(book, snapshot, year)
    return path


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
        FROM returns r LEFT JOIN findings f USING (return_id)
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
