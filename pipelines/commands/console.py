"""What the terminal shows: Chinese help and usage errors, progress bars, the closing account."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.core
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from pipelines.errors import UsageError
from pipelines.warehouse import Root
from pipelines.warehouse.layout import (
    DRAFT_DOUBTS_FILE,
    DRAFT_FILE,
    INTERNAL_FOLDER,
    OPEN_DATA_FOLDER,
)

if TYPE_CHECKING:
    from pipelines.commands.health import Finding
    from pipelines.runs import Outcome

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

#: Refused files shown at the end of a run; all of them are in 审核汇总.xlsx.
_REFUSALS_SHOWN = 20

_HELP_WORDS = (
    ("Usage: ", "用法："),
    ("[OPTIONS] COMMAND [ARGS]...", "[选项] 命令 [参数]..."),
    ("[OPTIONS]", "[选项]"),
    ("Options:", "选项："),
    ("Arguments:", "参数："),
    ("Commands:", "命令："),
    ("Show this message and exit.", "显示本帮助。"),
    ("[default: ", "[默认："),
    ("[required]", "[必填]"),
    # As wide on the screen as what they replace, so that the columns stay in line.
    ("<int range>", "<整数>     "),
    ("<int> ", "<整数>"),
    ("<str> ", "<文字>"),
    ("<path>", "<路径>"),
)


def in_chinese(text: str) -> str:
    """The command library's own help words, in Chinese."""
    for english, chinese in _HELP_WORDS:
        text = text.replace(english, chinese)
    return text


class ChineseCommand(typer.core.TyperCommand):
    """A command whose help is Chinese throughout."""

    def get_help(self, ctx: Any) -> str:
        return in_chinese(super().get_help(ctx))


class ChineseGroup(typer.core.TyperGroup):
    """The command group, likewise; a command that there is not is named, with those there are."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in self.commands and not args[0].startswith("-"):
            known = "、".join(self.commands)
            raise UsageError(f"没有命令“{args[0]}”", f"命令有：{known}。用法见：kepu --help")
        return super().resolve_command(ctx, args)

    def get_help(self, ctx: Any) -> str:
        return in_chinese(super().get_help(ctx))


def use_utf8() -> None:
    """Print Chinese whatever the terminal's own encoding; never fail on a character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def say(text: str) -> None:
    out.print(escape(text))


def warn(text: str) -> None:
    out.print(f"[yellow]{escape(text)}[/]")


def complain(text: str) -> None:
    err.print(f"[red]{escape(text)}[/]")


def usage_problem(error: Exception) -> str:
    """A usage error as a Chinese sentence with what to do; the help where no command is given."""
    context = getattr(error, "ctx", None)
    if context is not None and type(error).__name__ == "NoArgsIsHelpError":
        return str(context.get_help())
    command = getattr(context, "command_path", "kepu")
    parameter = getattr(error, "param", None)
    metavar = getattr(parameter, "metavar", None) or ""
    options = [opt for opt in getattr(parameter, "opts", []) if opt.startswith("--")]
    named = next(iter(options), metavar)
    what = {
        "NoSuchOption": f"没有选项“{getattr(error, 'option_name', '')}”",
        "BadOptionUsage": f"选项“{getattr(error, 'option_name', '')}”缺少取值",
        "MissingParameter": f"缺少“{named}”",
        "BadParameter": f"“{named}”的取值不对{_expected(error, metavar)}",
    }.get(type(error).__name__, "命令或参数不对")
    return f"[K601] {what}。用法见：{command} --help。"


def _expected(error: Exception, metavar: str) -> str:
    """What a value should have been, as far as the library's own error tells."""
    told: list[Any] = getattr(error.__cause__, "errors", list)()
    wanted = {**told[0].get("ctx", {}), "kind": told[0]["type"]} if told else {}
    if "ge" in wanted:
        return f"：不能小于 {wanted['ge']}"
    if "le" in wanted:
        return f"：不能大于 {wanted['le']}"
    if wanted.get("kind") == "int_parsing":
        return "：应是整数"
    return f"：应写成 {metavar}" if metavar else ""


@contextmanager
def table_of(*headings: str, title: str = "") -> Iterator[Table]:
    """A table that is printed when the block ends."""
    table = Table(*headings, title=title, title_justify="left", header_style="bold")
    yield table
    out.print(table)


def run_visibly(root: Root, year: int | None, *, through_prefect: bool) -> Outcome:
    """Run the line with progress bars, through the Prefect flow or as plain steps."""
    if through_prefect:
        return _run_through_prefect(root, year)
    from pipelines.runs import run_line

    with bars() as show:
        return run_line(root, year, show)


def _run_through_prefect(root: Root, year: int | None) -> Outcome:
    from pipelines import flows

    if not flows.server_url():
        flows.use_own_home(root.processed.resolve() / ".prefect")
        say("正在启动临时的 Prefect 服务（约半分钟，只在本机）……")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "WARNING")
    started = time.monotonic()
    annual = flows.annual
    with bars() as show:
        flows.watched_by(show)
        outcome: Outcome = annual(str(root.path), year)
    say(f"Prefect 主流程完成，含启动共 {time.monotonic() - started:.0f} 秒")
    return outcome


@contextmanager
def bars() -> Iterator[Callable[[str, int, int], None]]:
    """Progress bars, one a step, as the steps report."""
    with _progress() as shown:
        tasks: dict[str, TaskID] = {}

        def show(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = shown.add_task(what, total=total)
            shown.update(tasks[what], completed=done, total=total)

        yield show


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=out,
    )


def show_outcome(root: Root, outcome: Outcome) -> None:
    """The closing account: counts that add up, refused files, where the outputs are, seconds."""
    account = outcome.account
    say("")
    if outcome.was_current:
        say("收件夹、制度和程序都没有变化，已发布的结果就是最新的。")
    with table_of("项目", "结果", title=f"{account.year} 年度") as table:
        for label, text in account.lines():
            table.add_row(label, escape(text))
    if account.simulated:
        warn("以上为模拟数据，不是真实统计结果。")
    show_refusals(outcome)
    report = root.report(account.year)
    say("结果在：")
    for what, path in (
        ("公报", report / "公报.pdf"),
        ("报告网页", report / "index.html"),
        ("可编辑的公报", report / "公报.docx"),
        ("公报文字稿", report / DRAFT_FILE),
        ("一页简报", report / "简报"),
        ("资料汇编", report / "资料汇编.pdf"),
        ("指标表", report / "指标表.xlsx"),
        ("指标表（印刷版）", report / "指标表（印刷版）.xlsx"),
        ("图", report / "图"),
        ("内部资料", report / INTERNAL_FOLDER),
        ("数据包", report / OPEN_DATA_FOLDER),
        ("退给各单位的查询单", report / "查询单"),
        ("审核规则手册", report / "审核规则手册.xlsx"),
        ("数据质量文档", root.quality / "index.html"),
        ("数据快照", root.snapshot),
    ):
        if path.exists():
            say(f"  {what}：{path}")
    if (report / DRAFT_DOUBTS_FILE).exists():
        warn(f"改写过的公报文字里有对不上的数，定稿前请核对：{report / DRAFT_DOUBTS_FILE}")
    say(f"用时 {outcome.seconds:.1f} 秒")


def show_refusals(outcome: Outcome) -> None:
    refusals = outcome.account.refusals
    if not refusals:
        return
    warn(f"\n{len(refusals)} 个文件没有载入，请联系报送单位：")
    for refusal in refusals[:_REFUSALS_SHOWN]:
        say(f"  {refusal.file}\n    [{refusal.code}] {refusal.reason_zh}。{refusal.advice_zh}。")
    if len(refusals) > _REFUSALS_SHOWN:
        say(f"  ……其余 {len(refusals) - _REFUSALS_SHOWN} 个见 查询单/审核汇总.xlsx")


def show_examination(found: Finding) -> None:
    mark = "[green]正常[/]" if found.well else "[red]有问题[/]"
    out.print(f"{mark}  {escape(found.what)}：{escape(found.said)}")
    if not found.well and found.advice:
        say(f"        {found.advice}")


def shown(path: Path) -> str:
    """A path as people read it: relative where it can be."""
    with_root = path.resolve()
    try:
        return str(with_root.relative_to(Path.cwd()))
    except ValueError:
        return str(with_root)
