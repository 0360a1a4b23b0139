"""Which bars are backtested: half-open ranges with a role; the holdout is in none of them."""

from dataclasses import dataclass

from store.layout import is_test


@dataclass(frozen=True, slots=True)
class Window:
    """Bars start..stop-1 of a series, simulated alone.

    Roles are `dev`, `train` and `test`, or `train_1`, `test_1`, ... of folds.
    """

    role: str
    start: int
    stop: int

    @property
    def ranks(self) -> bool:
        """Whether the search may look at it: true for all but test windows."""
        return not is_test(self.role)
