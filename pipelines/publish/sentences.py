"""The grammar of generated prose: patterns as reviewed data, read and validated here.

A pattern is Chinese text with placeholders ``{role.content}`` and optional groups ``[…]``.  A
group is left out when any value in it is missing; a value missing outside a group turns the whole
sentence into one that says so.  ``words`` supplies the contents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, model_validator

from pipelines.publish.office import data_file
from pipelines.survey.documents import YamlDocument

#: What may stand after the dot of a placeholder; ``words`` has a method for each.
CONTENTS = frozenset(
    {
        "name", "value", "number", "said", "change", "last", "nation", "nation_year",
        "leaders", "leaders_share", "trailers", "spread", "contribution", "driver",
    }
)  # fmt: skip
#: A sentence: ``say`` names its pattern, other keys bind roles to indicators, ``by`` a breakdown.
Spec = Mapping[str, str]
#: Placeholders without a role.
CONTEXT = frozenset({"year", "place"})

_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?:\.([a-z_]+))?\}")
_GROUP = re.compile(r"\[([^\[\]]*)\]")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ignored_types=(cached_property,))


class Direction(_Model):
    up: str
    down: str
    flat: str


class ChangePhrases(_Model):
    """How a change is said, by what kind of change it is."""

    rate: Direction
    points: Direction
    difference: Direction
    from_to: Direction
    no_last: str
    hidden_last: str
    broken: str


class ContributionPhrases(_Model):
    share_up: str
    share_down: str
    points_up: str
    points_down: str


class DriverPhrases(_Model):
    """Who makes most of a change; ``together`` stands before a figure of several."""

    together: str
    share_up: str
    share_down: str
    points_up: str
    points_down: str
    amount_up: str
    amount_down: str


class ResponsePhrases(_Model):
    registered: str
    unregistered: str
    nothing: str


class Sentences(_Model):
    """Everything in sentences.yaml."""

    names: Mapping[str, str]
    change: ChangePhrases
    missing: str
    suppressed: str
    place: str
    unranked: str
    rounded: str
    rank: str
    rank_tied: str
    rank_none: str
    contribution: ContributionPhrases
    driver: DriverPhrases
    response: ResponsePhrases
    patterns: Mapping[str, str]
    sections: Mapping[str, tuple[tuple[Spec, ...], ...]]

    @cached_property
    def pattern(self) -> dict[str, Pattern]:
        return {name: Pattern(text) for name, text in self.patterns.items()}

    @model_validator(mode="after")
    def _is_consistent(self) -> Sentences:
        problems = [
            f"句式“{name}”：{problem}"
            for name, text in self.patterns.items()
            for problem in Pattern(text).problems()
        ]
        for section, paragraphs in self.sections.items():
            for spec in (spec for paragraph in paragraphs for spec in paragraph):
                problems += [f"“{section}”：{problem}" for problem in self._spec_problems(spec)]
        if problems:
            raise ValueError("；".join(problems))
        return self

    def _spec_problems(self, spec: Spec) -> list[str]:
        text = self.patterns.get(spec.get("say", ""))
        if text is None:
            return [f"没有句式“{spec.get('say', '')}”"]
        missing = Pattern(text).roles - spec.keys()
        return [f"句式“{spec['say']}”缺少角色“{role}”" for role in sorted(missing)]


@dataclass(frozen=True)
class Pattern:
    """One sentence pattern."""

    text: str

    @cached_property
    def roles(self) -> frozenset[str]:
        found = _PLACEHOLDER.findall(self.text)
        return frozenset(role for role, content in found if content)

    def problems(self) -> list[str]:
        problems = [
            f"不认识的占位“{{{role}{'.' if content else ''}{content}}}”"
            for role, content in _PLACEHOLDER.findall(self.text)
            if (content not in CONTENTS if content else role not in CONTEXT)
        ]
        rest = _PLACEHOLDER.sub("", _GROUP.sub(lambda found: found[1], self.text))
        if re.search(r"[{}\[\]]", rest):
            problems.append("括号不成对或占位写法不对")
        return problems

    def fill(self, content: Callable[[str, str], str | None]) -> str | None:
        """The sentence; None when a value outside optional groups is missing.

        ``content(role, what)`` gives the text of a placeholder, None when there is none.
        """
        text = _GROUP.sub(lambda found: _filled(found[1], content) or "", self.text)
        filled = _filled(text, content)
        return None if filled is None else tidy(filled)


def tidy(sentence: str) -> str:
    """Remove punctuation that lost the words before it."""
    inner = re.sub(r"^[，；、。]+", "", sentence)
    return re.sub(r"[，；、]+(?=。)", "", inner)


def load_sentences(overlay: Path | None = None) -> Sentences:
    document = YamlDocument(data_file("sentences.yaml", overlay))
    return document.model(Sentences, document.data)


def _filled(text: str, content: Callable[[str, str], str | None]) -> str | None:
    parts: list[str] = []
    end = 0
    for found in _PLACEHOLDER.finditer(text):
        said = content(found[1], found[2] or "")
        if said is None:
            return None
        parts += [text[end : found.start()], said]
        end = found.end()
    return "".join([*parts, text[end:]])
