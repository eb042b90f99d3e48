"""Disclosure control: what public tables leave out so that nobody's return can be read from them.

    contributions  who stands behind each cell             sensitivity  which cells are sensitive
    partition      how the members of breakdowns hang together
    linking        all of a year's cells and sums as one linked table
    suppression    what else must go (lines, optimum, freeing)
    audit          what an attacker can still conclude (ties: cells that move together)
    protection     the table ``suppressions``
    releases       what a release tells together with an earlier one

``protect`` is all that the line calls; rooms that publish read ``public_indicator_values``.
"""

from pipelines.indicators.disclosure.audit import interval, unsafe
from pipelines.indicators.disclosure.optimum import cheapest
from pipelines.indicators.disclosure.protection import protect
from pipelines.indicators.disclosure.releases import Told, compare
from pipelines.indicators.disclosure.suppression import suppress
from pipelines.indicators.disclosure.table import LinkedTable, additive_table
from pipelines.indicators.disclosure.thresholds import Thresholds, load_thresholds

__all__ = [
    "LinkedTable",
    "Thresholds",
    "Told",
    "additive_table",
    "cheapest",
    "compare",
    "interval",
    "load_thresholds",
    "protect",
    "suppress",
    "unsafe",
]
