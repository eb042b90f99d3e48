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


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_row_of_its_own(command: str) -> None:
    assert re.search(rf"^\| `kepu {command}` \|", CHINESE, re.MULTILINE)
    line = re.search(r"`kepu (init [^`]*)`", ENGLISH)
    assert line is not None
    assert command in line.group(1).split(" | ")


@pytest.mark.parametrize("page", sorted(name for name in TOLD if name.startswith("docs/")))
def test_every_page_of_the_documents_can_be_found(page: str) -> None:
    assert f"]({page})" in CHINESE


def test_developers_are_told_of_every_package_and_step_file() -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    packages = [p.parent.name for p in (ROOT / "pipelines" / "intake").glob("*/__init__.py")]
    assert not [name for name in packages if f"| `{name}/` |" not in told]
    files = [p.name for p in (ROOT / "pipelines").glob("*.py") if p.name != "__init__.py"]
    assert not [name for name in files if name not in told]


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


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", *sorted(TOLD)])
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert not missing
