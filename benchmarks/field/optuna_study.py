"""Optuna's study.optimize over the same grid, by its GridSampler. `... N`: how many points."""

import optuna

from benchmarks.field.points import FAST, points, sharpe, wanted


def main() -> None:
    """Ask for every point, in this process."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    asked = points(wanted())
    space = {"fast": sorted({fast for fast, _ in asked}), "slow": sorted({s for _, s in asked})}
    assert len(space["fast"]) * len(space["slow"]) == len(asked), f"a multiple of {FAST}, please"

    def objective(trial: optuna.Trial) -> float:
        fast = trial.suggest_categorical("fast", space["fast"])
        return sharpe(fast, trial.suggest_categorical("slow", space["slow"]))

    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.GridSampler(space, seed=0)
    )
    study.optimize(objective, n_trials=len(asked))
    print(study.best_value)


if __name__ == "__main__":
    main()
