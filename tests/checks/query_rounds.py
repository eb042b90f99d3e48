"""An office that takes returns in, judges them, sends query sheets out and gets them back."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from checks_bench import Bench
from openpyxl import Workbook, load_workbook

from pipelines import intake
from pipelines.checks import evaluate
from pipelines.checks.arrangement import Arrangement
from pipelines.checks.queries import write_letters
from pipelines.intake.replies.originals import Original
from pipelines.survey import Survey
from pipelines.warehouse import Root, Snapshot, Workshop
from tests.intake.writing import YEAR

Row = dict[str, Any]


class Rounds:
    """One root; ``run`` judges what has been received, ``letters`` gives what goes out."""

    def __init__(self, folder: Path, survey: Survey) -> None:
        self.root = Root(folder / "局")
        self.survey = survey
        self._snapshot = folder / "k.duckdb"
        self._out = folder / "出"
        self.root.inbox(YEAR).mkdir(parents=True)

    def put(self, name: str, data: bytes, year: int = YEAR) -> None:
        path = self.root.inbox(year) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def take_in(self) -> Run:
        """What has been received, not judged."""
        years = self.root.years()
        self._inventory = intake.scan(self.root, years)
        readings = intake.read_files(self._inventory.files, self.root, self.survey)
        register = intake.read_registers(self.root, years, self.survey)
        workshop = Workshop()
        for name, table in intake.assemble(self._inventory, [readings], self.survey, register):
            workshop.load(name, table)
        workshop.load("explanations", intake.read_explanations(self.root, years, self.survey))
        workshop.assert_keys()
        return Run(workshop)

    def run(self) -> Run:
        """What has been received, judged."""
        workshop = self.take_in().workshop
        evaluate(workshop, self.survey)
        workshop.write_snapshot(self._snapshot)
        return Run(workshop)

    def letter(self) -> bytes:
        """The only query sheet that goes out."""
        originals = intake.Originals(self.root, self._inventory)
        with Snapshot(self._snapshot) as snapshot:
            (sent,) = write_letters(
                snapshot, self.survey, YEAR, self._out, originals, Arrangement()
            )
        return sent.path.read_bytes()


class Run:
    """What came of judging."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.files = workshop.table("submissions").to_pylist()
        self.returns = workshop.table("returns").to_pylist()
        self.findings = workshop.table("findings").to_pylist()
        self.explanations = workshop.table("explanations").to_pylist()
        self.open = workshop.rows("SELECT * FROM open_findings ORDER BY rule_id, finding_id")

    def counted(self) -> Row:
        """The only return that counts."""
        (row,) = self.workshop.rows("SELECT * FROM counted_returns")
        return row

    def answer(self, item_id: str) -> Row:
        """The answer of the return that counts."""
        (row,) = self.workshop.rows(
            "SELECT a.* FROM answers a JOIN counted_returns USING (return_id) WHERE item_id = ?",
            [item_id],
        )
        return row


def columns_of(sheet: Any) -> tuple[int, dict[str, int]]:
    """The header row of a sheet of ours (from 1), and the columns by their header (from 1)."""
    for row in sheet.iter_rows(max_row=20):
        names = {str(cell.value): cell.column for cell in row if cell.value}
        if "编号" in names:
            return row[0].row, names
    raise AssertionError("no header")


def lines_of(sheet: Any) -> list[Row]:
    """The lines of a sheet of ours by header, with their row number."""
    header, columns = columns_of(sheet)
    return [
        {"row": row, **{name: sheet.cell(row, column).value for name, column in columns.items()}}
        for row in range(header + 1, sheet.max_row + 1)
    ]


def filled(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The workbook after ``change``, as a person saves it."""
    book = load_workbook(io.BytesIO(data))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def answer(book: Any, sheet: str, row: int, **texts: object) -> None:
    """Fill cells of a line of ours, by header."""
    _, columns = columns_of(book[sheet])
    for name, value in texts.items():
        book[sheet].cell(row, columns[name]).value = value


class Drawer:
    """Originals of a bench: for every file a workbook with its cells where they are said to be."""

    def __init__(self, bench: Bench) -> None:
        self._cells: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        self._drawn: dict[str, Original] = {}
        files = {row["return_id"]: row["file"] for row in bench.returns}
        for row in [*bench.covers, *bench.answers]:
            file = files[row["return_id"]]
            self._cells[file].append((row["sheet"], row["cell"], row["raw_text"]))

    def __call__(self, year: int, file: str, submission_id: str) -> Original:
        # Drawn once: every saving writes the time into the workbook.
        if file not in self._drawn:
            self._drawn[file] = self._draw(file)
        return self._drawn[file]

    plain = __call__

    def _draw(self, file: str) -> Original:
        book = Workbook()
        book.remove(book.active)
        for sheet, cell, text in self._cells[file]:
            page = book[sheet] if sheet in book.sheetnames else book.create_sheet(sheet)
            page[cell] = text
        buffer = io.BytesIO()
        book.save(buffer)
        return Original(buffer.getvalue(), converted=False)
