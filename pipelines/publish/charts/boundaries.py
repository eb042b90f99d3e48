"""The office's own licensed boundaries of counties: read strictly, or refused with a sentence.

A map of China's divisions may be published only with the number under which it was reviewed
(审图号), so that none is built in: the file comes from the office, and its number goes on the map.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.errors import Place, SurveyDefinitionError
from pipelines.publish.office import OVERLAY_FOLDER

if TYPE_CHECKING:
    from pipelines.survey import Survey

FILE = "县级界线.geojson"
#: Names under which it would be passed over.
_ALMOST = re.compile(r"县级界线.*\.(?:geo)?json(?:\.txt|\.json|\.geojson)?|县级界线", re.IGNORECASE)
_REVIEWED = re.compile(r"(?:GS|[\u4e00-\u9fff])(?:S)?[（(]\d{4}[)）]\d+号")
_LARGEST = 30_000_000
#: Longitude and latitude within which the whole country lies.
_EAST, _NORTH = (73.0, 136.0), (3.0, 54.0)

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Boundaries:
    """Rings of longitude and latitude by county code, and the number they were reviewed under."""

    reviewed_zh: str
    counties: dict[str, tuple[Ring, ...]]


def load_boundaries(overlay: Path | None, survey: Survey) -> Boundaries | None:
    """None where the office has supplied none.  Raises SurveyDefinitionError, with the advice,
    where what it has supplied cannot be used as it is."""
    folder = overlay / OVERLAY_FOLDER if overlay else None
    if folder is None or not folder.is_dir():
        return None
    for path in sorted(folder.iterdir()):
        if path.name != FILE and _ALMOST.fullmatch(path.name.replace(" ", "")):
            raise _refused(path, f"文件名应是“{FILE}”，这样命名不会被采用", f"请改名为 {FILE}")
    path = folder / FILE
    return _read(path, survey) if path.is_file() else None


def _read(path: Path, survey: Survey) -> Boundaries:
    if path.stat().st_size > _LARGEST:
        raise _refused(path, "文件超过30MB", "请用制图软件化简界线后再放入")
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _refused(path, "不是 UTF-8 的 JSON 文件", "请从制图软件重新导出 GeoJSON") from error
    if not isinstance(found, dict) or found.get("type") != "FeatureCollection":
        raise _refused(path, "不是 GeoJSON 的 FeatureCollection", "请从制图软件重新导出 GeoJSON")
    reviewed = found.get("审图号")
    if not isinstance(reviewed, str) or not _REVIEWED.fullmatch(reviewed.strip()):
        raise _refused(
            path, "没有审图号，或写法不对",
            '没有审图号的界线不得公开；请在文件最外层写明，如 "审图号": "吉S（2024）001号"',
        )  # fmt: skip
    features = found.get("features")
    if not isinstance(features, list):
        raise _refused(path, "没有界线（features）", "请从制图软件重新导出 GeoJSON")
    wanted = {t.code: t.name_zh for t in survey.tiles if t.grid == "county" and not t.optional}
    counties: dict[str, tuple[Ring, ...]] = {}
    for number, feature in enumerate(features, 1):
        code, rings = _county(path, number, feature)
        if code not in wanted:
            raise _refused(
                path, f"第{number}个界线的代码“{code}”不是现有的县（市、区）",
                "请核对 properties 中的 code，应为6位区划代码；市（州）和省的界线请删去",
            )  # fmt: skip
        if code in counties:
            raise _refused(path, f"代码“{code}”（{wanted[code]}）有两个界线", "请合并为一个")
        counties[code] = rings
    lacking = [name for code, name in wanted.items() if code not in counties]
    if lacking:
        named = "、".join(lacking[:8]) + (f"等{len(lacking)}个" if len(lacking) > 8 else "")
        raise _refused(path, f"缺少界线：{named}", "请补齐后再放入，或移出该文件，只用方格图")
    return Boundaries(reviewed.strip(), counties)


def _county(path: Path, number: int, feature: Any) -> tuple[str, tuple[Ring, ...]]:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    code = properties.get("code") if isinstance(properties, dict) else None
    if not isinstance(code, str):
        raise _refused(
            path, f"第{number}个界线没有代码",
            '请在 properties 中写 "code"，为6位区划代码，用引号括起',
        )  # fmt: skip
    shapes = geometry.get("coordinates") if isinstance(geometry, dict) else None
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(shapes, list) or not shapes:
        raise _refused(path, f"代码“{code}”的图形不是面", "请导出为 Polygon 或 MultiPolygon")
    polygons = [shapes] if kind == "Polygon" else shapes
    rings = [ring for polygon in polygons for ring in _listed(polygon)]
    return code, tuple(_ring(path, code, ring) for ring in rings)


def _listed(polygon: Any) -> list[Any]:
    return polygon if isinstance(polygon, list) and polygon else [None]


def _ring(path: Path, code: str, ring: Any) -> Ring:
    places = [_place(position) for position in ring] if isinstance(ring, list) else []
    known = tuple(place for place in places if place is not None)
    if len(known) != len(places) or len(known) < 4 or known[0] != known[-1]:
        raise _refused(
            path, f"代码“{code}”的界线不闭合、点数不足或坐标不对",
            "坐标应为经度、纬度（度），首尾两点相同；投影坐标请先转换为经纬度",
        )  # fmt: skip
    return known


def _place(position: Any) -> tuple[float, float] | None:
    if not isinstance(position, list) or len(position) < 2:
        return None
    if not all(type(number) in (int, float) and math.isfinite(number) for number in position[:2]):
        return None
    east, north = float(position[0]), float(position[1])
    inside = _EAST[0] <= east <= _EAST[1] and _NORTH[0] <= north <= _NORTH[1]
    return (east, north) if inside else None


def _refused(path: Path, problem: str, advice: str) -> SurveyDefinitionError:
    return SurveyDefinitionError(f"界线文件不能用：{problem}", advice, Place(file=path.name))
