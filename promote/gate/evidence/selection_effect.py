"""Selection effect: the figure that a candidate was chosen by, which luck has its part in.

A peak was chosen by its own Sharpe ratio, a plateau by the median over its neighbourhood. Luck
lifts the best of what was compared, so that is what has to be above luck, by the luck of its kind:
medians of configurations that resemble each other vary less than peaks do.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kernels.jit.array_types import Bools
from promote.candidates.judged_sample import Floats, Ints
from promote.candidates.selection import medians, neighbours_of
from promote.gate.evidence.candidate import Candidate
from promote.statistics import kin, median_bars, variance_across

MOST = 4096
"""Neighbourhoods that tell how many independent ones there are, drawn at random from more."""


@dataclass(frozen=True, eq=False)
class Choice:
    """The choice of a candidate.

    Attributes:
        candidate: the one that was chosen.
        selected_by: one of `promote.candidates.selection.WAYS`; None: it was named, and may well be
            a peak.
        min_trades: a configuration with fewer trades is excluded from neighbourhoods
            and does not compete.
    """

    candidate: Candidate
    selected_by: str | None
    min_trades: float = 0.0

    @cached_property
    def competing(self) -> Bools:
        """(n,) what the choice was made among: all that finished and trade enough, and itself.

        The rest cannot be promoted, so luck did not choose from it; the ledger counts it.
        """
        own = self.candidate
        runs = own.sample.candidates.runs
        finished = runs["finished"].to_numpy(zero_copy_only=False)
        allowed: Bools = finished & (
            own.sample.metric("trades") >= min(self.min_trades, own.trades)
        )
        allowed[own.place] = True
        return allowed

    @cached_property
    def kin(self) -> Ints:
        """Places of those among them that earn and lose at the same times; itself always."""
        blocks = self.candidate.sample.blocks
        return kin(blocks.sums, blocks.bars, self.candidate.place, self.competing)

    @property
    def competitors(self) -> int:
        """Number of configurations that compete."""
        return int(self.competing.sum())

    @property
    def chosen_sharpe(self) -> float:
        """Sharpe ratio per bar that it was chosen by: its own, or the median around it."""
        return float(self._compared[self.candidate.place]) / self._bars_root

    @cached_property
    def chosen_bars(self) -> float:
        """Bars of a single record that is as exact; see `median_bars`."""
        if self.chosen_among == 1:
            return float(self.candidate.bars)
        blocks = self.candidate.sample.blocks
        return median_bars(blocks.sums[:, self._members], blocks.bars)

    @property
    def chosen_among(self) -> int:
        """Configurations that the median is over; 1 where its own Sharpe ratio is meant."""
        return self._members.size

    @cached_property
    def chosen_sums(self) -> Floats:
        """(S, m) block sums of what was compared; of neighbourhoods held in equal parts, `MOST`."""
        sums = self.candidate.sample.blocks.sums
        if self.selected_by != "plateau":
            return sums
        places = np.flatnonzero(~np.isnan(self._compared))
        if places.size > MOST:
            places = np.sort(np.random.default_rng(0).choice(places, MOST, replace=False))
        parts = neighbours_of(self.candidate.sample, places, self.min_trades)
        return np.concatenate([_held(sums, near) for near in parts], axis=1)

    @property
    def chosen_variance(self) -> float:
        """Variance of the compared figures across all that could be chosen, per bar."""
        compared = self._compared[~np.isnan(self._compared)] / self._bars_root
        return variance_across(compared, self.chosen_bars)

    @cached_property
    def _compared(self) -> Floats:
        """(n,) annual Sharpe ratios, or the medians around them."""
        sample = self.candidate.sample
        if self.selected_by == "plateau":
            return medians(sample, self.min_trades)
        return sample.metric("sharpe")

    @cached_property
    def _members(self) -> Ints:
        own = self.candidate
        if self.selected_by == "plateau":
            (near,) = neighbours_of(own.sample, np.array([own.place]), self.min_trades)
            return near[near >= 0]
        return np.array([own.place])

    @property
    def _bars_root(self) -> float:
        return math.sqrt(self.candidate.periods_per_year)


def _held(sums: Floats, near: Ints) -> Floats:
    """(S, p) block sums of p neighbourhoods, (p, k) or -1, each held in equal parts."""
    there = near >= 0
    held = np.zeros((len(sums), len(near)))
    for column, values in zip(near.T, there.T, strict=True):
        held += np.where(values, sums[:, column], 0.0)
    held /= there.sum(axis=1)
    return held
