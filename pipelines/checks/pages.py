"""Data Docs as plain pages: Chinese, one style sheet beside them, nothing from the network.

The layout is that of Great Expectations' Data Docs: ``index.html``, a page a suite under
``expectations/`` and a page of results under ``validations/``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import version
from pathlib import Path

from pipelines.checks.sheets import words
from pipelines.checks.suites import Suite, Verdict
from pipelines.checks.webfont import write_subset

Judged = Sequence[tuple[Suite, list[Verdict]]]

#: The one style of our pages.
STYLE = Path(__file__).parent / "pages.css"

_STYLE = "style.css"
_TITLE = "科普统计数据质量文档"


def write_pages(folder: Path, judged: Judged, simulated: bool) -> None:
    """Write the index, two pages a suite, the style sheet and the font that they are set in."""
    pages = {"index.html": _index(judged, simulated)}
    for suite, verdicts in judged:
        pages[f"validations/{suite.name}.html"] = _results(suite, verdicts, simulated)
        pages[f"expectations/{suite.name}.html"] = _expected(suite, simulated)
    style = STYLE.read_text(encoding="utf-8")
    for name, text in {**pages, _STYLE: style}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    write_subset("".join(pages.values()), folder / "font.woff")


def table(head: str, rows: Sequence[str]) -> str:
    """A table that scrolls sideways where the screen is narrow."""
    body = "\n".join(rows)
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def _index(judged: Judged, simulated: bool) -> str:
    verdicts = [verdict for _, group in judged for verdict in group]
    met = sum(verdict.success for verdict in verdicts)
    rows = []
    for suite, group in judged:
        good = sum(verdict.success for verdict in group)
        state = "全部成立" if good == len(group) else f"{len(group) - good} 个不成立"
        name = escape(suite.name)
        links = (
            f'<a href="validations/{name}.html">核对结果</a> · '
            f'<a href="expectations/{name}.html">期望清单</a>'
        )
        numbers = "".join(_number(n) for n in (len(group), good, len(group) - good))
        rows.append(
            f'<tr class="{_mark(good == len(group))}"><td>{escape(suite.title_zh)}</td>{numbers}'
            f'<td class="state">{state}</td><td>{links}</td></tr>'
        )
    head = (
        '<th>内容</th><th class="n">期望</th><th class="n">成立</th>'
        '<th class="n">不成立</th><th>结论</th><th>查看</th>'
    )
    about = (
        "审核规则和数据表的约定都写成“期望”，由 Great Expectations 逐条核对并存档。"
        "不成立说明有表要核实或更正，详见各单位的查询单；不影响其余数据入库。"
    )
    cards = _cards((("期望", len(verdicts)), ("成立", met), ("不成立", len(verdicts) - met)))
    body = f"<h1>{_TITLE}</h1>{_about(about)}{cards}{table(head, rows)}"
    return _page(_TITLE, body, "", simulated)


def _results(suite: Suite, verdicts: list[Verdict], simulated: bool) -> str:
    met = sum(verdict.success for verdict in verdicts)
    of_rules = any(verdict.check.facts for verdict in verdicts)
    counted = ("判断", "成立", "不成立", "未评估") if of_rules else ("核对", "不符")
    head = "<th>结论</th><th>编号</th><th>内容</th><th>级别</th>" + "".join(
        f'<th class="n">{name}</th>' for name in counted
    )
    parts = [
        f"<h1>{escape(suite.title_zh)}：核对结果</h1>",
        _about(suite.about_zh),
        _cards((("期望", len(verdicts)), ("成立", met), ("不成立", len(verdicts) - met))),
        '<label class="filter"><input type="checkbox" id="only"> 只看不成立的</label>',
    ]
    for group in dict.fromkeys(verdict.check.group_zh for verdict in verdicts):
        rows = [_result_row(one) for one in verdicts if one.check.group_zh == group]
        parts.append(f"<h2>{escape(group)}</h2>{table(head, rows)}")
    return _page(suite.title_zh, "".join(parts), "../", simulated)


def _result_row(verdict: Verdict) -> str:
    check = verdict.check
    if check.facts:
        keys = ("evaluated", "passed", "failed", "not_evaluated")
        numbers: Iterable[object] = (check.facts[key] for key in keys)
    else:
        result = verdict.result
        numbers = (
            result.get("element_count", "—"),
            result.get("unexpected_count", result.get("observed_value", "—")),
        )
    return (
        f'<tr class="{_mark(verdict.success)}">'
        f'<td class="state">{"✓ 成立" if verdict.success else "✗ 不成立"}</td>'
        f'<td class="id"><code>{escape(check.check_id)}</code></td>'
        f"<td>{escape(check.title_zh)}</td>"
        f'<td class="level">{escape(words().severities[check.severity])}</td>'
        + "".join(_number(number) for number in numbers)
        + "</tr>"
    )


def _expected(suite: Suite, simulated: bool) -> str:
    head = "<th>编号</th><th>期望</th><th>级别</th><th>类型与参数</th>"
    parts = [f"<h1>{escape(suite.title_zh)}：期望清单</h1>", _about(suite.about_zh)]
    for group in dict.fromkeys(check.group_zh for check in suite.checks):
        rows = []
        for check in suite.checks:
            if check.group_zh == group:
                arguments = "，".join(f"{k}={v}" for k, v in check.arguments.items())
                only = f"（仅 rule_id = {check.only_rule}）" if check.only_rule else ""
                rows.append(
                    f"<tr><td><code>{escape(check.check_id)}</code></td>"
                    f"<td>{escape(check.title_zh)}<small>{escape(check.notes_zh)}</small></td>"
                    f"<td>{escape(words().severities[check.severity])}</td>"
                    f"<td><code>{check.kind} {escape(arguments + only)}</code></td></tr>"
                )
        parts.append(f"<h2>{escape(group)}</h2>{table(head, rows)}")
    return _page(suite.title_zh, "".join(parts), "../", simulated)


def _page(title: str, body: str, up: str, simulated: bool) -> str:
    mark = f'<p class="mark">{words().letter["simulated"]}</p>' if simulated else ""
    made = f"Great Expectations {version('great-expectations')} 核对；页面不联网。"
    nav = f'<nav><a href="{up}index.html">{_TITLE}</a></nav>' if up else ""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{up}{_STYLE}"></head>\n'
        f"<body>{nav}<main>{mark}{body}<footer>{made}</footer></main></body></html>\n"
    )


def _cards(facts: Iterable[tuple[str, int]]) -> str:
    cards = (
        f'<li class="{"open" if name == "不成立" and number else ""}"><b>{number:,}</b>{name}</li>'
        for name, number in facts
    )
    return f'<ul class="cards">{"".join(cards)}</ul>'


def _about(text: str) -> str:
    return f'<p class="about">{escape(text)}</p>'


def _number(value: object) -> str:
    shown = f"{value:,}" if isinstance(value, int | float) else str(value)
    return f'<td class="n">{shown}</td>'


def _mark(met: bool) -> str:
    return "met" if met else "open"
