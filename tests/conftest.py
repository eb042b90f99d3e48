"""Shared by all rooms: the survey definition, and a small simulated province run once."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Root
from pipelines.warehouse.layout import OVERLAY_FOLDER


@pytest.fixture(scope="session")
def survey() -> Survey:
    return load_survey()


@dataclass(frozen=True)
class Province:
    """A simulated province of two years, run through the whole line as plain steps."""

    root: Root
    year: int
    received: dict[str, bytes] = field(default_factory=dict, compare=False)


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
    folder.mkdir(exist_ok=True)
    (folder / "disclosure.yaml").write_text(limits, encoding="utf-8")


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Province:
    """Run once for the session; read only.  Tests that change something take ``own_province``."""
    from pipelines.commands.setup import lay_out
    from pipelines.forms import simulate
    from pipelines.runs import run_line

    folder = tmp_path_factory.mktemp("模拟 省")
    lay_out(folder, 2023)
    root = Root(folder)
    simulate(load_survey(), root, years=(2022, 2023), returns=70, seed=7)
    publish_everything(root)
    received = {
        path.relative_to(root.raw).as_posix(): hashlib.sha256(path.read_bytes()).digest()
        for path in root.raw.rglob("*")
        if path.is_file()
    }
    run_line(root, 2023)
    return Province(root, 2023, received)


@pytest.fixture
def own_province(province: Province, tmp_path: Path) -> Province:
    """A copy of the province to do with as one likes."""
    folder = tmp_path / "省"
    shutil.copytree(province.root.path, folder)
    return Province(Root(folder), province.year)


needs_office = pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not installed here"
)
