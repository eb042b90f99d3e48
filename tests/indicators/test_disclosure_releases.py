"""What two releases of a year tell together, each item of the questionnaire a case by hand.

Before and now differ in a few returns only.  长春 is 南关 + 宽城 + 二道, 吉林 is 昌邑.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
from indicator_province import Province

from pipelines import steps
from pipelines.commands import release as command
from pipelines.errors import DifferencingError, SnapshotError
from pipelines.indicators import Definitions, disclosure
from pipelines.indicators.disclosure import Told, compare, load_thresholds, protect
from pipelines.survey import Survey
from pipelines.warehouse import Root, Snapshot, Workshop
from pipelines.warehouse.release import Release

YEAR = 2023
CHANGCHUN, NANGUAN, KUANCHENG, ERDAO = "220100", "220102", "220103", "220104"
JILIN, CHANGYI, LONGTAN = "220200", "220202", "220203"

#: Figures of each county by item, those of before and those of now.
Figures = Mapping[str, tuple[list[int], list[int]]]
SAME = ([20, 21, 22, 23], [20, 21, 22, 23])
ALIKE = dict.fromkeys((NANGUAN, KUANCHENG, ERDAO, CHANGYI, LONGTAN), SAME)
CASES: dict[str, Figures] = {
    "materials_distributed": ALIKE,
    # Three units gave 69 and it was published; two are left with 64, which is within 15 % of it.
    "newspapers_copies": ALIKE | {NANGUAN: ([30, 34, 5], [30, 34])},
    # 南关, of two units, could only hide behind 宽城, since 二道 was too small; now 二道 is hidden
    # for its own sake, which will do.
    "audiovisual_titles": ALIKE | {NANGUAN: ([30, 34], [30, 34]), ERDAO: ([2, 2, 2, 2], [40, 40])},
    # One unit came late, or three of them.
    "electronic_screens": ALIKE | {CHANGYI: (SAME[0], [*SAME[1], 40])},
    "books_titles": ALIKE | {CHANGYI: (SAME[0], [*SAME[1], 40, 41, 42])},
}


def loaded(survey: Survey, definitions: Definitions, version: int) -> Workshop:
    province = Province(survey)
    for item, figures in CASES.items():
        for county, versions in figures.items():
            for number, figure in enumerate(versions[version]):
                unit = f"{item}-{county}-{number}"
                province.add(YEAR, county, {item: str(figure)}, unit=unit)
    workshop = Workshop()
    province.compute(definitions, workshop)
    protect(workshop, survey, definitions)
    return workshop


@pytest.fixture(scope="module")
def before(survey: Survey, definitions: Definitions) -> Workshop:
    return loaded(survey, definitions, 0)


@pytest.fixture(scope="module")
def now(survey: Survey, definitions: Definitions) -> Workshop:
    return loaded(survey, definitions, 1)


@pytest.fixture(scope="module")
def told(now: Workshop, before: Workshop, survey: Survey, definitions: Definitions) -> list[Told]:
    return compare(now, before, survey, definitions)


def hidden(workshop: Workshop, item: str) -> set[str]:
    rows = workshop.few_rows(
        "SELECT member_id FROM suppressions WHERE indicator_id = ? AND breakdown = 'county'", [item]
    )
    return {row["member_id"] for row in rows}


def of(told: list[Told], item: str) -> set[tuple[str, str]]:
    """Kind and member by the plain territory."""
    plain = ("province", "prefecture", "county")
    return {(t.kind, t.member_id) for t in told if t.indicator_id == item and t.breakdown in plain}


def test_each_release_alone_gives_nothing_away(now: Workshop, before: Workshop) -> None:
    assert hidden(before, "newspapers_copies") == set()
    assert NANGUAN in hidden(now, "newspapers_copies")
    assert hidden(before, "audiovisual_titles") == {NANGUAN, KUANCHENG}
    assert hidden(now, "audiovisual_titles") == {NANGUAN, ERDAO}


def test_what_did_not_change_tells_nothing(told: list[Told]) -> None:
    assert not of(told, "materials_distributed")


def test_a_figure_published_before_is_not_hidden_by_an_x(told: list[Told]) -> None:
    assert ("published", NANGUAN) in of(told, "newspapers_copies")


def test_the_partner_of_a_hidden_cell_must_not_be_shown_by_the_other(told: list[Told]) -> None:
    """南关 before = 长春 158 - 二道 8 - 宽城 86, which only the new release shows."""
    assert of(told, "audiovisual_titles") == {("together", NANGUAN)}


def test_one_late_unit_is_the_difference_and_three_are_not(told: list[Told]) -> None:
    assert of(told, "electronic_screens") == {
        ("difference", member) for member in (CHANGYI, JILIN, "220000")
    }
    assert not of(told, "books_titles")


def test_both_ways_round_the_same_is_told(
    now: Workshop, before: Workshop, told: list[Told], survey: Survey, definitions: Definitions
) -> None:
    assert compare(before, now, survey, definitions) == told


def test_an_office_for_which_nothing_is_sensitive_is_told_nothing(
    now: Workshop, before: Workshop, survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    text = (
        Path(load_thresholds.__code__.co_filename).with_name("thresholds.yaml").read_text("utf-8")
    )
    for strict, free in (
        ("fewest: 3", "fewest: 1"),
        ("_percent: 85", "_percent: 0"),
        ("p_percent: 10", "p_percent: 0"),
    ):
        text = text.replace(strict, free)
    (tmp_path / "disclosure.yaml").write_text(text, encoding="utf-8")
    assert not compare(now, before, survey, definitions, tmp_path)


@pytest.fixture(scope="module")
def snapshots(
    now: Workshop, before: Workshop, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("two")
    now.write_snapshot(folder / "now.duckdb")
    before.write_snapshot(folder / "before.duckdb")
    return folder / "now.duckdb", folder / "before.duckdb"


@pytest.fixture
def frozen_before(
    snapshots: tuple[Path, Path],
    told: list[Told],
    survey: Survey,
    definitions: Definitions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Root, list[int]]:
    """A root whose snapshot is that of now, with a release of before; what was frozen is noted."""
    root, frozen = Root(tmp_path), list[int]()
    earlier = Release(f"{YEAR}-r1", root.releases / f"{YEAR}-r1")
    for made, path in zip(snapshots, (root.snapshot, earlier.snapshot), strict=True):
        path.parent.mkdir(parents=True)
        shutil.copyfile(made, path)
    (earlier.folder / "RELEASE.json").write_text('{"fingerprint": "before"}', encoding="utf-8")
    plan = SimpleNamespace(
        root=root,
        report_year=YEAR,
        fingerprint="now",
        overlay=None,
        survey=lambda: survey,
        definitions=lambda: definitions,
    )
    monkeypatch.setattr(steps, "receive", lambda *_: plan)
    monkeypatch.setattr(steps, "is_current", lambda _: True)

    def freeze_release(root: Root, year: int, by: str, **said: Any) -> Release:
        frozen.append(said["known_differences"])
        return Release(f"{year}-r2", root.releases / f"{year}-r2")

    def compared(here: Snapshot, there: Snapshot, *_: object) -> list[Told]:
        # Compared above already: the same two, the newer first.
        assert (here.path, there.path) == (root.snapshot, earlier.snapshot)
        return told

    monkeypatch.setattr(command, "freeze_release", freeze_release)
    monkeypatch.setattr(disclosure, "compare", compared)
    return root, frozen


def test_a_release_that_tells_with_an_earlier_one_is_refused_with_a_list(
    frozen_before: tuple[Root, list[int]], told: list[Told]
) -> None:
    root, frozen = frozen_before
    with pytest.raises(DifferencingError, match=r"2023-r1.*--known-differences"):
        command.freeze(root.path, YEAR, "张三", provisional=False)
    assert not frozen
    listed = root.told_together(YEAR).read_text(encoding="utf-8-sig").splitlines()
    assert len(listed) == 1 + len(told)
    assert any("2023-r1,2023,两版都公布" in line and line.endswith("昌邑区") for line in listed)


def test_it_is_frozen_when_the_differences_are_said_to_be_known(
    frozen_before: tuple[Root, list[int]], told: list[Told]
) -> None:
    root, frozen = frozen_before
    command.freeze(root.path, YEAR, "张三", provisional=False, known_differences=True)
    assert frozen == [len(told)]


def test_a_release_without_its_note_is_not_passed_over(
    frozen_before: tuple[Root, list[int]],
) -> None:
    root, frozen = frozen_before
    (root.releases / f"{YEAR}-r1" / "RELEASE.json").unlink()
    with pytest.raises(SnapshotError, match=r"RELEASE\.json"):
        command.freeze(root.path, YEAR, "张三", provisional=False)
    assert not frozen


def test_a_release_that_another_version_of_the_program_made_is_named(
    frozen_before: tuple[Root, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, frozen = frozen_before

    def other_tables(*_: object) -> list[Told]:
        raise duckdb.CatalogException("Table with name units does not exist")

    monkeypatch.setattr(disclosure, "compare", other_tables)
    with pytest.raises(SnapshotError, match=r"2023-r1 是另一版程序做的"):
        command.freeze(root.path, YEAR, "张三", provisional=False)
    assert not frozen
