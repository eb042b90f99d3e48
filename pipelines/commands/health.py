"""Find what is wrong with an installation or a root, and say what to do."""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from pipelines import __version__, flows
from pipelines.errors import KepuError, refusal_zh
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.publication import exclusive

#: A run of a large province with its reports fits into this.
_DISK_WANTED = 2 * 1024**3

_LIBRARIES = (
    "duckdb", "pyarrow", "pandas", "python-calamine", "xlsxwriter", "matplotlib", "typst",
    "great-expectations", "prefect",
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``said`` is what was found, ``advice`` what to do if not well."""

    what: str
    well: bool
    said: str
    advice: str = ""


def examine(folder: Path, year: int | None = None) -> Iterator[Finding]:
    """Look at everything a run depends on, cheapest first; never raises."""
    root = Root(folder)
    for look in (_python, _libraries, _fonts):
        yield _looked(look)
    yield _looked(lambda: _inbox(root, year))
    for look_at in (_disk, _writing, _lock, _snapshot):
        yield _looked(partial(look_at, root))
    yield _looked(_prefect)


def _looked(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except KepuError as error:
        return Finding("检查", False, error.problem, error.advice)


def _python() -> Finding:
    found = ".".join(str(part) for part in sys.version_info[:3])
    well = sys.version_info >= (3, 11)
    return Finding("Python", well, f"{found}，kepu {__version__}", "请安装 Python 3.11 或更高版本")


def _libraries() -> Finding:
    found, missing = [], []
    for name in _LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("程序库", False, f"缺少 {'、'.join(missing)}", "请重新安装：make install")
    return Finding("程序库", True, "、".join(found))


def _fonts() -> Finding:
    from pipelines.publish import fonts

    fonts.check_glyphs("科普经费增长－−%‰·（）：“”")
    return Finding("中文字体", True, "随程序安装，齐全")


def _disk(root: Root) -> Finding:
    place = root.path if root.path.exists() else Path()
    free = shutil.disk_usage(place).free
    return Finding(
        "磁盘", free >= _DISK_WANTED, f"可用 {free / 1024**3:.1f} GB", "请腾出至少 2 GB 空间"
    )


def _writing(root: Root) -> Finding:
    place = root.processed if root.processed.is_dir() else root.path
    if not place.is_dir():
        return Finding("工作目录", False, f"没有目录 {place}", "请先运行 kepu init")
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        return Finding(
            "工作目录", False, f"不能写入 {place}（{refusal_zh(error)}）", "请检查目录权限"
        )
    return Finding("工作目录", True, f"可以写入 {place}")


def _lock(root: Root) -> Finding:
    if not root.processed.is_dir():
        return Finding("运行锁", True, "没有运行在进行")
    with exclusive(root.lock):
        return Finding("运行锁", True, "没有运行在进行")


def _inbox(root: Root, year: int | None) -> Finding:
    years = root.years()
    if not years:
        return Finding("收件夹", False, f"{root.raw} 下没有年度文件夹", "请先运行 kepu init")
    if year is not None and year not in years:
        return Finding("收件夹", False, f"没有 {year} 年度", f"请新建 {root.inbox(year)}")
    return Finding("收件夹", True, f"有 {'、'.join(map(str, years))} 年度")


def _snapshot(root: Root) -> Finding:
    if not root.snapshot.is_file():
        return Finding("数据快照", True, "还没有发布过")
    with Snapshot(root.snapshot) as snapshot:
        meta = snapshot.meta
    return Finding("数据快照", True, f"可以打开，含 {meta.get('years', '')} 年度")


def _prefect() -> Finding:
    address = flows.server_url()
    if not address:
        return Finding("Prefect", True, "没有配置服务器，按普通方式运行")
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), timeout=3):
            return Finding("Prefect", True, f"服务器 {parts.hostname}:{port} 可以连接")
    except OSError:
        return Finding(
            "Prefect",
            False,
            f"连不上服务器 {parts.hostname}:{port}",
            "请先启动 prefect server start，或用 kepu run --plain 不经服务器运行",
        )
