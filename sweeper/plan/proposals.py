"""The points of a learning search, numbered like those of any other: read from where they are kept.

A round has room for `batch` points of the sweep, the baseline, which is point 0, among those of the
first. What a learner did not fill stays empty, so a point's number never depends on how many came.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from store.files.backend import Place
from store.runs.blocks import finished, read_block, write_block
from sweeper.search import Learner
from sweeper.space.axes import Floats
from sweeper.space.constraint import Bools

EVEN = 256
"""A larger round has room for a multiple of this, which can be cut into blocks of many sizes."""


@dataclass(frozen=True)
class Proposals:
    """Proposals of a learner so far, as a `Search`.

    Attributes:
        notes: the learner's.
        axes: of the space.
        batch: room for points in a round, the baseline among those of the first.
        rounds: at most.
        budget: proposals at most.
        ask_seconds: about what proposing one takes.
        folder: where the rounds are kept, one file each; None until the experiment has a folder.
    """

    notes: tuple[str, ...]
    axes: int
    batch: int
    rounds: int
    budget: int
    ask_seconds: float
    folder: Place | None = None

    @classmethod
    def of(cls, learner: Learner, axes: int) -> "Proposals":
        """None yet."""
        batch = learner.batch if learner.batch <= EVEN else -(-learner.batch // EVEN) * EVEN
        return cls(learner.notes, axes, batch, learner.rounds, learner.budget, learner.ask_seconds)

    def size(self) -> int:
        """Room for points in all rounds."""
        return self.batch * self.rounds - 1

    def count(self) -> int:
        """Number of points proposed at most."""
        return self.budget

    def points(self, start: int, stop: int) -> tuple[Floats, Bools]:
        """Points start..stop-1, all of rounds that are written; empty room is not valid.

        Raises:
            DamagedFile: a round that is not there.
        """
        values = np.zeros((stop - start, self.axes))
        valid = np.zeros(stop - start, np.bool_)
        for number in range((start + 1) // self.batch, -(-(stop + 1) // self.batch)):
            first = self.first(number)
            proposed = self.read(number)
            low, high = max(first, start), min(first + len(proposed), stop)
            if low < high:
                values[low - start : high - start] = proposed[low - first : high - first]
                valid[low - start : high - start] = True
        return values, valid

    def first(self, number: int) -> int:
        """Number of the first point of a round."""
        return max(number * self.batch - 1, 0)

    def written(self) -> int:
        """Number of rounds written: they are written in order."""
        return len(finished(self._folder))

    def read(self, number: int) -> Floats:
        """The (m, axes) points of a round that is written."""
        return _read(self._folder, number)

    def write(self, number: int, values: Floats) -> None:
        """Keep a round, for good; BlockConflict if another one is kept under its number."""
        columns = [pa.array(column) for column in values.T]
        table = pa.table(columns, names=[f"axis_{place}" for place in range(self.axes)])
        write_block(self._folder, number, table)

    @property
    def _folder(self) -> Place:
        assert self.folder is not None, "a learner's points are not known before its experiment"
        return self.folder


@lru_cache(maxsize=16)
def _read(folder: Place, number: int) -> Floats:
    table = read_block(folder, number)
    values: Floats = np.column_stack([table[name].to_numpy() for name in table.column_names])
    values.flags.writeable = False
    return values
