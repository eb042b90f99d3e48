"""What a cell of a web page holds: Excel and LibreOffice write the stored value beside the text.

``x:num="1234.5"`` (Excel, WPS) and ``sdval`` (LibreOffice) give the number of which the text shows
a rounded or cut form; ``x:err`` an error value; ``x:fmla`` without text a formula never computed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines.intake.formats.cells import Cell, error_cell, uncomputed_cell
from pipelines.intake.formats.number_formats import as_shown

#: Digits alone, in brackets or with a currency sign, or a text without any: of words, dates and
#: percentages with digits in them the text says what the cell is.
_OF_NUMBER = re.compile(r"[\s()¥￥$+-]*[\d, ]*\.?\d+\.?(?:[eE][-+]?\d+)?[\s()]*|\D*", re.ASCII)
_EXTERNAL = re.compile(r"\[[^\]]*\.xl\w*\]|file:", re.IGNORECASE)


def stored_cell(attributes: Mapping[str, str], text: str) -> Cell:
    """The cell of a table by its attributes and its text."""
    plain = text.strip()
    if "x:err" in attributes:
        return error_cell(attributes["x:err"] or plain or "#ERROR!")
    if "x:bool" in attributes:
        return (attributes["x:bool"] or plain).upper() == "TRUE"
    number = _number(attributes.get("x:num") or attributes.get("sdval") or "")
    if number is not None and _OF_NUMBER.fullmatch(plain):
        return as_shown(number, plain) or number
    formula = attributes.get("x:fmla")
    if formula and not plain:
        return uncomputed_cell(formula.lstrip("="))
    return text


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def refers_elsewhere(formula: str) -> bool:
    """Whether a formula as Excel's XML and HTML write it refers to another workbook."""
    return bool(_EXTERNAL.search(formula))


def span(attributes: Mapping[str, str], name: str, most: int) -> int:
    """colspan or rowspan; 0 means to the end, nonsense means 1."""
    text = attributes.get(name, "1").strip()
    if not (text.isascii() and text.isdigit()):
        return 1
    return min(int(text[:6]), most) or most


def is_hidden(attributes: Mapping[str, str], hidden_classes: frozenset[str]) -> bool:
    """Whether an element is not displayed."""
    style = attributes.get("style", "").lower().replace(" ", "")
    if "display:none" in style or "visibility:hidden" in style or "mso-hide:all" in style:
        return True
    if "hidden" in attributes:
        return True
    return bool(hidden_classes) and not hidden_classes.isdisjoint(
        attributes.get("class", "").split()
    )
