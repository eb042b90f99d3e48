"""Boundaries come from the office with the number they were reviewed under, or are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import SurveyDefinitionError
from pipelines.indicators import Definitions
from pipelines.publish.charts import drawings, load_book
from pipelines.publish.charts.boundaries import load_boundaries
from pipelines.publish.charts.drawing import Area
from pipelines.survey import Survey
from pipelines.warehouse import Snapshot

_NUMBER = "吉S（2024）001号"

Change = Callable[[dict[str, Any]], Any]


def _square(east: float, north: float) -> list[list[float]]:
    size = 0.2
    return [
        [east, north], [east + size, north], [east + size, north + size], [east, north + size],
        [east, north],
    ]  # fmt: skip


@pytest.fixture
def collection(survey: Survey) -> dict[str, Any]:
    """A square for each county unit, about where it lies."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": tile.code},
            "geometry": {
                "type": "Polygon", "coordinates": [_square(float(tile.lon), float(tile.lat))],
            },
        }
        for tile in survey.tiles
        if tile.grid == "county" and not tile.optional
    ]  # fmt: skip
    return {"type": "FeatureCollection", "审图号": _NUMBER, "features": features}


def _supply(overlay: Path, found: object, name: str = "县级界线.geojson") -> Path:
    folder = overlay / "publish"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return overlay


def test_without_a_file_there_is_no_map(
    two_years: Path, survey: Survey, definitions: Definitions, tmp_path: Path
) -> None:
    assert load_boundaries(None, survey) is None
    assert load_boundaries(tmp_path, survey) is None
    assert any(chart.form == "boundary" for chart in load_book().charts)
    book = load_book()
    maps = book.model_copy(update={"charts": tuple(c for c in book.charts if c.form == "boundary")})
    with Snapshot(two_years) as snapshot:
        assert not [*drawings(snapshot, survey, definitions, 2023, tmp_path, maps)]


def test_the_map_shows_every_county_and_the_number_it_was_reviewed_under(
    two_years: Path,
    survey: Survey,
    definitions: Definitions,
    tmp_path: Path,
    collection: dict[str, Any],
) -> None:
    overlay = _supply(tmp_path, collection)
    book = load_book()
    chart = next(chart for chart in book.charts if chart.form == "boundary")
    with_cut = chart.model_copy(update={"cuts": ("square",)})
    maps = book.model_copy(update={"charts": (with_cut,)})
    with Snapshot(two_years) as snapshot:
        found = [*drawings(snapshot, survey, definitions, 2023, overlay, maps)]
    picture, drawing = found[0]
    areas = [mark for mark in drawing.marks if isinstance(mark, Area)]
    assert len(areas) == 60
    # 白山市's six county units did not report, 东丰县 is suppressed.
    assert sum(area.hatched for area in areas) == 7
    # On every cut, whatever else has no room there.
    assert [f"界线审图号：{_NUMBER}。" in made.words for _, made in found] == [True, True]
    assert "界线审图号" in picture.sources[0]
    places = [place for area in areas for ring in area.rings for place in ring]
    assert all(0 < x < drawing.width and 0 < y < drawing.height for x, y in places)
    # 珲春市 lies east of 洮北区 and 集安市 south of 镇赉县.
    by_code = dict(
        zip([f["properties"]["code"] for f in collection["features"]], areas, strict=True)
    )
    assert by_code["222404"].rings[0][0][0] > by_code["220802"].rings[0][0][0]
    assert by_code["220582"].rings[0][0][1] > by_code["220821"].rings[0][0][1]


def _first(found: dict[str, Any]) -> dict[str, Any]:
    feature: dict[str, Any] = found["features"][0]
    return feature


def _moved(found: dict[str, Any], east: float, north: float) -> None:
    _first(found)["geometry"]["coordinates"] = [_square(east, north)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda f: f.pop("审图号"), "没有审图号"),
        (lambda f: f.update({"审图号": "待定"}), "没有审图号"),
        (lambda f: f.update({"type": "Feature"}), "FeatureCollection"),
        (lambda f: f.update({"features": {}}), "没有界线"),
        (lambda f: f["features"].pop(0), "缺少界线"),
        (lambda f: f["features"].append(f["features"][0]), "有两个界线"),
        (lambda f: _first(f)["properties"].update(code="220000"), "不是现有的县"),
        (lambda f: _first(f)["properties"].update(code=220102), "没有代码"),
        (lambda f: _first(f).update(properties=None), "没有代码"),
        (lambda f: _first(f)["geometry"].update(type="LineString"), "不是面"),
        (lambda f: _first(f)["geometry"].update(coordinates=[]), "不是面"),
        (lambda f: _first(f)["geometry"]["coordinates"][0].pop(), "不闭合"),
        (lambda f: _first(f)["geometry"].update(coordinates=[[]]), "不闭合"),
        (lambda f: _moved(f, 500000, 4800000), "坐标不对"),
        (lambda f: _moved(f, float("nan"), 44), "坐标不对"),
        (lambda f: _moved(f, 44, 125), "坐标不对"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_a_sentence(
    survey: Survey, tmp_path: Path, collection: dict[str, Any], change: Change, reason: str
) -> None:
    change(collection)
    with pytest.raises(SurveyDefinitionError, match=r"县级界线\.geojson") as caught:
        load_boundaries(_supply(tmp_path, collection), survey)
    assert reason in str(caught.value)


def test_what_is_no_json_is_refused(survey: Survey, tmp_path: Path) -> None:
    folder = tmp_path / "publish"
    folder.mkdir()
    for content in (b"\xff\xfe\x00", b"{", b"[" * 100_000):
        (folder / "县级界线.geojson").write_bytes(content)
        with pytest.raises(SurveyDefinitionError, match="不是 UTF-8 的 JSON"):
            load_boundaries(tmp_path, survey)


@pytest.mark.parametrize("name", ["县级界线.json", "县级界线.geojson.txt", "县级界线 .geojson"])
def test_almost_the_name_is_said_and_not_passed_over(
    survey: Survey, tmp_path: Path, collection: dict[str, Any], name: str
) -> None:
    with pytest.raises(SurveyDefinitionError, match=r"文件名应是“县级界线\.geojson”"):
        load_boundaries(_supply(tmp_path, collection, name), survey)


@pytest.mark.parametrize("number", ["GS（2023）2767号", "GS(2019)1822号", "吉S（2024）001号"])
def test_numbers_as_they_are_given_out_are_taken(
    survey: Survey, tmp_path: Path, collection: dict[str, Any], number: str
) -> None:
    found = load_boundaries(_supply(tmp_path, collection | {"审图号": number}), survey)
    assert found is not None
    assert found.reviewed_zh == number
