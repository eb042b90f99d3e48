"""One HTML file out of its parts: template, style, scripts and data, under a strict policy.

No text is ever markup: Jinja escapes what stands in the page, and in the data every ``<`` is an
escape of JSON.  The policy lets run only the scripts and styles whose hashes it names, and lets
nothing be fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_ECHARTS = _HERE / "vendor" / "echarts" / "echarts.common.min.js"
#: In the order in which they build on each other.
_SCRIPTS = ("data", "number", "table", "chart", "pictures", "tiles", "indicator", "place", "search",
            "start")  # fmt: skip


def assemble(context: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """The page as text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = _read(_HERE / "page.css")
    scripts = [_read(_ECHARTS), _own_script()]
    return environment.get_template("page.html").render(
        {
            **context,
            "policy": policy(style, scripts),
            "style": Markup(style),
            "scripts": [Markup(script) for script in scripts],
            "data": Markup(inline_json(data)),
            "columns": data["columns"],
        }
    )


def inline_json(data: Mapping[str, Any]) -> str:
    """JSON that no HTML parser reads a tag in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def policy(style: str, scripts: list[str]) -> str:
    """The Content-Security-Policy: these scripts and this style, and nothing from anywhere."""
    ours = " ".join(_hashed(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {ours}; style-src {_hashed(style)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hashed(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _own_script() -> str:
    """Our scripts in one scope of their own."""
    parts = "\n".join(_read(_HERE / "script" / f"{name}.js") for name in _SCRIPTS)
    return f'(function () {{\n"use strict";\n{parts}}})();\n'


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
