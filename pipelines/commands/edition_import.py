"""kepu forms --import: an office's own blank form becomes a proposed edition, with differences."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines import intake
from pipelines.checks.sheets import new_book
from pipelines.errors import OfficialFormError, Place, UsageError
from pipelines.survey import load_survey
from pipelines.survey.edition_changes import KIND_NAMES, Change, changes_between
from pipelines.survey.edition_files import CarriedRules, carry_rules, write_edition
from pipelines.warehouse import Root
from pipelines.warehouse.layout import OVERLAY_FOLDER
from pipelines.warehouse.publication import storage_errors

_WIDTHS = {
    "差异": (12, 14, 34, 34, 34, 34),
    "逐项依据": (8, 14, 34, 34, 10, 9, 40, 50, 50),
    "没有沿用的规则": (100,),
}


@dataclass(frozen=True)
class Imported:
    """What came of a blank form."""

    folder: Path
    table: Path
    proposed: intake.ProposedEdition
    changes: Sequence[Change]
    rules: CarriedRules
    notes: Sequence[str]


def import_blank(folder: Path, blank: Path, year: int | None, out: Path | None) -> Imported:
    """Write the proposed edition and the table of differences; nothing is put to use yet."""
    root = Root(folder)
    root.require_folder()
    survey = load_survey(root.overlay)
    newest = survey.editions[-1]
    form = intake.read_official_form(blank, newest, year or newest.years[1])
    chosen = year if year is not None else _stated_year(form)
    proposed = intake.propose_edition(form, survey, chosen)
    edition, base = proposed.edition, proposed.base
    rules = carry_rules(base, root.overlay, edition.items)
    changes = changes_between(base, edition, proposed.counterparts)
    target = out if out is not None else root.proposed_editions
    with storage_errors(target), tempfile.TemporaryDirectory() as bench:
        overlay = Path(bench) / OVERLAY_FOLDER
        if root.overlay is not None:
            shutil.copytree(root.overlay, overlay)
        made = overlay / "editions" / edition.edition_id
        shutil.rmtree(made, ignore_errors=True)
        write_edition(edition, rules.data, made)
        # What is handed out must load: it is held against the office's whole definition.
        load_survey(overlay)
        final = target / "editions" / edition.edition_id
        _assert_not_edited(final, made)
        final.mkdir(parents=True, exist_ok=True)
        for path in sorted(made.iterdir()):
            shutil.copyfile(path, final / path.name)
        table = target / f"{edition.edition_id}-差异.xlsx"
        _write_table(table, proposed, changes, rules)
    return Imported(final, table, proposed, changes, rules, form.notes)


def summary(done: Imported) -> list[str]:
    """What to tell the person, line by line."""
    edition, base = done.proposed.edition, done.proposed.base
    counts = Counter(change.kind for change in done.changes)
    said = "，".join(f"{KIND_NAMES[kind]} {counts[kind]} 处" for kind in KIND_NAMES if counts[kind])
    use = "替换内置的同名版本" if done.proposed.replaces else "增加一个版本"
    lines = [
        f"读出 {len(edition.forms)} 张表、{len(edition.items)} 项指标；最接近 {base.edition_id}",
        f"与它相比：{said or '没有差别'}",
    ]
    lines += done.notes
    if done.proposed.to_review:
        lines.append(f"待核 {len(done.proposed.to_review)} 项，逐项见差异表的“逐项依据”")
    if done.rules.left_out:
        lines.append(f"有 {len(done.rules.left_out)} 条审核规则用到本版没有的指标，没有沿用")
    return [
        *lines,
        f"建议的版本：{done.folder}",
        f"差异表：{done.table}",
        f"核对改定后，把这个文件夹放入 data/raw/{OVERLAY_FOLDER}/editions/（{use}）",
    ]


def _stated_year(form: intake.OfficialForm) -> int:
    if len(form.years) == 1:
        return next(iter(form.years))
    if not form.years:
        raise UsageError("空白表上没有写数据年度", "请加 --year 年度，如 --year 2024")
    said = "、".join(f"{year}（{where}）" for year, where in form.years.items())
    raise OfficialFormError(
        f"空白表上写了不止一个年度：{said}", "请加 --year 写明用于哪个数据年度", Place(form.name)
    )


def _assert_not_edited(final: Path, made: Path) -> None:
    """A proposal that somebody may have worked on is never written over."""
    for path in sorted(final.iterdir()) if final.is_dir() else []:
        ours = made / path.name
        if not ours.is_file() or path.read_bytes() != ours.read_bytes():
            raise UsageError(
                f"“{final}”里已有一份不同的建议",
                "请先移走或改名，或用 --out 写到别处",
            )


def _write_table(
    path: Path, proposed: intake.ProposedEdition, changes: Sequence[Change], rules: CarriedRules
) -> None:
    differences = [
        [
            KIND_NAMES[c.kind],
            c.form_zh,
            c.name_zh,
            c.item_id or c.earlier_item_id,
            c.before,
            c.after,
        ]
        for c in changes
    ]
    forms = proposed.edition.form
    evidence = [
        [
            "待核" if one.reviews else "",
            forms[one.item.form_id].name_zh,
            one.item.name_zh,
            one.item.item_id,
            one.item.code,
            one.item.unit,
            f"{one.sheet}!{one.cell}：{one.printed}",
            one.why,
            "；".join(one.reviews),
        ]
        for one in proposed.evidence
    ]
    base = proposed.base.edition_id
    _write_book(
        path,
        {
            "差异": (("类别", "表", "指标", "编号", f"{base}", "空白表"), differences),
            "逐项依据": (
                ("待核", "表", "指标", "编号", "代码", "单位", "表上写法", "依据", "须核对的事"),
                evidence,
            ),
            "没有沿用的规则": (("规则",), [[text] for text in rules.left_out]),
        },
    )


def _write_book(path: Path, sheets: dict[str, tuple[tuple[str, ...], list[list[str]]]]) -> None:
    with new_book(path, path.stem) as book:
        for name, (headings, rows) in sheets.items():
            sheet = book.sheet(name, _WIDTHS[name])
            book.list(sheet, 0, headings, rows, ["text"] * len(headings))
            sheet.autofilter(0, 0, max(len(rows), 1), len(headings) - 1)
