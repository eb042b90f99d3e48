"""The summary of a 督查台账: written by the root of the ledger, read beside the statistics.

What both sides must agree on: the sheet's columns that say who and how far, and their words.
"""

from __future__ import annotations

#: Headers of the columns that stand before those of the form.
UNIT, SUBJECT, STATE, OPEN = "单位", "事项", "报送", "未了结"
#: What has come of a unit and subject, as the summary says it.
STATES = {"accepted": "通过", "queried": "待核实", "rejected": "退回", "none": "未报"}
