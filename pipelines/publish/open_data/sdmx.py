"""The indicator cube as SDMX-CSV 2.0: one line an observation, codes only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Row = dict[str, Any]

COLUMNS = (
    "STRUCTURE", "STRUCTURE_ID", "ACTION", "INDICATOR", "BREAKDOWN", "MEMBER", "MEMBER2",
    "TIME_PERIOD", "OBS_VALUE", "UNIT_MEASURE", "DECIMALS", "OBS_STATUS", "CONF_STATUS",
    "UNITS_COVERED", "RESPONSE_RATE",
)  # fmt: skip


def observations(rows: list[Row], decimals: dict[str, int], dataflow: str) -> Iterator[Row]:
    """Rows of the package's ``indicator_values`` under the code lists of SDMX.

    OBS_STATUS: A normal, B break, P provisional, O missing, Q suppressed.  CONF_STATUS: F free,
    C confidential.
    """
    for row in rows:
        flags = row["flags"].split(";")
        yield {
            "STRUCTURE": "dataflow",
            "STRUCTURE_ID": dataflow,
            "ACTION": "I",
            "INDICATOR": row["indicator_id"],
            "BREAKDOWN": row["breakdown"],
            "MEMBER": row["member_id"],
            "MEMBER2": row["member2_id"],
            "TIME_PERIOD": row["year"],
            "OBS_VALUE": row["value"],
            "UNIT_MEASURE": row["unit"],
            "DECIMALS": decimals[row["indicator_id"]],
            "OBS_STATUS": _status(row["status"], flags),
            "CONF_STATUS": "C" if row["status"] == "suppressed" else "F",
            "UNITS_COVERED": row["units_covered"],
            "RESPONSE_RATE": row["response_rate"],
        }


def _status(status: str, flags: list[str]) -> str:
    if status != "published":
        return {"suppressed": "Q", "missing": "O"}[status]
    return "B" if "break" in flags else "P" if "provisional" in flags else "A"
