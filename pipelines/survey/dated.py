"""Rows of reference files: their fields, the years they hold in, and names as they are compared.

A row is valid in a data year when ``valid_from <= year < valid_to`` (both open when empty): lists
stand as of 31 December.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from pipelines.survey.notation import normalise_text

#: A point within a number is no separator: 3.0 is not department 30.
_SEPARATORS = re.compile(r"(?:[\s\-—–_/\\|,，、·>→:：()\[\]]|(?<!\d)\.|\.(?!\d))+")


def _listed(value: object) -> object:
    return tuple(part for part in value.split(";") if part) if isinstance(value, str) else value


def _optional(value: object) -> object:
    return None if value == "" else value


Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Year = Annotated[int | None, BeforeValidator(_optional)]
OptionalDecimal = Annotated[Decimal | None, BeforeValidator(_optional)]


class Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Dated(Row):
    valid_from: Year = None
    valid_to: Year = None

    def valid_in(self, year: int) -> bool:
        after_start = self.valid_from is None or self.valid_from <= year
        return after_start and (self.valid_to is None or year < self.valid_to)


def compact(text: str) -> str:
    """Text as names are compared: half width, without spaces, separators and brackets."""
    return _SEPARATORS.sub("", normalise_text(text)[0])
