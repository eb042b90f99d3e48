"""The text of the bulletin as a draft that a person rewrites: its figures are always today's."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import DecisionFileError
from pipelines.indicators import Definitions
from pipelines.publish import bulletin, draft
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot
from tests.publish.conftest import YEAR


@pytest.fixture
def compose(snapshot: Snapshot, survey: Survey, definitions: Definitions, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Compose the bulletin, of a text somebody has rewritten where one is given."""

    def composed(text: str = "") -> bulletin.Composed:
        path = tmp_path / "公报文字稿.md"
        if text:
            path.write_text(text, encoding="utf-8")
        return bulletin.compose(snapshot, survey, definitions, YEAR, (), None, path)

    return composed


def chapter(composed: bulletin.Composed, title: str) -> list[str]:
    (found,) = (c for c in composed.content["chapters"] if c["title"].endswith(title))
    return list(found["paragraphs"])


def test_the_draft_says_what_the_bulletin_says_with_origins(compose, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    composed = compose()
    path = tmp_path / "out.md"
    draft.write_draft(composed.draft, draft.load_words(), path)
    text = path.read_text("utf-8")
    # 29512.50 万元, and 29512.50 / 27866.00 - 1 = 5.9086 %.
    assert "全省科普经费筹集额〔2.95亿元，比上年增长5.91%｜fund_raised.said〕。" in text
    assert "# 要点" in text
    again = compose(text)
    assert again.content == composed.content
    assert again.draft == composed.draft
    assert not again.doubts


def test_rewritten_sentences_are_printed_with_the_figures_of_today(compose) -> None:  # type: ignore[no-untyped-def]
    said = compose(
        "# 科普经费\n\n"
        "全省共筹集科普经费〔2.95亿元｜fund_raised.value〕，\n其中政府投入稳定。\n\n"
        "部门中，〔某某（1万元）｜fund_raised.leaders@department〕靠前。\n"
    )
    first, second = chapter(said, "科普经费")
    assert first == "全省共筹集科普经费2.95亿元，其中政府投入稳定。"
    assert second.startswith("部门中，")
    assert "某某" not in second
    assert second.endswith("靠前。")
    (doubt,) = said.doubts
    assert doubt.line == 6
    assert "“某某（1万元）”现在是" in doubt.said
    # What nobody rewrote is as it was.
    assert chapter(said, "科普人员") == chapter(compose(), "科普人员")


def test_a_stale_figure_is_found_and_not_printed(compose, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    said = compose("# 要点\n\n经费大幅下降，为〔1.11亿元，比上年下降60.00%｜fund_raised.said〕。\n")
    assert said.content["headline"][0] == "经费大幅下降，为2.95亿元，比上年增长5.91%。"
    (doubt,) = said.doubts
    assert doubt.line == 3
    assert "“1.11亿元，比上年下降60.00%”现在是“2.95亿元，比上年增长5.91%”" in doubt.said
    # The draft that comes with it holds today's figure: taken over, nothing is in doubt any more.
    path = tmp_path / "next.md"
    draft.write_draft(said.draft, draft.load_words(), path)
    assert not compose(path.read_text("utf-8")).doubts


def test_a_number_that_nothing_vouches_for_is_listed(compose) -> None:  # type: ignore[no-untyped-def]
    said = compose("# 要点\n\n2023年增长3.5%，共1,200场，见第〔28｜人工〕条。\n")
    assert [doubt.said.split("”")[0] for doubt in said.doubts] == ["数字“3.5", "数字“1,200"]
    assert said.content["headline"][0] == "2023年增长3.5%，共1,200场，见第28条。"


def test_a_figure_that_is_no_more_is_named(compose) -> None:  # type: ignore[no-untyped-def]
    """Nothing of the nation was published for this indicator."""
    said = compose("# 要点\n\n全国为〔9.99万人｜science_centers_visits.nation〕。\n")
    (doubt,) = said.doubts
    assert "现在没有数" in doubt.said
    assert "9.99" not in said.content["headline"][0]


def test_an_emptied_chapter_stays_empty(compose) -> None:  # type: ignore[no-untyped-def]
    said = compose("# 科普经费\n\n# 科普人员\n\n只有一句。\n")
    assert chapter(said, "科普人员") == ["只有一句。"]
    assert not [c for c in said.content["chapters"] if "科普经费" in c["title"] and c["paragraphs"]]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("没有标题的话。\n", 1, "前面没有章的标题"),
        ("# 要点\n\n# 没有的章\n", 3, "没有“没有的章”这一章"),
        ("# 要点\n\n# 要点\n", 3, "写了两次"),
        ("## 要点\n", 1, "一级标题"),
        ("# 要点\n\n- 一条\n", 3, "不能有列表"),
        ("# 要点\n\n**重点**\n", 3, "加粗"),
        ("# 要点\n\n为〔2亿元｜fund_raised.value。\n", 3, "不成对"),
        ("# 要点\n\n为〔2亿元〕。\n", 3, "不成对"),
        ("# 要点\n\n为〔2亿元｜fund_rised.value〕。\n", 3, "“fund_rised.value”不是数的出处"),
        ("# 要点\n\n为〔2亿元｜fund_raised.height〕。\n", 3, "不是数的出处"),
        ("# 要点\n\n为〔2亿元｜fund_raised.leaders@moon〕。\n", 3, "不是数的出处"),
    ],
)
def test_what_cannot_be_taken_over_names_its_line(compose, text: str, line: int, said: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(DecisionFileError) as caught:
        compose(text)
    assert caught.value.place.line == line
    assert said in caught.value.problem
    assert caught.value.advice


def test_a_text_in_another_encoding_is_refused(compose, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "公报文字稿.md").write_bytes("# 要点\n\n一句。\n".encode("gb18030"))
    with pytest.raises(DecisionFileError, match="UTF-8"):
        compose()
