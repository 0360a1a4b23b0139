"""Ray Tune with a trial per configuration. `... N [reuse]`: how many points, and how.

As its tutorials have it every trial starts a process; with `reuse` a process takes the next one.
"""

import os
import sys

os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")

import ray
from ray import tune

from benchmarks.field.points import points, sharpe, wanted


def trial(config: dict[str, dict[str, int]]) -> dict[str, float]:
    """One configuration."""
    return {"sharpe": sharpe(**config["point"])}


def main() -> None:
    """Run one trial for each point."""
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    found = tune.Tuner(
        trial,
        param_space={
            "point": tune.grid_search([{"fast": f, "slow": s} for f, s in points(wanted())])
        },
        tune_config=tune.TuneConfig(reuse_actors="reuse" in sys.argv),
        run_config=tune.RunConfig(verbose=0),
    ).fit()
    best = found.get_best_result("sharpe", "max").metrics
    assert best is not None
    print(best["sharpe"])
    ray.shutdown()


if __name__ == "__main__":
    main()
