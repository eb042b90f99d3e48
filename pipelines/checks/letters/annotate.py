"""Mark the cells of a sender's workbook that are asked about, and add our sheets behind theirs."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipelines.checks.letters.cells import Change, change_cells
from pipelines.checks.letters.comments import MARK, add_comments
from pipelines.checks.letters.grid import Grid
from pipelines.checks.letters.package import MAIN, OFFICE, Package, Relation
from pipelines.checks.letters.styles import Styles
from pipelines.checks.letters.xmledit import Element, Part, UneditableError, attributes, escape
from pipelines.survey.addresses import column_letters, position

_BOOK = "xl/workbook.xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
#: Parts of a workbook that stand after ``definedNames``.
_BEFORE_NAMES = ("externalReferences", "functionGroups", "sheets")
_QUOTED = re.compile("'")
_SELECTED = re.compile(rb"(<(?:\w+:)?sheetView\b[^>]*?)\stabSelected\s*=\s*(?:\"[^\"]*\"|'[^']*')")
#: Shape numbers of our comments begin far above those that office programs give.
_FIRST_BLOCK = 60


@dataclass(frozen=True, slots=True)
class Note:
    """A cell to comment, and to fill with our colour when ``marked``; ``value`` is put into the
    cell where the sender has corrected it in an earlier letter."""

    sheet: str
    cell: str
    text: str
    value: Decimal | str | None = None
    marked: bool = True


def sheet_names(data: bytes) -> set[str]:
    """Names of all sheets; raises UneditableError for what is no workbook."""
    try:
        book = Package(data).edit(_BOOK)
    except zipfile.BadZipFile as error:
        raise UneditableError(str(error)) from error
    return {one.attributes.get("name", "") for one in book.named("sheet")}


def annotate(
    data: bytes, notes: Sequence[Note], sheets: Sequence[Grid], former: Collection[str] = ()
) -> bytes:
    """The workbook with notes at cells and with ``sheets``, opened at the first of them.

    ``former`` names sheets of an earlier letter, which are taken out.  Notes about a sheet that the
    workbook has not are left out (a cover that is no sheet of its own).  Raises UneditableError for
    a file that is not changed in place.
    """
    try:
        package = Package(data)
        return _Letter(package).written(notes, sheets, former)
    except (zipfile.BadZipFile, UnicodeDecodeError, KeyError, ValueError) as error:
        raise UneditableError(str(error)) from error


class _Letter:
    """One workbook being annotated."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._book = package.edit(_BOOK)
        if MAIN not in self._book.root.attributes.values():
            raise UneditableError("namespace")
        related = {one.relation_id: one for one in package.relations(_BOOK)}
        sheets = self._book.first("sheets", self._book.root)
        styles = next((one.target for one in related.values() if one.kind == "styles"), "")
        if sheets is None or not styles:
            raise UneditableError("workbook without sheets or styles")
        self._sheets = sheets
        self._listed = self._book.named("sheet", sheets)
        self._relation = {
            one.attributes["name"]: related[_relation_id(one)] for one in self._listed
        }
        self._styles_part = styles
        self._styles = Styles(package.edit(styles))

    def written(
        self, notes: Sequence[Note], sheets: Sequence[Grid], former: Collection[str]
    ) -> bytes:
        left = [one for one in self._listed if one.attributes["name"] not in former]
        by_sheet: dict[str, list[Note]] = defaultdict(list)
        for note in notes:
            by_sheet[note.sheet].append(note)
        for block, one in enumerate(left, _FIRST_BLOCK):
            name = one.attributes["name"]
            part = self._relation[name].target
            if self._relation[name].kind != "worksheet":
                continue
            self._deselect(part)
            if by_sheet[name] or former:
                self._note(part, by_sheet[name], block)
        self._add(left, sheets, self._drop(former, left))
        self._styles.finish()
        return self._package.saved()

    def _note(self, part: str, notes: Sequence[Note], block: int) -> None:
        """Fill and comment the cells of one sheet; several notes on a cell become one comment."""
        changes: dict[tuple[int, int], Change] = {}
        texts: dict[tuple[int, int], list[str]] = defaultdict(list)
        places = {}
        for note in notes:
            where = position(note.cell)
            places[where] = note.cell
            texts[where].append(note.text)
            former = changes.get(where, Change(marked=False))
            value = former.value if note.value is None else note.value
            changes[where] = Change(value, former.marked or note.marked)
        if change_cells(self._package.edit(part), changes, self._styles.highlighted):
            self._drop_calculation()
        comments = {
            where: (places[where], MARK + "\n".join(dict.fromkeys(texts[where])))
            for where in sorted(texts)
        }
        add_comments(self._package, part, comments, block)

    def _deselect(self, part: str) -> None:
        """Our sheet is the one in front: two selected sheets would be typed into together."""
        data = self._package.read(part)
        if b"tabSelected" in data:
            self._package.change(part, _SELECTED.sub(rb"\1", data, count=1))

    def _drop_calculation(self) -> None:
        """A chain of calculation that names a cell without a formula is taken for damage."""
        for one in self._package.relations(_BOOK):
            if one.kind == "calcChain" and one.target in self._package:
                self._package.drop(one.target)
                self._package.edit("xl/_rels/workbook.xml.rels").remove(one.element)

    def _drop(self, former: Collection[str], left: Sequence[Element]) -> dict[int, int]:
        """Take earlier sheets of ours out; returns the new number of every sheet that stays."""
        relations = self._package.edit("xl/_rels/workbook.xml.rels")
        for one in self._listed:
            if one not in left:
                relation: Relation = self._relation[one.attributes["name"]]
                self._book.remove(one)
                relations.remove(relation.element)
                self._package.drop(relation.target)
        return {self._listed.index(one): number for number, one in enumerate(left)}

    def _add(
        self, left: Sequence[Element], sheets: Sequence[Grid], numbers: dict[int, int]
    ) -> None:
        p, book = self._book.prefix, self._book
        key = next(k for k in self._listed[0].attributes if k.endswith(":id"))
        taken = max(int(one.attributes["sheetId"]) for one in self._listed)
        entries, titles = [], []
        for number, grid in enumerate(sheets):
            part = self._package.free_name("xl/worksheets/sheet{}.xml")
            self._package.put(part, grid.xml(self._styles.look, active=number == 0))
            self._package.declare(part, _SHEET_TYPE)
            values = {"name": grid.name, "sheetId": str(taken + number + 1)}
            if grid.hidden:
                values["state"] = "veryHidden"
            # Some programs declare the prefix at each sheet, not at the root.
            values[f"xmlns:{key.rpartition(':')[0]}"] = OFFICE
            values[key] = self._package.relate(_BOOK, "worksheet", part)
            entries.append(f"<{p}sheet{attributes(values)}/>")
            if grid.header:
                titles.append((len(left) + number, grid))
        book.append(self._sheets, "".join(entries))
        for view in book.named("workbookView"):
            book.set_attributes(view, activeTab=str(len(left)), firstSheet=None)
        self._name_titles(titles, numbers)

    def _name_titles(self, titles: list[tuple[int, Grid]], numbers: dict[int, int]) -> None:
        """Rows to repeat on every printed page; names that belong to sheets follow their number."""
        p, book = self._book.prefix, self._book
        new = "".join(
            f'<{p}definedName name="_xlnm.Print_Titles" localSheetId="{number}">'
            f"'{_QUOTED.sub(chr(39) * 2, escape(grid.name))}'!${grid.header}:${grid.header}"
            f"</{p}definedName>"
            for number, grid in titles
        )
        names = book.first("definedNames", book.root)
        if names is None:
            after = next(e for n in _BEFORE_NAMES if (e := book.first(n, book.root)))
            book.insert(after.end, f"<{p}definedNames>{new}</{p}definedNames>")
            return
        kept = "".join(_renumbered(book, one, numbers) for one in book.named("definedName", names))
        book.replace(names, f"<{p}definedNames>{kept}{new}</{p}definedNames>")


def _renumbered(book: Part, name: Element, numbers: dict[int, int]) -> str:
    raw = book.raw(name).decode()
    local = name.attributes.get("localSheetId")
    if local is None:
        return raw
    if int(local) not in numbers:
        return ""
    tag = {**name.attributes, "localSheetId": str(numbers[int(local)])}
    body = book.data[name.inner : name.last].decode()
    return f"<{name.qualified}{attributes(tag)}>{body}</{name.qualified}>"


def _relation_id(sheet: Element) -> str:
    return next(value for key, value in sheet.attributes.items() if key.endswith(":id"))


__all__ = ["Note", "annotate", "column_letters"]
