"""Change an XML part of a workbook at a few places and leave every other byte as it was.

A parser that writes the tree back renames prefixes and drops what it does not know; office programs
then repair the file or lose a picture.  Here the part is parsed only to learn where its elements
stand; changes are spliced into the bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape as _escape
from xml.sax.saxutils import quoteattr

_TAG = re.compile(rb"<[^\"'>]*(?:\"[^\"]*\"[^\"'>]*|'[^']*'[^\"'>]*)*>")
_DECLARED = re.compile(rb"^(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)[\"']")
_PLAIN = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
#: What XML cannot hold at all.
_IMPOSSIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class UneditableError(Exception):
    """The part is written in a way that is not changed in place; the caller has another way."""


@dataclass(slots=True)
class Element:
    """An element and where it stands: ``start`` of its tag, ``inner`` after it, ``last`` before its
    end tag, ``end`` after that.  The three are one for an empty element (``<c/>``)."""

    name: str
    qualified: str
    attributes: dict[str, str]
    parent: Element | None = field(repr=False)
    start: int
    inner: int
    last: int
    end: int

    @property
    def is_empty_tag(self) -> bool:
        """Whether it is written as one tag (``<c/>``)."""
        return self.inner == self.end

    @property
    def prefix(self) -> str:
        """The namespace prefix with its colon."""
        return self.qualified[: len(self.qualified) - len(self.name)]


class Part:
    """One part with the changes asked for; ``content`` gives the new bytes."""

    def __init__(self, data: bytes) -> None:
        declared = _DECLARED.match(data)
        encoding = declared.group(1) if declared else b""
        if data[:2] in (b"\xff\xfe", b"\xfe\xff") or (encoding and encoding.lower() not in _PLAIN):
            raise UneditableError("encoding")
        if b"<!DOCTYPE" in data:
            raise UneditableError("doctype")
        self.data = data
        self.elements: list[Element] = []
        #: Names that were added and do not stand in ``elements`` (see ``package``).
        self.stated: set[str] = set()
        self._edits: list[tuple[int, int, int, bytes]] = []
        self._parse()

    @property
    def root(self) -> Element:
        return self.elements[0]

    @property
    def prefix(self) -> str:
        return self.root.prefix

    def named(self, name: str, parent: Element | None = None) -> list[Element]:
        """Elements of a local name, in order; of one parent only when that is given."""
        return [
            one
            for one in self.elements
            if one.name == name and (parent is None or one.parent is parent)
        ]

    def first(self, name: str, parent: Element | None = None) -> Element | None:
        return next(iter(self.named(name, parent)), None)

    def raw(self, element: Element) -> bytes:
        """The element as it is written."""
        return self.data[element.start : element.end]

    def insert(self, at: int, xml: str) -> None:
        """Put ``xml`` at an offset; several at one offset stand in the order of asking."""
        self._edits.append((at, at, len(self._edits), xml.encode()))

    def append(self, parent: Element, xml: str) -> None:
        """Put ``xml`` last inside an element, which may be written as an empty one."""
        if not parent.is_empty_tag:
            self.insert(parent.last, xml)
            return
        opened = self.raw(parent).decode().rstrip()[:-2].rstrip() + ">"
        self.replace(parent, f"{opened}{xml}</{parent.qualified}>")

    def replace(self, element: Element, xml: str) -> None:
        self._edits.append((element.start, element.end, len(self._edits), xml.encode()))

    def remove(self, element: Element) -> None:
        self.replace(element, "")

    def set_attributes(self, element: Element, **changes: str | None) -> None:
        """Set attributes by their local name, as they are written; None takes one away."""
        written = dict(element.attributes)
        for name, value in changes.items():
            key = next((key for key in written if key.rpartition(":")[2] == name), name)
            if value is None:
                written.pop(key, None)
            else:
                written[key] = value
        close = "/>" if element.is_empty_tag else ">"
        tag = f"<{element.qualified}{attributes(written)}{close}"
        self._edits.append((element.start, element.inner, len(self._edits), tag.encode()))

    def content(self) -> bytes:
        parts, place = [], 0
        for start, end, _, new in sorted(self._edits):
            parts += [self.data[place:start], new]
            place = max(place, end)
        return b"".join([*parts, self.data[place:]])

    def _parse(self) -> None:
        stack: list[Element] = []
        parser = expat.ParserCreate()

        def opened(name: str, found: dict[str, str]) -> None:
            start = parser.CurrentByteIndex
            tag = _TAG.match(self.data, start)
            if tag is None:
                raise UneditableError("tag")
            end = tag.end()
            parent = stack[-1] if stack else None
            local = name.rpartition(":")[2]
            one = Element(local, name, found, parent, start, end, end, end)
            self.elements.append(one)
            stack.append(one)

        def closed(name: str) -> None:
            one, at = stack.pop(), parser.CurrentByteIndex
            if not self.data.endswith(b"/>", one.start, one.inner):
                one.last = at
                one.end = self.data.index(b">", at) + 1

        parser.StartElementHandler = opened
        parser.EndElementHandler = closed
        try:
            parser.Parse(self.data, True)
        except expat.ExpatError as error:
            raise UneditableError(str(error)) from error


def escape(text: str) -> str:
    """A text between tags; line breaks as they are, what XML cannot hold left out."""
    return _escape(_IMPOSSIBLE.sub("", text))


def attributes(values: dict[str, str]) -> str:
    """Attributes as they stand in a tag, with a leading space each."""
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items())
