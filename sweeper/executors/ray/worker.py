"""A worker: one long-lived Ray Tune trial that pulls blocks until there are none."""

import math
import pickle
import time
import traceback
from pathlib import Path
from typing import Any, cast

from store.files import machine_errors
from store.runs.metric_order import better
from sweeper.executors.dispatcher import OVER, WAIT
from sweeper.executors.ray.preload import uncollected

with uncollected():
    import ray
    from ray import tune
    from ray.util.metrics import Counter, Gauge

    import sweeper.evaluate.block_task  # noqa: F401 -- what workers evaluate comes with it a moment later

STEP_SECONDS = 1.0
"""How long a step pulls blocks before it reports to Tune; it ends with the block under way."""

IDLE_SECONDS = 0.05


class Worker(tune.Trainable):
    """Never one trial per configuration: Tune needs 15 ms to 1 s for a trial, a backtest 20 us."""

    def __repr__(self) -> str:
        """The name Ray's dashboard shows."""
        return str(self.trial_name)

    @classmethod
    def default_resource_request(cls, config: dict[str, Any]) -> tune.PlacementGroupFactory:
        """One core, and what else was asked for."""
        needs = config["needs"]
        labels: Any = {"bundle_label_selector": [dict(needs.labels)]} if needs.labels else {}
        return tune.PlacementGroupFactory([needs.bundle], **labels)

    def setup(self, config: dict[str, Any]) -> None:
        """Fetch the work, once.

        Args:
            config: `dispatcher`, the actor's name; `namespace`, of that name; `needs`, of a worker;
                `mode`, "max" or "min", says which metric is the better one; `shared`, a folder on
                the storage that all nodes must see, or None.
        """
        _see(config["shared"])
        self._dispatcher = cast("Any", ray.get_actor(config["dispatcher"], config["namespace"]))
        self._badge, (task,) = _answer(self._dispatcher.join.remote(self.trial_name))
        self._evaluate, self._work = _answer(task)
        self._highest = config["mode"] == "max"
        self._counts = {"blocks": 0, "runs": 0, "failed": 0}
        self._best = math.nan
        self._runs_done = Counter("sweeper_runs_done", "runs evaluated", ("worker",))
        self._rate = Gauge("sweeper_runs_per_second", "runs of the last second", ("worker",))
        self._best_metric = Gauge("sweeper_best_metric", "best search metric", ("worker",))

    def step(self) -> dict[str, object]:
        """Evaluate blocks for about a second."""
        began, before = time.monotonic(), self._counts["runs"]
        end = began + STEP_SECONDS
        number = WAIT
        while number != OVER and time.monotonic() < end:
            number = _answer(self._dispatcher.pull.remote(self.trial_name, self._badge))
            if number == WAIT:
                time.sleep(IDLE_SECONDS)
            elif number != OVER:
                self._evaluate_block(number)
        rate = (self._counts["runs"] - before) / (time.monotonic() - began)
        self._rate.set(rate, {"worker": str(self.trial_name)})
        return {**self._counts, "best": self._best, "done": number == OVER}

    def _evaluate_block(self, number: int) -> None:
        try:
            done = self._evaluate(self._work, number)
        except machine_errors.REFUSALS as error:
            self._dispatcher.give_up.remote(f"block {number}: {machine_errors.line(error)}")
            return
        except Exception:  # noqa: BLE001 -- the driver raises it, with this traceback
            self._dispatcher.blame.remote(f"block {number}: {traceback.format_exc()}")
            return
        self._dispatcher.finish.remote(self.trial_name, self._badge, pickle.dumps(done))
        self._count(done)

    def _count(self, done: Any) -> None:
        self._counts["blocks"] += 1
        self._counts["runs"] += done.runs
        self._counts["failed"] += done.failed
        tags = {"worker": str(self.trial_name)}
        if done.runs:
            self._runs_done.inc(done.runs, tags)
        if better(done.best_metric, self._best, self._highest):
            self._best = done.best_metric
            self._best_metric.set(self._best, tags)


def _see(shared: str | None) -> None:
    """Refuse to work where what is written would be lost: on a node with a disk of its own."""
    if shared is not None and not Path(shared).is_dir():
        node = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
        raise ValueError(
            f"store.root: node {node} does not see {Path(shared).parent}; give a path that all "
            "nodes share, or s3://..."
        )


def _answer(reference: Any) -> Any:
    """The value of a remote call."""
    value: object = ray.get(reference)
    return value
