"""A Chinese font for pages that must look right on any machine, cut down to what they say."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path

from pipelines.errors import FontError

_PACKAGE, _FILE = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"


def write_subset(text: str, path: Path) -> None:
    """Write the glyphs of ``text`` as a WOFF at ``path``; the same text gives the same bytes.

    Signs that the font lacks are left to the reader's own fonts.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(
        flavor="woff", layout_features=[], name_IDs=[1, 2, 13, 14], notdef_outline=True
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=sorted({ord(sign) for sign in text}))
    try:
        with as_file(files(_PACKAGE) / _FILE) as source:
            # Without recalculation no clock gets into the file.
            font = TTFont(source, recalcTimestamp=False)
            subsetter.subset(font)
            font.flavor = "woff"
            font.save(path)
    except (ImportError, OSError) as error:
        raise FontError(f"缺少中文字体 {_FILE}", "请重新安装 kepu（字体随安装包提供）") from error
