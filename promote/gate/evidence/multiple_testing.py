"""A candidate among all that was tried: what the best of so many would show by luck."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from promote.candidates import significance
from promote.candidates.selection import neighbourhood
from promote.gate.counted import Counted, count
from promote.gate.evidence.benchmark import Rival
from promote.gate.evidence.candidate import Candidate
from promote.gate.evidence.selection_effect import Choice
from promote.gate.verdict import Absent
from promote.statistics import (
    Permutation,
    effective_number,
    of_many,
    scaled_number,
)
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
        known: what the ledger says, where it was asked before; None: it is asked.
    """

    choice: Choice
    asked: Experiment
    benchmark: Rival | None
    draws: int
    known: Counted | None = None

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
        """Configurations that the ledger counts on the experiment's bars, of any strategy.

        The whole ledger is compared with the store first: what lacks an entry counts nothing.
        """
        return self.counted.tried

    @cached_property
    def independent(self) -> float:
        """Effective number of independent configurations, or neighbourhoods, among those tried."""
        bars = self.candidate.sample.blocks.bars
        effective = effective_number(self.choice.chosen_sums, bars)
        return scaled_number(effective, self.configurations, self.tried)

    @property
    def sharpe_spread(self) -> float:
        """Annual Sharpe ratios of all candidates: 95 % quantile less the 5 % quantile."""
        sharpes = self.candidate.sample.metric("sharpe")
        low, high = np.quantile(sharpes[~np.isnan(sharpes)], [0.05, 0.95]).tolist()
        return float(high - low)

    @property
    def swept(self) -> int:
        """Configurations that the experiment itself has tried, on all its symbols."""
        return self.counted.swept

    @cached_property
    def counted(self) -> Counted:
        """Both numbers."""
        return self.known or count(self.candidate.sample.shelf.root, self.asked)

    @property
    def times(self) -> float:
        """Choices as large as this one that were made on these data, by what the ledger counts."""
        return self.symbols * max(1.0, self.tried / self.swept)

    @cached_property
    def chance_before(self) -> float:
        """Chance that luck looks as good before the holdout, after all that was tried."""
        sample, benchmark = self.candidate.sample, self.benchmark
        rival = None if benchmark is None else benchmark.returns(sample.span)
        chance = significance.best_of_kin(sample, self.choice.kin, self.choice.competing, rival)
        return of_many(chance.p, self.times)

    @property
    def loss_chance(self) -> float:
        """Share of the splits on which what is chosen in one half loses in the other."""
        return self.candidate.sample.overfitting.prob_loss

    @property
    def pbo(self) -> float:
        """Probability of backtest overfitting: share of splits where it is below the median."""
        return self.candidate.sample.overfitting.pbo

    @property
    def plateau_score(self) -> float:
        """Median Sharpe ratio of the candidate's neighbourhood over its own."""
        return neighbourhood(self.candidate.sample, self.candidate.place)

    @property
    def permutations(self) -> int:
        """Number of sweeps over shuffled bars."""
        if not self.draws:
            raise Absent("no sweeps of shuffled bars were asked for; --permutations 199")
        return self.draws

    @cached_property
    def permutation_p(self) -> float:
        """Share of the shuffled sweeps that find as high a Sharpe ratio."""
        permutation: Permutation = significance.shuffled_sweeps(
            self.candidate.sample, self.candidate.periods_per_year, self.permutations
        )
        return permutation.p_value
