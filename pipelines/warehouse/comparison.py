"""Two snapshots side by side: which figures moved, and which returns and decisions moved them.

``before`` and ``after`` are snapshot files; both are opened read-only beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import Place, SnapshotError
from pipelines.warehouse.schema import quoted
from pipelines.warehouse.store import Connected


@dataclass(frozen=True)
class Moved:
    """One indicator value that is not what it was; None: there was, or is, no figure."""

    indicator_id: str
    year: int
    breakdown: str
    member_id: str
    member2_id: str
    member_zh: str
    unit: str
    before: Decimal | None
    after: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True)
class MovedReturn:
    """A unit whose return is another, counts no more, counts now, or stands elsewhere."""

    year: int
    unit_id: str
    unit_name: str
    venue_name: str
    why: str
    file_before: str
    file_after: str


@dataclass(frozen=True)
class MovedCell:
    """What one unit adds to the sum of one item, then and now; None: it added nothing."""

    year: int
    unit_id: str
    unit_name: str
    venue_name: str
    item_id: str
    before: Decimal | None
    after: Decimal | None

    @property
    def difference(self) -> Decimal:
        return (self.after or Decimal(0)) - (self.before or Decimal(0))


@dataclass(frozen=True)
class MovedDecision:
    """A correction, ruling or explanation that one of the two has and the other has not."""

    year: int
    kind: str
    said: str
    only_in: str


#: Why a return differs, the first that fits.
_RETURN_CASES = """
    CASE WHEN b.unit_id IS NULL THEN 'new' WHEN a.unit_id IS NULL THEN 'gone'
        WHEN b.submissions <> a.submissions THEN 'resubmitted'
        ELSE 'moved' END
"""
_RETURNS = """
    (SELECT year, unit_id, venue_name, any_value(unit_name ORDER BY return_id) AS unit_name,
        string_agg(file, '；' ORDER BY return_id) AS files,
        string_agg(submission_id, ' ' ORDER BY return_id) AS submissions,
        string_agg(concat_ws('/', county_code, prefecture_code, department_id, level_id), ' '
            ORDER BY return_id) AS places
    FROM {base}.counted_returns GROUP BY ALL)
"""
_CELLS = """
    (SELECT r.year, r.unit_id, r.venue_name, c.item_id, sum(c.amount) AS amount,
        any_value(r.unit_name ORDER BY r.return_id) AS unit_name
    FROM {base}.current_answers c JOIN {base}.counted_returns r USING (return_id)
    WHERE c.amount IS NOT NULL GROUP BY ALL)
"""
_DECISIONS = """
    (SELECT year, 'correction' AS kind,
        concat_ws('，', return_asked_zh, item_id, old_text || '→' || new_text, reason_zh) AS said
        FROM {base}.corrections WHERE status = 'applied'
    UNION ALL
    SELECT year, 'ruling', concat_ws('，', return_asked_zh, decision_zh, reason_zh)
        FROM {base}.rulings WHERE status = 'applied'
    UNION ALL
    SELECT year, 'explanation', concat_ws('，', unit_name, venue_name, rule_id, text_zh)
        FROM {base}.explanations WHERE state = 'holds')
"""


class Comparison(Connected):
    """Two snapshots opened together.  Raises SnapshotError where one cannot be read."""

    def __init__(self, before: Path, after: Path) -> None:
        self.con = duckdb.connect(":memory:", config={"threads": 1})
        for base, path in (("b", before), ("a", after)):
            self._attach(base, path)

    def figures(self) -> list[Moved]:
        """Indicator values that moved, in key order."""
        rows = self._rows("""
            SELECT indicator_id, year, breakdown, member_id, member2_id,
                coalesce(a.member_zh, b.member_zh), coalesce(a.unit, b.unit), b.value, a.value
            FROM b.indicator_values b FULL JOIN a.indicator_values a
                USING (indicator_id, year, breakdown, member_id, member2_id)
            WHERE a.value IS DISTINCT FROM b.value
            ORDER BY year, breakdown, indicator_id, member_id, member2_id
        """)
        return [Moved(*row) for row in rows]

    def returns(self) -> list[MovedReturn]:
        """Units whose counted returns are not the same files, or stand elsewhere."""
        rows = self._rows(f"""
            SELECT year, unit_id, coalesce(a.unit_name, b.unit_name), venue_name, {_RETURN_CASES},
                coalesce(b.files, ''), coalesce(a.files, '')
            FROM {_RETURNS.format(base="b")} b FULL JOIN {_RETURNS.format(base="a")} a
                USING (year, unit_id, venue_name)
            WHERE a.submissions IS DISTINCT FROM b.submissions OR a.places IS DISTINCT FROM b.places
            ORDER BY year, unit_id, venue_name
        """)
        return [MovedReturn(*row) for row in rows]

    def cells(self) -> list[MovedCell]:
        """What each unit adds to each item, where that moved; largest first."""
        rows = self._rows(f"""
            SELECT year, unit_id, coalesce(a.unit_name, b.unit_name), venue_name, item_id,
                b.amount, a.amount
            FROM {_CELLS.format(base="b")} b FULL JOIN {_CELLS.format(base="a")} a
                USING (year, unit_id, venue_name, item_id)
            WHERE a.amount IS DISTINCT FROM b.amount
            ORDER BY year, item_id, abs(coalesce(a.amount, 0) - coalesce(b.amount, 0)) DESC,
                unit_id, venue_name
        """)
        return [MovedCell(*row) for row in rows]

    def decisions(self) -> list[MovedDecision]:
        """Decisions in force in one of the two only."""
        rows = self._rows(f"""
            SELECT year, kind, said, CASE WHEN a.n IS NULL THEN 'before' ELSE 'after' END
            FROM (SELECT *, 1 AS n FROM {_DECISIONS.format(base="b")}) b
                FULL JOIN (SELECT *, 1 AS n FROM {_DECISIONS.format(base="a")}) a
                USING (year, kind, said)
            WHERE a.n IS DISTINCT FROM b.n ORDER BY ALL
        """)
        return [MovedDecision(*row) for row in rows]

    def _attach(self, base: str, path: Path) -> None:
        place = Place(file=str(path))
        if not path.is_file():
            raise SnapshotError("没有这个数据快照", "请先运行 kepu run 或从备份中恢复", place)
        try:
            self.con.execute(f"ATTACH {quoted(str(path))} AS {base} (READ_ONLY)")
        except duckdb.Error as error:
            raise SnapshotError(f"数据快照打不开（{error}）", "请从备份中恢复", place) from error

    def _rows(self, sql: str) -> Iterable[tuple[Any, ...]]:
        try:
            return self.con.execute(sql).fetchall()
        except duckdb.Error as error:
            raise SnapshotError(
                f"两个快照的表不同，不能比较（{error}）", "请用做成较新快照的程序版本比较"
            ) from error
