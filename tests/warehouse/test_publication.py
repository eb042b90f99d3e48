"""Swapping states in: whole or not at all, with the disk full, files locked, two runs at once."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.errors import RunInProgressError, StorageError
from pipelines.warehouse.publication import (
    exclusive,
    storage_errors,
    swap_file,
    swap_folder,
    write_atomically,
)


def folder_with(path: Path, text: str) -> Path:
    path.mkdir(parents=True)
    (path / "页.txt").write_text(text, encoding="utf-8")
    return path


def test_a_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    old, new = folder_with(tmp_path / "报表", "旧"), folder_with(tmp_path / "新", "新")
    (old / "多余.txt").touch()
    swap_folder(new, old, tmp_path / "attic")
    assert [p.name for p in old.iterdir()] == ["页.txt"]
    assert (old / "页.txt").read_text(encoding="utf-8") == "新"
    assert not (tmp_path / "attic").exists()


def test_a_failed_swap_puts_the_old_folder_back(tmp_path: Path) -> None:
    old = folder_with(tmp_path / "报表", "旧")
    with pytest.raises(StorageError):
        swap_folder(tmp_path / "没有这个", old, tmp_path / "attic")
    assert (old / "页.txt").read_text(encoding="utf-8") == "旧"


def test_a_reader_of_the_old_file_keeps_it(tmp_path: Path) -> None:
    target, new = tmp_path / "库", tmp_path / "新库"
    target.write_text("旧", encoding="utf-8")
    new.write_text("新", encoding="utf-8")
    with target.open(encoding="utf-8") as reader:
        swap_file(new, target)
        assert reader.read() == "旧"
    assert target.read_text(encoding="utf-8") == "新"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘空间不足"),
        (PermissionError(errno.EACCES, "Permission denied", "公报.pdf"), "正被其他程序打开"),
        (OSError(errno.EIO, "Input/output error"), "读写失败"),
    ],
)
def test_what_the_disk_refuses_is_said_in_chinese(error: OSError, said: str) -> None:
    with pytest.raises(StorageError, match=said), storage_errors(Path("x")):
        raise error


def test_a_small_file_is_written_whole_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "a" / "清单.json"
    write_atomically(path, b"1")
    write_atomically(path, b"22")
    assert path.read_bytes() == b"22"
    assert [p.name for p in path.parent.iterdir()] == ["清单.json"]


def test_a_second_process_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "锁"
    code = (
        "import sys; from pathlib import Path;"
        "from pipelines.warehouse.publication import exclusive\n"
        f"with exclusive(Path({str(lock)!r})):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(RunInProgressError, match=str(holder.pid)), exclusive(lock):
            pass
    finally:
        holder.kill()
        holder.communicate()
    with exclusive(lock), exclusive(lock):
        pass
