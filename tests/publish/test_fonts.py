"""The fonts of the install show what our pages need, and what they cannot show is an error."""

from __future__ import annotations

import pytest

from pipelines.errors import FontError
from pipelines.publish import fonts
from pipelines.publish.charts import png
from pipelines.publish.charts.drawing import Drawing


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


def test_the_bold_is_bolder_and_the_same_every_time() -> None:
    def ink(*, bold: bool) -> int:
        mask = fonts.pillow_face(40.0, bold=bold).getmask("经费增长")
        return sum(value > 127 for value in mask)

    assert ink(bold=True) > 1.3 * ink(bold=False)
    assert ink(bold=True) == ink(bold=True)


def test_a_picture_with_a_sign_that_the_faces_lack_is_refused() -> None:
    drawing = Drawing(20, 10)
    drawing.text(1, 5, "吉林省 \u22121.2‰", 9, bold=True)
    painted = png.painted(drawing, 100)
    assert min(painted.convert("L").tobytes()) < 80
    drawing.text(1, 2, "😀", 9)
    with pytest.raises(FontError, match=r"U\+1F600"):
        png.painted(drawing, 100)
