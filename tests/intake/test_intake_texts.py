"""Text tables: the encoding told by evidence, never mojibake; cells divided, never moved."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import CorruptFileError, UnreadableFileError, UnsupportedFormatError
from pipelines.intake.formats.charsets import decode, decode_page
from pipelines.intake.formats.delimited import split
from pipelines.survey import Survey
from tests.intake.test_intake_formats import WANT, as_text, said
from tests.intake.writing import Office

SIMPLIFIED = "指标名称,数量\n科普讲座举办次数,12\n"
TRADITIONAL = "指標名稱,數量\n科學講座舉辦次數,12\n"
#: No word that is known: who wrote it is told by how common its characters are.
POEM = "床前明月光，疑是地上霜。举头望明月，低头思故乡。白日依山尽，黄河入海流。"
OLD_POEM = "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。白日依山盡，黃河入海流。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
        (SIMPLIFIED, "utf-32"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "utf-8"),
        (POEM, "gb18030"),
        (OLD_POEM, "big5"),
        ("石景山区,12\n", "utf-8"),
        ("plain,12\n", "ascii"),
    ],
)
def test_the_encoding_is_told(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", ["联通", "甲,1\n"])
def test_what_could_be_of_two_encodings_is_refused(text: str) -> None:
    data = text.encode("gb18030")
    data.decode("big5")
    with pytest.raises(UnsupportedFormatError, match="认不准"):
        decode(data)


def test_a_text_of_two_encodings_is_refused() -> None:
    mixed = SIMPLIFIED.encode() + "某局,3\n".encode("gb18030")
    with pytest.raises(CorruptFileError, match="前后不一致"):
        decode(mixed)


@pytest.mark.parametrize("data", [bytes(range(256)), b"\xff\xfe\x00", b"\x00\x01\x02" * 9])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        decode(data)


def test_a_page_is_read_as_it_declares_itself() -> None:
    page = '<meta charset="gb2312"><td>联通</td>'
    assert decode_page(page.encode("gbk")) == page
    # A declaration that is not true gives way to what the bytes are.
    assert decode_page(page.encode()) == page


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_questionnaire_in_utf16_without_a_mark(
    office: Office, survey: Survey, encoding: str
) -> None:
    assert said(office, as_text(survey, "\t").encode(encoding), "表.txt") == WANT


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("甲,1\n乙,2\n", [["甲", "1"], ["乙", "2"]]),
        ('甲,"1,200"\n乙,2\n', [["甲", "1,200"], ["乙", "2"]]),
        ('甲,"他说""好"""\n', [["甲", '他说"好"']]),
        ('"甲\n局",1\n', [["甲\n局", "1"]]),
        ("甲\t1,200\n乙\t3,400\n", [["甲", "1,200"], ["乙", "3,400"]]),
        ("甲;1\n乙;2\n", [["甲", "1"], ["乙", "2"]]),
        ("甲|1\r\n乙|2\r\n", [["甲", "1"], ["乙", "2"]]),
        ("表名,,\n甲,100,200\n", [["表名", "", ""], ["甲", "100", "200"]]),
        ("只有一列\n5\n", [["只有一列"], ["5"]]),
    ],
)  # fmt: skip
def test_texts_are_divided(text: str, want: list[list[str]]) -> None:
    assert split(text) == want


def test_a_number_that_fell_into_two_cells_is_refused_with_its_line() -> None:
    with pytest.raises(CorruptFileError, match="千分位") as caught:
        split("单位,讲座,展览\n甲,1,200,5\n乙,7,8\n")
    assert "第 2 行" in str(caught.value)


@pytest.mark.parametrize("text", ['甲,"1\n乙,2\n', '甲,"1"2\n乙,3\n'])
def test_a_quote_that_is_not_closed_is_refused(text: str) -> None:
    with pytest.raises(CorruptFileError, match="引号"):
        split(text)


def test_an_unclosed_quote_costs_the_file_not_its_rows(office: Office, survey: Survey) -> None:
    text = as_text(survey, ",").replace("科普画廊", '"科普画廊', 1)
    received = office.receive(text.encode(), "表.csv")
    assert received.refusal == "K401"
    assert "引号" in received.file["reason_zh"]


COMMON = st.text(
    st.sampled_from("指标名称代码数量单位科普统计讲座展览合计北京吉林长春经费人员，。"), min_size=12
)


@given(COMMON, st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_texts_of_known_words_are_never_mistaken(text: str, encoding: str) -> None:
    try:
        assert decode(text.encode(encoding)) == text
    except UnsupportedFormatError:
        assert encoding == "gb18030"


def test_two_characters_that_are_others_in_utf_8_are_not_guessed() -> None:
    with pytest.raises(UnsupportedFormatError, match="认不准"):
        decode("惆俫".encode("gb18030"))
    assert decode("惆俫讲座".encode()) == "惆俫讲座"


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=30))
def test_any_text_in_gb18030_is_read_right_or_refused(text: str) -> None:
    with suppress(UnreadableFileError):
        assert decode(text.encode("gb18030")) == text
