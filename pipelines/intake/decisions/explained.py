"""Read 说明.xlsx: explanations of questions that the office itself has taken down.

Its lines are copied from 待说明的问题 in 审核汇总.xlsx: who, which rule and items, and the code
that stands for the figures as they were.  A line that is not whole stops the run, with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pipelines.errors import DecisionFileError, Place, UnreadableFileError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.formats.guarded import reading
from pipelines.intake.formats.sniff import sniff
from pipelines.intake.formats.workbooks import read_sheets
from pipelines.intake.layouts.figures import shown
from pipelines.survey import Edition, Survey
from pipelines.survey.addresses import address
from pipelines.warehouse import Root
from pipelines.warehouse.layout import EXPLANATIONS_FILE
from pipelines.warehouse.publication import storage_errors
from pipelines.warehouse.reply import EXPLANATION_HEADERS, needs_words

_HEADER_SEARCH_ROWS = 15
_ADVICE = "请从“审核汇总.xlsx”的“待说明的问题”一页复制整行，只填原因、说明和说明人"
_UNIT, _NAME, _VENUE, _RULE, _ITEMS, _CODE, _REASON, _WHY, _BY = EXPLANATION_HEADERS
_REQUIRED = (_UNIT, _RULE, _CODE, _BY)


def read_explanations(
    root: Root, years: Iterable[int], survey: Survey
) -> tuple[dict[str, Any], ...]:
    """Rows of the ``explanations`` table; raises DecisionFileError for a file that is malformed."""
    return tuple(row for year in years for row in _read(root, year, survey))


def _read(root: Root, year: int, survey: Survey) -> Iterator[dict[str, Any]]:
    path = root.inbox(year) / EXPLANATIONS_FILE
    if not path.is_file():
        return
    try:
        with reading(), storage_errors(path):
            data = path.read_bytes()
            for sheet in (sheet for sheet in read_sheets(data, sniff(data)) if not sheet.hidden):
                header, columns = _header(sheet)
                if columns:
                    yield from _lines(sheet, header, columns, year, survey.edition_of(year))
                    return
    except UnreadableFileError as error:
        raise DecisionFileError(error.problem, error.advice, Place(file=str(path))) from error
    raise DecisionFileError(
        f"没有找到表头（{'、'.join(EXPLANATION_HEADERS)}）", _ADVICE, Place(file=str(path))
    )


def _header(sheet: Sheet) -> tuple[int, dict[str, int]]:
    for row, line in enumerate(sheet.rows[:_HEADER_SEARCH_ROWS]):
        texts = {shown(cell).strip(): column for column, cell in enumerate(line)}
        if all(name in texts for name in EXPLANATION_HEADERS):
            return row, {name: texts[name] for name in EXPLANATION_HEADERS}
    return 0, {}


def _lines(
    sheet: Sheet, header: int, columns: dict[str, int], year: int, edition: Edition
) -> Iterator[dict[str, Any]]:
    for row in range(header + 1, len(sheet.rows)):
        texts = {name: shown(sheet.at(row, column)).strip() for name, column in columns.items()}
        if not (texts[_REASON] or texts[_WHY]):
            continue  # not explained yet
        place = Place(EXPLANATIONS_FILE, sheet.name, address(row, columns[_WHY]))
        lacking = [name for name in _REQUIRED if not texts[name]]
        if lacking:
            raise DecisionFileError(f"没有填{'、'.join(lacking)}", _ADVICE, place)
        if texts[_RULE] not in edition.rule:
            raise DecisionFileError(f"没有规则“{texts[_RULE]}”", _ADVICE, place)
        if not texts[_WHY] and needs_words(texts[_REASON]):
            raise DecisionFileError(f"原因是“{texts[_REASON]}”，没有写明说明", _ADVICE, place)
        yield {
            "explanation_id": f"{year}|{EXPLANATIONS_FILE}|{sheet.name}|{place.cell}",
            "year": year,
            "finding_id": "",
            "rule_id": texts[_RULE],
            "unit_id": texts[_UNIT],
            "unit_name": texts[_NAME],
            "venue_name": texts[_VENUE],
            "items": list(_items(texts[_ITEMS], edition, place)),
            "figures": texts[_CODE],
            "reason_code": texts[_REASON],
            "text_zh": texts[_WHY],
            "source": "office",
            "by_zh": texts[_BY],
            "file": EXPLANATIONS_FILE,
            "sheet": sheet.name,
            "cell": place.cell,
            "state": "read",
            "state_reason_zh": "",
        }


def _items(text: str, edition: Edition, place: Place) -> Iterator[str]:
    """Items by full name, which may hold a 、 itself: the longest that fits is taken."""
    by_name = {item.name_zh: item.item_id for item in edition.items}
    rest = text
    while rest:
        fitting = [n for n in by_name if rest == n or rest.startswith(f"{n}、")]
        if not fitting:
            raise DecisionFileError(f"没有指标“{rest}”", _ADVICE, place)
        name = max(fitting, key=len)
        yield by_name[name]
        rest = rest[len(name) + 1 :]
