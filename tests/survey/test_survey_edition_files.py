"""Editions written to files come back the same; rules carried over name only what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.survey import Edition, Survey, load_survey
from pipelines.survey.edition_changes import changes_between
from pipelines.survey.edition_files import carry_rules, write_edition


@pytest.mark.parametrize("year", [2014, 2023])
def test_an_edition_written_to_files_is_the_same_when_loaded(
    survey: Survey, tmp_path: Path, year: int
) -> None:
    edition = survey.edition_of(year)
    rules = carry_rules(edition, None, edition.items)
    assert rules.left_out == ()
    write_edition(edition, rules.data, tmp_path / "editions" / edition.edition_id)
    assert load_survey(tmp_path).edition_of(year) == edition


def without(edition: Edition, *gone: str) -> list[str]:
    """What is left out when items go, by the id of the rule."""
    left = [item for item in edition.items if item.item_id not in gone]
    carried = carry_rules(edition, None, left)
    kept = {rule["id"] for rule in carried.data["rules"]}
    out = sorted({text.split()[0] for text in carried.left_out} - kept)
    for rule in carried.data["rules"]:
        assert not any(item in str(rule.get("params", "")) for item in gone)
        assert not any(item in str(rule.get("expr", "")) for item in gone)
    return out


def test_a_rule_over_an_item_that_is_gone_is_left_out_and_named(survey: Survey) -> None:
    edition = survey.edition_of(2023)
    assert without(edition) == []
    assert without(edition, "large_events") == ["H40"]
    events = [item.item_id for item in edition.items if item.form_id == "activities"]
    out = without(edition, *events)
    assert "G21" in out, "none of the events it compares is left"


def test_what_is_moved_under_another_parent_is_a_difference(survey: Survey) -> None:
    edition = survey.edition_of(2023)
    moved = edition.model_copy(
        update={
            "items": tuple(
                item.model_copy(update={"parent_id": "staff_part_time"})
                if item.item_id == "staff_full_time_women"
                else item
                for item in edition.items
            )
        }
    )
    same = {item.item_id: item.item_id for item in edition.items}
    (change,) = changes_between(edition, moved, same)
    assert (change.kind, change.item_id) == ("moved", "staff_full_time_women")
    assert "科普专职人员" in change.before
    assert "科普兼职人员" in change.after
    assert changes_between(edition, edition, same) == []
