"""The office that publishes, its fixed words, and where the data files of this room lie."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.survey.documents import YamlDocument

BUILT_IN = Path(__file__).parent
OVERLAY_FOLDER = "publish"


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
