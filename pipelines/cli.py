"""The kepu command: thin, Chinese, and the same for scripts as for people.

Exit codes: 0 all done; 1 something needs a person (files refused, a step failed); 2 wrong use.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipelines.commands import console
from pipelines.errors import KepuError, UsageError

NEEDS_A_PERSON = 1
WRONG_USE = 2
INTERRUPTED = 130

app = typer.Typer(
    name="kepu",
    help="科普调查统计生产线：收表、审核、入库、计算指标、出图表与公报。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    cls=console.ChineseGroup,
    context_settings={"help_option_names": ["--help", "-h"]},
)

RootOption = Annotated[
    Path, typer.Option("--root", help="工作目录（含 data 与 reports 的文件夹），默认当前目录")
]
YearOption = Annotated[
    int | None, typer.Option("--year", help="数据年度，默认收件夹中最新的年度", min=1990, max=2100)
]


@app.command(cls=console.ChineseCommand)
def init(
    root: RootOption = Path(),
    year: YearOption = None,
    survey: Annotated[
        str, typer.Option("--survey", help="另一项调查，如 督查台账；须单独用一个工作目录")
    ] = "",
) -> None:
    """建立本单位的工作目录，每个文件夹附中文说明。"""
    from pipelines.commands.setup import lay_out

    if survey and year is None:
        raise UsageError("没有写明年度", "请加 --year 年度")
    for path in lay_out(root, year):
        console.say(f"已建立 {path}")
    if survey and year is not None:
        from pipelines.commands.other_surveys import set_up

        for path in set_up(root, year, survey):
            console.say(f"已写入 {path}")
        console.say(f"下一步：运行 kepu forms --year {year} 生成各单位的台账，收回后放入收件夹")
        return
    console.say("下一步：把各地、各部门报来的表放入 data/raw/<年度>/，然后运行 kepu run")


@app.command(cls=console.ChineseCommand)
def demo(
    root: Annotated[Path, typer.Option("--root", help="演示目录")] = Path("demo"),
    year: Annotated[
        int, typer.Option("--year", help="两个连续年度中的后一年", min=1990, max=2100)
    ] = 2023,
    returns: Annotated[int, typer.Option("--returns", help="每年度调查表份数", min=20)] = 400,
    prefect: Annotated[
        bool, typer.Option("--prefect/--plain", help="经 Prefect 主流程运行，或直接运行")
    ] = True,
) -> None:
    """用模拟数据把整条生产线跑一遍（与真实数据分开存放）。"""
    from pipelines.commands import demonstration

    code = demonstration.run(root, year, returns, through_prefect=prefect)
    raise typer.Exit(code)


@app.command(cls=console.ChineseCommand)
def simulate(
    root: RootOption = Path(),
    year: Annotated[
        int, typer.Option("--year", help="两个连续年度中的后一年", min=1990, max=2100)
    ] = 2023,
    returns: Annotated[int, typer.Option("--returns", help="每年度调查表份数", min=20)] = 400,
    seed: Annotated[int, typer.Option("--seed", help="随机种子，相同则结果相同")] = 20231231,
) -> None:
    """生成模拟报表，供培训与试运行（每页标明“模拟数据”）。"""
    from pipelines.commands.demonstration import simulate_returns

    simulate_returns(root, year, returns, seed)


@app.command(cls=console.ChineseCommand)
def forms(
    root: RootOption = Path(),
    year: YearOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="存放位置，默认 reports/<年度>/空白表")
    ] = None,
    blank: Annotated[
        Path | None,
        typer.Option("--import", help="读入本单位的官方空白表，给出新的调查表版本和差异"),
    ] = None,
) -> None:
    """生成空白调查表（有名录时逐单位预填）；或由官方空白表导入新的版本。"""
    if blank is not None:
        from pipelines.commands.edition_import import import_blank, summary

        for line in summary(import_blank(root, blank, year, out)):
            console.say(line)
        return
    from pipelines.commands.blanks import write_blanks

    folder, count = write_blanks(root, year, out)
    console.say(f"已生成 {count} 份调查表：{folder}")


@app.command(cls=console.ChineseCommand)
def run(
    root: RootOption = Path(),
    year: YearOption = None,
    prefect: Annotated[
        bool | None,
        typer.Option("--prefect/--plain", help="经 Prefect 流程运行；默认：配置了服务器才经过"),
    ] = None,
) -> None:
    """运行生产线：收件 → 审核 → 建库 → 发布；没有变化时什么也不做。"""
    from pipelines import flows
    from pipelines.warehouse import Root

    place = Root(root)
    place.require_inbox(year)
    through_prefect = bool(flows.server_url()) if prefect is None else prefect
    outcome = console.run_visibly(place, year, through_prefect=through_prefect)
    console.show_outcome(place, outcome)
    if outcome.account.needs_a_person:
        raise typer.Exit(NEEDS_A_PERSON)


@app.command(cls=console.ChineseCommand)
def status(
    root: RootOption = Path(),
    year: YearOption = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            metavar="年-月-日",
            formats=["%Y-%m-%d"],
            help="按哪一天计算逾期，默认为“工作安排”中的截至日期",
        ),
    ] = None,
) -> None:
    """收件、审核与发布情况，待处理的事项，以及收件夹自上次运行后有无变化。"""
    from pipelines.commands.enquiries import show_status

    show_status(root, year, as_of.date() if as_of else None)


@app.command(cls=console.ChineseCommand)
def queries(
    root: RootOption = Path(),
    year: YearOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="另存到这个文件夹")] = None,
) -> None:
    """生成退给各单位的查询单，并列出还有问题的单位。"""
    from pipelines.commands.enquiries import write_query_sheets

    write_query_sheets(root, year, out)


@app.command(cls=console.ChineseCommand)
def national(
    root: RootOption = Path(),
    year: YearOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="存放位置，默认 data/processed/国家系统录入表/<年度>"),
    ] = None,
) -> None:
    """生成录入国家系统用的表：每份调查表一个文件，另有全省合计（内部资料）。"""
    from pipelines.commands.national import write_sheets

    for line in write_sheets(root, year, out):
        console.say(line)


@app.command(cls=console.ChineseCommand)
def mappings(
    root: RootOption = Path(),
    year: YearOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="把建议另存到这个文件夹")] = None,
) -> None:
    """列出认不准的版式和程序的对照建议，以及已认定的版式对照表。"""
    from pipelines.commands.layouts import show_mappings

    show_mappings(root, year, out)


@app.command(cls=console.ChineseCommand)
def trace(
    indicator: Annotated[
        str, typer.Argument(metavar="指标", help="指标名称、编号或表上的代码，如 人均科普专项经费")
    ],
    root: RootOption = Path(),
    year: YearOption = None,
    region: Annotated[str, typer.Option("--region", help="地区，如 长春市、榆树市；默认全省")] = "",
    department: Annotated[
        str, typer.Option("--department", help="主管部门，如 教育部门；可与其他条件合用")
    ] = "",
    level: Annotated[str, typer.Option("--level", help="单位级别，如 省级")] = "",
    unit: Annotated[str, typer.Option("--unit", help="单位或场馆的名称，或信用代码")] = "",
    limit: Annotated[int, typer.Option("--limit", help="最多列出多少格，0 为全部", min=0)] = 20,
    out: Annotated[
        Path | None, typer.Option("--out", help="全部单元格写入这个 .xlsx 或 .csv 文件")
    ] = None,
    open_file: Annotated[
        bool, typer.Option("--open", help="打开列在第一的单元格所在的文件")
    ] = False,
) -> None:
    """由一个公布数追到构成它的每一个单元格：原文、历次报送、规则、更正。"""
    from pipelines.commands.tracing import Question, show_trace

    question = Question(indicator, region, department, level, unit)
    show_trace(root, year, question, limit=limit, out=out, opened=open_file)


@app.command(cls=console.ChineseCommand)
def release(
    root: RootOption = Path(),
    year: YearOption = None,
    by: Annotated[str, typer.Option("--by", help="定稿人")] = "",
    provisional: Annotated[
        bool, typer.Option("--provisional", help="仍有必须更正的问题时，作为初步数定稿")
    ] = False,
    known_differences: Annotated[
        bool,
        typer.Option(
            "--known-differences", help="与先前的版本合看能推得单位的数，已逐项确认可以公开"
        ),
    ] = False,
) -> None:
    """把当前快照与报表定稿为一个不可改的版本（如 2023-r1）。"""
    from pipelines.commands.release import freeze

    if not by.strip():
        raise UsageError("没有写明定稿人", "请加 --by 姓名")
    made = freeze(
        root,
        year,
        by.strip(),
        provisional=provisional,
        known_differences=known_differences,
    )
    console.say(f"已定稿：{made}")


@app.command(cls=console.ChineseCommand)
def diff(
    before: Annotated[str, typer.Argument(help="较早的定稿版本，如 2023-r1", metavar="甲")],
    after: Annotated[
        str, typer.Argument(help="与之比较的定稿版本；不写为现行结果", metavar="[乙]")
    ] = "现行",
    root: RootOption = Path(),
    out: Annotated[Path | None, typer.Option("--out", help="全部清单写成工作簿（.xlsx）")] = None,
) -> None:
    """两个版本之间哪些数变了、变了多少、由哪些调查表和决定引起。"""
    from pipelines.commands.differences import show_difference

    show_difference(root, before, after, out)


@app.command(cls=console.ChineseCommand)
def verify(root: RootOption = Path()) -> None:
    """核对现行结果和各定稿版本：文件、数据表是否与清单一致。"""
    from pipelines.commands.releases import look_over

    troubles = 0
    for found in look_over(root):
        console.show_examination(found)
        troubles += not found.well
    if troubles:
        raise typer.Exit(NEEDS_A_PERSON)


@app.command(cls=console.ChineseCommand)
def rebuild(
    name: Annotated[str, typer.Argument(help="定稿版本，如 2023-r1", metavar="版本")],
    root: RootOption = Path(),
) -> None:
    """由当时的原始文件把一个定稿版本重做一遍（另放一处），逐表逐文件比较。"""
    from pipelines.commands.releases import make_again

    if not make_again(root, name):
        raise typer.Exit(NEEDS_A_PERSON)


@app.command(cls=console.ChineseCommand)
def rules(root: RootOption = Path(), year: YearOption = None) -> None:
    """审核规则自检：互相矛盾、多余、永远不会提出问题的规则。"""
    from pipelines.commands.rules import examine

    for line in examine(root, year):
        console.say(line)


@app.command(cls=console.ChineseCommand)
def doctor(root: RootOption = Path(), year: YearOption = None) -> None:
    """检查运行环境：版本、字体、磁盘、权限、收件夹、快照、Prefect。"""
    from pipelines.commands.health import examine

    troubles = 0
    for found in examine(root, year):
        console.show_examination(found)
        troubles += not found.well
    if troubles:
        raise typer.Exit(NEEDS_A_PERSON)


def main() -> NoReturn:
    """Run the command; our own errors are sentences, never tracebacks."""
    console.use_utf8()
    try:
        # Outside standalone mode the library gives the code of ``typer.Exit`` back, and the
        # shells' code for Ctrl-C.
        code = app(prog_name="kepu", standalone_mode=False)
    except KepuError as error:
        console.complain(str(error))
        sys.exit(WRONG_USE if isinstance(error, UsageError) else NEEDS_A_PERSON)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except typer.TyperException as error:
        console.complain(console.usage_problem(error))
        sys.exit(WRONG_USE)
    if code == INTERRUPTED:
        console.complain("已中断。已发布的数据没有改变，重新运行即可。")
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
