"""The account of a run: what came in, what was loaded, what needs a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipelines.errors import ConservationError
from pipelines.warehouse import Snapshot


@dataclass(frozen=True)
class Refusal:
    """A file of which nothing was loaded, and what to ask its sender."""

    file: str
    code: str
    reason_zh: str
    advice_zh: str


@dataclass(frozen=True)
class Account:
    """Counts of one data year.  Files and figures in are loaded plus not loaded, asserted."""

    year: int
    files: dict[str, int] = field(default_factory=dict)
    returns: dict[str, int] = field(default_factory=dict)
    figures_in: int = 0
    figures_loaded: int = 0
    findings: dict[str, int] = field(default_factory=dict)
    must_correct: int = 0
    explained: int = 0
    corrections: dict[str, int] = field(default_factory=dict)
    expected: int = 0
    reported: int = 0
    refusals: tuple[Refusal, ...] = ()
    simulated: bool = False

    @property
    def files_in(self) -> int:
        return sum(self.files.values())

    @property
    def sent_back(self) -> int:
        """Findings for which a file or a return is sent back."""
        return self.findings.get("reject_file", 0) + self.findings.get("reject_return", 0)

    @property
    def found(self) -> int:
        """Everything that the rules found, answered or not."""
        return sum(self.findings.values())

    @property
    def needs_a_person(self) -> bool:
        """Whether files were refused: the command then exits with 1."""
        return bool(self.refusals)

    def lines(self) -> list[tuple[str, str]]:
        """The account as label and text, for the terminal and for Prefect."""
        files, returns = self.files, self.returns
        decided = [("更正", self._corrected())] if self.corrections else []
        rejected_figures = self.figures_in - self.figures_loaded
        return [
            (
                "收到文件",
                (
                    f"{self.files_in} 个 = 载入 {files.get('loaded', 0)}"
                    f" + 拒收 {files.get('rejected', 0)} + 相同文件 {files.get('duplicate', 0)}"
                    f" + 跳过 {files.get('skipped', 0)}"
                ),
            ),
            (
                "调查表",
                (
                    f"{sum(returns.values())} 份 = 通过 {returns.get('accepted', 0)}"
                    f" + 待核实 {returns.get('queried', 0)} + 退回 {returns.get('rejected', 0)}"
                    f" + 已被更正 {returns.get('superseded', 0)}"
                    f" + 重复 {returns.get('duplicate', 0)}"
                    f" + 汇总行 {returns.get('received', 0)}"
                ),
            ),
            (
                "指标格",
                f"{self.figures_in} 格 = 载入 {self.figures_loaded} + 未载入 {rejected_figures}",
            ),
            (
                "审核发现",
                (
                    f"{self.found} 条 = 退回 {self.sent_back}"
                    f" + 需核实 {self.findings.get('query', 0)}"
                    f" + 提示 {self.findings.get('note', 0)}"
                ),
            ),
            (
                "其中",
                (
                    f"已有说明 {self.explained} 条，未了结 {self.found - self.explained} 条"
                    f"（必须更正 {self.must_correct} 条）"
                ),
            ),
            *decided,
            (
                "回收",
                f"应报 {self.expected} 个，实报 {self.reported} 个"
                if self.expected
                else f"实报 {self.reported} 个（没有名录，不计算回收率）",
            ),
        ]

    def _corrected(self) -> str:
        applied = self.corrections.get("applied", 0)
        entries = sum(self.corrections.values())
        todo = "（须处理，见审核发现 C01）" if entries > applied else ""
        return f"{entries} 条 = 已采用 {applied} + 未采用 {entries - applied}{todo}"


def account_of(snapshot: Snapshot, year: int) -> Account:
    """Read the account of ``year``; raises ConservationError when it does not add up."""
    params = {"year": year}
    figures = snapshot.rows(
        "SELECT coalesce(sum(figures_in), 0)::BIGINT AS figures_in,"
        " coalesce(sum(figures_loaded), 0)::BIGINT AS loaded,"
        " coalesce(sum(figures_in) FILTER (status IN ('rejected', 'duplicate')), 0)::BIGINT"
        " AS not_loaded FROM submissions WHERE year = $year",
        params,
    )[0]
    if figures["figures_in"] != figures["loaded"] + figures["not_loaded"]:
        raise ConservationError(
            f"{year} 年度读到 {figures['figures_in']} 格，载入 {figures['loaded']} 格，"
            f"未载入 {figures['not_loaded']} 格，三者不平"
        )
    refusals = snapshot.rows(
        "SELECT file, reason_code, reason_zh, advice_zh FROM submissions"
        " WHERE year = $year AND status = 'rejected' ORDER BY file",
        params,
    )
    totals = snapshot.rows(
        "SELECT (SELECT count(*) FROM units WHERE year = $year) AS expected,"
        " (SELECT count(*) FROM counted_returns WHERE year = $year) AS reported,"
        " (SELECT count(*) FROM open_findings WHERE year = $year AND must_correct)"
        " AS must_correct,"
        " (SELECT count(*) FROM findings WHERE year = $year AND finding_id NOT IN"
        " (SELECT finding_id FROM open_findings)) AS explained,"
        " (SELECT coalesce(bool_or(simulated), false) FROM returns WHERE year = $year)"
        " AS simulated",
        params,
    )[0]
    return Account(
        year=year,
        files=_counts(snapshot, "submissions", "status", params),
        returns=_counts(snapshot, "returns", "status", params),
        findings=_counts(snapshot, "findings", "severity", params),
        corrections=_counts(snapshot, "corrections", "status", params),
        figures_in=figures["figures_in"],
        figures_loaded=figures["loaded"],
        must_correct=totals["must_correct"],
        explained=totals["explained"],
        expected=totals["expected"],
        reported=totals["reported"],
        simulated=totals["simulated"],
        refusals=tuple(
            Refusal(row["file"], row["reason_code"], row["reason_zh"], row["advice_zh"])
            for row in refusals
        ),
    )


def _counts(snapshot: Snapshot, table: str, by: str, params: dict[str, Any]) -> dict[str, int]:
    rows = snapshot.rows(
        f"SELECT {by} AS name, count(*) AS n FROM {table} WHERE year = $year GROUP BY ALL"
        " ORDER BY 1",
        params,
    )
    return {row["name"]: row["n"] for row in rows}
