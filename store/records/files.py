"""Parquet files of an experiment, as `experiment.json` lists them."""

from dataclasses import dataclass

from store.files.typed_json import JsonRecord, later


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord(JsonRecord):
    """A committed file.

    Attributes:
        rows: of its table.
        bytes: of the file.
        sha256: of the file, 64 hex digits.
        footer: SHA-256 of its footer; empty when unknown: readers of a few columns then check the
            whole file.
        blocks: [first, last] of the blocks that are merged in it; empty for a block itself.
    """

    rows: int
    bytes: int
    sha256: str
    footer: str = later("")
    blocks: tuple[tuple[int, int], ...] = later(())

    @property
    def block_numbers(self) -> set[int]:
        """Numbers of the blocks that are merged in it."""
        return {number for first, last in self.blocks for number in range(first, last + 1)}
