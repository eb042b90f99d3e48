"""Who exists in the made-up province: units, venues, and who comes, goes and never reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count, islice

from pipelines.forms.prefill import full_name
from pipelines.forms.simulation.chance import Chance
from pipelines.forms.simulation.settings import DepartmentUnits, LevelId, Settings
from pipelines.survey import Survey
from pipelines.survey.identity import check_digit
from pipelines.survey.reference import PROVINCE, Division

#: Districts of the capital where units of the province and the centre sit.
_CAPITAL_PLACES = ("220102", "220104", "220103", "220106", "220105", "220172")

_VENUE_LEVELS: tuple[LevelId, ...] = ("prefectural", "county", "provincial")


@dataclass(frozen=True)
class SimUnit:
    """One return a year is expected from it; a venue is a unit of its own here."""

    number: int
    unit_name: str
    venue_name: str
    venue_kind: str
    uscc: str
    division_code: str
    region: str
    department_id: str
    level_id: LevelId
    #: Where its return is put: 市州/县区 for the county channel, the department for the other.
    folders: tuple[str, ...]
    size: float

    @property
    def channel(self) -> str:
        return "department" if self.level_id in {"central", "provincial"} else "county"

    @property
    def label(self) -> str:
        return f"{self.unit_name}（{self.venue_name}）" if self.venue_name else self.unit_name


@dataclass(frozen=True)
class Roster:
    """The units of every simulated year."""

    survey: Survey
    settings: Settings
    chance: Chance
    years: tuple[int, ...]
    returns: int

    def expected(self, year: int) -> tuple[SimUnit, ...]:
        """The register of the year."""
        step = self.years.index(year)
        moving = self._turnover
        gone = {unit.number for unit in self._leaving[: step * moving]}
        there = self._units[: self._size + step * moving]
        return tuple(unit for unit in there if unit.number not in gone)

    def reporting(self, year: int) -> tuple[SimUnit, ...]:
        """Exactly ``returns`` of them."""
        units = self.expected(year)
        ranked = self.chance.shuffled(units, lambda u: u.number, "reports", year)
        kept = {unit.number for unit in ranked[: self.returns]}
        return tuple(unit for unit in units if unit.number in kept)

    @property
    def _size(self) -> int:
        return max(self.returns, round(self.returns / (1 - self.settings.never_reporting)))

    @property
    def _turnover(self) -> int:
        return round(self._size * self.settings.turnover)

    @cached_property
    def _leaving(self) -> list[SimUnit]:
        ordinary = [
            u for u in self._units[: self._size] if u.level_id == "county" and not u.venue_name
        ]
        return self.chance.shuffled(ordinary, lambda u: u.number, "leaves")

    @cached_property
    def _units(self) -> tuple[SimUnit, ...]:
        """The register of the first year, then those who join, in joining order."""
        joining = self._turnover * (len(self.years) - 1)
        venues = list(self._venues())
        ordinary = self._size - len(venues)
        shares = self.settings.levels
        central = round(ordinary * shares["central"].share)
        provincial = round(ordinary * shares["provincial"].share)
        prefectural = round(ordinary * shares["prefectural"].share)
        prefectural = max(prefectural, min(len(self._prefectures), ordinary))
        county = ordinary - min(ordinary, central + provincial + prefectural)
        counties = list(islice(self._county_units(), county + joining))
        units = [
            *islice(self._prefectural_units(), prefectural),
            *islice(self._provincial_units("provincial"), provincial),
            *islice(self._provincial_units("central"), central),
            *counties[:county],
        ]
        return _owners_share_codes([*units[:ordinary], *venues, *counties[county:]])

    # -- levels ------------------------------------------------------------------------------

    def _county_units(self) -> Iterator[SimUnit]:
        """Round after round through the counties, so that every county comes early."""
        for n, (round_, place) in enumerate(
            (round_, index) for round_ in count() for index in range(len(self._counties))
        ):
            county = self._counties[place]
            department, name = self._body(round_, place)
            yield self._unit(100_000 + n, county, department, "county", name)

    def _prefectural_units(self) -> Iterator[SimUnit]:
        for n, (round_, place) in enumerate(
            (round_, index) for round_ in count() for index in range(len(self._prefectures))
        ):
            prefecture = self._prefectures[place]
            seats = [c for c in self._counties if c.parent_code == prefecture.code]
            department, name = self._body(round_, place)
            seat = seats[round_ % len(seats)]
            yield self._unit(200_000 + n, seat, department, "prefectural", name, prefecture)

    def _provincial_units(self, level: LevelId) -> Iterator[SimUnit]:
        departments = self._departments
        if level == "central":
            departments = [d for d in departments if d.id in self.settings.central_departments]
        first = 300_000 if level == "provincial" else 400_000
        for n in count():
            department = departments[n % len(departments)]
            turn = n // len(departments)
            others = department.others
            name = others[turn % len(others)] + (_numbered(turn // len(others)))
            code = _CAPITAL_PLACES[n % len(_CAPITAL_PLACES)]
            seat = self.survey.divisions.get(code, self.years[0])
            assert seat is not None
            where = "吉林省" if level == "provincial" else "中央驻吉"
            yield self._unit(first + n, seat, department, level, name, where=where)

    def _venues(self) -> Iterator[SimUnit]:
        """Science centres first, spread over prefectures; the parent unit is the owner."""
        people = self.survey.population.first_published(PROVINCE, self.years[0])
        millions = float(people.population_wan) / 100 if people else 24.0
        limit = round(self._size * self.settings.venues.share_at_most)
        wanted = {k: round(v.per_million * millions) for k, v in self.settings.venues.kinds.items()}
        allowed = min(1.0, limit / sum(wanted.values()))
        number = 0
        for kind, settings in self.settings.venues.kinds.items():
            for n in range(round(wanted[kind] * allowed)):
                place = (number * 7) % len(self._counties)
                county = self._counties[place]
                wanted_ids = settings.departments
                department = self._department(wanted_ids[n % len(wanted_ids)])
                level = _VENUE_LEVELS[number % len(_VENUE_LEVELS)]
                prefecture = self._prefecture_of(county)
                yield self._unit(
                    500_000 + number,
                    county,
                    department,
                    level,
                    department.bureau,
                    prefecture if level == "prefectural" else None,
                    where="吉林省" if level == "provincial" else "",
                    venue=(kind, f"模拟{county.name_zh}{settings.name}{_numbered(n // 60)}"),
                )
                number += 1

    # -- parts -------------------------------------------------------------------------------

    def _body(self, round_: int, place: int) -> tuple[DepartmentUnits, str]:
        """The department and unit name of a county's ``round_``-th unit.

        Every place has its 科协 and 科技局; the other departments take turns from place to place.
        """
        every = len(self._departments)
        turn, index = divmod(round_, every)
        if index >= 2:
            index = 2 + (index - 2 + place * 5) % (every - 2)
        department = self._departments[index]
        if turn == 0:
            return department, department.bureau
        cycle, other = divmod(turn - 1, len(department.others))
        return department, department.others[other] + _numbered(cycle)

    def _unit(
        self,
        number: int,
        seat: Division,
        department: DepartmentUnits,
        level: LevelId,
        name: str,
        prefecture: Division | None = None,
        *,
        where: str = "",
        venue: tuple[str, str] = ("", ""),
    ) -> SimUnit:
        above = self._prefecture_of(seat)
        place = prefecture.name_zh if prefecture else f"{above.name_zh}{seat.name_zh}"
        folders: tuple[str, ...] = (above.name_zh, "市本级" if prefecture else seat.name_zh)
        if level in {"provincial", "central"}:
            folders = (department.folder,)
        size = self.settings.levels[level].size * self._weight_of(seat.code)
        return SimUnit(
            number=number,
            unit_name=f"模拟{where or place}{name}",
            venue_name=venue[1],
            venue_kind=venue[0],
            uscc=_uscc(seat.code, number),
            division_code=seat.code,
            region=full_name(self.survey, seat, self.years[0]),
            department_id=department.id,
            level_id=level,
            folders=folders,
            size=size,
        )

    def _weight_of(self, code: str) -> float:
        """Larger places have larger units, less than in proportion."""
        found = [f for f in self.survey.population.figures(code, 2020) if f.vintage == "census"]
        return float((float(found[0].population_wan) / 35) ** 0.5) if found else 1.0

    def _department(self, department_id: str) -> DepartmentUnits:
        return next(d for d in self.settings.departments if d.id == department_id)

    def _prefecture_of(self, division: Division) -> Division:
        code = self.survey.divisions.prefecture_of(division.code, self.years[0])
        found = self.survey.divisions.get(code, self.years[0])
        assert found is not None
        return found

    @cached_property
    def _departments(self) -> list[DepartmentUnits]:
        active = {d.department_id for d in self.survey.departments.active(self.years[0])}
        return [d for d in self.settings.departments if d.id in active]

    @cached_property
    def _counties(self) -> tuple[Division, ...]:
        """County units, one prefecture after the other in turn, so that few units spread wide."""
        counties = self.survey.divisions.county_units(self.years[0])
        order: dict[Division, int] = {}
        for county in counties:
            seen = sum(other.parent_code == county.parent_code for other in order)
            order[county] = seen
        return tuple(sorted(counties, key=lambda c: (order[c], c.code)))

    @cached_property
    def _prefectures(self) -> tuple[Division, ...]:
        return self.survey.divisions.prefectures(self.years[0])


def _owners_share_codes(units: list[SimUnit]) -> tuple[SimUnit, ...]:
    """A venue's return carries the code of the unit that owns it, as does the unit's own."""
    codes: dict[str, str] = {}
    for unit in units:
        codes.setdefault(unit.unit_name, unit.uscc)
    return tuple(replace(unit, uscc=codes[unit.unit_name]) for unit in units)


def _numbered(turn: int) -> str:
    return f"第{turn + 1}分部" if turn else ""


def _uscc(division_code: str, number: int) -> str:
    """A well-formed code nobody can hold: the organisation part begins with MN (模拟)."""
    place = division_code if division_code.isdigit() else PROVINCE
    first = f"12{place}MN{number:07d}"
    return first + check_digit(first)
