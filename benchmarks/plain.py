"""Read drawn and damaged workbooks with and without the native reader, and count what differs.

``python -m benchmarks.plain FIRST COUNT`` keeps its result in docs/读取验证.md.  The same seeds
always give the same files; a seed that fails is printed.
"""

from __future__ import annotations

import random
import sys

from benchmarks.page import record
from pipelines.survey import load_survey
from tests.intake.layout_drawing import draw
from tests.intake.layout_writers import WRITERS, can_write
from tests.intake.mutating import valid
from tests.intake.plain_checking import damage_differs, differs, drawn_cells, plain_sheets
from tests.intake.plain_programs import PROGRAMS, is_read_as_drawn, saved
from tests.intake.writing import YEAR

HEADING = "## 两种读法"
_WRITERS = ("openpyxl", "xlsxwriter")


def main(first: int, count: int) -> None:
    edition = load_survey().edition_of(YEAR)
    original = valid(edition)["xlsx"]
    failed: list[str] = []
    books = plain = sheets = by_programs = left = 0
    for seed in range(first, first + count):
        drawn = draw(seed, edition)
        able = [name for name in _WRITERS if can_write(name, drawn.pages)]
        whole = [drawn.data] if drawn.data else [WRITERS[name][0](drawn.pages) for name in able]
        for data in whole:
            told = plain_sheets(data)
            books, plain, sheets = books + 1, plain + sum(told), sheets + len(told)
        again = [saved(program, random.Random(seed)) for program in PROGRAMS.values()]
        failed += [f"{seed}: {n}" for n, one in enumerate(again) if not is_read_as_drawn(one)]
        told = [one for drawn in again for one in plain_sheets(drawn.data)]
        by_programs, left = by_programs + len(told), left + told.count(False)
        good = [*whole, *(one.data for one in again), drawn_cells(random.Random(seed))]
        failed += [f"{seed}: {n}" for n, data in enumerate(good) if differs(data)]
        harmed = [original, *(one.data for one in again)]
        odd = [damage_differs(one, random.Random(seed)) for one in harmed]
        failed += [f"{seed}: damaged {n}" for n, is_wrong in enumerate(odd) if is_wrong]
    print("\n".join(failed))
    lines = [
        HEADING,
        "",
        f"命令：`python -m benchmarks.plain {first} {count}`",
        "",
        "写法平常的 .xlsx 工作表由本项目自己读，其余交给 calamine。同一文件用两种读法各读一遍，",
        "逐格比较数值、类型、缺结果的公式、合并区、隐藏行列；一种读法拒收的，另一种也须拒收",
        "（只损坏了压缩包本身、其中内容经校验完好的，读出的须与损坏前相同）。",
        "",
        f"种子 {first}—{first + count - 1}。",
        f"各种版式的工作簿 {books} 个，可见工作表 {sheets} 张，其中 {plain} 张不经 calamine 读出；",
        f"按 {'、'.join(PROGRAMS)} 的写法拼成、内容事先定好的工作簿 {by_programs} 个，",
        f"其中交给 calamine 的 {left} 个；读出的还须与所定的逐格相同。",
        f"随机拼成的各类单元格 {count} 个文件，随机改坏的报表 {4 * count} 个。",
        f"两种读法不同的：{len(failed)} 个。",
        "",
    ]
    print("\n".join(lines))
    record(HEADING, "\n".join(lines))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
