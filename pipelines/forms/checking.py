"""The live checks of the blank form: the hidden sheet that computes them, and what cells say.

The hidden sheet holds every figure as a plain value, then every rule with its sentence and its
result; the 审核提示 column beside each item joins the sentences of the rules that do not hold.
"""

from __future__ import annotations

from typing import Any

from pipelines.forms import formulas, layout
from pipelines.forms.layout import FormLayout
from pipelines.forms.wording import wording
from pipelines.survey import Item, Rule
from pipelines.survey.identity import ALPHABET, WEIGHTS
from pipelines.survey.models import CoverField

#: How a hint begins that only asks to look again.
NOTE = "提示："
#: Method rules that a form can check, by id.
_NOT_A_FIGURE = "G03"


def write_checks(sheet: Any, at: FormLayout) -> None:
    """Fill the hidden sheet."""
    _write_value(sheet, at, "is_venue", formulas.yes_no_value(at.cover("is_venue")))
    _write_value(sheet, at, "level", formulas.text_value(at.cover("level")))
    for item_id in at.edition.item:
        _write_value(sheet, at, item_id, formulas.figure_value(at.figure(item_id)))
    for rule in at.rules:
        sentence = at.sentence(rule)
        sheet.write_string(sentence.row, layout.CHECK_KEY, rule.id)
        sheet.write_string(sentence.row, sentence.column, _sentence(rule))
        if is_relation(rule):
            result = at.result(rule)
            sheet.write_formula(result.row, result.column, formulas.rule_result(rule, at), None, "")


def is_relation(rule: Rule) -> bool:
    """Whether the rule compares items of one return."""
    return rule.kind == "expression" and rule.scope == "return"


class ItemHints:
    """What the 审核提示 column says beside each item."""

    def __init__(self, at: FormLayout) -> None:
        self._at = at
        self._selected = {
            rule.id: {item.item_id for item in at.edition.selected_by(rule.each)}
            for rule in at.rules
            if rule.each and rule.kind == "expression"
        }
        self._relations: dict[str, list[Rule]] = {item_id: [] for item_id in at.edition.item}
        for rule in filter(is_relation, at.rules):
            for item_id in formulas.items_of(rule, at):
                self._relations[item_id].append(rule)

    def formula(self, item: Item) -> str:
        """Faults first, then what only asks to look again."""
        parts = _unreadable(item, self._at)
        for grave in (True, False):
            parts += [
                f"IF({formulas.each_fails(rule, item, self._at)},"
                f'{self._at.sentence(rule).reference},"")'
                for rule in self._at.rules
                if item.item_id in self._selected.get(rule.id, ()) and _is_grave(rule) == grave
            ]
            parts += [
                f"IF({self._at.result(rule).reference}=FALSE,"
                f'{self._at.sentence(rule).reference},"")'
                for rule in self._relations[item.item_id]
                if _is_grave(rule) == grave
            ]
        return "=" + ("&".join(parts) if parts else '""')


def cover_hint(field: CoverField, at: FormLayout) -> str:
    cell = at.cover(field.field_id).a1
    hints = wording().hints
    blank = f'"{hints.required}"' if field.required else '""'
    if field.field_id == "venue_name":
        venue = at.cover("is_venue").a1
        blank = f'IF({venue}="是","{hints.venue_name}","")'
    wrong = f'IF({_uscc_holds(cell)},"","{hints.uscc}")' if field.kind == "uscc" else '""'
    return f'=IF({cell}="",{blank},{wrong})'


def filler_formula(at: FormLayout) -> str:
    """填报单位 at the head of a form, from the cover."""
    name, venue = at.cover("unit_name").reference, at.cover("venue_name").reference
    return f'="填报单位："&{name}&IF({venue}="","","（"&{venue}&"）")'


def state_formula(at: FormLayout) -> str:
    """One line on the cover: what is still open in the whole workbook."""
    blanks, wrong, notes = [], [], []
    for form, sheet in at.sheets():
        items = at.edition.items_of(form.form_id)
        first, last = at.figure(items[0].item_id), at.figure(items[-1].item_id)
        hints = _range(sheet, at.hint(items[0].item_id).a1, at.hint(items[-1].item_id).a1)
        blanks.append(f"COUNTBLANK({_range(sheet, first.a1, last.a1)})")
        wrong.append(f"SUMPRODUCT(--(LEN({hints})>0))")
        notes.append(f'COUNTIF({hints},"{NOTE}*")')
    return (
        f'="审核情况：尚有"&({"+".join(blanks)})&"格空白，"'
        f'&({"+".join(wrong)}-{"-".join(notes)})&"格与审核关系不符，"'
        f'&({"+".join(notes)})&"格提示核实。"'
    )


def _write_value(sheet: Any, at: FormLayout, name: str, formula: str) -> None:
    cell = at.value(name)
    sheet.write_string(cell.row, layout.CHECK_KEY, name)
    sheet.write_formula(cell.row, cell.column, formula, None, "")


def _range(sheet: str, first: str, last: str) -> str:
    return f"'{sheet}'!{first}:{last}"


def _sentence(rule: Rule) -> str:
    text = rule.message_zh.rstrip("。；")
    return f"{'' if _is_grave(rule) else NOTE}{text}。"


def _is_grave(rule: Rule) -> bool:
    return rule.severity != "note"


def _unreadable(item: Item, at: FormLayout) -> list[str]:
    """Something stands in the cell, but no figure."""
    rule = next((rule for rule in at.rules if rule.id == _NOT_A_FIGURE), None)
    if rule is None:
        return []
    cell, value = at.figure(item.item_id).a1, at.value(item.item_id).reference
    return [f'IF(AND(LEN({cell})>0,{value}=""),{at.sentence(rule).reference},"")']


def _uscc_holds(cell: str) -> str:
    """A condition: 18 characters and the check digit of GB 32100."""
    places = "{" + ";".join(str(n) for n in range(1, len(WEIGHTS) + 1)) + "}"
    weights = "{" + ";".join(str(weight) for weight in WEIGHTS) + "}"
    values = f'(FIND(MID({cell},{places},1),"{ALPHABET}")-1)'
    digit = f'MID("{ALPHABET}",MOD(31-MOD(SUMPRODUCT({values}*{weights}),31),31)+1,1)'
    return f"IFERROR(AND(LEN({cell})=18,EXACT(RIGHT({cell},1),{digit})),FALSE)"
