"""Give cells of a sheet part a style, and a value where one is to be filled in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipelines.checks.letters.xmledit import Element, Part, UneditableError, escape
from pipelines.survey.addresses import column_letters, position
from pipelines.survey.notation import plain_text

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Change:
    """What a cell becomes: another style when ``marked``, another value where ``value`` is one."""

    value: Decimal | str | None = None
    marked: bool = True


def change_cells(part: Part, changes: Mapping[Cell, Change], style: Callable[[int], int]) -> bool:
    """Change the cells of a sheet; returns whether a formula was replaced by a value."""
    data = part.first("sheetData", part.root)
    if data is None:
        raise UneditableError("sheet without data")
    rows, cells = _places(part, data)
    absent: dict[int, list[Cell]] = defaultdict(list)
    replaced = False
    for cell in sorted(changes):
        element = cells.get(cell)
        if element is None:
            absent[cell[0]].append(cell)
            continue
        old = int(element.attributes.get("s", "0"))
        new = style(old) if changes[cell].marked else old
        if changes[cell].value is None and new == old:
            continue
        if changes[cell].value is None:
            part.set_attributes(element, s=str(new))
        else:
            replaced = replaced or part.first("f", element) is not None
            part.replace(element, _written(part, cell, new, changes[cell]))
    ordered = sorted(rows)
    for row, missing in absent.items():
        xml = {
            cell: _written(part, cell, style(0) if changes[cell].marked else 0, changes[cell])
            for cell in missing
        }
        if row in rows:
            _into_row(part, rows[row], cells, row, xml)
        else:
            inside = f'<{part.prefix}row r="{row + 1}">{"".join(xml.values())}</{part.prefix}row>'
            below = next((rows[other] for other in ordered if other > row), None)
            if below is not None:
                part.insert(below.start, inside)
            elif data.is_empty_tag:
                raise UneditableError("empty sheet")
            else:
                part.insert(data.last, inside)
    return replaced


def _places(part: Part, data: Element) -> tuple[dict[int, Element], dict[Cell, Element]]:
    """Rows and cells by place; a row or cell without a reference follows the one before."""
    rows: dict[int, Element] = {}
    cells: dict[Cell, Element] = {}
    row = column = -1
    for one in part.elements:
        if one.name == "row" and one.parent is data:
            row = int(one.attributes["r"]) - 1 if "r" in one.attributes else row + 1
            rows[row] = one
            column = -1
        elif one.name == "c" and one.parent is rows.get(row):
            reference = one.attributes.get("r")
            column = position(reference)[1] if reference else column + 1
            cells[row, column] = one
    return rows, cells


def _into_row(
    part: Part, element: Element, cells: Mapping[Cell, Element], row: int, xml: Mapping[Cell, str]
) -> None:
    """Put cells that are not stored into a row that is, in the order of columns."""
    stored = sorted(column for at, column in cells if at == row)
    last = []
    for cell, text in xml.items():
        after = next((column for column in stored if column > cell[1]), None)
        if after is None:
            last.append(text)
        else:
            part.insert(cells[row, after].start, text)
    if last:
        part.append(element, "".join(last))


def _written(part: Part, cell: Cell, style: int, change: Change) -> str:
    p = part.prefix
    start = f'<{p}c r="{column_letters(cell[1])}{cell[0] + 1}" s="{style}"'
    if change.value is None:
        return f"{start}/>"
    if isinstance(change.value, Decimal):
        return f"{start}><{p}v>{plain_text(change.value)}</{p}v></{p}c>"
    text = escape(change.value)
    return f'{start} t="inlineStr"><{p}is><{p}t xml:space="preserve">{text}</{p}t></{p}is></{p}c>'
