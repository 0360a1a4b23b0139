"""Evaluate blocks on Ray: Ray Tune keeps one long-lived worker per core, which pull blocks.

Tune is an executor only. It starts the workers, restarts the dead ones and shows them in Ray's
dashboard; which block is done is known to the store, so no Tuner is ever restored. Import this
module late: it imports Ray Tune, which takes one to two seconds.
"""

import logging
import pickle
import re
import shutil
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.air._internal import usage
from ray.exceptions import GetTimeoutError, RayActorError
from ray.tune import TuneError
from ray.tune.execution import class_cache
from ray.tune.execution.tune_controller import TuneController
from ray.tune.experiment import Trial
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from sweeper.executors import BlockFault, ClusterLost, DoneT, GaveUp, WorkT
from sweeper.executors.dispatcher import Dispatcher, News
from sweeper.executors.ray import scratch
from sweeper.executors.ray.attention import Attention
from sweeper.executors.ray.gauges import SweepGauges
from sweeper.executors.ray.health import BEAT_SECONDS, Pulse
from sweeper.executors.ray.needs import Needs
from sweeper.executors.ray.worker import Worker

POLL_SECONDS = 0.5
"""How often the driver asks for news: ten times a second would take it and the dispatcher 5 % of a
core from the workers."""
HURRY_SECONDS = 0.05
"""The same when a round is nearly over, and workers may soon have nothing to do."""

NAMESPACE = "sweeper"

# To count its own callbacks among ours, for a usage report, Ray imports MLflow and W&B where they
# are installed: two seconds of every sweep.
usage.tag_callbacks = lambda callbacks: False


class RayExecutor:
    """Needs a connection: `with connect(config) as cluster: RayExecutor(cluster.workers, ...)`."""

    def __init__(
        self,
        workers: int,
        label: str,
        mode: str = "max",
        folder: Path | None = None,
        room: int = 0,
        inherits: bool = False,
        variables: Mapping[str, str] | None = None,
        needs: Needs | None = None,
        namespace: str | None = None,
        say: Callable[[str], None] | None = None,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Say how to run; nothing starts yet.

        Args:
            workers: how many to start, one per core.
            label: workers are named `<label>-00`, `<label>-01`, ... in Ray's dashboard.
            mode: "max" or "min", which search metric is the better one.
            folder: where Tune may keep its own files while it runs, shared by all nodes;
                None is a temporary folder of this machine. Removed at the end.
            room: how many more workers to ask for; they wait for nodes that join the cluster.
            inherits: whether workers have the environment of this process.
            variables: for workers, where neither that nor the job's environment has what they need.
            needs: of a worker, besides a core.
            namespace: of the actor that hands out blocks.
            say: shows the user a line: that it waits for cores, or lost a node.
            check: called at every turn of Tune's loop; what it raises ends the run.
        """
        self._workers = workers + room
        self._label = re.sub(r"[^\w.-]+", "-", label)
        self._mode = mode
        self._folder = folder
        self._inherits = inherits
        self._variables = {} if inherits else variables
        self._needs = needs or Needs()
        self._namespace = namespace or NAMESPACE
        self._say = say
        self._check = check
        self._luck: float | None = None

    def show_luck(self, sharpe: float) -> None:
        """Have the next run export this luck line."""
        self._luck = sharpe

    def run(
        self,
        evaluate: Callable[[WorkT, int], DoneT],
        work: WorkT,
        rounds: Iterable[Sequence[int]],
        watch: Callable[[DoneT], None],
    ) -> None:
        """Evaluate every block of every round once; see `sweeper.executors.Executor`."""
        only = isinstance(rounds, list) and len(rounds) == 1
        to_come = (blocks for blocks in rounds if blocks)
        first = next(to_come, None)
        if first is None:
            return
        with self._dispatcher(evaluate, work) as (name, actor):
            workers = min(self._workers, len(first)) if only else self._workers
            driver = _Driver(
                actor, chain([first], to_come), watch, Pulse(self._inherits), 2 * workers
            )
            driver.check = self._check
            driver.gauges = SweepGauges(self._label)
            driver.gauges.show_luck(self._luck)
            if self._say is not None and not self._inherits:
                driver.attention = Attention(self._say, self._needs)
            with (
                _scratch(self._folder) as folder,
                _variables_of_trials(self._variables),
                _quiet(),
            ):
                driver.fit(self._tuner(name, driver, folder, workers))
            news = driver.collect()
        if news.fault is not None:
            raise BlockFault(news.fault)
        if news.hopeless is not None:
            raise ClusterLost(news.hopeless)
        if not driver.stop.now:
            raise ClusterLost("Ray Tune ended before every block was done")
        if news.lost:
            raise GaveUp(news.lost)

    @contextmanager
    def _dispatcher(self, evaluate: object, work: object) -> Iterator[tuple[str, object]]:
        """Name and handle of the actor, which lives next to the driver and dies with this block."""
        name = f"{self._label}-dispatcher-{uuid.uuid4().hex[:8]}"
        here = ray.get_runtime_context().get_node_id()
        task = [
            ray.put((evaluate, work))
        ]  # in a list: a bare reference would be fetched on arrival
        actor: Any = (
            ray.remote(Dispatcher)
            .options(
                name=name,
                namespace=self._namespace,
                num_cpus=0,
                runtime_env={"env_vars": dict(self._variables)} if self._variables else None,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node_id=here, soft=False),
            )
            .remote(task)
        )
        try:
            yield name, actor
        except ClusterLost:
            raise  # its process went with Ray, and a dead Ray answers no call
        except BaseException:
            ray.kill(actor)
            raise
        ray.kill(actor)

    def _tuner(self, dispatcher: str, driver: "_Driver", folder: Path, workers: int) -> tune.Tuner:
        label = self._label  # Tune pickles the function, so it may not hold on to more

        def name(trial: Trial) -> str:
            return f"{label}-{int(trial.trial_id.rpartition('_')[2]):02d}"

        return tune.Tuner(
            Worker,
            param_space={
                "dispatcher": dispatcher,
                "namespace": self._namespace,
                "needs": self._needs,
                "mode": self._mode,
                "shared": str(folder) if self._folder else None,
            },
            tune_config=tune.TuneConfig(
                num_samples=workers, trial_name_creator=name, trial_dirname_creator=name
            ),
            run_config=tune.RunConfig(
                name="tune",
                storage_path=str(folder),
                stop=driver.stop,
                callbacks=[driver],
                failure_config=tune.FailureConfig(max_failures=-1),
                checkpoint_config=tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        )


class _Stop(tune.Stopper):
    """Ends all trials, waiting ones too, once `now` is set."""

    now = False

    def __call__(self, trial_id: str, result: dict[str, object]) -> bool:
        return False

    def stop_all(self) -> bool:
        return self.now


class _Stopped(Exception):
    """A KeyboardInterrupt in Tune's loop: the workers on a Ray of others must end with it."""

    def __init__(self, stop: KeyboardInterrupt) -> None:
        super().__init__(str(stop))
        self.stop = stop


class _Driver(tune.Callback):
    """Hears from the dispatcher while Tune's loop runs, and tells it of dead workers.

    It is called in the main thread, inside `Tuner.fit`: Ctrl-C, and an error of `watch`, go
    straight up to the caller.
    """

    def __init__(
        self,
        dispatcher: Any,
        rounds: Iterator[Sequence[int]],
        watch: Callable[[Any], None],
        pulse: Pulse,
        few: int,
    ) -> None:
        """`few`: blocks of which no more may be left for the driver to be in a hurry."""
        self._dispatcher = dispatcher
        self._rounds = rounds
        self._watch = watch
        self._pulse = pulse
        self._few = few
        self._left = 0
        self._failed = 0
        self.attention: Attention | None = None
        self.gauges: SweepGauges | None = None
        self.check: Callable[[], None] = lambda: None
        self.stop = _Stop()
        self._next_round()
        self._asked = time.monotonic()

    def __getstate__(self) -> dict[str, object]:
        """Nothing: Tune pickles its callbacks to restore them one day, and we never restore."""
        return {}

    def fit(self, tuner: tune.Tuner) -> None:
        """Run Tune's loop; an error of it that a dead Ray explains is ClusterLost."""
        try:
            with _no_farewell_to_the_dead():
                tuner.fit()
        except _Stopped as stopped:
            raise stopped.stop from None
        except TuneError:
            self._pulse.check(now=True)
            raise

    def on_step_end(self, iteration: int, trials: list[Trial], **info: object) -> None:
        try:
            self._turn(trials)
        except KeyboardInterrupt as stop:
            raise _Stopped(stop) from stop

    def _turn(self, trials: list[Trial]) -> None:
        self.check()
        pause = HURRY_SECONDS if self._left <= self._few else POLL_SECONDS
        if not self.stop.now and time.monotonic() - self._asked >= pause:
            self._pulse.check()
            self.collect()
            if self.attention is not None:
                working = any(trial.status == Trial.RUNNING for trial in trials)
                self.attention.look(working or self.stop.now)

    def on_trial_recover(
        self, iteration: int, trials: list[Trial], trial: Trial, **info: object
    ) -> None:
        """A worker died and Tune is about to restart it: now its block may go to another."""
        cause = _cause_of_death(Path(trial.error_file).read_text())
        self._dispatcher.bury.remote(str(trial), cause)

    def collect(self) -> News:
        """Show `watch` every block that has ended since the last call; see to what comes next."""
        news = self._news()
        self._left -= len(news.reports)
        for report in news.reports:
            done = pickle.loads(report)
            self._failed += done.failed
            self._watch(done)
        if self.gauges is not None:
            self.gauges.show(self._left, self._failed)
        if news.fault is not None or news.hopeless is not None:
            self.stop.now = True
        elif news.over and not self.stop.now:
            self._next_round()
        self._asked = time.monotonic()
        return news

    def _next_round(self) -> None:
        blocks = next(self._rounds, None)
        if blocks is None:
            self._dispatcher.close.remote()
            self.stop.now = True
        else:
            self._left = len(blocks)
            self._dispatcher.add.remote(blocks)

    def _news(self) -> News:
        """Ask the dispatcher, which has heard by then all that it was told before."""
        answer = self._dispatcher.news.remote()
        while True:
            try:
                news: News = ray.get(answer, timeout=BEAT_SECONDS)
                return news
            except GetTimeoutError:
                self._pulse.check(now=True)
            except RayActorError as error:
                self._pulse.check(now=True)
                raise ClusterLost("the process that hands out blocks died") from error


def _cause_of_death(failures: str) -> str:
    """One line from Tune's record of a trial's failures: the last one, without generic advice."""
    plain = re.sub(r"\x1b\[[\d;]*m", "", failures)
    lines = plain.rpartition("Failure # ")[2].splitlines()[1:]
    text = " ".join(line for line in lines if line and not line[0].isspace())
    return textwrap.shorten(text.partition(" Some common causes")[0], 400)


@contextmanager
def _variables_of_trials(variables: Mapping[str, str] | None) -> Iterator[None]:
    """Have Tune set other variables for its trials than its own; None keeps those.

    With any Ray starts every worker twice: to set them, and once more with them. So workers that
    inherit all they need are given none, {}.
    """
    if variables is None:
        yield
        return
    before = class_cache.DEFAULT_ENV_VARS, class_cache.ENV_VARS_TO_PROPAGATE
    kept = before if variables else ({}, set())
    class_cache.DEFAULT_ENV_VARS, class_cache.ENV_VARS_TO_PROPAGATE = (
        {**kept[0], **variables},
        kept[1],
    )
    try:
        yield
    finally:
        class_cache.DEFAULT_ENV_VARS, class_cache.ENV_VARS_TO_PROPAGATE = before


@contextmanager
def _quiet() -> Iterator[None]:
    """Have Tune not log its files and metrics, which a program around us may have Ray show."""
    logger = logging.getLogger("ray.tune")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)


@contextmanager
def _no_farewell_to_the_dead() -> Iterator[None]:
    """Have Tune not clean up after ClusterLost: it would wait for answers of a dead Ray."""
    clean_up = TuneController.cleanup

    def unless_lost(controller: TuneController) -> None:
        if not isinstance(sys.exc_info()[1], ClusterLost):
            clean_up(controller)  # type: ignore[no-untyped-call]

    TuneController.cleanup = unless_lost  # type: ignore[method-assign]
    try:
        yield
    finally:
        TuneController.cleanup = clean_up  # type: ignore[method-assign]


@contextmanager
def _scratch(folder: Path | None) -> Iterator[Path]:
    """A folder for Tune's own files, removed at the end."""
    if folder is None:
        with scratch.private("tune") as made:
            yield made
        return
    made = folder / f".tune-{uuid.uuid4().hex[:8]}"
    made.mkdir(parents=True)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)
