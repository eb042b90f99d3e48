"""Turn the rows of a blank form into items: what each is taken for, why, and what to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.layouts.items import ItemFinder
from pipelines.intake.layouts.labels import plain_code, plain_label
from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.layouts.measures import same
from pipelines.intake.mappings.likeness import Guess, Likeness, Printed
from pipelines.intake.mappings.mapping_words import mapping_words
from pipelines.intake.official.official_form import OfficialForm, PrintedForm, PrintedRow
from pipelines.survey import Edition, Form, Item, Survey

#: Stands before whatever a person must look at.
REVIEW = "待核："
_NO_UNIT = "待定"
_RELATIONS = {"of_which": "其中项", "attribute": "附属项"}


@dataclass(frozen=True, slots=True)
class ItemEvidence:
    """Where a proposed item stands on the form, what it is taken for, and why."""

    item: Item
    sheet: str
    cell: str
    printed: str
    counterpart: Item | None
    why: str
    reviews: tuple[str, ...]


class ItemMaker:
    """Turns the rows of a blank form into items."""

    def __init__(self, form: OfficialForm, base: Edition, survey: Survey, year: int) -> None:
        self._printed = form
        self._base = base
        self._year = year
        self._lexicon = Lexicon(base, year)
        self._likeness = Likeness(base)
        self._taken = {item.item_id for edition in survey.editions for item in edition.items}
        self._names: set[str] = set()
        self._new_ids: dict[str, str] = {}
        self.forms: list[Form] = []

    def items(self) -> tuple[ItemEvidence, ...]:
        rows = [row for form in self._printed.forms for row in form.rows]
        found = self._counterparts(rows)
        made: list[ItemEvidence] = []
        n = 0
        for printed in self._printed.forms:
            form = self._form(printed, found[n : n + len(printed.rows)])
            self.forms.append(form)
            stack: list[tuple[PrintedRow, Item]] = []
            for order, row in enumerate(printed.rows, 1):
                one = self._item(row, found[n], form, order, stack, made)
                made.append(one)
                stack.append((row, one.item))
                n += 1
        return tuple(made)

    def _counterparts(
        self, rows: Sequence[PrintedRow]
    ) -> list[tuple[Item | None, Guess | None, str]]:
        """For every row the item of the base it is: exact, or a guess, or none with the reason."""
        exact = self._exact(rows)
        used = {item.item_id for item, _ in exact if item is not None}
        free = [item for item in self._base.items if item.item_id not in used]
        offers = []
        for n, (item, _) in enumerate(exact):
            if item is None:
                offers += [(-g.score, n, m, g) for m, g in enumerate(self._guesses(rows[n], free))]
        given: dict[int, Guess] = {}
        taken: set[str] = set()
        for _, n, _, guess in sorted(offers, key=lambda offer: offer[:3]):
            if n not in given and guess.item.item_id not in taken:
                given[n] = guess
                taken.add(guess.item.item_id)
        return [(item, given.get(n), clash) for n, (item, clash) in enumerate(exact)]

    def _guesses(self, row: PrintedRow, free: Sequence[Item]) -> list[Guess]:
        entry = row.entry
        printed = Printed(entry.label, entry.heading, entry.code, entry.unit)
        least = mapping_words().rename_at_least
        return [g for g in self._likeness.guesses(printed, free) if g.score >= least]

    def _exact(self, rows: Sequence[PrintedRow]) -> list[tuple[Item | None, str]]:
        """The item that each row names exactly, and what speaks against it."""
        finder = ItemFinder(self._lexicon)
        found: list[tuple[Item | None, str]] = []
        seen: set[str] = set()
        for row in rows:
            item: Item | None = None
            clash = ""
            try:
                place = Place(row.sheet, row.entry.cell)
                item = finder.find(row.entry.texts, row.entry.code, place)[0]
            except UnclearLayoutError as error:
                clash = error.problem
            if item is not None and item.item_id in seen:
                clash = f"“{item.name_zh}”前面已有一处"
                item = None
            if item is not None:
                seen.add(item.item_id)
            found.append((item, clash))
        return found

    def _form(
        self, printed: PrintedForm, found: Sequence[tuple[Item | None, Guess | None, str]]
    ) -> Form:
        """The form of the base from which most of the rows come, else a new one."""
        used = {form.form_id for form in self.forms}
        votes: dict[str, int] = {}
        for item, _, _ in found:
            if item is not None and item.form_id not in used:
                votes[item.form_id] = votes.get(item.form_id, 0) + 1
        same_code = [
            f for f in self._base.forms if f.code == printed.code and f.form_id not in used
        ]
        likely = max(votes, key=lambda form_id: votes[form_id], default="")
        known = self._base.form.get(likely) or (same_code[0] if same_code else None)
        count = len(printed.rows)
        if known is not None:
            return known.model_copy(
                update={
                    "code": printed.code or known.code,
                    "name_zh": printed.name or known.name_zh,
                    "official_count": count,
                }
            )
        number = len(self.forms) + 1
        stem = "form_" + (printed.code.lower().replace("-", "_") or str(number))
        form_id = stem if stem not in used else f"{stem}_{number}"
        name = printed.name or f"表{number}"
        like = max(self._base.forms, key=lambda form: fuzz.ratio(form.name_zh, name))
        return Form(
            form_id=form_id,
            code=printed.code or f"表{number}",
            name_zh=name,
            theme=like.theme,
            official_count=count,
            note_zh=f"{REVIEW}新表，主题暂同“{like.name_zh}”"
            + ("" if printed.name else "；表上没有表名"),
        )

    def _item(
        self,
        row: PrintedRow,
        found: tuple[Item | None, Guess | None, str],
        form: Form,
        order: int,
        stack: Sequence[tuple[PrintedRow, Item]],
        made: Sequence[ItemEvidence],
    ) -> ItemEvidence:
        exact, guess, clash = found
        known = exact or (guess.item if guess else None)
        reviews = [clash] if clash else []
        unit = plain_label(row.entry.unit) or (known.unit if known else _NO_UNIT)
        if not row.entry.unit:
            reviews.append("表上没有计量单位" + ("，沿用上一版的" if known else ""))
        if known is not None and same(unit, known.unit):
            unit = known.unit
        label = _label_of(row) or (known.label_zh if known else row.entry.code)
        if known is not None and plain_label(known.label_zh) == plain_label(label):
            label = known.label_zh
        item_id = self._id(row, known, unit, form, order)
        by_id = {one.item.item_id: one.item for one in made}
        parent, relation, doubt = self._parent(row, known, unit, stack, by_id)
        reviews += [doubt] if doubt else []
        why, more = self._why(row, exact, guess, unit, known)
        reviews += more
        note = known.note_zh if known else ""
        note = f"{REVIEW}{'；'.join(reviews)}" if reviews else note
        item = Item(
            item_id=item_id,
            form_id=form.form_id,
            order=order,
            parent_id=parent.item_id if parent else "",
            relation=relation,
            label_zh=label,
            name_zh=self._name(label, known, parent, relation, row),
            unit=unit,
            decimals=known.decimals if known else (2 if unit.endswith("元") else 0),
            kind=known.kind if known else _kind(unit),
            additive=known.additive if known else "%" not in unit,
            code=plain_code(row.entry.code) or row.entry.code,
            code_evidence="sourced" if row.entry.code else "missing",
            evidence="sourced",
            confidence="medium" if reviews else "high",
            scope_zh=known.scope_zh if known else "",
            note_zh=note,
        )
        cell = row.entry.cell
        return ItemEvidence(item, row.sheet, cell, row.entry.label, known, why, tuple(reviews))

    def _id(self, row: PrintedRow, known: Item | None, unit: str, form: Form, order: int) -> str:
        if known is not None:
            if unit == known.unit:
                self._new_ids[known.item_id] = known.item_id
                return known.item_id
            self._new_ids[known.item_id] = self._free(f"{known.item_id}_{self._year}")
            return self._new_ids[known.item_id]
        code = plain_code(row.entry.code).lower()
        return self._free(code or f"{form.form_id}_{order}")

    def _free(self, wanted: str) -> str:
        """``wanted``, or with a number where an item of any edition is called so already."""
        item_id, n = wanted, 2
        while item_id in self._taken:
            item_id, n = f"{wanted}_{n}", n + 1
        self._taken.add(item_id)
        return item_id

    def _parent(
        self,
        row: PrintedRow,
        known: Item | None,
        unit: str,
        stack: Sequence[tuple[PrintedRow, Item]],
        made: Mapping[str, Item],
    ) -> tuple[Item | None, Any, str]:
        """Parent, relation, and what is doubtful about them."""
        if known is not None:
            inherited = made.get(self._new_ids.get(known.parent_id, ""))
            if not known.parent_id:
                return None, "total", ""
            if inherited is not None:
                adds = known.relation in ("part", "of_which")
                if adds and inherited.unit != unit:
                    return inherited, "attribute", "计量单位与上级不同，与上级的关系改为附属"
                return inherited, known.relation, ""
        above = _above(row, unit, stack)
        if above is None:
            doubt = "上一版的上级在表上没有" if known is not None else "按没有上级处理"
            return None, "total", doubt
        relation = "of_which" if above.unit == unit else "attribute"
        ground = "有“其中”字样" if row.of_which else "按缩进"
        return above, relation, f"{ground}推断上级是“{above.name_zh}”、关系是{_RELATIONS[relation]}"

    def _name(
        self, label: str, known: Item | None, parent: Item | None, relation: str, row: PrintedRow
    ) -> str:
        """A full name that no other item has."""
        if known is not None and known.label_zh == label:
            name = known.name_zh
        elif parent is None:
            name = label
        else:
            name = f"{parent.name_zh}{'中的' if relation == 'of_which' else ''}{label}"
        if name in self._names:
            name = f"{name}（{row.entry.code or row.entry.cell}）"
        self._names.add(name)
        return name

    def _why(
        self,
        row: PrintedRow,
        exact: Item | None,
        guess: Guess | None,
        unit: str,
        known: Item | None,
    ) -> tuple[str, list[str]]:
        """What the item is taken for, and what a person must look at."""
        base = self._base.edition_id
        entry = row.entry
        reviews = []
        if known is not None and unit != known.unit:
            reviews.append(f"计量单位由“{known.unit}”改为“{unit}”，数值不可比，另立编号")
        if exact is not None:
            printed = Printed(
                entry.label, "", entry.code, entry.unit, self._base.item.get(exact.parent_id)
            )
            why = self._likeness.exact(printed, exact).why
            return f"{base} 的“{exact.name_zh}”：{why}", reviews
        if guess is not None:
            reviews.append(f"当作“{guess.item.name_zh}”改名，请确认是同一项")
            why = f"{base} 的“{guess.item.name_zh}”：{guess.why}，相似度 {guess.score}"
            return why, reviews
        kind = "时期" if _kind(unit) == "flow" else "时点"
        reviews.append(f"新增：请核对编号、时点或时期（暂作{kind}数）、可否加总")
        return f"{base} 里没有名称相近的指标", reviews


def _above(row: PrintedRow, unit: str, stack: Sequence[tuple[PrintedRow, Item]]) -> Item | None:
    """What a row belongs to: the last row that is indented less; for 其中, which says that it is
    part of something in the same unit, else the last whole in that unit."""
    less = next((item for other, item in reversed(stack) if other.depth < row.depth), None)
    if row.of_which and (less is None or less.unit != unit):
        wholes = [item for other, item in stack if not other.of_which and item.unit == unit]
        return wholes[-1] if wholes else less
    return less


def _label_of(row: PrintedRow) -> str:
    """The label as printed, without 其中：, numbering and spacing."""
    return plain_label(row.entry.label)


def _kind(unit: str) -> Any:
    return "flow" if unit in mapping_words().flow_units else "stock"
