"""The parts of pyarrow that this project uses, for readers and mypy: pyarrow publishes no types.

What pyarrow returns is of these types by annotation; nothing here exists at run time.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

Metadata = Mapping[bytes, bytes]


class Field(Protocol):
    """A pa.Field: name and type of a column."""

    @property
    def name(self) -> str:
        """Name of the column."""

    @property
    def type(self) -> object:
        """The pa.DataType of the values."""

    @property
    def nullable(self) -> bool:
        """True when the column may hold nulls."""


class Schema(Protocol):
    """A pa.Schema: names, types and metadata of columns."""

    @property
    def names(self) -> list[str]:
        """Names of the columns."""

    @property
    def metadata(self) -> Metadata | None:
        """Metadata of the whole table."""

    def __iter__(self) -> Iterator[Field]: ...

    def __len__(self) -> int: ...

    def field(self, name: str | int) -> Field:
        """A column's field."""

    def get_field_index(self, name: str) -> int:
        """Place of a column; -1 without one."""

    def append(self, field: object) -> "Schema":
        """The columns and one more."""

    def with_metadata(self, metadata: Mapping[bytes, bytes] | None) -> "Schema":
        """The same columns with other metadata."""

    def empty_table(self) -> "Table":
        """A table of no rows."""

    def equals(self, other: "Schema", check_metadata: bool = False) -> bool:
        """True when the columns are the same."""


class Array(Protocol):
    """A pa.Array: one piece of a column."""

    def __len__(self) -> int: ...

    @property
    def type(self) -> object:
        """The pa.DataType of the values."""

    @property
    def null_count(self) -> int:
        """Number of nulls."""

    @property
    def offset(self) -> int:
        """Values of the buffers that come before its first."""

    def buffers(self) -> list[Any]:
        """Memory of the values: validity, then data."""

    def flatten(self) -> "Array":
        """Values of lists, one after the other."""

    def to_numpy(self, zero_copy_only: bool = True) -> NDArray[Any]:
        """Values as a NumPy array."""


class Column(Protocol):
    """A pa.ChunkedArray: a column of a table."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Any]: ...

    def __getitem__(self, place: int) -> Any: ...

    @property
    def type(self) -> object:
        """The pa.DataType of the values."""

    @property
    def null_count(self) -> int:
        """Number of nulls."""

    def to_numpy(self, zero_copy_only: bool = False) -> NDArray[Any]:
        """Values as a NumPy array; null is NaN in floats."""

    def to_pylist(self) -> list[Any]:
        """Values as Python objects."""

    def cast(self, kind: object) -> "Column":
        """The values as another type."""

    def unique(self) -> "Column":
        """Distinct values, in the order of their first occurrence."""

    def is_null(self) -> "Column":
        """(n,) of booleans."""

    def take(self, places: object) -> "Column":
        """Values by their places."""

    def is_valid(self) -> "Column":
        """(n,) of booleans."""

    def combine_chunks(self) -> Array:
        """The column in one piece."""

    @property
    def chunks(self) -> list[Array]:
        """The pieces that it is stored in."""


class Batch(Protocol):
    """A pa.RecordBatch: some rows."""

    def __len__(self) -> int: ...

    def __getitem__(self, column: str | int) -> Array: ...

    @property
    def num_rows(self) -> int:
        """Number of rows."""

    @property
    def schema(self) -> Schema:
        """Names and types of the columns."""

    def filter(self, mask: object) -> "Batch":
        """Rows where a mask is true."""

    def take(self, places: object) -> "Batch":
        """Rows by their places."""

    def to_pylist(self) -> list[dict[str, Any]]:
        """Rows as dicts."""


class Table(Protocol):
    """A pa.Table."""

    def __len__(self) -> int: ...

    def __getitem__(self, column: str | int) -> Column: ...

    @property
    def schema(self) -> Schema:
        """Names and types of the columns."""

    @property
    def column_names(self) -> list[str]:
        """Names of the columns."""

    @property
    def columns(self) -> list[Column]:
        """The columns."""

    @property
    def num_rows(self) -> int:
        """Number of rows."""

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""

    def column(self, name: str | int) -> Column:
        """A column."""

    def select(self, columns: Sequence[str]) -> "Table":
        """Some columns."""

    def drop_columns(self, columns: Sequence[str] | str) -> "Table":
        """The other columns."""

    def append_column(self, field: object, column: object) -> "Table":
        """The table with one more column."""

    def set_column(self, place: int, field: object, column: object) -> "Table":
        """The table with another column in a place."""

    def rename_columns(self, names: Sequence[str]) -> "Table":
        """The table with other names."""

    def filter(self, mask: object) -> "Table":
        """Rows where a mask is true."""

    def take(self, places: object) -> "Table":
        """Rows by their places."""

    def slice(self, offset: int = 0, length: int | None = None) -> "Table":
        """Rows from an offset on."""

    def sort_by(self, keys: object) -> "Table":
        """Rows in another order."""

    def cast(self, schema: Schema) -> "Table":
        """The table with other types."""

    def combine_chunks(self) -> "Table":
        """The table with each column in one piece."""

    def replace_schema_metadata(self, metadata: Metadata | None = None) -> "Table":
        """The table with other metadata."""

    def to_batches(self, max_chunksize: int | None = None) -> list[Batch]:
        """The rows in pieces."""

    def to_pylist(self) -> list[dict[str, Any]]:
        """Rows as dicts."""

    def to_pandas(self, **options: Any) -> Any:
        """A pd.DataFrame."""

    def equals(self, other: "Table", check_metadata: bool = False) -> bool:
        """True when all values are the same."""


class Dataset(Protocol):
    """A pyarrow.dataset.Dataset: files read as one table, on demand."""

    @property
    def schema(self) -> Schema:
        """Columns of the whole."""

    def to_table(
        self, columns: Sequence[str] | Mapping[str, object] | None = None, filter: object = None
    ) -> Table:
        """The rows that a filter lets pass."""

    def to_batches(
        self,
        columns: Sequence[str] | Mapping[str, object] | None = None,
        filter: object = None,
        batch_size: int = 131_072,
        batch_readahead: int = 16,
        fragment_readahead: int = 4,
    ) -> Iterator[Batch]:
        """The rows, some at a time."""

    def count_rows(self, filter: object = None) -> int:
        """Number of rows that a filter lets pass."""

    def take(self, indices: object, columns: Sequence[str] | None = None) -> Table:
        """Rows by their places."""

    def get_fragments(self, filter: object = None) -> Iterator[Any]:
        """The files."""
