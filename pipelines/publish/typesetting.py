"""The one way to print: what is said as plain data, a template of this room, pictures; a PDF.

Python decides what is said, the template how it looks, and ``house.typ`` how everything of ours
looks.  They meet in one JSON document, so that no text of a user is ever read as markup.  The same
content gives the same bytes; every PDF is tagged (PDF/UA-1), its fonts are ours and cut to what is
used, and a character that they do not have is an error.

A ``Press`` keeps its fonts and its templates between papers: a hundred pages of one kind cost
little more than their own layout.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from pipelines.errors import Place, PublicationError
from pipelines.publish import fonts
from pipelines.publish.office import BUILT_IN, Office, words_file

if TYPE_CHECKING:
    from pipelines.publish.figures import Figures

#: A PDF carries a date; ours is fixed so that the same data give the same bytes.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_HOUSE = "house.typ"
_CONTROLS = re.compile(r"[\x00-\x1f]")


class _House(BaseModel):
    """Everything in house.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Mapping[str, str]


class Press:
    """Prints papers from one template; made by ``press``."""

    def __init__(self, template: str, folder: Path, labels: Mapping[str, str]) -> None:
        import typst

        self._labels = labels
        self._printable: set[str] = set()
        self._compiler = typst.Compiler(
            str(folder / template),
            root=str(folder),
            font_paths=[str(font) for font in fonts.font_folders()],
            ignore_system_fonts=True,
        )

    def print(self, content: Mapping[str, Any], path: Path) -> Path:
        """Write the paper that says ``content`` to ``path``.

        The content has what ``masthead`` gives and what the template asks for; its own ``labels``
        stand before those of the house.
        """
        import typst

        whole = {**content, "labels": {**self._labels, **content.get("labels", {})}}
        said = json.dumps(whole, ensure_ascii=False)
        fresh = set(said) - self._printable
        fonts.check_glyphs(_CONTROLS.sub("", "".join(sorted(fresh))))
        self._printable |= fresh
        try:
            made = self._compiler.compile(
                sys_inputs={"content": said},
                pdf_standards=["ua-1"],
                timestamp=int(_MADE.timestamp()),
            )
        except typst.TypstError as error:
            raise PublicationError(
                f"排版失败（{error}）", "请运行 kepu doctor 检查安装", Place(file=path.name)
            ) from error
        assert isinstance(made, bytes), "one PDF, not pages one by one"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made)
        return path


@contextmanager
def press(
    template: str, pictures: Iterable[Path] = (), overlay: Path | None = None
) -> Iterator[Press]:
    """A press for a template of this room (``brief.typ``).

    Pictures are known to the template by their file names.
    """
    labels = house_labels(overlay)
    # A file that Windows still holds open cannot be removed; the system clears it later.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for source in (BUILT_IN / template, BUILT_IN / _HOUSE, *pictures):
            shutil.copyfile(source, folder / source.name)
        yield Press(template, folder, labels)


def house_labels(overlay: Path | None = None) -> Mapping[str, str]:
    """The fixed words that all papers share."""
    document = words_file("house.yaml", overlay, "labels")
    return document.model(_House, document.data).labels


def typeset(
    template: str,
    content: Mapping[str, Any],
    path: Path,
    pictures: Iterable[Path] = (),
    overlay: Path | None = None,
) -> Path:
    """Print one paper to ``path``."""
    with press(template, pictures, overlay) as ready:
        return ready.print(content, path)


def masthead(
    office: Office,
    title: str,
    *,
    simulated: bool = False,
    provisional: bool = False,
    internal: bool = False,
) -> dict[str, Any]:
    """What every paper says of itself: title, issuer, and the marks that stand on each page."""
    said = [
        *([(office.internal_zh, office.internal_note_zh)] if internal else []),
        *([(office.simulated_zh, office.simulated_note_zh)] if simulated else []),
        *([(office.provisional_zh, office.provisional_note_zh)] if provisional else []),
    ]
    return {
        "title": title,
        "office": office.office_zh,
        "keywords": list(office.keywords_zh),
        "marks": [mark for mark, _ in said],
        "watermark": office.simulated_zh if simulated else "",
        "standing": [note for _, note in said],
        "facts": [],
    }


def masthead_of(figures: Figures, office: Office, title: str) -> dict[str, Any]:
    """The masthead of a paper about the figures of a year, and which data it was made from."""
    meta = figures.meta
    facts = [("data_as_of", meta.get("data_as_of", "")),
             ("fingerprint", meta.get("fingerprint", "")[:16])]  # fmt: skip
    return {
        **masthead(
            office,
            title,
            simulated=figures.simulated,
            provisional=figures.provisional,
            internal=figures.internal,
        ),
        "facts": [[name, said] for name, said in facts if said],
    }


__all__ = ["Press", "house_labels", "masthead", "masthead_of", "press", "typeset"]
