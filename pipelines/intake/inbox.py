"""Take stock of the inbox: every file, archive members included, with a hash of its content.

Nothing is opened here beyond archives, nothing is written, and the order is that of the names.
"""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath

from pipelines.errors import (
    ChangedFileError,
    NestedArchiveError,
    OversizedFileError,
    UnreadableFileError,
    refusal_zh,
)
from pipelines.intake.formats.archives import (
    Allowance,
    Member,
    is_archive,
    members,
    open_zip,
    read_member,
)
from pipelines.intake.vocabulary import refusals, vocabulary
from pipelines.warehouse.layout import MAPPINGS_FOLDER, NAMED_FILES, Root, legible

MEMBER_MARK = "!"
_LINK = ("S104", "不是普通文件（链接或设备）")
#: An archive in an archive is opened; one deeper is refused.
_DEEPEST = 1


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file that was received.  ``members`` leads to it through archives.

    A file that cannot be a return carries the reason already: ``verdict`` is then ``skipped`` or
    ``rejected`` and the file is not read again.
    """

    year: int
    file: str
    submission_id: str
    bytes: int
    channel: str
    path: str
    members: tuple[int, ...] = ()
    verdict: str = ""
    reason_code: str = ""
    reason_zh: str = ""
    advice_zh: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything received, in order: files to read, and files that are no returns."""

    years: tuple[int, ...]
    files: tuple[InboxFile, ...]
    skipped: tuple[InboxFile, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes exactly when a file appears, disappears, moves or changes."""
        digest = hashlib.sha256()
        for file in (*self.files, *self.skipped):
            digest.update(f"{file.year}|{file.file}|{file.submission_id}\n".encode())
        return digest.hexdigest()

    def batches(self, size: int = 100) -> list[list[InboxFile]]:
        """The files in lists of at most ``size``, for worker processes."""
        files = list(self.files)
        return [files[n : n + size] for n in range(0, len(files), size)]


def scan(root: Root, years: list[int]) -> Inventory:
    """Every file in the inboxes of ``years``; raises RootError when an inbox is missing."""
    found: list[InboxFile] = []
    for year in sorted(years):
        root.require_inbox(year)
        for path in _walk(root.inbox(year)):
            found.extend(_received(root.inbox(year), path, year))
    found.sort(key=lambda file: (file.year, file.file, file.members))
    named = list(_distinct(found))
    return Inventory(
        tuple(sorted(years)),
        tuple(file for file in named if file.verdict != "skipped"),
        tuple(file for file in named if file.verdict == "skipped"),
    )


def content_of(file: InboxFile, root: Root) -> bytes:
    """The bytes of a received file, through archives; raises UnreadableFileError's kinds."""
    path = root.inbox(file.year) / file.path
    if not file.members:
        return path.read_bytes()
    about = path.stat()
    *outer, index = file.members
    return read_member(_archive(path, tuple(outer), about.st_mtime_ns, about.st_size), index)


@lru_cache(maxsize=_DEEPEST + 1)
def _archive(path: Path, within: tuple[int, ...], changed: int, size: int) -> zipfile.ZipFile:
    """An archive, or one within it; kept, for its files are asked for one after the other."""
    if not within:
        return open_zip(path.read_bytes())
    *outer, index = within
    return open_zip(read_member(_archive(path, tuple(outer), changed, size), index))


def _distinct(files: list[InboxFile]) -> Iterator[InboxFile]:
    """An archive may hold two members of one name: number them, so that each can be cited."""
    seen: dict[tuple[int, str], int] = {}
    for file in files:
        count = seen[file.year, file.file] = seen.get((file.year, file.file), 0) + 1
        yield file if count == 1 else replace(file, file=f"{file.file}（{count}）")


def _walk(folder: Path) -> Iterator[Path]:
    """Every file under a folder; links to folders, and folders that cannot be opened, as well."""
    closed: list[OSError] = []
    for base, folders, names in os.walk(folder, onerror=closed.append):
        folders.sort()
        here = Path(base)
        names += [name for name in folders if (here / name).is_symlink()]
        if here == folder:
            folders[:] = [name for name in folders if name != MAPPINGS_FOLDER]
            names = [name for name in names if name not in NAMED_FILES]
        for name in sorted(names):
            yield here / name
    yield from sorted(Path(error.filename) for error in closed)


def _received(inbox: Path, path: Path, year: int) -> Iterator[InboxFile]:
    relative = path.relative_to(inbox).as_posix()
    base = InboxFile(year, unicodedata.normalize("NFC", legible(relative)), "", 0, "", relative)
    base = replace(base, channel=_channel(base.file))
    try:
        about = path.lstat()
        size = about.st_size
        # A link or a device may lead out of the inbox or never end.
        if not (stat.S_ISREG(about.st_mode) or stat.S_ISDIR(about.st_mode)):
            yield replace(base, verdict="skipped", reason_code=_LINK[0], reason_zh=_LINK[1])
            return
        if size > vocabulary().limits.file_bytes:
            yield _refused(replace(base, bytes=size), OversizedFileError(f"文件有 {size} 字节"))
            return
        data = path.read_bytes()
    except OSError as error:
        yield _refused(base, inaccessible(error))
        return
    base = replace(base, submission_id=_hash(data), bytes=size)
    skip = _skip(base.file)
    if skip:
        yield replace(base, verdict="skipped", reason_code=skip[0], reason_zh=skip[1])
        return
    yield from _opened(base, data, depth=0, allowance=Allowance())


def _opened(base: InboxFile, data: bytes, depth: int, allowance: Allowance) -> Iterator[InboxFile]:
    """The file itself, or the files in it when it is an archive."""
    if not data.startswith(b"PK"):
        yield base
        return
    try:
        archive = open_zip(data)
        if not is_archive(archive):
            yield base
            return
        if depth > _DEEPEST:
            raise NestedArchiveError(f"压缩包套了 {depth} 层以上")
        inside = list(members(archive, allowance))
    except UnreadableFileError as error:
        yield _refused(base, error)
        return
    for member in inside:
        yield from _member(base, archive, member, depth, allowance)


def _member(
    base: InboxFile, archive: zipfile.ZipFile, member: Member, depth: int, allowance: Allowance
) -> Iterator[InboxFile]:
    name = f"{base.file}{MEMBER_MARK}{member.name}"
    inner = replace(
        base,
        file=name,
        submission_id="",
        bytes=member.size,
        members=(*base.members, member.index),
        channel=_channel(name),
    )
    skip = _LINK if member.is_link else _skip(member.name)
    if skip:
        yield replace(inner, verdict="skipped", reason_code=skip[0], reason_zh=skip[1])
        return
    try:
        data = read_member(archive, member.index)
    except UnreadableFileError as error:
        yield _refused(inner, error)
        return
    inner = replace(inner, submission_id=_hash(data), bytes=len(data))
    yield from _opened(inner, data, depth + 1, allowance)


def inaccessible(error: OSError) -> UnreadableFileError:
    """Why the disk does not give a file."""
    if isinstance(error, FileNotFoundError):
        return ChangedFileError("收件途中文件被移走或改名了")
    if isinstance(error, PermissionError):
        return UnreadableFileError("没有权限打开", "请改正读取权限后再运行")
    return UnreadableFileError(f"磁盘读不出来（{refusal_zh(error)}）", "请检查磁盘或网络后再运行")


def _refused(file: InboxFile, error: UnreadableFileError) -> InboxFile:
    return replace(
        file,
        verdict="rejected",
        reason_code=error.code,
        reason_zh=error.problem,
        advice_zh=error.advice or refusals()[error.code].advice_zh,
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _channel(file: str) -> str:
    """Which way a file came, by the folders it lies in; archives count as folders."""
    folders = [part.strip() for part in file.replace(f"{MEMBER_MARK}", "/").split("/")[:-1]]
    for folder in folders:
        for channel, words in vocabulary().channels.items():
            if folder in words:
                return channel
    return "unknown"


def _skip(file: str) -> tuple[str, str] | None:
    pure = PurePosixPath(file)
    if any(part in vocabulary().skipped_folders for part in pure.parts[:-1]):
        return "S102", "操作系统生成的文件，不是报表"
    for code, pattern, reason in _skip_patterns():
        if fnmatchcase(pure.name.lower(), pattern):
            return code, reason
    return None


@cache
def _skip_patterns() -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (rule.code, pattern.lower(), rule.reason_zh)
        for rule in vocabulary().skipped
        for pattern in rule.patterns
    )
