"""Labels as people retype them, brought to one form for comparison.

Only for recognising what stands where; nothing normalised here is ever stored as a value.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipelines.survey.notation import normalise_text

_LEAD = re.compile(
    r"(?:[(\[]?(?:[一二三四五六七八九十]{1,3}|\d{1,3}(?:\.\d{1,2})*)[)\]、.:]|\d{1,2}(?=[\u4e00-\u9fff])"
    r"|\(?其中\)?[:,、]?|其他?中[:]|[#*—–·•●○◆※☆★▲△└├│-]+)"
)
_BRACKETED = re.compile(r"\([^()]*\)")
_MARKS = str.maketrans(
    {"【": "(", "】": ")", "〔": "(", "〕": ")", "《": "", "》": "", "“": "", "”": ""}
)
_CODE = re.compile(r"[A-Z]{2,3}\d{2,5}")


@lru_cache(maxsize=65536)
def plain_label(text: str) -> str:
    """A label without spacing, numbering, 其中：, final colon; brackets and width unified."""
    plain = "".join(normalise_text(text)[0].split()).translate(_MARKS)
    while True:
        match = _LEAD.match(plain)
        if not match or match.end() == len(plain):
            break
        plain = plain[match.end() :]
    return plain.rstrip(":.,;、。*#")


def without_brackets(label: str) -> str:
    """A plain label without what stands in brackets."""
    return _BRACKETED.sub("", label)


def plain_code(text: str) -> str:
    """An item code, or "" when the text does not look like one."""
    code = "".join(normalise_text(text)[0].split()).upper()
    return code if _CODE.fullmatch(code) else ""


@lru_cache(maxsize=65536)
def plain_name(text: str) -> str:
    """The name of a unit for comparison: width, spacing and brackets unified."""
    return "".join(normalise_text(text)[0].split()).translate(_MARKS)
