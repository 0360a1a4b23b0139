"""Runs that the store held when an experiment started, as `experiment.json` keeps them."""

from dataclasses import dataclass

from store.files.typed_json import JsonRecord, later


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRecord(JsonRecord):
    """Runs of earlier experiments on the same bars; records of older checkouts lack all fields.

    Attributes:
        tried: configurations that the ledger counted on this data.
        new: those of this plan that had no run yet, an estimate unless `exact`.
        exact: whether `new` is counted.
        skips_runs_of: ids of the experiments whose runs are not made again.
        brought: how many of those were copied into its own files, see `store.runs.earlier_runs`;
            None until that is done.
    """

    tried: int | None = later(None)
    new: int | None = later(None)
    exact: bool | None = later(None)
    skips_runs_of: tuple[str, ...] | None = later(None)
    brought: int | None = later(None)

    @property
    def origins(self) -> tuple[str, ...]:
        """Ids of the experiments whose runs are not made again."""
        return self.skips_runs_of or ()

    @property
    def is_exact(self) -> bool:
        """True unless `new` is an estimate."""
        return self.exact is not False

    def new_of(self, configurations: int) -> int:
        """Configurations that had no run yet; all of the plan's where the record lacks it."""
        return configurations if self.new is None else self.new
