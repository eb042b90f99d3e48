"""What pieces of XML say, as worked out before.

Workbooks of one form repeat the same pieces byte for byte (labels, formulas, borders), so what a
piece says is looked up and not worked out again.  No more is held than can well be.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

#: So many pieces are remembered, none longer than this: figures differ from file to file.
_MOST_KEPT, _LONGEST_KEPT = 16_000, 2048


class Known(dict[bytes, T]):
    """Looks a piece up, or reads it; what ``read`` says of a piece must depend on it alone."""

    def __init__(self, read: Callable[[bytes], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, piece: bytes) -> T:
        said = self._read(piece)
        if len(piece) <= _LONGEST_KEPT:
            if len(self) >= _MOST_KEPT:
                self.clear()
            self[piece] = said
        return said
