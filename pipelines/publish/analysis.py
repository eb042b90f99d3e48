"""内部分析报告: response, what moved and who moved it, open queries and what they could change.

Internal: nothing in it is hidden, 内部资料 stands on every page.  The queries come from the room
of checks, in its order of work; this room only prints them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.publish.analysis_book import AnalysisBook, Line, load_analysis
from pipelines.publish.causes import Causes
from pipelines.publish.figures import Figures
from pipelines.publish.office import load_office
from pipelines.publish.printed import plain
from pipelines.publish.sentences import load_sentences
from pipelines.publish.table_book import load_tables
from pipelines.publish.table_model import Cell, Number
from pipelines.publish.tables import build
from pipelines.publish.typesetting import masthead_of, typeset
from pipelines.publish.words import Words
from pipelines.survey.quantities import MISSING_MARK, readable

if TYPE_CHECKING:
    from pipelines.indicators import Definitions
    from pipelines.survey import Survey
    from pipelines.warehouse import Snapshot

_TEMPLATE = "analysis.typ"
_SHARE_DECIMALS = 2
#: Findings that are only pointed out, with an effect, the largest share of the total first.
_SOFT = """
WITH totals AS (
    SELECT item_id, sum(amount) AS total FROM counted_answers WHERE year = $year GROUP BY item_id
)
SELECT f.message_zh, f.effect, f.effect_item_id, t.total, r.unit_name, r.venue_name
FROM open_findings f JOIN counted_returns r USING (return_id)
JOIN totals t ON t.item_id = f.effect_item_id
WHERE f.year = $year AND f.severity = 'note' AND f.effect IS NOT NULL AND t.total > 0
ORDER BY abs(f.effect) / t.total DESC, f.finding_id LIMIT $most
"""


class Query(Protocol):
    """An open query in its place in the order of work."""

    @property
    def rank(self) -> int: ...
    @property
    def unit_name(self) -> str: ...
    @property
    def venue_name(self) -> str: ...
    @property
    def must_correct(self) -> bool: ...
    @property
    def message_zh(self) -> str: ...
    @property
    def effect(self) -> Decimal | None: ...
    @property
    def effect_item_id(self) -> str: ...
    @property
    def score(self) -> Decimal | None: ...
    @property
    def adds(self) -> Decimal: ...
    @property
    def cumulative(self) -> Decimal: ...


class Queries(Protocol):
    """All open queries, the weightiest first, and where one may stop."""

    @property
    def tasks(self) -> Sequence[Query]: ...
    @property
    def sentence_zh(self) -> str: ...


def write(
    snapshot: Snapshot,
    survey: Survey,
    definitions: Definitions,
    year: int,
    queries: Queries,
    path: Path,
    overlay: Path | None = None,
) -> Path:
    """Write the internal analysis of a data year; the same snapshot gives the same bytes."""
    figures = Figures(snapshot, survey, definitions, year, internal=True)
    office, book = load_office(overlay), load_analysis(overlay)
    words = Words(figures, load_sentences(overlay))
    title = book.title_zh.format(place=office.place_zh, year=year)
    report = _Report(words, book, queries, overlay)
    content = {
        **masthead_of(figures, office, title),
        "labels": {},
        "chapters": [
            {"title": title, "parts": parts} for title, parts in report.chapters() if parts
        ],
    }
    return typeset(_TEMPLATE, content, path, overlay=overlay)


#: A paragraph, a table, or both, which then stand together.
Piece = dict[str, Any]


class _Report:
    """What the chapters say."""

    def __init__(
        self, words: Words, book: AnalysisBook, queries: Queries, overlay: Path | None
    ) -> None:
        self.words = words
        self.figures = words.figures
        self.book = book
        self.queries = queries
        self.overlay = overlay
        self.causes = Causes(words, book)

    def chapters(self) -> Iterator[tuple[str, list[Piece]]]:
        for name, made in (
            ("response", self._response),
            ("changes", self._changes),
            ("causes", self._causes),
            ("queries", self._queries),
            ("soft", self._soft),
            ("silent", self._silent),
        ):
            yield self.book.chapters[name], list(made())

    def _response(self) -> Iterator[Piece]:
        yield _text(self.words.response())
        found = self.figures.snapshot.rows(
            "SELECT count(*) AS findings,"
            " count(*) FILTER (finding_id IN (SELECT finding_id FROM open_findings)) AS open,"
            " count(*) FILTER (must_correct AND finding_id IN"
            " (SELECT finding_id FROM open_findings)) AS must FROM findings WHERE year = ?",
            [self.figures.year],
        )[0]
        yield _text(self.book.say("findings", **found))
        tables = load_tables(self.overlay)
        table = build(tables, tables.table["response"], self.figures, "")
        yield {"table": plain(table)}

    def _changes(self) -> Iterator[Piece]:
        last = self.figures.year - 1
        if not self.figures.has_last_year:
            yield _text(self.book.say("no_last_year", last=last))
            return
        shown = len(self.causes.largest)
        if not shown:
            yield _text(self.book.say("no_change"))
            return
        yield _text(self.book.say("changes", n=self.causes.compared, shown=shown))
        yield {"table": self.causes.table(), "wide": True}

    def _causes(self) -> Iterator[Piece]:
        for one in self.causes.headline:
            yield self.causes.cause(one)

    def _queries(self) -> Iterator[Piece]:
        tasks = self.queries.tasks
        if not tasks:
            yield _text(self.book.say("no_queries"))
            return
        must = sum(task.must_correct for task in tasks)
        enough = self.queries.sentence_zh.rstrip("。")
        said = self.book.say("queries", n=len(tasks), must=must)
        yield _text(f"{said}{enough}。" if enough else said)
        corrected = self._if_corrected()
        yield _text(self.book.say("if_corrected" if corrected else "no_effect"))
        if corrected:
            yield {"table": self.book.tables["corrected"].drawn(corrected)}
        lines = [self._query(task) for task in tasks[: self.book.queries]]
        yield {"table": self.book.tables["queries"].drawn(lines)}

    def _query(self, task: Query) -> Line:
        said = (self.book.labels["must"] if task.must_correct else "") + task.message_zh
        share = MISSING_MARK if task.score is None else _percent(task.score)
        return (
            str(task.rank),
            [
                _unit_name(task.unit_name, task.venue_name),
                said,
                self._amount(task.effect, task.effect_item_id),
                share,
                _percent(task.cumulative),
            ],
            False,
        )

    def _if_corrected(self) -> list[Line]:
        """By item: how many queries, and the most that its total could move."""
        found: dict[str, list[Decimal]] = defaultdict(list)
        for task in self.queries.tasks:
            if task.adds and task.effect is not None:
                found[task.effect_item_id].append(abs(task.effect))
        lines: list[tuple[Decimal, Line]] = []
        for item, effects in found.items():
            definition = self.figures.known.get(item)
            total, moved = self.figures.get(item).value, sum(effects, Decimal(0))
            # What is averaged has no total that single figures could move.
            if definition is None or definition.kind != "level" or not total:
                continue
            whole = all(v == v.to_integral_value() for v in (total, moved))
            decimals = 0 if whole else definition.decimals
            cells: list[Cell] = [
                definition.unit,
                Number(Decimal(len(effects)), 0),
                Number(total, decimals),
                Number(moved, decimals),
                _percent(moved / total),
            ]
            lines.append((moved / total, (definition.name_zh, cells, False)))
        return [line for _, line in sorted(lines, key=lambda pair: (-pair[0], pair[1][0]))]

    def _soft(self) -> Iterator[Piece]:
        rows = self.figures.snapshot.rows(
            _SOFT, {"year": self.figures.year, "most": self.book.soft}
        )
        if not rows:
            yield _text(self.book.say("no_soft"))
            return
        yield _text(self.book.say("soft"))
        lines: list[Line] = [
            (
                str(n),
                [
                    _unit_name(row["unit_name"], row["venue_name"]),
                    row["message_zh"],
                    self._amount(row["effect"], row["effect_item_id"]),
                    _percent(abs(row["effect"]) / row["total"]),
                ],
                False,
            )
            for n, row in enumerate(rows, 1)
        ]
        yield {"table": self.book.tables["soft"].drawn(lines)}

    def _silent(self) -> Iterator[Piece]:
        rows = self.figures.snapshot.rows(
            "SELECT * FROM expected_units WHERE year = ? AND NOT returned ORDER BY"
            " prefecture_code, county_code, department_id, unit_id, venue_name",
            [self.figures.year],
        )
        if not self.figures.response.expected:
            yield _text(self.book.say("no_register"))
            return
        if not rows:
            yield _text(self.book.say("no_silent"))
            return
        last = self.figures.year - 1
        keys = [(row["unit_id"], row["venue_name"]) for row in rows]
        amounts = [
            f"{self.words.name(name)}{readable(self.causes.units.total(d, last, keys), d.unit)}"
            for name in self.book.last_year_items
            if (d := self.figures.known.get(name))
        ]
        known = self.figures.has_last_year and amounts
        yield _text(
            self.book.say("silent", n=len(rows), last=last, amounts="、".join(amounts))
            if known
            else self.book.say("silent_first", n=len(rows))
        )
        lines = [self._silent_line(n, row) for n, row in enumerate(rows, 1)]
        yield {"table": self.book.tables["silent"].drawn(lines)}

    def _silent_line(self, n: int, row: dict[str, Any]) -> Line:
        survey, year, unknown = self.figures.survey, self.figures.year, self.book.labels["unknown"]
        places = [
            survey.divisions.get(row[key], year) for key in ("prefecture_code", "county_code")
        ]
        department = survey.departments.get(row["department_id"], year)
        named = [found.name_zh if found else unknown for found in (*places, department)]
        return str(n), [*named, _unit_name(row["unit_name"], row["venue_name"])], False

    def _amount(self, effect: Decimal | None, item: str) -> str:
        if effect is None or item not in self.figures.definitions:
            return MISSING_MARK
        return str(readable(abs(effect), self.figures.definition(item).unit))


def _text(said: str) -> Piece:
    return {"text": said}


def _percent(share: Decimal) -> Number:
    return Number(share * 100, _SHARE_DECIMALS)


def _unit_name(unit: str, venue: str) -> str:
    return f"{unit}（{venue}）" if venue else unit
