"""综合测算.xlsx: the composite indexes with their rank intervals, weights, and who is left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.indicators.composite import LABEL_ZH, Index, load_indexes
from pipelines.publish.list_book import Cell, Figure, Head, Sheet, lines, list_book
from pipelines.publish.measure_board import standing
from pipelines.publish.office import load_office
from pipelines.publish.scoreboard_words import ScoreWords, load_words

if TYPE_CHECKING:
    from pipelines.indicators.definition import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

Row = dict[str, Any]


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    path: Path,
    overlay: Path | None = None,
) -> Path:
    """Write the composite indexes of a data year."""
    words, office = load_words(overlay), load_office(overlay)
    title = words.composite_title_zh.format(place=office.place_zh, year=year)
    marks = [LABEL_ZH, *standing(snapshot, year, office, words)]
    book = load_indexes(definitions, overlay)
    with list_book(path, title, office.office_zh, marks) as out:
        for number, index in enumerate(book.indexes, 1):
            page = _Pages(snapshot, survey, definitions, year, words, index, number)
            for breakdown in index.breakdowns:
                out.write(page.scores(breakdown))
            out.write(page.weights())
    return path


@dataclass(frozen=True)
class _Pages:
    """The sheets of one index."""

    snapshot: Snapshot
    survey: Survey
    definitions: Definitions
    year: int
    words: ScoreWords
    index: Index
    number: int

    def scores(self, breakdown: str) -> Sheet:
        """Members by rank, those that are not scored last with the reason."""
        place = self.words.breakdown[breakdown]
        heads = (
            Head(place, 22), Head("得分", 12), Head("名次", 8), Head("名次区间", 14, "center"),
            Head("最好", 8), Head("最差", 8), Head("提示", 22), Head("不测算的原因", 60),
        )  # fmt: skip
        found = self.snapshot.rows(
            "SELECT s.*, r.rank, r.rank_low, r.rank_high, r.rank_best, r.rank_worst"
            " FROM composite_scores s LEFT JOIN composite_ranks r"
            " USING (index_id, year, breakdown, member_id)"
            " WHERE s.index_id = ? AND s.year = ? AND s.breakdown = ?"
            " ORDER BY r.rank NULLS LAST, member_id",
            [self.index.index_id, self.year, breakdown],
        )
        return Sheet(
            f"{self.number}·{place}", f"{self.index.name_zh}：{place}", heads,
            lines(self._score(row) for row in found), (*self.words.notes.composite, *self._how()),
        )  # fmt: skip

    def _score(self, row: Row) -> list[Cell]:
        doubts = {"provisional": "含待核实的数", "partial": "有分项无人填报"}
        placed: list[Cell] = [None] * 4
        if row["rank"] is not None:
            low, high = row["rank_low"], row["rank_high"]
            placed = [
                Figure(Decimal(row["rank"])),
                str(low) if low == high else f"{low}—{high}",
                Figure(Decimal(row["rank_best"])),
                Figure(Decimal(row["rank_worst"])),
            ]
        return [
            row["member_zh"],
            None if row["score"] is None else Figure(row["score"], 2),
            *placed,
            "；".join(doubts[flag] for flag in row["flags"]),
            row["reason_zh"],
        ]

    def _how(self) -> Iterator[str]:
        index, words = self.index, self.words
        yield (
            f"方法：{words.normalisation[index.normalisation]}、"
            f"{words.weighting[index.weighting]}、{words.aggregation[index.aggregation]}；"
            f"{index.note_zh}"
        )
        varied = index.sensitivity
        combined = "、".join(
            (
                *(words.normalisation[name] for name in varied.normalisations),
                *(words.weighting[name] for name in varied.weightings),
                *(words.aggregation[name] for name in varied.aggregations),
            )
        )
        yield (
            f"稳健性：抽取 {varied.draws} 次（随机种子 {varied.seed}），权重变动 ±"
            f"{varied.spread:.0%}，方法在 {combined} 的组合中任取；"
            f"区间为第 {varied.interval[0]}—{varied.interval[1]} 百分位。"
        )

    def weights(self) -> Sheet:
        """The items with their weights by every weighting, for every breakdown."""
        index = self.index
        weightings = dict.fromkeys((index.weighting, *index.sensitivity.weightings))
        found = self.snapshot.rows(
            "SELECT * FROM composite_weights WHERE index_id = ? AND year = ?",
            [index.index_id, self.year],
        )
        by = {
            (row["breakdown"], row["indicator_id"], row["weighting"]): row["weight"]
            for row in found
        }
        heads = (
            Head("范围", 16), Head("方面", 14), Head("指标", 36), Head("方向", 12, "center"),
            *(Head(self._weighting(name), 14) for name in weightings),
        )  # fmt: skip
        rows: list[list[Cell]] = []
        for breakdown in index.breakdowns:
            for item in index.items:
                weights = [by.get((breakdown, item.indicator_id, name)) for name in weightings]
                rows.append(
                    [
                        self.words.breakdown[breakdown],
                        item.dimension_zh,
                        self.definitions[item.indicator_id].name_zh,
                        "越大越好" if item.direction == "up" else "越小越好",
                        *(None if weight is None else Figure(weight, 4) for weight in weights),
                    ]
                )
        return Sheet(
            f"{self.number}·权重", f"{index.name_zh}：指标与权重", heads, lines(rows),
            (*self.words.notes.composite[:1], *self._how()), frozen_columns=3,
        )  # fmt: skip

    def _weighting(self, name: str) -> str:
        return self.words.weighting[name] + ("（采用）" if name == self.index.weighting else "")
