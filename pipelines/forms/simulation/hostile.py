"""Files that arrive though nobody wanted them: broken, locked, empty, foreign, half-filled."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import xlsxwriter

from pipelines.forms.filling import FormTemplate
from pipelines.forms.layout import SIMULATED_MARK
from pipelines.forms.look import Look
from pipelines.forms.simulation.returns import SimReturn, Slip

_SECTOR = 512
_FREE, _END_OF_CHAIN, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def hostile_files(
    template: FormTemplate, senders: list[SimReturn]
) -> Iterator[tuple[SimReturn, str, bytes, Slip]]:
    """Sender, file name, bytes and what is wrong; as many as there are senders for."""
    for one, (kind, note) in zip(senders, _KINDS.items(), strict=False):
        name, data = _make(kind, template, one)
        yield one, name, data, Slip(kind, note)


_KINDS = {
    "corrupt": "文件损坏（传输中断）",
    "encrypted": "文件加了密码",
    "empty": "空文件",
    "foreign": "不是调查表",
    "half_filled": "只填了一部分，整张表空着",
    "lock_file": "打开时留下的临时文件",
    "ds_store": "系统文件",
    "thumbs": "系统文件",
}


def _make(kind: str, template: FormTemplate, one: SimReturn) -> tuple[str, bytes]:
    label = one.unit.label
    match kind:
        case "corrupt":
            whole = template.fill(one.cover, one.answers)
            return f"{label}.xlsx", whole[: len(whole) // 3]
        case "encrypted":
            return f"{label}.xlsx", encrypted_stub()
        case "empty":
            return f"{label}.xlsx", b""
        case "foreign":
            return f"{label}职工值班表.xlsx", _duty_roster()
        case "half_filled":
            first = {item.item_id for item in template.layout.edition.items_of("personnel")}
            part = {item: value for item, value in one.answers.items() if item in first}
            return f"{label}.xlsx", template.fill(one.cover, part)
        case "lock_file":
            owner = "模拟用户".encode("utf-16-le")
            return f"~${label}.xlsx", (b"\x04" + b"User".ljust(54, b"\0") + owner).ljust(165, b" ")
        case "ds_store":
            return ".DS_Store", b"\x00\x00\x00\x01Bud1".ljust(4096, b"\0")
        case _:
            return "Thumbs.db", encrypted_stub(("Catalog",))


def _duty_roster() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        look = Look(book)
        sheet = book.add_worksheet("值班")
        rows = [
            ("值班表", SIMULATED_MARK),
            ("日期", "值班人"),
            ("1日", "模拟甲"),
            ("2日", "模拟乙"),
        ]
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text, look("plain"))
    return buffer.getvalue()


def encrypted_stub(streams: tuple[str, ...] = ("EncryptionInfo", "EncryptedPackage")) -> bytes:
    """A compound file with the named (empty) streams, as password protection leaves it."""
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        bytes.fromhex("d0cf11e0a1b11ae1"),
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        1,
        1,
        0,
        4096,
        _END_OF_CHAIN,
        0,
        _END_OF_CHAIN,
        0,
        0,
    )
    header += struct.pack("<I", _FREE) * 108
    table = struct.pack("<II", _FAT_SECTOR, _END_OF_CHAIN).ljust(_SECTOR, b"\xff")
    last = len(streams)
    entries = _entry("Root Entry", 5, child=1)
    for number, name in enumerate(streams, 1):
        entries += _entry(name, 2, right=number + 1 if number < last else _FREE)
    return header + table + entries.ljust(_SECTOR, b"\0")


def _entry(name: str, kind: int, child: int = _FREE, right: int = _FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII36xIII", text, len(text), kind, 1, _FREE, right, child, _END_OF_CHAIN, 0, 0
    )
