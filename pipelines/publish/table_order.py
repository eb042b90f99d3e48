"""One table as it is ordered: its spec with everything that is needed to build it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.publish.figures import Figure, Figures
from pipelines.publish.table_book import TableBook, TableSpec
from pipelines.publish.table_model import Cell, Column, Missing, Number
from pipelines.survey.quantities import MISSING_MARK, table_scale

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definition


@dataclass(frozen=True)
class Order:
    """A spec with what is needed to build it."""

    book: TableBook
    spec: TableSpec
    figures: Figures
    source: str

    @property
    def indicators(self) -> list[Definition]:
        """Those of the list that the definitions know in this edition."""
        known = self.figures.known
        return [known[i] for i in self.book.indicators_of(self.spec) if i in known]

    @property
    def dated_title(self) -> str:
        return f"{self.figures.year}年{self.spec.title_zh}"

    def column(self, definition: Definition, unit: str) -> Column:
        lines = self.book.heads.get(definition.indicator_id, definition.name_zh).split("|")
        return Column("".join(lines), unit, lines=tuple(lines), key=definition.indicator_id)

    def style(self, definition: Definition, figures: Iterable[Figure]) -> Style:
        """How all of these figures of an indicator are printed."""
        values = [figure.value for figure in figures if figure.value is not None]
        if definition.kind != "level":
            return Style(definition.unit, definition.decimals)
        if self.spec.scaled:
            largest = max((abs(value) for value in values), default=Decimal(0))
            divisor, unit, decimals = table_scale(largest, definition.unit)
            if divisor != 1:
                return Style(unit, decimals, divisor)
        whole = all(value == value.to_integral_value() for value in values)
        return Style(definition.unit, 0 if whole and values else definition.decimals)


@dataclass(frozen=True, slots=True)
class Style:
    """Unit and decimals that figures of one column, or of one row, are printed at."""

    unit: str
    decimals: int
    divisor: Decimal = Decimal(1)

    def cell(self, figure: Figure) -> Cell:
        if figure.mark == MISSING_MARK:
            return Missing(figure.reason)
        if figure.value is None or figure.mark:
            return figure.mark
        return Number(figure.value / self.divisor, self.decimals, flags=figure.flags)
