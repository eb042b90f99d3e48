"""Make the sample pages shown in the README from what the line has published.

    python docs/make_samples.py <root> [<year>]

Takes ``reports/<year>`` of a root that has been run with simulated data, and writes small pictures
of some bulletin pages and charts to ``docs/样页``.  A root with real returns is refused.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from pipelines.warehouse import Root, Snapshot

FOLDER = Path(__file__).parent / "样页"
#: Pages of 公报.pdf, and the files of 图 by the end of their names.
PAGES = (2, 3, 5, 6, 8, 13)
CHARTS = ("市州人均筹集额", "县区筹集额")
DPI = 75
CHART_WIDTH = 640
COLOURS = 64
LARGEST = 150_000


def make(root: Root, year: int, folder: Path) -> list[Path]:
    """Write the samples of a year to ``folder``; what lay there before is removed."""
    with Snapshot(root.snapshot) as snapshot:
        if snapshot.meta.get("simulated") != "yes":
            raise SystemExit("样页只用模拟数据制作：该工作目录的快照不是模拟数据。")
    reports = root.report(year)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = [*_pages(reports / "公报.pdf", folder), *_charts(reports / "图", folder)]
    for path in made:
        if path.stat().st_size > LARGEST:
            raise SystemExit(f"样页“{path.name}”大于{LARGEST}字节，请调低 DPI 或 COLOURS。")
    return made


def _pages(bulletin: Path, folder: Path) -> list[Path]:
    renderer = shutil.which("pdftoppm")
    if renderer is None:
        raise SystemExit("没有 pdftoppm，请先安装 poppler（poppler-utils）。")
    made = []
    with tempfile.TemporaryDirectory() as bench:
        for page in PAGES:
            stem = Path(bench) / "page"
            number = str(page)
            subprocess.run(
                [renderer, "-r", str(DPI), "-f", number, "-l", number, "-singlefile", "-png",
                 str(bulletin), str(stem)],
                check=True,
            )  # fmt: skip
            path = folder / f"公报-第{page}页.png"
            with Image.open(stem.with_suffix(".png")) as picture:
                _save(picture, path)
            made.append(path)
    return made


def _charts(charts: Path, folder: Path) -> list[Path]:
    made = []
    for name in CHARTS:
        source = next(charts.glob(f"*-{name}.png"))
        path = folder / f"图-{name}.png"
        with Image.open(source) as picture:
            height = round(picture.height * CHART_WIDTH / picture.width)
            small = picture.convert("RGB").resize((CHART_WIDTH, height), Image.Resampling.LANCZOS)
            _save(small, path)
        made.append(path)
    return made


def _save(picture: Image.Image, path: Path) -> None:
    """With a palette: a page has few colours, and a small file is loaded at once."""
    palette = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    palette.save(path, optimize=True)


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        raise SystemExit("用法：python docs/make_samples.py <工作目录> [<年度>]")
    place = Root(Path(sys.argv[1]))
    wanted = int(sys.argv[2]) if len(sys.argv) == 3 else place.require_inbox(None)[-1]
    for written in make(place, wanted, FOLDER):
        print(f"{written.relative_to(FOLDER.parent)}  {written.stat().st_size // 1024} KB")
