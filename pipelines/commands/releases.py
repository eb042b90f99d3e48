"""Look after releases: are they whole, can they be made again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.commands import console
from pipelines.commands.health import Finding
from pipelines.remaking import Remade, remake
from pipelines.warehouse import Root
from pipelines.warehouse.verification import Verified, verify

_SHOWN = 10


def look_over(folder: Path) -> Iterator[Finding]:
    """One line for the published state and for each release; the first faults by name."""
    root = Root(folder)
    root.require_folder()
    looked_at = False
    for verified in verify(root):
        looked_at = True
        yield _said_of(verified)
    if not looked_at:
        yield Finding("现行结果", True, "还没有发布过")


def _said_of(verified: Verified) -> Finding:
    if not verified.faults:
        said = f"{verified.files} 个文件、{verified.tables} 张表与清单一致"
        return Finding(verified.what, True, said)
    named = "；".join(f"{fault.where} {fault.said}" for fault in verified.faults[:_SHOWN])
    more = len(verified.faults) - _SHOWN
    rest = f"；其余 {more} 处略" if more > 0 else ""
    advice = "；".join(dict.fromkeys(fault.advice for fault in verified.faults))
    return Finding(verified.what, False, f"{len(verified.faults)} 处不符：{named}{rest}", advice)


def make_again(folder: Path, name: str) -> bool:
    """Make a release again aside and say what came of it; whether all is the same."""
    root = Root(folder)
    root.require_folder()
    with console.bars() as progress:
        remade = remake(root, name, progress)
    for line in told(remade):
        console.say(line)
    return remade.is_same


def told(remade: Remade) -> Iterator[str]:
    if remade.is_same:
        yield (
            f"{remade.name} 由当时的原始文件重做，{remade.tables} 张表、{remade.files} 个文件"
            "全部相同。"
        )
    else:
        yield (
            f"{remade.name} 重做后有不同：表 {len(remade.other_tables)}／{remade.tables}，"
            f"文件 {len(remade.other_files)}／{remade.files}。"
        )
        yield from _listed("不同的表", remade.other_tables)
        yield from _listed("不同的文件", remade.other_files)
    if not remade.same_code:
        yield (
            "程序或内置的制度文件与定稿时不同，不同之处由此而来。"
            if not remade.is_same
            else ("程序或内置的制度文件与定稿时不同，结果没有变。")
        )
    for library, (then, now) in remade.other_libraries.items():
        yield f"  {library}：定稿时 {then or '没有'}，现在 {now or '没有'}"
    if remade.same_code and not remade.is_same:
        yield "程序与定稿时相同：请检查原始文件是否完整，并把这些名称告诉维护人员。"


def _listed(what: str, names: tuple[str, ...]) -> Iterator[str]:
    if names:
        yield f"{what}："
        yield from (f"  {name}" for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        yield f"  ……其余 {len(names) - _SHOWN} 个"
