"""The run files of a store, opened for reading: verified, of one schema, by way of the record."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.dataset

from store.files.arrow_types import Dataset
from store.files.backend import Root, arrow, each, place
from store.files.paths import run_file
from store.records import experiment as records
from store.records.experiment import Experiment
from store.records.files import FileRecord
from store.runs.columns import IDENTITY, ORIGIN, check_version, metadata, metrics_of
from store.runs.manifest import with_committed
from store.runs.parquet import check_footer, naming, require_whole

T = TypeVar("T")

FORMAT: Any = pyarrow.dataset.ParquetFileFormat(
    default_fragment_scan_options=pyarrow.dataset.ParquetFragmentScanOptions(
        page_checksum_verification=True
    )
)


class Shelf:
    """Opens each experiment's files once; they never change, so what is open stays valid.

    Only footers are read on opening. The pages of a column are read, and their checksums
    verified, when somebody asks for that column.
    """

    def __init__(self, root: Root) -> None:
        self.root = place(root)
        self._open: dict[str, tuple[dict[str, FileRecord], Dataset | None]] = {}

    def read(
        self, experiment_id: str, action: Callable[[Dataset], T], *, committed: bool = False
    ) -> T:
        """Result of `action` on the experiment's runs, a pyarrow dataset.

        With `committed` the blocks that the record does not list yet are among them. A file that
        compaction took away under the reader is no fault: the record then lists another one, and
        the action is run again on that.
        """
        while True:
            experiment = listed = records.load(self.root, experiment_id)
            try:
                if committed:
                    listed = with_committed(self.root, experiment)
                return action(self.dataset(listed))
            except (pa.ArrowException, duckdb.Error, OSError):
                if records.load(self.root, experiment_id).files == experiment.files:
                    self.name_damage(listed)
                    raise

    def dataset(self, experiment: Experiment) -> Dataset:
        """The runs of one experiment; FileNotFoundError when a file was compacted meanwhile."""
        files, dataset = self._open.get(experiment.id, ({}, None))
        if dataset is None or files != experiment.files:
            names = run_names(experiment)
            dataset = self._dataset(each(partial(self._fragment, experiment), names, self.root))
            self._open[experiment.id] = (experiment.files, dataset)
        return dataset

    def name_damage(self, experiment: Experiment) -> None:
        """Raise DamagedFile if a file is at fault: pyarrow does not say whose page failed."""
        for name in run_names(experiment):
            require_whole(run_file(self.root, experiment.id, name), experiment.files[name])

    def all_runs(self, experiments: Sequence[Experiment]) -> Dataset:
        """The runs of several experiments as one dataset: null where one lacks a column."""
        parts = [self.read(experiment.id, lambda dataset: dataset) for experiment in experiments]
        return self._dataset([fragment for part in parts for fragment in part.get_fragments()])

    def _fragment(self, experiment: Experiment, name: str) -> object:
        path = run_file(self.root, experiment.id, name)
        with naming(path):
            check_footer(path, experiment.files[name])
            filesystem, name_there = arrow(path)
            fragment = FORMAT.make_fragment(name_there, filesystem=filesystem)
            fragment.ensure_complete_metadata()
            check_version(fragment.physical_schema, path)
        return fragment

    def _dataset(self, fragments: Sequence[Any]) -> Dataset:
        schemas = [fragment.physical_schema for fragment in fragments]
        metrics = tuple(dict.fromkeys(name for schema in schemas for name in metrics_of(schema)))
        schema = pa.unify_schemas([IDENTITY, *schemas, ORIGIN], promote_options="permissive")
        dataset: Dataset = pyarrow.dataset.FileSystemDataset(
            list(fragments), schema.with_metadata(metadata(metrics)), FORMAT, arrow(self.root)[0]
        )
        return dataset


def run_names(experiment: Experiment) -> list[str]:
    """Names of the files that hold the experiment's runs, in their order."""
    return [name for name in experiment.files if not name.startswith("errors/")]
