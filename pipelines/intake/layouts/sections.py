"""Divide a sheet into the parts of returns: who it is, and the tables that follow.

A sheet may hold one form, a whole return, or several returns one under the other.  A part begins
where a unit is named: on a cover (单位名称 and other labels) or in a line over a table
(填报单位：…).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipelines.errors import Place, UnclearLayoutError
from pipelines.intake.formats.cells import Sheet
from pipelines.intake.layouts.cover import read_cover
from pipelines.intake.layouts.headers import Block
from pipelines.intake.layouts.labels import plain_name
from pipelines.intake.layouts.marks import Mark
from pipelines.intake.readings import CoverText

#: Fewer cover labels than this are no cover (a form's footer has 填表人 and 日期).
_FEWEST_COVER_LABELS = 3
#: Labels of one cover stand no further apart than this.
_GAP = 3
_UNIT = "unit_name"
#: Labels that stand under a form as well as on a cover.
_FOOTER = frozenset(
    {"head", "stat_head", "filler", "phone", "fax", "email", "postcode", "fill_date"}
)


@dataclass(slots=True)
class Section:
    """A part of a return, as it stands in a sheet."""

    row: int
    cover: dict[str, CoverText] = field(default_factory=dict)
    is_cover: bool = False
    blocks: list[Block] = field(default_factory=list)
    #: Why the unit cannot be told; raised when the section turns out to matter.
    doubt: UnclearLayoutError | None = None

    @property
    def unit_name(self) -> str:
        return plain_name(self.cover[_UNIT].text) if _UNIT in self.cover else ""


class _Cluster:
    """Cover labels that stand together."""

    def __init__(self, mark: Mark, field_id: str) -> None:
        self.marks = [mark]
        self.is_footer = field_id in _FOOTER
        #: Rows in which a unit is named.
        self.naming = {mark.row} if field_id == _UNIT else set()

    def add(self, mark: Mark, field_id: str) -> None:
        self.marks.append(mark)
        self.is_footer = self.is_footer and field_id in _FOOTER
        if field_id == _UNIT:
            self.naming.add(mark.row)

    @property
    def top(self) -> int:
        return self.marks[0].row

    @property
    def bottom(self) -> int:
        return self.marks[-1].row

    @property
    def columns(self) -> range:
        columns = [mark.column for mark in self.marks]
        return range(min(columns), max(columns) + 1)


def _field(mark: Mark) -> str:
    known = mark.word.cover or mark.word.inline
    return known.field_id if known else ""


def divide(sheet: Sheet, marks: Sequence[Mark], blocks: Sequence[Block]) -> list[Section]:
    """The parts of a sheet, top to bottom; tables end where another part begins."""
    clusters = _clusters(marks, blocks)
    if not clusters:
        # Most tables: nothing over or under them says whose they are.
        return [Section(blocks[0].top, blocks=list(blocks))] if blocks else []
    naming = [cluster for cluster in clusters if cluster.naming]
    ended = [_ended(block, naming) for block in blocks] if naming else blocks
    things: list[tuple[int, int, _Cluster | Block]] = [
        *((cluster.top, 0, cluster) for cluster in clusters),
        *((block.top, 1, block) for block in ended),
    ]
    sections: list[Section] = []
    for row, _, thing in sorted(things, key=lambda one: one[:2]):
        if isinstance(thing, Block):
            if not sections:
                sections.append(Section(row))
            sections[-1].blocks.append(thing)
        else:
            _add_cluster(sheet, thing, sections)
    return sections


def _add_cluster(sheet: Sheet, cluster: _Cluster, sections: list[Section]) -> None:
    cover = read_cover(sheet, cluster.marks)
    if _UNIT in cover:
        doubt = _second_name(sheet, cluster)
        # In a document the unit is named in a line of text before the tables.
        is_cover = len(cover) >= _FEWEST_COVER_LABELS or sheet.outside_tables
        sections.append(Section(cluster.top, cover, is_cover, doubt=doubt))
        return
    if not sections:
        sections.append(Section(cluster.top))
    known = sections[-1].cover
    for field_id, text in cover.items():
        if field_id not in known or not known[field_id].text:
            known[field_id] = text


def _second_name(sheet: Sheet, cluster: _Cluster) -> UnclearLayoutError | None:
    """Two units side by side cannot share what stands beneath."""
    if sum(_field(mark) == _UNIT for mark in cluster.marks) < 2:
        return None
    names: dict[str, Mark] = {}
    for mark in cluster.marks:
        if _field(mark) == _UNIT:
            alone = [m for m in cluster.marks if m is mark or _field(m) != _UNIT]
            text = read_cover(sheet, alone)[_UNIT].text
            if text:
                names.setdefault(plain_name(text), mark)
    if len(names) < 2:
        return None
    mark = list(names.values())[1]
    return UnclearLayoutError(
        f"同一处写了两个单位名称：{'、'.join(f'“{name}”' for name in names)}，分不清是谁的表",
        "请报送单位每个单位报一份文件，或每个单位一张工作表",
        Place(sheet=sheet.name, cell=sheet.address(mark.row, mark.column)),
    )


def _clusters(marks: Sequence[Mark], blocks: Sequence[Block]) -> list[_Cluster]:
    heads = {block.top for block in blocks}
    clusters: list[_Cluster] = []
    for mark in marks:
        if not (mark.word.cover or mark.word.inline):
            continue
        if any(_inside_header(mark, block) for block in blocks):
            continue
        field_id = _field(mark)
        if not clusters or _parted(clusters[-1], mark, field_id, heads):
            clusters.append(_Cluster(mark, field_id))
        else:
            clusters[-1].add(mark, field_id)
    return clusters


def _inside_header(mark: Mark, block: Block) -> bool:
    return block.top <= mark.row < block.first and mark.column in block.columns


def _parted(cluster: _Cluster, mark: Mark, field_id: str, heads: set[int]) -> bool:
    """Whether a mark begins another cover: far below, after a table, or naming a unit again."""
    bottom = cluster.bottom
    if mark.row - bottom > _GAP:
        return True
    if heads and any(bottom < head <= mark.row for head in heads):
        return True
    if mark.row > bottom and field_id not in _FOOTER and cluster.is_footer:
        # Names and dates under a form, then the next form's 填报单位.
        return True
    return field_id == _UNIT and bool(cluster.naming) and mark.row not in cluster.naming


def _ended(block: Block, naming: list[_Cluster]) -> Block:
    below = [
        cluster.top
        for cluster in naming
        if cluster.top >= block.first
        and cluster.columns.start < block.columns.stop
        and block.columns.start < cluster.columns.stop
    ]
    return replace(block, end=min([*below, block.end])) if below else block
