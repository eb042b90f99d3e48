"""Draw thousands of files in every supported layout, read them, and count what came back wrong.

``python benchmarks/layouts.py FIRST COUNT`` prints a table for docs/读取验证.md.  The same seeds
always give the same files; a seed that fails is printed with what differs.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from tests.intake.layout_checking import differences

_SHOWN = 10
_NAMES = {
    "across": "指标横排，只有一行名称和一行数",
    "blank_form": "下发的空白表，用程序填写",
    "one_sheet": "整份调查表在一张工作表里",
    "sets_of_sheets": "一个工作簿里几套封面和表",
    "sheet_per_unit": "一个单位一张工作表",
    "sheets_of_forms": "封面和各表各一张工作表",
    "side_by_side": "两表并排，或一表分成左右两栏",
    "stacked_returns": "几份调查表上下接在一张工作表里",
    "summary": "汇总表：单位竖排、指标横排",
    "turned": "空白表横过来：指标横排，带表头",
    "units_across": "汇总表：指标竖排、单位横排",
    "by csv": "CSV（GB18030）",
    "by html": "网页表格",
    "by in memory": "不经文件，直接给出单元格",
    "by openpyxl": "openpyxl 写的 .xlsx",
    "by our own": "本项目填表程序写的 .xlsx",
    "by spreadsheetml": "XML 表格 2003",
    "by word": "Word 文档（.docx）",
    "by xlsxwriter": "xlsxwriter 写的 .xlsx",
}


def main(first: int, count: int) -> int:
    """The exit code: 1 when anything was read otherwise than drawn."""
    started = time.monotonic()
    files: Counter[str] = Counter()
    writers: Counter[str] = Counter()
    spoilt: Counter[str] = Counter()
    failed: list[int] = []
    cells = returns = 0
    for seed in range(first, first + count):
        drawn, problems = differences(seed)
        files[drawn.traits[0]] += 1
        writers[drawn.traits[-1]] += 1
        if drawn.spoilt:
            spoilt[drawn.traits[0]] += 1
        else:
            returns += len(drawn.returns)
            cells += sum(len(one.said) for one in drawn.returns)
        if problems:
            failed.append(seed)
            if len(failed) <= _SHOWN:
                print(seed, drawn.traits, *problems[:3], sep="\n  ", file=sys.stderr)
    last = first + count - 1
    print(f"种子 {first}—{last}，文件 {count} 个，调查表 {returns} 份，指标格 {cells} 个，")
    print(f"故意写得认不准的文件 {sum(spoilt.values())} 个；与所写不同的文件 {len(failed)} 个；")
    print(f"用时 {time.monotonic() - started:.0f} 秒。\n")
    for title, counter in (("版式", files), ("写法", writers)):
        print(f"| {title} | 文件数 |\n| --- | ---: |")
        for name, number in sorted(counter.items()):
            print(f"| {_NAMES[name]} | {number} |")
        print()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
