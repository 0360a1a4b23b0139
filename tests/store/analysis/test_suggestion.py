"""What to use next: words that compose the plateau's middle again, and an honest sentence."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from store.analysis.best_plateau import Edge, Peak, judged, peak_of, strongest
from store.analysis.suggestion import overrides, suggest
from store.query.results import Results
from store.records.experiment import Experiment
from store.terminal.leaderboard import suggestion_lines
from tests.store.made_runs import filled, group_of, new_experiment
from tests.store.reported import family, grid
from tests.store.views import LUCK

NAN = float("nan")
ID = "exp-20260102-030405-ab12"
COMMAND = ["python", "-m", "sweeper", "-m", "strategy=sma,rsi", "params.fast=5,10,20"]
EXPERIMENT = Experiment(
    id=ID,
    name="demo",
    created="2026",
    command=COMMAND,
    search={"kind": "grid", "metric": "sharpe", "mode": "max"},
    luck=dataclasses.replace(LUCK, mean=1.1).record(),
)
GROUP = group_of(overrides=["strategy=sma", "strategy.direction=both"])
RUN = {
    "ref": f"{ID}/7",
    "run": 7,
    "strategy": "sma",
    "params": {"fast": 10, "slow": 50},
    "settings": {"risk.stop_loss": NAN, "costs.slippage": 0.0001},
    "metrics": {"sharpe": 0.9},
}
PEAK = Peak("sma", 7, {"fast": 10.0}, 0.8, 0.9, 9, 1.2, 0.96, 0.8)
COMPOSED = [
    "strategy=sma",
    "strategy.direction=both",
    "params.fast=10",
    "params.slow=50",
    "risk.stop_loss=null",
    "costs.slippage=0.0001",
]


def suggested(peak=PEAK, run=RUN, root="results", **changes):
    return suggest(dataclasses.replace(EXPERIMENT, **changes), GROUP, peak, run, Path(root))


def test_overrides_are_the_groups_own_and_every_number():
    assert list(suggested().overrides) == COMPOSED


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("fill=same_close", True),
        ("risk.take_profit=0.1", True),
        ("data.start=2005-01-01", True),
        ("+experiment=demo", True),
        ("hydra.searchpath=[file:///mine]", True),
        ("params.slow=range(50,260)", False),
        ("risk.stop_loss=0.1,null", False),
        ("search.n=2000", False),
        ("split=walk_forward", False),
        ("store.root=/data", False),
        ("name=fill", False),
        ("data", False),
    ],
)
def test_of_the_command_stays_what_a_backtest_depends_on(word, kept):
    words = overrides(dataclasses.replace(EXPERIMENT, command=[*COMMAND, word]), GROUP, RUN)
    assert words == [word] * kept + COMPOSED


def test_a_strategy_is_named_even_where_the_command_left_it_out():
    bare = dataclasses.replace(EXPERIMENT, command=["python", "-m", "sweeper", "-m"])
    assert overrides(bare, group_of(), RUN)[0] == "strategy=sma"
    of_a_file = dataclasses.replace(EXPERIMENT, command=["+experiment=mine"])
    assert overrides(of_a_file, group_of(), RUN)[:2] == ["+experiment=mine", "params.fast=10"]


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (0.8, "The best run stands on a plateau: 80 % of its metric is kept nearby; "),
        (0.31, "The best run is a needle: 31 % of its metric is kept nearby; "),
        (NAN, "No plateau stands above zero; "),
    ],
)
def test_a_needle_is_called_one(score, told):
    assert suggested(dataclasses.replace(PEAK, best_score=score)).advice.startswith(told)


def test_the_advice_never_recommends():
    gate = f"; not promotable before `python -m promote check {ID}/7`."
    assert suggested().advice.endswith(
        f"middle, Sharpe 0.90, does not clear the 1.10 of the best without skill{gate}"
    )
    lucky = suggested(luck=dataclasses.replace(LUCK, mean=0.5).record()).advice
    assert lucky.endswith(f"Sharpe 0.90, clears the 0.50 of the best without skill{gate}")
    assert suggested(luck={}).advice.endswith(f"kept nearby{gate}")
    pruned = suggested(run=RUN | {"metrics": {"sharpe": None}})
    assert math.isnan(pruned.sharpe)
    assert pruned.advice.endswith(f"kept nearby{gate}")
    elsewhere = suggested(root="/data/my store").advice
    assert elsewhere.endswith(f"check {ID}/7 --root '/data/my store'`.")


def test_weights_are_medians_over_the_plateau_beside_those_that_did_not_vary():
    run = RUN | {"params": {"weights.trend": 0.5, "weights.rsi": 1.0, "enter": 1.0}}
    peak = dataclasses.replace(PEAK, medians={"weights.trend": 0.25, "enter": 0.5})
    found = suggested(peak, run)
    assert found.weights == {"trend": 0.25, "rsi": 1.0}
    assert found.params == run["params"]
    assert suggested(dataclasses.replace(PEAK, medians={"enter": 0.5}), run).weights == {}


def test_medians_are_those_of_the_neighbours():
    axes = grid(a=(0.0, 0.5, 1.0), b=(1.0, 2.0, 3.0))
    peak = peak_of(*judged(family(axes, np.array([9.0, 8, 0, 9, 8, 0, 0, 0, 0]))))
    assert (peak.params, peak.size) == ({"a": 0.0, "b": 1.0}, 4)
    assert peak.medians == {"a": 0.25, "b": 1.5}


def test_a_plateau_at_the_edge_is_marked_and_the_way_to_extend_is_named():
    axes = grid(a=(1.0, 2.0, 3.0, 4.0, 5.0), b=(10.0, 20.0, 30.0, 40.0, 50.0))
    rising = axes["a"] ** 2 - abs(axes["b"] - 30)
    peak = peak_of(*judged(family(axes, rising)))
    assert (peak.params["b"], peak.edges) == (30.0, {"a": Edge(5.0, "above")})
    advice = suggested(peak).advice
    assert "; it lies at the edge of what was tried: extend a above 5; not promotable" in advice
    low = peak_of(*judged(family(axes, -rising, highest=False)))
    assert low.edges == peak.edges
    falling = peak_of(*judged(family(axes, rising[::-1])))
    assert falling.edges == {"a": Edge(1.0, "below")}
    inside = peak_of(*judged(family(axes, -((axes["a"] - 3) ** 2) - abs(axes["b"] - 30))))
    assert inside.edges == {}
    assert "edge" not in suggested(inside).advice


def test_of_several_groups_the_one_with_the_best_plateau_is_suggested():
    axes = grid(a=(1.0, 2.0, 3.0), b=(1.0, 2.0, 3.0))
    needle = family(axes, [0, 0, 9, 0, 0, 0, 0, 0, 0])
    broad = family(axes, [1, 1, 1, 1, 2, 1, 1, 1, 1])
    families = [needle, broad]
    peaks = [peak_of(*judged(one)) for one in families]
    assert strongest(families, peaks) == 1
    assert strongest(families[:1], [None]) is None
    lowest = [dataclasses.replace(one, highest=False) for one in families]
    assert strongest(lowest, [peak_of(*judged(one)) for one in lowest]) == 0
    advice = suggest(EXPERIMENT, GROUP, peaks[1], RUN, Path("results"), best=peaks[0])
    assert (advice.median, advice.best) == (1.0, 9.0)


def test_a_store_suggests_what_its_best_plateau_has(tmp_path):
    experiment = filled(tmp_path, luck=LUCK.record())
    results = Results(tmp_path)
    found = results.suggestion()
    run = results.show(found["ref"])
    assert found["params"] == run["params"]
    assert found["own"] == found["sharpe"] == run["metrics"]["sharpe"]
    assert found["neighbours"] == 9
    assert results.summary()["suggestion"] == results.show(experiment.id)["suggestion"] == found
    lines = suggestion_lines(found)
    assert lines[0].startswith(f"Next: the middle of the best plateau, {found['ref']}: sharpe ")
    assert lines[1].split() == ["python", "-m", "sweeper", *found["overrides"]]
    assert lines[2:] == [found["advice"]]
    weighted = suggestion_lines(found | {"weights": {"rsi": 0.5}})
    assert weighted[2] == "  weights, medians of the plateau: rsi=0.5"


def test_nothing_is_suggested_where_nothing_varied_or_finished(tmp_path):
    assert Results(tmp_path).suggestion(new_experiment(tmp_path).id) is None
    alone = filled(tmp_path, blocks=1, rows=1)  # the baseline
    assert Results(tmp_path).suggestion(alone.id) is None
    assert suggestion_lines(None) == []
