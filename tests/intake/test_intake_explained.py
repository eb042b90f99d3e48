"""说明.xlsx: what the office has taken down, and how a line that is not whole is told."""

from __future__ import annotations

from typing import Any

import openpyxl
import pytest

from pipelines.errors import DecisionFileError
from pipelines.intake import read_explanations
from tests.intake.writing import YEAR, Office, saved

HEADERS = ("单位编号", "单位名称", "场馆名称", "规则", "指标", "核对码", "原因", "说明", "说明人")
LINE = ("11220000000000001L", "某局", "", "G14", "科普专职人员", "a1b2", "", "电话核实无误", "李四")


def written(office: Office, *lines: tuple[str, ...], headers: tuple[str, ...] = HEADERS) -> None:
    book = openpyxl.Workbook()
    book.active.append(["2023 年度说明"])
    for line in (headers, *lines):
        book.active.append([text or None for text in line])
    office.put("说明.xlsx", saved(book))


def rows(office: Office) -> list[dict[str, Any]]:
    return list(read_explanations(office.root, [YEAR], office.survey))


def changed(**texts: str) -> tuple[str, ...]:
    return tuple(texts.get(name, text) for name, text in zip(HEADERS, LINE, strict=True))


def test_a_line_is_read_with_its_place(office: Office) -> None:
    written(office, LINE, changed(说明="", 说明人=""))
    (row,) = rows(office)
    assert (row["rule_id"], row["items"], row["figures"]) == ("G14", ["staff_full_time"], "a1b2")
    assert (row["text_zh"], row["by_zh"], row["source"]) == ("电话核实无误", "李四", "office")
    assert (row["file"], row["cell"], row["state"]) == ("说明.xlsx", "H3", "read")


def test_items_are_told_apart_though_their_names_hold_the_sign_between(office: Office) -> None:
    names = [item.name_zh for item in office.survey.edition_of(YEAR).items]
    odd = next(name for name in names if "、" in name)
    written(office, changed(指标=f"{odd}、科普专职人员"))
    (row,) = rows(office)
    assert len(row["items"]) == 2
    assert row["items"][1] == "staff_full_time"


def test_the_file_is_no_return(office: Office) -> None:
    written(office, LINE)
    assert office.take_in()["submissions"].num_rows == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (changed(规则="G99x"), "G99x"),
        (changed(指标="没有的指标"), "没有的指标"),
        (changed(说明人=""), "说明人"),
        (changed(核对码=""), "核对码"),
        (changed(单位编号=""), "单位编号"),
        (changed(原因="8 其他（请写明）", 说明=""), "没有写明"),
    ],
)
def test_a_line_that_is_not_whole_names_its_place(
    office: Office, line: tuple[str, ...], told: str
) -> None:
    written(office, LINE, line)
    with pytest.raises(DecisionFileError) as caught:
        rows(office)
    assert told in str(caught.value)
    assert "说明.xlsx" in str(caught.value)
    assert "H4" in str(caught.value)


def test_a_file_without_its_header_is_told(office: Office) -> None:
    written(office, LINE, headers=("单位", "说明"))
    with pytest.raises(DecisionFileError, match="表头"):
        rows(office)


def test_without_the_file_there_is_nothing(office: Office) -> None:
    assert rows(office) == []
