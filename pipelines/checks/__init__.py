"""Rules to findings, query sheets, and the documents of quality.

Faces: ``evaluate(workshop, survey)``, ``queries.write_queries(snapshot, survey, year, folder)``,
``quality.document(snapshot, folder)``, ``rulebook.write(survey, year, path)`` and
``rulebook_page.write_page(survey, year, path)``.  The submodules are imported on first use, so that
importing this package costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.survey import Survey
    from pipelines.warehouse import Workshop

_FACES = ("quality", "queries", "rulebook", "rulebook_page")

__all__ = ["evaluate", "quality", "queries", "rulebook", "rulebook_page"]


def evaluate(workshop: Workshop, survey: Survey, pinned: Iterable[Mapping[str, Any]] = ()) -> None:
    """Judge every return by the rules of its year; see ``evaluation.evaluate``."""
    from pipelines.checks.evaluation import evaluate as judge

    judge(workshop, survey, pinned)


def __getattr__(name: str) -> ModuleType:
    if name in _FACES:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
