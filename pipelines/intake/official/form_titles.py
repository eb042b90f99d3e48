"""What the titles over a table of a blank form call it: its number and its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.survey.notation import normalise_text

_FORM_CODE = re.compile(r"(?<![A-Z])[A-Z]{2,3}-?\d{2,3}(?!\d)")
_FORM_NUMBER = re.compile(r"表号:(\S{2,20})")
#: Names that a program gives to sheets.
_GENERIC = re.compile(r"(?:表格|工作表|表)\d*(?:前的文字)?")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_TITLE_ROWS = 8
_LONGEST_TITLE = 30


def texts_above(sheet: Sheet, asked: int, stop: int) -> Iterator[str]:
    """Texts of the title rows, nearest to the table first, without spaces."""
    # A table beside the one before has its title above both.
    first = max(asked if asked < stop else 0, stop - _TITLE_ROWS)
    for row in range(stop - 1, first - 1, -1):
        for cell in sheet.rows[row] if row < len(sheet.rows) else []:
            if type(cell) is str and cell.strip():
                yield "".join(normalise_text(cell)[0].split())


def form_name(sheet: str, texts: Sequence[str], lexicon: Lexicon) -> tuple[str, str]:
    """The number and name of a table, from the titles above it or the name of its sheet."""
    known = {plain_label(form.name_zh): form for form in lexicon.edition.forms}
    title = "".join(normalise_text(sheet)[0].split())
    code = next((m[1] for t in texts if (m := _FORM_NUMBER.search(t))), "")
    code = code or next((m[0] for t in [*texts, title] if (m := _FORM_CODE.search(t))), "")
    plain = [text for text in [*texts, title] if ":" not in text]
    names = [_FORM_CODE.sub("", text).strip("-_.、()") for text in plain]
    for name in names:
        if plain_label(name) in known:
            return code, known[plain_label(name)].name_zh
    usable = [name for name in names if _CHINESE.search(name) and len(name) <= _LONGEST_TITLE]
    usable = [n for n in usable if not lexicon[n].marks and not _GENERIC.fullmatch(n)]
    return code, usable[0] if usable else ""
