"""The office that publishes, its fixed words, and where the data files of this room lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.errors import Place, SurveyDefinitionError
from pipelines.survey.documents import YamlDocument

BUILT_IN = Path(__file__).parent
OVERLAY_FOLDER = "publish"
_PLACE = re.compile(r"\{([^{}]*)\}")
_WORDS_ADVICE = "请对照程序自带的同名文件补全或改正"


class Office(BaseModel):
    """Who issues the bulletin and the sentences that stand in every issue of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    office_zh: str = Field(min_length=1)
    place_zh: str = Field(min_length=1)
    title_zh: str
    workbook_title_zh: str
    language: str
    keywords_zh: tuple[str, ...]
    source_zh: str
    scope_zh: str
    simulated_zh: str = Field(min_length=1)
    simulated_note_zh: str = Field(min_length=1)
    provisional_zh: str
    provisional_note_zh: str
    internal_zh: str = Field(min_length=1)
    internal_note_zh: str = Field(min_length=1)

    def title(self, year: int) -> str:
        return self.title_zh.format(place=self.place_zh, year=year)

    def workbook_title(self, year: int) -> str:
        return self.workbook_title_zh.format(place=self.place_zh, year=year)

    def source(self, year: int) -> str:
        return self.source_zh.format(place=self.place_zh, year=year)


def load_office(overlay: Path | None = None) -> Office:
    document = YamlDocument(data_file("office.yaml", overlay))
    return document.model(Office, document.data)


def data_file(name: str, overlay: Path | None = None) -> Path:
    """A data file of this room: the office's own when it has one, else the built-in."""
    own = overlay / OVERLAY_FOLDER / name if overlay else None
    return own if own and own.is_file() else BUILT_IN / name


def words_file(name: str, overlay: Path | None, *sections: str) -> YamlDocument:
    """A data file whose words are asked for by key, and filled with values by name.

    An office's own must have every key of the built-in sections, and no place for a value that
    the built-in words do not have: either would stop a print in its middle.
    """
    document = YamlDocument(data_file(name, overlay))
    if document.path.parent == BUILT_IN or not isinstance(document.data, Mapping):
        return document
    built_in = YamlDocument(BUILT_IN / name).data
    for section in sections:
        own = document.data.get(section)
        if isinstance(own, Mapping):
            _compare(document, (section,), own, built_in[section])
    _compare(document, (), document.data, {k: v for k, v in built_in.items() if k not in sections})
    return document


def _compare(
    document: YamlDocument,
    at: tuple[str, ...],
    own: Mapping[str, object],
    built_in: Mapping[str, object],
) -> None:
    for key, usual in built_in.items():
        place = Place(document.path.name, line=document.line_of([*at, key]))
        if key not in own and at:
            raise SurveyDefinitionError(f"“{at[0]}”中缺少“{key}”", _WORDS_ADVICE, place)
        odd = sorted(_places(own.get(key)) - _places(usual))
        if odd:
            problem = f"“{key}”中的“{{{odd[0]}}}”没有数可填"
            raise SurveyDefinitionError(problem, _WORDS_ADVICE, place)


def _places(words: object) -> set[str]:
    """The places for values in a text, or in a list of texts."""
    if isinstance(words, str):
        return set(_PLACE.findall(words))
    return {p for text in words for p in _places(text)} if isinstance(words, list) else set()
