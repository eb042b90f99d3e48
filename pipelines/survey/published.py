"""What others have published: sources, and the names their figures go by."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from pipelines.survey.models import YesNo


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PublishedSource(_Row):
    """A publication: original publisher, title and date; never the address of a repost."""

    source_id: str
    publisher_zh: str
    title_zh: str
    published_on: str
    note_zh: str = ""


class SeriesName(_Row):
    """A name used in publications and the series it means.

    ``series_id`` is an item or indicator id of ours where the meaning is the same, else an id
    of its own.
    """

    name_zh: str
    series_id: str
    unit: str
    derived: YesNo = False
    note_zh: str = ""
