"""Which survey a root is about: the science statistics, or one that an office sets up beside them.

A 调查制度 folder with a ``survey.yaml`` is a survey of its own: its editions are the only ones, and
nothing that is built in for the statistics (indicators, tables, charts) is asked of it.  Reference
data (divisions, departments, measures) are shared.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipelines.survey.documents import YamlDocument

#: The survey that this program is built for, whose definition is built in.
STATISTICS = "kp"
HEAD_FILE = "survey.yaml"


class SurveyHead(BaseModel):
    """``survey_id`` begins the id of each of its editions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    survey_id: str = Field(pattern=r"^[a-z]{2,8}$")
    title_zh: str = Field(min_length=1)
    note_zh: str = ""

    @property
    def is_statistics(self) -> bool:
        return self.survey_id == STATISTICS


def head_of(overlay: Path | None) -> SurveyHead:
    """What the overlay says it is; without a word of it, the statistics."""
    path = overlay / HEAD_FILE if overlay else None
    if path is None or not path.is_file():
        return SurveyHead(survey_id=STATISTICS, title_zh="全国科普统计调查")
    document = YamlDocument(path)
    return document.model(SurveyHead, document.data)
