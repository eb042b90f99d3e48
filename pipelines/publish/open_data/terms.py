"""Who made the package, out of what, and on what terms it may be used: the office's own words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.publish.office import Office, data_file
from pipelines.survey.documents import YamlDocument

FILE = "open_data.yaml"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Licence(_Model):
    """``name``: an identifier of the Open Definition, as Data Package asks."""

    name: str = Field(pattern=r"^[-a-zA-Z0-9._]+$")
    title: str = ""
    path: str = Field(default="", pattern=r"^(https?://\S+)?$")


class Source(_Model):
    title: str = Field(min_length=1)
    path: str = Field(default="", pattern=r"^(https?://\S+)?$")


class Contributor(_Model):
    title: str = Field(min_length=1)
    role: Literal["publisher", "author", "maintainer", "wrangler", "contributor"]
    organization: str = ""
    path: str = Field(default="", pattern=r"^(https?://\S+)?$")


class Terms(_Model):
    """Everything in open_data.yaml."""

    licences: tuple[Licence, ...]
    terms_zh: str = Field(min_length=1)
    terms_en: str = Field(min_length=1)
    sources: tuple[Source, ...] = Field(min_length=1)
    contributors: tuple[Contributor, ...] = Field(min_length=1)

    def described(self, office: Office, year: int) -> dict[str, list[dict[str, Any]]]:
        """As the descriptor has it; without a licence there is nothing of one."""
        known = {"source": office.source(year), "office": office.office_zh}
        found = {
            "licenses": [_said(licence, known) for licence in self.licences],
            "sources": [_said(source, known) for source in self.sources],
            "contributors": [_said(contributor, known) for contributor in self.contributors],
        }
        return {name: entries for name, entries in found.items() if entries}


def load_terms(overlay: Path | None = None) -> Terms:
    document = YamlDocument(data_file(FILE, overlay))
    return document.model(Terms, document.data)


def _said(entry: BaseModel, known: dict[str, str]) -> dict[str, str]:
    return {name: text.format(**known) for name, text in entry.model_dump().items() if text}
