"""Make a release again from what it was made from, and say exactly what comes out otherwise."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from pipelines.runs import Progress, run_line, silent
from pipelines.warehouse import Root, Snapshot, archive
from pipelines.warehouse.manifest import Manifest, code_fingerprint, library_versions
from pipelines.warehouse.publication import storage_errors
from pipelines.warehouse.release import RELEASE_NOTE, Release, release_named, releases_of


@dataclass(frozen=True)
class Remade:
    """What was compared, and every table and file that is not the same."""

    name: str
    tables: int
    files: int
    other_tables: tuple[str, ...]
    other_files: tuple[str, ...]
    #: Library to the version then and now; "" where the release does not use it or we do not.
    other_libraries: dict[str, tuple[str, str]]
    same_code: bool

    @property
    def is_same(self) -> bool:
        return not (self.other_tables or self.other_files)


def remake(root: Root, name: str, progress: Progress = silent) -> Remade:
    """Run the whole line on the release's own inputs, aside; nothing published is touched.

    Raises NotFoundError for an unknown release, SnapshotError where an input was not kept.
    """
    release = release_named(root, name)
    before = Manifest.read(release.folder / root.manifest.name)
    year = int(release.name[:4])
    with Snapshot(release.folder / root.snapshot.relative_to(root.path)) as snapshot:
        years = [int(each) for each in snapshot.meta["years"].split("、")]
    with (
        storage_errors(root.processed),
        tempfile.TemporaryDirectory(prefix=".rebuild-", dir=root.processed) as aside,
    ):
        again = Root(Path(aside))
        archive.lay_out(root, before.inputs, years, again)
        _lay_out_earlier(root, release, again)
        run_line(again, year, progress)
        return _compared(release.name, before, Manifest.read(again.manifest), year)


def _lay_out_earlier(root: Root, release: Release, again: Root) -> None:
    """What the release says was revised since earlier ones needs these, and none that followed."""
    for earlier in releases_of(root, int(release.name[:4])):
        if earlier.name == release.name:
            return
        aside = Release(earlier.name, again.releases / earlier.name)
        aside.snapshot.parent.mkdir(parents=True)
        shutil.copyfile(earlier.snapshot, aside.snapshot)
        shutil.copyfile(earlier.folder / RELEASE_NOTE, aside.folder / RELEASE_NOTE)


def _compared(name: str, before: Manifest, now: Manifest, year: int) -> Remade:
    sections = ("snapshot", "quality", f"reports/{year}")
    tables = _joined(before, sections, "tables"), _joined(now, sections, "tables")
    files = _joined(before, sections, "outputs"), _joined(now, sections, "outputs")
    libraries = before.libraries, library_versions()
    return Remade(
        name,
        len(tables[0]),
        len(files[0]),
        tuple(_differing(*tables)),
        tuple(_differing(*files)),
        {each: (libraries[0].get(each, ""), libraries[1].get(each, ""))
         for each in _differing(*libraries)},
        before.code == code_fingerprint(),
    )  # fmt: skip


def _joined(manifest: Manifest, sections: tuple[str, ...], what: str) -> dict[str, str]:
    return {
        key: hashed
        for name in sections
        if name in manifest.sections
        for key, hashed in getattr(manifest.sections[name], what).items()
    }


def _differing(before: dict[str, str], now: dict[str, str]) -> list[str]:
    return sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
