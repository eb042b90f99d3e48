"""What the documents must name: every command, every error code, every folder; and no dead link."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import typer.main

from pipelines.cli import app

ROOT = Path(__file__).parent.parent
CHINESE = (ROOT / "README.zh-CN.md").read_text(encoding="utf-8")
ENGLISH = (ROOT / "README.md").read_text(encoding="utf-8")
TOLD = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").rglob("*.md")))
}
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_described_for_statisticians(command: str) -> None:
    assert any(re.search(rf"\bkepu {command}\b", text) for text in TOLD.values())


def test_the_page_of_error_codes_is_the_one_the_program_gives() -> None:
    path = ROOT / "docs" / "make_error_codes.py"
    found = importlib.util.spec_from_file_location("make_error_codes", path)
    assert found is not None
    assert found.loader is not None
    maker = importlib.util.module_from_spec(found)
    found.loader.exec_module(maker)
    assert maker.PAGE.read_text(encoding="utf-8") == maker.page()
    assert len(maker.codes()) == len(set(maker.codes())) > 20
    assert maker.PAGE.name in CHINESE, "the reader must be able to find it"


@pytest.mark.parametrize("folder", ["pipelines", "data", "notebooks", "reports", "tests", "docs"])
def test_every_folder_of_the_top_level_is_explained(folder: str) -> None:
    assert re.search(rf"`{folder}/", CHINESE)
    assert (ROOT / folder).is_dir()


def test_every_folder_of_the_top_level_is_in_the_list_above() -> None:
    """A new folder must be explained too; what git ignores or hides is not part of the design."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    there = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    there = {name for name in there - ignored if not name.endswith(".egg-info")}
    unexplained = [name for name in sorted(there - {"__pycache__"}) if f"`{name}/" not in CHINESE]
    assert not unexplained


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    missing = [t for t in targets if "://" not in t and not (ROOT / t).exists()]
    assert not missing
