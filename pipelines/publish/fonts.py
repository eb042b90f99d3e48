"""The one font loader: the Chinese faces of the install, and proof that they have the glyphs.

Three faces are open (SIL OFL 1.1) and installed as packages: a sans and a serif in regular weight
and a variable sans, which typst and Pillow set in any weight by themselves.
"""

from __future__ import annotations

import importlib.util
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.errors import FontError, Place

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

#: Family names as the faces carry them.
SANS = "Noto Sans SC"
SERIF = "Noto Serif SC"
#: The variable face: every weight in typst; the bold companion of SANS.
SANS_VARIABLE = "Noto Sans CJK SC"

#: What any page may need beyond its words; checked when a page is made.
SIGNS = "\u2212%‰·（）、，。：；“”《》—…×–,.+-0123456789"

#: Printers' sign for a type that is not in the case.
LACKING = "〓"

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


def legible(text: str) -> str:
    """The text with 〓 for every sign that our faces lack: what people wrote must not stop a page
    that only quotes it."""
    known = _characters(sans()) & _characters(serif())
    return "".join(c if ord(c) in known or c.isspace() else LACKING for c in text)


@lru_cache(maxsize=128)
def pillow_face(pixels: float, *, bold: bool = False) -> FreeTypeFont:
    """The sans for Pillow at a size in pixels; the bold is the variable face at weight 700."""
    from PIL import ImageFont

    plain = ImageFont.Layout.BASIC
    if not bold:
        return ImageFont.truetype(str(sans()), pixels, layout_engine=plain)
    face = ImageFont.truetype(
        str(sans_variable()), pixels, index=_VARIABLE_FACE, layout_engine=plain
    )
    face.set_variation_by_axes([_BOLD])
    return face


@cache
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
    from matplotlib.ft2font import FT2Font

    number = _VARIABLE_FACE if path.suffix == ".ttc" else 0
    return frozenset(FT2Font(str(path), face_index=number).get_charmap())
