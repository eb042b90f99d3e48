"""Forms that are rows: places by value, indicators against the year before, response, findings."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pipelines.publish.charts.definition import Chart
from pipelines.publish.charts.rows import Reference, Row, RowChart
from pipelines.publish.charts.scene import Picture, Scale, Scene
from pipelines.publish.figures import MARKED_RESPONSE, Figure, Member, Ranked
from pipelines.survey.quantities import readable, round_half_up

_PERCENT = Scale(Decimal(1), "%", 1)


def ranking(chart: Chart, scene: Scene) -> Picture:
    """Places or departments by value; those without one follow, hatched and named."""
    indicator = chart.indicators[0]
    figures = scene.figures
    members = scene.members(chart.breakdown, indicator)
    values = {m.member_id: figures.get(indicator, chart.breakdown, m.member_id) for m in members}
    ranked = figures.ranking(indicator, chart.breakdown)
    listed = {m.member_id for m in members}
    ranked = [r for r in ranked if r.member.member_id in listed]
    shown = ranked[: chart.limit]
    if len(ranked) == chart.limit + 1:
        shown = ranked
    scale = scene.scale(indicator, (r.value for r in ranked))
    placed = {r.member.member_id for r in ranked}
    without = [m for m in members if m.member_id not in placed]
    # Beside a value that is not told nobody is known to be the first or the last.
    hidden = any(values[m.member_id].suppressed for m in without)
    rows = [_ranked_row(scene, chart, r, values, 0 if hidden else len(ranked)) for r in shown]
    limited = chart.breakdown == "department"
    if not limited:
        rows += [_unranked_row(scene, chart, m, values[m.member_id]) for m in without]
    if not rows:
        rows = [Row(scene.label(chart, indicator), None, absent=scene.phrases.no_data)]
    province = figures.get(indicator)
    reference = None
    if chart.reference and province.value is not None:
        text = scene.phrases.province.format(value=scale.text(province.value))
        reference = Reference(province.value, text)
    facts = _ranking_facts(scene, scale, ranked, without, values, province)
    notes = _rest_notes(scene, chart, ranked[len(shown) :])
    notes += _absence_notes(scene, without, values, limited)
    picture = RowChart(
        rows, scale, chart.mark, reference,
        scene.phrases.last_year.format(year=scene.year - 1) if chart.mark == "dot" else "",
    )  # fmt: skip
    return scene.picture(
        chart, facts, picture.body_mm, picture.paint, notes, blank=not ranked, told=picture.told
    )


def pairs(chart: Chart, scene: Scene) -> Picture:
    """Indicators of one unit, this year against the year before, with the change in words."""
    figures = scene.figures
    scale = scene.scale(
        chart.indicators[0],
        [f.value for name in chart.indicators for f in (figures.get(name), figures.last(name))],
    )
    rows = []
    for name in chart.indicators:
        figure, (aside, direction) = figures.get(name), scene.change(name)
        rows.append(
            Row(
                label=scene.label(chart, name),
                value=figure.value,
                last=figures.last(name).value,
                absent=scene.absent(figure),
                aside=aside,
                direction=direction,
                emphasised=True,
            )
        )
    told = (
        []
        if any(figures.get(name).suppressed for name in chart.indicators)
        else [name for name in chart.indicators if figures.get(name).value is not None]
    )
    largest = max(told, key=lambda name: figures.get(name).value or Decimal(0), default=None)
    facts = moves(chart, scene) | {
        "largest": scene.label(chart, largest) if largest else None,
        "largest_value": scene.words.value(largest, figures.get(largest)) if largest else None,
    }
    spoken = {key: None if value is None else str(value) for key, value in facts.items()}
    picture = RowChart(
        rows, scale, chart.mark, last_text=scene.phrases.last_year.format(year=scene.year - 1)
    )
    blank = all(figures.get(name).value is None for name in chart.indicators)
    return scene.picture(
        chart, spoken, picture.body_mm, picture.paint, blank=blank, told=picture.told
    )


def response(chart: Chart, scene: Scene) -> Picture:
    """回收率 by place or department, with how many of how many."""
    rows_found = scene.figures.snapshot.rows(
        "SELECT member_id, member_zh, units_expected AS expected, response_rate AS rate"
        f" FROM {scene.figures.source} WHERE indicator_id = ? AND breakdown = ? AND year = ?"
        " AND member2_id = '' AND units_expected > 0 ORDER BY rate DESC, member_id",
        [chart.indicators[0], chart.breakdown, scene.year],
    )
    rows = [_response_row(row) for row in rows_found[-chart.limit :]]
    if not rows:
        rows = [Row(scene.phrases.no_data, None, absent=scene.phrases.no_register)]
    whole = scene.figures.response.rate
    low = [row for row in rows_found if row["rate"] < MARKED_RESPONSE]
    facts = {
        "rate": None if whole is None else str(readable(whole * 100, "%", 1)),
        "low_count": str(len(low)) if low else None,
        "mark": str(readable(MARKED_RESPONSE * 100, "%", 0)),
        "lowest": rows_found[-1]["member_zh"] if rows_found else None,
        "lowest_rate": _rate_text(rows_found[-1]["rate"]) if rows_found else None,
        "shown": str(len(rows)) if len(rows_found) > len(rows) else None,
    }
    reference = None
    if whole is not None and rows_found:
        text = scene.phrases.province.format(value=_rate_text(whole))
        reference = Reference(whole * 100, text)
    picture = RowChart(rows, _PERCENT, "bar", reference, highest=Decimal(100))
    return scene.picture(
        chart, facts, picture.body_mm, picture.paint, blank=not rows_found, told=picture.told
    )


def findings(chart: Chart, scene: Scene) -> Picture:
    """Which rules failed most, in how many places, and how serious that is."""
    found = scene.figures.snapshot.rows(
        "SELECT rule_id, count(*) AS n, bool_or(must_correct) AS must, min(severity) AS severity"
        " FROM findings WHERE year = ? GROUP BY rule_id ORDER BY n DESC, rule_id",
        [scene.year],
    )
    rules = {r.id: r for r in scene.figures.survey.edition_of(scene.year).rules}
    kinds, phrases = scene.phrases.finding_kinds, scene.phrases
    rows = []
    for row in found[: chart.limit]:
        rule = rules.get(row["rule_id"])
        said = _shortened(rule.message_zh if rule else row["rule_id"], 22)
        kind = kinds["must_correct"] if row["must"] else kinds[row["severity"]]
        rows.append(
            Row(said, Decimal(row["n"]), aside=kind, emphasised=row["must"], text=str(row["n"]))
        )
    checked = scene.figures.response.returns > 0
    total = sum(row["n"] for row in found)
    must = sum(row["n"] for row in found if row["must"])
    if not rows:
        nothing = Row(phrases.no_data, None, absent=phrases.no_data)
        rows = [Row(phrases.no_findings, Decimal(0), text="0") if checked else nothing]
    facts = {
        "total": str(total) if total else None,
        "must": str(must) if must else None,
        "rules": str(len(found)) if found else None,
        "clean": phrases.no_findings if checked and not found else None,
        "shown": str(len(rows)) if len(found) > len(rows) else None,
        "returns": str(_returns_found(scene)) if total else None,
        "top_share": (
            str(readable(Decimal(100 * sum(r["n"] for r in found[:3])) / total, "%", 0))
            if len(found) > 5
            else None
        ),
    }
    scale = Scale(Decimal(1), phrases.findings_count, 0)
    picture = RowChart(rows, scale, "bar")
    return scene.picture(
        chart, facts, picture.body_mm, picture.paint, blank=not checked, told=picture.told
    )


def _ranked_row(
    scene: Scene, chart: Chart, ranked: Ranked, values: dict[str, Figure], count: int
) -> Row:
    """``count``: how many are ranked, the first and last of whom stand out; 0 is nobody."""
    indicator, member = chart.indicators[0], ranked.member
    rate = values[member.member_id].response_rate
    low = rate is not None and rate < MARKED_RESPONSE
    last = scene.figures.last(indicator, chart.breakdown, member.member_id).value
    return Row(
        label=member.name_zh,
        value=ranked.value,
        last=last if chart.mark == "dot" else None,
        aside=scene.phrases.low_response.format(rate=_rate_text(rate)) if low and rate else "",
        emphasised=count > 0
        and (ranked.rank == 1 or (chart.mark == "dot" and ranked.rank >= count)),
    )


def _unranked_row(scene: Scene, chart: Chart, member: Member, figure: Figure) -> Row:
    rate = figure.response_rate
    aside = scene.phrases.low_response.format(rate=_rate_text(rate)) if rate else ""
    value = figure.value
    return Row(member.name_zh, value, absent=scene.absent(figure), aside=aside if value else "")


def _rest_notes(scene: Scene, chart: Chart, ranked: list[Ranked]) -> list[str]:
    """The places beyond the limit together, where they can be added up."""
    definition = scene.figures.definition(chart.indicators[0])
    if not ranked or definition.kind != "level":
        return []
    total = readable(sum((r.value for r in ranked), Decimal(0)), definition.unit)
    return [scene.phrases.rest.format(count=len(ranked), value=total)]


def _ranking_facts(
    scene: Scene,
    scale: Scale,
    ranked: list[Ranked],
    without: list[Member],
    values: dict[str, Figure],
    province: Figure,
) -> dict[str, str | None]:
    """No first and last beside a suppressed value, which might stand before or after them."""
    facts: dict[str, str | None] = {
        "unit": scale.unit,
        "missing_count": str(len(without)) if without else None,
        "count": str(len(ranked)) if ranked else None,
    }
    if len(ranked) < 3 or any(values[m.member_id].suppressed for m in without):
        return facts
    first, last = ranked[0], ranked[-1]
    facts |= {
        "top": first.member.name_zh,
        "top_value": scale.spoken(first.value),
        "bottom": last.member.name_zh,
        "bottom_value": scale.spoken(last.value),
        "second": ranked[1].member.name_zh,
    }
    if last.value > 0 and first.value > last.value:
        facts["times"] = f"{round_half_up(first.value / last.value, 1):f}"
    if province.value:
        above = sum(r.value > province.value for r in ranked)
        facts["above"] = str(above) if above else None
        facts["top_share"] = str(readable(100 * first.value / province.value, "%", 1))
        three = sum((r.value for r in ranked[:3]), Decimal(0))
        facts["three_share"] = str(readable(100 * three / province.value, "%", 1))
        facts["third"] = ranked[2].member.name_zh
    return facts


def _absence_notes(
    scene: Scene, without: list[Member], values: dict[str, Figure], limited: bool
) -> list[str]:
    suppressed = [m.name_zh for m in without if values[m.member_id].suppressed]
    missing = [
        m.name_zh
        for m in without
        if values[m.member_id].value is None and not values[m.member_id].suppressed
    ]
    notes = []
    for names, phrase in (
        (suppressed, scene.phrases.suppressed_note),
        (missing, scene.phrases.missing_note),
    ):
        if names:
            listed = "、".join(names) if len(names) <= 6 or not limited else ""
            said = listed or scene.phrases.more_departments.format(count=len(names))
            notes.append(phrase.format(names=said))
    if len(suppressed) + len(missing) < len(without):
        notes.append(scene.phrases.low_response_note)
    return notes


def moves(chart: Chart, scene: Scene) -> dict[str, str | None]:
    """How many indicators rose and fell, in words that count only what can be compared."""
    directions = [scene.change(name)[1] for name in chart.indicators]
    up, down = directions.count("up"), directions.count("down")
    compared = up + down
    return {
        "up": str(up) if up and compared else None,
        "down": str(down) if down and compared else None,
        "all_up": str(up) if up and up == len(chart.indicators) else None,
        "all_down": str(down) if down and down == len(chart.indicators) else None,
        "rising": "、".join(
            scene.label(chart, n)
            for n, d in zip(chart.indicators, directions, strict=True)
            if d == "up"
        )
        or None,
        "falling": "、".join(
            scene.label(chart, n)
            for n, d in zip(chart.indicators, directions, strict=True)
            if d == "down"
        )
        or None,
    }


def _response_row(row: dict[str, Any]) -> Row:
    answered = round_half_up(row["rate"] * row["expected"])
    text = f"{_rate_text(row['rate'])}（{answered}/{row['expected']}）"
    return Row(row["member_zh"], row["rate"] * 100, text=text,
               emphasised=row["rate"] < MARKED_RESPONSE)  # fmt: skip


def _rate_text(rate: Decimal | None) -> str:
    return "" if rate is None else str(readable(rate * 100, "%", 1))


def _returns_found(scene: Scene) -> int:
    found = scene.figures.snapshot.rows(
        "SELECT count(DISTINCT return_id) AS n FROM findings WHERE year = ? AND return_id <> ''",
        [scene.year],
    )
    return int(found[0]["n"])


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
