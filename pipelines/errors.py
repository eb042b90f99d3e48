"""Every error the line can raise: one hierarchy, a stable code each, messages in Chinese.

A message names the place (file, sheet, cell), says what is wrong, and what to do about it, so
that a statistician can act on it without reading code.  The command line prints ``str(error)``
and never a traceback for an error of this hierarchy.
"""

from __future__ import annotations

from dataclasses import dataclass, field


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


class ConservationError(KepuError):
    """Rows in are not rows loaded plus rows rejected: a fault of the program, never of the data."""

    code = "K300"


class UnreadableFileError(KepuError):
    """A submitted file cannot be read; nothing of it is loaded.

    Subclasses say why; ``advice`` is what to ask the sender.
    """

    code = "K400"


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
