"""The rules and the tables' contracts as Great Expectations suites, with Data Docs in Chinese.

DuckDB has judged the rules (``rule_results``); here every rule becomes an expectation on its row
of results, and the tables that rooms hand each other get their contract checked.  A suite that is
not met is documentation of the data, never an error of the program.  Data Docs are written by
``pages``: GX's own pages load styles from ten hosts, are English, and carry clocks and random ids.

Importing Great Expectations costs about ten seconds, so this runs beside the rest in a process of
its own: ``python -m pipelines.checks.quality SNAPSHOT FOLDER``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.checks.pages import write_pages
from pipelines.checks.suites import Check, Suite, Verdict, suites_of
from pipelines.errors import KepuError, PublicationError
from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.publication import storage_errors

#: What may stand in the stored results: counts, never values of a unit.
_RESULT_KEYS = ("observed_value", "element_count", "unexpected_count", "unexpected_percent")
_SEVERITIES = {"reject_file": "critical", "reject_return": "critical", "query": "warning",
               "note": "info"}  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """How many suites and expectations were documented, and how many of them are met."""

    suites: int
    expectations: int
    met: int

    @property
    def unmet(self) -> int:
        return self.expectations - self.met


def document(snapshot: Snapshot, folder: Path, survey: Survey | None = None) -> Summary:
    """Write suites, results and Data Docs of a snapshot into ``folder``.

    The same snapshot gives the same bytes; no page refers to anything outside the folder.
    """
    suites = suites_of(snapshot, survey or load_survey())
    judged = _judge(suites)
    with storage_errors(folder):
        for suite, verdicts in zip(suites, judged, strict=True):
            _write_json(folder / "expectations" / f"{suite.name}.json", _suite_json(suite))
            results = [_verdict_json(verdict) for verdict in verdicts]
            success = all(verdict.success for verdict in verdicts)
            content = {"suite_name": suite.name, "success": success, "results": results}
            _write_json(folder / "validations" / f"{suite.name}.json", content)
        simulated = snapshot.rows("SELECT coalesce(bool_or(simulated), FALSE) AS s FROM returns")
        write_pages(folder, list(zip(suites, judged, strict=True)), simulated[0]["s"])
    verdicts = [verdict for group in judged for verdict in group]
    return Summary(len(suites), len(verdicts), sum(verdict.success for verdict in verdicts))


def _judge(suites: Sequence[Suite]) -> list[list[Verdict]]:
    """Run every suite through Great Expectations."""
    # Read when great_expectations is imported: no analytics, no calls to the outside, no bars.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_pandas("kepu")
    judged = []
    for suite in suites:
        batch = source.add_dataframe_asset(suite.name).add_batch_definition_whole_dataframe("全部")
        expectations = [_expectation(check) for check in suite.checks]
        named = gx.ExpectationSuite(name=suite.name, expectations=expectations)
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=suite.name, data=batch, suite=context.suites.add(named))
        )
        results = definition.run(
            batch_parameters={"dataframe": suite.frame.to_pandas()}, result_format="BASIC"
        )
        by_id = {_check_id(one): one for one in results.results}
        judged.append([_verdict(check, by_id[check.check_id]) for check in suite.checks])
    return judged


def _expectation(check: Check) -> Any:
    import great_expectations.expectations as gxe
    from great_expectations.expectations.row_conditions import Column

    arguments = dict(check.arguments)
    if check.only_rule:
        arguments["row_condition"] = Column("rule_id") == check.only_rule
    return getattr(gxe, check.kind)(
        **arguments,
        description=check.title_zh,
        notes=check.notes_zh or None,
        meta={"编号": check.check_id, "分组": check.group_zh},
        severity=_SEVERITIES[check.severity],
    )


def _check_id(outcome: Any) -> str:
    check_id: str = outcome.expectation_config.meta["编号"]
    return check_id


def _verdict(check: Check, outcome: Any) -> Verdict:
    if outcome.exception_info.get("raised_exception"):
        raise PublicationError(
            f"期望“{check.check_id}”没有执行成功：{outcome.exception_info['exception_message']}",
            "请运行 kepu doctor 检查安装的版本",
        )
    result = {key: outcome.result[key] for key in _RESULT_KEYS if key in outcome.result}
    return Verdict(check, bool(outcome.success), {k: _plain(v) for k, v in result.items()})


def _plain(value: Any) -> Any:
    """A numpy number as a Python one."""
    return value.item() if hasattr(value, "item") else value


def _suite_json(suite: Suite) -> dict[str, Any]:
    """The suite in the form in which Great Expectations stores one, without its random ids."""
    return {
        "name": suite.name,
        "expectations": [
            {
                key: value
                for key, value in _expectation(check).configuration.to_json_dict().items()
                if key != "id"
            }
            for check in suite.checks
        ],
        "meta": {"说明": suite.about_zh},
    }


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "编号": verdict.check.check_id,
        "type": verdict.check.kind,
        "success": verdict.success,
        "result": verdict.result,
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Document the snapshot at the first path into the second; errors are said in one line."""
    if len(arguments) != 2:
        print("用法：python -m pipelines.checks.quality 快照文件 输出文件夹", file=sys.stderr)
        return 2
    snapshot_path, folder = (Path(argument) for argument in arguments)
    # The office's own definition lies beside the snapshot: <root>/data/processed/kepu.duckdb.
    root = Root(snapshot_path.resolve().parents[2])
    try:
        survey = load_survey(root.overlay)
        with Snapshot(snapshot_path) as snapshot:
            summary = document(snapshot, folder, survey)
    except KepuError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"期望 {summary.expectations} 个，成立 {summary.met} 个，不成立 {summary.unmet} 个")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
