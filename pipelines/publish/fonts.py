"""The one font loader: the Chinese faces of the install, and proof that they have the glyphs.

Three faces are open (SIL OFL 1.1) and installed as packages: a sans and a serif in regular weight
and a variable sans.  typst sets the variable one in any weight by itself.  matplotlib cannot, so
``cut_bold`` makes it a static bold of just the characters that are to be set, which takes a second
and gives the same outlines everywhere.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from pipelines.errors import FontError, Place

#: Family names as the faces carry them.
SANS = "Noto Sans SC"
SERIF = "Noto Serif SC"
#: The variable face: every weight in typst; the bold companion of SANS.
SANS_VARIABLE = "Noto Sans CJK SC"
#: The family that ``cut_bold`` writes.
SANS_BOLD = "Kepu Sans SC Bold"

#: What any page may need beyond its words; checked when a page is made.
SIGNS = "\u2212%‰·（）、，。：；“”《》—…×–,.+-0123456789"

_VARIABLE_FACE = 2  # the SC face of the collection
_BOLD = 700


def sans() -> Path:
    """Noto Sans SC Regular."""
    return _packaged("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf")


def serif() -> Path:
    """Noto Serif SC Regular."""
    return _packaged("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf")


def sans_variable() -> Path:
    """Noto Sans CJK, all weights; a collection whose family for us is ``SANS_VARIABLE``."""
    return _packaged("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc")


def font_folders() -> list[Path]:
    """Folders for typst; with ``ignore_system_fonts`` the pages look the same on every machine."""
    return [sans().parent, sans_variable().parent]


def check_glyphs(text: str, face: Path | None = None) -> None:
    """Raise FontError naming the characters that ``face`` (default: sans and serif) cannot show."""
    for path in [face] if face else [sans(), serif()]:
        missing = sorted({c for c in text if ord(c) not in _characters(path) and not c.isspace()})
        if missing:
            named = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in missing)
            raise FontError(
                f"字体缺少字形：{named}",
                "请改用通用汉字或符号，或在公报中用拼音注明该字",
                Place(file=path.name),
            )


def cut_bold(text: str, folder: Path) -> Path:
    """A static bold OpenType file with the characters of ``text``, written to ``folder``.

    The outlines are those of the variable face at weight 700; spacing is its own.
    """
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.t2CharStringPen import T2CharStringPen
    from fontTools.ttLib import TTFont

    check_glyphs(text)
    with TTFont(sans_variable(), fontNumber=_VARIABLE_FACE, lazy=True) as variable:
        names = variable.getBestCmap()
        characters = sorted({ord(c) for c in text + " " if not c.isspace() or c == " "})
        cmap = {code: names[code] for code in characters}
        order = [".notdef", *dict.fromkeys(cmap.values())]
        glyphs = variable.getGlyphSet(location={"wght": _BOLD})
        outlines, widths = {}, {}
        for name in order:
            glyph = glyphs[name]
            pen = T2CharStringPen(glyph.width, None)
            glyph.draw(pen)
            outlines[name] = pen.getCharString()
            widths[name] = (round(glyph.width), 0)
        builder = FontBuilder(variable["head"].unitsPerEm, isTTF=False)
        builder.setupGlyphOrder(order)
        builder.setupCharacterMap(cmap)
        builder.setupCFF("KepuSansSC-Bold", {"FullName": SANS_BOLD}, outlines, {})
        builder.setupHorizontalMetrics(widths)
        line = {"ascent": variable["hhea"].ascent, "descent": variable["hhea"].descent}
        builder.setupHorizontalHeader(**line)
    builder.setupNameTable({"familyName": SANS_BOLD, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    path = folder / "KepuSansSC-Bold.otf"
    builder.save(path)
    return path


def register_with_matplotlib(*more: Path) -> None:
    """Make the sans, the serif and further files known to matplotlib by family name."""
    from matplotlib import font_manager

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    for path in (sans(), serif(), *more):
        if str(path) not in known:
            font_manager.fontManager.addfont(path)


@contextmanager
def strict_glyphs() -> Iterator[None]:
    """Turn matplotlib's warning about a missing glyph, which draws a box, into FontError."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph \d+ .* missing from font")
        try:
            yield
        except UserWarning as warning:
            raise FontError(f"图中有字体没有的字（{warning}）", "请改用通用汉字或符号") from warning


def _packaged(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    path = Path(folders[0]) / name if folders else None
    if path is None or not path.is_file():
        raise FontError(
            f"没有找到中文字体“{name}”",
            f"请按 requirements.lock 重新安装（字体在软件包 {package.replace('_', '-')} 中）",
        )
    return path


@cache
def _characters(path: Path) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    number = _VARIABLE_FACE if path.suffix == ".ttc" else -1
    with TTFont(path, fontNumber=number, lazy=True) as font:
        return frozenset(font.getBestCmap())
