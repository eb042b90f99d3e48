"""WHERE everything meets: the schema of every table, declared once; storage; publication.

Rooms hand each other tables, never objects: an Arrow table of a declared schema goes in and
comes out.  ``schema`` declares, ``store`` keeps (DuckDB and Parquet), ``layout`` knows where on
disk, ``manifest`` says what a snapshot was made of.
"""

from pipelines.warehouse.layout import Root
from pipelines.warehouse.schema import TABLES, Table, arrow_table, empty_table
from pipelines.warehouse.store import Snapshot, Workshop

__all__ = ["TABLES", "Root", "Snapshot", "Table", "Workshop", "arrow_table", "empty_table"]
