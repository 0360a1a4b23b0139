"""A program with a Ray of its own that sweeps in all the ways a program can: prints JSON lines.

`python -m tests.sweeper.hosting FOLDER`; its Ray has two cores and listens on localhost only.
"""

import hashlib
import io
import json
import os
import sys
import threading
import time
from contextlib import redirect_stdout
from pathlib import Path

import ray

from store.luck import measuring
from store.query.results import Results
from store.runs.parquet import encode
from sweeper.executors import select
from sweeper.executors.ray import attention, auth
from sweeper.executors.ray.cluster import _environment, _only_localhost
from sweeper.sweep import sweep

WORDS = ("strategy=sma", "params.fast=range(5,35)", "params.slow=range(40,70)")
ONE = "ray.workers=1"  # where their number is not the question: each takes seconds to start


def rows(root):
    """A digest of the rows of the latest sweep, by run number."""
    table = Results(root).runs("latest").sort_by("run")
    rows = encode(table.drop_columns(["experiment_id"]).combine_chunks())
    return hashlib.sha256(rows).hexdigest()


def swept(root, *words, out=None):
    """What a sweep comes to: status, rows and words, or the error's line."""
    out = out or io.StringIO()
    measuring.HISTORIES = measuring.HISTORIES[-1:]  # luck is not the question
    try:
        with redirect_stdout(out):
            experiment = sweep(*WORDS, *words, f"store.root={root}")
    except Exception as error:  # noqa: BLE001 -- shown to the test
        return {"error": f"{type(error).__name__}: {error}"}
    return {"status": experiment.status, "rows": rows(root), "out": out.getvalue()}


@ray.remote
class Counter:
    """The program's own actor, which must outlive every sweep."""

    def __init__(self):
        self._count = 0

    def count(self):
        self._count += 1
        return self._count

    def sweep(self, *words):
        return swept(*words)


@ray.remote
def in_a_task(root, *words, at_once=False):
    if at_once:
        select.INLINE_SECONDS = 0.0
    return swept(root, *words)


@ray.remote
def hold(released):
    """Keep a core until a file is there, two minutes at most."""
    end = time.monotonic() + 120
    while not released.exists() and time.monotonic() < end:
        time.sleep(0.05)


class Until(io.StringIO):
    """Writes a file once words have been said, however the lines are broken."""

    def __init__(self, words, file):
        super().__init__()
        self._words, self._file = words, file

    def write(self, text):
        written = super().write(text)
        if self._words in " ".join(self.getvalue().split()):
            self._file.touch()
        return written


class Cases:
    """Each method is a case; its answer is printed under the method's name."""

    def __init__(self, folder):
        self.folder = folder
        self.mine = Counter.remote()

    def in_this_process(self):
        return swept(self.folder / "inline", "executor=inline")

    def by_the_driver(self):
        return swept(self.folder / "driver", "executor=ray")

    def by_auto_when_it_is_big(self):
        select.INLINE_SECONDS = 0.0
        try:
            return swept(self.folder / "auto", "executor=auto")
        finally:
            select.INLINE_SECONDS = 5.0

    def at_the_address_auto(self):
        return swept(self.folder / "address", "ray.address=auto", ONE)

    def at_its_own_address(self):
        address = ray.get_runtime_context().gcs_address
        return swept(self.folder / "own", f"ray.address={address}", ONE)

    def at_another_address(self):
        return swept(self.folder / "other", "ray.address=127.0.0.1:1")

    def with_a_number_of_cores(self):
        return swept(self.folder / "cores", "executor=ray", "ray.num_cpus=2")

    def with_packages(self):
        return swept(self.folder / "install", "executor=ray", "ray.install=true")

    def inside_a_task(self):
        return ray.get(in_a_task.remote(self.folder / "task", "executor=ray"))

    def inside_an_actor(self):
        actor = Counter.options(num_cpus=1).remote()
        answer = ray.get(actor.sweep.remote(self.folder / "actor", "executor=ray"))
        ray.kill(actor)
        return answer

    def inside_a_task_that_holds_every_core(self):
        every = in_a_task.options(num_cpus=2)
        return ray.get(every.remote(self.folder / "every", "executor=auto", at_once=True))

    def on_ray_inside_a_task_that_holds_every_core(self):
        every = in_a_task.options(num_cpus=2)
        return ray.get(every.remote(self.folder / "never", "executor=ray"))

    def with_a_resource(self):
        words = ("executor=ray", "ray.resources={gpu_node: 0.6}", "ray.namespace=desk")
        return swept(self.folder / "resource", *words)

    def while_others_hold_every_core(self):
        released = self.folder / "released"
        held = [hold.remote(released) for _ in range(2)]
        while ray.available_resources().get("CPU", 0) >= 1:
            time.sleep(0.05)
        attention.WAIT_SECONDS = attention.LOOK_SECONDS = 0.5
        out = Until("waiting for cores", released)
        try:
            return swept(self.folder / "wait", "executor=ray", ONE, out=out)
        finally:
            released.touch()
            ray.get(held)

    def in_two_threads(self):
        answers = {}

        def run(name):
            words = (*WORDS, "executor=ray", ONE)
            experiment = sweep(*words, f"store.root={self.folder / name}")
            answers[name] = {"status": experiment.status, "rows": rows(self.folder / name)}

        threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers


def main(folder):
    with _environment(auth.for_a_new_ray()), _only_localhost():
        auth.take_effect()
        ray.init(
            num_cpus=2, resources={"gpu_node": 1}, include_dashboard=False, log_to_driver=False
        )
    cases = Cases(folder)
    for name in [name for name in vars(Cases) if not name.startswith("_")]:
        answer = getattr(cases, name)()
        mine = ray.get(cases.mine.count.remote())
        print(
            json.dumps({"case": name, "answer": answer, "mine": mine}),
            file=sys.__stdout__,
            flush=True,
        )
    ray.shutdown()


if __name__ == "__main__":
    os.environ.pop("RAY_ADDRESS", None)
    main(Path(sys.argv[1]))
