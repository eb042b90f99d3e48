"""What a run leaves in the Prefect UI: tables, text and links, all in Chinese."""

from __future__ import annotations

from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

from pipelines import runs, steps
from pipelines.checks.response import matrix_of, units_of
from pipelines.warehouse import Snapshot, Workshop

#: Rows shown in the UI; the whole list is in the snapshot.
_SHOWN = 200


def inventory(plan: steps.Plan) -> None:
    """Files by year and status, and every refused file with its reason."""
    with Workshop.reopened(plan.workshop) as workshop:
        counts = workshop.rows(
            "SELECT year AS 年度, CASE status WHEN 'loaded' THEN '载入' WHEN 'rejected' THEN '拒收'"
            " WHEN 'skipped' THEN '跳过' ELSE '相同文件' END AS 状态, count(*) AS 文件数,"
            " sum(returns)::BIGINT AS 调查表, sum(figures_in)::BIGINT AS 指标格"
            " FROM submissions GROUP BY ALL ORDER BY ALL"
        )
        refused = workshop.rows(
            "SELECT year AS 年度, file AS 文件, reason_zh AS 原因, advice_zh AS 请报送单位"
            f" FROM submissions WHERE status = 'rejected' ORDER BY ALL LIMIT {_SHOWN}"
        )
    create_table_artifact(counts, key="kepu-inventory", description="收件登记")
    create_table_artifact(refused, key="kepu-refused", description="拒收的文件")


def findings(plan: steps.Plan) -> None:
    """Findings by rule."""
    with Workshop.reopened(plan.workshop) as workshop:
        rows = workshop.rows(
            "SELECT year AS 年度, rule_id AS 规则, CASE severity WHEN 'note' THEN '提示'"
            " WHEN 'query' THEN '需核实' ELSE '退回' END AS 性质, evaluated AS 判断次数,"
            " failed AS 不成立, not_evaluated AS 未评估 FROM rule_results"
            f" WHERE failed > 0 ORDER BY failed DESC, rule_id LIMIT {_SHOWN}"
        )
    create_table_artifact(rows, key="kepu-findings", description="审核发现（按规则）")


def response(plan: steps.Plan) -> None:
    """Response by prefecture, and the matrix: prefectures down, departments across."""
    with Snapshot(plan.root.snapshot) as snapshot:
        rows = snapshot.rows(
            "SELECT name_zh AS 地区, expected AS 应报, reported AS 实报, queried AS 待核实"
            " FROM prefecture_response WHERE year = $year ORDER BY prefecture_code",
            {"year": plan.report_year},
        )
        survey, year = plan.survey(), plan.report_year
        units = units_of(snapshot, survey, year, plan.arrangement)
    create_table_artifact(rows, key="kepu-response", description=f"{year}年度回收情况")
    matrix = matrix_of(survey, year, units, "合计", "未归类")
    table = [
        {"市（州）": name, **dict(zip(matrix.columns, texts, strict=True))}
        for name, texts in matrix.rows
    ]
    create_table_artifact(
        table, key="kepu-response-matrix", description=f"{year}年度回收矩阵（已报/应报）"
    )


def outputs(plan: steps.Plan) -> None:
    """Links to what was made."""
    report = plan.root.report(plan.report_year).resolve()
    create_link_artifact((report / "公报.pdf").as_uri(), key="kepu-bulletin", link_text="公报")
    create_link_artifact((report / "指标表.xlsx").as_uri(), key="kepu-workbook", link_text="指标表")


def account(outcome: runs.Outcome) -> None:
    """The account of the run as text."""
    lines = [f"- **{label}**：{text}" for label, text in outcome.account.lines()]
    title = f"# {outcome.account.year}年度运行结果"
    create_markdown_artifact("\n".join([title, "", *lines]), key="kepu-account")
