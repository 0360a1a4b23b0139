"""The report of a promotion, from the profile and what the gate said."""

from pathlib import Path

import numpy as np

from kernels.portfolio.settings import settings_from
from kernels.registry import load as load_strategy
from kernels.series.bars import Series
from promote.gate.judge import Judgement
from promote.profiles.diff import param_changes
from promote.profiles.profile import Profile
from promote.profiles.replay import bars_of, metrics_on, replay, series_of, span_of
from promote.report.canary import canary
from promote.report.report import Report
from store.files.order_keys import field_of
from store.query.results import Results
from store.records import experiment as records
from store.replay.buy_and_hold import hold_settings
from store.replay.replay import Replay, group_of, param_names, replay_of
from store.replay.trusted import require_known
from store.runs.columns import PARAMS

HOLD = "buy-and-hold"


def report_of(root: Path, profile: Profile, parent: Profile | None, judgement: Judgement) -> Report:
    """The report of a version that is about to be written.

    It is compared with the baseline that the gate was given, else with the version before, else
    with the strategy's defaults; whichever it is runs again on the candidate's window.
    """
    series = series_of(bars_of(profile))
    against, other = _baseline(root, profile, parent, series)
    start, stop = span_of(profile)
    return Report(
        profile=profile,
        judgement=judgement,
        changes=param_changes(parent, profile),
        against=against,
        baseline=metrics_on(other, (start, stop)),
        canary=canary(
            profile.metrics,
            profile.settings["slippage"],
            replay(profile, series).returns((start, stop)),
            profile.settings["periods_per_year"],
        ),
    )


def _baseline(
    root: Path, profile: Profile, parent: Profile | None, series: Series
) -> tuple[str, Replay]:
    """Benchmark to compare with, in words, and ready to run."""
    if profile.baseline == HOLD:
        return "buying and holding", _holding(profile, series)
    if profile.baseline is not None:
        results = Results(root)
        found = results.resolve(profile.baseline)
        run = results.run(str(found))
        return f"run {found}", replay_of(found.experiment, run, series)
    if parent is not None:
        return f"{parent.ref}, the version before", replay(parent, series)
    return "the strategy's defaults", _defaults(root, profile, series)


def _holding(profile: Profile, series: Series) -> Replay:
    settings = hold_settings(profile.settings)
    return Replay(series, load_strategy("buy_hold"), np.empty(0), settings)


def _defaults(root: Path, profile: Profile, series: Series) -> Replay:
    """The baseline of the experiment, whether its run has finished or not."""
    experiment = records.load(root, profile.experiment["id"])
    fixed = group_of(experiment, profile.experiment["run"]).fixed
    require_known(profile.strategy["module"], profile.ref)
    strategy = load_strategy(profile.strategy["module"])
    params = np.array([fixed[PARAMS + name] for name in param_names(strategy)], np.float64)
    own = {field_of(name): v for name, v in fixed.items() if not name.startswith(PARAMS)}
    return Replay(series, strategy, params, settings_from({**profile.settings, **own}))
