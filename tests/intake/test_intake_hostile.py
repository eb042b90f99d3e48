"""Files made to hurt: each costs itself, within bounds, and none yields a number that is not there.

Every fixture is built here, small.  A file is either refused by its code or read to the very
figures that were written; nothing else will do.
"""

from __future__ import annotations

import io
import os
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from pipelines import intake
from pipelines.intake.vocabulary import vocabulary
from pipelines.survey import Survey
from tests.intake.writing import YEAR, Office, filled, saved, workbook

Change = Callable[[bytes], bytes]
DTD = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def changed(data: bytes, changes: Mapping[str, Change], more: Mapping[str, bytes] = {}) -> bytes:
    """A workbook with some parts rewritten and others added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(
                info.filename, changes.get(info.filename, lambda part: part)(old.read(info))
            )
        for name, part in more.items():
            new.writestr(name, part)
    return out.getvalue()


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def declared(part: bytes, declaration: bytes) -> bytes:
    """An XML part with a document type before its first element."""
    at = re.search(rb"<[A-Za-z]", part)
    assert at
    return part[: at.start()] + declaration + part[at.start() :]


def sheet_part(data: bytes, form: str) -> str:
    """The part of the sheet that holds a form (openpyxl numbers parts in sheet order)."""
    import openpyxl

    names = openpyxl.load_workbook(io.BytesIO(data), read_only=True).sheetnames
    number = next(n for n, name in enumerate(names, 1) if form in name)
    return f"xl/worksheets/sheet{number}.xml"


def assert_read_right(office: Office, data: bytes, name: str = "县区/表.xlsx") -> None:
    """Loaded, with the one figure that every fixture here reports."""
    received = office.receive(data, name)
    assert received.file["status"] == "loaded", received.file
    assert received.answers["lectures"]["value"] == Decimal(5)
    told = {a["state"] for item, a in received.answers.items() if item != "lectures"}
    assert told == {"not_applicable"}


@pytest.fixture(scope="module")
def good(survey: Survey) -> bytes:
    return filled(survey, lectures=5)


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same limits as in life, a hundred times smaller."""
    smaller = intake.limits().model_copy(
        update={"archive_members": 50, "archive_bytes": 10_000_000, "file_bytes": 1_000_000}
    )
    monkeypatch.setitem(vocabulary().__dict__, "limits", smaller)


# --- archives -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_limits")
def test_archives_in_an_archive_share_one_allowance(office: Office) -> None:
    """Each inner archive is within the limits; together they are not."""
    inner = zipped({f"{n}.csv": b"x" * 400_000 for n in range(9)})
    data = zipped({f"{n}.zip": inner for n in range(4)})
    office.put("包.zip", data)
    reasons = [row["reason_code"] for row in office.take_in()["submissions"].to_pylist()]
    assert reasons.count("K410") == 2


@pytest.mark.usefixtures("small_limits")
def test_an_archive_of_very_many_files_is_refused(office: Office) -> None:
    received = office.receive(zipped({f"{n}.csv": b"1" for n in range(51)}), "包.zip")
    assert received.refusal == "K410"


def test_an_archive_whose_files_overlap_is_refused(office: Office) -> None:
    """One packed body, listed many times."""
    body = zipped({"a.csv": b"1,2\n" * 10_000})
    end = body.rindex(b"PK\x05\x06")
    directory = body[body.rindex(b"PK\x01\x02") : end]
    copies = b"".join(directory.replace(b"a.csv", b"%d.csv" % n) for n in range(9))
    tail = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, 9, 9, len(copies), end - len(directory), 0
    )
    data = body[: end - len(directory)] + copies + tail
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 9
    assert office.receive(data, "包.zip").refusal == "K410"


def test_a_part_that_is_larger_than_it_says_is_refused(office: Office, good: bytes) -> None:
    """The directory of the archive says 100 bytes; 20 megabytes come out."""
    data = bytearray(changed(good, {}, {"xl/sharedStrings.xml": b" " * 20_000_000}))
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 100)
    received = office.receive(bytes(data))
    assert received.refusal in {"K401", "K410"}


def test_names_that_climb_or_are_absolute_write_nothing(office: Office, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    office.put("包.zip", zipped({"/etc/evil.csv": b"a,b", "..\\..\\evil.csv": b"c,d"}))
    files = [row["file"] for row in office.take_in()["submissions"].to_pylist()]
    assert files == ["包.zip!../../evil.csv", "包.zip!etc/evil.csv"]
    assert {p.name for p in tmp_path.rglob("*") if p not in before} == {"包.zip"}


# --- XML ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("declaration", [DTD, EXTERNAL])
@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/sheet6.xml"]
)
def test_entities_in_any_part_of_a_workbook(
    office: Office, good: bytes, part: str, declaration: bytes
) -> None:
    data = changed(good, {part: lambda xml: declared(xml, declaration)})
    received = office.receive(data)
    if received.file["status"] == "loaded":  # a declaration that nothing refers to
        assert received.answers["lectures"]["value"] == Decimal(5)
    else:
        assert received.refusal == "K401"


def test_an_entity_in_a_figure_is_never_a_figure(office: Office, good: bytes) -> None:
    part = sheet_part(good, "KP-005")
    xml = zipfile.ZipFile(io.BytesIO(good)).read(part)
    assert xml.count(b"<v>5</v>") == 1
    for entity in (b"&a;", b"5&a;", b"&#x35;0&b;"):
        data = changed(
            good,
            {part: lambda xml, e=entity: declared(xml.replace(b"<v>5</v>", b"<v>%b</v>" % e), DTD)},  # type: ignore[misc]
        )
        assert office.receive(data).refusal == "K401"


TABLE = "".join(f"<row><c>{n}</c></row>" for n in range(3)).encode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (
            "表.xls",
            b'<?xml version="1.0"?>' + DTD + b'<Workbook xmlns="urn:schemas-microsoft-com:office:'
            b'spreadsheet"><Worksheet><Table><Row><Cell><Data>&b;</Data></Cell></Row></Table>'
            b"</Worksheet></Workbook>",
        ),
        ("表.xls", DTD + b"<html><body><table><tr><td>&b;</td></tr></table></body></html>"),
        ("表.xls", EXTERNAL + b"<html><body><table><tr><td>&a;</td></tr></table></body></html>"),
        (
            "表.docx",
            zipped(
                {
                    "[Content_Types].xml": b"<Types/>",
                    "word/document.xml": DTD + b"<w:document>&b;</w:document>",
                }
            ),
        ),
        (
            "表.ods",
            zipped(
                {
                    "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": EXTERNAL + b"<office>&a;</office>",
                }
            ),
        ),
    ],
)
def test_entities_in_other_formats_are_refused(office: Office, name: str, data: bytes) -> None:
    received = office.receive(data, name)
    assert received.refusal.startswith("K4")
    assert "root:" not in received.file["reason_zh"]


@pytest.mark.parametrize("depth", [1_000, 200_000])
def test_deep_nesting_ends_no_process(office: Office, good: bytes, depth: int) -> None:
    deep = b"<x>" * depth + b"</x>" * depth
    data = changed(
        good,
        {
            "xl/worksheets/sheet1.xml": lambda xml: xml.replace(
                b"</worksheet>", deep + b"</worksheet>"
            )
        },
    )
    received = office.receive(data)
    if received.file["status"] == "loaded":
        assert received.answers["lectures"]["value"] == Decimal(5)
    else:
        assert received.refusal in {"K401", "K412"}


# --- workbooks ----------------------------------------------------------------------------------


def test_a_declared_extent_of_17_billion_cells_costs_nothing(office: Office, good: bytes) -> None:
    part = sheet_part(good, "KP-005")
    whole = re.compile(rb'<dimension ref="[^"]*"')
    data = changed(good, {part: lambda xml: whole.sub(b'<dimension ref="A1:XFD1048576"', xml)})
    assert_read_right(office, data)


@pytest.mark.parametrize("cell", ["A1048576", "XFD1"])
def test_one_value_in_the_last_row_or_column(office: Office, survey: Survey, cell: str) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {"lectures": 5})
    book[cells["lectures"][0]][cell] = "附注"
    received = office.receive(saved(book))
    if received.file["status"] == "loaded":
        assert received.answers["lectures"]["value"] == Decimal(5)
    else:
        assert received.refusal == "K410"


def test_columns_to_the_last_in_every_row_are_refused_or_read_right(
    office: Office, survey: Survey
) -> None:
    book, cells = workbook(survey.edition_of(YEAR), {"lectures": 5})
    sheet = book[cells["lectures"][0]]
    for row in (1, 400):
        sheet.cell(row, 16_384, "边")
    received = office.receive(saved(book))
    assert received.refusal == "K410"


def test_very_many_merged_ranges(office: Office, good: bytes) -> None:
    merged = b"".join(b'<mergeCell ref="AA%d:AB%d"/>' % (n, n) for n in range(1, 20_001))
    block = b'<mergeCells count="20000">' + merged + b"</mergeCells>"
    part = sheet_part(good, "KP-005")
    data = changed(good, {part: lambda xml: xml.replace(b"</sheetData>", b"</sheetData>" + block)})
    assert_read_right(office, data)


def test_a_million_texts_that_are_used_once(office: Office, good: bytes) -> None:
    texts = b"".join(b"<si><t>%d</t></si>" % n for n in range(1_000_000))
    data = changed(
        good,
        {"xl/sharedStrings.xml": lambda xml: xml.replace(b"</sst>", texts + b"</sst>")},
    )
    assert_read_right(office, data)


@pytest.mark.parametrize("length", [32_768, 10_000_000])
def test_a_huge_text_in_a_cell_harms_nothing(office: Office, good: bytes, length: int) -> None:
    part = "xl/sharedStrings.xml"
    data = changed(
        good, {part: lambda xml: xml.replace("审核提示".encode(), "字".encode() * length)}
    )
    received = office.receive(data)
    if received.file["status"] == "loaded":
        assert received.answers["lectures"]["value"] == Decimal(5)
    else:
        assert received.refusal in {"K410", "K414"}


def test_macros_and_links_are_neither_run_nor_followed(office: Office, good: bytes) -> None:
    """A workbook with a macro part and a reference to another workbook, as .xlsm are built."""
    relations = (
        b'<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        b'relationships/externalLink" Target="file:///etc/passwd" TargetMode="External"/>'
        b'<Relationship Id="rIdV" Type="http://schemas.microsoft.com/office/2006/relationships/'
        b'vbaProject" Target="vbaProject.bin"/></Relationships>'
    )
    data = changed(
        good,
        {
            "xl/_rels/workbook.xml.rels": lambda xml: xml.replace(b"</Relationships>", relations),
        },
        {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 not even a macro"},
    )
    assert_read_right(office, data, "县区/表.xlsm")


def test_a_sheet_part_outside_the_workbook_is_not_followed(office: Office, good: bytes) -> None:
    target = re.compile(rb'Target="[^"]*sheet6\.xml"')
    for path in (b"../../../etc/passwd", b"file:///etc/passwd", b"http://localhost/x.xml"):
        data = changed(
            good,
            {
                "xl/_rels/workbook.xml.rels": lambda xml, p=path: target.sub(  # type: ignore[misc]
                    b'Target="%b"' % p, xml
                )
            },
        )
        assert office.receive(data).refusal.startswith("K4")


# --- OLE and BIFF -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def old_workbook() -> bytes:
    """A small .xls that is no return: what becomes of its container is the point."""
    import xlwt

    book = xlwt.Workbook()
    sheet = book.add_sheet("值班")
    for row in range(200):
        sheet.write(row, 0, f"第{row}日")
        sheet.write(row, 1, row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_old_workbook_itself_is_read_and_found_foreign(
    office: Office, old_workbook: bytes
) -> None:
    assert office.receive(old_workbook, "值班.xls").refusal == "K404"


@pytest.mark.parametrize("target", ["self", "back", "outside", "far"])
def test_a_chain_of_sectors_that_never_ends(
    office: Office, old_workbook: bytes, target: str
) -> None:
    data = bytearray(old_workbook)
    fat = struct.unpack_from("<I", data, 76)[0]
    place = (fat + 1) * 512
    links = struct.unpack_from("<128I", data, place)
    chained = [n for n, link in enumerate(links) if link < 0xFFFFFFFA]
    for n in chained:
        link = {"self": n, "back": 0, "outside": len(data), "far": 0x7FFFFFFF}[target]
        struct.pack_into("<I", data, place + 4 * n, link)
    assert office.receive(bytes(data), "值班.xls").refusal in {"K401", "K405"}


@pytest.mark.parametrize("where", [30, 44, 48, 60, 68, 72, 76])
@pytest.mark.parametrize("value", [0, 0x7FFFFFFF, 0xFFFFFFFE])
def test_a_header_of_absurd_numbers(
    office: Office, old_workbook: bytes, where: int, value: int
) -> None:
    data = bytearray(old_workbook)
    struct.pack_into("<I", data, where, value)
    assert office.receive(bytes(data), "值班.xls").refusal.startswith("K4")


@pytest.mark.parametrize("length", [0, 0xFFFF, 0x2021])
def test_records_of_absurd_length(office: Office, old_workbook: bytes, length: int) -> None:
    """Every record of the workbook says that it is so long."""
    data = bytearray(old_workbook)
    at = data.index(b"\x09\x08\x10\x00")
    for _ in range(40):
        kind, size = struct.unpack_from("<HH", data, at)
        struct.pack_into("<H", data, at + 2, length)
        at += 4 + size
        if kind == 0x000A:
            break
    assert office.receive(bytes(data), "值班.xls").refusal.startswith("K4")


@pytest.mark.parametrize(
    ("kind", "place", "shape", "value"),
    [
        (0x0200, 4, "<I", 0x08000006),
        (0x0200, 4, "<I", 0xFFFFFFFF),
        (0x0200, 10, "<H", 0xFFFF),
        (0x00FC, 4, "<I", 0x7FFFFFFF),
        (0x00FC, 4, "<I", 0x10000000),
    ],
    ids=["rows", "most rows", "columns", "texts", "many texts"],
)
def test_a_workbook_that_declares_more_than_there_can_be(
    office: Office, old_workbook: bytes, kind: int, place: int, shape: str, value: int
) -> None:
    """The native reader would ask the system for a hundred gigabytes, and die."""
    data = bytearray(old_workbook)
    at = data.index(b"\x09\x08\x10\x00")
    while struct.unpack_from("<H", data, at)[0] != kind:
        at += 4 + struct.unpack_from("<H", data, at + 2)[0]
    struct.pack_into(shape, data, at + 4 + place, value)
    assert office.receive(bytes(data), "值班.xls").refusal == "K401"


# --- OpenDocument -------------------------------------------------------------------------------


def ods(rows: bytes) -> bytes:
    head = (
        b'<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        b' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        b' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        b' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">'
        b"<office:body><office:spreadsheet>"
        b'<table:table table:name="S">'
    )
    tail = b"</table:table></office:spreadsheet></office:body></office:document-content>"
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": b"<manifest/>",
            "content.xml": head + rows + tail,
        }
    )


CELL = b'<table:table-cell office:value-type="string"%b><text:p>x</text:p></table:table-cell>'


@pytest.mark.parametrize(
    "rows",
    [
        b"<table:table-row>"
        + CELL % b' table:number-columns-repeated="1000000000"'
        + b"</table:table-row>",
        b'<table:table-row table:number-rows-repeated="1000000000">'
        + CELL % b""
        + b"</table:table-row>",
        b'<table:table-row table:number-rows-repeated="99999999999999999999">'
        + CELL % b' table:number-columns-repeated="-5"'
        + b"</table:table-row>",
        b'<table:table-row table:number-rows-repeated="40000">'
        + CELL % b' table:number-columns-repeated="16000"'
        + b"</table:table-row>",
        b'<table:table-row table:number-rows-repeated="x">'
        + CELL % b' table:number-columns-spanned="y"'
        + b"</table:table-row>",
    ],
)
def test_repeats_without_end(office: Office, rows: bytes) -> None:
    assert office.receive(ods(rows), "表.ods").refusal in {"K401", "K404", "K410", "K412"}


def test_blank_cells_repeated_to_the_edge_are_what_every_program_writes(office: Office) -> None:
    rows = (
        b"<table:table-row>"
        + CELL % b""
        + b'<table:table-cell table:number-columns-repeated="16383"/>'
        b'</table:table-row><table:table-row table:number-rows-repeated="1048575">'
        b'<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert office.receive(ods(rows), "表.ods").refusal == "K404"


# --- text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 50_000_000,
        b"," * 1_000_000,
        b'"' + b"a" * 5_000_000,
        "指标名称,数量\n".encode() + b'"' * 999_999,
        b"1,2\n" * 300_000,
        "指标名称\t数量\n".encode("utf-16") + "甲\0乙\t5\n".encode("utf-16-le"),
        b"\xef\xbb\xbf" + b"\x00" * 50 + b"1,2",
    ],
    ids=["one long line", "wide", "open quote", "quotes", "tall", "NUL", "NUL after mark"],
)
def test_texts_of_absurd_shape_are_refused(office: Office, data: bytes) -> None:
    assert office.receive(data, "表.csv").refusal.startswith("K4")


# --- the disk -----------------------------------------------------------------------------------


def statuses(office: Office) -> dict[str, str]:
    return {
        row["file"]: row["reason_code"] or row["status"]
        for row in office.take_in()["submissions"].to_pylist()
    }


def test_links_pipes_and_devices_are_listed_and_not_opened(
    office: Office, good: bytes, tmp_path: Path
) -> None:
    inbox = office.root.inbox(YEAR)
    outside = tmp_path / "别处"
    outside.mkdir()
    (outside / "表.xlsx").write_bytes(good)
    (inbox / "文件夹").symlink_to(outside)
    (inbox / "断链.xlsx").symlink_to(tmp_path / "没有")
    (inbox / "设备.csv").symlink_to("/dev/zero")
    os.mkfifo(inbox / "管道.csv")
    office.put("好.xlsx", good)
    assert statuses(office) == {
        "文件夹": "S104",
        "断链.xlsx": "S104",
        "设备.csv": "S104",
        "管道.csv": "S104",
        "好.xlsx": "loaded",
    }


def test_a_file_changed_or_removed_after_taking_stock_is_refused(
    office: Office, survey: Survey, good: bytes
) -> None:
    office.put("变了.xlsx", good)
    office.put("没了.xlsx", filled(survey, lectures=6))
    office.put("包.zip", zipped({"内.xlsx": filled(survey, lectures=7)}))
    office.put("好.xlsx", filled(survey, lectures=8))
    inventory = intake.scan(office.root, [YEAR])
    office.put("变了.xlsx", filled(survey, lectures=50))
    office.put("包.zip", zipped({"内.xlsx": filled(survey, lectures=70)}))
    (office.root.inbox(YEAR) / "没了.xlsx").unlink()
    readings = intake.read_files(inventory.files, office.root, survey)
    told = {report.file.file: report.reason_code or report.status for report in readings.reports}
    assert told == {
        "变了.xlsx": "K415",
        "没了.xlsx": "K415",
        "包.zip!内.xlsx": "K415",
        "好.xlsx": "loaded",
    }
    assert all(report.advice_zh for report in readings.reports if report.reason_code)


def test_what_may_not_be_opened_costs_itself_only(
    office: Office, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a stand-in for the disk: an administrator, as on most test machines, may open all."""
    office.put("锁着.xlsx", good)
    office.put("好.xlsx", good)
    real = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.name == "锁着.xlsx":
            raise PermissionError(13, "denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    assert statuses(office) == {"锁着.xlsx": "K400", "好.xlsx": "loaded"}


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may open every file")
def test_a_folder_that_may_not_be_opened_is_listed(office: Office, good: bytes) -> None:
    office.put("里面/表.xlsx", good)
    folder = office.root.inbox(YEAR) / "里面"
    folder.chmod(0)
    try:
        assert statuses(office) == {"里面": "K400"}
    finally:
        folder.chmod(0o700)


NAMES = [
    "长" * 83 + ".xlsx",
    "😀📊.xlsx",
    "两\n行.xlsx",
    "-rf.xlsx",
    "=cmd|' ∕C calc'!A0.xlsx",
    "<script>alert(1)</script>.xlsx".replace("/", "∕"),
    " 空格 .xlsx",
    "'; DROP TABLE answers; --.xlsx",
    "%s%n.xlsx",
    "报表!内.xlsx",
]


def test_names_of_any_kind_are_kept_apart_and_can_be_written_down(
    office: Office, good: bytes
) -> None:
    inbox = os.fsencode(office.root.inbox(YEAR))
    names = [name.encode() for name in NAMES] + [b"\xff\xfe\x80.xlsx", "县.xlsx".encode("gbk")]
    for n, name in enumerate(names):
        path = Path(os.fsdecode(inbox + b"/" + name))
        path.write_bytes(changed(good, {}, {"docProps/n.txt": b"%d" % n}))
    rows = office.take_in()["submissions"].to_pylist()
    assert [row["status"] for row in rows] == ["loaded"] * len(names)
    shown = {row["file"] for row in rows}
    assert len(shown) == len(names)
    assert "县.xlsx" in shown
    assert "两␊行.xlsx" in shown
    for name in shown:
        assert name.encode().decode() == name
        assert all(ord(char) >= 32 for char in name)
