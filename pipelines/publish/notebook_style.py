"""matplotlib in the house style, for the charts that analysts draw themselves.

Our own charts are laid out by ``charts``; this gives a notebook the same face and colours.
"""

from __future__ import annotations

from pipelines.publish import fonts
from pipelines.publish.style import GREY, INK, LIGHT


def use_house_style() -> None:
    """Set matplotlib to our Chinese face and our look, for this session.

    A size is in points, as matplotlib counts them.
    """
    import matplotlib as mpl
    from matplotlib import font_manager

    known = {entry.fname for entry in font_manager.fontManager.ttflist}
    if str(fonts.sans()) not in known:
        font_manager.fontManager.addfont(fonts.sans())
    family = font_manager.FontProperties(fname=fonts.sans()).get_name()
    mpl.rcParams.update(
        {
            "font.family": [family],
            "font.size": 9,
            "axes.unicode_minus": True,
            "axes.axisbelow": True,
            "axes.edgecolor": LIGHT,
            "axes.labelcolor": GREY,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "grid.color": LIGHT,
            "grid.linewidth": 0.5,
            "text.color": INK,
            "xtick.color": GREY,
            "ytick.color": INK,
            "savefig.dpi": 192,
        }
    )
