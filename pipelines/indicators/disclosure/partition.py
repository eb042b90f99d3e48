"""How the members of all breakdowns hang together, told from who is in them.

Members that hold the same returns are one *class* and one cell: a prefecture with a single
county, a county that stands alike on two territories.  A relation says that the classes on its
one side together hold what those on its other side hold.  Nothing is assumed of the breakdowns
but that each is a partition of the returns; so prefecture = Σ counties, department = Σ its
prefectures and 通化 + … = 通化 without 梅河口 + 梅河口 + … come out of the data alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from pipelines.indicators.cube import Group

#: Classes on the one side, classes on the other.
Relation = tuple[tuple[int, ...], tuple[int, ...]]

_Atoms = frozenset[int]


@dataclass(frozen=True)
class Partitions:
    """``atoms``: every kind of return there is, as a member of each breakdown."""

    atoms: tuple[Mapping[str, tuple[str, str]], ...]

    @cached_property
    def class_of(self) -> dict[Group, int]:
        return {group: self._number[held] for group, held in self._held.items()}

    @cached_property
    def groups_of(self) -> tuple[tuple[Group, ...], ...]:
        """The members that are the same class."""
        found: list[list[Group]] = [[] for _ in self._number]
        for group, number in self.class_of.items():
            found[number].append(group)
        return tuple(tuple(sorted(groups)) for groups in found)

    def relations(self, breakdowns: Iterable[str]) -> tuple[Relation, ...]:
        """The relations among the classes of some breakdowns; what follows from others is left
        out."""
        parts = {name: self._classes(name) for name in sorted(breakdowns)}
        known = frozenset().union(*parts.values())
        nested = self._nested(parts, known)
        crossing = self._crossing(parts, known)
        return tuple(sorted({*nested, *crossing}))

    @cached_property
    def _held(self) -> dict[Group, _Atoms]:
        found: dict[Group, set[int]] = {}
        for number, atom in enumerate(self.atoms):
            for name, members in atom.items():
                found.setdefault((name, *members), set()).add(number)
        return {group: frozenset(held) for group, held in sorted(found.items())}

    @cached_property
    def _number(self) -> dict[_Atoms, int]:
        return {held: n for n, held in enumerate(dict.fromkeys(self._held.values()))}

    @cached_property
    def _atoms_of(self) -> tuple[_Atoms, ...]:
        return tuple(self._number)

    def _classes(self, breakdown: str) -> frozenset[int]:
        return frozenset(n for group, n in self.class_of.items() if group[0] == breakdown)

    def _nested(self, parts: dict[str, frozenset[int]], known: frozenset[int]) -> set[Relation]:
        """A class as the sum of others: only by the coarsest ways to divide it."""
        found: set[Relation] = set()
        for whole in known:
            held = self._atoms_of[whole]
            ways: set[frozenset[int]] = set()
            for classes in parts.values():
                inside = frozenset(c for c in classes if self._atoms_of[c] <= held)
                if len(inside) > 1 and sum(len(self._atoms_of[c]) for c in inside) == len(held):
                    ways.add(inside)
            found |= {
                ((whole,), tuple(sorted(way)))
                for way in ways
                if not any(self._refines(way, other) for other in ways if other != way)
            }
        return found

    def _refines(self, fine: frozenset[int], coarse: frozenset[int]) -> bool:
        return len(fine) > len(coarse) and all(
            any(self._atoms_of[f] <= self._atoms_of[c] for c in coarse) for f in fine
        )

    def _crossing(self, parts: dict[str, frozenset[int]], known: frozenset[int]) -> set[Relation]:
        """Two breakdowns that divide a territory differently, where neither side is one class."""
        found: set[Relation] = set()
        for one, other in combinations(parts.values(), 2):
            for left, right in self._components(one - other, other - one):
                held = frozenset().union(*(self._atoms_of[c] for c in left))
                whole = self._number.get(held)
                if len(left) > 1 and len(right) > 1 and whole not in known:
                    found.add((tuple(sorted(left)), tuple(sorted(right))))
        return found

    def _components(
        self, one: frozenset[int], other: frozenset[int]
    ) -> list[tuple[set[int], set[int]]]:
        """The smallest collections of both that hold the same returns."""
        root: dict[int, int] = {}

        def find(atom: int) -> int:
            while (above := root.setdefault(atom, atom)) != atom:
                root[atom] = atom = root[above]
            return atom

        for number in (*one, *other):
            first, *rest = self._atoms_of[number]
            for atom in rest:
                root[find(atom)] = find(first)
        found: dict[int, tuple[set[int], set[int]]] = {}
        for side, classes in enumerate((one, other)):
            for number in classes:
                held = find(next(iter(self._atoms_of[number])))
                found.setdefault(held, (set(), set()))[side].add(number)
        return list(found.values())
