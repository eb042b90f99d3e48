"""Approved mappings (版式对照表): what each label of an unknown layout means, decided by a person.

A mapping holds for tables of exactly the layout it lists, so that it can never bleed into another
form.  Every label is decided: ``item`` names the item, ``heading`` says that no figure stands there
(one that does still stops the file), ``ignore`` leaves the figures out, with a reason.  Whatever is
open, contradictory or of another year stops the run before anything is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipelines.errors import MappingError, Place, SurveyDefinitionError
from pipelines.intake.layouts.entries import Direction, Entry, signature, signature_of
from pipelines.intake.layouts.labels import plain_label
from pipelines.intake.layouts.measures import contradicts, same, stated_measures
from pipelines.survey import Survey
from pipelines.survey.documents import YamlDocument
from pipelines.survey.models import Edition, Item
from pipelines.warehouse import Root

_VERSION = 1
_SUFFIXES = frozenset({".yaml", ".yml"})
_NOTES = frozenset({"说明.txt"})


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MappedLabel(_Model):
    """One label and what a person decided; the rest is what the proposal said of it."""

    cell: str = ""
    heading: str = ""
    label: str
    code: str = ""
    unit: str = ""
    above: str = ""
    action: Literal["item", "ignore", "heading", "?"]
    item: str = ""
    name: str = ""
    confidence: Decimal | None = None
    level: str = ""
    why: str = ""
    alternatives: tuple[str, ...] = ()
    reason: str = ""


class MappedTable(_Model):
    """One table of the layout, its labels in printed order."""

    sheet: str = ""
    direction: Direction
    signature: str
    labels: tuple[MappedLabel, ...]


class AbsentItem(_Model):
    """An item of the questionnaire that the layout does not ask."""

    item: str
    name: str = ""
    reason: str = ""


def _listed(value: object) -> object:
    """A key left without a value, as after deleting its lines, is an empty list."""
    return () if value in ("", None) else value


class MappingDocument(_Model):
    """The whole of a mapping file."""

    version: int = Field(ge=_VERSION, le=_VERSION)
    year: int
    edition: str
    files: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    tables: tuple[MappedTable, ...]
    missing: Annotated[tuple[AbsentItem, ...], BeforeValidator(_listed)] = ()
    absent: Annotated[tuple[AbsentItem, ...], BeforeValidator(_listed)] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What a label of a known layout means: an item, or None with ``ignored`` or a heading."""

    item: Item | None
    ignored: bool
    note: str


@dataclass(frozen=True, slots=True)
class _Approved:
    """One mapping file in force."""

    name: str
    tables: frozenset[str]
    absent: dict[str, str]


@dataclass
class Mappings:
    """The mappings of one data year, looked up by the layout of a table."""

    tables: dict[str, tuple[Decided, ...]] = field(default_factory=dict)
    files: list[_Approved] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.tables)

    def decide(
        self, direction: Direction, entries: Sequence[Entry]
    ) -> tuple[str, tuple[Decided, ...]] | None:
        """The signature of a table and what its labels mean; None when nobody has decided."""
        key = signature_of(direction, entries)
        decided = self.tables.get(key)
        return (key, decided) if decided is not None else None

    def absent(self, signatures: Iterable[str]) -> dict[str, str]:
        """Items that need not be there, with the reason, in a return of these tables."""
        used = frozenset(signatures)
        return {
            item: reason
            for approved in self.files
            if approved.tables <= used
            for item, reason in approved.absent.items()
        }

    def names(self, signatures: Iterable[str]) -> tuple[str, ...]:
        """The mapping files that decided these tables."""
        used = frozenset(signatures)
        return tuple(approved.name for approved in self.files if approved.tables & used)


def read_mappings(root: Root, year: int, survey: Survey) -> Mappings:
    """The approved mappings of a year; raises MappingError with file, line and reason."""
    mappings = Mappings()
    folder = root.mappings(year)
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name in _NOTES or path.name.startswith((".", "~")):
            continue
        if path.suffix.lower() not in _SUFFIXES or not path.is_file():
            raise MappingError(
                "版式对照表只能是 .yaml 文件",
                "请改为 .yaml 结尾，或移出这个文件夹",
                Place(file=_shown(path, root)),
            )
        _File(path, root, year, survey.edition_of(year)).add_to(mappings)
    return mappings


class _File:
    """One mapping file being checked."""

    def __init__(self, path: Path, root: Root, year: int, edition: Edition) -> None:
        self._shown = _shown(path, root)
        self._name = path.name
        self._edition = edition
        try:
            self._yaml = YamlDocument(path, as_written=True)
            self._document = self._yaml.model(MappingDocument, self._yaml.data)
        except SurveyDefinitionError as error:
            place = Place(file=self._shown, line=error.place.line)
            raise MappingError(
                error.problem, "请按 docs/版式对照.md 改正该行后重试", place
            ) from error
        if self._document.year != year:
            raise self._wrong(
                f"这是 {self._document.year} 年度的对照表，放在了 {year} 年度", ("year",)
            )
        if self._document.edition != edition.edition_id:
            raise self._wrong(
                f"这是对照“{self._document.edition}”作的，{year} 年度用的是“{edition.edition_id}”",
                ("edition",),
            )

    def add_to(self, mappings: Mappings) -> None:
        used: dict[str, str] = {}
        for n, table in enumerate(self._document.tables):
            decided = self._table(table, n, used)
            known = mappings.tables.setdefault(table.signature, decided)
            if [(d.item, d.ignored) for d in known] != [(d.item, d.ignored) for d in decided]:
                raise self._wrong("另一份对照表对同一版式的认定不同", ("tables", n))
        absent = self._absent(used)
        tables = frozenset(table.signature for table in self._document.tables)
        mappings.files.append(_Approved(self._name, tables, absent))

    def _table(self, table: MappedTable, n: int, used: dict[str, str]) -> tuple[Decided, ...]:
        keys = [(one.heading, one.label, one.code, one.unit) for one in table.labels]
        if signature(table.direction, keys) != table.signature:
            raise self._wrong(
                "表内各行与版式特征（signature）不符：名称、代码、单位和行的次序不能改动",
                ("tables", n, "signature"),
            )
        return tuple(
            self._label(one, ("tables", n, "labels", m), used) for m, one in enumerate(table.labels)
        )

    def _label(self, one: MappedLabel, at: tuple[str | int, ...], used: dict[str, str]) -> Decided:
        note = f"按版式对照表 {self._name} 认定"
        shown = one.label or one.code
        if one.action == "?":
            raise self._wrong(f"“{shown}”还没有决定（action 仍是 ?）", (*at, "action"))
        if one.action == "heading":
            return Decided(None, False, "")
        if one.action == "ignore":
            if not one.reason.strip():
                raise self._wrong(f"“{shown}”不取数（ignore），没有写明原因 reason", at)
            return Decided(None, True, "")
        item = self._item(one.item, (*at, "item"), used, f"“{shown}”")
        self._check_unit(one, item, at)
        return Decided(item, False, note)

    def _item(self, item_id: str, at: tuple[str | int, ...], used: dict[str, str], by: str) -> Item:
        item = self._edition.item.get(item_id)
        if item is None:
            raise self._wrong(
                f"{by}的指标“{item_id}”不在调查表（{self._edition.edition_id}）里", at
            )
        if item_id in used:
            raise self._wrong(f"{used[item_id]}和{by}都认定为“{item.name_zh}”（{item_id}）", at)
        used[item_id] = by
        return item

    def _check_unit(self, one: MappedLabel, item: Item, at: tuple[str | int, ...]) -> None:
        """A figure is never scaled: a label in another unit is another item."""
        label = plain_label(one.label)
        for unit in (plain_label(one.unit), *stated_measures(label, frozenset({item.unit}))):
            if not unit or same(unit, item.unit):
                continue
            scaled = contradicts(unit, item.unit)
            if scaled or not one.reason.strip():
                hint = "" if scaled else "；单位只是叫法不同的，请在 reason 中写明"
                raise self._wrong(
                    f"“{one.label}”的单位是“{unit}”，指标“{item.name_zh}”的单位是“{item.unit}”，"
                    f"数值不作换算，不能这样认定{hint}",
                    at,
                )

    def _absent(self, used: dict[str, str]) -> dict[str, str]:
        absent = {}
        for n, one in enumerate(self._document.absent):
            item = self._item(one.item, ("absent", n, "item"), used, "absent ")
            if not one.reason.strip():
                raise self._wrong(f"没有写明表上为什么没有“{item.name_zh}”", ("absent", n))
            absent[one.item] = one.reason.strip()
        return absent

    def _wrong(self, problem: str, at: Sequence[str | int]) -> MappingError:
        return MappingError(
            problem,
            "请改正该行后重新运行；写法见 docs/版式对照.md",
            Place(file=self._shown, line=self._yaml.line_of(at)),
        )


def _shown(path: Path, root: Root) -> str:
    return path.relative_to(root.path).as_posix()
