"""Hold explanations against findings: which questions are answered, and which answers are void.

An explanation answers the finding of the same rule, unit, venue, year and items, while the figures
are those it was given for.  A question that must be corrected stays open whatever is said.  Once
all that asks about a return is answered, the return is accepted.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from pipelines.checks.figures_code import figure_codes
from pipelines.checks.wording import wording
from pipelines.survey import Survey
from pipelines.warehouse import Workshop

Row = dict[str, Any]
_Key = tuple[str, str, str, tuple[str, ...]]


def settle_explanations(workshop: Workshop, survey: Survey) -> None:
    """Set ``finding_id`` and ``state`` of every explanation, and the status of what they free."""
    rows = workshop.table("explanations").to_pylist()
    if not rows:
        return
    for year in sorted({row["year"] for row in rows}):
        findings = _findings(workshop, year)
        codes = figure_codes(workshop, survey, year)
        for row in rows:
            if row["year"] == year and row["state"] not in ("unmatched", "incomplete"):
                _settle(row, findings, codes)
    workshop.replace("explanations", rows)
    _free(workshop)


def _findings(workshop: Workshop, year: int) -> dict[_Key, list[Row]]:
    found: dict[_Key, list[Row]] = {}
    for row in workshop.rows(
        "SELECT f.*, r.unit_id, r.venue_name FROM findings f JOIN returns r USING (return_id)"
        " WHERE f.year = ? ORDER BY f.finding_id",
        [year],
    ):
        key = (row["rule_id"], row["unit_id"], row["venue_name"], tuple(row["items"]))
        found.setdefault(key, []).append(row)
    return found


def _settle(row: Row, findings: dict[_Key, list[Row]], codes: dict[str, str]) -> None:
    key = (row["rule_id"], row["unit_id"], row["venue_name"], tuple(row["items"]))
    said = wording().explanations
    same = findings.get(key, [])
    fitting = [one for one in same if codes.get(one["finding_id"]) == row["figures"]]
    row["finding_id"] = ""
    if not same:
        row["state"] = "gone"
    elif all(not is_closable(one) for one in same):
        row["state"] = "hard"
    elif not fitting:
        row["state"] = "stale"
    else:
        row["state"], row["finding_id"] = "holds", fitting[0]["finding_id"]
    row["state_reason_zh"] = said.get(row["state"], "")


def is_closable(finding: Row) -> bool:
    """Whether a reason answers a finding; else only a correction does."""
    return finding["severity"] in ("query", "note") and not finding["must_correct"]


def _free(workshop: Workshop) -> None:
    """Returns of which every question is answered are accepted; others say how many are left."""
    said = wording().status
    asked = workshop.rows(
        "SELECT r.return_id, count(f.finding_id) AS n FROM returns r"
        " LEFT JOIN open_findings f ON f.return_id = r.return_id AND f.severity = 'query'"
        " WHERE r.status = 'queried' GROUP BY r.return_id ORDER BY r.return_id"
    )
    decided = pa.table(
        {
            "return_id": [row["return_id"] for row in asked],
            "status": ["queried" if row["n"] else "accepted" for row in asked],
            "reason": [
                said["queried"].format(count=row["n"]) if row["n"] else said["explained"]
                for row in asked
            ],
        }
    )
    workshop.con.register("decided", decided)
    try:
        workshop.con.execute(
            "UPDATE returns SET status = decided.status, status_reason_zh = decided.reason"
            " FROM decided WHERE returns.return_id = decided.return_id"
        )
    finally:
        workshop.con.unregister("decided")
