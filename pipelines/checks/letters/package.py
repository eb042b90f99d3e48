"""A workbook as a package: parts by name, what they relate to, what type they are."""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass

from pipelines.checks.letters.xmledit import Element, Part, UneditableError, attributes

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES_PART = "[Content_Types].xml"
#: The same date in every member, so that the same content gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True, slots=True)
class Relation:
    relation_id: str
    kind: str
    target: str
    element: Element


class Package:
    """The parts of one office document; ``saved`` gives it back as a file."""

    def __init__(self, data: bytes) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data))
        self.names = list(dict.fromkeys(self._archive.namelist()))
        self._changed: dict[str, bytes] = {}
        self._edited: dict[str, Part] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._changed or name in self.names

    def read(self, name: str) -> bytes:
        """A part as it is now; raises UneditableError when there is none."""
        if name in self._changed:
            return self._changed[name]
        try:
            return self._archive.read(name)
        except KeyError as error:
            raise UneditableError(f"no part {name}") from error

    def edit(self, name: str) -> Part:
        """A part to be changed; asked again, the same object with the changes so far."""
        if name not in self._edited:
            self._edited[name] = Part(self.read(name))
        return self._edited[name]

    def put(self, name: str, content: str) -> None:
        """A new part, or new content of one."""
        if name not in self.names:
            self.names.append(name)
        self._changed[name] = (_DECLARATION + content).encode()

    def change(self, name: str, data: bytes) -> None:
        """New bytes of a part that is there, before it is edited."""
        self._changed[name] = data

    def drop(self, name: str) -> None:
        """Remove a part with its own relations and its type."""
        types = self.edit(_TYPES_PART)
        for one in types.named("Override"):
            if one.attributes.get("PartName") == f"/{name}":
                types.remove(one)
        for gone in (name, _relations_of(name)):
            if gone in self.names:
                self.names.remove(gone)

    def free_name(self, pattern: str) -> str:
        """The first name of a pattern such as ``xl/comments{}.xml`` that is not taken."""
        taken = {name.lower() for name in self.names}
        return next(n for k in range(1, 100_000) if (n := pattern.format(k)).lower() not in taken)

    def relations(self, name: str) -> list[Relation]:
        """What a part relates to inside the package, as the file was read."""
        part = _relations_of(name)
        if part not in self.names:
            return []
        folder = posixpath.dirname(name)
        found = []
        for one in self.edit(part).named("Relationship"):
            target = one.attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = one.attributes.get("Type", "").rpartition("/")[2]
            if one.attributes.get("TargetMode") != "External":
                identity = one.attributes.get("Id", "")
                found.append(Relation(identity, kind, posixpath.normpath(path), one))
        return found

    def relate(self, name: str, kind: str, target: str) -> str:
        """A further relation of a part; returns its id."""
        part = _relations_of(name)
        if part not in self:
            self.put(part, f'<Relationships xmlns="{_RELATIONS}"></Relationships>')
        rels = self.edit(part)
        taken = {one.attributes.get("Id", "") for one in rels.named("Relationship")}
        relation_id = next(
            name for k in range(1, 100_000) if (name := f"rIdKepu{k}") not in taken | rels.stated
        )
        rels.stated.add(relation_id)
        values = {"Id": relation_id, "Type": f"{OFFICE}/{kind}", "Target": f"/{target}"}
        rels.append(rels.root, f"<{rels.prefix}Relationship{attributes(values)}/>")
        return relation_id

    def declare(self, name: str, content_type: str) -> None:
        """State the type of a new part."""
        types = self.edit(_TYPES_PART)
        values = {"PartName": f"/{name}", "ContentType": content_type}
        types.append(types.root, f"<{types.prefix}Override{attributes(values)}/>")

    def declare_extension(self, extension: str, content_type: str) -> None:
        """State the type of all parts with an extension, unless it is stated."""
        types = self.edit(_TYPES_PART)
        stated = {one.attributes.get("Extension", "").lower() for one in types.named("Default")}
        if extension not in stated and extension not in types.stated:
            types.stated.add(extension)
            values = {"Extension": extension, "ContentType": content_type}
            types.insert(types.root.inner, f"<{types.prefix}Default{attributes(values)}/>")

    def saved(self) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as out:
            for name in self.names:
                edited = self._edited.get(name)
                data = edited.content() if edited else self.read(name)
                info = zipfile.ZipInfo(name, _DATE)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o600 << 16
                out.writestr(info, data)
        return buffer.getvalue()


def _relations_of(name: str) -> str:
    folder, base = posixpath.split(name)
    return posixpath.join(folder, "_rels", f"{base}.rels")
