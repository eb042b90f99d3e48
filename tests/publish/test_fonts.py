"""The fonts of the install show what our pages need, and what they cannot show is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import FontError
from pipelines.publish import fonts


def test_every_face_has_the_signs_of_our_pages() -> None:
    for face in (fonts.sans(), fonts.serif(), fonts.sans_variable()):
        fonts.check_glyphs(fonts.SIGNS, face)
    assert {"\u2212", "%", "‰", "·", "（", "）", "、", "：", "“", "”"} <= set(fonts.SIGNS)


def test_a_missing_glyph_is_named_with_its_code() -> None:
    with pytest.raises(FontError, match=r"“😀”（U\+1F600）") as caught:
        fonts.check_glyphs("科普😀")
    assert caught.value.code == "K500"


def test_folders_hold_the_faces() -> None:
    files = {path.name for folder in fonts.font_folders() for path in folder.iterdir()}
    assert {fonts.sans().name, fonts.serif().name, fonts.sans_variable().name} <= files


def test_the_bold_is_bolder_and_the_same_every_time(tmp_path: Path) -> None:
    from matplotlib.ft2font import FT2Font

    def ink(path: Path) -> int:
        font = FT2Font(str(path))
        font.set_size(40, 72)
        font.set_text("经费增长")
        font.draw_glyphs_to_bitmap()
        return int((font.get_image() > 127).sum())

    bold = fonts.cut_bold("经费增长 3.32%", tmp_path)
    first = bold.read_bytes()
    assert ink(bold) > 1.3 * ink(fonts.sans())
    assert fonts.cut_bold("%23.3 长增费经", tmp_path).read_bytes() == first


def test_the_bold_of_an_unknown_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FontError):
        fonts.cut_bold("经费😀", tmp_path)


def test_matplotlib_draws_chinese_and_refuses_boxes(tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    fonts.register_with_matplotlib()
    sheet = Figure(figsize=(1, 1))
    sheet.text(0.1, 0.5, "吉林省 \u22121.2‰", family=fonts.SANS)
    with fonts.strict_glyphs():
        sheet.savefig(tmp_path / "有字.png")
    sheet.text(0.1, 0.2, "😀", family=fonts.SANS)
    with fonts.strict_glyphs(), pytest.raises(UserWarning, match="missing from font"):
        sheet.savefig(tmp_path / "缺字.png")
    with pytest.raises(FontError), fonts.strict_glyphs():
        sheet.savefig(tmp_path / "缺字.png")
