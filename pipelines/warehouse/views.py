"""The views that every room reads the same way: which returns count, and what a cell now says."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.warehouse.schema import quoted


@dataclass(frozen=True)
class View:
    """A stable view that every room reads the same way."""

    name: str
    label_zh: str
    sql: str

    def create_sql(self) -> list[str]:
        return [
            f"CREATE VIEW {self.name} AS {self.sql}",
            f"COMMENT ON VIEW {self.name} IS {quoted(self.label_zh)}",
        ]


#: A return counts in totals when it is a basic return that is neither rejected nor replaced.
#: Law 1: a correction stands beside the answer; rooms read the value in force, the file's stays.
#: Law 2: "-" counts as 0 in sums and rules; blank and unreadable are NULL.
VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        View(
            "counted_returns",
            "参与加总的调查表：基层表，未退回、未被更正、不重复",
            "SELECT * FROM returns WHERE role = 'basic'"
            " AND status IN ('received', 'accepted', 'queried')",
        ),
        View(
            "current_answers",
            "现行的指标值：有已采用的更正时为更正后的值，原文照留；amount 把“-”作 0",
            """
            SELECT a.return_id, a.submission_id, a.item_id,
                CASE WHEN c.return_id IS NULL THEN a.value ELSE c.new_value END AS value,
                coalesce(c.new_state, a.state) AS state,
                CASE WHEN coalesce(c.new_state, a.state) = 'not_applicable' THEN 0
                    WHEN c.return_id IS NULL THEN a.value ELSE c.new_value END AS amount,
                a.raw_text,
                CASE WHEN c.return_id IS NULL THEN a.raw_text
                    ELSE c.new_text || '（已更正，原填“' || a.raw_text || '”）' END AS shown_text,
                c.return_id IS NOT NULL AS corrected,
                a.file, a.sheet, a.cell, a.notes
            FROM answers a LEFT JOIN (
                SELECT * FROM corrections WHERE status = 'applied'
                QUALIFY row_number() OVER (PARTITION BY return_id, item_id ORDER BY number DESC) = 1
            ) c ON c.return_id = a.return_id AND c.item_id = a.item_id
            """,
        ),
        View(
            "counted_answers",
            "参与加总的指标值：“-”按 0，空白与无法识别为空",
            "SELECT r.year, a.return_id, a.item_id, a.state, a.amount,"
            " r.county_code, r.prefecture_code, r.department_id, r.level_id, r.channel, r.status"
            " FROM current_answers a JOIN counted_returns r USING (return_id)",
        ),
        View(
            "public_indicator_values",
            "可对外公布的指标值：不公布的没有值和分子、分母，标记 suppressed；公开的产品只读这里",
            """
            SELECT v.* REPLACE (
                CASE WHEN s.year IS NULL THEN v.value END AS value,
                CASE WHEN s.year IS NULL THEN v.numerator END AS numerator,
                CASE WHEN s.year IS NULL THEN v.denominator END AS denominator,
                CASE WHEN s.year IS NULL THEN v.flags
                    ELSE list_append(v.flags, 'suppressed') END AS flags
            )
            FROM indicator_values v LEFT JOIN suppressions s
                ON s.year = v.year AND s.indicator_id = v.indicator_id
                AND s.breakdown = v.breakdown AND s.member_id = v.member_id
                AND s.member2_id = v.member2_id
            """,
        ),
        View(
            "open_findings",
            "还没有答复的审核发现：没有有效的说明",
            "SELECT * FROM findings WHERE finding_id NOT IN"
            " (SELECT finding_id FROM explanations WHERE state = 'holds')",
        ),
        View(
            "expected_units",
            "应报单位，以及有没有参与加总的调查表",
            "SELECT u.*, EXISTS (SELECT 1 FROM counted_returns r WHERE r.year = u.year"
            " AND r.unit_id = u.unit_id AND r.venue_name = u.venue_name) AS returned"
            " FROM units u",
        ),
        View(
            "unit_responses",
            "每个应报或已报的单位（场馆）一行：有没有列入名录，收到的表各是什么状态",
            """
            WITH sent AS (
                SELECT year, unit_id, venue_name,
                    any_value(unit_name ORDER BY return_id) AS unit_name,
                    any_value(prefecture_code ORDER BY return_id) AS prefecture_code,
                    any_value(county_code ORDER BY return_id) AS county_code,
                    any_value(department_id ORDER BY return_id) AS department_id,
                    any_value(level_id ORDER BY return_id) AS level_id,
                    any_value(channel ORDER BY return_id) AS channel,
                    count(*) FILTER (status IN ('accepted', 'received')) AS accepted,
                    count(*) FILTER (status = 'queried') AS queried,
                    count(*) FILTER (status = 'rejected') AS rejected
                FROM returns
                WHERE role = 'basic' AND status NOT IN ('superseded', 'duplicate')
                GROUP BY year, unit_id, venue_name
            )
            SELECT coalesce(u.year, s.year) AS year,
                coalesce(u.unit_id, s.unit_id) AS unit_id,
                coalesce(u.unit_name, s.unit_name) AS unit_name,
                coalesce(u.venue_name, s.venue_name) AS venue_name,
                coalesce(u.prefecture_code, s.prefecture_code) AS prefecture_code,
                coalesce(u.county_code, s.county_code) AS county_code,
                coalesce(u.department_id, s.department_id) AS department_id,
                coalesce(u.level_id, s.level_id) AS level_id,
                coalesce(u.channel, s.channel) AS channel,
                u.unit_id IS NOT NULL AS listed,
                coalesce(s.accepted + s.queried, 0) > 0 AS returned,
                coalesce(s.accepted, 0) AS accepted, coalesce(s.queried, 0) AS queried,
                coalesce(s.rejected, 0) AS rejected
            FROM units u FULL JOIN sent s
                ON u.year = s.year AND u.unit_id = s.unit_id AND u.venue_name = s.venue_name
            """,
        ),
        View(
            "response_matrix",
            "市州与主管部门交叉：应报、已报、通过、待核实、退回的份数",
            "SELECT year, prefecture_code, department_id,"
            " count(*) FILTER (listed) AS expected,"
            " count(*) FILTER (listed AND returned) AS reported,"
            " sum(accepted)::BIGINT AS accepted, sum(queried)::BIGINT AS queried,"
            " sum(rejected)::BIGINT AS rejected"
            " FROM unit_responses GROUP BY ALL",
        ),
        View(
            "measure_progress",
            "督查进展：done 已完成 | on_time 未到时限 | overdue 逾期 | unclear 没有写明"
            " | silent 未报",
            """
            SELECT *, CASE
                WHEN state IN ('none', 'rejected') THEN 'silent'
                WHEN completion >= 100 AND state = 'accepted' THEN 'done'
                WHEN completion IS NULL OR completion >= 100 OR deadline IS NULL OR as_of IS NULL
                    THEN 'unclear'
                WHEN deadline < as_of THEN 'overdue'
                ELSE 'on_time' END AS standing
            FROM progress_reports
            """,
        ),
        View(
            "prefecture_response",
            "各市州应报、实报（参与加总的调查表）与待核实",
            "SELECT d.year, d.code AS prefecture_code, d.name_zh,"
            " (SELECT count(*) FROM units u WHERE u.year = d.year"
            " AND u.prefecture_code = d.code) AS expected,"
            " (SELECT count(*) FROM counted_returns r WHERE r.year = d.year"
            " AND r.prefecture_code = d.code) AS reported,"
            " (SELECT count(*) FROM counted_returns r WHERE r.year = d.year"
            " AND r.prefecture_code = d.code AND r.status = 'queried') AS queried"
            " FROM divisions d WHERE d.level = 'prefecture'",
        ),
    )
}
