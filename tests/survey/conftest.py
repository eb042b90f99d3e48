"""A folder that overlays edited copies of built-in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.survey.definition import BUILT_IN

Overlay = Callable[[str, Callable[[str], str]], Path]


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    """Put an edited copy of a built-in file into an overlay folder; gives the folder."""

    def edited(relative: str, edit: Callable[[str], str]) -> Path:
        target = tmp_path / "调查制度" / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        before = (BUILT_IN / relative).read_text("utf-8")
        after = edit(before)
        assert after != before, "the edit must hit something"
        target.write_text(after, "utf-8")
        return tmp_path / "调查制度"

    return edited
