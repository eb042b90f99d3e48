"""A short code of the figures that a finding is about: it changes exactly when one of them does.

An explanation holds only while the figures it explains are unchanged.  The code is what is
compared, and it can stand on the office's lists, which show no figure of a unit.
"""

from __future__ import annotations

import hashlib
from typing import Any

from pipelines.checks.scene import earlier_items
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot, Workshop

_LENGTH = 10

_SQL = """
WITH before AS (
    SELECT unit_id, venue_name, min(return_id) AS return_id
    FROM counted_returns WHERE year = $year - 1 AND unit_id <> '' GROUP BY ALL
), named AS (
    SELECT f.finding_id, f.return_id, f.scope, r.unit_id, r.venue_name,
        unnest(f.items) AS item_id, generate_subscripts(f.items, 1) AS n
    FROM findings f JOIN returns r USING (return_id)
    WHERE f.year = $year AND f.severity IN ('query', 'note') AND len(f.items) > 0
)
SELECT n.finding_id, string_agg(
    n.item_id || '=' || coalesce(CAST(a.value AS VARCHAR), a.state || a.raw_text, '')
    || CASE WHEN n.scope = 'year_on_year'
        THEN '<' || coalesce(CAST(p.value AS VARCHAR), p.state, '') ELSE '' END,
    '|' ORDER BY n.n) AS figures
FROM named n
LEFT JOIN current_answers a ON a.return_id = n.return_id AND a.item_id = n.item_id
LEFT JOIN before b ON b.unit_id = n.unit_id AND b.venue_name = n.venue_name
LEFT JOIN earlier_items e ON e.item_id = n.item_id
LEFT JOIN current_answers p ON p.return_id = b.return_id AND p.item_id = e.earlier_item_id
GROUP BY n.finding_id
UNION ALL
SELECT finding_id, array_to_string(observed, '|') FROM findings
WHERE year = $year AND severity IN ('query', 'note') AND return_id <> '' AND len(items) = 0
"""


def figure_codes(source: Workshop | Snapshot, survey: Survey, year: int) -> dict[str, str]:
    """The code of every finding of a year that may be explained, by finding."""
    pairs = earlier_items(survey, survey.edition_of(year), year)
    source.con.register("earlier_items", pairs)
    try:
        rows: list[dict[str, Any]] = source.rows(_SQL, {"year": year})
    finally:
        source.con.unregister("earlier_items")
    return {row["finding_id"]: _code(row["figures"]) for row in rows}


def _code(figures: str) -> str:
    return hashlib.sha256(figures.encode()).hexdigest()[:_LENGTH]
