"""The blank forms of a year, prefilled from the register and last year's snapshot when known."""

from __future__ import annotations

from pathlib import Path

from pipelines import forms, intake
from pipelines.survey import load_survey
from pipelines.survey.notation import plain_text
from pipelines.warehouse import Root, Snapshot


def write_blanks(folder: Path, year: int | None, out: Path | None) -> tuple[Path, int]:
    """Write one form for each unit of the register, or one blank form; returns folder and count."""
    root = Root(folder)
    root.require_folder()
    survey = load_survey(root.overlay)
    chosen = year if year is not None else _latest_year(root, survey.editions[-1].years[1])
    survey.edition_of(chosen)
    root.require_names(chosen)
    target = out if out is not None else root.blanks(chosen)
    units = intake.read_register(root, chosen, survey).to_pylist()
    last_year = _figures_of(root, chosen - 1)
    written = forms.write_form_set(survey, chosen, target, units=units, last_year=last_year)
    return target, len(written)


def _latest_year(root: Root, known: int) -> int:
    return max(root.years(), default=known)


def _figures_of(root: Root, year: int) -> dict[tuple[str, str], dict[str, str]]:
    """Counted figures of a year by (unit_id, venue_name), as text; empty without a snapshot."""
    if not root.snapshot.is_file():
        return {}
    figures: dict[tuple[str, str], dict[str, str]] = {}
    with Snapshot(root.snapshot) as snapshot:
        rows = snapshot.rows(
            "SELECT r.unit_id, r.venue_name, a.item_id, a.state, a.value"
            " FROM current_answers a JOIN counted_returns r USING (return_id)"
            " WHERE r.year = $year AND a.state IN ('reported', 'zero', 'not_applicable')",
            {"year": year},
        )
    for row in rows:
        text = "-" if row["state"] == "not_applicable" else plain_text(row["value"])
        figures.setdefault((row["unit_id"], row["venue_name"]), {})[row["item_id"]] = text
    return figures
