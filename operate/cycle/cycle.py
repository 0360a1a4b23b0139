"""The cycle: analyse, identify, optimise, gate, propose. It never deploys.

The budget of false proposals is spent over all cycles of a profile (LORD++): a daily cycle at 2 %
each would propose seven flukes a year.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from operate.alerts.bands import REFERENCE, row
from operate.alerts.outbox import alert
from operate.cycle import optimise
from operate.cycle.analyse import Number, analyse
from operate.cycle.identify import Finding, identify
from operate.cycle.log import note
from operate.cycle.proposal import proposal_text
from operate.monitors.watch import watch
from operate.records.clock import iso
from operate.records.desk import Place
from operate.records.paths import proposals_folder
from operate.shadow.shadow import shadow
from operate.statistics.false_promotions import next_level
from operate.target.target import in_force
from promote.profiles.files import find
from promote.profiles.profile import Profile
from store.files import local
from store.registry.operation import document, edit, happen

BUDGET = 0.1
"""Expected share of false proposals among all."""
DAYS = 30
P_VALUES = ("evidence", "permutation", "spa")
"""Checks whose observed value is the chance of luck, the best first."""


@dataclass(frozen=True)
class Cycle:
    """One cycle of one profile.

    Attributes:
        profile: REF.
        numbers: of the analysis.
        findings: by priority.
        bands: the references' alert table.
        level: that the gate's chance of luck had to keep; None when nothing was tried.
        chance: of luck, by the gate; None when nothing was tried.
        experiment: id of the sweep; empty when nothing was tried.
        proposal: file of the proposal; empty without one.
        summary: in a sentence.
    """

    profile: str
    numbers: list[Number]
    findings: list[Finding]
    bands: list[dict[str, object]]
    level: float | None
    chance: float | None
    experiment: str
    proposal: str
    summary: str

    def row(self) -> dict[str, object]:
        """As JSON types."""
        return {
            "profile": self.profile,
            "numbers": [each.row() for each in self.numbers],
            "findings": [each.row() for each in self.findings],
            "bands": self.bands,
            "level": self.level,
            "chance": self.chance,
            "experiment": self.experiment,
            "proposal": self.proposal,
            "summary": self.summary,
        }


def run_cycle(
    place: Place, name: str, config: Mapping[str, Any] | None = None, *, kind: str = "cycle"
) -> Cycle:
    """Run one cycle.

    Args:
        place: where.
        name: of the profile, or a REF.
        config: `days` of the analysis, `gate` preset, `force` to sweep without a finding.
        kind: `hyperparameter` sweeps whatever is found.
    """
    options = dict(config or {})
    profile = (in_force(place, name) if "/" not in name else None) or find(
        place.desk.profiles, name
    )
    shadow(place, profile)
    result = watch(place, profile)
    numbers = analyse(place, result, int(options.get("days", DAYS)))
    findings = identify(numbers, result)
    note(place, f"{profile.ref}: {len(numbers)} numbers, {len(findings)} findings")
    for finding in findings:
        facts = {**finding.row(), "reason": finding.sentence}
        happen(place.registry, ("improvement finding", profile.profile, facts))
        note(place, f"{profile.ref}: priority {finding.priority}: {finding.sentence}")
    starts = any(each.starts for each in findings) or options.get("force") or kind != "cycle"
    bands = _bands(numbers)
    _warn(place, profile, bands)
    if not starts:
        summary = f"{profile.ref}: nothing beyond luck; nothing was tried"
        note(place, summary)
        return Cycle(profile.ref, numbers, findings, bands, None, None, "", "", summary)
    return _tried(place, profile, numbers, findings, bands, str(options.get("gate", "standard")))


def _tried(
    place: Place,
    profile: Profile,
    numbers: list[Number],
    findings: list[Finding],
    bands: list[dict[str, object]],
    preset: str,
) -> Cycle:
    level = next_level(budget_history(place, profile.profile), BUDGET)
    end = f"{place.now - pd.Timedelta(1, 'D'):%Y-%m-%d}"
    happen(place.registry, ("improvement started", profile.profile,
                            {"reason": findings[0].sentence if findings else "asked for",
                             "level": level}))  # fmt: skip
    experiment = optimise.sweep(place, profile, end)
    judged = optimise.judge(place, profile, experiment, preset)
    chance = chance_of(judged)
    proposes = bool(judged["passed"]) and chance is not None and chance <= level
    spend(place, profile.profile, proposes)
    file = ""
    if proposes:
        file = _propose(place, profile, judged, level, chance or 0.0, findings)
    word = "proposed" if proposes else "not proposed"
    luck = "unknown" if chance is None else f"{chance:.4g}"
    summary = (
        f"{profile.ref}: {judged['ref']} {word}: gate {'passed' if judged['passed'] else 'failed'},"
        f" chance of luck {luck}, this cycle may spend {level:.4g}"
    )
    happen(place.registry, ("improvement ended", profile.profile,
                            {"reason": summary, "experiment": experiment, "level": level,
                             "proposal": file}))  # fmt: skip
    note(place, summary)
    return Cycle(profile.ref, numbers, findings, bands, level, chance, experiment, file, summary)


def chance_of(judged: Mapping[str, Any]) -> float | None:
    """The chance of luck that the gate has measured; None where it has not."""
    verdicts = {each["check"]: each["observed"] for each in judged["verdicts"]}
    for name in P_VALUES:
        value = verdicts.get(name)
        if isinstance(value, (int, float)) and math.isfinite(value) and 0 <= value <= 1:
            return float(value)
    return None


def budget_history(place: Place, profile: str) -> list[bool]:
    """History of the budget: for each try so far, oldest first, true when it led to a proposal."""
    return list(document(place.registry, "budget", profile).facts.get("tries", []))


def spend(place: Place, profile: str, proposes: bool) -> None:
    """Count one more try, whatever came of it."""
    edit(
        place.registry, "budget", profile,
        lambda old: {"tries": [*old.get("tries", []), proposes], "budget": BUDGET},
    )  # fmt: skip


def _propose(
    place: Place,
    profile: Profile,
    judged: Mapping[str, object],
    level: float,
    chance: float,
    findings: list[Finding],
) -> str:
    text = proposal_text(place, profile, judged, level, chance, findings)
    folder = proposals_folder(place.root)
    path = folder / f"{profile.profile}-{str(judged['ref']).replace('/', '-')}.md"
    local.make_folder(folder)
    local.replace(path, text.encode())
    facts = {"reason": f"{judged['ref']} for {profile.ref}", "file": str(path), "chance": chance}
    happen(place.registry, ("improvement proposal", profile.profile, facts))
    alert(place, f"proposal {path.name}", "improvement proposal", profile.profile,
          f"{judged['ref']} is proposed for {profile.ref}; read {path}")  # fmt: skip
    return str(Path(path))


def _bands(numbers: list[Number]) -> list[dict[str, object]]:
    """The references' table on this analysis."""
    names = {"win_rate": "shadow win rate", "sharpe": "live Sharpe ratio",
             "max_drawdown": "shadow drawdown", "model_accuracy": "accuracy"}  # fmt: skip
    rows = []
    for band in REFERENCE:
        result = next((each for each in numbers if each.name.endswith(names[band.metric])), None)
        value, error = (None, None) if result is None else (result.value, result.error)
        true = (
            band.warn if result is None or not math.isfinite(result.expected) else result.expected
        )
        rows.append(row(band, value, error, true))
    return rows


def _warn(place: Place, profile: Profile, bands: list[dict[str, object]]) -> None:
    for each in bands:
        if each["band"] == "critical":
            key = f"band {profile.ref} {each['metric']} {iso(place.now)[:10]}"
            alert(place, key, "alert band critical", profile.profile,
                  f"{each['metric']} is {each['value']:.3g}; {each['alarms_honest']:.0%} of honest "
                  "profiles are called critical at this length")  # fmt: skip
