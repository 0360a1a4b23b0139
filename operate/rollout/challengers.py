"""Champion and challengers: frozen versions on the same bars, judged by the paired difference.

Arms of one market are not randomised, so splitting capital tests nothing: both arms see one path of
prices. The difference of their returns on the same bars has a far smaller variance.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from operate.monitors.promise import returns_of
from operate.records.clock import utc
from operate.records.desk import Place
from operate.shadow import state
from operate.shadow.shadow import shadow
from operate.statistics.betting import SHOWN, e_process, scaled
from operate.statistics.horizon import sharpe_error, years_to_tell
from promote.profiles.files import find
from promote.profiles.profile import Profile
from store.errors import StoreError
from store.files.paths import check_name
from store.registry.operation import Document, document, documents, write

KIND = "challenger"


@dataclass(frozen=True)
class Duel:
    """A challenger against its champion, on fresh bars of both.

    Attributes:
        test: its name.
        control: REF of the champion; treatment that of the challenger.
        bars: fresh ones of both.
        difference: mean of the challenger's return less the champion's, per bar.
        evidence: e-process that the challenger is better; 20 shows it at 5 %, at any look.
        against: e-process that it is worse.
        correlation: of the two.
        years: until such a difference is told, one-sided 5 %, power 80 %.
        status: running, better or worse.
    """

    test: str
    control: str
    treatment: str
    bars: int
    difference: float
    evidence: float
    against: float
    correlation: float
    years: float
    status: str

    def row(self) -> dict[str, object]:
        """As JSON types; what is not finite is null."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {k: None if isinstance(v, float) and not np.isfinite(v) else v
                for k, v in values.items()}  # fmt: skip


def start(place: Place, test: str, control: str, treatment: str) -> Document:
    """Freeze a pair of versions on the same symbol and timeframe.

    Raises:
        StoreError: the test is there, or they trade other bars.
    """
    check_name(test, "test")
    ours, theirs = (find(place.desk.profiles, ref) for ref in (control, treatment))
    if (ours.symbol, ours.timeframe) != (theirs.symbol, theirs.timeframe):
        raise StoreError(
            f"{test}: {theirs.ref} trades {theirs.symbol} {theirs.timeframe}, {ours.ref} trades "
            f"{ours.symbol} {ours.timeframe}; a challenger needs the same bars"
        )
    old = document(place.registry, KIND, test)
    if old.version:
        raise StoreError(f"{test}: is there already; choose another name")
    facts = {"control": ours.ref, "treatment": theirs.ref, "status": "running",
             "improvement_percent": None}  # fmt: skip
    event = ("challenger started", test, {**facts, "reason": f"{theirs.ref} against {ours.ref}"})
    return write(place.registry, old, facts, event)


def judge(place: Place, test: Document) -> Duel:
    """Shadow both, compare them, and note what is shown."""
    refs = str(test.facts["control"]), str(test.facts["treatment"])
    ours, theirs = (_returns(place, find(place.desk.profiles, ref)) for ref in refs)
    both = ours.index.intersection(theirs.index)
    pair = ours.loc[both].to_numpy(float), theirs.loc[both].to_numpy(float)
    duel = _duel(test.name, refs, pair)
    if duel.status != test.facts["status"]:
        mean = abs(float(pair[0].mean())) or np.nan
        change = duel.difference / mean * 100 if np.isfinite(mean) else None
        facts = {**test.facts, "status": duel.status, "improvement_percent": change}
        event = ("challenger judged", test.name, {**facts, "reason": f"{duel.bars} bars"})
        write(place.registry, test, facts, event)
    return duel


def all_of(place: Place) -> list[Document]:
    """All tests there are."""
    return documents(place.registry, KIND)


def _returns(place: Place, profile: Profile) -> Any:
    """Return per bar by time, on fresh bars."""
    import pandas as pd

    kept = shadow(place, profile).shadow
    equity = state.table_of(place.root, kept)["equity"].dropna()
    capital = profile.number("initial_capital")
    returns = pd.Series(returns_of(equity.to_numpy(float), capital), equity.index)
    return returns[returns.index > utc(kept.fresh_from)]


def _duel(test: str, refs: tuple[str, str], pair: tuple[Any, Any]) -> Duel:
    difference = pair[1] - pair[0]
    n = difference.size
    if n < 3 or not difference.std() > 0:
        return Duel(test, *refs, n, float(difference.mean()) if n else 0.0, 1.0, 1.0, np.nan,
                    np.inf, "running")  # fmt: skip
    scale = float(pair[0].std()) or 1e-4
    better = float(e_process(scaled(difference, scale)).max())
    worse = float(e_process(scaled(-difference, scale)).max())
    ratio, _ = sharpe_error(difference, 252.0)
    correlation = float(np.corrcoef(*pair)[0, 1]) if pair[1].std() > 0 else np.nan
    status = "better" if better >= SHOWN else "worse" if worse >= SHOWN else "running"
    return Duel(test, *refs, n, float(difference.mean()), better, worse, correlation,
                years_to_tell(ratio, 0.0), status)  # fmt: skip
