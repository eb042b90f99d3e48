"""Method rules over several returns of one year: reported twice, two names, overlap."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pipelines.checks.findings import Outcome, finding, joined, listed, shown
from pipelines.checks.methods_identity import differences_clause, differing
from pipelines.checks.params import Overlap, params_of
from pipelines.checks.scene import Scene
from pipelines.checks.wording import cause, clause, settings
from pipelines.survey import Rule
from pipelines.survey.notation import normalise_text
from pipelines.warehouse.schema import quoted

#: Differing items that a sentence names.
_NAMED = 8


def reported_twice(scene: Scene, rule: Rule) -> Outcome:
    """G10: one return a unit, venue and year.

    Corrected versions (superseded) are no fault.  What intake set aside as a duplicate is, and
    stands with the return that counts, so that one question is asked, about both files.
    """
    rows = scene.rows(
        """
        SELECT return_id, submission_id, unit_id, unit_name, venue_name, file, channel, status,
            status_reason_zh,
            return_id IN (SELECT return_id FROM checked) AS counts
        FROM returns
        WHERE year = ? AND role = 'basic' AND status <> 'superseded' AND unit_id <> ''
        ORDER BY unit_id, venue_name, counts DESC, return_id
        """,
        [scene.year],
    )
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["unit_id"], row["venue_name"]].append(row)
    found = []
    for (unit_id, venue), group in groups.items():
        if len(group) > 1:
            channels = {row["channel"] for row in group}
            said = clause(
                "duplicate",
                unit=venue or group[0]["unit_name"],
                count=len(group),
                files=listed(dict.fromkeys(row["file"] for row in group)),
            )
            compared = [differing(scene, group[0]["return_id"], r["return_id"]) for r in group[1:]]
            said += "".join(differences_clause(scene, cells, _NAMED) for cells in compared)
            places = {cell["item_id"]: cell for cells in compared for cell in cells}
            found.append(
                finding(
                    rule,
                    scene.year,
                    said,
                    about=group[0],
                    items=list(places),
                    cells=[cell for cell in places.values() if cell["cell"]],
                    observed=[row["file"] for row in group],
                    cause=cause("two_channels" if len(channels) > 1 else "sent_twice"),
                    subject=f"{unit_id} {venue}",
                )
            )
    return Outcome(len(groups), 0, found)


def same_name(scene: Scene, rule: Rule) -> Outcome:
    """G11: units under different ids whose names, written out the same way, are the same."""
    rows = scene.rows("""
        SELECT DISTINCT ON (unit_id, division_code)
            unit_id, unit_name, division_code, return_id, submission_id
        FROM checked WHERE division_code <> ''
        ORDER BY unit_id, division_code, venue_name, return_id
    """)
    codes = {row["division_code"] for row in rows}
    places = {code: _place_names(scene, code) for code in codes}
    groups: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        name = same_written(row["unit_name"], places[row["division_code"]])
        groups[row["division_code"], name].append(row)
    found = []
    for (code, name), group in sorted(groups.items()):
        if len(group) > 1:
            place = scene.survey.divisions.get(code, scene.year)
            said = clause(
                "same_name",
                place=place.name_zh if place else code,
                count=len(group),
                names=listed(f"{row['unit_name']}（{row['unit_id']}）" for row in group),
            )
            found.append(
                finding(
                    rule,
                    scene.year,
                    said,
                    about=group[0],
                    observed=[row["unit_name"] for row in group],
                    cause=cause("same_unit_two_names"),
                    subject=f"{code} {name}",
                )
            )
    return Outcome(len(groups), 0, found)


def same_written(name: str, places: Sequence[str]) -> str:
    """A unit's name as compared: no punctuation, no place names above its own, usual words.

    ``places`` are the names of its places from the province down.  Only what stands before another
    of them goes (吉林省长春市朝阳区 → 朝阳区), since 长春市科技局 and 朝阳区科技局 are two units.
    """
    plain = re.sub(r"[\W_]", "", normalise_text(name)[0])
    for above, below in itertools.pairwise(places):
        if plain.startswith(above + below):
            plain = plain.removeprefix(above)
    for short, full in settings().same_words.items():
        plain = plain.replace(short, full)
    return plain


def _place_names(scene: Scene, code: str) -> list[str]:
    """Names from the province down to the division."""
    names: list[str] = []
    place = scene.survey.divisions.get(code, scene.year)
    while place is not None:
        names.insert(0, place.name_zh)
        parent = place.parent_code
        place = scene.survey.divisions.get(parent, scene.year) if parent else None
    return names


def overlap(scene: Scene, rule: Rule) -> Outcome:
    """V42: a unit's own return repeats the figures of its venue's return.

    Equal small figures are coincidence; how many equal ones make a case stands in the params.
    """
    limits = params_of(rule, Overlap)
    additive = ", ".join(quoted(name) for name in scene.item_ids("additive"))
    pairs = """
        FROM checked v JOIN checked u ON u.unit_id = v.unit_id AND u.venue_name = ''
        WHERE v.venue_name <> '' AND v.unit_id <> '' AND NOT EXISTS (
            SELECT 1 FROM rulings d WHERE d.status = 'applied' AND d.decision_zh = '没有重复'
            AND [d.return_id, d.other_return_id] IN
                ([v.return_id, u.return_id], [u.return_id, v.return_id])
        )
    """
    total = scene.one(f"SELECT count(*) AS n {pairs}")["n"]
    rows = scene.rows(
        f"""
        WITH pairs AS (
            SELECT v.return_id AS venue_return, v.venue_name, u.unit_name, u.return_id,
                u.submission_id {pairs}
        )
        SELECT p.venue_return, any_value(p.venue_name) AS venue_name,
            any_value(p.unit_name) AS unit_name, p.return_id,
            any_value(p.submission_id) AS submission_id,
            list({{'item_id': a.item_id, 'v': a.v, 'state': a.state, 'raw_text': a.raw_text,
                   'sheet': a.sheet, 'cell': a.cell}} ORDER BY a.item_id) AS cells
        FROM pairs p
        JOIN cells a ON a.return_id = p.return_id
        JOIN cells b ON b.return_id = p.venue_return AND b.item_id = a.item_id
        WHERE a.v = b.v AND a.v >= {limits.from_amount} AND a.item_id IN ({additive})
        GROUP BY p.venue_return, p.return_id HAVING count(*) >= {limits.figures}
        ORDER BY p.venue_return, p.return_id
        """
    )
    items = scene.edition.item
    found = []
    for row in rows:
        cells = row["cells"]
        figures = joined(shown(items[c["item_id"]], c["state"], c["v"]) for c in cells)
        said = clause(
            "overlap",
            venue=row["venue_name"],
            unit=row["unit_name"],
            count=len(cells),
            all=figures,
        )
        found.append(
            finding(
                rule,
                scene.year,
                said,
                about=row,
                items=[c["item_id"] for c in cells],
                cells=cells,
                cause=cause("overlap"),
                subject=row["venue_return"],
            )
        )
    return Outcome(total, 0, found)
