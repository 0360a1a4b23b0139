"""Statistics against luck and overfitting. Sharpe ratios per period, raw kurtosis (normal = 3)."""

from promote.statistics.binomial_interval import Proportion, proportion
from promote.statistics.blocks import merge_blocks
from promote.statistics.combination import after_looks, evidence, history_needed, of_many
from promote.statistics.deflated import deflated_sharpe
from promote.statistics.dependence import dependence
from promote.statistics.effective_trials import effective_number, scaled_number, variance_across
from promote.statistics.kin import kin
from promote.statistics.median_sharpe import median_bars
from promote.statistics.online import next_level
from promote.statistics.overfitting import Overfitting, cscv
from promote.statistics.permutation import Permutation, permutation_test, shuffled
from promote.statistics.probabilistic import probabilistic_sharpe
from promote.statistics.sharpe_gap import Record, gap_z
from promote.statistics.stepwise import stepm
from promote.statistics.superior_ability import Superiority, spa
from promote.statistics.superior_ability_blocks import max_t_blocks, spa_blocks, tail_chance
from promote.statistics.track_record import min_track_record
from promote.statistics.uplift import Difference, Uplift, uplift
from store.analysis.expected_max_sharpe import expected_max_sharpe
from store.resampling import bootstrap
from store.resampling.block_length import mean_optimal_block, optimal_block
from store.resampling.bootstrap import stationary_counts, stationary_index

__all__ = [
    "Difference",
    "Overfitting",
    "Permutation",
    "Proportion",
    "Record",
    "Superiority",
    "Uplift",
    "after_looks",
    "bootstrap",
    "cscv",
    "deflated_sharpe",
    "dependence",
    "effective_number",
    "evidence",
    "expected_max_sharpe",
    "gap_z",
    "history_needed",
    "kin",
    "max_t_blocks",
    "mean_optimal_block",
    "median_bars",
    "merge_blocks",
    "min_track_record",
    "next_level",
    "of_many",
    "optimal_block",
    "permutation_test",
    "probabilistic_sharpe",
    "proportion",
    "scaled_number",
    "shuffled",
    "spa",
    "spa_blocks",
    "stationary_counts",
    "stationary_index",
    "stepm",
    "tail_chance",
    "uplift",
    "variance_across",
]
