"""Readings put aside on disk as they arrive: a province's would not fit in memory.

Each batch lies in a file of its own, named by its number, so that they are taken up in order
however they arrived.  The files are this run's own and go with its work folder.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

from pipelines.intake import Readings
from pipelines.warehouse.publication import storage_errors


class Shelf:
    """The readings of a run, one batch in memory at a time; may be gone through repeatedly."""

    def __init__(self, folder: Path) -> None:
        """An empty shelf; the folder must not exist."""
        self._folder = folder
        with storage_errors(folder):
            folder.mkdir(parents=True)

    def put(self, number: int, readings: Readings) -> None:
        """Put aside batch ``number``; safe in several threads."""
        path = self._folder / f"{number:08d}"
        with storage_errors(path), path.open("wb") as handle:
            pickle.dump(readings, handle, protocol=pickle.HIGHEST_PROTOCOL)

    def __iter__(self) -> Iterator[Readings]:
        for path in sorted(self._folder.iterdir()):
            with storage_errors(path), path.open("rb") as handle:
                readings: Readings = pickle.load(handle)
            yield readings
