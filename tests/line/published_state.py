"""The published state as paths and hashes, to compare two runs with."""

from __future__ import annotations

import hashlib

from pipelines.warehouse import Root
from pipelines.warehouse.manifest import Manifest

_NOT_OUTPUTS = {".lock", "说明.txt"}


def bytes_of(root: Root) -> dict[str, str]:
    """Every published file by path and hash."""
    return {
        path.relative_to(root.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (root.processed, root.reports)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in _NOT_OUTPUTS
    }


def repeatable(root: Root) -> dict[str, str]:
    """Published files but for the database file and the run log, whose bytes hold a random
    identifier and a clock; the tables' own hashes stand for the database."""
    files = {
        path: hashed
        for path, hashed in bytes_of(root).items()
        if not path.endswith(".duckdb") and "/runs/" not in path
    }
    return {**files, **Manifest.read(root.manifest).sections["snapshot"].tables}
