"""Questions put to what is published: how far are we, who must answer what, where is it from."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from rich.markup import escape

from pipelines import steps
from pipelines.account import account_of
from pipelines.commands import console
from pipelines.errors import NotFoundError
from pipelines.indicators import Definition, Definitions, load_definitions
from pipelines.survey import Item, Survey, load_survey
from pipelines.survey.notation import normalise_text, plain_text
from pipelines.survey.quantities import grouped
from pipelines.survey.reference import PROVINCE
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.trace import Contribution, Trace, trace_sum


def show_status(folder: Path, year: int | None) -> None:
    """The account of the published state, response by prefecture, and whether it is current."""
    root = Root(folder)
    plan = steps.receive(root, year)
    if not root.snapshot.is_file():
        console.say(f"收件夹中有 {len(plan.inventory.files)} 个文件，还没有运行过。请运行 kepu run")
        return
    with Snapshot(root.snapshot) as snapshot:
        account = account_of(snapshot, plan.report_year)
        with console.table_of("项目", "结果", title=f"{plan.report_year} 年度") as table:
            for label, text in account.lines():
                table.add_row(label, escape(text))
        _show_response(snapshot, plan.report_year)
    if steps.is_current(plan):
        console.say("已发布的结果是最新的。")
    else:
        console.warn("收件夹、制度或程序在上次运行后有变化，请运行 kepu run 更新。")


def _show_response(snapshot: Snapshot, year: int) -> None:
    rows = snapshot.rows(
        "SELECT d.name_zh AS name, count(u.unit_id) AS expected,"
        " (SELECT count(*) FROM counted_returns r WHERE r.year = d.year"
        "  AND r.prefecture_code = d.code) AS reported,"
        " (SELECT count(*) FROM counted_returns r WHERE r.year = d.year"
        "  AND r.prefecture_code = d.code AND r.status = 'queried') AS queried"
        " FROM divisions d LEFT JOIN units u ON u.year = d.year AND u.prefecture_code = d.code"
        " WHERE d.year = $year AND d.level = 'prefecture' GROUP BY d.year, d.code, d.name_zh"
        " ORDER BY d.code",
        {"year": year},
    )
    with console.table_of("地区", "应报", "实报", "待核实") as table:
        for row in rows:
            table.add_row(row["name"], *(str(row[k]) for k in ("expected", "reported", "queried")))


def write_query_sheets(folder: Path, year: int | None, out: Path | None) -> None:
    """List who has questions to answer; the sheets lie in the report, copies go to ``out``."""
    from pipelines.checks import queries

    root = Root(folder)
    with Snapshot(root.snapshot) as snapshot:
        chosen = _year_of(snapshot, year)
        target = out if out is not None else root.report(chosen) / "查询单"
        if out is not None:
            queries.write_queries(snapshot, load_survey(root.overlay), chosen, out)
        waiting = snapshot.rows(
            "SELECT r.unit_name AS name, count(*) AS findings,"
            " count(*) FILTER (f.must_correct) AS must FROM findings f"
            " JOIN returns r USING (return_id)"
            " WHERE f.year = $year AND f.severity <> 'note' GROUP BY ALL"
            " ORDER BY must DESC, findings DESC, name",
            {"year": chosen},
        )
    if not target.is_dir():
        raise NotFoundError(
            f"{chosen} 年度还没有发布过查询单", f"请先运行 kepu run --year {chosen}"
        )
    with console.table_of("单位", "问题", "必须更正", title=f"{chosen} 年度待答复") as table:
        for row in waiting:
            table.add_row(escape(row["name"]), str(row["findings"]), str(row["must"]))
    console.say(f"{len(waiting)} 个单位有问题待答复，查询单在 {console.shown(target)}")


def show_trace(folder: Path, year: int | None, indicator: str, member: str, limit: int) -> None:
    """Print the cells behind one figure, and that they add up to it."""
    root = Root(folder)
    survey = load_survey(root.overlay)
    with Snapshot(root.snapshot) as snapshot:
        chosen = _year_of(snapshot, year)
        definition = find_definition(survey, load_definitions(root.overlay), indicator)
        breakdown, member_id, name = find_member(snapshot, survey, chosen, member)
        row = _figure(snapshot, definition, chosen, breakdown, member_id)
        value = row["value"]
        said = "无数据" if value is None else grouped(value, definition.decimals)
        console.say(f"{chosen} 年度 {name} {definition.name_zh}：{said} {definition.unit}")
        console.say(f"算法：{definition.formula_zh}")
        for title, terms, total in (
            ("分子", definition.numerator, row["numerator"]),
            ("分母", definition.denominator, row["denominator"]),
        ):
            items = dict(pair for term in terms for pair in term.items())
            if items:
                trace = trace_sum(snapshot, chosen, list(items), breakdown, member_id)
                _show_cells(survey, chosen, title, trace, items, total, limit)
            elif terms:
                people = f"年末常住人口 {grouped(total)} 人" if total else "无数据"
                console.say(f"{title}：{people}")


def find_definition(survey: Survey, definitions: Definitions, asked: str) -> Definition:
    """An indicator by id or Chinese name; raises NotFoundError with the nearest names."""
    from difflib import get_close_matches

    catalogue = definitions.with_items(survey)
    wanted = normalise_text(asked)[0]
    by_name: dict[str, Definition] = {normalise_text(d.name_zh)[0]: d for d in catalogue}
    if wanted in catalogue:
        return catalogue[wanted]
    if wanted in by_name:
        return by_name[wanted]
    near = [n for n in by_name if wanted in n] or get_close_matches(wanted, by_name, 5, 0.4)
    hint = f"是不是：{'、'.join(near[:5])}" if near else "指标名称见 指标表.xlsx 的“指标解释”"
    raise NotFoundError(f"没有指标“{asked}”", hint)


def find_member(snapshot: Snapshot, survey: Survey, year: int, asked: str) -> tuple[str, str, str]:
    """Breakdown, member id and name of a place, department or level; "" is the province."""
    if not asked:
        return "province", PROVINCE, "全省"
    division = survey.divisions.resolve(asked, year)
    if division is not None and division.level in {"province", "prefecture", "county"}:
        return division.level, division.code, division.name_zh
    department = survey.departments.resolve(asked, year)
    if department is not None:
        return "department", department.department_id, department.name_zh
    for level in survey.levels:
        if asked in {level.level_id, level.name_zh, *level.aliases}:
            return "level", level.level_id, level.name_zh
    raise NotFoundError(f"没有地区、部门或级别“{asked}”", "请写全称，如 长春市、教育部门、省级")


def _year_of(snapshot: Snapshot, year: int | None) -> int:
    held = [r["year"] for r in snapshot.rows("SELECT DISTINCT year FROM returns ORDER BY 1")]
    if not held:
        raise NotFoundError("快照中没有任何调查表", "请放入报表后运行 kepu run")
    if year is not None and year not in held:
        raise NotFoundError(f"快照中没有 {year} 年度", f"现有：{'、'.join(map(str, held))}")
    return year if year is not None else int(held[-1])


def _figure(
    snapshot: Snapshot, definition: Definition, year: int, breakdown: str, member_id: str
) -> dict[str, Decimal | None]:
    rows = snapshot.rows(
        "SELECT value, numerator, denominator FROM indicator_values"
        " WHERE indicator_id = $indicator AND year = $year AND breakdown = $breakdown"
        " AND member_id = $member AND member2_id = ''",
        {
            "indicator": definition.indicator_id,
            "year": year,
            "breakdown": breakdown,
            "member": member_id,
        },
    )
    if not rows:
        raise NotFoundError(f"{year} 年度没有这个分组的“{definition.name_zh}”")
    return rows[0]


def _show_cells(
    survey: Survey,
    year: int,
    title: str,
    trace: Trace,
    items: dict[str, bool],
    total: Decimal | None,
    limit: int,
) -> None:
    signed = sum(
        (-c.amount if items[c.item_id] else c.amount for c in trace.contributions if c.amount),
        start=Decimal(0),
    )
    shown = trace.contributions[:limit] if limit else trace.contributions
    edition = survey.edition_of(year)
    for cell in shown:
        for line in _lines(edition.item, cell, items):
            console.say(line)
    left = len(trace.contributions) - len(shown)
    console.say(f"共 {len(trace.contributions)} 格" + (f"，另有 {left} 格未列" if left else ""))
    agrees = total is None or signed == total
    verdict = "相符" if agrees else f"与表中的 {total} 不符，请报告开发者"
    console.say(f"{title}合计 {plain_text(signed)}，{verdict}")


def _lines(
    items_by_id: Mapping[str, Item], cell: Contribution, signs: dict[str, bool]
) -> list[str]:
    """One cell on two lines, nothing cut off: what it adds, then where it stands."""
    unit = cell.unit_name + (f"（{cell.venue_name}）" if cell.venue_name else "")
    amount = "不计" if cell.amount is None else plain_text(cell.amount)
    sign = "-" if signs[cell.item_id] else ""
    return [
        f"  {sign + amount:>12}  {unit}  {items_by_id[cell.item_id].name_zh}",
        f"{'':>16}{cell.file}  {cell.sheet}!{cell.cell}  原文“{cell.raw_text}”",
    ]
