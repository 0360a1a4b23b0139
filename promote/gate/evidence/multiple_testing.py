"""A candidate among all that was tried: what the best of so many would show by luck."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from promote.candidates import significance
from promote.candidates.selection import neighbourhood
from promote.gate.evidence.benchmark import Rival
from promote.gate.evidence.candidate import Candidate
from promote.gate.evidence.selection_effect import Choice
from promote.gate.verdict import Absent
from promote.statistics import (
    Overfitting,
    Permutation,
    effective_number,
    scaled_number,
)
from store.ledger import ledger
from store.ledger.tried_keys import subjects_of
from store.records.comparable_groups import pools
from store.records.experiment import Experiment


@dataclass(frozen=True, eq=False)
class Search:
    """The search that a candidate was chosen from.

    Attributes:
        choice: the candidate, and what it was chosen by.
        asked: the experiment; the candidate's run may be of an earlier one that it grew from.
        benchmark: that the sweep has to beat; None is cash.
        draws: sweeps of shuffled bars that were asked for.
    """

    choice: Choice
    asked: Experiment
    benchmark: Rival | None
    draws: int

    @property
    def candidate(self) -> Candidate:
        """The one that was chosen."""
        return self.choice.candidate

    @property
    def configurations(self) -> int:
        """Finished ones on the same bars."""
        return len(self.candidate.sample.candidates.runs)

    @property
    def symbols(self) -> int:
        """Sets of bars and windows of the experiment, among which the choice was made, too."""
        return len(pools(self.asked))

    @cached_property
    def tried(self) -> int:
        """Configurations that the ledger counts on the experiment's data, by its strategies."""
        subjects = set(subjects_of(self.asked))
        counts = ledger.counts(self.candidate.sample.shelf.root)
        if not subjects or not all(counts.get(one) for one in subjects):
            raise ValueError("the ledger lacks this experiment: see `store ledger --verify`")
        return sum(counts[one] for one in subjects)

    @cached_property
    def independent(self) -> float:
        """Effective number of independent configurations, or neighbourhoods, among those tried."""
        bars = self.candidate.sample.blocks.bars
        effective = effective_number(self.choice.chosen_sums, bars)
        return scaled_number(effective, self.configurations, self.tried)

    @property
    def sharpe_spread(self) -> float:
        """From the 5 % to the 95 % quantile of their annual Sharpe ratios."""
        sharpes = self.candidate.sample.metric("sharpe")
        low, high = np.quantile(sharpes[~np.isnan(sharpes)], [0.05, 0.95]).tolist()
        return float(high - low)

    @property
    def spa_p(self) -> float:
        """Chance that the best of them is no better than the benchmark."""
        sample, benchmark = self.candidate.sample, self.benchmark
        rival = None if benchmark is None else benchmark.returns(sample.span)
        return significance.superiority(sample, rival)

    @property
    def loss_chance(self) -> float:
        """Share of the splits on which what is chosen in one half loses in the other."""
        return self._overfitting.prob_loss

    @property
    def pbo(self) -> float:
        """Share of the splits on which it is no better than the median there."""
        return self._overfitting.pbo

    @property
    def plateau_score(self) -> float:
        """Median Sharpe ratio of the candidate's neighbourhood over its own."""
        return neighbourhood(self.candidate.sample, self.candidate.place)

    @property
    def permutations(self) -> int:
        """Sweeps of shuffled bars."""
        if not self.draws:
            raise Absent("no sweeps of shuffled bars were asked for; --permutations 199")
        return self.draws

    @cached_property
    def permutation_p(self) -> float:
        """Share of them that find as high a Sharpe ratio."""
        found: Permutation = significance.shuffled_sweeps(
            self.candidate.sample, self.candidate.periods_per_year, self.permutations
        )
        return found.p_value

    @cached_property
    def _overfitting(self) -> Overfitting:
        return significance.overfitting(self.candidate.sample.blocks)
