"""Rules made from the tree of the questionnaire, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.errors import SurveyDefinitionError
from pipelines.survey import load_survey
from pipelines.survey.definition import BUILT_IN
from pipelines.survey.models import Item
from pipelines.survey.tree_rules import FamilyError, RuleFamily, rules_of

SURVEY = load_survey()


def item(name: str, relation: str, parent: str = "") -> Item:
    return Item(
        item_id=name, form_id="f", order=1, parent_id=parent, relation=relation, label_zh=name,
        name_zh=f"名{name}", unit="个", decimals=0, kind="stock", code_evidence="missing",
        evidence="obvious",
    )  # fmt: skip


ITEMS = [
    item("total", "total"),
    item("one", "part", "total"),
    item("two", "part", "total"),
    item("among", "of_which", "one"),
    item("size", "attribute", "total"),
]


def family(follows: str, **changes: object) -> RuleFamily:
    said = {"family": "族", "follows": follows, "id": "X_{item}", "message_zh": "{item}/{parent}"}
    return RuleFamily.model_validate({**said, **changes})


@pytest.mark.parametrize(
    ("follows", "rule_id", "when", "expr", "message"),
    [
        ("sum", "X_total", "", "abs(total - (one + two)) <= 2", "名total/名total"),
        ("within", "X_among", "", "among <= one", "名among/名one"),
        ("none_means_none", "X_size", "total = 0", "size = 0", "名size/名total"),
        ("some_means_some", "X_size", "total > 0", "size > 0", "名size/名total"),
    ],
)
def test_each_relation_makes_its_rule(
    follows: str, rule_id: str, when: str, expr: str, message: str
) -> None:
    (rule,) = rules_of(family(follows, tolerance=2), ITEMS)
    assert (rule.id, rule.when, rule.expr, rule.message_zh) == (rule_id, when, expr, message)


def test_own_words_and_left_out_items() -> None:
    own = {"total": {"id": "J9", "tolerance": 5, "must_correct": True}}
    (rule,) = rules_of(family("sum", own=own), ITEMS)
    assert (rule.id, rule.expr, rule.must_correct) == (
        "J9", "abs(total - (one + two)) <= 5", True,
    )  # fmt: skip
    assert rules_of(family("within", leave_out=["among"]), ITEMS) == ()


@pytest.mark.parametrize(
    "changes",
    [{"leave_out": ["one"]}, {"own": {"size": {}}}, {"own": {"among": {"severity": "loud"}}}],
)
def test_a_family_that_fits_no_item_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(FamilyError, match="族"):
        rules_of(family("within", **changes), ITEMS)


@pytest.mark.parametrize("edition", SURVEY.editions, ids=lambda edition: edition.edition_id)
def test_the_whole_tree_is_covered(edition: object) -> None:
    """Counted from the items themselves: parents with parts, contained items, attributes."""
    items = edition.items  # type: ignore[attr-defined]
    rules = {(rule.when, rule.expr) for rule in edition.rules}  # type: ignore[attr-defined]
    for one in items:
        if one.relation == "of_which":
            assert ("", f"{one.item_id} <= {one.parent_id}") in rules
        days = one.unit in {"人天", "人月"}
        if one.relation == "attribute" and not days:
            assert (f"{one.parent_id} = 0", f"{one.item_id} = 0") in rules
        parts = [x.item_id for x in items if x.parent_id == one.item_id and x.relation == "part"]
        if parts:
            assert any(
                expr.startswith(f"abs({one.item_id} - ({' + '.join(parts)}))") for _, expr in rules
            )


def test_a_wrong_family_is_named_with_file_and_line(tmp_path: Path) -> None:
    source = BUILT_IN / "editions" / "kp-2021" / "rules.yaml"
    target = tmp_path / "editions" / "kp-2021" / "rules.yaml"
    target.parent.mkdir(parents=True)
    shutil.copy(source, target)
    text = target.read_text("utf-8").replace("    fund_raised:\n", "    no_such_total:\n", 1)
    target.write_text(text, encoding="utf-8")
    with pytest.raises(SurveyDefinitionError, match="no_such_total") as caught:
        load_survey(tmp_path)
    line = text.splitlines().index("- family: 合计等于各项之和") + 1
    assert (caught.value.place.file, caught.value.place.line) == ("rules.yaml", line)
