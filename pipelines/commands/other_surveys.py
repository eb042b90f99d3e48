"""Set up a root for a survey beside the statistics: its definition, and who is to report.

The surveys that come with the program lie in ``survey/others``, each a 调查制度 folder of its own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines import forms
from pipelines.errors import RootError, UsageError
from pipelines.survey import Survey, load_survey
from pipelines.survey.definition import BUILT_IN
from pipelines.survey.head import HEAD_FILE, head_of
from pipelines.warehouse import Root
from pipelines.warehouse.layout import OVERLAY_FOLDER, REGISTER_FILE
from pipelines.warehouse.publication import storage_errors

_OTHERS = BUILT_IN / "others"
#: Where units of the province report from: none of them belongs to a prefecture.
_PROVINCIAL_UNITS = "22Z900"


def set_up(folder: Path, year: int, title: str) -> list[Path]:
    """Put the survey of this title into a root; returns what was written.

    What is there already is left as it is; a root of another survey is refused.
    """
    root = Root(folder)
    source = _named(title)
    overlay = root.raw / OVERLAY_FOLDER
    head = head_of(root.overlay)
    if head != head_of(source) and (not head.is_statistics or any(_returns(root))):
        raise RootError(
            f"这个工作目录是“{head.title_zh}”的", f"请为“{title}”另建工作目录，两项调查不能放在一起"
        )
    written = []
    with storage_errors(overlay):
        if not (overlay / HEAD_FILE).is_file():
            shutil.copytree(source, overlay, dirs_exist_ok=True)
            written.append(overlay / HEAD_FILE)
        register = root.inbox(year) / REGISTER_FILE
        if not register.is_file():
            survey = load_survey(overlay)
            survey.edition_of(year)
            forms.write_register(survey, year, _expected(survey, year), register)
            written.append(register)
    return written


def _named(title: str) -> Path:
    found = {head_of(path).title_zh: path for path in sorted(_OTHERS.iterdir()) if path.is_dir()}
    if title not in found:
        raise UsageError(f"没有名为“{title}”的调查", f"可用的有：{'、'.join(found)}")
    return found[title]


def _returns(root: Root) -> Iterator[Path]:
    """What has been received in this root already."""
    for year in root.years():
        yield from (p for p in root.inbox(year).rglob("*.xlsx") if p.is_file())


def _expected(survey: Survey, year: int) -> Iterator[dict[str, Any]]:
    """A return for every measure and unit that the plan names."""
    units = {unit.name_zh: unit for unit in survey.units}
    known = {row.department_id for row in survey.departments.active(year)}
    for measure in survey.measures:
        for name in measure.units:
            department = units[name].department_id
            yield {
                "unit_name": name,
                "uscc": "",
                "venue_name": measure.subject_zh,
                "division_code": _PROVINCIAL_UNITS,
                "department_id": department if department in known else "",
                "level_id": "provincial",
                "channel": "department",
            }
