"""Proposed mappings as files that a person edits and approves, one for each unknown layout."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipelines.intake.mappings.mapping_words import mapping_words
from pipelines.intake.mappings.proposed import HEADING, ITEM, MISSING, OPEN, Proposal
from pipelines.intake.readings import FileReport
from pipelines.survey import Edition
from pipelines.warehouse.layout import MAPPINGS_FOLDER, PROPOSALS_FOLDER

Row = Mapping[str, Any]

_HOW = """\
# 版式对照建议：{name}
#
# 下列文件的表式与 {year} 年度调查表（{edition}）对不上，一个数也没有载入。
# 这里逐行列出程序认为它是哪一项指标。请核对改定后，把本文件放入
#     data/raw/{year}/{folder}/
# 再运行 kepu run：凡是这一版式的表都按它读取，别的表不受影响。
#
# 只需要改三处：
#   action   item     这一行就是 item 所写的指标（核对 name 和单位）
#            ignore   这一行的数不取，并在 reason 写明原因
#            heading  标题行或空行；如果有数，仍会停下来问
#            "?"      还没有决定，不能留着
#   item     指标编号；可从 alternatives 或文末 missing 中抄
#   reason   不取数的原因；单位只是叫法不同的，也在这里写明
# label、code、unit 和行的次序是版式的特征，不要改动。
# 把握（confidence）分高、中、低：只有名称完全相同的才替您填了 item，其余都要您决定。
"""
_MISSING_HEAD = """\
# 本版调查表有、上面没有认准位置的指标。若上面某一行就是它，把编号填到那一行；
# 若这份表确实没有这一项，把该行移到 absent 并加上 reason（没有的指标保持为空，不当作 0）；
# 都不是的，仍按缺少指标行退回。
"""


def advice_of(proposal: Proposal, year: int) -> str:
    """What the office can do about a file for which there is a proposal."""
    return (
        f"本单位能认定时，请核对改定 reports/{year}/{PROPOSALS_FOLDER}/{proposal.file_name}，"
        f"放入 data/raw/{year}/{MAPPINGS_FOLDER}/ 后重新运行"
    )


def proposal_rows(report: FileReport) -> list[dict[str, Any]]:
    """A report's proposal as rows of the table ``proposals``."""
    if report.proposal is None:
        return []
    file, layout = report.file, report.proposal.layout_id
    return [
        {"year": file.year, "file": file.file, "place": n, "layout_id": layout}
        | label._asdict()
        | {"alternatives": list(label.alternatives)}
        for n, label in enumerate(report.proposal.labels, 1)
    ]


def write_proposals(rows: Iterable[Row], edition: Edition, folder: Path) -> list[Path]:
    """One YAML file a layout from rows of the table ``proposals`` of one year, in key order."""
    layouts: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        layouts[row["layout_id"]].append(row)
    written = []
    for layout_id, of_layout in sorted(layouts.items()):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / Proposal(layout_id, ()).file_name
        path.write_text(proposal_text(of_layout, edition), encoding="utf-8")
        written.append(path)
    return written


def proposal_text(rows: Sequence[Row], edition: Edition) -> str:
    """The file of one layout.  A label that is open in one of its files is open."""
    files = sorted({row["file"] for row in rows})
    merged = [dict(row) for row in rows if row["file"] == files[0]]
    open_places = {row["place"] for row in rows if row["action"] == OPEN}
    for row in merged:
        if row["place"] in open_places:
            row["action"] = OPEN
    return "\n".join(_lines(merged, files, edition)) + "\n"


def _lines(rows: Sequence[Row], files: Sequence[str], edition: Edition) -> Iterator[str]:
    year, name = rows[0]["year"], Proposal(rows[0]["layout_id"], ()).file_name
    yield _HOW.format(
        name=name, year=year, edition=edition.edition_id, folder=MAPPINGS_FOLDER
    ).rstrip()
    yield "version: 1"
    yield f"year: {year}"
    yield f"edition: {edition.edition_id}"
    yield "files:"
    yield from (f"- {_quoted(file)}" for file in files)
    yield "tables:"
    tables = sorted({row["table_number"] for row in rows if row["action"] != MISSING})
    for number in tables:
        yield from _table([row for row in rows if row["table_number"] == number], edition)
    missing = [row for row in rows if row["action"] == MISSING]
    yield _MISSING_HEAD.rstrip()
    yield "missing:" if missing else "missing: []"
    for row in missing:
        yield f"- {{item: {row['item_id']}, name: {_quoted(row['label'])}}}"
    yield "absent: []"


def _table(rows: Sequence[Row], edition: Edition) -> Iterator[str]:
    first = rows[0]
    yield f"- sheet: {_quoted(first['sheet'])}"
    yield f"  direction: {first['direction']}"
    yield f"  signature: {_quoted(first['signature'])}"
    yield "  labels:"
    for row in rows:
        if row["action"] == OPEN:
            yield from _open_label(row, edition)
        else:
            facts = ", ".join(f"{key}: {value}" for key, value in _facts(row, edition))
            yield f"  - {{{facts}}}"


def _open_label(row: Row, edition: Edition) -> Iterator[str]:
    """A label to decide stands out: one fact a line."""
    above = f"，上面是“{row['above']}”" if row["above"] else ""
    yield f"  # ↓ 请决定：{row['cell']}“{_one_line(row['label'] or row['code'])}”{_one_line(above)}"
    lead = "  - "
    for key, value in _facts(row, edition):
        yield f"{lead}{key}: {value}"
        lead = "    "


def _facts(row: Row, edition: Edition) -> Iterator[tuple[str, str]]:
    """Keys and values of a label as YAML, blank ones left out."""
    for key in ("cell", "heading", "label", "code", "unit", "above"):
        if row[key] or key == "label":
            yield key, _quoted(row[key])
    item = edition.item.get(row["item_id"])
    yield "action", _quoted(OPEN) if row["action"] == OPEN else row["action"]
    if row["action"] in (OPEN, ITEM):
        yield "item", item.item_id if item else _quoted("")
        yield "name", _quoted(f"{item.name_zh}（{item.unit}）" if item else "")
    if row["confidence"] is not None:
        yield "confidence", f"{row['confidence']:.2f}"
        yield "level", mapping_words().level_of(row["confidence"])
    if row["action"] != HEADING:
        yield "why", _quoted(row["why"])
    if row["alternatives"]:
        yield "alternatives", f"[{', '.join(_quoted(text) for text in row['alternatives'])}]"
    if row["action"] == OPEN:
        yield "reason", _quoted("")


def _quoted(text: str) -> str:
    """A text as a YAML scalar that survives whatever stands in it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    """A text for a comment: nothing in it may end the line."""
    return " ".join(text.split())
