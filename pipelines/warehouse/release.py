"""Freeze a snapshot and its reports under a name such as ``2023-r1``, never to change again."""

from __future__ import annotations

import json
import re
import shutil
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.errors import NotFoundError, Place, SnapshotError
from pipelines.warehouse.layout import Root
from pipelines.warehouse.manifest import Manifest, file_hash, matches
from pipelines.warehouse.publication import storage_errors
from pipelines.warehouse.store import Snapshot

RELEASE_NOTE = "RELEASE.json"


@dataclass(frozen=True)
class Release:
    name: str
    folder: Path


def releases_of(root: Root, year: int) -> list[Release]:
    """Releases of a data year, oldest first."""
    if not root.releases.is_dir():
        return []
    numbered = [
        (int(found[1]), Release(path.name, path))
        for path in root.releases.iterdir()
        if (found := re.fullmatch(rf"{year}-r(\d+)", path.name))
    ]
    return [release for _, release in sorted(numbered, key=lambda pair: pair[0])]


def freeze_release(root: Root, year: int, by: str, *, provisional: bool) -> Release:
    """Copy the published state aside as the next release of ``year``, read-only.

    Raises SnapshotError when what is published is not whole, or when findings that must be
    corrected are open and ``provisional`` was not asked for.
    """
    manifest = Manifest.read(root.manifest)
    parts = _parts(root, year, manifest)
    with Snapshot(root.snapshot) as snapshot:
        still_open = snapshot.rows(
            "SELECT count(*) AS n FROM findings WHERE year = $year AND must_correct",
            {"year": year},
        )[0]["n"]
    if still_open and not provisional:
        raise SnapshotError(
            f"{year} 年度还有 {still_open} 条必须更正的问题没有解决，不能定稿",
            "请退回查询单并收到更正后重新运行 kepu run；确需先发布初步数的，加 --provisional",
        )
    number = len(releases_of(root, year)) + 1
    release = Release(f"{year}-r{number}", root.releases / f"{year}-r{number}")
    _copy(root, release, parts)
    _write_note(release, year, by, manifest, still_open)
    return release


def _parts(root: Root, year: int, manifest: Manifest) -> list[str]:
    """Files of the release, by path under the root, checked against the manifest."""
    parts: list[str] = []
    for name in ("snapshot", "quality", f"reports/{year}"):
        section = manifest.sections.get(name)
        if section is None:
            raise NotFoundError(f"{year} 年度还没有发布过", f"请先运行 kepu run --year {year}")
        broken = [p for p, hashed in section.outputs.items() if not matches(root.path / p, hashed)]
        if broken:
            raise SnapshotError(
                "已发布的文件缺失或被改动",
                "请重新运行 kepu run 恢复后再定稿",
                Place(file=broken[0]),
            )
        parts += sorted(section.outputs)
    fingerprints = {manifest.sections[n].fingerprint for n in ("snapshot", f"reports/{year}")}
    if len(fingerprints) > 1:
        raise SnapshotError(
            f"{year} 年度的报表不是由现在的快照做成的", f"请先运行 kepu run --year {year}"
        )
    return parts


def _copy(root: Root, release: Release, parts: list[str]) -> None:
    aside = root.work / f"release-{release.name}"
    with storage_errors(release.folder):
        shutil.rmtree(aside, ignore_errors=True)
        for part in parts:
            target = aside / part
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root.path / part, target)
        shutil.copyfile(root.manifest, aside / root.manifest.name)
        release.folder.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(release.folder)


def _write_note(release: Release, year: int, by: str, manifest: Manifest, still_open: int) -> None:
    """Who froze what, when: the one place where a clock belongs.  Then lock every file."""
    note = {
        "name": release.name,
        "year": year,
        "by": by,
        "frozen_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "provisional": still_open > 0,
        "open_findings": still_open,
        "code_version": manifest.code_version,
        "fingerprint": manifest.sections["snapshot"].fingerprint,
        "files": {
            path.relative_to(release.folder).as_posix(): file_hash(path)
            for path in sorted(release.folder.rglob("*"))
            if path.is_file()
        },
    }
    with storage_errors(release.folder):
        text = json.dumps(note, ensure_ascii=False, indent=1) + "\n"
        (release.folder / RELEASE_NOTE).write_text(text, encoding="utf-8")
        for path in release.folder.rglob("*"):
            if path.is_file():
                path.chmod(stat.S_IREAD | stat.S_IRGRP | stat.S_IROTH)
