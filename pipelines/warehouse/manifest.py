"""What the published state was made of: inputs, code, counts and outputs, each with its hash.

The manifest is the proof that a snapshot is a pure function of ``data/raw``, the definitions and
the code.  It has no clock in it: the same inputs give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipelines import __version__
from pipelines.errors import Place, SnapshotError
from pipelines.warehouse.publication import write_atomically

PACKAGE = Path(__file__).parent.parent
_CODE_SUFFIXES = {".py", ".yaml", ".csv", ".typ", ".css", ".js", ".html"}

#: Libraries whose version shows in the bytes of an output.
_MAKERS = ("duckdb", "pyarrow", "python-calamine", "xlsxwriter", "matplotlib", "pillow", "typst",
           "great-expectations", "jinja2")  # fmt: skip


@dataclass(frozen=True)
class Section:
    """One part of the published state that is swapped in as a whole."""

    fingerprint: str
    outputs: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """The sections published, and the inputs and code of each fingerprint among them."""

    code_version: str = __version__
    #: Hash of our code and data files, and the version of every library that writes outputs.
    code: str = ""
    libraries: dict[str, str] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)

    def with_section(self, name: str, section: Section, inputs: dict[str, str]) -> Manifest:
        return Manifest(
            __version__,
            code_fingerprint(),
            library_versions(),
            {**self.sections, name: section},
            inputs,
        )

    def without_section(self, name: str) -> Manifest:
        kept = {each: section for each, section in self.sections.items() if each != name}
        return replace(self, sections=kept)

    def write(self, path: Path) -> None:
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)
        write_atomically(path, (text + "\n").encode())

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """The manifest at ``path``; an empty one when there is none yet."""
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            sections = {name: Section(**part) for name, part in data["sections"].items()}
            # An earlier version noted less of itself: its sections are other code's anyway.
            code, libraries = data.get("code", ""), data.get("libraries", {})
            return cls(data["code_version"], code, libraries, sections, data["inputs"])
        except FileNotFoundError:
            return cls()
        except (ValueError, KeyError, TypeError) as error:
            raise SnapshotError(
                "清单文件损坏", "请删除它并重新运行 kepu run", Place(file=str(path))
            ) from error

    def is_current(self, name: str, fingerprint: str, root: Path) -> bool:
        """Whether a section was made from this fingerprint and all its files are untouched."""
        section = self.sections.get(name)
        if section is None or section.fingerprint != fingerprint:
            return False
        return all(matches(root / path, hashed) for path, hashed in section.outputs.items())


def file_hash(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def matches(path: Path, hashed: str) -> bool:
    """Whether a file is there with this hash.  ``content`` marks a file whose identity is the
    hash of its tables, because its format stores a random identifier (DuckDB)."""
    if not path.is_file():
        return False
    return hashed == "content" or file_hash(path) == hashed


def hash_outputs(folder: Path, published_as: str) -> dict[str, str]:
    """Hashes of every file under ``folder``, by the path it will have under the root."""
    return {
        f"{published_as}/{path.relative_to(folder).as_posix()}": file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@cache
def code_fingerprint() -> str:
    """A hash of our own code and data files and of the libraries that write outputs."""
    digest = hashlib.sha256(__version__.encode())
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in _CODE_SUFFIXES:
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    for library, found in library_versions().items():
        digest.update(f"{library}={found}".encode())
    return digest.hexdigest()


@cache
def library_versions() -> dict[str, str]:
    """The libraries whose version shows in the bytes of an output."""
    return {library: version(library) for library in _MAKERS}


def fingerprint_of(parts: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\0")
    return digest.hexdigest()
