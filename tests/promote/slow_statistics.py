"""The statistics of promote/statistics once more: return by return, one obvious line each."""

from itertools import combinations

import numpy as np
from scipy.stats import linregress, norm, rankdata

from promote.statistics import optimal_block, stationary_index


def sharpe(returns):
    """Per bar, down the columns; 0 without deviation."""
    deviation = returns.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(deviation > 1e-12, returns.mean(axis=0) / deviation, 0.0)


def cscv(returns, blocks):
    """(pbo, prob_loss, slope, sorted logits) from (T, N) returns, T a multiple of the blocks."""
    parts = np.split(returns, blocks)
    inside, outside, logits = [], [], []
    for chosen_on in combinations(range(blocks), blocks // 2):
        rest = [b for b in range(blocks) if b not in chosen_on]
        train = sharpe(np.concatenate([parts[b] for b in chosen_on]))
        test = sharpe(np.concatenate([parts[b] for b in rest]))
        best = train.argmax()
        share = rankdata(test)[best] / (train.size + 1)
        inside.append(train[best])
        outside.append(test[best])
        logits.append(np.log(share / (1 - share)))
    pbo, loss = np.mean(np.array(logits) <= 0), np.mean(np.array(outside) < 0)
    return pbo, loss, linregress(inside, outside).slope, np.sort(logits)


def effective_number(block_sum, block_n):
    """From the whole N x N matrix of correlations."""
    mean = block_sum.sum(axis=0) / block_n.sum()
    residuals = block_sum - np.outer(block_n, mean)
    residuals = residuals[:, (residuals**2).sum(axis=0) > 0]
    unit = residuals / np.sqrt((residuals**2).sum(axis=0))
    share = np.linalg.eigvalsh(unit.T @ unit)
    share = share[share > 1e-12] / share.sum()
    return np.exp(-(share * np.log(share)).sum())


def long_run_variance(x, block):
    """Hansen (2005), section 3.1.2, lag by lag."""
    n, q = x.size, 1 - 1 / block
    centred = x - x.mean()
    total = centred @ centred / n
    for lag in range(1, n):
        kappa = (n - lag) / n * q**lag + lag / n * q ** (n - lag)
        total += 2 * kappa * (centred[lag:] @ centred[:-lag]) / n
    return total


def means_of_resamples(excess, resamples, block, seed):
    """(resamples, k), each of them by picking the bars."""
    random = np.random.default_rng(seed)
    n = len(excess)
    return np.array(
        [excess[stationary_index(n, block, random)].mean(axis=0) for _ in range(resamples)]
    )


def spa(excess, resamples, block, seed):
    """Hansen's three p-values."""
    n, mean = len(excess), excess.mean(axis=0)
    error = np.sqrt([long_run_variance(column, block) / n for column in excess.T])
    statistic = max(0, (mean / error).max())
    drawn = means_of_resamples(excess, resamples, block, seed)
    poor = mean < -error * np.sqrt(2 * np.log(np.log(n)))
    recentred = np.maximum(mean, 0), np.where(poor, 0, mean), mean
    chance = [np.maximum(((drawn - g) / error).max(axis=1), 0) for g in recentred]
    return [(1 + (z >= statistic).sum()) / (1 + resamples) for z in chance]


def stepm(excess, level, resamples, block, seed):
    """Romano and Wolf's accepted columns."""
    n, mean = len(excess), excess.mean(axis=0)
    error = np.sqrt([long_run_variance(column, block) / n for column in excess.T])
    chance = (means_of_resamples(excess, resamples, block, seed) - mean) / error
    left, accepted = set(range(excess.shape[1])), set()
    while left:
        top = np.maximum(chance[:, sorted(left)].max(axis=1), 0)
        limit = np.quantile(top, 1 - level, method="higher")
        new = {j for j in left if mean[j] / error[j] > limit}
        if not new:
            break
        left, accepted = left - new, accepted | new
    return sorted(accepted)


def spa_blocks(block_sum, block_sumsq, block_n, dependence, resamples, seed):
    """The three p-values when blocks are drawn; errors by all bars."""
    bars, count = block_n.sum(), len(block_n)
    mean = block_sum.sum(axis=0) / bars
    between = np.sqrt(((block_sum - np.outer(block_n, mean)) ** 2).sum(axis=0)) / bars
    error = np.sqrt((block_sumsq.sum(axis=0) / bars - mean**2) / bars)
    t = mean / (error * np.sqrt(dependence))
    statistic = max(0, t.max())
    random = np.random.default_rng(seed)
    draws = random.multinomial(count, np.full(count, 1 / count), size=resamples)
    poor = t < -np.sqrt(2 * np.log(np.log(bars)))
    expected = np.minimum(t, 0), np.where(poor, t, 0), np.zeros_like(t)
    above = np.zeros(3)
    for row in draws:
        picked = np.repeat(np.arange(count), row)
        total = block_n[picked].sum()
        drawn = block_sum[picked].sum(axis=0) / total
        for j, g in enumerate(expected):
            z = (drawn - mean) / between + g
            above[j] += max(z.max(), 0) >= statistic
    return ((1 + above) / (1 + resamples)).tolist()


def dependence(returns):
    """Variance of a mean over that without memory, by the paper's sums."""
    length = np.mean([optimal_block(column) for column in returns.T])
    ratios = [long_run_variance(column, length) / column.var() for column in returns.T]
    return max(1, np.mean(ratios))


def evidence(p_first, z_second, weight, first=0.20, floor=-0.25, step=0.01):
    """The chance of both floors and the sum, summed over a lattice of two dimensions."""
    z_first = norm.isf(p_first)
    if p_first > first or z_second < floor:
        return 1.0
    one, other = np.sqrt(1 - weight), np.sqrt(weight)
    strength = one * z_first + other * z_second
    grid = np.arange(-8, 8, step) + step / 2
    x, y = np.meshgrid(grid, grid)
    inside = (x >= norm.isf(first)) & (y >= floor) & (one * x + other * y >= strength)
    return float((norm.pdf(x) * norm.pdf(y))[inside].sum() * step * step)


def max_t_blocks(block_sum, block_sumsq, block_n, family, dependence, resamples, seed):
    """The largest studentized mean of a family, and the largest of all by chance."""
    bars, count = block_n.sum(), len(block_n)
    mean = block_sum.sum(axis=0) / bars
    between = np.sqrt(((block_sum - np.outer(block_n, mean)) ** 2).sum(axis=0)) / bars
    error = np.sqrt((block_sumsq.sum(axis=0) / bars - mean**2) / bars)
    error[family] *= np.sqrt(dependence)
    t = mean / error
    shift = np.where(t < -np.sqrt(2 * np.log(np.log(bars))), t, 0)
    random = np.random.default_rng(seed)
    maxima = []
    for row in random.multinomial(count, np.full(count, 1 / count), size=resamples):
        picked = np.repeat(np.arange(count), row)
        drawn = block_sum[picked].sum(axis=0) / block_n[picked].sum()
        maxima.append(max(((drawn - mean) / between + shift).max(), 0))
    return max(t[family].max(), 0), np.array(maxima)
