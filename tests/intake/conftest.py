"""An office with an empty inbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.survey import Survey
from tests.intake.writing import Office


@pytest.fixture
def office(tmp_path: Path, survey: Survey) -> Office:
    return Office(tmp_path / "某 局", survey)
