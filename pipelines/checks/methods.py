"""The method rules: which code stands behind which rule id.

A method rule is a rule that is not an expression over one return.  Its text in ``rules.yaml`` is
its definition, the function named here its implementation; a test holds the two sets equal.
"""

from __future__ import annotations

from collections.abc import Callable

from pipelines.checks import methods_aggregate as aggregate
from pipelines.checks import methods_batch as batch
from pipelines.checks import methods_cells as cells
from pipelines.checks import methods_covers as covers
from pipelines.checks.findings import Outcome
from pipelines.checks.scene import Scene
from pipelines.survey import Rule

Method = Callable[[Scene, Rule], Outcome]

METHODS: dict[str, Method] = {
    "G03": cells.unreadable,
    "G04": cells.blank,
    "G05": cells.nothing_reported,
    "G06": covers.department,
    "G07": covers.level,
    "G08": covers.name_and_region,
    "G09": covers.phone,
    "G10": batch.reported_twice,
    "G11": batch.same_name,
    "G13": cells.blank_after_figure,
    "G14": cells.unit_slip,
    "G16": covers.credit_code,
    "V42": batch.overlap,
    "A01": aggregate.summary_rows,
    "A02": aggregate.closure,
    "A03": aggregate.groupings,
    "A04": aggregate.response,
    "A05": aggregate.dominance,
    "A06": aggregate.outliers,
}

#: Rules over all returns together: judged after every return has its status.
AGGREGATE = frozenset(rule_id for rule_id in METHODS if rule_id.startswith("A"))
