"""Releases: frozen once, held against their manifest, made again the same, compared."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines import steps
from pipelines.commands.differences import show_difference
from pipelines.commands.release import freeze
from pipelines.commands.releases import told
from pipelines.errors import KepuError, NotFoundError, SnapshotError
from pipelines.remaking import remake
from pipelines.runs import rebuild
from pipelines.warehouse import Root, Snapshot
from pipelines.warehouse.comparison import Comparison
from pipelines.warehouse.verification import Verified, verify
from tests.conftest import Province


def frozen(province: Province) -> Path:
    """A first release of the province as it was run; its folder."""
    freeze(province.root.path, province.year, "张三", provisional=True)
    return province.root.releases / f"{province.year}-r1"


def faults_of(root: Root) -> dict[str, list[str]]:
    looked: list[Verified] = list(verify(root))
    return {one.what: [f"{fault.where} {fault.said}" for fault in one.faults] for one in looked}


def test_a_release_is_frozen_only_when_nothing_is_open(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    with pytest.raises(SnapshotError, match="必须更正"):
        freeze(root.path, year, "张三", provisional=False)
    said = freeze(root.path, year, "张三", provisional=True)
    assert said.startswith("2023-r1")
    frozen = root.releases / "2023-r1"
    assert (frozen / "reports" / "2023" / "公报.pdf").is_file()
    with Snapshot(frozen / "data" / "processed" / "kepu.duckdb") as snapshot:
        assert snapshot.rows("SELECT count(*) AS n FROM answers")[0]["n"] > 0
    assert freeze(root.path, year, "张三", provisional=True).startswith("2023-r2")


def test_a_release_of_what_is_out_of_date_is_refused(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    (root.inbox(year) / "新到.xlsx").write_bytes(b"PK")
    with pytest.raises(KepuError, match="不是最新的"):
        freeze(root.path, year, "张三", provisional=True)


def test_a_number_is_not_given_twice(own_province: Province) -> None:
    first = frozen(own_province)
    freeze(own_province.root.path, own_province.year, "张三", provisional=True)
    for path in first.rglob("*"):
        path.chmod(0o755)
    shutil.rmtree(first)
    said = freeze(own_province.root.path, own_province.year, "张三", provisional=True)
    assert said.startswith("2023-r3")


def test_a_release_is_made_again_to_the_same_hashes(own_province: Province) -> None:
    """The returns of then are kept: whatever became of the inbox, and of what is published."""
    root = own_province.root
    frozen(own_province)
    shutil.rmtree(root.raw)
    shutil.rmtree(root.reports)
    root.snapshot.unlink()
    remade = remake(root, "2023-r1")
    assert (remade.other_tables, remade.other_files) == ((), ())
    assert remade.is_same
    assert remade.same_code
    assert remade.tables > 20
    assert remade.files > 100
    assert not list(root.processed.glob(".rebuild-*")), "nothing of it is left"
    assert not root.raw.exists(), "nothing is put back where people work"
    assert "全部相同" in "".join(told(remade))


def test_a_release_whose_returns_are_lost_is_not_made_again(own_province: Province) -> None:
    root = own_province.root
    frozen(own_province)
    kept = sorted(path for path in root.originals.rglob("*") if path.is_file())
    kept[0].chmod(0o644)
    kept[0].write_bytes(b"damaged")
    with pytest.raises(SnapshotError, match=r"共 1 个.*originals"):
        remake(root, "2023-r1")
    assert any("原始文件" in fault for fault in faults_of(root)["2023-r1"])
    with pytest.raises(NotFoundError, match="现有：2023-r1"):
        remake(root, "2023-r9")


def test_a_file_that_changed_since_the_run_is_not_frozen(own_province: Province) -> None:
    """Between the look at the inbox and the copy somebody saves a file again."""
    from pipelines.warehouse import archive
    from pipelines.warehouse.manifest import Manifest

    root = own_province.root
    inputs = Manifest.read(root.manifest).inputs
    name = next(name for name in inputs if name.endswith(".csv"))
    (root.raw / name).write_bytes(b"saved again")
    with pytest.raises(SnapshotError, match="文件在运行之后变了"):
        archive.keep(root, {name: inputs[name]})
    assert not [path for path in root.originals.rglob("*") if path.is_file()]


def test_every_change_to_what_is_published_is_found(own_province: Province) -> None:
    root, year = own_province.root, own_province.year
    release = frozen(own_province)
    assert faults_of(root) == {"现行结果": [], "2023-r1": []}
    (root.report(year) / "公报.pdf").write_bytes(b"%PDF changed")
    (root.report(year) / "指标表.xlsx").unlink()
    sealed = release / "reports" / str(year) / "指标表.xlsx"
    sealed.chmod(0o644)
    (release / "多出来的.txt").write_text("x", "utf-8")
    with_faults = faults_of(root)
    assert with_faults["现行结果"] == [
        f"reports/{year}/公报.pdf 内容被改动",
        f"reports/{year}/指标表.xlsx 文件没有了",
    ]
    assert sorted(with_faults["2023-r1"]) == [
        f"reports/{year}/指标表.xlsx 不再是只读",
        "多出来的.txt 不是定稿时的文件",
    ]
    # The first page of a database file holds its header: the file does not open any more.
    content = bytearray(root.snapshot.read_bytes())
    content[:4096] = bytes(4096)
    root.snapshot.write_bytes(content)
    assert any("打不开" in fault for fault in faults_of(root)["现行结果"])


def test_what_moved_is_told_with_who_moved_it(
    own_province: Province, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, year = own_province.root, own_province.year
    release = frozen(own_province)
    with Snapshot(root.snapshot) as snapshot:
        largest = snapshot.rows(
            "SELECT c.return_id, r.unit_name, r.file, a.sheet, a.cell, a.raw_text, a.value, s.total"
            " FROM counted_answers c JOIN answers a USING (return_id, item_id)"
            " JOIN returns r USING (return_id), (SELECT sum(amount) AS total FROM counted_answers"
            " WHERE year = 2023 AND item_id = 'staff_full_time') s"
            " WHERE c.year = 2023 AND c.item_id = 'staff_full_time' AND r.layout = 'questionnaire'"
            " AND r.file NOT LIKE '%!%' ORDER BY c.amount DESC, c.return_id LIMIT 1"
        )[0]
        gone = snapshot.rows(
            "SELECT r.file, r.unit_name, c.amount AS staff FROM counted_returns r"
            " JOIN counted_answers c USING (return_id) WHERE r.year = 2023 AND r.revision = 1"
            " AND c.item_id = 'staff_full_time' AND c.amount > 0 AND r.file LIKE '%.xlsx'"
            " AND r.file NOT LIKE '%!%' AND r.layout = 'questionnaire' AND r.unit_id NOT IN"
            " (SELECT unit_id FROM returns WHERE year = 2023 GROUP BY unit_id HAVING count(*) > 1)"
            " ORDER BY c.amount, r.file LIMIT 1"
        )[0]
    (root.inbox(year) / "更正.yaml").write_text(
        f"""- 文件: {largest["file"]}
  指标: staff_full_time
  原值: "{largest["raw_text"]}"
  新值: {int(largest["value"]) + 7}
  确认人: 李四
  确认日期: 2024-05-20
  方式: 电话
  原因: 漏填
""",
        encoding="utf-8",
    )
    (root.inbox(year) / gone["file"]).unlink()
    rebuild(steps.receive(root, year))
    then = release / root.snapshot.relative_to(root.path)
    with Comparison(then, root.snapshot) as comparison:
        cells = comparison.cells()
        (cell,) = (one for one in cells if one.unit_name != gone["unit_name"])
        assert all(one.after is None for one in cells if one is not cell)
        figures = {(m.indicator_id, m.breakdown): m for m in comparison.figures() if m.year == year}
        (decision,) = comparison.decisions()
        (moved,) = comparison.returns()
    assert (cell.unit_name, cell.item_id, cell.difference) == (
        largest["unit_name"],
        "staff_full_time",
        7,
    )
    assert (moved.unit_name, moved.why, moved.file_after) == (gone["unit_name"], "gone", "")
    whole = figures["staff_full_time", "province"]
    after = largest["total"] + 7 - gone["staff"]
    assert (whole.before, whole.after) == (largest["total"], after)
    assert ("staff_total", "province") in figures
    assert (decision.kind, decision.only_in) == ("correction", "after")
    show_difference(root.path, "2023-r1", "现行", tmp_path / "修订说明.xlsx")
    said = capsys.readouterr().out
    assert largest["unit_name"] in said
    assert "（+7）" in said
    assert f"{gone['unit_name']}：不再计入" in said
    assert (tmp_path / "修订说明.xlsx").is_file()
