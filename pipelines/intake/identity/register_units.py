"""A unit as the register has it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Unit:
    """A unit of the register, with its venues, which may sit in other counties than itself."""

    unit_id: str
    name: str
    uscc: str
    division_code: str
    row: int
    venues: set[str] = field(default_factory=set)
    divisions: set[str] = field(default_factory=set)
    counties: set[str] = field(default_factory=set)
