"""Whether what is published, and every release, is still what its manifest says it is."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import KepuError
from pipelines.warehouse import archive
from pipelines.warehouse.layout import Root
from pipelines.warehouse.manifest import Manifest, matches
from pipelines.warehouse.release import RELEASE_NOTE, Release, all_releases
from pipelines.warehouse.store import Snapshot


@dataclass(frozen=True)
class Fault:
    """One file, or one table of a snapshot, that is not what it should be."""

    where: str
    said: str
    advice: str


@dataclass(frozen=True)
class Verified:
    """What was looked at, and what is wrong with it."""

    what: str
    files: int
    tables: int
    faults: tuple[Fault, ...]


def verify(root: Root) -> Iterator[Verified]:
    """Look at the published state, then at every release, oldest first; changes nothing."""
    if root.manifest.is_file():
        yield _published(root)
    for release in all_releases(root):
        yield _release(root, release)


def _published(root: Root) -> Verified:
    again = "请运行 kepu run 重新生成"
    try:
        manifest = Manifest.read(root.manifest)
    except KepuError as error:
        return Verified("现行结果", 0, 0, (Fault(str(root.manifest), error.problem, error.advice),))
    files = {
        path: hashed
        for section in manifest.sections.values()
        for path, hashed in section.outputs.items()
    }
    faults = [*_files(root.path, files, again), *_tables(root.snapshot, manifest, again)]
    return Verified("现行结果", len(files), _table_count(manifest), tuple(faults))


def _release(root: Root, release: Release) -> Verified:
    restore = "请从备份中恢复这个版本"
    try:
        note: dict[str, Any] = json.loads((release.folder / RELEASE_NOTE).read_text("utf-8"))
        files: dict[str, str] = note["files"]
        manifest = Manifest.read(release.folder / root.manifest.name)
    except (OSError, ValueError, KeyError, KepuError):
        fault = Fault(f"{release.name}/{RELEASE_NOTE}", "定稿说明或清单缺失、损坏", restore)
        return Verified(release.name, 0, 0, (fault,))
    faults = [*_files(release.folder, files, restore), *_unlisted(release, files)]
    snapshot = release.folder / root.snapshot.relative_to(root.path)
    faults += _tables(snapshot, manifest, restore)
    faults += [
        Fault(name, "定稿所依据的原始文件没有保存或已损坏", "请从备份中恢复 originals 文件夹")
        for name in archive.missing(root, manifest.inputs)
    ]
    return Verified(release.name, len(files), _table_count(manifest), tuple(faults))


def _files(folder: Path, files: dict[str, str], advice: str) -> Iterator[Fault]:
    for path, hashed in sorted(files.items()):
        if not (folder / path).is_file():
            yield Fault(path, "文件没有了", advice)
        elif not matches(folder / path, hashed):
            yield Fault(path, "内容被改动", advice)


def _unlisted(release: Release, files: dict[str, str]) -> Iterator[Fault]:
    for path in sorted(release.folder.rglob("*")):
        name = path.relative_to(release.folder).as_posix()
        if not path.is_file() or name == RELEASE_NOTE:
            continue
        if name not in files:
            yield Fault(name, "不是定稿时的文件", "请移出这个文件夹")
        elif path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            yield Fault(name, "不再是只读", "请核对无误后设回只读")


def _tables(path: Path, manifest: Manifest, advice: str) -> Iterator[Fault]:
    """The database file has no hash of its own, so its tables are read."""
    noted = manifest.sections["snapshot"].tables if "snapshot" in manifest.sections else {}
    if not noted:
        return
    try:
        with Snapshot(path) as snapshot:
            found = snapshot.content_hashes(noted)
    except KepuError as error:
        yield Fault(path.name, error.problem, advice)
        return
    for name, hashed in noted.items():
        if found.get(name) != hashed:
            yield Fault(f"{path.name}：{name}", "表的内容与清单不符", advice)


def _table_count(manifest: Manifest) -> int:
    return sum(len(section.tables) for section in manifest.sections.values())
