"""The indicator cube for SDMX: observations as SDMX-CSV 2.0, one a line, codes only.

What the codes mean stands in the structure message (``sdmx_structure``); names are data
(``sdmx.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from pipelines.publish.open_data.rows import NO_MEMBER
from pipelines.survey.documents import YamlDocument

Row = dict[str, Any]

#: Before the components of the structure come what SDMX-CSV says of each line.
_LINE = ("STRUCTURE", "STRUCTURE_ID", "ACTION")
DIMENSIONS = ("INDICATOR", "BREAKDOWN", "MEMBER", "MEMBER2")
TIME = "TIME_PERIOD"
MEASURE = "OBS_VALUE"
#: Said of an indicator, whoever the member.
OF_INDICATOR = ("UNIT_MEASURE", "DECIMALS")
OF_OBSERVATION = ("OBS_STATUS", "CONF_STATUS", "UNITS_COVERED", "RESPONSE_RATE")
COMPONENTS = (*DIMENSIONS, TIME, MEASURE, *OF_INDICATOR, *OF_OBSERVATION)
COLUMNS = (*_LINE, *COMPONENTS)

#: Components that are numbers; the others are text.
_NUMBERS = {
    "TIME_PERIOD": "integer",
    "OBS_VALUE": "number",
    "DECIMALS": "integer",
    "UNITS_COVERED": "integer",
    "RESPONSE_RATE": "number",
}

_CODE = r"^[A-Za-z0-9_@$-]+$"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Said(_Model):
    """A name in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def names(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


class Words(_Model):
    """Everything in sdmx.yaml."""

    agency: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")
    dataflow: str = Field(pattern=_CODE)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title_zh: str
    title_en: str
    concepts: dict[str, Said]
    obs_status: dict[str, Said]
    conf_status: dict[str, Said]
    breakdowns: dict[str, str]
    member_codes: dict[str, str]
    no_member: Said

    @property
    def reference(self) -> str:
        return f"{self.agency}:{self.dataflow}({self.version})"

    def member(self, member_id: str) -> str:
        """The code of a member."""
        return self.member_codes.get(member_id, member_id)


def load_words() -> Words:
    document = YamlDocument(Path(__file__).parent / "sdmx.yaml")
    return document.model(Words, document.data)


def table_schema(words: Words) -> dict[str, Any]:
    """The columns as a Table Schema, for readers that know nothing of SDMX."""
    return {
        "fields": [
            {
                "name": name,
                "type": _NUMBERS.get(name, "string"),
                **({"title": words.concepts[name].zh} if name in words.concepts else {}),
            }
            for name in COLUMNS
        ],
        "missingValues": [""],
        "primaryKey": [*DIMENSIONS, TIME],
    }


def observations(rows: list[Row], decimals: dict[str, int], words: Words) -> Iterator[Row]:
    """Rows of the package's ``indicator_values`` under the code lists of SDMX."""
    for row in rows:
        flags = row["flags"].split(";")
        yield {
            "STRUCTURE": "dataflow",
            "STRUCTURE_ID": words.reference,
            "ACTION": "I",
            "INDICATOR": row["indicator_id"],
            "BREAKDOWN": row["breakdown"],
            "MEMBER": words.member(row["member_id"]),
            "MEMBER2": words.member(row["member2_id"]),
            "TIME_PERIOD": row["year"],
            "OBS_VALUE": row["value"],
            "UNIT_MEASURE": row["unit"],
            "DECIMALS": decimals[row["indicator_id"]],
            "OBS_STATUS": _status(row["status"], flags),
            "CONF_STATUS": "C" if row["status"] == "suppressed" else "F",
            "UNITS_COVERED": row["units_covered"],
            "RESPONSE_RATE": row["response_rate"],
        }


def _status(status: str, flags: list[str]) -> str:
    if status != "published":
        return {"suppressed": "Q", "missing": "O"}[status]
    return "B" if "break" in flags else "P" if "provisional" in flags else "A"


__all__ = ["COLUMNS", "NO_MEMBER", "Said", "Words", "load_words", "observations", "table_schema"]
