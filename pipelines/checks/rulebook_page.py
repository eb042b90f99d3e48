"""The rule book as one page for a browser: the same rows as the workbook, nothing beside it.

Every rule has an anchor of its own (``审核规则手册.html#R14``), to be cited in a letter or a call.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from pipelines.checks.pages import STYLE, table
from pipelines.checks.rulebook import NOTES, Line, lines_of, title_of
from pipelines.survey import Survey

_HEAD = "<th>编号</th><th>级别</th><th>必须成立的关系</th><th>说明</th><th>依据</th>"


def write_page(survey: Survey, year: int, path: Path) -> Path:
    """Write the rule book of a data year as HTML."""
    title = escape(title_of(survey, year))
    lines = lines_of(survey, year)
    scopes = list(dict.fromkeys(line.scope for line in lines))
    parts = [f"<h1>{title}</h1>"]
    parts += [f'<p class="about">{escape(note)}</p>' for note in NOTES]
    contents = " · ".join(f'<a href="#{_anchor(scope)}">{escape(scope)}</a>' for scope in scopes)
    parts.append(f"<p>共 {len(lines)} 条：{contents}</p>")
    for scope in scopes:
        rows = [_row(line) for line in lines if line.scope == scope]
        parts.append(f'<h2 id="{_anchor(scope)}">{escape(scope)}（{len(rows)} 条）</h2>')
        parts.append(table(_HEAD, rows))
    path.write_bytes(
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title>\n<style>\n{_style()}</style></head>\n"
        f"<body><main>{''.join(parts)}</main></body></html>\n".encode()
    )
    return path


def _style() -> str:
    """The style of the quality documents without their font, which is a file beside them."""
    lines = STYLE.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("@font-face"))


def _row(line: Line) -> str:
    level = line.severity + ("<br>须更正" if line.must_correct else "")
    when = f"<small>仅当：{escape(line.when)}</small>" if line.when else ""
    within = f"<small>容差：{line.tolerance:f}</small>" if line.tolerance else ""
    more = "".join(f"<small>{escape(text)}</small>" for text in (line.source, line.note) if text)
    return (
        f'<tr id="{escape(line.rule_id)}"><td><code>{escape(line.rule_id)}</code></td>'
        f'<td class="level">{level}</td><td>{escape(line.relation)}{when}{within}</td>'
        f"<td>{escape(line.message)}</td><td>{escape(line.evidence)}{more}</td></tr>"
    )


def _anchor(scope: str) -> str:
    return f"范围-{escape(scope)}"
