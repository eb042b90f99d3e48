"""The survey and the catalogue, loaded once; a province to put returns into."""

from __future__ import annotations

import pytest
from indicator_province import Province

from pipelines.indicators import Definitions, load_definitions
from pipelines.survey import Survey, load_survey


@pytest.fixture(scope="session")
def survey() -> Survey:
    return load_survey()


@pytest.fixture(scope="session")
def definitions() -> Definitions:
    return load_definitions()


@pytest.fixture
def province(survey: Survey) -> Province:
    return Province(survey)
