"""The method rules: which code stands behind which rule id.

A method rule is a rule that is not an expression over one return.  Its text in ``rules.yaml`` is
its definition, the function named here its implementation; a test holds the two sets equal.  Soft
rules over the same cells ask in the order of the rule file, and only the first of them asks.
"""

from __future__ import annotations

from collections.abc import Callable

from pipelines.checks import methods_aggregate as aggregate
from pipelines.checks import methods_batch as batch
from pipelines.checks import methods_cells as cells
from pipelines.checks import methods_closure as closure
from pipelines.checks import methods_corrections as corrections
from pipelines.checks import methods_covers as covers
from pipelines.checks import methods_identity as identity
from pipelines.checks import methods_patterns as patterns
from pipelines.checks import methods_peers as peers
from pipelines.checks import params
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
    "G17": peers.change_among_peers,
    "G18": patterns.copied,
    "G19": patterns.constant,
    "G20": peers.ratio_among_peers,
    "G21": patterns.same_event,
    "G22": peers.size_among_peers,
    "V42": batch.overlap,
    "V46": identity.venue_inside_bureau,
    "G23": identity.unit_unclear,
    "G24": covers.filled,
    "C01": corrections.unapplied,
    "C02": identity.stale_ruling,
    "A01": aggregate.summary_rows,
    "A02": closure.closure,
    "A03": closure.groupings,
    "A04": aggregate.response,
    "A05": aggregate.dominance,
    "A06": aggregate.outliers,
}

#: What the ``params`` of a method rule hold; none where it is not listed.
PARAMS: dict[str, type[params.Params]] = {
    "G24": params.Filled,
    "G14": params.Slip,
    "G17": params.HidiroglouBerthelot,
    "G18": params.Copied,
    "G19": params.Constant,
    "G20": params.Ratios,
    "G21": params.SameEvent,
    "G22": params.Sizes,
    "V42": params.Overlap,
    "A04": params.Response,
    "A05": params.Dominance,
    "A06": params.Outliers,
}

#: Rules over all returns together: judged after every return has its status.
AGGREGATE = frozenset(rule_id for rule_id in METHODS if rule_id.startswith("A"))
