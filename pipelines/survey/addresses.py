"""A1 addresses of spreadsheet cells; rows and columns are counted from 0 everywhere else."""

from __future__ import annotations


def column_letters(column: int) -> str:
    """Spreadsheet letters of a column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


_LETTERS = tuple(column_letters(n) for n in range(1024))


def address(row: int, column: int) -> str:
    """A1 address of a cell counted from 0."""
    letters = _LETTERS[column] if column < len(_LETTERS) else column_letters(column)
    return f"{letters}{row + 1}"


def position(reference: str) -> tuple[int, int]:
    """Row and column, from 0, of an A1 address."""
    column = 0
    for n, char in enumerate(reference):
        if char.isdigit():
            return int(reference[n:]) - 1, column - 1
        column = column * 26 + ord(char) - 64
    raise ValueError(f"not a cell address: {reference}")
