"""Lay out an office's own root, with a short Chinese 说明 in each folder."""

from __future__ import annotations

from pathlib import Path

from pipelines.warehouse import Root
from pipelines.warehouse.layout import OVERLAY_FOLDER, PUBLISHED_FOLDER
from pipelines.warehouse.publication import storage_errors

NOTE = "说明.txt"


def lay_out(folder: Path, year: int | None) -> list[Path]:
    """Make the folders that are missing; returns them.  What is there is left as it is."""
    root = Root(folder)
    wanted = [(root.raw, "raw"), (root.processed, "processed"), (root.reports, "reports")]
    wanted += [(root.published, "published"), (root.raw / OVERLAY_FOLDER, "overlay")]
    if year is not None:
        inbox = root.inbox(year)
        wanted += [(inbox, "inbox"), (inbox / "县区", "counties"), (inbox / "部门", "departments")]
    made = []
    with storage_errors(folder):
        for path, topic in wanted:
            if not path.is_dir():
                path.mkdir(parents=True)
                made.append(path)
            note = path / NOTE
            if not note.exists():
                note.write_text(_notes()[topic], encoding="utf-8")
    return made


def _notes() -> dict[str, str]:
    return {
        "raw": (
            "收件夹。按数据年度建文件夹（如 2023），把各地、各部门报来的文件原样放进去。\n"
            f"程序只读不改。{PUBLISHED_FOLDER}放已公布的数据，{OVERLAY_FOLDER}放本单位自己的制度文件。\n"
        ),
        "processed": (
            "数据快照、数据质量文档和运行记录。由程序生成，可以整个删除，\n"
            "重新运行 kepu run 即可由收件夹重建。\n"
        ),
        "reports": (
            "每个年度一个文件夹：公报、指标表、图、退给各单位的查询单。\n"
            "由程序生成；需要改动请另存，不要直接修改。\n"
        ),
        "published": "已公布的数据（如全国历年公布数据），xlsx 或 csv，作为对照序列读入。\n",
        "overlay": (
            "本单位的制度文件：与内置定义同名的文件会替代内置的，\n"
            "如 editions/kp-2021/rules.yaml（规则）、reference/departments.csv（部门代码）。\n"
        ),
        "inbox": (
            "本年度收到的全部文件。可再分文件夹：县区/<市>/<县>/…，部门/<省直部门>/…。\n"
            "另可放：名录.xlsx（应报单位）。压缩包 zip 可以直接放。\n"
            "督查台账的汇总表放作 督查台账.xlsx（见 docs/督查台账.md）。\n"
            "单位确认过的更正写进 更正.yaml（写法见 docs/更正与认定.md）。\n"
            "认定过的版式对照表放入其中的 mappings 文件夹（写法见 docs/版式对照.md）。\n"
        ),
        "counties": "属地线：县区/<市>/<县>/ 下放各单位报表。\n",
        "departments": "部门线：部门/<省直部门>/ 下放各单位报表或压缩包。\n",
    }
