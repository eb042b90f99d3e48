"""Files a second: bare calamine, our intake, pandas with openpyxl, on the same workbooks.

``python -m benchmarks.intake ROOT [SAVED_AGAIN] [--write]`` takes the .xlsx returns in the inboxes
of ROOT, filled by a program, and those of SAVED_AGAIN: the same saved by LibreOffice, which
rewrites all of a file.  Without that folder some are saved here, if LibreOffice is installed.

One process; CPU time, so that other work on the machine disturbs little; best of nine.  Cells that
were remembered are forgotten before every round: in a real year every file has other figures.
``--write`` keeps the result in docs/读取验证.md.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import python_calamine

from benchmarks.page import record
from pipelines import intake
from pipelines.intake.formats import plain_cells
from pipelines.intake.inbox import InboxFile, content_of
from pipelines.survey import load_survey
from pipelines.warehouse import Root

HEADING = "## 速度"
FILLED, SAVED_AGAIN = "下发的空白表由程序填成", "同样的表用 LibreOffice 另存"
_FILES, _SAMPLE, _SAVED, _ROUNDS = 200, 8, 60, 9


def main(filled: Root, again: Root | None, keep: bool) -> None:
    lines = [f"单进程，每秒份数（处理器时间，{_ROUNDS} 次取最快；每次先忘掉记住的单元格）。"]
    with _saved_again(filled) if again is None else _as_it_is(again) as saved:
        for said, root in ((FILLED, filled), (SAVED_AGAIN, saved)):
            if root is not None:
                lines += ["", *_measured(said, root)]
    print("\n".join(lines))
    if keep:
        command = "命令：`python -m benchmarks.intake 工作目录 另存的目录 --write`"
        record(HEADING, "\n".join([HEADING, "", command, "", *lines, ""]))


def _measured(said: str, root: Root) -> list[str]:
    # One reader for all, as each process of the line has.
    reader = intake.Reader(root, load_survey(root.overlay))
    files = _readable(reader, root)
    if not files:
        sys.exit("收件夹里没有可读的 .xlsx 报表")

    def read() -> None:
        plain_cells.forget()
        reader.read(files)

    def read_bare() -> None:
        for file in files:
            _bare(content_of(file, root))

    bare, ours = _rates(len(files), read_bare, read)
    sample = files[:_SAMPLE]
    (pandas_rate,) = _rates(len(sample), lambda: _pandas(sample, root))
    return [
        f"{said}，.xlsx {len(files)} 份：",
        "",
        "| 怎样读 | 每秒份数 | 与 intake 相比 |",
        "|---|---:|---|",
        f"| 仅用 calamine 读单元格 | {bare:.0f} | intake 为其 {ours / bare:.2f} 倍 |",
        f"| 本项目 intake | {ours:.0f} | |",
        f"| pandas + openpyxl | {pandas_rate:.0f} | intake 为其 {ours / pandas_rate:.1f} 倍 |",
    ]


def _readable(reader: intake.Reader, root: Root) -> list[InboxFile]:
    reports = reader.read(list(intake.scan(root, root.years()).files)).reports
    return [r.file for r in reports if r.status == "loaded" and r.format == "xlsx"][:_FILES]


@contextmanager
def _as_it_is(root: Root) -> Iterator[Root | None]:
    yield root


@contextmanager
def _saved_again(filled: Root) -> Iterator[Root | None]:
    """A root with some of the returns as LibreOffice saves them; None where it is not installed."""
    office = shutil.which("soffice")
    if office is None:
        yield None
        return
    files = _readable(intake.Reader(filled, load_survey(filled.overlay)), filled)[:_SAVED]
    with tempfile.TemporaryDirectory() as folder:
        root = Root(Path(folder) / "again")
        for year in {file.year for file in files}:
            sources = Path(folder) / f"{year}"
            sources.mkdir()
            for number, file in enumerate(one for one in files if one.year == year):
                (sources / f"{number}.xlsx").write_bytes(content_of(file, filled))
            _convert(office, sorted(sources.iterdir()), root.inbox(year) / "县区", Path(folder))
        yield root


def _convert(office: str, sources: Sequence[Path], target: Path, spare: Path) -> None:
    command = [
        office, f"-env:UserInstallation={(spare / 'profile').as_uri()}", "--headless",
        "--convert-to", "xlsx", "--outdir", str(target), *map(str, sources),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)


def _rates(count: int, *works: Callable[[], object]) -> list[float]:
    """Files a second of each work, best of the rounds; they take turns, so that a slow spell of
    the machine does not fall on one of them alone."""
    best = [float("inf")] * len(works)
    for _ in range(_ROUNDS):
        for number, work in enumerate(works):
            start = time.process_time()
            work()
            best[number] = min(best[number], time.process_time() - start)
    return [count / seconds for seconds in best]


def _bare(data: bytes) -> None:
    book = python_calamine.load_workbook(io.BytesIO(data))
    for number in range(len(book.sheet_names)):
        sheet = book.get_sheet_by_index(number)
        sheet.to_python(skip_empty_area=False)
        _ = sheet.merged_cell_ranges


def _pandas(files: list[InboxFile], root: Root) -> None:
    import pandas as pd

    for file in files:
        data = io.BytesIO(content_of(file, root))
        pd.read_excel(data, sheet_name=None, header=None, engine="openpyxl")


if __name__ == "__main__":
    folders = [Root(Path(one)) for one in sys.argv[1:] if one != "--write"]
    main(folders[0], folders[1] if len(folders) > 1 else None, keep="--write" in sys.argv)
