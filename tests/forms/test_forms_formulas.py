"""Live checks: the rules as formulas, computed by LibreOffice and compared with DuckDB."""

from __future__ import annotations

import random
from collections import Counter

import duckdb
import pytest

from pipelines.errors import SurveyDefinitionError
from pipelines.forms import FormTemplate
from pipelines.forms.checking import is_relation
from pipelines.forms.formulas import items_of, translate
from pipelines.forms.layout import Cell, FormLayout
from pipelines.survey import Edition, Rule

from .conftest import Reader, reader
from .office import recalculated

Answers = dict[str, object]
#: Enough for every rule to be seen holding and failing; the assertion below says so.
_RANDOM_FORMS = 20


@pytest.mark.parametrize(
    ("sql", "formula"),
    [
        ("a <= b", "(A<=B)"),
        ("abs(a - (b + 1)) <= 2", "(ABS((A-(B+1)))<=2)"),
        ("a = floor(a)", "(A=INT(A))"),
        ("a BETWEEN 0.5 * b AND 2", "AND((A>=(0.5*B)),(A<=2))"),
        ("level = '区县级'", '(LEVEL="区县级")'),
        ("a IN (1, 2)", "OR((A=1),(A=2))"),
        ("coalesce(a, 0) <> -b", "(IFERROR(A,0)<>(-B))"),
        ("NOT is_venue", "NOT(VENUE)"),
        ("ceil(a) >= round(b, 1)", "((-INT(-A))>=ROUND(B,1))"),
        ("greatest(a, b) > least(a, 3)", "(MAX(A,B)>MIN(A,3))"),
        ("a IS NULL", "ISERROR(A)"),
    ],
)
def test_sql_as_formula(sql: str, formula: str) -> None:
    names = {"a": "A", "b": "B", "level": "LEVEL", "is_venue": "VENUE"}
    assert translate(sql, names) == formula


@pytest.mark.parametrize("sql", ["a LIKE 'x'", "a + unknown > 1", "a <="])
def test_what_a_form_cannot_compute_is_refused_with_the_rule(sql: str) -> None:
    with pytest.raises(SurveyDefinitionError, match="规则 R99"):
        translate(sql, {"a": "A"}, "R99")


def test_a_rule_is_about_the_items_of_its_expression(template: FormTemplate) -> None:
    at = template.layout
    assert items_of(at.edition.rule["J02"], at) == (
        "fund_raised_government_special",
        "fund_raised_government",
    )


def test_no_formula_is_longer_than_a_spreadsheet_takes(template: FormTemplate) -> None:
    from pipelines.forms.checking import ItemHints

    hints = ItemHints(template.layout)
    assert max(len(hints.formula(item)) for item in template.layout.edition.items) < 8192


# -- computed by LibreOffice ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def forms(template: FormTemplate) -> dict[str, tuple[dict[str, object], Answers]]:
    """Named forms: cover and answers."""
    chance = random.Random(7)
    edition = template.layout.edition
    made: dict[str, tuple[dict[str, object], Answers]] = {
        "clean": ({**_COVER, "is_venue": "否"}, dict.fromkeys(edition.item, 0)),
        "empty": ({}, {}),
        "wrong": (
            {**_COVER, "uscc": "91350100M000100Y44", "venue_name": None},
            {**dict.fromkeys(edition.item, 0), **_WRONG},
        ),
    }
    for number in range(_RANDOM_FORMS):
        cover = {"is_venue": chance.choice(["是", "否", None]), "level": chance.choice(_LEVELS)}
        made[f"random{number}"] = (cover, _random_answers(chance, edition, number))
    return made


_LEVELS = ["区县级", "省级", None]
_COVER: dict[str, object] = {
    "unit_name": "甲",
    "uscc": "91350100M000100Y43",
    "region": "吉林省长春市南关区",
    "department": "科协组织",
    "level": "省级",
    "is_venue": "是",
}
_WRONG: Answers = {
    "staff_full_time": 2.5,
    "volunteers": -1,
    "fund_raised": 100,
    "fund_raised_government": 50,
    "lectures_attendance": "约500",
    "tv_hours": "-",
    "radio_hours": None,
}


@pytest.fixture(scope="module")
def computed(
    template: FormTemplate,
    forms: dict[str, tuple[dict[str, object], Answers]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Reader]:
    data = {
        name: template.fill(cover, given, {"camps": 100} if name == "wrong" else None)
        for name, (cover, given) in forms.items()
    }
    computed = recalculated(data, tmp_path_factory.mktemp("office"))
    return {name: reader(content) for name, content in computed.items()}


@pytest.mark.office
def test_every_rule_means_in_the_form_what_it_means_in_sql(
    template: FormTemplate,
    forms: dict[str, tuple[dict[str, object], Answers]],
    computed: dict[str, Reader],
) -> None:
    at = template.layout
    rules = [rule for rule in at.rules if is_relation(rule)]
    seen: Counter[tuple[str, object]] = Counter()
    for name, wanted in _by_duckdb(at.edition, rules, forms).items():
        for rule in rules:
            found = _shown(computed[name], at.result(rule))
            assert found == wanted[rule.id], f"{rule.id} in {name}"
            seen[rule.id, found] += 1
    never = {(r.id, v) for r in rules for v in (True, False, None) if not seen[r.id, v]}
    assert len(never) <= len(rules) * 3 // 20, sorted(never)


@pytest.mark.office
def test_a_clean_form_has_no_hint_and_says_so(
    template: FormTemplate, computed: dict[str, Reader]
) -> None:
    at, book = template.layout, computed["clean"]
    assert [_shown(book, at.hint(item)) for item in at.edition.item] == [None] * 106
    state = "审核情况：尚有0格空白，0格与审核关系不符，0格提示核实。"
    assert _shown(book, at.cover_state) == state
    assert _shown(book, at.cover_hint("uscc")) is None


@pytest.mark.office
def test_an_empty_form_only_says_what_is_missing(
    template: FormTemplate, computed: dict[str, Reader]
) -> None:
    at, book = template.layout, computed["empty"]
    assert [_shown(book, at.hint(item)) for item in at.edition.item] == [None] * 106
    state = "审核情况：尚有106格空白，0格与审核关系不符，0格提示核实。"
    assert _shown(book, at.cover_state) == state
    assert _shown(book, at.cover_hint("phone")) == "提示：必填，尚未填写。"
    assert _shown(book, at.cover_hint("fax")) is None


@pytest.mark.office
def test_wrong_cells_say_why_in_the_words_of_the_rule(
    template: FormTemplate, computed: dict[str, Reader]
) -> None:
    at, book = template.layout, computed["wrong"]

    def says(item_id: str, rule_id: str) -> bool:
        return at.edition.rule[rule_id].message_zh.rstrip("。") in str(
            _shown(book, at.hint(item_id))
        )

    assert says("staff_full_time", "G01")
    assert says("volunteers", "G02")
    assert says("lectures_attendance", "G03")
    for item_id in ("fund_raised", "fund_raised_government", "fund_raised_own"):
        assert says(item_id, "J01")
    assert not says("fund_raised_government_special", "J01")
    assert says("camps", "G12")
    assert str(_shown(book, at.hint("camps"))).startswith("提示：")
    assert _shown(book, at.hint("tv_hours")) is None
    assert "统一社会信用代码有误" in str(_shown(book, at.cover_hint("uscc")))
    assert "场馆名称" in str(_shown(book, at.cover_hint("venue_name")))
    assert "尚有1格空白" in str(_shown(book, at.cover_state))


def _shown(book: Reader, cell: Cell) -> object:
    return None if (found := book(cell)) == "" else found


def _random_answers(chance: random.Random, edition: Edition, number: int) -> Answers:
    """Small numbers, so that relations hold about as often as not; some large, blank or "-"."""
    given: Answers = {}
    for item_id in edition.item:
        draw = chance.random()
        if draw < 0.06:
            given[item_id] = None
        elif draw < 0.18:
            given[item_id] = "-"
        elif draw < 0.24 or (number % 4 == 0 and draw < 0.5):
            given[item_id] = chance.choice([1_000, 50_000, 9_000_000, 10**10])
        else:
            given[item_id] = chance.choice([0, 0, 1, 2, 3, 60])
    return given


def _by_duckdb(
    edition: Edition, rules: list[Rule], forms: dict[str, tuple[dict[str, object], Answers]]
) -> dict[str, dict[str, bool | None]]:
    """The rules over every form: "-" is 0, blank and unreadable are NULL."""

    def figure(value: object) -> object:
        return 0 if value == "-" else None if isinstance(value, str) else value

    figures = ", ".join(f"{item_id} DOUBLE" for item_id in edition.item)
    tests = ", ".join(f"CASE WHEN {r.when or 'TRUE'} THEN {r.expr} END" for r in rules)
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE forms (name TEXT, is_venue BOOLEAN, level TEXT, {figures})")
        for name, (cover, given) in forms.items():
            venue = {"是": True, "否": False}.get(str(cover.get("is_venue")))
            row = [name, venue, cover.get("level"), *(figure(given.get(i)) for i in edition.item)]
            con.execute(f"INSERT INTO forms VALUES ({', '.join('?' * len(row))})", row)
        rows = con.execute(f"SELECT name, {tests} FROM forms").fetchall()
    ids = [rule.id for rule in rules]
    return {row[0]: dict(zip(ids, row[1:], strict=True)) for row in rows}


def test_columns_beyond_z_are_named_as_spreadsheets_name_them() -> None:
    names = [Cell("表", 8, column).a1 for column in (0, 25, 26, 51, 52, 701, 702)]
    assert names == ["A9", "Z9", "AA9", "AZ9", "BA9", "ZZ9", "AAA9"]


def test_the_layout_knows_every_year_of_an_edition(template: FormTemplate) -> None:
    edition = template.layout.edition
    for year in range(edition.years[0], edition.years[1] + 1):
        assert FormLayout(edition, year).figure("fund_raised").address == "KP-003 科普经费!D7"
