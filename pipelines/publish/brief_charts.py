"""The three small charts of a brief as plain data; ``brief.typ`` draws them.

They are drawn as shapes of the page itself: a hundred pages of pictures would cost minutes.
Lengths are shares of a scale, 0 to 1; every value that is drawn is also written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipelines.publish.peers import Peers, Standing, fraction, standing

if TYPE_CHECKING:
    from pipelines.publish.brief_book import BriefBook, BriefKind
    from pipelines.publish.figure import Figure, Member, Ranked
    from pipelines.publish.figures import Figures
    from pipelines.publish.words import Words

Content = dict[str, Any]

#: Years of a line, the latest ones.
_YEARS = 6
#: Characters of a name beside a bar.
_LONGEST = 14


class BriefCharts:
    """The charts of one member's page."""

    def __init__(self, words: Words, book: BriefBook, kind: BriefKind, peers: Peers) -> None:
        self.words = words
        self.book = book
        self.kind = kind
        self.peers = peers
        self._short = _short_names(words.figures, peers)

    @property
    def figures(self) -> Figures:
        return self.words.figures

    def all_of(self, member: Member) -> list[Content]:
        """Rank, years and composition, in the order of the page."""
        made = [self._rank(member), self._line(member), self._bars(member)]
        return [chart | {"alt": self._alt(chart)} for chart in made]

    def name(self, indicator_id: str) -> str:
        return self.book.names.get(indicator_id) or self.words.name(indicator_id)

    def short(self, member: Member) -> str:
        """The name of a peer where there is little room."""
        return self._short[member.member_id]

    def said(self, indicator_id: str, figure: Figure) -> str:
        """A value as a chart writes it; a word where there is none."""
        value = self.words.value(indicator_id, figure)
        if value is not None:
            return str(value)
        return self.book.labels["hidden" if figure.suppressed else "absent"]

    def _rank(self, member: Member) -> Content:
        labels, by = self.book.labels, self.kind.rank
        ranking = self.peers.ranking(self.figures, by)
        hidden = self.peers.hidden(self.figures, by)
        found = standing(ranking, hidden, member.member_id, self.book.most_hidden)
        title = labels["rank_title"].format(name=self.name(by), peers=self.peers.name_zh)
        return {
            "form": "rank",
            "title": title,
            "note": "" if found is None else self.place(found),
            "rows": list(self._rank_rows(member, ranking, hidden)),
            "empty": "" if ranking else labels["nothing_to_draw"],
        }

    def place(self, found: Standing) -> str:
        """“县级市第3位（20个）”."""
        return self.book.labels["card_rank"].format(
            peers=self.peers.name_zh, rank=found.place, of=found.of
        )

    def _rank_rows(self, member: Member, ranking: list[Ranked], hidden: int) -> Iterator[Content]:
        """The first, those around the member and the last; how many were left out between."""
        by = self.kind.rank
        own = next((n for n, r in enumerate(ranking) if r.member.member_id == member.member_id), -1)
        most = max((one.value for one in ranking), default=None)
        last = -1
        for n in _window(len(ranking), own, self.book.rank_rows):
            if n > last + 1:
                yield {"gap": self.book.labels["rank_gap"].format(n=n - last - 1)}
            one, last = ranking[n], n
            yield {
                "name": self._short[one.member.member_id],
                "text": str(self.words.value(by, self.figures.get(
                    by, self.peers.breakdown, one.member.member_id))),
                "share": fraction(one.value, most),
                "own": n == own,
                "hidden": False,
            }  # fmt: skip
        figure = self.figures.get(by, self.peers.breakdown, member.member_id)
        if hidden > figure.suppressed:
            yield {"gap": self.book.labels["rank_hidden"].format(n=hidden - figure.suppressed)}
        if own < 0:
            yield {
                "name": self._short[member.member_id],
                "text": self.said(by, figure),
                "share": 0.0,
                "own": True,
                "hidden": True,
            }

    def _line(self, member: Member) -> Content:
        labels, by = self.book.labels, self.kind.line
        years = [year for year in self.figures.years if year <= self.figures.year][-_YEARS:]
        own = [self.figures.get(by, self.peers.breakdown, member.member_id, y) for y in years]
        whole = [self.figures.get(by, year=y) for y in years] if self._comparable else []
        most = max((f.value for f in (*own, *whole) if f.value is not None), default=None)
        name = labels["own_department" if self.peers.breakdown == "department" else "own"]
        lines = [(name, own, True), *([(labels["province"], whole, False)] if whole else [])]
        drawn = [
            {
                "name": title,
                "own": is_own,
                "points": [
                    {
                        "share": None if f.value is None else fraction(f.value, most),
                        "text": self.said(by, f),
                        "broken": f.is_break,
                    }
                    for f in figures
                ],
            }
            for title, figures, is_own in lines
        ]
        return {
            "form": "line",
            "title": labels["line_title"].format(name=self.name(by)),
            "note": labels["line_one_year"] if len(years) == 1 else "",
            "years": [str(year) for year in years],
            "lines": drawn,
            "empty": "" if any(f.value is not None for f in own) else self._why(own),
        }

    @property
    def _comparable(self) -> bool:
        """A ratio can be held against the province's, a total cannot."""
        return self.figures.definition(self.kind.line).kind != "level"

    def _why(self, figures: list[Figure]) -> str:
        hidden = any(figure.suppressed for figure in figures)
        return self.book.labels["hidden" if hidden else "nothing_to_draw"]

    def _bars(self, member: Member) -> Content:
        known = [name for name in self.kind.bars if name in self.figures.known]
        own = [self.figures.get(name, self.peers.breakdown, member.member_id) for name in known]
        whole = [self.figures.get(name) for name in known]
        most = max((f.value for f in (*own, *whole) if f.value is not None), default=None)
        labels = self.book.labels
        department = self.peers.breakdown == "department"

        def bar(name: str, figure: Figure) -> Content:
            return {
                "text": self.said(name, figure),
                "share": fraction(figure.value, most),
                "hidden": figure.value is None,
            }

        return {
            "form": "bars",
            "title": labels["bars_title"],
            "note": "",
            "own": labels["own_department" if department else "own"],
            "whole": labels["province"],
            "rows": [
                {"name": self.name(name), "own": bar(name, mine), "whole": bar(name, all_)}
                for name, mine, all_ in zip(known, own, whole, strict=True)
            ],
            "empty": "" if any(f.value is not None for f in own) else self._why(own),
        }

    def _alt(self, chart: Content) -> str:
        """The chart in words: its title and every value in it."""
        said: list[str] = [chart["empty"]] if chart["empty"] else []
        if chart["form"] == "rank":
            said += [row.get("gap") or f"{row['name']}{row['text']}" for row in chart["rows"]]
        elif chart["form"] == "line":
            said += [
                f"{line['name']}{year}年{point['text']}"
                for line in chart["lines"]
                for year, point in zip(chart["years"], line["points"], strict=True)
            ]
        else:
            said += [
                f"{row['name']}{chart['own']}{row['own']['text']}、"
                f"{chart['whole']}{row['whole']['text']}"
                for row in chart["rows"]
            ]
        return self.book.labels["alt"].format(title=chart["title"], said="；".join(said))


def _window(count: int, own: int, rows: int) -> list[int]:
    """Which places of a ranking of ``count`` are shown in about ``rows`` rows."""
    if count <= rows:
        return list(range(count))
    if own < 0:
        return [*range(rows - 2), count - 1]
    shown = {0, 1, 2, count - 1, own}
    reach = 1
    while len(shown) < rows - 1 and reach < count:
        for n in (own - reach, own + reach):
            if 0 <= n < count and len(shown) < rows - 1:
                shown.add(n)
        reach += 1
    return sorted(shown)


def _short_names(figures: Figures, peers: Peers) -> dict[str, str]:
    """Names for narrow places: those of the tile map; a department without what it includes."""
    grid = {"prefecture": "prefecture9", "county": "county"}.get(peers.breakdown)
    tiles = {tile.code: tile.label_zh for tile in figures.survey.tiles if tile.grid == grid}
    names = {m.member_id: tiles.get(m.member_id) or m.name_zh for m in peers.members}
    plain = {member_id: name.partition("（")[0] for member_id, name in names.items()}
    return {
        member_id: name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        for member_id, name in plain.items()
    }
