"""All five monitors of a profile at once, from its shadow and its live records."""

from dataclasses import dataclass

import numpy as np

from kernels.jit.array_types import Floats
from operate.monitors.account import Account, account_of
from operate.monitors.costs import costs
from operate.monitors.fidelity import fidelity
from operate.monitors.live import Live, live_of
from operate.monitors.promise import Promise, promise_of, returns_of
from operate.monitors.returns import decay, loss_budget, shortfall_verdict
from operate.monitors.verdict import Verdict
from operate.records.clock import utc
from operate.records.desk import Place
from operate.shadow import state
from promote.profiles.profile import Profile
from store.errors import UnknownReference


@dataclass(frozen=True, eq=False)
class Watch:
    """A look at a profile.

    Attributes:
        live: records and shadow.
        account: live.
        promise: of the profile.
        verdicts: by monitor.
    """

    live: Live
    account: Account
    promise: Promise
    verdicts: dict[str, Verdict]


def watch(place: Place, profile: Profile) -> Watch:
    """Look at a profile.

    Raises:
        UnknownReference: it has no shadow yet.
    """
    shadow = state.load(place.root, profile.profile, profile.version)
    if shadow is None:
        raise UnknownReference(
            f"{profile.ref}: has no shadow; run `python -m operate shadow {profile.ref}` first"
        )
    live = live_of(place, profile, shadow)
    promise, account = promise_of(place.root, profile, shadow), account_of(live)
    own = window_returns(live)
    rollout = live.rollout
    begun = 0 if rollout is None else int((live.table.index <= utc(rollout.since)).sum())
    limit = None if rollout is None else rollout.loss_limit
    verdicts = {
        "fidelity": fidelity(live),
        "costs": costs(live, promise.sigma, shadow.periods_per_year),
        "shortfall": shortfall_verdict(account, promise, own),
        "loss_budget": loss_budget(account, promise, own, limit),
        "decay": decay(account, promise, rollout, begun),
    }
    return Watch(live, account, promise, verdicts)


def window_returns(live: Live) -> Floats:
    """(n,) return per bar of the profile on its judged window."""
    equity = live.table["equity"].dropna()
    last = utc(live.profile.window["last"])
    capital = live.profile.number("initial_capital")
    return returns_of(equity[equity.index <= last].to_numpy(np.float64), capital)
