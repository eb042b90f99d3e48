"""Method rule over 更正.yaml: a correction that does not fit what is there is not applied."""

from __future__ import annotations

from pipelines.checks.findings import Outcome, finding
from pipelines.checks.scene import Scene
from pipelines.checks.wording import clause
from pipelines.survey import Rule


def unapplied(scene: Scene, rule: Rule) -> Outcome:
    """C01: every correction of the year is applied.

    A finding names no return, so that it stands with the office, which wrote the correction, and
    never on a sheet that goes to a respondent.
    """
    rows = scene.rows("SELECT * FROM corrections WHERE year = ? ORDER BY number", [scene.year])
    found = []
    for row in rows:
        if row["status"] != "applied":
            said = clause(
                "correction",
                line=row["line"],
                asked=row["return_asked_zh"],
                name=scene.edition.item[row["item_id"]].name_zh,
                new=row["new_text"],
                why=row["status_zh"],
            )
            found.append(
                finding(
                    rule,
                    scene.year,
                    said,
                    items=[row["item_id"]],
                    observed=[row["found_text"]],
                    subject=str(row["number"]),
                )
            )
    return Outcome(len(rows), 0, found)
