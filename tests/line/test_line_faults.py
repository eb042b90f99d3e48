"""Kills and a full disk: the published state stays and the next run finishes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from pipelines import steps
from pipelines.runs import rebuild
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.manifest import Manifest
from tests.conftest import Province
from tests.line.published_state import bytes_of, repeatable

resource = pytest.importorskip("resource", reason="limits and process groups are POSIX")

KEPU = [sys.executable, "-m", "pipelines.cli"]


@pytest.mark.parametrize("stage", ["ingested", "checked"])
def test_a_kill_leaves_the_published_state_and_the_next_run_finishes(
    own_province: Province, stage: str
) -> None:
    root, year = own_province.root, own_province.year
    before = repeatable(root)
    next(root.inbox(year).rglob("*.csv")).unlink()
    process = subprocess.Popen(
        [*KEPU, "run", "--plain", "--root", str(root.path), "--year", str(year)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_for_stage(root, stage, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with Snapshot(root.snapshot) as snapshot:
        assert snapshot.meta["fingerprint"]
    plan = steps.receive(root, year)
    rebuild(plan)
    steps.clear(plan)
    after = Manifest.read(root.manifest).sections["snapshot"].tables
    assert after["returns"] != before["returns"]
    assert not root.work.exists()


def _wait_for_stage(root: Root, stage: str, process: subprocess.Popen[Any]) -> None:
    """Wait until the run has reached the stage (or has ended, which is also a fair moment)."""
    while process.poll() is None:
        marks = [path.read_text(encoding="utf-8") for path in root.work.glob("*/stage")]
        if stage in marks:
            return
        time.sleep(0.01)


def test_a_full_disk_is_said_in_chinese_and_the_published_state_stays(
    own_province: Province,
) -> None:
    root, year = own_province.root, own_province.year
    before = bytes_of(root)
    (root.inbox(year) / "县区" / "又一份.xlsx").write_bytes(b"PK")

    def no_file_over_200_kb() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = subprocess.run(
        [*KEPU, "run", "--plain", "--root", str(root.path), "--year", str(year)],
        preexec_fn=no_file_over_200_kb,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "[K201]" in done.stderr
    assert "Traceback" not in done.stderr
    left = {p: h for p, h in bytes_of(root).items() if "/.work/" not in p}
    assert left == before


def test_the_command_says_by_its_exit_code_that_files_were_refused(province: Province) -> None:
    """A real process on a province whose inbox holds hostile files; nothing has changed in it."""
    command = [*KEPU, "run", "--plain", "--root", str(province.root.path)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "已发布的结果就是最新的" in done.stdout
    assert "个文件没有载入" in done.stdout
    assert not done.stderr


def test_ctrl_c_is_answered_in_chinese_and_the_published_state_stays(
    own_province: Province,
) -> None:
    root, year = own_province.root, own_province.year
    before = bytes_of(root)
    (root.inbox(year) / "县区" / "又一份.xlsx").write_bytes(b"PK")
    process = subprocess.Popen(
        [*KEPU, "run", "--plain", "--root", str(root.path), "--year", str(year)],
        # Whoever runs the tests in the background may have left Ctrl-C switched off.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    _wait_for_stage(root, "ingested", process)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert "已中断" in said
    assert "Traceback" not in said
    left = {path: hashed for path, hashed in bytes_of(root).items() if "/.work/" not in path}
    assert left == before
