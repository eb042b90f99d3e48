"""Texts that senders write to be run elsewhere come out everywhere as the texts they are.

One root whose units, file names, cells and office carry formulas, tags and commands goes through
the whole line; then every kind of output is opened.  Each text carries one rare character, by
which it is found again.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lxml.html
import openpyxl
import pytest
import yaml
from pypdf import PdfReader

from pipelines import steps
from pipelines.commands import console
from pipelines.commands.setup import lay_out
from pipelines.forms import simulate
from pipelines.products import Made
from pipelines.runs import run_line
from pipelines.survey import Survey, load_survey
from pipelines.warehouse import Root
from tests.conftest import make_only
from tests.intake.writing import COVER, YEAR, Layout, saved, workbook

#: Stands in every hostile text and nowhere else.
MARK = "蠱"
NAMES = [
    f"=1+1{MARK}",
    f"=cmd|' /C calc'!A0{MARK}",
    f"+1+1{MARK}",
    f"-2+3{MARK}",
    f"@SUM(1+1){MARK}",
    f"\t=1+1{MARK}",
    f'=HYPERLINK("http://localhost/{MARK}","{MARK}")',
    f"<script>alert('{MARK}')</script>",
    f"<img src=x onerror=alert('{MARK}')>",
    f"\"><svg onload=alert('{MARK}')>",
    f"#set text(red); #panic({MARK})",
    f"[bold red]{MARK}[/bold red]",
    f"http://localhost/{MARK}",
    f"{{{{7*7}}}}{{% raw %}}{MARK}",
    f"\x01\x0b{MARK}\ufffe",
]


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Root:
    folder = tmp_path_factory.mktemp("蛊 省")
    root = Root(folder)
    survey = load_survey()
    lay_out(folder, YEAR)
    simulate(survey, root, years=(YEAR,), returns=20, seed=3)
    for number, name in enumerate(NAMES):
        put(root, number, name)
    overlay(root)
    # What is printed goes through one press (see the bulletin); the longest papers add nothing.
    make_only(root, *(set(Made.model_fields) - {"compendium", "analysis", "briefs", "open_data"}))
    run_line(root, YEAR)
    return root


def put(root: Root, number: int, name: str) -> None:
    """A return of a unit of this name: one bad figure, notes, and a file of that name."""
    survey = load_survey()
    # 11220000000000001L is valid; without a code a unit goes by its name.
    cover = {**COVER, "unit_name": name, "uscc": "", "filler": name}
    answers = {"lectures": name, "exhibitions": 3, "lectures_attendance": -5}
    path = root.inbox(YEAR) / "县区" / re.sub(r"[/\x00-\x1f]", "∕", name)
    if "\x01" in name:  # what a workbook cannot hold, a text table can
        path.with_suffix(".csv").write_text(as_text(survey, answers, cover), "utf-8")
        return
    book, _ = workbook(survey.edition_of(YEAR), answers, cover)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and MARK in cell.value:
                    cell.data_type = "s"
    path.with_name(f"{path.name}.xlsx").write_bytes(saved(book))


def as_text(survey: Survey, answers: dict[str, object], cover: dict[str, object]) -> str:
    """The same as a text table; the texts are put in afterwards."""
    stand_in = {key: "替" if MARK in str(value) else value for key, value in cover.items()}
    plain = {key: "替" if MARK in str(value) else value for key, value in answers.items()}
    book, _ = workbook(survey.edition_of(YEAR), plain, stand_in, Layout(one_sheet=True))
    out = io.StringIO()
    csv.writer(out).writerows(book.active.values)
    return out.getvalue().replace("替", NAMES[-1])


def overlay(root: Root) -> None:
    """An office that is itself called so."""
    source = Path(steps.__file__).parent / "publish" / "office.yaml"
    office: dict[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    office["office_zh"] = f"=1+1#set text(red)[b]<b>{MARK}"
    folder = root.raw / "调查制度" / "publish"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "office.yaml").write_text(yaml.safe_dump(office, allow_unicode=True), "utf-8")


def workbooks(root: Root) -> Iterator[tuple[str, bytes]]:
    """Every workbook that was written, also those in archives."""
    for path in sorted(root.reports.rglob("*")):
        if path.suffix == ".xlsx":
            yield path.name, path.read_bytes()
        elif path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                for info in archive.infolist():
                    if info.filename.endswith(".xlsx"):
                        yield f"{path.name}!{info.filename}", archive.read(info)


def test_the_poison_was_taken_in(poisoned: Root) -> None:
    from pipelines.warehouse import Snapshot

    with Snapshot(poisoned.snapshot) as snapshot:
        names = {row["unit_name"] for row in snapshot.rows("SELECT unit_name FROM returns")}
    assert sum(MARK in name for name in names) >= len(NAMES) - 2


def test_no_text_of_a_sender_is_a_formula_or_a_link_in_a_workbook(poisoned: Root) -> None:
    seen = 0
    for name, data in workbooks(poisoned):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                part = archive.read(info).decode("utf-8", "replace")
                assert "ddeLink" not in part, name
                for formula in re.findall(r"<f[\s>][^<]*</f>|<formula1?>[^<]*<", part):
                    assert MARK not in formula, (name, info.filename, formula)
                if info.filename.endswith(".rels"):
                    assert MARK not in part, (name, info.filename)
        book = openpyxl.load_workbook(io.BytesIO(data))
        for sheet in book.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str) and MARK in cell.value:
                        seen += 1
                        assert cell.data_type == "s", (name, sheet.title, cell.coordinate)
                        assert cell.hyperlink is None
    assert seen > len(NAMES)


def test_no_text_of_a_sender_is_active_in_a_page(poisoned: Root) -> None:
    pages = [*poisoned.quality.rglob("*.html"), *poisoned.reports.rglob("*.html")]
    assert pages
    for page in pages:
        tree = lxml.html.fromstring(page.read_bytes().decode("utf-8"))
        for node in tree.iter():
            if node.tag == "script":
                # Data for a script may hold the text; it must not be able to end the script.
                assert f"alert('{MARK}')</" not in (node.text or ""), page
            for attribute, value in node.attrib.items():
                assert not (attribute.startswith("on") and MARK in value), page
                assert not (attribute in ("href", "src") and MARK in value), page


def test_the_bulletin_shows_the_office_by_its_letters(poisoned: Root) -> None:
    reader = PdfReader(poisoned.report(YEAR) / "公报.pdf")
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert f"#set text(red)[b]<b>{MARK}".replace(" ", "") in text.replace(" ", "")


def test_the_terminal_shows_them_by_their_letters(
    poisoned: Root, capsys: pytest.CaptureFixture[str]
) -> None:
    for text in NAMES:
        console.say(text)
    said = capsys.readouterr().out
    assert f"[bold red]{MARK}[/bold red]" in said
    assert "\x1b" not in said
