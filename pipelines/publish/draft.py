"""The text of the 公报 as a draft that a person may rewrite, its figures still bound to the data.

In the draft each piece that comes from the data stands in brackets with its origin,
``〔5.32亿元，比上年增长3.21%｜fund_raised.said〕``: sentences may be rewritten, moved and dropped
around it.  The next run reads the rewritten text, puts what the data now say into every bracket,
and lists the places where that is not what the writer saw, because the words around it may be
wrong now.  A number outside a bracket cannot be held against anything: it is listed too, until
somebody vouches for it, ``〔28｜人工〕``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from pipelines.errors import DecisionFileError, Place, refusal_zh
from pipelines.indicators.breakdowns import BREAKDOWN
from pipelines.publish.office import data_file
from pipelines.publish.sentences import CONTENTS
from pipelines.publish.words import Binding, Words
from pipelines.survey.documents import YamlDocument

if TYPE_CHECKING:
    from markdown_it.token import Token

_BOUND = re.compile(r"〔([^〔〕｜]*)｜([^〔〕｜]*)〕")
_ORIGIN = re.compile(r"([a-z][a-z0-9_]*)\.([a-z_]+)(?:@([a-z_]+))?")
#: Numbers in text; years are dates, not figures.
_NUMBER = re.compile(r"(?<![\d.])(?!(?:19|20)\d\d年)\d[\d,，.]*\d|(?<![\d.])\d(?![\d.])")
_VOUCHED = "人工"


class DraftWords(BaseModel):
    """Everything in draft.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    preface: str
    gone: str
    changed: str
    unbound: str
    checked_title: str
    advice: str


@dataclass(frozen=True)
class Doubt:
    """A place in the rewritten text that a person must look at again."""

    line: int
    said: str


@dataclass(frozen=True)
class Draft:
    """Paragraphs by chapter title as they are to be printed, the same with their brackets, and
    what a person must look at again."""

    printed: Mapping[str, Sequence[str]]
    source: Mapping[str, Sequence[str]]
    doubts: Sequence[Doubt] = field(default=())


def load_words(overlay: Path | None = None) -> DraftWords:
    document = YamlDocument(data_file("draft.yaml", overlay))
    return document.model(DraftWords, document.data)


def bracketed(said: str, binding: Binding) -> str:
    """A piece with its origin, as the draft shows it."""
    return f"〔{said}｜{binding}〕"


def write_draft(chapters: Mapping[str, Sequence[str]], wording: DraftWords, path: Path) -> None:
    """Write chapters, their pieces bracketed, as Markdown that a person may rewrite."""
    parts = [f"<!--\n{wording.preface.strip()}\n-->"]
    for title, paragraphs in chapters.items():
        parts += [f"# {title}", *paragraphs]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8", newline="\n")


def write_doubts(doubts: Sequence[Doubt], wording: DraftWords, path: Path) -> None:
    lines = [f"# {wording.checked_title}", *(f"第 {d.line} 行：{d.said}" for d in doubts)]
    path.write_text("\n\n".join([*lines, wording.advice]) + "\n", encoding="utf-8", newline="\n")


def read_draft(path: Path, titles: Sequence[str], words: Words, wording: DraftWords) -> Draft:
    """The rewritten text with what the data now say in its brackets.

    Raises DecisionFileError, with the line, for a chapter that the 公报 does not have, an origin
    that does not exist, and Markdown beyond headings and paragraphs.
    """
    reader = _Reader(path, titles, words, wording)
    return reader.read()


@dataclass
class _Reader:
    path: Path
    titles: Sequence[str]
    words: Words
    wording: DraftWords
    printed: dict[str, list[str]] = field(default_factory=dict)
    source: dict[str, list[str]] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)

    def read(self) -> Draft:
        title = ""
        for kind, line, text in self._blocks():
            if kind == "heading":
                title = self._title(text, line)
            elif not title:
                raise self._error(line, "文字前面没有章的标题", "请先写“# 要点”这样的标题")
            else:
                self._paragraph(title, text, line)
        return Draft(self.printed, self.source, tuple(self.doubts))

    def _title(self, text: str, line: int) -> str:
        if text not in self.titles:
            known = "、".join(self.titles)
            raise self._error(line, f"公报没有“{text}”这一章", f"各章是：{known}")
        if text in self.printed:
            raise self._error(line, f"“{text}”写了两次", "请合并为一章")
        self.printed[text], self.source[text] = [], []
        return text

    def _paragraph(self, title: str, text: str, line: int) -> None:
        outside = _BOUND.sub("", text)
        if set("〔〕") & set(outside):
            raise self._error(line, "〔〕不成对，或里面没有“｜出处”", "请整个保留或整个删去〔…〕")
        self.doubts += [
            Doubt(line, self.wording.unbound.format(number=found[0]))
            for found in _NUMBER.finditer(outside)
        ]
        now = {found[0]: self._now(found[1], found[2], line) for found in _BOUND.finditer(text)}
        self.printed[title].append(_BOUND.sub(lambda found: now[found[0]][0], text))
        self.source[title].append(_BOUND.sub(lambda found: now[found[0]][1], text))

    def _now(self, written: str, origin: str, line: int) -> tuple[str, str]:
        """What is printed in place of a bracket, and the bracket that says so."""
        if origin == _VOUCHED:
            return written, f"〔{written}｜{origin}〕"
        binding = self._binding(origin, line)
        said = self.words.piece(binding)
        if said is None:
            doubt = self.wording.gone.format(written=written, origin=origin)
        else:
            doubt = self.wording.changed.format(written=written, now=said, origin=origin)
        if said != written:
            self.doubts.append(Doubt(line, doubt))
        shown = said if said is not None else self._missing(binding)
        return shown, bracketed(shown, binding)

    def _missing(self, binding: Binding) -> str:
        return self.words.figures.get(binding.indicator_id).mark

    def _binding(self, origin: str, line: int) -> Binding:
        found = _ORIGIN.fullmatch(origin)
        known = found is not None and found[2] in CONTENTS
        by = (found and found[3]) or "prefecture"
        known = known and by in BREAKDOWN
        if found is None or not known or found[1] not in self.words.figures.known:
            raise self._error(line, f"“{origin}”不是数的出处", "请从生成的文字稿中照抄〔…｜…〕")
        return Binding(found[1], found[2], by)

    def _blocks(self) -> Iterator[tuple[str, int, str]]:
        """Headings and paragraphs with the line they begin on."""
        from markdown_it import MarkdownIt

        tokens = MarkdownIt("commonmark").parse(self._text())
        kind = ""
        for token in tokens:
            line = (token.map or [0])[0] + 1
            if token.type in {"heading_open", "paragraph_open"}:
                kind = token.type.removesuffix("_open")
                if kind == "heading" and token.tag != "h1":
                    raise self._error(line, "只用一级标题", "请写成“# 标题”")
            elif token.type == "inline":
                yield kind, line, self._plain(token, line)
            elif token.type not in {"heading_close", "paragraph_close", "html_block"}:
                raise self._error(
                    line, "只能写标题和段落，不能有列表、引用、表格、代码", "请改成段落"
                )

    def _plain(self, inline: Token, line: int) -> str:
        parts: list[str] = []
        for token in inline.children or ():
            if token.type == "text":
                parts.append(token.content)
            elif token.type not in {"softbreak", "hardbreak"}:
                raise self._error(
                    line, "不能用加粗、链接等格式", "请只写文字；星号、反引号前加反斜杠"
                )
        return "".join(part.strip() if n else part for n, part in enumerate(parts)).strip()

    def _text(self) -> str:
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._error(1, "不是 UTF-8 编码", "请用“UTF-8”编码另存") from error
        except OSError as error:
            raise self._error(1, refusal_zh(error), "请检查文件能否打开") from error

    def _error(self, line: int, problem: str, advice: str) -> DecisionFileError:
        return DecisionFileError(problem, advice, Place(file=str(self.path), line=line))
