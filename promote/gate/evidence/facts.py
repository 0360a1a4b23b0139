"""Facts that checks may ask for, by name: whose they are, of which type and in which unit."""

from typing import Protocol

from kernels.jit.array_types import Floats


class CandidateFacts(Protocol):
    """Facts of the candidate's own record."""

    @property
    def stressed_sharpe(self) -> float:
        """Annual Sharpe ratio on the judged bars at twice the commission and slippage."""

    @property
    def active_periods(self) -> int:
        """Number of blocks of the judged window in which its equity moves."""

    @property
    def periods(self) -> int:
        """Number of blocks of the judged window, of equal length."""

    @property
    def differences(self) -> tuple[str, ...]:
        """Differences from the store when the candidate is run again."""

    @property
    def leaks(self) -> tuple[str, ...]:
        """Signals that moved with later bars."""

    @property
    def foretold(self) -> dict[str, float]:
        """Rank correlations of its features with the next bar's return, on the judged bars."""

    @property
    def changed_files(self) -> tuple[str, ...]:
        """Code of the checkout and of the strategy that is in no commit."""

    @property
    def sharpe(self) -> float:
        """Annual Sharpe ratio on the judged bars."""

    @property
    def bar_sharpe(self) -> float:
        """Sharpe ratio per bar on the judged bars."""

    @property
    def total_return(self) -> float:
        """Total return on the judged bars, a fraction of the initial capital."""

    @property
    def max_drawdown(self) -> float:
        """Maximum drawdown on the judged bars, a positive fraction of the peak."""

    @property
    def volatility(self) -> float:
        """Annual volatility of the returns, a fraction."""

    @property
    def trades(self) -> float:
        """Number of trades on the judged bars."""

    @property
    def skew(self) -> float:
        """Skewness of the returns per bar."""

    @property
    def kurtosis(self) -> float:
        """Kurtosis of the returns per bar, raw: normal = 3."""

    @property
    def bars(self) -> int:
        """Number of judged bars."""

    @property
    def periods_per_year(self) -> float:
        """Number of bars in a year."""

    @property
    def trade_returns(self) -> Floats:
        """(trades,) returns of its trades, fractions, costs included."""


class ChoiceFacts(Protocol):
    """Facts of what it was chosen by."""

    @property
    def competitors(self) -> int:
        """Number of configurations that compete."""

    @property
    def chosen_sharpe(self) -> float:
        """Sharpe ratio per bar that it was chosen by: its own, or the median around it."""

    @property
    def chosen_bars(self) -> float:
        """Bars of a single record that is as exact; see `median_bars`."""

    @property
    def chosen_among(self) -> int:
        """Configurations that the median is over; 1 where its own Sharpe ratio is meant."""

    @property
    def chosen_variance(self) -> float:
        """Variance of the compared figures across all that could be chosen, per bar."""


class SearchFacts(Protocol):
    """Facts of it among all that was tried."""

    @property
    def symbols(self) -> int:
        """Sets of bars and windows of the experiment, among which the choice was made, too."""

    @property
    def tried(self) -> int:
        """Configurations that the ledger counts on the experiment's bars, of any strategy."""

    @property
    def independent(self) -> float:
        """Effective number of independent configurations, or neighbourhoods, among those tried."""

    @property
    def sharpe_spread(self) -> float:
        """Annual Sharpe ratios of all candidates: 95 % quantile less the 5 % quantile."""

    @property
    def times(self) -> float:
        """Choices as large as this one that were made on these data, by what the ledger counts."""

    @property
    def chance_before(self) -> float:
        """Chance that luck looks as good before the holdout, after all that was tried."""

    @property
    def loss_chance(self) -> float:
        """Share of the splits on which what is chosen in one half loses in the other."""

    @property
    def pbo(self) -> float:
        """Probability of backtest overfitting: share of splits where it is below the median."""

    @property
    def plateau_score(self) -> float:
        """Median Sharpe ratio of the candidate's neighbourhood over its own."""

    @property
    def permutations(self) -> int:
        """Number of sweeps over shuffled bars."""

    @property
    def permutation_p(self) -> float:
        """Share of the shuffled sweeps that find as high a Sharpe ratio."""


class LaterFacts(Protocol):
    """Facts of it on bars after those that it was chosen on."""

    @property
    def test_sharpe(self) -> float:
        """Annual Sharpe ratio on the sweep's last test window."""

    @property
    def test_gap(self) -> float:
        """Fall of the Sharpe ratio from the judged bars to the test window, in standard errors."""

    @property
    def holdout_sharpe(self) -> float:
        """Annual Sharpe ratio on the holdout."""

    @property
    def holdout_gap(self) -> float:
        """Fall of the Sharpe ratio from the judged bars to the holdout, in standard errors."""

    @property
    def holdout_uses(self) -> int:
        """Configurations that were judged on the holdout."""

    @property
    def holdout_bars(self) -> int:
        """Number of bars of the holdout."""

    @property
    def holdout_kin(self) -> int:
        """Number of configurations that are held in equal parts on the holdout."""

    @property
    def holdout_kin_sharpe(self) -> float:
        """Annual Sharpe ratio of the kin held in equal parts, above the benchmark."""

    @property
    def holdout_chance(self) -> float:
        """Chance that luck gains as much on the holdout, at the first look."""

    @property
    def holdout_z(self) -> float:
        """Gain of the kin on the holdout in standard errors, looks before this one paid for."""

    @property
    def holdout_tests(self) -> tuple[bool, ...]:
        """Holdout tests of all configurations of the store: those promoted, in their order."""


class ImprovementFacts(Protocol):
    """Facts of it against a baseline."""

    @property
    def baseline_sharpe(self) -> float:
        """Annual Sharpe ratio of the baseline."""

    @property
    def baseline_return(self) -> float:
        """Total return of the baseline, a fraction of the initial capital."""

    @property
    def baseline_drawdown(self) -> float:
        """Maximum drawdown of the baseline, a positive fraction of the peak."""

    @property
    def uplift_p(self) -> float:
        """Chance of as large a gain in Sharpe ratio where there is none."""


class Facts(CandidateFacts, ChoiceFacts, SearchFacts, LaterFacts, ImprovementFacts, Protocol):
    """All facts: a parameter of a check is named after one of them."""
