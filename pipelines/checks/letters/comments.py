"""Comments at cells: the comments part and the drawing that Excel keeps its boxes in.

A sheet may have both already; ours are added to them.  A comment of an earlier letter of ours is
overwritten, so that nobody answers a question twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.checks.letters.package import MAIN, Package
from pipelines.checks.letters.xmledit import Element, Part, UneditableError, attributes, escape

#: Begins every comment of ours, whatever a program makes of its author.
MARK = "【统计审核】"
_ANSWERED = f"{MARK}此处上次已问，现无问题。"
_AUTHOR = "统计审核"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="{block}"/></o:shapelayout><v:shapetype id="_x0000_t202"'
    ' coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/>'
    "</v:shapetype>{shapes}</xml>"
)
#: Elements of a worksheet that stand after ``legacyDrawing``.
_AFTER = frozenset(
    {"legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
     "tableParts", "extLst"}
)  # fmt: skip
_SHAPES_A_BLOCK = 1024


def add_comments(
    package: Package, sheet: str, texts: Mapping[tuple[int, int], tuple[str, str]], block: int
) -> None:
    """Comment cells of the sheet part ``sheet``: (row, column) → (address, text).

    ``block`` sets the shapes of one sheet's drawing apart from all others'.
    """
    related = {one.kind: one for one in package.relations(sheet)}
    if not texts and "comments" not in related:
        return
    if "comments" in related:
        left = _join_comments(package.edit(related["comments"].target), texts)
    else:
        _new_comments(package, sheet, texts)
        left = list(texts)
    if "vmlDrawing" in related and package.edit(sheet).first("legacyDrawing"):
        drawing = _legacy_drawing(package, sheet)
        part = package.edit(drawing)
        part.append(part.root, _shapes(left, block))
    elif left:
        _new_drawing(package, sheet, left, block)


def _new_comments(
    package: Package, sheet: str, texts: Mapping[tuple[int, int], tuple[str, str]]
) -> None:
    name = package.free_name("xl/comments{}.xml")
    items = "".join(_comment("", place, text, 0) for place, text in texts.values())
    package.put(
        name,
        f'<comments xmlns="{MAIN}"><authors><author>{_AUTHOR}</author></authors>'
        f"<commentList>{items}</commentList></comments>",
    )
    package.declare(name, _COMMENTS_TYPE)
    package.relate(sheet, "comments", name)


def _join_comments(
    part: Part, texts: Mapping[tuple[int, int], tuple[str, str]]
) -> list[tuple[int, int]]:
    """Add to a part that is there; returns the cells that had no comment and want a box."""
    authors, items = part.first("authors"), part.first("commentList")
    if authors is None or items is None:
        raise UneditableError("comments without authors")
    author = len(part.named("author", authors))
    part.append(authors, f"<{part.prefix}author>{_AUTHOR}</{part.prefix}author>")
    known = {one.attributes.get("ref", ""): one for one in part.named("comment", items)}
    asked = dict(texts.values())
    for place, element in known.items():
        _update(part, element, asked.get(place, ""))
    new = [(where, *texts[where]) for where in texts if texts[where][0] not in known]
    part.append(items, "".join(_comment(part.prefix, p, text, author) for _, p, text in new))
    return [where for where, _, _ in new]


def _update(part: Part, element: Element, text: str) -> None:
    """Add our text to a comment, or put it in place of an earlier one of ours."""
    body = part.first("text", element)
    if body is None:
        return
    raw = part.data[body.inner : body.last].decode()
    said = "".join(
        part.data[one.inner : one.last].decode()
        for one in part.named("t")
        if body.start < one.start < body.end
    )
    if said.lstrip().startswith(MARK):
        part.replace(body, _text(part.prefix, text or _ANSWERED))
    elif text:
        p = part.prefix
        part.replace(body, f"<{p}text>{raw}{_run(p, chr(10) + text)}</{p}text>")


def _comment(p: str, place: str, text: str, author: int) -> str:
    return f'<{p}comment ref="{place}" authorId="{author}">{_text(p, text)}</{p}comment>'


def _text(p: str, text: str) -> str:
    return f"<{p}text>{_run(p, text)}</{p}text>"


def _run(p: str, text: str) -> str:
    return (
        f'<{p}r><{p}rPr><{p}sz val="9"/><{p}rFont val="宋体"/></{p}rPr>'
        f'<{p}t xml:space="preserve">{escape(text)}</{p}t></{p}r>'
    )


def _legacy_drawing(package: Package, sheet: str) -> str:
    """The drawing part that the sheet names."""
    element = package.edit(sheet).first("legacyDrawing")
    wanted = next(
        (v for k, v in (element.attributes if element else {}).items() if k.endswith(":id")), ""
    )
    for one in package.relations(sheet):
        if one.relation_id == wanted:
            return one.target
    raise UneditableError("legacy drawing without relation")


def _new_drawing(package: Package, sheet: str, cells: list[tuple[int, int]], block: int) -> None:
    name = package.free_name("xl/drawings/vmlDrawing{}.vml")
    package.put(name, _DRAWING.format(block=block, shapes=_shapes(cells, block)))
    package.declare_extension("vml", _DRAWING_TYPE)
    relation = package.relate(sheet, "vmlDrawing", name)
    part = package.edit(sheet)
    values = {
        "xmlns:r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "r:id": relation,
    }
    xml = f"<{part.prefix}legacyDrawing{attributes(values)}/>"
    part.insert(_drawing_place(part), xml)


def _drawing_place(part: Part) -> int:
    """Where ``legacyDrawing`` stands among the children of a worksheet."""
    seen = False
    for one in part.elements:
        if one.parent is not part.root:
            continue
        seen = seen or one.name == "sheetData"
        if one.name in _AFTER or (seen and one.name == "AlternateContent"):
            return one.start
    return part.root.last


def _shapes(cells: list[tuple[int, int]], block: int) -> str:
    return "".join(
        f'<v:shape xmlns:v="urn:schemas-microsoft-com:vml"'
        f' xmlns:o="urn:schemas-microsoft-com:office:office"'
        f' xmlns:x="urn:schemas-microsoft-com:office:excel"'
        f' id="_x0000_s{block * _SHAPES_A_BLOCK + number}" type="#_x0000_t202"'
        ' style="position:absolute;margin-left:80pt;margin-top:5pt;width:220pt;height:90pt;'
        'z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
        '<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
        '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>'
        f"{column + 1}, 15, {max(row - 1, 0)}, 4, {column + 4}, 60, {row + 6}, 4</x:Anchor>"
        f"<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column>"
        "</x:ClientData></v:shape>"
        for number, (row, column) in enumerate(cells, 1)
    )
