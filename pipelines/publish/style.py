"""The look of every kepu page in one place: colours, type sizes, measures.

Charts and the PDF take colours and sizes from here.  Sizes are points at printed size: a chart is
as wide as the text of an A4 page and is never scaled.
"""

from __future__ import annotations

INK = "#1F2933"
GREY = "#66717C"
SOFT = "#8A94A0"
MIDDLE = "#BEC5CC"
LIGHT = "#D5DBE1"
PALE = "#EEF1F4"
PAPER = "#FFFFFF"
#: Up and down, always with the sign beside them (red is up here).
UP = "#C8452D"
DOWN = "#1B4F8F"

THEME_COLOURS = {
    "personnel": "#0072B2",
    "venues": "#009E73",
    "funding": "#D55E00",
    "media": "#CC79A7",
    "activities": "#E69F00",
    "education": "#56B4E9",
    "national": "#1B4F8F",
    "quality": "#4B5A68",
}
THEME_NAMES = {
    "personnel": "人员",
    "venues": "场地",
    "funding": "经费",
    "media": "传媒",
    "activities": "活动",
    "education": "科学教育",
    "national": "全国",
    "quality": "质量",
}

#: Type at printed size, in points.  Nothing is set smaller than NOTE.
TITLE = 11.5
SUBTITLE = 8.5
BODY = 9.0
LABEL = 8.5
NOTE = 7.2

#: A4 and its margins, in millimetres.
PAGE = (210, 297)
MARGINS = {"top": 37, "bottom": 35, "left": 28, "right": 26}
CHART_WIDTH_MM = PAGE[0] - MARGINS["left"] - MARGINS["right"]
DPI = 200


def tints(colour: str, count: int, lightest: float = 0.16) -> list[str]:
    """``count`` tints of one hue, light to dark; the steps stay apart in grey print."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    strengths = [lightest + (1 - lightest) * i / max(count - 1, 1) for i in range(count)]
    mixed = [
        tuple(round(255 + (part - 255) * strength) for part in (red, green, blue))
        for strength in strengths
    ]
    return ["#{:02X}{:02X}{:02X}".format(*parts) for parts in mixed]


def readable_on(colour: str) -> str:
    """Ink or paper, whichever is read more easily on ``colour``."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.6 else PAPER
