"""Fixtures of this room's tests."""

from __future__ import annotations

import pytest
from checks_bench import Bench

from pipelines.survey import Survey, load_survey


@pytest.fixture(scope="session")
def survey() -> Survey:
    return load_survey()


@pytest.fixture
def bench(survey: Survey) -> Bench:
    return Bench(survey)
