"""Every error the line can raise: one hierarchy, a stable code each, messages in Chinese.

A message names the place (file, sheet, cell), says what is wrong, and what to do about it, so
that a statistician can act on it without reading code.  The command line prints ``str(error)``
and never a traceback for an error of this hierarchy.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass, field

_REFUSALS = {
    "ENOENT": "没有这个文件夹或文件",
    "ENOTDIR": "路径中有一段是文件，不是文件夹",
    "EISDIR": "是文件夹，不是文件",
    "EEXIST": "已有同名的文件或文件夹",
    "EACCES": "没有权限",
    "EPERM": "没有权限",
    "EROFS": "磁盘是只读的",
    "ENOSPC": "磁盘空间不足",
    "EDQUOT": "磁盘配额已用完",
    "ENAMETOOLONG": "文件名或路径太长",
    "EMFILE": "同时打开的文件太多",
    "EBUSY": "正被其他程序使用",
    "EIO": "磁盘有故障",
    "ESTALE": "网络盘断开了",
    "ELOOP": "链接绕成了圈",
    "EINVAL": "文件名里有系统不认的字符",
}


def refusal_zh(error: OSError) -> str:
    """Why the system refused, in Chinese; its own words are not."""
    name = errno.errorcode.get(error.errno or 0, "")
    return _REFUSALS.get(name, f"系统错误 {name or error.errno or type(error).__name__}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the user's material something stands; every part is optional."""

    file: str = ""
    sheet: str = ""
    cell: str = ""
    line: int = 0

    def __str__(self) -> str:
        parts = [
            f"文件“{self.file}”" if self.file else "",
            f"工作表“{self.sheet}”" if self.sheet else "",
            f"单元格 {self.cell}" if self.cell else "",
            f"第 {self.line} 行" if self.line else "",
        ]
        return "，".join(part for part in parts if part)


@dataclass(eq=False)
class KepuError(Exception):
    """Base of all our errors.

    ``code`` is stable and documented; ``problem`` and ``advice`` are Chinese sentences without
    a final full stop.
    """

    problem: str
    advice: str = ""
    place: Place = field(default_factory=Place)

    code = "K000"

    def __str__(self) -> str:
        where = str(self.place)
        text = (
            f"[{self.code}] {where}：{self.problem}" if where else f"[{self.code}] {self.problem}"
        )
        return f"{text}。{self.advice}。" if self.advice else f"{text}。"


class SurveyDefinitionError(KepuError):
    """An edition, rule, reference or indicator file is malformed."""

    code = "K100"


class UnknownYearError(KepuError):
    """No edition of the questionnaire covers the year."""

    code = "K101"


class RootError(KepuError):
    """The folder given as root is not one, or lacks what the step needs."""

    code = "K200"


class StorageError(KepuError):
    """The disk refused: full, read-only, locked by another program."""

    code = "K201"


class SnapshotError(KepuError):
    """No published snapshot, or one that cannot be read."""

    code = "K202"


class RunInProgressError(KepuError):
    """Another run of the same root holds the lock."""

    code = "K203"


class RegisterError(KepuError):
    """The list of units expected to report cannot be used."""

    code = "K204"


class PublishedTableError(KepuError):
    """A file of published figures cannot be read as a table."""

    code = "K205"


class ReaderProcessError(KepuError):
    """A process that reads files cannot be started."""

    code = "K206"


class DecisionFileError(KepuError):
    """A file of decisions that people wrote (更正.yaml, 认定.yaml) is malformed."""

    code = "K207"


class MappingError(KepuError):
    """An approved mapping of an unknown layout is open, wrong or of another year."""

    code = "K208"


class OfficialFormError(KepuError):
    """A file given as a blank form to make an edition from is none, or is filled."""

    code = "K209"


class OversightError(KepuError):
    """The summary of the 督查台账 beside the statistics is not one, or contradicts the plan."""

    code = "K210"


class ConservationError(KepuError):
    """Rows in are not rows loaded plus rows rejected: a fault of the program, never of the data."""

    code = "K300"


class DisclosureError(KepuError):
    """What must not be published could not be worked out: a fault of the program."""

    code = "K301"


class DifferencingError(KepuError):
    """A release would, together with an earlier one, tell what a single respondent reported."""

    code = "K302"


class UnreadableFileError(KepuError):
    """A submitted file cannot be read; nothing of it is loaded.

    Subclasses say why; ``advice`` is what to ask the sender.
    """

    code = "K400"


class CorruptFileError(UnreadableFileError):
    """The bytes are not the format they claim to be."""

    code = "K401"


class EncryptedFileError(UnreadableFileError):
    """The file wants a password."""

    code = "K402"


class EmptyFileError(UnreadableFileError):
    """The file holds nothing."""

    code = "K403"


class ForeignFileError(UnreadableFileError):
    """The file can be read and holds no questionnaire."""

    code = "K404"


class UnsupportedFormatError(UnreadableFileError):
    """A known format that the line does not read."""

    code = "K405"


class WrongYearError(UnreadableFileError):
    """The questionnaire states another data year than the inbox it lies in."""

    code = "K406"


class IncompleteReturnError(UnreadableFileError):
    """Whole forms or rows of the questionnaire are missing or blank."""

    code = "K407"


class BlankReturnError(UnreadableFileError):
    """A questionnaire in which nothing is filled."""

    code = "K408"


class UnclearLayoutError(UnreadableFileError):
    """The questionnaire is there and which figure is which cannot be told for sure."""

    code = "K409"


class UnclearColumnError(UnclearLayoutError):
    """Which column holds this year's figures cannot be told: no mapping of labels helps there."""


class OversizedFileError(UnreadableFileError):
    """Larger, or swelling to more, than any return can be."""

    code = "K410"


class NestedArchiveError(UnreadableFileError):
    """An archive within an archive within an archive."""

    code = "K411"


class ReaderFailureError(UnreadableFileError):
    """Reading failed in a way that no other code names."""

    code = "K412"


class TimeLimitError(UnreadableFileError):
    """Reading takes longer than any return needs; the process that read it was ended."""

    code = "K413"


class MemoryLimitError(UnreadableFileError):
    """Reading takes more memory than any return needs."""

    code = "K414"


class ChangedFileError(UnreadableFileError):
    """Between taking stock and reading, the file was changed or taken away."""

    code = "K415"


class QuerySheetError(UnreadableFileError):
    """A 查询单 came back without what tells which question each line answers."""

    code = "K416"


class WrongEditionError(UnreadableFileError):
    """The questionnaire is that of another edition than the year's."""

    code = "K417"


class FontError(KepuError):
    """A glyph or a font that a page needs is missing."""

    code = "K500"


class PublicationError(KepuError):
    """A page or workbook could not be made from the snapshot."""

    code = "K501"


class NotFoundError(KepuError):
    """The user asked for a figure, a unit or a release that does not exist."""

    code = "K600"


class UsageError(KepuError):
    """Wrong use of a command."""

    code = "K601"
