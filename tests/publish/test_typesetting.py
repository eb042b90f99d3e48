"""The press: what every paper of ours has, whatever its template; words that an office rewrote."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from pipelines.errors import FontError, SurveyDefinitionError
from pipelines.publish.analysis_book import load_analysis
from pipelines.publish.brief_book import load_briefs
from pipelines.publish.compendium import load_compendium
from pipelines.publish.office import data_file, load_office
from pipelines.publish.typesetting import masthead, press, typeset

TEMPLATE = "compendium.typ"


def _content(*notes: str, **how: bool) -> dict:
    return {
        **masthead(load_office(), "某省某书", **how),
        "labels": {"notes_page": "说明"},
        "notes": list(notes),
        "nothing": "",
        "parts": [],
    }


def _text(path: Path) -> str:
    return "".join("".join(page.extract_text().split()) for page in PdfReader(path).pages)


def test_marks_stand_on_every_page_and_are_explained_on_the_first(tmp_path):
    content = _content("一段话", simulated=True, internal=True)
    reader = PdfReader(typeset(TEMPLATE, content, tmp_path / "新 夹" / "书.pdf"))
    pages = ["".join(page.extract_text().split()) for page in reader.pages]
    assert all("内部资料" in page and "模拟数据" in page for page in pages)
    assert "不得对外提供" in pages[0]
    assert "不得引用" in pages[0]
    assert reader.metadata.title == "某省某书"
    assert reader.metadata.author == "吉林省科学技术厅"


def test_papers_from_one_press_are_as_if_printed_alone(tmp_path):
    alone = typeset(TEMPLATE, _content("第二份"), tmp_path / "单.pdf").read_bytes()
    with press(TEMPLATE) as ready:
        ready.print(_content("第一份"), tmp_path / "一.pdf")
        second = ready.print(_content("第二份"), tmp_path / "二.pdf").read_bytes()
    assert second == alone
    assert "第二份" not in _text(tmp_path / "一.pdf")


def test_markup_is_text(tmp_path):
    odd = "#panic()_*$[x]$@甲<乙>\\u"
    assert odd in _text(typeset(TEMPLATE, _content(odd), tmp_path / "书.pdf"))


def test_a_character_without_glyph_is_an_error_in_any_paper_of_a_press(tmp_path):
    with press(TEMPLATE) as ready:
        ready.print(_content("好"), tmp_path / "一.pdf")
        with pytest.raises(FontError, match=r"U\+1F600"):
            ready.print(_content("坏\U0001f600"), tmp_path / "二.pdf")
    assert not (tmp_path / "二.pdf").exists()


def _own(folder: Path, name: str, old: str, new: str) -> Path:
    text = data_file(name).read_text(encoding="utf-8")
    assert old in text
    (folder / "publish").mkdir(exist_ok=True)
    (folder / "publish" / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("load", "name", "old", "new", "said"),
    [
        (load_briefs, "briefs.yaml", "  flat: 持平\n", "", "“labels”中缺少“flat”"),
        (load_briefs, "briefs.yaml", "列第{rank}位", "列第{rnk}位", "“{rnk}”没有数可填"),
        (load_briefs, "briefs.yaml", "{place}{year}年度", "{city}{year}年度", "“{city}”没有数可填"),
        (load_briefs, "briefs.yaml", "most_hidden: 0.25", "most_hidden: 25", "most_hidden"),
        (load_compendium, "compendium.yaml", "《{edition}》", "《{form}》", "“{form}”没有数可填"),
        (load_analysis, "analysis.yaml", "  no_soft: ", "  no_sft: ", "“sentences”中缺少“no_soft”"),
        (
            load_analysis,
            "analysis.yaml",
            "heads: [次序, 单位, 提示,",
            "heads: [单位, 提示,",
            "个数应相同",
        ),
    ],
)
def test_words_that_would_stop_a_print_are_refused_before(tmp_path, load, name, old, new, said):
    load()
    with pytest.raises(SurveyDefinitionError) as refused:
        load(_own(tmp_path, name, old, new))
    assert said in str(refused.value)
    assert f"文件“{name}”，第 " in str(refused.value)


def test_an_office_may_say_it_in_its_own_words(tmp_path):
    own = _own(tmp_path, "briefs.yaml", "flat: 持平", "flat: 没有变化")
    assert load_briefs(own).labels["flat"] == "没有变化"
