"""The one place that knows where things lie under a root folder."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from pipelines.errors import Place, RootError

_YEAR = re.compile(r"(?:19|20)\d\d")

#: Folders and files beside the respondents' own under data/raw; all are replayable decisions.
PUBLISHED_FOLDER = "公布数据"
OVERLAY_FOLDER = "调查制度"
REGISTER_FILE = "名录.xlsx"
EXPLANATIONS_FILE = "说明.xlsx"
CORRECTIONS_FILE = "更正.yaml"
THRESHOLDS_FILE = "审核阈值.yaml"
ARRANGEMENT_FILE = "工作安排.yaml"
RULINGS_FILE = "认定.yaml"
#: The summary of a 督查台账, which has a root of its own, copied beside the statistics.
OVERSIGHT_FILE = "督查台账.xlsx"
MAPPINGS_FOLDER = "mappings"
#: The text of the bulletin: written by every run, taken from the inbox when somebody edited it.
DRAFT_FILE = "公报文字稿.md"

#: What people put beside the returns of a year, found by name.
NAMED_FILES = (
    REGISTER_FILE, EXPLANATIONS_FILE, CORRECTIONS_FILE, THRESHOLDS_FILE, ARRANGEMENT_FILE,
    RULINGS_FILE, OVERSIGHT_FILE, DRAFT_FILE,
)  # fmt: skip
#: How such a name comes out wrong: Windows hides an ending and adds its own.
_WRONG_ENDINGS = {
    ".yaml": (".yaml", ".yml", ".yaml.txt", ".yml.txt", ".yaml.yaml"),
    ".md": (".md", ".md.txt", ".markdown", ".txt", ".md.md"),
    ".xlsx": (".xlsx", ".xls", ".xlsm", ".et", ".csv", ".xlsx.xlsx"),
}
_MEANT = {
    named.removesuffix(suffix) + ending: named
    for suffix, endings in _WRONG_ENDINGS.items()
    for named in NAMED_FILES
    if named.endswith(suffix)
    for ending in endings
}

#: Beside what a run publishes for a year.
BLANKS_FOLDER = "空白表"
#: Questions about identity, written as rulings to fill in.
OPEN_RULINGS_FILE = "待认定.yaml"
PROPOSALS_FOLDER = "版式建议"
#: Places of an edited draft whose figures are no longer what its writer saw.
DRAFT_DOUBTS_FILE = "公报文字稿核对.md"
#: Unsuppressed figures for the office itself, apart from what may be passed on.
INTERNAL_FOLDER = "内部资料"
OPEN_DATA_FOLDER = "数据包"
#: Sheets to key in from: they hold single returns, and so lie outside the reports.
NATIONAL_FOLDER = "国家系统录入表"
#: Editions made from an office's own blank form, to be looked at before they are put to use.
EDITIONS_FOLDER = "调查制度建议"


def legible(path: str) -> str:
    """A path as it can be written down: bytes that are no UTF-8, and control characters, shown."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raw = os.fsencode(path)
        try:
            path = raw.decode("gb18030")
        except UnicodeDecodeError:
            path = raw.decode("utf-8", "backslashreplace")
    return path if path.isprintable() else path.translate(_PICTURES)


#: Control characters to the signs that stand for them.
_PICTURES = {**{code: 0x2400 + code for code in range(32)}, 127: 0x2421}


@dataclass(frozen=True)
class Root:
    """A root folder: holds ``data/`` and ``reports/``."""

    path: Path

    @property
    def raw(self) -> Path:
        return self.path / "data" / "raw"

    @property
    def processed(self) -> Path:
        return self.path / "data" / "processed"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    def inbox(self, year: int) -> Path:
        """Where the returns of a data year are put by people; read-only to the program."""
        return self.raw / str(year)

    def mappings(self, year: int) -> Path:
        """Where people put the mappings of unknown layouts that they have approved."""
        return self.inbox(year) / MAPPINGS_FOLDER

    def report(self, year: int) -> Path:
        """What is published and sent back for a data year."""
        return self.reports / str(year)

    def blanks(self, year: int) -> Path:
        """Blank forms to send out; written by their own command, kept by every run."""
        return self.report(year) / BLANKS_FOLDER

    def proposals(self, year: int) -> Path:
        """Mappings proposed for layouts that nobody has decided."""
        return self.report(year) / PROPOSALS_FOLDER

    def national(self, year: int) -> Path:
        """Sheets to key into the national system, one a return; internal."""
        return self.processed / NATIONAL_FOLDER / str(year)

    @property
    def proposed_editions(self) -> Path:
        return self.reports / EDITIONS_FOLDER

    @property
    def published(self) -> Path:
        return self.raw / PUBLISHED_FOLDER

    @property
    def overlay(self) -> Path | None:
        folder = self.raw / OVERLAY_FOLDER
        return folder if folder.is_dir() else None

    @property
    def snapshot(self) -> Path:
        return self.processed / "kepu.duckdb"

    @property
    def manifest(self) -> Path:
        return self.processed / "manifest.json"

    @property
    def parquet(self) -> Path:
        return self.processed / "parquet"

    @property
    def quality(self) -> Path:
        """Great Expectations Data Docs."""
        return self.processed / "quality"

    @property
    def releases(self) -> Path:
        return self.processed / "releases"

    @property
    def originals(self) -> Path:
        """What releases were made from, each file once, named by its hash."""
        return self.processed / "originals"

    def told_together(self, year: int) -> Path:
        """What a new release would tell together with earlier ones; internal."""
        return self.processed / f"先后版本核对-{year}.csv"

    @property
    def runs(self) -> Path:
        """One JSON a run: who, when, how long, what came of it.  Not part of any hash."""
        return self.processed / "runs"

    @property
    def work(self) -> Path:
        """Where the next state is built before it is swapped in."""
        return self.processed / ".work"

    @property
    def lock(self) -> Path:
        return self.processed / ".lock"

    def years(self) -> list[int]:
        """Data years that have an inbox, oldest first."""
        if not self.raw.is_dir():
            return []
        names = [p.name for p in self.raw.iterdir() if p.is_dir()]
        return sorted(int(name) for name in names if _YEAR.fullmatch(name))

    def require_folder(self) -> None:
        """Raises RootError where the root is not there: a slip in its name must not pass."""
        if not self.path.is_dir():
            raise RootError(
                "不是文件夹" if self.path.exists() else "没有这个工作目录",
                "请核对 --root 写的位置，或先运行 kepu init 建好目录",
                Place(file=str(self.path)),
            )

    def require_names(self, year: int) -> None:
        """Raises RootError for a decision under a name that is almost its own: it would be passed
        over, and what somebody decided with it."""
        inbox = self.inbox(year)
        for path in sorted(inbox.iterdir()) if inbox.is_dir() else []:
            meant = _MEANT.get("".join(path.name.casefold().split()))
            if meant and path.name != meant:
                raise RootError(
                    f"文件名应是“{meant}”，这样命名不会被采用",
                    f"请改名为 {meant}，或移出收件夹；看不到扩展名的，请先让系统显示“文件扩展名”",
                    Place(file=str(path)),
                )
            if meant and not path.is_file():
                raise RootError(
                    "这里应是文件，不是文件夹", "请改名或移出收件夹", Place(file=str(path))
                )

    def require_inbox(self, year: int | None = None) -> list[int]:
        """The years to work on, the given one included; raises RootError with what to do."""
        self.require_folder()
        years = self.years()
        if year is not None and year not in years:
            raise RootError(
                f"没有 {year} 年度的收件夹",
                f"请新建“{self.inbox(year)}”并把各地、各部门报来的表放进去，"
                "或先运行 kepu init 建好目录",
                Place(file=str(self.inbox(year))),
            )
        if not years:
            raise RootError(
                "没有任何年度的收件夹",
                f"请在“{self.raw}”下建立以年度命名的文件夹（如 2023）并放入报表，"
                "或先运行 kepu init 建好目录",
                Place(file=str(self.raw)),
            )
        return years
