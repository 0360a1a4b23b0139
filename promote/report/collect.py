"""The report of a promotion, from the profile and what the gate said."""

from pathlib import Path

from kernels.series.bars import Series
from promote.gate.judge import Judgement
from promote.profiles.diff import param_changes
from promote.profiles.profile import Profile
from promote.profiles.replay import bars_of, configuration, metrics_on, replay, series_of, span_of
from promote.report.canary import canary
from promote.report.report import Report
from store.query.results import Results
from store.records import experiment as records
from store.replay.buy_and_hold import hold, hold_settings
from store.replay.configuration import one_of
from store.replay.replay import Replay, group_of, replay_of

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
            profile.number("slippage"),
            replay(profile, series).returns((start, stop)),
            profile.number("periods_per_year"),
        ),
    )


def _baseline(
    root: Path, profile: Profile, parent: Profile | None, series: Series
) -> tuple[str, Replay]:
    """Benchmark to compare with, in words, and ready to run."""
    if profile.baseline == HOLD:
        return "buying and holding", hold(series, hold_settings(profile.settings))
    if profile.baseline is not None:
        results = Results(root)
        reference = results.resolve(profile.baseline)
        run = results.run(str(reference))
        return f"run {reference}", replay_of(reference.experiment, run, series)
    if parent is not None:
        return f"{parent.ref}, the version before", replay(parent, series)
    return "the strategy's defaults", _defaults(root, profile, series)


def _defaults(root: Path, profile: Profile, series: Series) -> Replay:
    """The baseline of the experiment, whether its run has finished or not."""
    experiment = records.load(root, profile.experiment["id"])
    group = group_of(experiment, profile.experiment["run"])
    configured = configuration(profile)
    baseline = one_of(configured.strategy, group.fixed, configured.shared)
    return Replay.of(baseline, series)
