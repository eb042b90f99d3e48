"""``kepu rules``: the rules of a year against each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.survey import load_survey
from pipelines.warehouse import Root


def examine(folder: Path, year: int | None) -> Iterator[str]:
    """What is to be said about the rules of a year; the newest edition's without a year."""
    from pipelines.checks.self_check import self_check

    root = Root(folder)
    root.require_folder()
    survey = load_survey(root.overlay)
    newest = max(survey.editions, key=lambda edition: edition.years)
    edition = newest if year is None else survey.edition_of(year)
    found = self_check(edition, levels=[level.name_zh for level in survey.levels])
    first, last = edition.years
    years = f"{first}" if first == last else f"{first}—{last}"
    name = f"{edition.title_zh}（{edition.edition_id}，{years} 年度）"
    yield f"{name}：共 {len(edition.rules)} 条规则"
    over = len(found.passed_over)
    rest = len(edition.rules) - found.examined - over
    yield (
        f"关系式 {found.examined} 条互相对照；{over} 条不是一次式、{rest} 条由程序实现，没有对照"
    )
    for remark in found.remarks:
        yield remark.text_zh
    if not found.remarks:
        yield "没有互相矛盾、多余或永远不会提出问题的规则"
