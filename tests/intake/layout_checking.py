"""Write a drawn file, read it back, and say what differs from what was drawn."""

from __future__ import annotations

from functools import cache

from pipelines.errors import UnreadableFileError
from pipelines.intake.formats.cells import Asides, Sheet
from pipelines.intake.formats.sniff import sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.layouts.collect import collect
from pipelines.intake.layouts.labels import plain_name
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.readings import Draft
from pipelines.survey import Survey, load_survey
from tests.intake.layout_drawing import Drawn, draw
from tests.intake.layout_writers import WRITERS, can_write
from tests.intake.layout_writing import Page, Return
from tests.intake.writing import YEAR


@cache
def survey() -> Survey:
    return load_survey()


@cache
def lexicon() -> Lexicon:
    return Lexicon(survey().edition_of(YEAR), YEAR)


def in_memory(pages: list[Page]) -> list[Sheet]:
    """The cells as a reader would give them, without a file between."""
    return [_sheet(page) for page in pages]


def writer_for(drawn: Drawn, seed: int) -> str:
    """Every third example goes through a real file, of a format that can hold it."""
    if drawn.data:
        return "our own"
    if seed % 3:
        return "in memory"
    able = [name for name in WRITERS if can_write(name, drawn.pages)]
    return able[seed // 3 % len(able)]


def differences(seed: int) -> tuple[Drawn, list[str]]:
    """What was read otherwise than drawn; a refusal of ours is a difference."""
    drawn = draw(seed, survey().edition_of(YEAR))
    writer = writer_for(drawn, seed)
    drawn.traits.append(f"by {writer}")
    try:
        collected = collect(_sheets(drawn, writer), lexicon(), survey().divisions)
    except UnreadableFileError as error:
        return drawn, [] if drawn.spoilt else [f"refused: {error}"]
    if drawn.spoilt:
        return drawn, [] if collected.unknown else ["not refused"]
    found = [draft for draft in collected.drafts if draft.role == "basic"]
    problems = [f"unknown: {unknown}" for unknown in collected.unknown]
    names = {_name(draft): draft for draft in found}
    wanted = {to.unit for to in drawn.returns}
    if len(found) != len(names) or names.keys() != wanted:
        problems.append(f"returns {sorted(names)} and not {sorted(wanted)}")
    sheets = _sheet_names(drawn, writer)
    for to in drawn.returns:
        if to.unit in names:
            problems += _compare(to, names[to.unit], sheets)
    return drawn, problems


def _sheets(drawn: Drawn, writer: str) -> list[Sheet]:
    if writer == "in memory":
        return in_memory(drawn.pages)
    data = drawn.data or WRITERS[writer][0](drawn.pages)
    return read_sheets(data, sniff(data))


def _sheet_names(drawn: Drawn, writer: str) -> dict[str, str]:
    """Formats without names for their tables number them."""
    if writer == "csv":
        return {drawn.pages[0].name: "CSV"}
    if writer in ("html", "word"):
        return {page.name: f"表格 {n}" for n, page in enumerate(drawn.pages, 1)}
    return {}


def _compare(to: Return, draft: Draft, sheets: dict[str, str]) -> list[str]:
    read = {a.item_id: ((a.state, a.value, a.raw_text), (a.sheet, a.cell)) for a in draft.answers}
    drawn = {
        item: (said, (sheets.get(to.at[item][0], to.at[item][0]), to.at[item][1]))
        for item, said in to.said.items()
    }
    return [
        f"{to.unit} {item}: read {read.get(item)}, drawn {drawn.get(item)}"
        for item in sorted(read.keys() | drawn.keys())
        if read.get(item) != drawn.get(item)
    ]


def _name(draft: Draft) -> str:
    return plain_name(draft.cover["unit_name"].text) if "unit_name" in draft.cover else ""


def _sheet(page: Page) -> Sheet:
    rows = [
        [float(c) if isinstance(c, int) and not isinstance(c, bool) else c for c in row]
        for row in page.rows()
    ]
    return Sheet(
        page.name,
        lambda: (rows, None),  # type: ignore[arg-type,return-value]
        hidden=page.hidden,
        find_merged=lambda: page.merges,
        find_asides=lambda: Asides(frozenset(page.hidden_rows), frozenset(page.hidden_columns)),
    )
