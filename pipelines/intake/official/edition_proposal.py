"""Make a proposed edition of the questionnaire from a blank form, and say why, item by item.

What the form asks in the words of the nearest known edition keeps its item id, so that years stay
comparable.  A renamed label keeps it too and is marked for review; an item asked in another unit
gets an id of its own, because its figures cannot be compared; everything else is new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipelines.intake.layouts.lexicon import Lexicon
from pipelines.intake.official.edition_items import REVIEW, ItemEvidence, ItemMaker
from pipelines.intake.official.official_form import OfficialForm, PrintedForm
from pipelines.survey import Edition, Item, Survey
from pipelines.survey.models import CrosswalkRow


@dataclass(frozen=True, slots=True)
class ProposedEdition:
    """An edition to be looked at, with the nearest known one and the evidence of every item."""

    edition: Edition
    base: Edition
    replaces: bool
    evidence: tuple[ItemEvidence, ...]

    @property
    def counterparts(self) -> dict[str, str]:
        """Items of the proposal and the items of the base that ask the same."""
        return {
            one.item.item_id: one.counterpart.item_id
            for one in self.evidence
            if one.counterpart is not None
        }

    @property
    def to_review(self) -> tuple[ItemEvidence, ...]:
        return tuple(one for one in self.evidence if one.reviews)


def nearest_edition(forms: Sequence[PrintedForm], survey: Survey) -> Edition:
    """The known edition with most labels in common with the form; the later of equals."""

    def known(edition: Edition) -> int:
        lexicon = Lexicon(edition, edition.years[1])
        rows = (row for form in forms for row in form.rows)
        return sum(bool(row.entry.texts and lexicon[row.entry.label].items) for row in rows)

    return max(survey.editions, key=lambda edition: (known(edition), edition.years))


def propose_edition(form: OfficialForm, survey: Survey, year: int) -> ProposedEdition:
    """The edition that the blank form would be, for the data years from ``year``."""
    base = nearest_edition(form.forms, survey)
    in_force = next((edition for edition in survey.editions if edition.covers(year)), None)
    maker = ItemMaker(form, base, survey, year)
    evidence = maker.items()
    edition_id = in_force.edition_id if in_force else f"{survey.head.survey_id}-{year}"
    reviews = sum(bool(one.reviews) for one in evidence)
    edition = Edition(
        edition_id=edition_id,
        title_zh=base.title_zh,
        years=in_force.years if in_force else (year, year),
        approval_zh=form.approval or (base.approval_zh if in_force is base else ""),
        organiser_zh=base.organiser_zh,
        listed_note_zh=f"由空白表“{form.name}”导入；{reviews} 项待核",
        official_count=len(evidence),
        guide=base.guide,
        values=base.values,
        cover=base.cover,
        forms=tuple(maker.forms),
        items=tuple(one.item for one in evidence),
        crosswalk=tuple(_crosswalk(evidence, _before(year, in_force, survey), base, year)),
    )
    return ProposedEdition(edition, base, in_force is not None, evidence)


def _before(year: int, in_force: Edition | None, survey: Survey) -> Edition | None:
    """The edition before the one that is proposed."""
    first = in_force.years[0] if in_force else year
    earlier = [edition for edition in survey.editions if edition.years[1] < first]
    return max(earlier, key=lambda edition: edition.years, default=None)


def _crosswalk(
    evidence: Sequence[ItemEvidence], before: Edition | None, base: Edition, year: int
) -> Iterator[CrosswalkRow]:
    """How the items relate to those of the edition before: by counterpart, else by id."""
    if before is None:
        return
    of_base = {row.item_id: row for row in base.crosswalk if row.item_id}
    kept: set[str] = set()
    for one in evidence:
        counterpart = one.counterpart
        same_unit = counterpart is not None and counterpart.item_id == one.item.item_id
        if before is base or counterpart is None:
            earlier_id = counterpart.item_id if counterpart else ""
        elif counterpart.item_id in of_base and same_unit:
            row = of_base[counterpart.item_id]
            kept.add(row.earlier_item_id)
            yield row
            continue
        else:
            earlier_id = counterpart.item_id if counterpart.item_id in before.item else ""
        earlier = before.item.get(earlier_id)
        kept.add(earlier_id)
        yield _crosswalk_row(one, earlier, year)
    gone = {row.earlier_item_id: row for row in base.crosswalk if row.relation == "gone"}
    for item in before.items:
        if item.item_id in kept:
            continue
        if item.item_id in gone and before is not base:
            yield gone[item.item_id]
        else:
            yield CrosswalkRow(
                item_id="", earlier_item_id=item.item_id, relation="gone", comparable=False,
                note_zh=f"{REVIEW}空白表上没有此项",
            )  # fmt: skip


def _crosswalk_row(one: ItemEvidence, earlier: Item | None, year: int) -> CrosswalkRow:
    item_id, note = one.item.item_id, f"{REVIEW}{'；'.join(one.reviews)}" if one.reviews else ""
    if earlier is None:
        return CrosswalkRow(
            item_id=item_id, earlier_item_id="", relation="new", comparable=False, note_zh=note
        )
    if earlier.unit != one.item.unit:
        return CrosswalkRow(
            item_id=item_id, earlier_item_id=earlier.item_id, relation="changed",
            comparable=False, break_year=year, note_zh=note,
        )  # fmt: skip
    if not note and earlier.label_zh != one.item.label_zh:
        note = f"名称由“{earlier.label_zh}”改为“{one.item.label_zh}”"
    return CrosswalkRow(
        item_id=item_id, earlier_item_id=earlier.item_id, relation="same", note_zh=note
    )
