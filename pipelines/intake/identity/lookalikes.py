"""Units of the register that an unknown one may be: listed for a person, never used.

A code mistyped by one character (or two swapped), the same name in another place, a like name in
the same place.  A register of tens of thousands is asked once for every unknown unit, so that each
way has its index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from pipelines.intake.identity.identities import Identity, WrittenNames
from pipelines.intake.identity.identity_words import identity_words
from pipelines.intake.identity.near import nearness
from pipelines.intake.identity.register_units import Unit
from pipelines.intake.layouts.labels import plain_name

_HALF = 9
_MISTYPED, _ELSEWHERE = 2.0, 1.5


class Lookalikes:
    """The units of one year, to be searched by resemblance."""

    def __init__(self, units: Iterable[Unit], names: WrittenNames, year: int) -> None:
        self._units = tuple(units)
        self._names = names
        self._year = year

    def of(self, identity: Identity) -> tuple[Unit, ...]:
        """What the unit may be, the likeliest first."""
        best: dict[str, tuple[float, Unit]] = {}
        for score, unit in self._scored(identity):
            known = best.get(unit.unit_id)
            if known is None or score > known[0]:
                best[unit.unit_id] = (score, unit)
        ordered = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].unit_id))
        return tuple(unit for _, unit in ordered[: identity_words().most_candidates])

    def _scored(self, identity: Identity) -> Iterator[tuple[float, Unit]]:
        code, limit = identity.raw_uscc, identity_words().near
        for half in _halves(code):
            for unit in self._by_half.get(half, ()):
                if _one_off(code, unit.uscc):
                    yield _MISTYPED, unit
        plain = plain_name(identity.unit_name)
        for unit in self._by_name.get(plain, ()) if plain else ():
            yield _ELSEWHERE, unit
        name = self._names.of(identity.unit_name, identity.division_code, self._year)
        for known, signs, unit in self._by_division.get(identity.division_code, ()):
            if name and _may_be_near(name, known, signs):
                score = nearness(name, known)
                if score >= limit:
                    yield score, unit

    @cached_property
    def _by_half(self) -> dict[tuple[int, str], list[Unit]]:
        found: dict[tuple[int, str], list[Unit]] = defaultdict(list)
        for unit in self._units:
            for half in _halves(unit.uscc):
                found[half].append(unit)
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[Unit]]:
        found: dict[str, list[Unit]] = defaultdict(list)
        for unit in self._units:
            found[plain_name(unit.name)].append(unit)
        return found

    @cached_property
    def _by_division(self) -> dict[str, list[tuple[str, frozenset[str], Unit]]]:
        found: dict[str, list[tuple[str, frozenset[str], Unit]]] = defaultdict(list)
        for unit in self._units:
            for division in sorted(unit.divisions):
                name = self._names.of(unit.name, division, self._year)
                found[division].append((name, frozenset(name), unit))
        return found


def _halves(code: str) -> list[tuple[int, str]]:
    """One wrong character leaves one half of a code as it was."""
    if len(code) != 2 * _HALF:
        return []
    return [(0, code[:_HALF]), (1, code[_HALF:])]


def _may_be_near(name: str, known: str, signs: frozenset[str]) -> bool:
    """A quick look before the slow comparison: enough characters in common."""
    shared = len(signs.intersection(name))
    needed = identity_words().near / 2 * (len(name) + len(known))
    return shared + 2 >= needed or shared >= min(len(signs), len(set(name)))


def _one_off(written: str, code: str) -> bool:
    """Whether a code as written differs from a known one by one character or two swapped ones."""
    differing = [n for n, pair in enumerate(zip(written, code, strict=True)) if pair[0] != pair[1]]
    if len(differing) == 1:
        return True
    if len(differing) != 2:
        return False
    first, second = differing
    return written[first] == code[second] and written[second] == code[first]
