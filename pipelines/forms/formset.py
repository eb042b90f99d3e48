"""The forms that go out in a year: one blank form, or one prefilled form for every unit."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.errors import Place, StorageError, refusal_zh
from pipelines.forms.blank import write_blank_form
from pipelines.forms.filling import FormTemplate, Value
from pipelines.forms.prefill import Unit, known_cover
from pipelines.survey import Survey
from pipelines.survey.notation import read_figure

#: Last year's figures as text, by unit (its id and the name of its venue) and item.
LastYear = Mapping[tuple[str, str], Mapping[str, str]]

#: Characters of a name, far fewer than the 255 bytes that file systems allow.
_LONGEST = 60
_UNUSABLE_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def write_form_set(
    survey: Survey,
    year: int,
    folder: Path,
    units: Sequence[Unit] | None = None,
    last_year: LastYear | None = None,
) -> list[Path]:
    """Write the year's forms under ``folder``; returns the files in the order of ``units``.

    ``units`` are rows of the units table (the 名录).  Without any, one blank form is written.
    """
    if not units:
        title = survey.edition_of(year).title_zh
        return [write_blank_form(survey, year, folder / f"{title}（{year}年度）.xlsx")]
    template = FormTemplate(survey, year)
    written: list[Path] = []
    taken: set[Path] = set()
    for unit in units:
        path = free_path(folder / folder_of(survey, year, unit) / file_name(unit), taken)
        key = (str(unit.get("unit_id") or ""), str(unit.get("venue_name") or ""))
        figures = (last_year or {}).get(key, {})
        _write(
            path, template.fill(known_cover(survey, year, unit), {}, _typed(survey, year, figures))
        )
        written.append(path)
    return written


def folder_of(survey: Survey, year: int, unit: Unit) -> Path:
    """As returns come back: by prefecture and county, or by department."""
    if unit.get("channel") == "department":
        department = survey.departments.get(str(unit.get("department_id") or ""), year)
        return Path("部门") / (department.name_zh if department else "未注明部门")
    codes = (str(unit.get(column) or "") for column in ("prefecture_code", "county_code"))
    places = (survey.divisions.get(code, year) for code in codes if code)
    return Path("县区", *(place.name_zh for place in places if place))


def file_name(unit: Unit) -> str:
    venue = str(unit.get("venue_name") or "")
    label = str(unit.get("unit_name") or "") + (f"（{venue}）" if venue else "")
    usable = _UNUSABLE_IN_NAMES.sub("_", label)[:_LONGEST].strip(" .")
    return f"{usable or '未注明单位'}.xlsx"


def free_path(path: Path, taken: set[Path]) -> Path:
    """Two units of one name in one place get two files."""
    free, number = path, 2
    while free in taken:
        free = path.with_stem(f"{path.stem}（{number}）")
        number += 1
    taken.add(free)
    return free


def _typed(survey: Survey, year: int, figures: Mapping[str, str]) -> dict[str, Value]:
    """Figures as numbers, "-" as it is; items that this year no longer asks are left out."""
    items = survey.edition_of(year).item
    typed: dict[str, Value] = {}
    for item_id, text in figures.items():
        if item_id in items:
            value = read_figure(text, unit=items[item_id].unit).value
            typed[item_id] = text if value is None else value
    return typed


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise StorageError(
            f"调查表写不进去（{refusal_zh(error)}）",
            "请检查磁盘空间和写权限",
            Place(file=str(path)),
        ) from error
