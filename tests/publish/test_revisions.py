"""修订说明: what an earlier release of the year published otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import SnapshotError
from pipelines.indicators import Definitions
from pipelines.publish import bulletin
from pipelines.publish.figures import Figures
from pipelines.publish.printed import cell_text
from pipelines.publish.revisions import Earlier, Revisions, revisions
from pipelines.publish.table_book import load_tables
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot, Workshop
from pipelines.warehouse.release import Release, compared_with
from tests.publish.conftest import YEAR

INDICATORS = ("fund_raised", "staff_total", "lectures", "science_centers", "websites", "tv_hours")

#: Published before and now; None: no value, "": no row, "x": suppressed.
THEN_AND_NOW = {
    "fund_raised": ("29512.50", "29700.00"),
    "staff_total": ("41286", "41286"),
    # 12.004 and 12.001 both print 12.00: nothing to revise.
    "lectures": ("900", "850"),
    "science_centers": ("x", "17"),
    "websites": (None, "62"),
    # Not computed then: no revision.
    "tv_hours": ("", "3120"),
}


def _store(stack: ExitStack, which: int, definitions: Definitions) -> Workshop:
    workshop = stack.enter_context(Workshop())
    values = {name: pair[which] for name, pair in THEN_AND_NOW.items() if pair[which] != ""}
    workshop.load(
        "indicator_values",
        [
            _row(definitions, name, Decimal(v if v != "x" else 3) if v else None)
            for name, v in values.items()
        ],
    )
    workshop.load(
        "suppressions",
        [
            {"year": YEAR, "indicator_id": name, "breakdown": "province", "member_id": "220000",
             "member2_id": "", "reason": "primary", "rule": "fewest"}
            for name, value in values.items() if value == "x"
        ],
    )  # fmt: skip
    return workshop


def _row(definitions: Definitions, name: str, value: Decimal | None) -> dict[str, Any]:
    return {
        "indicator_id": name, "year": YEAR, "breakdown": "province", "member_id": "220000",
        "member2_id": "", "member_zh": "吉林省", "value": value, "unit": definitions[name].unit,
        "numerator": None, "denominator": None, "units_covered": 1, "units_expected": None,
        "response_rate": None, "flags": [],
    }  # fmt: skip


@pytest.fixture(scope="module")
def found(survey: Survey, definitions: Definitions) -> Iterator[Revisions]:
    with ExitStack() as stack:
        then, now = (_store(stack, which, definitions) for which in (0, 1))
        figures = Figures(now, survey, definitions, YEAR)  # type: ignore[arg-type]
        made = revisions(
            figures, Earlier("2023-r1", then), load_tables(), INDICATORS, "资料来源：调查。"
        )  # type: ignore[arg-type]
        assert made is not None
        yield made


def test_only_what_is_printed_otherwise_is_listed(found: Revisions) -> None:
    assert [row.key for row in found.table.rows] == [
        "fund_raised", "lectures", "science_centers", "websites",
    ]  # fmt: skip
    # Five of the six were published then, four moved.
    assert "2023-r1相比，4项主要指标有修订，其余1项没有变化。" in found.paragraphs[0]


def test_by_how_much(found: Revisions) -> None:
    rows = {row.key: [cell_text(cell) for cell in row.cells] for row in found.table.rows}
    assert rows["fund_raised"] == ["万元", "29,512.50", "29,700.00", "+187.50"]
    assert rows["lectures"] == ["次", "900", "850", "−50"]


def test_what_was_not_public_then_stays_so(found: Revisions) -> None:
    rows = {row.key: [cell_text(cell) for cell in row.cells] for row in found.table.rows}
    assert rows["science_centers"] == ["个", "x", "17", "-"]
    assert rows["websites"] == ["个", "…", "62", "-"]
    assert "“x”表示" in "".join(found.table.notes)


@pytest.mark.parametrize(
    ("then", "now", "moved"),
    [
        ("12.004", "12.001", None),
        # Printed 1.00 and 1.01: a reader who subtracts finds 0.01, not the 0.002 behind it.
        ("1.004", "1.006", "+0.01"),
        ("1.006", "-1.006", "−2.02"),
    ],
)
def test_the_difference_is_that_of_the_printed_figures(
    survey: Survey, definitions: Definitions, then: str, now: str, moved: str | None
) -> None:
    with Workshop() as before, Workshop() as after:
        before.load("indicator_values", [_row(definitions, "fund_raised", Decimal(then))])
        after.load("indicator_values", [_row(definitions, "fund_raised", Decimal(now))])
        figures = Figures(after, survey, definitions, YEAR)  # type: ignore[arg-type]
        earlier = Earlier("2023-r1", before)  # type: ignore[arg-type]
        made = revisions(figures, earlier, load_tables(), ["fund_raised"], "")
    said = None if made is None else cell_text(made.table.rows[0].cells[-1])
    assert said == moved


def test_the_bulletin_has_the_chapter_only_where_something_moved(
    snapshot: Snapshot, two_years: Path, one_year: Path, survey: Survey, definitions: Definitions
) -> None:
    def chapters(earlier: bulletin.Earlier | None) -> list[str]:
        made = bulletin.compose(snapshot, survey, definitions, YEAR, (), earlier=earlier)
        return [chapter["title"] for chapter in made.content["chapters"]]

    with Snapshot(one_year) as same:
        # The same figures of the year, though the year before was not there yet.
        assert chapters(Earlier("2023-r1", same)) == chapters(None)
    assert not any("修订说明" in title for title in chapters(None))


def test_a_release_that_cannot_be_read_stops_with_its_name(
    survey: Survey, definitions: Definitions
) -> None:
    with Workshop() as before, Workshop() as now:
        before.con.execute("DROP VIEW public_indicator_values")
        figures = Figures(now, survey, definitions, YEAR)  # type: ignore[arg-type]
        with pytest.raises(SnapshotError, match="2023-r1"):
            revisions(figures, Earlier("2023-r1", before), load_tables(), INDICATORS, "")  # type: ignore[arg-type]


class _Release(Release):
    """A release that was made from ``made_from``."""

    def __init__(self, name: str, made_from: str) -> None:
        super().__init__(name, Path(name))
        object.__setattr__(self, "made_from", made_from)

    @property
    def fingerprint(self) -> str:
        return str(self.made_from)  # type: ignore[attr-defined]


def _state(data: str, since: Release | None) -> str:
    return f"{data} since {since.name if since else 'nothing'}"


def test_a_state_is_compared_with_the_release_before_its_own() -> None:
    def compared(data: str, *releases: Release) -> str | None:
        found = compared_with(releases, lambda since: _state(data, since))
        return found.name if found else None

    first = _Release("2023-r1", _state("甲", None))
    second = _Release("2023-r2", _state("乙", first))
    assert compared("甲") is None
    # Frozen as it was made: nothing has to be made again.
    assert compared("甲", first) is None
    assert compared("乙", first) == "2023-r1"
    assert compared("乙", first, second) == "2023-r1"
    assert compared("丙", first, second) == "2023-r2"
    # Back to what the first was: a revision of the second all the same.
    assert compared("甲", first, second) == "2023-r2"
    # The same state frozen twice.
    again = _Release("2023-r2", _state("甲", None))
    assert compared("甲", first, again) is None
