"""Shared by all rooms: the survey definition, and a small simulated province run once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Root
from pipelines.warehouse.layout import OVERLAY_FOLDER
from pipelines.warehouse.publication import write_atomically


@pytest.fixture(scope="session")
def survey() -> Survey:
    return load_survey()


@dataclass(frozen=True)
class Province:
    """A simulated province of two years, run through the whole line as plain steps."""

    root: Root
    year: int
    received: dict[str, str] = field(default_factory=dict, compare=False)


def publish_everything(root: Root) -> None:
    """Give an office limits by which no cell is sensitive: disclosure control has tests of its
    own, and costs more than all the rest of a small run."""
    from pipelines.indicators.disclosure import thresholds

    limits = (Path(thresholds.__file__).parent / "thresholds.yaml").read_text(encoding="utf-8")
    for strict, open_ in (
        ("fewest: 3", "fewest: 1"),
        ("_percent: 85", "_percent: 0"),
        ("p_percent: 10", "p_percent: 0"),
    ):
        assert strict in limits
        limits = limits.replace(strict, open_)
    folder = root.raw / OVERLAY_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "disclosure.yaml").write_text(limits, encoding="utf-8")


def make_only(root: Root, *wanted: str) -> None:
    """Leave the products that a test does not look at out of the runs to come."""
    from pipelines.products import Made
    from pipelines.publish.office import OVERLAY_FOLDER as PUBLISH_FOLDER

    assert set(wanted) <= set(Made.model_fields)
    made = "".join(f"  {name}: {name in wanted}\n".lower() for name in Made.model_fields)
    folder = root.raw / OVERLAY_FOLDER / PUBLISH_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "products.yaml").write_text(f"made:\n{made}", encoding="utf-8")


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    """Run once for the session; read only.  Tests that change something take ``own_province``."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return Province(Root(base / "模拟 省"), 2023, _run_province(base / "模拟 省"))
    # Workers side by side: one runs it, and each has a copy of its own.
    ours, shared = base / "模拟 省", base.parent
    try:
        (shared / "begun").mkdir()
    except FileExistsError:
        while not (shared / "received.json").exists():
            assert not (shared / "failed").exists(), "another worker tells why"
            time.sleep(0.2)
    else:
        try:
            received = _run_province(shared / ours.name)
        except BaseException:
            (shared / "failed").mkdir()
            raise
        write_atomically(shared / "received.json", json.dumps(received).encode())
    shutil.copytree(shared / ours.name, ours)
    return Province(Root(ours), 2023, json.loads((shared / "received.json").read_bytes()))


def _run_province(folder: Path) -> dict[str, str]:
    """What was received, by path and hash, before anything ran."""
    from pipelines.commands.setup import lay_out
    from pipelines.forms import simulate
    from pipelines.products import Made
    from pipelines.runs import run_line

    folder.mkdir()
    lay_out(folder, 2023)
    root = Root(folder)
    simulate(load_survey(), root, years=(2022, 2023), returns=70, seed=7)
    publish_everything(root)
    # What takes longest to print is tested by itself.
    make_only(root, *(set(Made.model_fields) - {"briefs", "compendium", "analysis"}))
    received = {
        path.relative_to(root.raw).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.raw.rglob("*")
        if path.is_file()
    }
    run_line(root, 2023)
    return received


@pytest.fixture
def own_province(province: Province, tmp_path: Path) -> Province:
    """A copy of the province to do with as one likes."""
    folder = tmp_path / "省"
    shutil.copytree(province.root.path, folder)
    return Province(Root(folder), province.year)


needs_office = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed here"
)
