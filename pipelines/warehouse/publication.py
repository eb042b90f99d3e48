"""Swap a finished state in, atomically, so that readers always find a whole one.

Everything is built aside under ``data/processed/.work`` on the same file system.  A file is put in
place by one rename; a folder by renaming the old one away and the new one in, after which the old
one is removed.  The manifest is written last: whatever is killed before that is rebuilt.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path

import duckdb

from pipelines.errors import Place, RunInProgressError, StorageError, refusal_zh

_held: ContextVar[frozenset[Path]] = ContextVar("held locks", default=frozenset())

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into a Chinese message with what to do."""
    try:
        yield
    except (duckdb.IOException, duckdb.TransactionException, duckdb.FatalException) as error:
        raise StorageError(
            f"数据库写不进磁盘（{error}）",
            "请检查磁盘空间和权限后重新运行，已发布的数据没有改变",
            Place(file=str(path)),
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            problem, advice = "磁盘空间不足", "请腾出空间后重新运行，已发布的数据没有改变"
        elif isinstance(error, PermissionError):
            problem = "没有写入权限，或文件正被其他程序打开"
            advice = "请关闭打开的报表（Excel、WPS、PDF 阅读器）或检查权限后重新运行"
        elif isinstance(error, (NotADirectoryError, IsADirectoryError, FileExistsError)):
            problem, advice = f"读写失败（{refusal_zh(error)}）", "请核对写入的位置"
        else:
            problem, advice = f"读写失败（{refusal_zh(error)}）", "请检查磁盘后重新运行"
        raise StorageError(problem, advice, Place(file=str(error.filename or path))) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Write a small file so that it is there whole or not at all."""
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            with aside.open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)


def swap_file(new: Path, target: Path) -> None:
    """Put a finished file in place by one rename."""
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with new.open("rb") as handle:
            os.fsync(handle.fileno())
        new.replace(target)


def swap_folder(new: Path, target: Path, attic: Path) -> None:
    """Put a finished folder in place of ``target``; the old one goes by way of ``attic``.

    If the second rename fails the old folder is put back.
    """
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        attic.parent.mkdir(parents=True, exist_ok=True)
        if attic.exists():
            shutil.rmtree(attic)
        had_old = target.exists()
        if had_old:
            target.rename(attic)
        try:
            new.rename(target)
        except OSError:
            if had_old:
                attic.rename(target)
            raise
        shutil.rmtree(attic, ignore_errors=True)


@contextlib.contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold the root's lock; released by the operating system even when the process is killed.

    A context that holds it already may take it again (a parent flow and its subflows).
    """
    if lock in _held.get():
        yield
        return
    with storage_errors(lock):
        lock.parent.mkdir(parents=True, exist_ok=True)
        handle = lock.open("a+b")
    try:
        if not _try_lock(handle.fileno()):
            handle.seek(0)
            owner = handle.read().decode(errors="replace").strip() or "未知"
            raise RunInProgressError(
                f"另一次运行正在进行（进程号 {owner}）",
                "请等它结束；若确认没有在运行，结束该进程后重试",
                Place(file=str(lock)),
            )
        handle.truncate(0)
        handle.write(str(os.getpid()).encode())
        handle.flush()
        token = _held.set(_held.get() | {lock})
        try:
            yield
        finally:
            _held.reset(token)
    finally:
        handle.close()


def _try_lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            os.lseek(descriptor, 1 << 20, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
