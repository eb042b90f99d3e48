"""Damage thousands of valid returns at random and judge what becomes of each.

``python -m benchmarks.mutations [COUNT]`` reads them as the line does, in reader processes that
are ended when they hang, and writes the result into docs/读取验证.md.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.page import record
from pipelines import intake, steps
from pipelines.intake.readings import FileReport
from pipelines.survey import load_survey
from pipelines.warehouse import Root
from pipelines.workers import readers_by
from tests.intake.mutating import Damaged, damage, silently_changed, valid
from tests.intake.writing import YEAR

HEADING = "## 随机损坏的文件"
_HANG, _BATCH = 10.0, 50
_FORMATS = {"csv": "文本", "docx": "Word", "ods": "ods", "xls": "xls", "xlsx": "xlsx"}


def main(count: int = 5000) -> None:
    """Damage, read, judge, record."""
    edition = load_survey().edition_of(YEAR)
    originals = valid(edition)
    damaged = [damage(originals, random.Random(seed)) for seed in range(count)]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder))
        found = _read(root, damaged)
    seconds = time.monotonic() - started
    outcomes: Counter[tuple[str, str]] = Counter()
    wrong: list[str] = []
    for number, one in enumerate(damaged):
        reports, answers = found.get(number, ([], []))
        if not reports:
            wrong.append(f"{number} {one.format} {one.how}: lost")
        for report in reports:
            outcomes[one.format, report.reason_code or report.status] += 1
            if report.reason_code == "K412":
                print(f"{number} {one.format} {one.how}: {report.reason_zh}")
        if answers:
            changed = silently_changed(edition, one, answers)
            wrong += [f"{number} {one.format} {one.how}: {what}" for what in changed]
    for line in wrong:
        print(line)
    text = _section(count, outcomes, len(wrong), seconds)
    print(text)
    record(HEADING, text)


def _read(root: Root, damaged: list[Damaged]) -> dict[int, tuple[list[FileReport], list[Any]]]:
    """Reports and answers of each damaged file, by its number."""
    inbox = root.inbox(YEAR)
    inbox.mkdir(parents=True)
    for number, one in enumerate(damaged):
        (inbox / f"{number:05d}").write_bytes(one.data)
    files = list(intake.scan(root, [YEAR]).files)
    batches = [files[n : n + _BATCH] for n in range(0, len(files), _BATCH)]
    limits = intake.limits().model_copy(update={"file_seconds": _HANG})
    found: dict[int, tuple[list[FileReport], list[Any]]] = {}
    with readers_by(partial(steps.read, root, None), len(batches), limits) as submit:
        for reading in [submit(batch) for batch in batches]:
            part = reading.result()
            for report in part.reports:
                reports, answers = found.setdefault(int(report.file.file[:5]), ([], []))
                reports.append(report)
                answers += part.answers.slice(report.first_row, report.rows).to_pylist()
    return found


def _section(count: int, outcomes: Counter[tuple[str, str]], wrong: int, seconds: float) -> str:
    codes = Counter[str]()
    for (_, code), n in outcomes.items():
        codes[code] += n
    lines = [
        HEADING,
        "",
        f"命令：`python -m benchmarks.mutations {count}`",
        "",
        f"把一份正确的报表存成五种格式，随机改坏 {count} 次：",
        f"改字节，或改压缩包内的 XML。用正式的读取进程读取，每个文件限 {_HANG:g} 秒。",
        "读入的数与原数不同的，由另一套独立的读法核对：文件里确实这样写，才算读对。",
        "",
        "| 格式 | 文件 | 读入 | 拒收 |",
        "|---|---:|---:|---:|",
    ]
    for kind, name in _FORMATS.items():
        total = sum(n for (k, _), n in outcomes.items() if k == kind)
        loaded = outcomes[kind, "loaded"]
        lines.append(f"| {name} | {total} | {loaded} | {total - loaded} |")
    refused = "、".join(f"{c} {n}" for c, n in sorted(codes.items()) if c != "loaded")
    lines += [
        "",
        f"- 程序崩溃或意外出错（K412）：{codes['K412']}",
        f"- 超过 {_HANG:g} 秒（K413）：{codes['K413']}",
        f"- 没有结果的文件、悄悄变了的数：{wrong}",
        f"- 拒收原因：{refused}",
        "",
    ]
    print(f"{count / seconds:.0f} files a second")
    return "\n".join(lines)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
