"""Shared by the tests of the forms room: the survey, a filled template, a small province."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from python_calamine import load_workbook

from pipelines.forms import FormTemplate, SimulationSummary, simulate
from pipelines.forms.layout import Cell
from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Root

Reader = Callable[[Cell], object]


@pytest.fixture(scope="session")
def survey() -> Survey:
    return load_survey()


@pytest.fixture(scope="session")
def template(survey: Survey) -> FormTemplate:
    return FormTemplate(survey, 2023)


@dataclass(frozen=True)
class Province:
    root: Root
    summary: SimulationSummary


@pytest.fixture(scope="session")
def province(survey: Survey, tmp_path_factory: pytest.TempPathFactory) -> Province:
    root = Root(tmp_path_factory.mktemp("province"))
    return Province(root, simulate(survey, root, returns=SMALL, published=False))


#: Returns a year in the small province.
SMALL = 120


def reader(data: bytes) -> Reader:
    """What calamine sees in a cell of a workbook."""
    book = load_workbook(io.BytesIO(data))
    sheets: dict[str, list[list[object]]] = {}

    def read(cell: Cell) -> object:
        if cell.sheet not in sheets:
            sheet = book.get_sheet_by_name(cell.sheet)
            sheets[cell.sheet] = sheet.to_python(skip_empty_area=False)
        rows = sheets[cell.sheet]
        if cell.row >= len(rows) or cell.column >= len(rows[cell.row]):
            return ""
        return rows[cell.row][cell.column]

    return read


def files_of(folder: Path) -> dict[str, bytes]:
    """Relative path → content of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
