"""Scores of predictions, each with what a constant prediction of the base rate scores."""

import math

import numpy as np
from scipy.stats import rankdata

from kernels.jit.array_types import Floats

TINY = 1e-12


def accuracy(probability: Floats, outcome: Floats) -> tuple[float, float]:
    """Share of right calls at 1/2, and that of always calling the more frequent outcome."""
    base = float(outcome.mean())
    return float(((probability >= 0.5) == (outcome > 0.5)).mean()), max(base, 1 - base)


def brier(probability: Floats, outcome: Floats) -> tuple[float, float]:
    """Mean squared error (Brier 1950, Monthly Weather Review 78(1)), and that of the base rate."""
    base = float(outcome.mean())
    return float(((probability - outcome) ** 2).mean()), base * (1 - base)


def log_loss(probability: Floats, outcome: Floats) -> tuple[float, float]:
    """Mean -log of the probability given to what happened (Good 1952), and of the base rate."""
    p = np.clip(probability, TINY, 1 - TINY)
    loss = -(outcome * np.log(p) + (1 - outcome) * np.log1p(-p)).mean()
    base = min(max(float(outcome.mean()), TINY), 1 - TINY)
    return float(loss), -(base * math.log(base) + (1 - base) * math.log1p(-base))


def information_coefficient(score: Floats, outcome: Floats) -> tuple[float, float]:
    """Spearman's rank correlation of score and outcome, and 0, that of a score without skill."""
    ranks = rankdata(score), rankdata(outcome)
    if not (np.ptp(ranks[0]) > 0 and np.ptp(ranks[1]) > 0):
        return math.nan, 0.0
    return float(np.corrcoef(*ranks)[0, 1]), 0.0


def precision_at(score: Floats, outcome: Floats, k: int) -> tuple[float, float]:
    """Share of positive outcomes among the k highest scores, and among all."""
    best = np.argsort(-score, kind="stable")[:k]
    return float((outcome[best] > 0).mean()), float((outcome > 0).mean())
