"""The profile that a judged run would become."""

import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numba
import numpy as np

from kernels import KERNEL_VERSION, METRICS
from kernels.portfolio.accuracy import PANEL_METRICS
from kernels.registry import Strategy
from kernels.registry import load as load_strategy
from promote.audit.git_tree import changed_code, commit
from promote.gate.judge import Judgement
from promote.profiles.parts import (
    ExperimentPart,
    GatePart,
    HoldoutPart,
    StrategyPart,
    WindowPart,
)
from promote.profiles.profile import Profile, one_line
from store.data import DataSpec, load
from store.errors import StoreError
from store.records import experiment as records
from store.records.experiment import Experiment, timestamp
from store.records.group import GroupRecord, Setting
from store.records.holdout import holdout_of
from store.records.run_row import RunRow
from store.registry import open_registry
from store.replay.configuration import settings_of
from store.replay.replay import group_of
from store.runs.columns import VERSION as SCHEMA_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Texts that a person gives with a promotion.

    Attributes:
        profile: name of the profile.
        by: who promotes.
        reason: why, in words.
        expected_impact: of using it, in words.
    """

    profile: str
    by: str
    reason: str = ""
    expected_impact: str = ""


def profile_of(root: Path, judgement: Judgement, wish: Wish) -> Profile:
    """Version 1 of a profile without a parent, until `apply` finds its place.

    Raises:
        StoreError: the gate has not let it pass, or the record lacks what has to be in a profile.
    """
    if not judgement.passed:
        raise StoreError(f"{judgement.ref}: the gate has refused it; nothing is promoted without")
    run, evidence = judgement.evidence["run"], judgement.evidence
    experiment = records.load(root, run["experiment_id"])
    group = group_of(experiment, run["run"])
    return Profile(
        profile=wish.profile,
        version=1,
        parent=None,
        kind="promotion",
        restores=None,
        promoted_at=timestamp(datetime.now(UTC)),
        promoted_by=one_line(wish.by, "--by"),
        strategy=_strategy(group),
        params=dict(run["params"]),
        settings=_settings(group, run),
        data=_data(group),
        symbol=group.symbol,
        timeframe=run["timeframe"],
        fingerprint=group.fingerprint,
        window=_window(group, run["run"]),
        holdout=_holdout(root, experiment, group, evidence.get("holdout") or {}),
        experiment=_experiment(experiment, run["run"]),
        config_hash=run["config_hash"],
        metrics={n: v for n, v in run["metrics"].items() if n in (*METRICS, *PANEL_METRICS)},
        gate=_gate(judgement),
        tried={
            "ledger": evidence.get("tried"),
            "compared": evidence.get("configurations"),
            "independent": evidence.get("independent"),
        },
        baseline=evidence.get("baseline"),
        reason=one_line(wish.reason, "--reason"),
        expected_impact=one_line(wish.expected_impact, "--expected-impact"),
        recommended=judgement.passed,
        approved=False,
        allow_dirty=bool(evidence.get("allow_dirty")),
        versions=_versions(experiment),
    )


def _data(group: GroupRecord) -> dict[str, object]:
    """The bars of a profile: of one symbol, or of a universe; that of a pair takes no new symbols.

    A pair is named by its places in the order of names, which a new symbol would shift.
    """
    if not group.data.get("universe"):
        return {**group.data, "symbols": [group.symbol]}
    if group.data.get("symbols") or not _has_pair(load_strategy(group.module)):
        return dict(group.data)
    (data,) = load(DataSpec.from_config(group.data))
    return {**group.data, "symbols": sorted(member.symbol for member in data.members)}


def _has_pair(strategy: Strategy) -> bool:
    """True of a pair, and of sleeves of which one is."""
    return strategy.contract == "pair" or any(_has_pair(own) for _, own in strategy.members)


def _strategy(group: GroupRecord) -> StrategyPart:
    return {
        "name": group.strategy,
        "module": group.module,
        "source_hash": group.source,
        "look_ahead": group.look_ahead,
    }


def _experiment(experiment: Experiment, run: int) -> ExperimentPart:
    return {
        "id": experiment.id,
        "run": run,
        "name": one_line(experiment.name, "name"),
        "hypothesis": one_line(experiment.hypothesis, "hypothesis"),
        "search": experiment.search["kind"],
        "seed": experiment.search["seed"],
    }


def _gate(judgement: Judgement) -> GatePart:
    return {
        "preset": judgement.preset.name,
        "changed": dict(judgement.preset.changed),
        "selected_by": judgement.evidence.get("selected_by"),
        "benchmark": judgement.evidence.get("benchmark"),
        "verdicts": [asdict(verdict) for verdict in judgement.verdicts],
    }


def _settings(group: GroupRecord, run: RunRow) -> dict[str, Setting]:
    """All settings; what is off is None, whether swept or not."""
    settings = settings_of(group, run)
    off = [
        name for name, value in settings.items() if isinstance(value, float) and math.isnan(value)
    ]
    return settings | dict.fromkeys(off)


def _window(group: GroupRecord, run: int) -> WindowPart:
    window = group.window_of(run)
    return {
        "role": window.role,
        "start": window.start,
        "stop": window.stop,
        "first": window.first,
        "last": window.last,
    }


def _holdout(
    root: Path, experiment: Experiment, group: GroupRecord, looked: Mapping[str, int | None]
) -> HoldoutPart:
    holdout = holdout_of(experiment.config, group)
    uses = looked.get("looks")
    if uses is None:
        uses = open_registry(root).holdout_count(group.symbol, group.fingerprint)
    after = max(window.last for window in group.windows)
    if isinstance(holdout, str):
        return {"date": holdout, "after": after, "uses": uses}
    return {"fraction": holdout, "after": after, "uses": uses}


def _versions(experiment: Experiment) -> dict[str, object]:
    return {
        "code": _code(),
        "swept_with": experiment.versions.get("code"),
        "kernel": KERNEL_VERSION,
        "schema": SCHEMA_VERSION,
        "python": platform.python_version(),
        "cpu": experiment.versions.get("cpu"),
        "numpy": np.__version__,
        "numba": numba.__version__,
    }


def _code() -> str | None:
    """The commit of the checkout, with `+` when files differ from it; None outside a checkout."""
    head = commit()
    return f"{head}+" if head and changed_code(()) else head
