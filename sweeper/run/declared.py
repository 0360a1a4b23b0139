"""Declaration before the first run: how many configurations, and by which limits they are judged.

What a sweep was meant to do is on record before any of its results is: `promote check` names every
limit that is another one by then.
"""

from pathlib import Path

import yaml

from store.records.declared import DeclaredRecord
from sweeper.plan.plan import Plan

GATE = "standard"
"""The preset that judges unless another is asked for."""
FOLDER = Path(__file__).resolve().parents[2] / "conf" / "gate"


def declared(plan: Plan) -> DeclaredRecord:
    """Declaration, as an experiment's record holds it; without limits where there are none.

    Args:
        plan: what is about to run.
    """
    try:
        values = yaml.safe_load((FOLDER / f"{GATE}.yaml").read_text())
    except (OSError, yaml.YAMLError):  # the gate itself says what is wrong with its file
        values = None
    limits = values.get("checks") if isinstance(values, dict) else None
    own_limits = limits if isinstance(limits, dict) else {}
    numbers = {str(k): float(v) for k, v in own_limits.items() if isinstance(v, int | float)}
    return DeclaredRecord(configurations=plan.configurations, gate=GATE, limits=numbers)
