"""Freeze a snapshot and its reports under a name such as ``2023-r1``, never to change again."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.errors import NotFoundError, Place, SnapshotError
from pipelines.warehouse import archive
from pipelines.warehouse.layout import DRAFT_DOUBTS_FILE, Root
from pipelines.warehouse.manifest import Manifest, file_hash, matches
from pipelines.warehouse.publication import storage_errors
from pipelines.warehouse.store import Snapshot

RELEASE_NOTE = "RELEASE.json"


@dataclass(frozen=True)
class Release:
    name: str
    folder: Path

    @property
    def snapshot(self) -> Path:
        return Root(self.folder).snapshot

    @property
    def fingerprint(self) -> str:
        """What the release was made from; the same again tells nothing new."""
        try:
            note = json.loads((self.folder / RELEASE_NOTE).read_text(encoding="utf-8"))
            return str(note["fingerprint"])
        except (OSError, ValueError, KeyError) as error:
            raise SnapshotError(
                "先前定稿的版本缺了说明，或说明被改动",
                "请从备份恢复该版本的文件夹",
                Place(file=str(self.folder / RELEASE_NOTE)),
            ) from error


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


def compared_with(
    releases: Sequence[Release], made_from: Callable[[Release | None], str]
) -> Release | None:
    """The release that a state of its year is compared with, for what was revised since.

    ``releases`` of the year, oldest first; ``made_from(since)`` is what the state is made from
    when it is compared with ``since``.  That is the newest release, unless the state is that very
    one, which keeps what it was compared with: freezing a state changes nothing of it.
    """
    if not releases:
        return None
    *before, newest = releases
    for since in (*reversed(before), None):
        if made_from(since) == newest.fingerprint:
            return since
    return newest


def all_releases(root: Root) -> list[Release]:
    """Every release, by year and number."""
    if not root.releases.is_dir():
        return []
    years = {
        int(path.name[:4])
        for path in root.releases.iterdir()
        if re.fullmatch(r"\d{4}-r\d+", path.name)
    }
    return [release for year in sorted(years) for release in releases_of(root, year)]


def release_named(root: Root, name: str) -> Release:
    """Raises NotFoundError with those there are."""
    there = all_releases(root)
    for release in there:
        if release.name == name:
            return release
    known = "、".join(release.name for release in there)
    advice = f"现有：{known}" if known else "还没有定稿过，见 kepu release"
    raise NotFoundError(f"没有名为“{name}”的定稿版本", advice)


def freeze_release(
    root: Root, year: int, by: str, *, provisional: bool, known_differences: int = 0
) -> Release:
    """Copy the published state aside as the next release of ``year``, read-only.

    ``known_differences``: cells that it tells together with earlier releases, and somebody has
    said that they may be told.

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
    archive.keep(root, manifest.inputs)
    number = _next_number(releases_of(root, year))
    release = Release(f"{year}-r{number}", root.releases / f"{year}-r{number}")
    _copy(root, release, parts)
    _write_note(release, year, by, manifest, still_open, known_differences)
    return release


def _next_number(there: list[Release]) -> int:
    """A number is not given twice, even where an earlier release was taken away."""
    return max((int(release.name.rpartition("r")[2]) for release in there), default=0) + 1


def _parts(root: Root, year: int, manifest: Manifest) -> list[str]:
    """Files of the release, by path under the root, checked against the manifest."""
    parts: list[str] = []
    sections = ("snapshot", f"reports/{year}", "quality")
    for name in sections:
        section = manifest.sections.get(name)
        if section is None:
            raise _unpublished(name, year)
        broken = [p for p, hashed in section.outputs.items() if not matches(root.path / p, hashed)]
        if broken:
            raise SnapshotError(
                "已发布的文件缺失或被改动",
                "请重新运行 kepu run 恢复后再定稿",
                Place(file=broken[0]),
            )
        parts += sorted(section.outputs)
    if f"reports/{year}/{DRAFT_DOUBTS_FILE}" in parts:
        raise SnapshotError(
            "改写过的公报文字里还有对不上的数，不能定稿",
            f"请按 {DRAFT_DOUBTS_FILE} 核对文字，运行 kepu run 后再定稿",
        )
    if len({manifest.sections[name].fingerprint for name in sections}) > 1:
        raise SnapshotError(
            f"{year} 年度的报表、质量文档与现在的快照不是同一次做成的",
            f"请先运行 kepu run --year {year}",
        )
    return parts


def _unpublished(name: str, year: int) -> NotFoundError:
    if name == "quality":
        return NotFoundError(
            "没有做数据质量文档，不能定稿",
            "请在 products.yaml 中把 quality 改为 yes，运行 kepu run 后再定稿",
        )
    return NotFoundError(f"{year} 年度还没有发布过", f"请先运行 kepu run --year {year}")


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


def _write_note(
    release: Release,
    year: int,
    by: str,
    manifest: Manifest,
    still_open: int,
    known_differences: int,
) -> None:
    """Who froze what, when: the one place where a clock belongs.  Then lock every file."""
    note = {
        "name": release.name,
        "year": year,
        "by": by,
        "frozen_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "provisional": still_open > 0,
        "open_findings": still_open,
        "known_differences": known_differences,
        "code_version": manifest.code_version,
        "code": manifest.code,
        "libraries": manifest.libraries,
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
