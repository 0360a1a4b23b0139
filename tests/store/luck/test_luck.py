"""The luck line: histories without skill, what is measured on them, and its sentences."""

import dataclasses
import math

import numpy as np
import pytest

from kernels import Settings, evaluate
from kernels.registry import load as strategy
from kernels.series.bars import prepare
from promote.candidates.null_bars import null_bars
from store.data import DataSpec, load
from store.luck import sentences
from store.luck.histories import Histories, Source
from store.luck.measuring import (
    Contestants,
    Effort,
    Size,
    effort,
    indicators,
    measure,
    redrawn,
)
from store.luck.record import POINTS, Luck, Seen, from_record, summarised
from store.records.history import HistoryRecord
from tests.store.made_runs import new_experiment
from tests.store.views import LUCK

NASDAQ, SP500 = (load(DataSpec(source=name))[0].frame.iloc[:1_000] for name in ("nasdaq", "sp500"))

pytestmark = pytest.mark.usefixtures("all_histories")


def source(frame, timeframe="1d"):
    columns = {name: frame[name].to_numpy(np.float64) for name in frame.columns}
    return Source(timeframe, frame.index.tz_localize(None).to_numpy("datetime64[us]"), columns)


def returns(series):
    close = series.column("close")
    return close[1:] / close[:-1] - 1


def grid(n=1):
    """Moving averages, (m, 2): `n` times as many."""
    fast, slow = np.meshgrid(np.arange(2, 22), np.arange(30, 90, 10 / n), indexing="ij")
    return np.column_stack([fast.ravel(), np.round(slow.ravel())])


def contestants(params=None, series=0, windows=((0, 1_000),), **settings):
    rows = grid() if params is None else params
    return Contestants(series, strategy("sma"), Settings(**settings), windows, rows, {})


def everything(*groups, histories=20):
    counts = tuple(map(len, groups))
    return Effort(histories, 0, counts, counts, counts)


# Histories


def test_a_history_has_the_dates_shapes_and_spread_of_the_bars_and_no_drift():
    frame = NASDAQ.assign(number=np.arange(1_000.0))
    histories = Histories([source(frame)])
    (drawn,) = histories.draw(3)
    place = drawn.column("number").astype(int)
    assert place[0] == 0
    assert (place[1:] > 0).all(), "the first bar has no return"
    assert drawn.column("low").min() > 0
    assert (drawn.column("low") <= drawn.column("close")).all()
    assert (drawn.column("close") <= drawn.column("high")).all()
    was = np.abs(np.diff(np.log(NASDAQ["close"].to_numpy())))[place[1:] - 1]
    now = np.abs(np.diff(np.log(drawn.column("close"))))
    assert np.abs(now - was).max() < 0.005, "as violent as the bar it comes from, but for the drift"
    means = [returns(histories.draw(number)[0]).mean() for number in range(200)]
    error = np.std(means) / math.sqrt(200)
    assert abs(np.mean(means)) < 3 * error


def test_a_history_is_a_function_of_its_number_alone():
    first, again = Histories([source(NASDAQ)]), Histories([source(NASDAQ)])
    first.draw(0)
    assert np.array_equal(first.draw(5)[0].column("open"), again.draw(5)[0].column("open"))
    assert not np.array_equal(first.draw(5)[0].column("open"), first.draw(6)[0].column("open"))


def test_symbols_are_redrawn_by_the_same_dates():
    together = Histories([source(NASDAQ), source(SP500)])
    drawn = [np.corrcoef(*map(returns, together.draw(number)))[0, 1] for number in range(20)]
    real = np.corrcoef(*(returns(prepare(frame)) for frame in (NASDAQ, SP500)))[0, 1]
    assert np.mean(drawn) == pytest.approx(real, abs=0.05)
    apart = Histories([source(NASDAQ), source(SP500, "1h")])
    drawn = [np.corrcoef(*map(returns, apart.draw(number)))[0, 1] for number in range(20)]
    assert abs(np.mean(drawn)) < 0.1, "of two timeframes no dates are the same"


def test_a_symbol_without_a_drawn_date_takes_one_of_its_own():
    late = SP500.iloc[600:].assign(number=np.arange(400.0))
    weekly = NASDAQ.iloc[::5].assign(number=np.arange(200.0))
    histories = Histories([source(NASDAQ), source(late), source(weekly)])
    for number in range(10):
        whole, half, few = histories.draw(number)
        assert (whole.n_bars, half.n_bars, few.n_bars) == (1_000, 400, 200)
        for drawn in (half, few):
            places = drawn.column("number")
            assert len(np.unique(places)) > 0.3 * len(places), "all of its bars may come"


# Measuring


def test_it_is_the_mean_best_of_independently_redrawn_bars():
    """Against bars of `null_bars`, with other seeds and a loop of their own."""
    mine = contestants()
    luck = measure([source(NASDAQ)], [mine], everything(mine, histories=200), len(mine))
    params = dict(zip(("fast", "slow"), mine.params.T, strict=True))
    fresh = [
        evaluate(null_bars(NASDAQ, (77, k), mirrored=True), "sma", params)["sharpe"].max()
        for k in range(200)
    ]
    error = math.hypot(luck.se, np.std(fresh) / math.sqrt(200))
    assert abs(luck.mean - np.mean(fresh)) < 3 * error
    assert luck.sd == pytest.approx(np.std(fresh), rel=0.2)
    assert luck.q90 == pytest.approx(np.quantile(fresh, 0.9), abs=0.2)
    assert (luck.configurations, luck.sample, luck.histories) == (120, 120, 200)


def test_several_windows_are_ranked_by_their_mean_and_groups_by_their_best():
    windows = ((0, 500), (500, 1_000))
    mine, short = contestants(windows=windows), contestants(grid()[:7], 1, direction="short")
    sources = [source(NASDAQ), source(SP500)]
    luck = measure(sources, [mine, short], everything(mine, short, histories=3), 127)
    histories = Histories(sources)
    for number in range(3):
        series = histories.draw(number)
        of = [
            evaluate(one, "sma", {"fast": c.params[:, 0], "slow": c.params[:, 1]}, c.settings,
                     windows=c.windows)["sharpe"].mean(axis=1)
            for one, c in zip(series, (mine, short), strict=True)
        ]  # fmt: skip
        assert luck.bests[number] == pytest.approx(np.concatenate(of).max(), abs=1e-4)


def test_a_sample_stands_for_all():
    every = contestants(grid(10))
    whole = measure([source(NASDAQ)], [every], everything(every, histories=100), len(every))
    order = np.random.default_rng(1).permutation(len(every))
    sample = every.take(order[:400])
    plan = Effort(100, 25, (100,), (400,), (1_200,))
    part = measure([source(NASDAQ)], [sample], plan, len(every))
    assert (part.small, part.sample, part.closer) == (100, 400, 25)
    assert part.configurations == whole.configurations == 1_200
    assert part.carried > 0
    assert abs(part.mean - whole.mean) < 3 * part.se
    assert part.sd == pytest.approx(whole.sd, rel=0.2)


def test_what_fails_cannot_win(monkeypatch):
    mine = contestants(grid()[:9])
    honest = measure([source(NASDAQ)], [mine], everything(mine), 9)
    import store.luck.measuring as module

    real = module.evaluate

    def raises(series, rule, params, *given, **named):
        if 3.0 in params["fast"].tolist():
            raise RuntimeError("no 3")
        return real(series, rule, params, *given, **named)

    monkeypatch.setattr(module, "evaluate", raises)
    assert measure([source(NASDAQ)], [mine], everything(mine), 9).bests != honest.bests
    alone = contestants(np.array([[3.0, 50.0]]))
    assert measure([source(NASDAQ)], [alone], everything(alone), 1) is None


def test_too_few_bars_are_not_measured():
    mine = contestants(windows=((0, 15),))
    assert measure([source(NASDAQ.iloc[:15])], [mine], everything(mine), 120) is None


@pytest.mark.parametrize("n", [1, 49, 500, 6_180, 250_000, 10_000_000])
def test_what_is_evaluated_keeps_to_the_budget(n):
    plan = effort([Size(n, 4_025, 4_025)], [4_025])
    assert plan.histories in (50, 100, 150, 200)
    assert plan.small[0] <= plan.sample[0] <= plan.full[0] == n
    assert (plan.sample[0] == n) or plan.closer == 20
    steps = 4_025 * (plan.histories * plan.small[0] + plan.closer * plan.sample[0])
    assert steps * 1e-9 < max(2.0, 0.2 * n * (8e-6 + 4_025e-9))


@pytest.mark.parametrize("n", [600, 20_000, 10**9])
def test_indicators_of_a_long_range_are_counted(n):
    rows = indicators(strategy("rsi"), {"period": n, "oversold": 1.0, "overbought": 1.0}, n)
    assert rows == (n, 1)
    plan = effort([Size(n, 4_025, 4_025, rows)], [4_025], longest=2.0)
    computed = plan.histories * plan.small[0] + plan.closer * (plan.sample[0] - plan.small[0])
    assert computed * (1e-5 + 4_025 * 9e-9) < 2.5


def test_indicators_are_those_of_each_parameter_by_itself():
    distinct = {"fast": 55.0, "slow": 120.0}
    assert indicators(strategy("sma"), distinct, 6_000) == (175.0, 2)
    assert indicators(strategy("sma"), distinct, 100) == (155.0, 2)


@pytest.mark.parametrize("n", [1, 50, 300, 5_000])
def test_of_thousands_of_series_as_many_are_redrawn_as_can_be_afforded(n):
    kept = redrawn([Size(49, 2_500, 2_500)] * n, [2_500] * n)
    assert kept == sorted(set(kept)), "each once"
    assert min(n, 50) <= len(kept) <= 60
    assert (kept[0], kept[-1]) == (0, n - 1)
    rich = redrawn([Size(50_000, 2_500, 2_500)] * n, [2_500] * n)
    assert len(rich) >= len(kept), "a sweep of hours leaves time for more"


def test_series_that_are_left_out_are_carried_on():
    mine = contestants()
    some = measure([source(NASDAQ)], [mine], everything(mine), 4 * len(mine), fewer=True)
    assert (some.sample, some.configurations) == (len(mine), 4 * len(mine))
    assert some.carried > 0


def test_what_the_search_requires_is_required_of_luck_too():
    """The best of those that meet it, history by history; 0 where none does."""
    windows, few = ((0, 1_000),), grid()[::7]
    mine = dataclasses.replace(contestants(few), meets=lambda means, n: means["trades"] >= 25)
    line = measure([source(NASDAQ)], [mine], everything(mine), len(few))
    params = dict(zip(("fast", "slow"), few.T, strict=True))
    expected = []
    drawn = Histories([source(NASDAQ)])
    for number in range(20):
        (series,) = drawn.draw(number)
        found = evaluate(series, "sma", params, Settings(), windows=windows)
        enough = found["trades"][:, 0] >= 25
        expected.append(found["sharpe"][enough, 0].max() if enough.any() else 0.0)
    assert line.bests == pytest.approx(expected, abs=1e-4)
    none = dataclasses.replace(contestants(few), meets=lambda means, n: np.zeros(n, bool))
    assert set(measure([source(NASDAQ)], [none], everything(none), len(few)).bests) == {0.0}


# The record


def seen(*bests):
    return [Seen(best, best, best, 0.0) for best in bests]


def test_figures_by_hand():
    luck = summarised(seen(0.2, 0.4, 0.6, 0.8), configurations=9, sample=9, small=9)
    assert (luck.mean, luck.sd, luck.q90) == (0.5, 0.2582, 0.74)
    assert luck.se == pytest.approx(0.2582 / 2, abs=1e-4)
    assert luck.interval == pytest.approx((0.5 - 0.3873, 0.5 + 0.3873))
    assert from_record(luck.record()) == luck
    assert (luck.compared(0.6).chance, luck.compared(0.61).chance, luck.compared(1).chance) == (
        0.6, 0.4, 0.2,
    )  # fmt: skip


def test_more_is_carried_on_in_the_logarithm():
    """A quarter shows 0.1 less: four times as many show 0.1 more, sixteen times 0.2."""
    rows = [Seen(best, best + 0.05, best - 0.05, 0.0) for best in (0.2, 0.4)]
    luck = summarised(rows, configurations=1_600, sample=100, small=20)
    assert luck.carried == 0.2
    assert luck.mean == pytest.approx(0.3 + 0.05 + 0.2)
    assert luck.bests == pytest.approx((0.45, 0.65))


def test_the_mean_is_taken_where_holding_pays_nothing():
    held = np.linspace(-0.05, 0.07, 12)
    rows = [Seen(0.3 + 4 * one, 0.3 + 4 * one, 0.2, one) for one in held.tolist()]
    luck = summarised(rows, configurations=5, sample=5, small=5)
    assert luck.mean == pytest.approx(0.3)
    assert luck.se == 0.0


# Sentences


def recorded(tmp_path, **changes):
    luck = dataclasses.replace(LUCK, **changes)
    return new_experiment(tmp_path, luck=luck.record())


def test_the_sentences_say_line_spread_and_chance(tmp_path):
    words = sentences.paragraph(recorded(tmp_path), 0.85, tmp_path)
    assert words == (
        "On bars without skill the best of these 3,129 shows a Sharpe ratio of 0.84 (9 in 10 below "
        "0.95). The best here, 0.85: chance of luck 60 %. It is not a discovery: luck explains it."
    )
    many = recorded(tmp_path, histories=200, bests=tuple(np.linspace(0, 1, 200).tolist()))
    assert sentences.paragraph(many, 1.2, tmp_path).endswith(
        "chance of luck less than 1 in 200. It is not a discovery: there the questions begin."
    )
    assert sentences.measured(LUCK) == (
        "Measured on 4 redrawn histories; within three standard errors 0.69 to 0.99."
    )
    assert sentences.paragraph(recorded(tmp_path), math.nan, tmp_path).endswith("below 0.95).")


def test_what_was_sampled_is_said():
    few = dataclasses.replace(LUCK, small=500, closer=2)
    assert sentences.measured(few).endswith("0.99: 500 configurations on each, all on 2.")
    carried = dataclasses.replace(few, sample=2_000, carried=0.05)
    assert sentences.measured(carried).endswith(
        "2,000 on 2, carried on from there in the logarithm of their number (+0.05)."
    )


def test_one_configuration_and_random_points_have_words_of_their_own():
    one = dataclasses.replace(LUCK, configurations=1, mean=-0.001)
    assert "this one configuration shows a Sharpe ratio of 0.00 (" in sentences.line(one)
    points = dataclasses.replace(LUCK, configurations=50, stand_in=POINTS)
    assert "the best of 50 random points of the space shows" in sentences.line(points)


@pytest.mark.parametrize(
    ("best", "words"), [(2.0, "less than 1 in 200"), (1.005, "1.0 %"), (0.9, "11 %"), (0, "100 %")]
)
def test_chances_in_words(best, words):
    bests = tuple((0.011 + 0.005 * np.arange(200)).tolist())  # 0.011 to 1.006
    luck = dataclasses.replace(LUCK, histories=200, bests=bests)
    assert sentences.chance(luck, best) == words


def test_what_was_tried_before_is_named_apart(tmp_path):
    history = HistoryRecord(tried=1_000, new=50, exact=True)  # 70 of the 120 are among the 1,000
    experiment = dataclasses.replace(recorded(tmp_path), history=history)
    words = sentences.paragraph(experiment, 0.85, tmp_path)
    assert words.endswith("luck explains it. 930 more were tried on these bars before.")
    estimated = dataclasses.replace(history, exact=False)
    roughly = dataclasses.replace(experiment, history=estimated)
    assert "About 930 more" in sentences.paragraph(roughly, 0.85, tmp_path)


def test_without_a_measured_line_no_figure_is_shown(tmp_path):
    experiment = new_experiment(tmp_path, noise_sharpe=1.01)
    words = sentences.paragraph(experiment, 0.85, tmp_path)
    assert words.startswith(
        "The best of 120 configurations is not a discovery: how much of it is luck was not measured"
    )
    assert f"`python -m store luck {experiment.id} --root {tmp_path}` measures it." in words
    assert "1.01" not in words
    assert Luck.of(experiment) is None
