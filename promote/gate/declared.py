"""Limits of a judgement next to those that were on record before the sweep ran."""

from promote.gate.preset import Preset
from promote.gate.verdict import number
from store.records.experiment import Experiment


def against_declared(experiment: Experiment, preset: Preset) -> str:
    """Sentence on what was declared before the sweep ran, and what is judged by other limits.

    Empty for experiments of earlier versions, which declared nothing.
    """
    declared = experiment.declared
    if declared.configurations is None or declared.limits is None:
        return ""
    begun = (
        f"Declared before the sweep ran: {declared.configurations:,} configurations, "
        f"gate {declared.gate}"
    )
    if preset.name != declared.gate:
        return f"{begun}; judged by {preset.name}, which was chosen afterwards."
    changed = list(_changes(declared.limits, preset))
    if not changed:
        return f"{begun}, with these limits."
    return f"{begun}; since then: {', '.join(changed)}."


def _changes(limits: dict[str, float], preset: Preset) -> list[str]:
    """Limits that are others now, each as `spa 0.2 -> 0.3`."""
    changes = []
    for name in {**limits, **preset.checks}:
        before, now = (
            "off" if name not in checks else number(float(checks[name]))
            for checks in (limits, preset.checks)
        )
        if before != now:
            changes.append(f"{name} {before} -> {now}")
    return changes
