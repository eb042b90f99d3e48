"""Print every figure that the line is measured by: ``make bench``.

Speeds depend on the machine; ratios are measured within one run and can be compared.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

KEPU = [sys.executable, "-m", "pipelines.cli"]


def timed(what: str, command: list[str]) -> float:
    """Run a command; print its wall time and the peak memory of it and its children."""
    started = time.monotonic()
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{what}: {seconds:.1f} s, largest process so far {peak:.0f} MB, exit {done.returncode}")
    if done.returncode not in {0, 1}:
        print(done.stderr)
    said = re.search(r"用时 ([\d.]+) 秒", done.stdout)
    if said:
        print(f"  of which the line: {said[1]} s")
    return seconds


def main() -> None:
    """The demonstration through Prefect, a rerun, a plain run, then intake against its rivals."""
    with tempfile.TemporaryDirectory() as folder:
        demo = str(Path(folder) / "demo")
        timed("demo, 400 returns x 2 years, through Prefect", [*KEPU, "demo", "--root", demo])
        timed("kepu run, nothing changed", [*KEPU, "run", "--plain", "--root", demo])
        plain = str(Path(folder) / "plain")
        timed("demo as plain steps", [*KEPU, "demo", "--plain", "--root", plain])
        subprocess.run([sys.executable, "-m", "benchmarks.intake", plain], check=True)


if __name__ == "__main__":
    main()
