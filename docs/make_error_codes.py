"""Write docs/错误代码.md: every error code, what it means and what to do.

    python docs/make_error_codes.py

The codes come from the error classes and from the reasons for which a file is refused, so that
the page cannot fall behind the program; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from pipelines import errors

FOLDER = Path(__file__).parent
PAGE = FOLDER / "错误代码.md"
REFUSALS = FOLDER.parent / "pipelines" / "intake" / "refusals.yaml"

#: What the codes mean that are not reasons for refusing a file.
MEANINGS = {
    "K000": ("未分类的错误", "按提示处理"),
    "K100": (
        "制度文件（调查表、规则、参考数据、指标）、工作安排.yaml 或 审核阈值.yaml 写错了",
        "按提示的文件和行号改正",
    ),
    "K101": ("没有适用于该年度的调查表版本", "核对年度，或在“调查制度”文件夹中增加版本"),
    "K200": (
        "工作目录不对，缺少这一步需要的收件夹，或收件夹里名录、更正等文件的名字写错了",
        "核对 --root，或先运行 kepu init；文件名按提示改正",
    ),
    "K201": (
        "磁盘写不进去：已满、只读，或文件被其他程序占用",
        "腾出空间或关闭占用的程序后重新运行",
    ),
    "K202": ("还没有发布过数据快照，或快照、清单损坏", "运行 kepu run 重建"),
    "K203": ("同一目录正有另一次运行", "等它结束后再运行"),
    "K204": ("名录不能使用", "按提示的单元格改正名录"),
    "K205": ("“公布数据”中的文件不能作为表读取", "按提示的位置改正该文件"),
    "K206": ("读取文件的进程启动不了", "腾出内存后重新运行；仍不行时运行 kepu doctor 检查安装"),
    "K207": (
        "更正.yaml、认定.yaml、说明.xlsx 写错了，什么都没有计算",
        "按提示的位置改正；写法见 docs/更正与认定.md、docs/查询与答复.md",
    ),
    "K208": (
        "版式对照表（mappings 文件夹）写错了、没有填完或不是这个年度的",
        "按提示的文件和行号改正，写法见 docs/版式对照.md",
    ),
    "K209": ("给出的文件不是空白调查表，做不成新的调查表版本", "按提示换成没有填数的空白表"),
    "K210": (
        "督查台账.xlsx 不能使用：不是台账目录写出的汇总表、年度不同，或与实施方案对不上",
        "按提示的工作表和单元格改正，或重新从台账目录复制；写法见 docs/督查台账.md",
    ),
    "K300": ("读到的与载入的不平，是程序的缺陷", "保留收件夹，把提示原文报告给维护人员"),
    "K301": ("算不出哪些数不能公布，是程序的缺陷", "保留收件夹，把提示原文报告给维护人员"),
    "K302": (
        "与先前定稿的版本合起来看，能推得单位的数，不能定稿",
        "看提示所写的清单；等更多单位修订后再定稿，或确认可公开后加 --known-differences",
    ),
    "K500": ("缺少页面要用的字体或字", "重新安装，再运行 kepu doctor"),
    "K501": ("公报、图表或质量文档没有做成", "按提示处理；安装有问题时运行 kepu doctor"),
    "K600": ("要查的指标、单位、年度或版本不存在", "按提示的名称重写"),
    "K601": ("命令的用法不对", "看该命令的 --help"),
}


def codes() -> list[str]:
    """The code of every error class, in order."""
    return sorted({error.code for error in _classes(errors.KepuError)})


def page() -> str:
    """The page as it should stand."""
    refusals = yaml.safe_load(REFUSALS.read_text(encoding="utf-8"))
    refused = {code: (one["title_zh"], one["advice_zh"]) for code, one in refusals.items()}
    meanings = MEANINGS | refused
    lines = [
        "# 错误代码",
        "",
        "程序报错时先写代码，如 `[K402]`。代码固定不变，可以据此查找原因。",
        "K4 开头的是没有载入的文件：只影响该文件，其他文件照常处理。",
        "本页由 `docs/make_error_codes.py` 生成。",
        "",
        "| 代码 | 含义 | 怎么办 |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {code} | {meanings[code][0]} | {meanings[code][1]} |" for code in codes()]
    return "\n".join(lines) + "\n"


def _classes(base: type[errors.KepuError]) -> Iterator[type[errors.KepuError]]:
    yield base
    for one in base.__subclasses__():
        yield from _classes(one)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
