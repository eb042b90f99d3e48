"""What releases were made from, kept by content, so that a release can be made again years later.

Every file is kept once, under its hash, however many releases share it: an office clears
``data/raw`` of old years, and a file there may be replaced under the same name.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.errors import Place, SnapshotError
from pipelines.warehouse.layout import Root
from pipelines.warehouse.manifest import file_hash
from pipelines.warehouse.publication import storage_errors, write_atomically

#: The hash noted for what was listed but never read: a link, a file that could not be opened.
UNREAD = "-"


def keep(root: Root, inputs: Mapping[str, str]) -> None:
    """Keep every input (path under ``data/raw`` to hash) that is not kept yet.

    Raises SnapshotError where a file is no longer what the manifest says.
    """
    for name, hashed in inputs.items():
        kept = _kept(root, hashed)
        if hashed == UNREAD or kept.exists():
            continue
        source = root.raw / name
        with storage_errors(source):
            content = source.read_bytes() if source.is_file() else b""
        write_atomically(kept, content)
        if file_hash(kept) != hashed:
            kept.unlink()
            raise SnapshotError(
                "收件夹里的文件在运行之后变了，不能定稿",
                "请重新运行 kepu run，核对后再定稿",
                Place(file=str(source)),
            )
        kept.chmod(0o444)


def missing(root: Root, inputs: Mapping[str, str]) -> list[str]:
    """Inputs that are not kept, or no longer with the content they were kept under."""
    return [
        name
        for name, hashed in inputs.items()
        if hashed != UNREAD
        and not (_kept(root, hashed).is_file() and file_hash(_kept(root, hashed)) == hashed)
    ]


def lay_out(root: Root, inputs: Mapping[str, str], years: Iterable[int], target: Root) -> None:
    """Put ``data/raw`` of an earlier day together again under ``target``.

    Raises SnapshotError, naming the first file, where something was not kept or is damaged.
    """
    gone = missing(root, inputs)
    if gone:
        raise SnapshotError(
            f"定稿所依据的原始文件缺失或损坏，共 {len(gone)} 个",
            "请从备份中恢复 data/processed/originals",
            Place(file=gone[0]),
        )
    with storage_errors(target.raw):
        for year in years:
            target.inbox(year).mkdir(parents=True, exist_ok=True)
        for name, hashed in inputs.items():
            path = target.raw / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if hashed == UNREAD:
                path.symlink_to(Path("no") / "longer")
            else:
                shutil.copyfile(_kept(root, hashed), path)


def _kept(root: Root, hashed: str) -> Path:
    return root.originals / hashed[:2] / hashed
