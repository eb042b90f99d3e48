"""Definitions to indicator tables: what is computed is data, how it is computed is one arithmetic.

``load_definitions`` reads ``definitions/*.yaml`` and an office's own; ``compute`` fills the tables
``indicators`` and ``indicator_values`` from the counted returns, the register, the population and
the published series.  ``change`` and ``evaluate`` are the same arithmetic for a reader of tables.
From these tables ``score_composites`` works out the composite indexes and ``score_measures`` the
measures of the provincial plan.
"""

from pipelines.indicators.arithmetic import evaluate
from pipelines.indicators.change import Change, change
from pipelines.indicators.composite import score_composites
from pipelines.indicators.compute import compute
from pipelines.indicators.definition import Definition, Definitions
from pipelines.indicators.measures import score_measures
from pipelines.indicators.reading import load_definitions

__all__ = [
    "Change",
    "Definition",
    "Definitions",
    "change",
    "compute",
    "evaluate",
    "load_definitions",
    "score_composites",
    "score_measures",
]
