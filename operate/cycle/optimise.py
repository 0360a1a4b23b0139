"""Optimise: a bounded sweep round the champion, in a process of its own, counted by the ledger."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from operate.records.desk import Place
from promote.profiles.profile import Profile
from store.commands import override
from store.errors import StoreError
from store.records import experiment as records

STEPS = 5
"""Values of each parameter: the champion's, and two on either side."""
SPREAD = 0.4
"""Share of a parameter's value that they reach to either side."""
MOST = 500
SECONDS = 3_600
PROJECT = Path(__file__).resolve().parent.parent.parent


def sweep_words(profile: Profile, root: Path, end: str) -> list[str]:
    """Words of `python -m sweeper -m` for a walk-forward sweep round a profile.

    Args:
        profile: the champion.
        root: of the store.
        end: last day that it may read, ISO: yesterday.
    """
    words = [
        *_strategy_words(profile),
        override("strategy.direction", profile.settings.get("direction") or "long"),
        f"data={profile.data['source']}",
        override("data.symbols", [profile.symbol]),
        override("data.end", end),
        override("data.timeframe", profile.timeframe),
        override("store.root", str(root)),
        override("executor", "inline"),
        override("output", "none"),
        "search=random",
        override("search.n", MOST),
        override("name", f"improve-{profile.profile}"),
        override("hypothesis", f"a neighbour of {profile.ref} does better"),
    ]
    words += [
        override(f"data.{name}", profile.data[name])
        for name in ("path", "calendar", "start")
        if profile.data.get(name) is not None
    ]
    for section, names in SECTIONS.items():
        words += [
            override(f"{section}.{name}", profile.settings.get(name))
            for name in names
            if name in profile.settings
        ]
    return words + [
        f"params.{name}={','.join(repr(value) for value in values)}"
        for name, values in neighbours(profile.params).items()
    ]


BUILT_IN = "kernels.strategies."
SECTIONS = {
    "risk": ("stop_loss", "take_profit", "trailing_stop", "risk_fraction"),
    "costs": ("commission", "slippage"),
}


def _strategy_words(profile: Profile) -> list[str]:
    """The config group of a built-in strategy, or the dotted module of another one."""
    module = str(profile.strategy["module"])
    if module.startswith(BUILT_IN) or "." not in module:
        return [f"strategy={module.removeprefix(BUILT_IN)}"]
    return ["strategy=custom", override("strategy.module", module)]


def neighbours(params: dict[str, Any]) -> dict[str, list[object]]:
    """Values of each parameter round a champion's, ascending and different; lengths stay whole."""
    result: dict[str, list[Any]] = {}
    for name, value in params.items():
        steps = [1 + SPREAD * (2 * k / (STEPS - 1) - 1) for k in range(STEPS)]
        if float(value).is_integer():
            reach = max(2, round(abs(value) * SPREAD))
            half = STEPS // 2
            whole = {round(value + reach * (k - half) / half) for k in range(STEPS)}
            result[name] = sorted(each for each in whole if each >= 1 or value < 1)
        else:
            result[name] = sorted({float(value * step) for step in steps})
    return result


def sweep(place: Place, profile: Profile, end: str) -> str:
    """Sweep round a profile; the experiment's id.

    Raises:
        StoreError: the sweep failed; its last line says why.
    """
    before = {each.id for each in records.every(place.root)}
    command = [sys.executable, "-m", "sweeper", "-m", *sweep_words(profile, place.root, end)]
    _run(command)
    made = [each for each in records.every(place.root) if each.id not in before]
    if not made:
        raise StoreError(f"{profile.ref}: the sweep round it has left no experiment")
    return max(made, key=lambda each: each.created).id


def judge(place: Place, profile: Profile, experiment: str, preset: str) -> dict[str, object]:
    """The gate's JSON on the best of a sweep, with the champion's run as the baseline."""
    champion = profile.experiment
    command = [
        *(sys.executable, "-m", "promote", "check", experiment, "--gate", preset, "--json"),
        *("--baseline", f"{champion['id']}/{champion['run']}", "--root", str(place.root)),
        "--allow-dirty",
    ]
    done = _run(command, ok=(0, 3))
    result: dict[str, object] = json.loads(done.stdout)
    return result


def _run(command: list[str], ok: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
    import os

    paths = [str(PROJECT), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise StoreError(f"{command[2]}: took more than {SECONDS} s; bound the sweep") from None
    if done.returncode not in ok:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise StoreError(f"{' '.join(command[1:4])} ended with {done.returncode}: {lines[-1]}")
    return done
