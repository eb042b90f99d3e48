"""The data dictionary for people, in Chinese and in English, from the same entries."""

from __future__ import annotations

from pipelines.publish.open_data.descriptors import Title
from pipelines.publish.open_data.fields import Layout

_TYPES = {"string": "文字", "integer": "整数", "number": "数"}


def chinese(layout: Layout, title: Title) -> str:
    """数据字典.md"""
    lines = [
        f"# {title.zh}：数据字典",
        "",
        title.description_zh,
        "",
        title.source_zh,
        "",
        title.terms_zh,
        "",
    ]
    for table in layout.tables:
        lines += [
            f"## {table.name} {table.zh}",
            "",
            f"主键：{'、'.join(table.key)}",
            "",
            "| 字段 | 类型 | 必填 | 说明 |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| {f.name} | {_TYPES[f.type]} | {'是' if f.required else ''} | {f.zh} |"
            for f in table.fields
        ]
        lines.append("")
    return "\n".join(lines)


def english(layout: Layout, title: Title) -> str:
    """data-dictionary.md"""
    lines = [f"# {title.en}: data dictionary", "", title.description_en, "", title.terms_en, ""]
    for table in layout.tables:
        lines += [
            f"## {table.name}: {table.en}",
            "",
            f"Primary key: {', '.join(table.key)}",
            "",
            "| Field | Type | Required | Meaning |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| {f.name} | {f.type} | {'yes' if f.required else ''} | {f.en} |"
            for f in table.fields
        ]
        lines.append("")
    return "\n".join(lines)
