"""What is read of a job's log: numbers of its progress."""

from serve.jobs.folder import numbers_of
from sweeper.run.tally import Snapshot


def line(**changes):
    values = {"done": 300, "total": 1_000, "failed": 0, "rate": 1_234.4, "seconds_left": 3_725.0,
              "metric": "sharpe", "best": 0.4512, "best_label": "fast 5, slow (20)"}  # fmt: skip
    return Snapshot(**values | changes).line


def test_numbers_of_a_line():
    assert numbers_of(line()) == {
        "done": 300, "total": 1_000, "rate": 1_234, "eta": 3_725, "best": 0.4512,
        "best_label": "fast 5, slow (20)",
    }  # fmt: skip
    assert numbers_of(line(rate=0.6213))["rate"] == 0.62
    early = numbers_of(line(done=0, seconds_left=None, rate=0.0, best=None, failed=1_200))
    assert (early["done"], early["eta"], early["best"]) == (0, None, None)
    assert numbers_of("5,000/25,000 runs (20 %)")["total"] == 25_000
    assert set(numbers_of("").values()) == {None}
