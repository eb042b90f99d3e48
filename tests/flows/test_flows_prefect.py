"""The flows on a real Prefect server: the same bytes as plain steps, records to follow the run,
deployments with schedules in Shanghai time."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from pipelines.forms import simulate
from pipelines.runs import run_line
from pipelines.survey import load_survey
from pipelines.warehouse import Root
from tests.conftest import make_only
from tests.line.published_state import repeatable

PROJECT = Path(__file__).parents[2]
DEPLOYMENTS = yaml.safe_load((PROJECT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
YEAR = 2023

pytestmark = pytest.mark.prefect


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server on a database of its own; its address."""
    from prefect.settings import PREFECT_API_URL
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=240):
        yield PREFECT_API_URL.value()


@pytest.fixture(scope="module")
def two_roots(tmp_path_factory: pytest.TempPathFactory) -> tuple[Root, Root]:
    """The same inbox twice."""
    first = Root(tmp_path_factory.mktemp("经 Prefect"))
    simulate(load_survey(), first, years=(2022, YEAR), returns=20, seed=11)
    make_only(first, "quality", "queries", "rule_book")
    second = Root(tmp_path_factory.mktemp("直接"))
    shutil.copytree(first.path / "data", second.path / "data")
    return first, second


@pytest.fixture(scope="module")
def both_run(server: str, two_roots: tuple[Root, Root]) -> tuple[Root, Root]:
    from pipelines.flows import annual

    through_prefect, plain = two_roots
    annual(str(through_prefect.path), YEAR)
    run_line(plain, YEAR)
    return two_roots


def read(coroutine_of: Any) -> Any:
    """Ask the server."""
    import asyncio

    from prefect import get_client

    async def ask() -> Any:
        async with get_client() as client:
            return await coroutine_of(client)

    return asyncio.run(ask())


def test_the_flow_and_the_plain_steps_leave_the_same_bytes(both_run: tuple[Root, Root]) -> None:
    through_prefect, plain = both_run
    made = repeatable(through_prefect)
    assert made == repeatable(plain)
    assert any(path.endswith("审核规则手册.xlsx") for path in made)
    assert any("/quality/" in path for path in made)


def test_a_second_flow_run_does_nothing(both_run: tuple[Root, Root]) -> None:
    from pipelines.flows import annual

    before = repeatable(both_run[0])
    assert annual(str(both_run[0].path), YEAR).was_current
    assert repeatable(both_run[0]) == before


def test_the_run_can_be_followed_in_the_ui(both_run: tuple[Root, Root]) -> None:
    artifacts = read(lambda client: client.read_artifacts())
    kinds = {artifact.key: artifact.type for artifact in artifacts}
    assert kinds["kepu-reading"] == "progress"
    assert kinds["kepu-inventory"] == "table"
    assert kinds["kepu-findings"] == "table"
    assert kinds["kepu-response"] == "table"
    assert kinds["kepu-account"] == "markdown"
    names = {run.name for run in read(lambda client: client.read_flow_runs())}
    assert {"科普统计年度主流程", "收件", "审核", "建库", "发布"} <= names


def test_all_deployments_can_be_made_on_a_server(server: str) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate

    read(lambda client: client.create_work_pool(WorkPoolCreate(name="kepu", type="process")))
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=PROJECT,
        env={**os.environ, "PREFECT_API_URL": server, "KEPU_HOME": str(PROJECT)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    made = {d.name: d for d in read(lambda client: client.read_deployments())}
    assert made.keys() == {d["name"] for d in DEPLOYMENTS}
    for deployment in made.values():
        assert deployment.schedules[0].schedule.timezone == "Asia/Shanghai"
        assert deployment.global_concurrency_limit.limit == 1


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["name"])
def test_a_schedule_fires_at_the_hour_it_says_in_shanghai(deployment: dict[str, Any]) -> None:
    from prefect.client.schemas.schedules import construct_schedule

    plan = deployment["schedules"][0]
    schedule = construct_schedule(cron=plan["cron"], timezone=plan["timezone"])
    import asyncio

    from prefect.server.schemas.schedules import CronSchedule

    server_side = CronSchedule(cron=schedule.cron, timezone=schedule.timezone)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    fires = asyncio.run(server_side.get_dates(5, start))
    minute, hour = (int(part) for part in plan["cron"].split()[:2])
    local = [fire.astimezone(ZoneInfo("Asia/Shanghai")) for fire in fires]
    assert [(fire.hour, fire.minute) for fire in local] == [(hour, minute)] * 5


def test_the_entry_points_are_flows_wherever_the_root_lies() -> None:
    """By module, not by file: a worker runs in the office's root, which holds no code."""
    from prefect import Flow

    for deployment in DEPLOYMENTS:
        module, name = deployment["entrypoint"].rsplit(".", 1)
        assert isinstance(getattr(importlib.import_module(module), name), Flow)


def test_importing_the_flows_package_does_not_import_prefect() -> None:
    code = "import sys, pipelines.flows; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0


def test_telemetry_is_off() -> None:
    code = (
        "import pipelines.flows, os;"
        "assert os.environ['PREFECT_SERVER_ANALYTICS_ENABLED'] == 'false';"
        "assert os.environ['DO_NOT_TRACK'] == '1'"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0
