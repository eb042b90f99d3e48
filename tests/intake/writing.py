"""Workbooks as people send them, written by a second library, for reading back."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa

from pipelines import intake
from pipelines.survey import Survey
from pipelines.survey.addresses import column_letters
from pipelines.survey.models import Edition
from pipelines.warehouse import Root
from pipelines.warehouse.schema import empty_table

YEAR = 2023
USCC = "11220000000000001L"

COVER: dict[str, object] = {
    "unit_name": "长春市朝阳区教育局",
    "uscc": USCC,
    "region": "吉林省长春市朝阳区",
    "department": "教育部门",
    "level": "区县级",
    "is_venue": "否",
    "filler": "某人",
    "phone": "0431-80000000",
    "fill_date": "2024年5月6日",
}


@dataclass
class Layout:
    """Where things stand; every field is a way in which real files differ from the blank form."""

    columns: Sequence[str] = ("label", "code", "unit", "value", "previous", "note")
    headers: Mapping[str, str] = field(
        default_factory=lambda: {
            "label": "指标名称",
            "code": "代码",
            "unit": "计量单位",
            "value": "数量",
            "previous": "上年数",
            "note": "审核提示",
        }
    )
    down: int = 3
    right: int = 0
    one_sheet: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    title: str = f"全国科普统计调查表（{YEAR}年度）"
    previous: object = 999
    drop: frozenset[str] = frozenset()


Cells = dict[str, tuple[str, str]]


def workbook(
    edition: Edition,
    answers: Mapping[str, object],
    cover: Mapping[str, object] = COVER,
    layout: Layout | None = None,
) -> tuple[Any, Cells]:
    """An openpyxl workbook of a filled questionnaire, and the (sheet, cell) of every item."""
    at = layout or Layout()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "封面"
    sheet["A1"] = at.title
    for row, cover_field in enumerate(edition.cover, 4):
        sheet.cell(row, 1, cover_field.label_zh)
        sheet.cell(row, 2, cover.get(cover_field.field_id))
    cells: Cells = {}
    row = sheet.max_row + 2
    for form in edition.forms:
        if form.form_id in at.drop:
            continue
        if not at.one_sheet:
            sheet, row = book.create_sheet(f"{form.code} {form.name_zh}"), 1 + at.down
        sheet.cell(row, 1 + at.right, f"{form.code} {form.name_zh}")
        row += 1
        for n, column in enumerate(at.columns):
            sheet.cell(row, 1 + at.right + n, at.headers[column])
        for item in edition.items_of(form.form_id):
            row += 1
            texts: dict[str, object] = {
                "label": at.labels.get(item.item_id, item.printed_label_zh),
                "code": at.codes.get(item.item_id, item.code),
                "unit": item.unit,
                "value": answers.get(item.item_id, "-"),
                "previous": at.previous,
                "note": None,
            }
            for n, column in enumerate(at.columns):
                place = sheet.cell(row, 1 + at.right + n, texts[column])
                if column == "value":
                    letters = column_letters(at.right + n)
                    cells[item.item_id] = (sheet.title, f"{letters}{row}")
                    assert place.coordinate == f"{letters}{row}"
        row += 2
    return book, cells


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def filled(survey: Survey, layout: Layout | None = None, **answers: object) -> bytes:
    """A questionnaire with the given answers, "-" elsewhere."""
    return saved(workbook(survey.edition_of(YEAR), answers, layout=layout)[0])


class Office:
    """An office's root with an inbox, and what intake makes of it."""

    def __init__(self, folder: Path, survey: Survey) -> None:
        self.root = Root(folder)
        self.survey = survey
        self.root.inbox(YEAR).mkdir(parents=True)

    def put(self, name: str, data: bytes, year: int = YEAR) -> None:
        path = self.root.inbox(year) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def take_in(self) -> dict[str, pa.Table]:
        years = self.root.years()
        inventory = intake.scan(self.root, years)
        batches = [
            intake.read_files(batch, self.root, self.survey) for batch in inventory.batches(3)
        ]
        register = intake.read_registers(self.root, years, self.survey)
        rulings = intake.read_rulings(self.root, years)
        pieces: dict[str, list[pa.Table]] = {}
        for name, rows in intake.assemble(inventory, batches, self.survey, register, rulings):
            pieces.setdefault(name, [empty_table(name)]).append(rows.cast(empty_table(name).schema))
        return {name: pa.concat_tables(tables) for name, tables in pieces.items()}

    def receive(self, data: bytes, name: str = "县区/报表.xlsx") -> Received:
        """Take in this one file."""
        self.put(name, data)
        return Received(self.take_in())


class Received:
    """The tables of one file, easy to look at."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.tables = tables
        self.files = tables["submissions"].to_pylist()
        self.returns = tables["returns"].to_pylist()
        self.answers = {row["item_id"]: row for row in tables["answers"].to_pylist()}

    @property
    def file(self) -> dict[str, Any]:
        assert len(self.files) == 1, self.files
        return self.files[0]

    @property
    def refusal(self) -> str:
        assert self.file["status"] == "rejected", self.file
        assert self.tables["answers"].num_rows == 0
        assert self.returns == []
        assert self.file["reason_zh"]
        assert self.file["advice_zh"]
        return str(self.file["reason_code"])
