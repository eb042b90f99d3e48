"""The arrows between rooms, as CONTRIBUTING.md draws them, held against the imports in the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "pipelines"
ROOT = PACKAGE.parent

FOUNDATION = {"errors"}
MAY_IMPORT = {
    "survey": FOUNDATION,
    "warehouse": FOUNDATION | {"survey"},
    "forms": FOUNDATION | {"survey", "warehouse"},
    "intake": FOUNDATION | {"survey", "warehouse"},
    "checks": FOUNDATION | {"survey", "warehouse"},
    "indicators": FOUNDATION | {"survey", "warehouse"},
    "publish": FOUNDATION | {"survey", "warehouse", "indicators"},
}
ONLY_IN = {
    "prefect": "flows",
    "great_expectations": "checks/quality",
    "matplotlib": "publish",
    "typst": "publish",
    "python_calamine": "intake",
}
LATE = {"great_expectations", "matplotlib", "prefect", "typst", "pandas"}


def imports_of(path: Path, *, top_level: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module == "pipelines":
                yield from (f"pipelines.{name.name}" for name in node.names)
            else:
                yield node.module


def modules(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_the_house_allows(room: str) -> None:
    allowed = MAY_IMPORT[room] | {room, "__version__"}
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules(room)
        for name in imports_of(path)
        if name.startswith("pipelines.") and name.split(".")[1] not in allowed
    ]
    assert modules(room), f"room {room} is empty"
    assert not wrong


@pytest.mark.parametrize(("library", "place"), sorted(ONLY_IN.items()))
def test_a_library_is_known_in_one_room_only(library: str, place: str) -> None:
    users = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] == library for name in imports_of(path))
    }
    assert users, f"nobody uses {library}: drop it or this rule"
    assert all(user.startswith(place) for user in users), users


def test_heavy_libraries_are_imported_late() -> None:
    early = [
        f"{path.relative_to(PACKAGE)} imports {name} at the top"
        for path in PACKAGE.rglob("*.py")
        if "flows" not in path.parts
        for name in imports_of(path, top_level=True)
        if name.split(".")[0] in LATE
    ]
    assert not early


def test_the_top_level_is_the_design() -> None:
    wanted = ["pipelines", "data/raw", "data/processed", "notebooks", "reports", "tests"]
    wanted += ["prefect.yaml", "pyproject.toml", "README.md", "README.zh-CN.md", "LICENSE"]
    wanted += ["CHANGELOG.md", "CONTRIBUTING.md", "Makefile", ".ci/run", "requirements.lock"]
    missing = [name for name in wanted if not (ROOT / name).exists()]
    assert not missing


def test_the_lock_is_hashed_and_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = [line for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#"))]
    assert len(pins) > 50
    assert all(line.endswith("\\") for line in pins), "every pin is followed by its hashes"
    assert "://" not in lock
    assert "--index" not in lock
    assert "--find-links" not in lock
