"""Say more exactly why a file was refused, by looking once more at what its sheets say.

Only files that are refused come here.  A form of another edition lacks rows and has unknown ones;
labels that stand outside every table, or with the figure in the same cell, look like missing rows.
Each of these wants another word to the sender.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pipelines.errors import (
    ForeignFileError,
    IncompleteReturnError,
    Place,
    UnclearLayoutError,
    UnreadableFileError,
    WrongEditionError,
)
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.survey import Survey
from pipelines.survey.models import Edition

_OPEN = (ForeignFileError, IncompleteReturnError, UnclearLayoutError)
#: So many labels that only one edition has tell which it is.
_FEWEST_LABELS = 3
_MOST_TEXTS = 20_000


class _Text(NamedTuple):
    plain: str
    place: Place


def explained(
    error: UnreadableFileError,
    sheets: Sequence[Sheet],
    found: frozenset[str],
    lexicon: Lexicon,
    survey: Survey,
) -> UnreadableFileError:
    """The refusal to give instead of ``error``; ``found`` are the items that were read."""
    if not isinstance(error, _OPEN):
        return error
    texts = list(_texts(sheets))
    other = _other_edition(texts, lexicon, survey)
    if other is not None:
        return other
    if isinstance(error, UnclearLayoutError):
        return error
    return (
        _glued(texts, found, lexicon)
        or _stray(texts, found, lexicon)
        or _unlabelled(texts, found, lexicon)
        or error
    )


def asks_more(sheets: Sequence[Sheet], found: frozenset[str], lexicon: Lexicon) -> bool:
    """Whether the visible sheets have labels of items that were not found in their tables."""
    return len(_absent(list(_texts(sheets)), found, lexicon)) >= _FEWEST_LABELS


def _absent(texts: Sequence[_Text], found: frozenset[str], lexicon: Lexicon) -> list[_Text]:
    return [
        text
        for text in texts
        if (items := lexicon[text.plain].items) and not any(item.item_id in found for item in items)
    ]


def _texts(sheets: Sequence[Sheet]) -> Iterator[_Text]:
    count = 0
    for sheet in sheets:
        if sheet.hidden:
            continue
        for row, line in enumerate(sheet.rows):
            for column, cell in enumerate(line):
                if type(cell) is str and cell:
                    yield _Text(
                        plain_label(cell), Place("", sheet.name, sheet.address(row, column))
                    )
                    count += 1
                    if count == _MOST_TEXTS:
                        return


def _other_edition(
    texts: Sequence[_Text], lexicon: Lexicon, survey: Survey
) -> WrongEditionError | None:
    """The edition whose own labels the file has, where they are not those of the year's."""
    own = lexicon.edition
    said = {text.plain for text in texts} | {text.plain.partition("(")[0] for text in texts}
    labels = {edition.edition_id: _labels(edition) for edition in survey.editions}
    for edition in survey.editions:
        if edition is own:
            continue
        theirs = said & (labels[edition.edition_id] - labels[own.edition_id])
        ours = said & (labels[own.edition_id] - labels[edition.edition_id])
        if len(theirs) >= _FEWEST_LABELS and len(theirs) > 2 * len(ours):
            return _wrong_edition(edition, sorted(theirs), lexicon)
    return None


def _labels(edition: Edition) -> set[str]:
    return {plain_label(text) for item in edition.items for text in (item.label_zh, item.name_zh)}


def _wrong_edition(edition: Edition, theirs: Sequence[str], lexicon: Lexicon) -> WrongEditionError:
    years = "—".join(str(year) for year in dict.fromkeys(edition.years))
    examples = "、".join(f"“{label}”" for label in theirs[:_FEWEST_LABELS])
    return WrongEditionError(
        f"看起来是 {years} 年度的“{edition.title_zh}”（{edition.edition_id}，有{examples}等指标），"
        f"{lexicon.year} 年度用的是 {lexicon.edition.edition_id}",
        f"请报送单位改用 {lexicon.year} 年度的空白表重新填报；若本来就是 {years} 年度的表，"
        "请放入该年度的收件夹",
    )


def _glued(
    texts: Sequence[_Text], found: frozenset[str], lexicon: Lexicon
) -> UnclearLayoutError | None:
    """A label and a figure in one cell: 科普专职人员 12人."""
    missing = sorted(
        (plain_label(item.label_zh) for item in lexicon.edition.items if item.item_id not in found),
        key=len,
        reverse=True,
    )
    glued = [
        text
        for text in texts
        if text.plain[-1:].isalnum()
        if any(
            text.plain.startswith(label)
            and text.plain[len(label) :].lstrip(":=为有")[:1].isdecimal()
            for label in missing
        )
    ]
    if len(glued) < _FEWEST_LABELS:
        return None
    return UnclearLayoutError(
        f"指标名称和数写在同一格（“{glued[0].plain}”等 {len(glued)} 处），不能当数读",
        "请报送单位把数单独填在下发空白表的“数量”一栏",
        glued[0].place,
    )


def _stray(
    texts: Sequence[_Text], found: frozenset[str], lexicon: Lexicon
) -> UnclearLayoutError | None:
    """Labels of missing items that stand where no table was found."""
    absent = _absent(texts, found, lexicon)
    if len(absent) < _FEWEST_LABELS:
        return None
    return UnclearLayoutError(
        f"有“{absent[0].plain}”等 {len(absent)} 项指标，却找不到写着“指标名称”“数量”的表头，"
        "看不出数在哪里",
        place=absent[0].place,
    )


def _unlabelled(
    texts: Sequence[_Text], found: frozenset[str], lexicon: Lexicon
) -> UnclearLayoutError | None:
    """Codes without the names of their items: codes were moved between editions."""
    coded = [text for text in texts if lexicon[text.plain].code is not None]
    if found or len(coded) < _FEWEST_LABELS:
        return None
    return UnclearLayoutError(
        f"只有“{coded[0].plain}”等 {len(coded)} 个指标代码，没有指标名称一栏；"
        "各年度的代码有过变动，不能只凭代码认定",
        "请报送单位补上“指标名称”一栏，或改用下发的空白表",
        coded[0].place,
    )
