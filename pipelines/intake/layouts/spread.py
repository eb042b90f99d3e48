"""A figure in a cell merged over the cells of several items or units: whose it is cannot be told.

Only the first of the merged cells holds it; the others read as blank, and nobody would ask.
"""

from __future__ import annotations

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.formats.cells import Sheet


def check_not_spread(sheet: Sheet, row: int, column: int, name: str) -> None:
    """Raise UnclearLayoutError for a blank cell that a merged figure lies over."""
    for (top, left), (bottom, right) in sheet.merged:
        if not (top <= row <= bottom and left <= column <= right) or (top, left) == (row, column):
            continue
        cell = sheet.at(top, left)
        if not isinstance(cell, str) or any(char.isdecimal() for char in cell):
            first, here = sheet.address(top, left), sheet.address(row, column)
            raise UnclearLayoutError(
                f"{first} 的数合并到了 {here}（{name}），分不清是一项的还是几项共有的",
                "请报送单位取消合并，每一格分别填数，没有的填“-”",
                Place(sheet=sheet.name, cell=here),
            )
