"""What is said of a definition file that is malformed: in Chinese, with its line."""

from __future__ import annotations

import datetime
import errno
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from pipelines.errors import SurveyDefinitionError, refusal_zh
from pipelines.survey.documents import YamlDocument


class Kind(BaseModel):
    model_config = ConfigDict(extra="forbid")

    day: datetime.date = datetime.date(2024, 1, 1)
    days: tuple[datetime.date, ...] = ()
    much: Decimal = Decimal(0)
    named: dict[str, int] = {}
    listed: list[str] = []
    share: float = 0.0


def told(tmp_path: Path, text: str) -> SurveyDefinitionError:
    path = tmp_path / "写法.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SurveyDefinitionError) as caught:
        _read(path)
    return caught.value


def _read(path: Path) -> Kind:
    document = YamlDocument(path)
    return document.model(Kind, document.data)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a:\n\t- b\n", 2, "制表符"),
        ('a: 1\nb: "没有写完\nc: 2\n', 4, "从第 2 行起，引号没有成对"),
        ("a: b: c\n", 1, "冒号多了一个"),
        ("没有冒号\na: 1\n", 2, "上一行缺少冒号"),
        ("a: [1, 2\nb: 1\n", 2, "方括号没有成对"),
        ("a: [\n", 2, "没有成对"),
        ("a:\n   b: 1\n  c: 2\n", 3, "缩进没有对齐"),
        ("# 空行\nday: 2024-04-31\n", 2, "不存在的日期"),
        ("much: 1\nday: 某天\n", 2, "“day”应填日期"),
        ("days:\n- 2024-01-01\n- 明天\n", 3, "应填日期"),
        ("days: 2024-01-01\n", 1, "应填列表"),
        ("much: 许多\n", 1, "应填数字"),
        ("share: 一半\n", 1, "应填数字"),
        ("named: 一个\n", 1, "“键: 值”"),
        ("listed: 一个\n", 1, "应填列表"),
    ],
)
def test_what_is_wrong_is_told_in_chinese_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    error = told(tmp_path, text)
    assert error.place.line == line
    assert said in error.problem
    english = re.findall(r"[A-Za-z]{3,}", error.problem)
    assert set(english) <= {"YAML", "Tab", "day", "days", "much", "share", "named", "listed"}


def test_no_refusal_of_the_system_is_told_in_its_own_words() -> None:
    for code in errno.errorcode:
        said = refusal_zh(OSError(code, os.strerror(code)))
        assert re.search(r"[一-鿿]", said)
        assert os.strerror(code) not in said


def test_an_error_without_a_number_still_has_words() -> None:
    assert refusal_zh(OSError("what")) == "系统错误 OSError"
    assert refusal_zh(NotADirectoryError(errno.ENOTDIR, "Not a directory")) == (
        "路径中有一段是文件，不是文件夹"
    )
