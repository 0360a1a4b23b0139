"""Answer questions about one engine, one line of JSON each, until the input ends."""

import importlib
import json
import os
import resource
import sys
import warnings
from typing import Any

ENGINES = {
    "sweeper": "benchmarks.peers.with_sweeper",
    "vectorbt": "benchmarks.peers.with_vectorbt",
    "vectorbt-rust": "benchmarks.peers.with_vectorbt",
    "backtesting": "benchmarks.peers.with_backtesting",
}


def peak_megabytes() -> float:
    """Largest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def answer(engine: Any, question: dict[str, Any]) -> dict[str, Any]:
    """What an engine says: to `about`, `load`, `parity` or `time`."""
    kind = question.pop("ask")
    if kind == "about":
        return {"versions": engine.versions(), "megabytes": peak_megabytes()}
    reply: dict[str, Any] = getattr(engine, kind)(**question)
    return reply | {"megabytes": peak_megabytes()}


def main(name: str, core: str) -> None:
    """Serve one engine on one core; what its libraries print goes to the error output."""
    os.sched_setaffinity(0, {int(core)})
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    engine = importlib.import_module(ENGINES[name]).start(name)
    for line in sys.stdin:
        print(json.dumps(answer(engine, json.loads(line))), file=replies, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
