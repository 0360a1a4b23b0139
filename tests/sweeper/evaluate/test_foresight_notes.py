"""A sweep says which of its features foretell the next bar."""

from types import SimpleNamespace

import numpy as np

from sweeper.evaluate.lookahead import foresight_notes

CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(size=1000) * 0.01))


def plan(**features):
    strategy = SimpleNamespace(columns=("volume", *features))
    columns = {"close": CLOSE, **features}
    series = SimpleNamespace(columns=columns, symbol="NASDAQ", panel=None)
    group = SimpleNamespace(cell=SimpleNamespace(strategy=strategy), series=series)
    return SimpleNamespace(groups=(group, group))


def test_a_feature_made_from_the_next_bar_is_named_once():
    ahead = np.append(CLOSE[1:] / CLOSE[:-1] - 1, 0.0)
    (note,) = foresight_notes(plan(prob=ahead, noise=np.sin(np.arange(1000.0))))
    assert note.startswith("prob of NASDAQ has a rank correlation of 1.00 with the return of the")


def test_features_that_do_not_know_the_future_go_without_a_word():
    assert foresight_notes(plan(noise=np.sin(np.arange(1000.0)), past=CLOSE)) == []
