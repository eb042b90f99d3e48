"""The 查询单 that go back to senders, packed to be sent on, and the lists for the office.

One workbook a received file about which something is open: the file as it was sent, the cells asked
about marked, our sheets behind it.  It holds nothing of anybody else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from pipelines.checks.arrangement import Arrangement, shown_day
from pipelines.checks.bundles import Sent, write_bundles
from pipelines.checks.letter import MOST_PLACES, sheets_of, unit_of
from pipelines.checks.letters import Note, UneditableError, annotate, sheet_names
from pipelines.checks.office import write_office_lists
from pipelines.checks.questions import Asked, Question, asked_of
from pipelines.checks.sheets import safe_name, words
from pipelines.survey import Edition, Survey
from pipelines.survey.notation import plain_text
from pipelines.warehouse import Snapshot
from pipelines.warehouse.publication import storage_errors

Row = dict[str, Any]

_SHORT = 8


class Original(Protocol):
    """A received file as an .xlsx (see ``intake.originals``)."""

    @property
    def data(self) -> bytes: ...
    @property
    def converted(self) -> bool: ...
    @property
    def former(self) -> tuple[str, ...]: ...
    @property
    def corrected(self) -> Mapping[tuple[str, str], tuple[str, str, str]]: ...


class Originals(Protocol):
    """Gives received files by year, name and hash."""

    def __call__(self, year: int, file: str, submission_id: str) -> Original: ...
    def plain(self, year: int, file: str, submission_id: str) -> Original: ...


def write_queries(
    snapshot: Snapshot,
    survey: Survey,
    year: int,
    folder: Path,
    originals: Originals,
    arrangement: Arrangement | None = None,
) -> list[Path]:
    """Write every 查询单 of a year under ``folder``, the packages to send on, and the office lists.

    What a year-on-year note asks (the reason of a change) is a sheet of its own and no query.
    """
    arranged = arrangement or Arrangement()
    sent = list(write_letters(snapshot, survey, year, folder, originals, arranged))
    bundles = write_bundles(folder, sent, _deadline(arranged))
    lists = write_office_lists(snapshot, survey, year, folder, arranged)
    return [*(one.path for one in sent), *bundles, *lists]


def write_letters(
    snapshot: Snapshot,
    survey: Survey,
    year: int,
    folder: Path,
    originals: Originals,
    arrangement: Arrangement,
) -> Iterator[Sent]:
    """Write the 查询单 alone, one after the other as they are asked for."""
    edition, deadline = survey.edition_of(year), _deadline(arrangement)
    taken: set[Path] = set()
    for asked in asked_of(snapshot, survey, year):
        folders = tuple(safe_name(part) for part in _folders(survey, asked.returns[0]))
        path = _path(folder.joinpath(*folders), asked, taken)
        taken.add(path)
        data = _letter(snapshot, asked, edition, originals, deadline)
        with storage_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        yield Sent(path, folders, asked)


def _letter(
    snapshot: Snapshot, asked: Asked, edition: Edition, originals: Originals, deadline: str
) -> bytes:
    """One workbook; a file that cannot be changed in place is copied cell by cell."""
    where = (asked.year, asked.file, asked.submission_id)
    original = originals(*where)
    made = _corrected(snapshot, asked, original) if original.former else {}
    try:
        return _annotated(original, asked, edition, deadline, made)
    except UneditableError:
        return _annotated(originals.plain(*where), asked, edition, deadline, made)


def _annotated(
    original: Original, asked: Asked, edition: Edition, deadline: str, made: Made
) -> bytes:
    own = _at_forms(asked, made)
    taken = sheet_names(original.data) - set(original.former)
    sheets = sheets_of(own, edition, taken, deadline, original.converted)
    filled = [_filled_in(one) for one in made.values() if one.value is not None]
    return annotate(original.data, [*filled, *_notes(own)], sheets, original.former)


@dataclass(frozen=True, slots=True)
class _Correction:
    """What an earlier letter corrected: the form's cell, what it holds, and what it is to hold;
    ``value`` is None where the correction was not clear."""

    sheet: str
    cell: str
    held: str
    value: Decimal | str | None


#: Corrections by return and target.
Made = Mapping[tuple[str, str], _Correction]


def _corrected(snapshot: Snapshot, asked: Asked, original: Original) -> Made:
    """Corrections of a file that is itself a letter that came back."""
    rows = snapshot.rows(
        """
        SELECT return_id, item_id AS target, sheet, cell, value, state, raw_text FROM answers
        WHERE return_id IN (SELECT unnest($returns)) AND sheet IN (SELECT unnest($sheets))
        UNION ALL
        SELECT return_id, 'cover:' || field_id, sheet, cell, NULL, 'text', raw_text FROM covers
        WHERE return_id IN (SELECT unnest($returns)) AND sheet IN (SELECT unnest($sheets))
        """,
        {"returns": [one["return_id"] for one in asked.returns], "sheets": list(original.former)},
    )
    made = {}
    for row in rows:
        form = original.corrected.get((row["sheet"], row["cell"]))
        if form is not None:
            value = row["value"] if row["value"] is not None else row["raw_text"]
            unclear = row["state"] == "unreadable"
            made[row["return_id"], row["target"]] = _Correction(*form, None if unclear else value)
    return made


def _at_forms(asked: Asked, made: Made) -> Asked:
    """The questions at the cells of the forms, where an earlier letter had corrected them."""
    if not made:
        return asked

    def moved(question: Question) -> Question:
        return_id = question.finding["return_id"]
        places = []
        for place in question.places:
            one = made.get((return_id, place.target))
            if one is not None:
                raw = one.held if one.value is None else place.raw_text
                place = replace(place, sheet=one.sheet, cell=one.cell, raw_text=raw)
            places.append(place)
        return replace(question, places=tuple(places))

    return replace(
        asked,
        questions=[moved(one) for one in asked.questions],
        changes=[moved(one) for one in asked.changes],
    )


def _filled_in(one: _Correction) -> Note:
    text = words().letter["corrected"].format(raw=one.held)
    return Note(one.sheet, one.cell, text, one.value, marked=False)


def _notes(asked: Asked) -> Iterator[Note]:
    """A note at every cell that is asked about, saying which line asks."""
    said = words().letter
    for number, question in enumerate(asked.questions, 1):
        text = said["comment"].format(number=number, problem=question.finding["message_zh"])
        for place in question.places[:MOST_PLACES]:
            if place.cell:
                yield Note(place.sheet, place.cell, text)
    for number, question in enumerate(asked.changes, 1):
        place, move = question.places[0], question.move
        if place.cell and move is not None:
            amounts = {"before": plain_text(move.before), "now": plain_text(move.now)}
            text = said["change"].format(number=number, **amounts)
            yield Note(place.sheet, place.cell, text, marked=False)


def _path(place: Path, asked: Asked, taken: set[Path]) -> Path:
    """Name of the unit, or of the file where it holds several, and enough of an id to be one."""
    if len(asked.returns) == 1:
        name, identity = unit_of(asked.returns[0]), asked.returns[0]["return_id"]
    else:
        name, identity = PurePosixPath(asked.file).stem, asked.submission_id
    path = place / f"{safe_name(name)}_{identity[:_SHORT]}.xlsx"
    return path if path not in taken else place / f"{safe_name(name)}_{identity}.xlsx"


def _folders(survey: Survey, about: Row) -> list[str]:
    """Folders as the returns came in: by department, or by place."""
    year = about["year"]
    if about["channel"] == "department":
        one = survey.departments.get(about["department_id"], year)
        return ["部门", one.name_zh if one else "部门不明"]
    places = [survey.divisions.get(about[key], year) for key in ("prefecture_code", "county_code")]
    return ["县区", *(place.name_zh for place in places if place)]


def _deadline(arrangement: Arrangement) -> str:
    """The day by which to answer: set by the office, never taken from a clock."""
    day = arrangement.answer_by
    return shown_day(day) if day else ""
