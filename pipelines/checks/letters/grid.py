"""A sheet of ours as XML: lines of cells in a few looks, set up for printing on A4."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pipelines.checks.letters.package import MAIN
from pipelines.checks.letters.xmledit import attributes, escape
from pipelines.survey.addresses import column_letters
from pipelines.survey.notation import plain_text

Value = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Line:
    """One row: values with their looks, and its height in points (0: as the program likes)."""

    cells: Sequence[tuple[Value, str]]
    height: float = 0
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be filled into some cells: one of a range of texts, or what a formula allows."""

    cells: Sequence[str]
    formula: str
    is_list: bool
    title: str
    message: str


@dataclass(slots=True)
class Grid:
    """A sheet.  ``header`` is the row (from 1) that stays in sight and is printed on every page."""

    name: str
    widths: Sequence[float]
    lines: list[Line] = field(default_factory=list)
    header: int = 0
    hidden_columns: frozenset[int] = frozenset()
    choices: list[Choice] = field(default_factory=list)
    hidden: bool = False

    def xml(self, look: Callable[[str], int], active: bool) -> str:
        """The worksheet part."""
        selected = ' tabSelected="1"' if active else ""
        pane = ""
        if self.header:
            below = f"A{self.header + 1}"
            pane = (
                f'<pane ySplit="{self.header}" topLeftCell="{below}" activePane="bottomLeft"'
                f' state="frozen"/><selection pane="bottomLeft" activeCell="{below}"'
                f' sqref="{below}"/>'
            )
        rows = "".join(self._row(number, line, look) for number, line in enumerate(self.lines, 1))
        return (
            f'<worksheet xmlns="{MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
            f'<sheetViews><sheetView showGridLines="0"{selected} workbookViewId="0">{pane}'
            "</sheetView></sheetViews>"
            f'<sheetFormatPr defaultRowHeight="16"/>{self._columns()}'
            f"<sheetData>{rows}</sheetData>{_PROTECTED}{self._merges()}{self._validations()}"
            '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
            "<headerFooter><oddFooter>&amp;C第 &amp;P 页 共 &amp;N 页</oddFooter></headerFooter>"
            "</worksheet>"
        )

    def _columns(self) -> str:
        columns = []
        for number, width in enumerate(self.widths, 1):
            hidden = ' hidden="1"' if number - 1 in self.hidden_columns else ""
            columns.append(
                f'<col min="{number}" max="{number}" width="{width}" customWidth="1"{hidden}/>'
            )
        return f"<cols>{''.join(columns)}</cols>" if columns else ""

    def _row(self, number: int, line: Line, look: Callable[[str], int]) -> str:
        height = f' ht="{line.height:g}" customHeight="1"' if line.height else ""
        cells = "".join(
            _cell(f"{column_letters(column)}{number}", value, look(name) if name else 0)
            for column, (value, name) in enumerate(line.cells)
        )
        return f'<row r="{number}"{height}>{cells}</row>'

    def _merges(self) -> str:
        last = column_letters(
            max(n for n in range(len(self.widths)) if n not in self.hidden_columns)
        )
        merged = [
            f'<mergeCell ref="A{number}:{last}{number}"/>'
            for number, line in enumerate(self.lines, 1)
            if line.merged
        ]
        return f'<mergeCells count="{len(merged)}">{"".join(merged)}</mergeCells>' if merged else ""

    def _validations(self) -> str:
        made = []
        for choice in self.choices:
            values = {
                "type": "list" if choice.is_list else "custom", "allowBlank": "1",
                "showInputMessage": "1", "showErrorMessage": "1", "errorTitle": choice.title,
                "error": choice.message, "promptTitle": choice.title, "prompt": choice.message,
                "sqref": " ".join(choice.cells),
            }  # fmt: skip
            made.append(
                f"<dataValidation{attributes(values)}><formula1>{escape(choice.formula)}</formula1>"
                "</dataValidation>"
            )
        inside = "".join(made)
        return f'<dataValidations count="{len(made)}">{inside}</dataValidations>' if made else ""


#: Without a password: it keeps the numbers in the hidden column with their lines, no more.
_PROTECTED = (
    '<sheetProtection sheet="1" objects="1" scenarios="1" formatCells="0" formatColumns="0"'
    ' formatRows="0"/>'
)


def _cell(place: str, value: Value, style: int) -> str:
    if value is None or value == "":
        return f'<c r="{place}" s="{style}"/>'
    if isinstance(value, str):
        return (
            f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
            f"{escape(value)}</t></is></c>"
        )
    number = str(value) if isinstance(value, int) else plain_text(value)
    return f'<c r="{place}" s="{style}"><v>{number}</v></c>'
