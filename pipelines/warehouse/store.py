"""DuckDB and Parquet: a workshop where the next snapshot is built, and snapshots to read.

One process writes the workshop; readers open the published file read-only and are never blocked,
because publication is one atomic rename (see ``publication`` in steps).
"""

from __future__ import annotations

import contextlib
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import duckdb

from pipelines.errors import ConservationError, Place, SnapshotError, StorageError
from pipelines.warehouse.schema import TABLES, Table, arrow_table, create_sql
from pipelines.warehouse.views import VIEWS

if TYPE_CHECKING:
    import pyarrow as pa

#: One thread: sums and stored order never depend on scheduling.
_SETTINGS: dict[str, Any] = {"threads": 1, "preserve_insertion_order": True}

#: Rows held at once while a table is copied, written or hashed; a row group of its Parquet file.
_BATCH_ROWS = 122_880


class Connected:
    """Holds a connection and closes it at the end of a ``with`` block."""

    con: duckdb.DuckDBPyConnection

    def close(self) -> None:
        self.con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Tables(Connected):
    """Shared by workshop and snapshot: run SQL, get Arrow."""

    def query(self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None) -> pa.Table:
        """The result of a query as an Arrow table."""
        return self.con.sql(sql, params=params).to_arrow_table()

    def rows(
        self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The result of a query as dictionaries."""
        found: list[dict[str, Any]] = self.query(sql, params).to_pylist()
        return found

    def few_rows(
        self, sql: str, params: Sequence[Any] | Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The same without Arrow: for a command that asks for little, its import costs more."""
        result = self.con.execute(sql, params)
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def table(self, name: str) -> pa.Table:
        """A whole declared table in key order."""
        table = TABLES[name]
        order = ", ".join(f'"{column}"' for column in table.key)
        return self.query(f"SELECT * FROM {name} ORDER BY {order}").cast(table.arrow_schema)

    def batches(self, name: str) -> pa.RecordBatchReader:
        """The rows of a declared table in key order, a batch at a time: all may not fit."""
        table = TABLES[name]
        order = ", ".join(f'"{column}"' for column in table.key)
        ordered = self.con.sql(f"SELECT * FROM {name} ORDER BY {order}")
        return _in_batches(ordered.to_arrow_reader(_BATCH_ROWS), table.arrow_schema)

    def content_hashes(self, names: Iterable[str] = tuple(TABLES)) -> dict[str, str]:
        """A hash of the content of each table, independent of file format and row order.

        A table that this version of the program does not know has none.
        """
        return {name: content_hash(self.batches(name)) for name in names if name in TABLES}


class Workshop(_Tables):
    """The database being built.  All declared tables exist, empty, from the start."""

    def __init__(self, path: Path | None = None) -> None:
        """A new database at ``path`` (which must not exist), or in memory."""
        self.path = path
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self.con = duckdb.connect(str(path) if path else ":memory:", config=_SETTINGS)
        except (OSError, duckdb.IOException) as error:
            raise StorageError(
                f"无法建立工作数据库（{error}）", "请检查磁盘空间和写权限", Place(file=str(path))
            ) from error
        _create_all(self.con)

    @classmethod
    def reopened(cls, path: Path) -> Workshop:
        """A workshop that an earlier step left at ``path``."""
        workshop = cls.__new__(cls)
        workshop.path = path
        try:
            workshop.con = duckdb.connect(str(path), config=_SETTINGS)
        except duckdb.Error as error:
            raise StorageError(
                f"工作数据库打不开（{error}）", "请重新运行 kepu run", Place(file=str(path))
            ) from error
        return workshop

    @contextlib.contextmanager
    def threads(self, number: int) -> Iterator[None]:
        """Let statements that only add exact figures and count use several threads meanwhile."""
        self.con.execute(f"SET threads = {number}")
        try:
            yield
        finally:
            self.con.execute(f"SET threads = {_SETTINGS['threads']}")

    def load(self, name: str, data: pa.Table | Iterable[Mapping[str, Any]]) -> int:
        """Append rows to a declared table; returns how many, asserted against the table."""
        import pyarrow as pa

        incoming = data if isinstance(data, pa.Table) else arrow_table(name, data)
        before = self.count(name)
        self.con.register("incoming", _in_batches(incoming.to_reader(), TABLES[name].arrow_schema))
        try:
            self.con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
        finally:
            self.con.unregister("incoming")
        loaded = self.count(name) - before
        if loaded != incoming.num_rows:
            raise ConservationError(f"表 {name} 应载入 {incoming.num_rows} 行，实际 {loaded} 行")
        return loaded

    def replace(self, name: str, data: pa.Table | Iterable[Mapping[str, Any]]) -> int:
        """Empty a declared table and load it anew."""
        self.con.execute(f"DELETE FROM {name}")
        return self.load(name, data)

    def count(self, name: str) -> int:
        # fetchall, not fetchone: DuckDB 2 keeps the connection busy until a result is exhausted.
        return int(self.con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])

    def assert_keys(self) -> None:
        """Every declared key identifies one row; cheaper than a primary key while loading."""
        for table in TABLES.values():
            key = ", ".join(f'"{column}"' for column in table.key)
            twice = self.con.execute(
                f"SELECT {key} FROM {table.name} GROUP BY ALL HAVING count(*) > 1 LIMIT 1"
            ).fetchall()
            if twice:
                raise ConservationError(f"表 {table.name} 的主键重复：{twice[0]}")

    def write_snapshot(self, path: Path) -> None:
        """Copy every table, in key order, into a new database file at ``path``."""
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path), config=_SETTINGS) as target:
            _create_all(target)
            for table in TABLES.values():
                target.register("incoming", self.batches(table.name))
                target.execute(f"INSERT INTO {table.name} BY NAME SELECT * FROM incoming")
                target.unregister("incoming")
            target.execute("CHECKPOINT")

    def write_parquet(self, folder: Path) -> list[Path]:
        """Every table as one Parquet file; the same rows give the same bytes."""
        import pyarrow.parquet as pq

        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name in TABLES:
            path = folder / f"{name}.parquet"
            rows = self.batches(name)
            with pq.ParquetWriter(path, rows.schema, compression="zstd") as writer:
                for batch in rows:
                    writer.write_batch(batch)
            written.append(path)
        return written


class Snapshot(_Tables):
    """A published snapshot, opened read-only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            raise SnapshotError(
                "还没有发布过的数据快照", "请先运行 kepu run", Place(file=str(path))
            )
        try:
            self.con = duckdb.connect(str(path), read_only=True, config=_SETTINGS)
        except duckdb.Error as error:
            raise SnapshotError(
                f"数据快照打不开（{error}）",
                "请关闭占用它的程序；文件损坏时删除后重新运行 kepu run 即可重建",
                Place(file=str(path)),
            ) from error

    @property
    def meta(self) -> dict[str, str]:
        return {row["key"]: row["value"] for row in self.few_rows("SELECT key, value FROM meta")}

    def content_hashes(self, names: Iterable[str] = tuple(TABLES)) -> dict[str, str]:
        """As of the workshop; raises SnapshotError where the file cannot be read through."""
        import pyarrow as pa

        try:
            return super().content_hashes(names)
        except (duckdb.Error, pa.ArrowException) as error:
            raise SnapshotError(
                "数据快照读不出：文件损坏，或由别的版本的程序做成",
                "请从备份中恢复，或用做成它的版本核对",
                Place(file=str(self.path)),
            ) from error

    @property
    def simulated(self) -> bool:
        """Whether there are returns in it that we made up; every page must say so."""
        return self.meta.get("simulated") == "yes"


def _in_batches(rows: pa.RecordBatchReader, schema: pa.Schema) -> pa.RecordBatchReader:
    """Rows in the declared types, a batch at a time: all at once may be more than fits."""
    import pyarrow as pa

    return pa.RecordBatchReader.from_batches(schema, (batch.cast(schema) for batch in rows))


def _create_all(con: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES.values():
        for statement in create_sql(table):
            con.execute(statement)
    for view in VIEWS.values():
        for statement in view.create_sql():
            con.execute(statement)


def content_hash(rows: pa.RecordBatchReader) -> str:
    """sha256 over rows in their order, schema included.

    Taken over Parquet, which stores no bytes for missing values: an Arrow buffer may hold anything
    there, so that two equal tables could differ.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    digest = _Digest()
    with pq.ParquetWriter(pa.PythonFile(digest, "w"), rows.schema, compression="none") as writer:
        for batch in rows:
            writer.write_batch(batch)
    return digest.hash.hexdigest()


class _Digest(io.RawIOBase):
    """A file that keeps nothing of what is written to it but the hash."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.hash.update(data)
        return memoryview(data).nbytes


__all__ = ["Snapshot", "Table", "Workshop", "content_hash"]
