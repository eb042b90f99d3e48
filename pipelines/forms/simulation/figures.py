"""Figures of a year: drawn so that every return is consistent and the province adds up.

Totals come first (the province's volume is shared out among the units that have the item), then
what hangs on them.  All relations of the questionnaire hold by construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipelines.forms.simulation.chance import Chance
from pipelines.forms.simulation.roster import SimUnit
from pipelines.forms.simulation.settings import Between, Settings, Spread, Total
from pipelines.survey import Edition

Figures = dict[str, int]
#: Item → figure, or "-" where the unit has no such business.
Answers = dict[str, int | str]

_EVENTS_FOR_SPENDING = ("lectures", "exhibitions", "competitions", "week_events", "trainings")
_CROWDS = (
    "lectures_attendance",
    "exhibitions_attendance",
    "competitions_attendance",
    "week_events_attendance",
    "open_institutions_visits",
    "trainings_attendance",
)
_VENUE_CHILDREN = (
    "floor_area",
    "exhibition_area",
    "visits",
    "exhibits",
    "free_days",
    "ticket_income",
)


@dataclass(frozen=True)
class Drawer:
    """Draws the figures of all units in a year."""

    edition: Edition
    settings: Settings
    chance: Chance
    first_year: int

    def draw(
        self, units: Sequence[SimUnit], year: int, population_10k: float
    ) -> dict[int, Answers]:
        """Answers by unit number."""
        figures: dict[int, Figures] = {unit.number: {} for unit in units}
        for item_id, total in self.settings.totals.items():
            volume = total.per_10k * population_10k * (1 + total.growth) ** self._step(year)
            for number, value in self._shared_out(item_id, total, volume, units, year).items():
                figures[number][item_id] = value
        for unit in units:
            _Unit(self, unit, year, figures[unit.number]).complete()
        return {unit.number: self._answers(unit, figures[unit.number]) for unit in units}

    # -- shares of the province ----------------------------------------------------------------

    def _shared_out(
        self, item_id: str, total: Total, volume: float, units: Sequence[SimUnit], year: int
    ) -> dict[int, int]:
        able = [unit for unit in units if _can_have(unit, total)]
        wanted = round(total.reporting * len(able))
        if total.least:
            wanted = min(wanted, max(1, int(volume / (2 * total.least))))
        if total.reporting == 1:
            wanted = len(able)
        having = self.chance.shuffled(able, lambda u: u.number, "has", item_id)[:wanted]
        weights = {
            unit.number: unit.size
            * (total.venue if unit.venue_name and not total.only_venues else 1)
            * self.chance.spread(total.spread, "size", item_id, unit.number)
            * self.drift(item_id, unit, year)
            for unit in having
        }
        whole = sum(weights.values())
        return {
            number: max(total.least, min(total.cap, round(volume * weight / whole)))
            for number, weight in weights.items()
        }

    def drift(self, item_id: str, unit: SimUnit, year: int) -> float:
        """How far a unit's figure has moved since the first year."""
        factor = 1.0
        for step in range(1, self._step(year) + 1):
            name = (item_id, unit.number, step)
            steady = self.chance.happens(self.settings.steady, "steady", *name)
            sigma = self.settings.steady_drift if steady else self.settings.lively_drift
            if self.chance.happens(self.settings.leaping, "leap", *name):
                sigma = self.settings.leaping_drift
            factor *= self.chance.spread(sigma, "drift", *name)
        return factor

    def _step(self, year: int) -> int:
        return year - self.first_year

    # -- the form as the unit writes it --------------------------------------------------------

    def _answers(self, unit: SimUnit, figures: Figures) -> Answers:
        """Figures in form order; where there is nothing, "-" or 0 as the unit is used to write."""
        answers: Answers = {}
        for item in self.edition.items:
            if item.item_id in figures:
                answers[item.item_id] = figures[item.item_id]
            elif item.parent_id and answers[item.parent_id] != 0:
                answers[item.item_id] = 0 if answers[item.parent_id] != "-" else "-"
            else:
                dash = self.chance.happens(self.settings.dash, "dash", unit.number, item.form_id)
                answers[item.item_id] = "-" if dash else 0
        return answers


def _can_have(unit: SimUnit, total: Total) -> bool:
    if total.only_venues:
        return bool(unit.venue_name)
    if total.levels and unit.level_id not in total.levels:
        return False
    if unit.venue_name:
        return total.venue > 0
    return not total.departments or unit.department_id in total.departments


@dataclass
class _Unit:
    """Completes one unit's figures from its totals."""

    drawer: Drawer
    unit: SimUnit
    year: int
    figures: Figures

    def complete(self) -> None:
        self._need_staff()
        self._shares()
        self._ratios()
        self._events()
        self._large_events()
        if self.unit.venue_name:
            self._venue()
        self._funding()

    # -- chance --------------------------------------------------------------------------------

    def _within(self, bounds: Between, name: str) -> float:
        """A share that a unit keeps from year to year, give or take."""
        low, high = bounds
        share = self.drawer.chance.between(low, high, name, self.unit.number)
        moved = self.drawer.chance.normal(name, self.unit.number, self.year) * (high - low) * 0.04
        return min(high, max(low, share + moved))

    def _factor(self, spread: Spread, name: str) -> float:
        drift = self.drawer.drift(name, self.unit, self.year)
        lasting = self.drawer.chance.spread(spread.spread, name, self.unit.number)
        return spread.mean * lasting * drift

    def _is(self, probability: float, name: str) -> bool:
        return self.drawer.chance.happens(probability, name, self.unit.number)

    # -- parts of the questionnaire --------------------------------------------------------------

    def _need_staff(self) -> None:
        """A venue without a person does not open; a unit that reports has someone who reports."""
        if not self.figures.get("staff_full_time") and not self.figures.get("staff_part_time"):
            self.figures["staff_part_time"] = 2

    def _shares(self) -> None:
        for item_id, bounds in self.drawer.settings.shares.items():
            item = self.drawer.edition.item[item_id]
            whole = self.figures.get(item.parent_id, 0)
            if whole:
                self.figures[item_id] = min(whole, round(whole * self._within(bounds, item_id)))

    def _ratios(self) -> None:
        for item_id, ratio in self.drawer.settings.ratios.items():
            base = self.figures.get(ratio.of, 0)
            if base:
                # No crowd and no print run is smaller than what it counts.
                least = base * 100 if item_id in {"books_copies", "journals_copies"} else 1
                self.figures[item_id] = max(least, round(base * self._factor(ratio, item_id)))
        staff = self.figures.get("staff_part_time", 0)
        days = self.figures.get("staff_part_time_person_days", 0)
        if days:
            # Twelve days a head is how months filled for days look: no unit means that by chance.
            self.figures["staff_part_time_person_days"] = min(
                days + (days == staff * 12), staff * 200
            )

    def _events(self) -> None:
        for item_id, events in self.drawer.settings.events.items():
            held = self.figures.get(item_id, 0)
            if not held:
                continue
            online = 0
            if self._is(events.online_units, f"{item_id}_online"):
                online = round(held * self._within(events.online_share, f"{item_id}_online_share"))
            seen = round(online * self._factor(events.online, f"{item_id}_online_crowd"))
            on_site = held - online
            crowd = round(on_site * self._factor(events.on_site, f"{item_id}_crowd"))
            crowd = min(20_000 * on_site, max(crowd, on_site))
            self.figures |= {
                f"{item_id}_online": online,
                f"{item_id}_attendance": crowd + seen,
                f"{item_id}_attendance_online": seen,
            }

    def _large_events(self) -> None:
        """Each counts a thousand people or more, who stand in the attendance of the events."""
        people = sum(self.figures.get(item_id, 0) for item_id in _CROWDS)
        large = min(self.figures.pop("large_events", 0), people // 1500)
        if large:
            self.figures["large_events"] = large

    def _venue(self) -> None:
        venues = self.drawer.settings.venues
        kind = venues.kinds[self.unit.venue_kind]
        name = self.unit.venue_kind
        lasting = self.drawer.chance.spread(kind.floor.spread, "floor", self.unit.number)
        floor = max(600, round(kind.floor.mean * lasting, -1))
        low, high = venues.exhibition_share
        hall = round(floor * self.drawer.chance.between(low, high, "hall", self.unit.number))
        per_metre = min(350.0, self._factor(kind.visits_per_square_metre, f"{name}_visits"))
        exhibits = self._within(venues.exhibits_per_100_square_metres, f"{name}_exhibits")
        values = {
            "floor_area": int(floor),
            "exhibition_area": hall,
            "visits": round(hall * per_metre),
            "exhibits": max(1, round(hall / 100 * exhibits)),
            "free_days": round(self._within(venues.free_days, f"{name}_free")),
        }
        if self._is(venues.ticket_income_share, f"{name}_tickets"):
            income = self._factor(venues.ticket_income, f"{name}_tickets_income")
            values["ticket_income"] = max(1, round(income))
        self.figures[name] = 1
        self.figures |= {
            f"{name}_{part}": values[part] for part in _VENUE_CHILDREN if part in values
        }

    def _funding(self) -> None:
        construction = self.figures.get("fund_used_construction", 0)
        ordinary = self.figures.get("fund_raised", 0)
        if not ordinary:
            return
        self._raised(ordinary, construction)
        self._used(ordinary, construction)
        self._week()

    def _raised(self, ordinary: int, construction: int) -> None:
        funding = self.drawer.settings.funding
        donation = 0
        if self._is(funding.donation_units, "donates"):
            donation = round(ordinary * self._within(funding.donation, "donation"))
        own = round(ordinary * self._within(funding.own, "own"))
        other = round(ordinary * self._within(funding.other, "other"))
        government = ordinary - donation - own - other + construction
        special = round(government * self._within(funding.special_of_government, "special"))
        self.figures |= {
            "fund_raised": ordinary + construction,
            "fund_raised_government": government,
            "fund_raised_government_special": special,
            "fund_raised_donation": donation,
            "fund_raised_own": own,
            "fund_raised_other": other,
        }

    def _used(self, ordinary: int, construction: int) -> None:
        funding = self.drawer.settings.funding
        used = round(ordinary * self._within(funding.used_of_raised, "used"))
        administration = round(used * self._within(funding.administration, "administration"))
        events = sum(self.figures.get(item_id, 0) for item_id in _EVENTS_FOR_SPENDING)
        activities = round(used * self._within(funding.activities, "activities"))
        activities = min(activities, 50 * (events + 1), used - administration)
        exhibits = 0
        if self.unit.venue_name or self._is(funding.exhibits_units, "exhibits"):
            exhibits = round(used * self._within(funding.exhibits, "exhibits_share"))
            exhibits = min(exhibits, used - administration - activities)
        self.figures |= {
            "fund_used": used + construction,
            "fund_used_administration": administration,
            "fund_used_activities": activities,
            "fund_used_exhibits": exhibits,
            "fund_used_other": used - administration - activities - exhibits,
        }
        if construction:
            share = self._within(funding.construction_government, "construction_government")
            self.figures["fund_used_construction_government"] = round(construction * share)

    def _week(self) -> None:
        limit = int(self.figures["fund_raised"] * self.drawer.settings.funding.week_at_most)
        week = min(self.figures.pop("week_fund_raised", 0), limit)
        parts = {
            f"week_fund_raised_{part}": self.figures.pop(f"week_fund_raised_{part}", 0)
            for part in ("government", "enterprise")
        }
        if week:
            room = week
            for item_id, value in parts.items():
                parts[item_id] = min(value, room)
                room -= parts[item_id]
            self.figures |= {"week_fund_raised": week, **parts}


def province_total(answers: Mapping[int, Answers], item_id: str) -> int:
    """The sum over all units; "-" counts as nothing."""
    values = (unit.get(item_id, 0) for unit in answers.values())
    return sum(value for value in values if isinstance(value, int))
