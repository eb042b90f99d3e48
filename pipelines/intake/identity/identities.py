"""Who a return or a register row is: unit, place, department, level, date, from what was written.

Nothing is guessed: what does not resolve stays empty here, and its raw text stays in the covers.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.intake.layouts.cover import chosen
from pipelines.intake.layouts.labels import plain_label, plain_name
from pipelines.intake.readings import CoverText
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey import Survey
from pipelines.survey.identity import is_valid_uscc
from pipelines.survey.notation import normalise_text

_DATE = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?(?:\d{1,2}:.*)?")
_DIGITS_DATE = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
#: A spreadsheet holds 15 digits of a number; an identifier stored as one has lost the rest.
_LOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Identity:
    """What a cover says of the unit, resolved."""

    unit_name: str
    venue_name: str
    uscc: str
    raw_uscc: str
    is_venue: bool | None
    division_code: str
    county_code: str
    prefecture_code: str
    department_id: str
    level_id: str
    fill_date: dt.date | None

    @property
    def venue_key(self) -> str:
        """Tells the returns of one unit's venues from each other and from its own."""
        return plain_name(self.venue_name) or ("场馆" if self.is_venue else "")


class Identifier:
    """Resolves covers for one survey; remembers, since every county is named many times."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._departments: dict[tuple[str, int], str] = {}
        self._levels = {
            plain_label(name): level.level_id
            for level in survey.levels
            for name in (level.name_zh, *level.aliases)
        }

    def identify(self, cover: Mapping[str, CoverText], year: int) -> Identity:
        """The identity that the texts of a cover give."""

        def text(field: str) -> str:
            return cover[field].text if field in cover else ""

        division = self._survey.divisions.resolve(text("region"), year) if text("region") else None
        code = division.code if division else ""
        divisions = self._survey.divisions
        return Identity(
            unit_name=_clean(text("unit_name")),
            venue_name=_clean(text("venue_name")),
            uscc=uscc_of(cover.get("uscc")),
            raw_uscc=_plain_uscc(text("uscc")),
            is_venue=yes_or_no(text("is_venue")),
            division_code=code,
            county_code=divisions.county_of(code, year) if code else "",
            prefecture_code=divisions.prefecture_of(code, year) if code else "",
            department_id=self._department(text("department"), year),
            level_id=self._level(text("level")),
            fill_date=date_of(text("fill_date")),
        )

    def _department(self, text: str, year: int) -> str:
        key = (chosen(text), year)
        if key not in self._departments:
            found = self._survey.departments.resolve(key[0], year) if key[0] else None
            self._departments[key] = found.department_id if found else ""
        return self._departments[key]

    def _level(self, text: str) -> str:
        return self._levels.get(plain_label(chosen(text)), "") if text else ""


class WrittenNames:
    """Names of units for comparison within a division, without the places above their own.

    Only what stands before another of the unit's places goes (吉林省长春市朝阳区 → 朝阳区):
    长春市科技局 and 朝阳区科技局 are two units.
    """

    def __init__(self, survey: Survey) -> None:
        self._divisions = survey.divisions
        self._places: dict[tuple[str, int], list[str]] = {}

    def of(self, name: str, division_code: str, year: int) -> str:
        """The plain name of a unit that sits in a division; "" for none."""
        plain = plain_name(name)
        for above, below in itertools.pairwise(self._above(division_code, year)):
            if plain.startswith(above + below):
                plain = plain.removeprefix(above)
        return plain

    def _above(self, code: str, year: int) -> list[str]:
        """Plain names from the province down to the division."""
        known = self._places.get((code, year))
        if known is None:
            known = self._places[code, year] = []
            place = self._divisions.get(code, year) if code else None
            while place is not None:
                known.insert(0, plain_name(place.name_zh))
                above = place.parent_code
                place = self._divisions.get(above, year) if above else None
        return known


def uscc_of(text: CoverText | None) -> str:
    """A valid credit code; "" for anything else.  A code stored as a number is never repaired."""
    if text is None or (text.numeric and len(text.text) > _LOST_DIGITS):
        return ""
    code = _plain_uscc(text.text)
    return code if is_valid_uscc(code) else ""


def _plain_uscc(text: str) -> str:
    return "".join(normalise_text(text)[0].split()).replace("-", "").upper()


def yes_or_no(text: str) -> bool | None:
    """The answer to a yes-no question; None when there is none."""
    plain = plain_label(chosen(text)).upper()
    words = vocabulary()
    if plain in words.yes:
        return True
    return False if plain in words.no else None


def date_of(text: str) -> dt.date | None:
    """A date in the ways people write it; None when it is none."""
    plain = "".join(normalise_text(text)[0].split())
    match = _DATE.fullmatch(plain) or _DIGITS_DATE.fullmatch(plain)
    if not match:
        return None
    try:
        return dt.date(*(int(part) for part in match.groups()[:3]))
    except ValueError:
        return None


def channel_of(text: str) -> str:
    """The channel that a register names; "unknown" when it names none."""
    plain = plain_label(text)
    for channel, words in vocabulary().channel_names.items():
        if plain in words or plain == channel:
            return channel
    return "unknown"


def identity_columns(identity: Identity) -> dict[str, Any]:
    """The columns that the returns and the units table share."""
    return {
        "unit_name": identity.unit_name,
        "venue_name": identity.venue_name,
        "uscc": identity.uscc,
        "division_code": identity.division_code,
        "county_code": identity.county_code,
        "prefecture_code": identity.prefecture_code,
        "department_id": identity.department_id,
        "level_id": identity.level_id,
    }


def _clean(text: str) -> str:
    return " ".join(text.split())
