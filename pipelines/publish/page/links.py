"""Files of the same release that the page points to, by relative addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from pipelines.errors import Place, PublicationError
from pipelines.publish.page.vocabulary import Vocabulary
from pipelines.survey.quantities import Quantity, round_half_up
from pipelines.warehouse.layout import INTERNAL_FOLDER

_KINDS = {
    ".pdf": "pdf", ".xlsx": "table", ".csv": "table", ".parquet": "table", ".json": "table",
    ".docx": "document", ".png": "picture", ".svg": "picture",
}  # fmt: skip
_KILO = 1024


@dataclass(frozen=True, slots=True)
class Link:
    """A file of the release, and what it is called; ``note_zh`` says more of it.

    ``about`` is the member it speaks of (``county:220122``): it stands with that member's figures.
    """

    path: Path
    title_zh: str
    note_zh: str = ""
    about: str = ""


def grouped_links(
    links: Iterable[Link], folder: Path, words: Vocabulary
) -> list[tuple[str, list[dict[str, str]]]]:
    """Links by kind of file, in the order given; raises PublicationError for what is not there.

    What is for internal use lies in a folder of its own, and no public page points into it.
    """
    found: dict[str, list[dict[str, str]]] = {}
    for link in links:
        kind = _KINDS.get(link.path.suffix.lower(), "other")
        found.setdefault("member" if link.about else kind, []).append(_entry(link, folder, words))
    heads = words.links.model_dump()
    return [(heads[kind], found[kind]) for kind in heads if kind in found]


def links_about(
    links: Iterable[Link], folder: Path, words: Vocabulary
) -> dict[str, list[dict[str, str]]]:
    """Links to files that speak of one member, by that member."""
    found: dict[str, list[dict[str, str]]] = {}
    for link in links:
        if link.about:
            found.setdefault(link.about, []).append(_entry(link, folder, words))
    return found


def _entry(link: Link, folder: Path, words: Vocabulary) -> dict[str, str]:
    place = Place(file=link.path.name)
    if not link.path.is_file():
        raise PublicationError("报告网页要链接的文件不存在", "请重新运行 kepu run", place)
    if not link.path.is_relative_to(folder):
        raise PublicationError("报告网页只能链接同一年度的文件", "请改正网页的链接", place)
    parts: Sequence[str] = link.path.relative_to(folder).parts
    if INTERNAL_FOLDER in parts:
        raise PublicationError("公开的网页不得链接内部资料", "请改正网页的链接", place)
    kind = link.path.suffix.lstrip(".").upper()
    return {
        "href": "/".join(quote(part) for part in parts),
        "title": link.title_zh,
        "note": link.note_zh,
        "size": f"{kind} {_size(link.path.stat().st_size, words).spaced}",
    }


def _size(size: int, words: Vocabulary) -> Quantity:
    kilobytes = Decimal(size) / _KILO
    if kilobytes < _KILO:
        return Quantity(f"{max(round_half_up(kilobytes), Decimal(1)):f}", words.kilobytes)
    return Quantity(f"{round_half_up(kilobytes / _KILO, 1):f}", words.megabytes)
