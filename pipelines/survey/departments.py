"""Departments (机构主管部门) by year: the list in force, public codes, what became of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from pipelines.survey.dated import Dated, Listed, compact

_CODE_AND_NAME = re.compile(r"(?P<before>\d{1,2})(?P<name>\D+)|(?P<named>\D+)(?P<after>\d{1,2})")
_PLACE_BEFORE_OFFICE = re.compile(r"^[^省市州县区]{0,8}[省市州县区]")


class Department(Dated):
    """A category of 机构主管部门; ``code`` is empty where the current code table is not public."""

    department_id: str
    name_zh: str
    code: str = ""
    successor_id: Listed = ()
    aliases: Listed = ()
    evidence: Literal["sourced", "inferred"]
    note: str = ""
    source: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name_zh, *self.aliases)


@dataclass(frozen=True)
class Departments:
    rows: tuple[Department, ...]

    def active(self, year: int) -> tuple[Department, ...]:
        """Departments of the list in force in ``year``, in printed order."""
        return tuple(r for r in self.rows if r.valid_in(year))

    def get(self, department_id: str, year: int) -> Department | None:
        return next((r for r in self.active(year) if r.department_id == department_id), None)

    def resolve(self, text: str, year: int) -> Department | None:
        """The department that a code or a name means in ``year``; None when none or several."""
        found = self._meant(text, year)
        if not found:
            code, name = _code_and_name(text)
            found = {i: r for i, r in self._meant(name, year).items() if self._had_code(r, code)}
        return next(iter(found.values())) if len(found) == 1 else None

    def _meant(self, text: str, year: int) -> dict[str, Department]:
        return {r.department_id: r for r in self.active(year) if _means(r, text)}

    def _had_code(self, department: Department, code: str) -> bool:
        """Whether a code was the department's, or that of one it took over, in some list."""
        return any(
            row.code and int(row.code) == int(code)
            for row in self.rows
            if department.department_id in (row.department_id, *row.successor_id)
        )

    def retired(self, text: str, year: int) -> Department | None:
        """A department that ``text`` meant once and no longer does, with its successors."""
        if self.resolve(text, year):
            return None
        past = (r for r in self.rows if r.valid_to is not None and r.valid_to <= year)
        return next((r for r in past if _means(r, text)), None)


def _means(row: Department, text: str) -> bool:
    names = {compact(name) for name in row.names}
    plain = compact(text)
    if row.code:
        if plain.isdecimal():
            return int(plain) == int(row.code)
        plain = plain.removeprefix(row.code)
    while plain not in names:
        # 省教育厅, 长春市朝阳区教育局: the office is the department's at whatever level.
        shorter = _PLACE_BEFORE_OFFICE.sub("", plain, count=1)
        if shorter == plain:
            return False
        plain = shorter
    return True


def _code_and_name(text: str) -> tuple[str, str]:
    """A code and the name beside it (03 教育部门); both "" when it is not so written."""
    match = _CODE_AND_NAME.fullmatch(compact(text))
    if match is None:
        return "", ""
    return match["before"] or match["after"], match["name"] or match["named"]
