"""A universe is swept, stored, resumed and judged as one symbol is."""

import json

import numpy as np
import pandas as pd
import pytest

from kernels import evaluate_panel
from kernels.portfolio.settings import PanelSettings
from promote.candidates.redrawn_sweeps import redrawn
from promote.candidates.rerun import leaks
from promote.gate import preset
from promote.gate.evidence.options import Question
from promote.gate.null_sweep import measurable, null_sweep, subject
from store.data import DataSpec, load
from store.errors import BadBars
from store.query.results import Results
from store.replay.replay import group_of, load_bars, replay_of
from store.report.traced.ranking import ranking_of
from store.report.traced.trades import traced_run
from store.resampling.null_bars import Edge
from store.transfer.export import export
from sweeper.sweep import sweep

DATA = ("data=synthetic_universe", "data.size=12", "data.bars=240")
SWEEP = (
    "strategy=ranking",
    *DATA,
    "params.weights.quality=0,0.5,1",
    "+params.weights.noise=0.5",
    "+strategy.features.quality=zscore",
    "params.k=2,3",
    "portfolio.cadence=10",
    "executor=inline",
    "output=none",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("universe")


@pytest.fixture(scope="module")
def experiment(root):
    return sweep(*SWEEP, f"store.root={root}")


def test_rows_are_those_of_the_kernel(root, experiment):
    rows = Results(str(root)).runs("latest").to_pandas()
    assert set(rows.symbol) == {"synthetic"}
    assert len(rows) == 7  # 3 weights x 2 k, and the baseline
    (data,) = load(
        DataSpec("synthetic_universe", universe="synthetic", options={"size": 12, "bars": 240})
    )
    panel = data.series().before(192)
    row = rows[(rows["params.weights.quality"] == 0.5) & (rows["params.k"] == 2)].iloc[0]
    own = evaluate_panel(
        panel,
        "ranking(noise=raw,quality=zscore)",
        {"weights__quality": 0.5, "weights__noise": 0.5, "k": 2},
        PanelSettings(cadence=10, periods_per_year=data.periods_per_year),
    )
    for name in ("sharpe", "total_return", "trades", "ic", "precision_at_k", "base_rate", "cost"):
        assert row[name] == own[name][0]


def test_the_same_command_runs_nothing_again(root, experiment):
    again = sweep(*SWEEP, f"store.root={root}")
    assert again.id == experiment.id


def test_a_run_repeats_bit_for_bit_and_does_not_look_ahead(root, experiment):
    rows = Results(str(root)).runs("latest")
    run = {"run": rows["run"][0].as_py(), "params": {}, "settings": {}}
    run["params"] = {
        name.removeprefix("params."): rows[name][0].as_py()
        for name in rows.schema.names
        if name.startswith("params.")
    }
    group = group_of(experiment, run["run"])
    series = load_bars(experiment, group).series()
    again = replay_of(experiment, run, series)
    window = group.windows[0]
    values = again.evaluate([window.bars]).metrics[0, 0]
    stored = [rows[name][0].as_py() for name in again.metric_names]
    np.testing.assert_array_equal(values, np.array([np.nan if v is None else v for v in stored]))
    assert leaks(again, 192) == ()


def test_the_report_draws_the_ranking_of_the_stored_run(root, experiment):
    results = Results(str(root))
    run = results.run("latest/best")
    ranking = ranking_of(traced_run(experiment, run))
    ics = [ic for ic in ranking.ics if ic is not None]
    assert np.mean(ics) == pytest.approx(run["metrics"]["ic"], abs=5e-5)  # of four digits
    weights = np.array(ranking.weights)
    assert weights.shape == (len(ranking.symbols), len(ranking.times))
    assert (weights >= 0).all()
    assert (weights.sum(axis=0) <= 1.002).all()
    assert ranking.turnover[0] == pytest.approx(1.0, abs=0.05)


def test_survivors_only_are_refused_unless_accepted():
    symbols = ("U000", "U001")
    options = {"size": 12, "bars": 240}
    spec = DataSpec("synthetic_universe", symbols=symbols, universe="few", options=options)
    every = {d.symbol: d for d in load(DataSpec("synthetic_universe", options=options))}
    alive = [name for name, d in every.items() if d.frame.index[-1] == max(
        other.frame.index[-1] for other in every.values())][:2]  # fmt: skip
    spec = DataSpec("synthetic_universe", symbols=tuple(alive), universe="few", options=options)
    with pytest.raises(BadBars, match=r"survivors only.*data.survivorship=accepted"):
        load(spec)
    (data,) = load(
        DataSpec(
            "synthetic_universe",
            symbols=tuple(alive),
            universe="few",
            survivorship="accepted",
            options=options,
        )
    )
    assert data.symbol == "few"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("strategy=sma", *DATA), "strategy sma trades one symbol"),
        (("strategy=momentum_rank", "data=nasdaq"), "ranks the symbols of a universe, got NASDAQ"),
        (("strategy=momentum_rank", *DATA, "risk.stop_loss=0.1"), r"risk.stop_loss: .* no stops"),
        (("strategy=momentum_rank", *DATA, "size.kind=fixed"), r"size.kind: .* no position sizes"),
        (("strategy=momentum_rank", *DATA, "fill=same_close"), r"fill.when: .* at the next open"),
        (("strategy=momentum_rank", *DATA, "portfolio.cadence=moth"), "did you mean month"),
        (("strategy=momentum_rank", *DATA, "params.k=13"), "13 symbols are wanted of a universe"),
        (("strategy=ranking", *DATA), "has no features; weigh columns"),
        (("strategy=sleeves", *DATA, "strategy.members={a: sma}"), r"\+strategy.members.a=VALUE"),
        (("strategy=ranking", *DATA, "params.weights.size=1"), "needs the column size"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(words, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        sweep(*words, "executor=inline", "output=none", f"store.root={tmp_path}")


def test_a_universe_too_large_to_redraw_says_that_it_has_no_luck_line(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr("sweeper.evaluate.luck_line.MOST_CELLS", 12 * 240 // 2)
    words = ("strategy=momentum_rank", *DATA, "params.k=2,3", "dry_run=true")
    sweep(*words, f"store.root={tmp_path}", output="table")
    assert "no luck line: 12 symbols of" in " ".join(capsys.readouterr().out.split())


def test_a_universe_too_large_to_redraw_is_not_redrawn_after_its_sweep_either(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("sweeper.evaluate.luck_line.MOST_CELLS", 12 * 240 // 2)
    monkeypatch.setattr("sweeper.run.recorder.luck_of_runs", None)  # must not be called
    words = ("strategy=momentum_rank", *DATA, "params.k=2,3", "executor=inline", "output=none")
    assert sweep(*words, f"store.root={tmp_path}").luck == {}


def test_shares_of_sleeves_are_swept_on_a_simplex(tmp_path):
    words = (
        "strategy=sleeves",
        "+strategy.members.trend=sma",
        "+strategy.members.hold=buy_hold",
        "data=synthetic",
        "data.bars=300",
        "executor=inline",
        "output=none",
        f"store.root={tmp_path}",
    )
    sweep(*words, "params.shares=simplex(0,1,0.25)")
    rows = Results(str(tmp_path)).runs("latest").to_pandas()
    shares = rows[["params.shares.trend", "params.shares.hold"]]
    assert sorted(shares["params.shares.trend"]) == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert (shares.sum(axis=1) == 1).all()
    sweep(*words, "params.shares=simplex(0,1)", "search=random", "search.n=6", "search.seed=3")
    again = Results(str(tmp_path)).runs("latest").to_pandas()
    assert len(again) == 7  # and the baseline
    np.testing.assert_allclose(
        again[["params.shares.trend", "params.shares.hold"]].sum(axis=1), 1.0, rtol=1e-12
    )


def test_shares_of_a_grid_that_do_not_add_to_one_are_left_out(tmp_path):
    sweep(
        "strategy=sleeves",
        "+strategy.members.trend=sma",
        "+strategy.members.hold=buy_hold",
        "data=synthetic",
        "data.bars=300",
        "params.shares.trend=0.2,0.5,0.8",
        "params.shares.hold=0.2,0.5,0.8",
        "executor=inline",
        "output=none",
        f"store.root={tmp_path}",
    )
    rows = Results(str(tmp_path)).runs("latest").to_pandas()
    assert sorted(rows["params.shares.trend"]) == [0.2, 0.5, 0.8]


def test_pairs_of_a_universe_are_swept_and_counted(tmp_path):
    experiment = sweep(
        "strategy=pairs",
        *DATA,
        "params.first=range(0,4)",
        "params.second=range(0,4)",
        "params.length=20",
        "executor=inline",
        "output=none",
        f"store.root={tmp_path}",
    )
    rows = Results(str(tmp_path)).runs("latest").to_pandas()
    assert len(rows) == 6  # the first is the baseline
    run = {"run": int(rows["run"][3]), "settings": {}, "params": {}}
    run["params"] = {
        name.removeprefix("params."): rows[name][3] for name in rows if name.startswith("params.")
    }
    group = group_of(experiment, run["run"])
    again = replay_of(experiment, run, load_bars(experiment, group).series())
    window = group.windows[0]
    values = again.evaluate([window.bars]).metrics[0, 0]
    assert rows["sharpe"][3] == values[list(again.metric_names).index("sharpe")]


def test_a_null_sweep_redraws_all_symbols_by_the_same_dates(root, experiment):
    original = subject(root, experiment.id)
    drawn = redrawn(original.samples, (0, 0, 1), None)[0]
    own, null = original.samples[0].series, drawn.series
    assert null.symbols == own.symbols
    np.testing.assert_array_equal(np.isfinite(null.table["close"]), np.isfinite(own.table["close"]))
    market = np.diff(np.log(own.columns["close"])).std()
    assert np.diff(np.log(null.columns["close"])).std() == pytest.approx(market, rel=0.5)
    *_, tally = null_sweep(
        original, measurable(preset.load("standard")), Question(), replicas=2, seed=1
    )
    assert (tally.replicas, tally.promoted) == (2, 0)


def test_an_edge_that_is_planted_in_a_universe_moves_each_symbol_for_itself(root, experiment):
    samples = subject(root, experiment.id).samples
    edge = Edge(4.0, 365.0, persistence=15)
    with_edge, without, broken = (
        redrawn(samples, (0, 0, 1), own, broken=ends)[0].series.table["close"]
        for own, ends in ((edge, False), (None, False), (edge, True))
    )
    assert not np.array_equal(with_edge, without, equal_nan=True)
    stop = samples[0].span[1]
    np.testing.assert_array_equal(broken[:, :stop], with_edge[:, :stop])
    moves = [np.diff(np.log(table[:, stop:]), axis=1) for table in (broken, without)]
    np.testing.assert_allclose(*moves, atol=1e-12)


def test_a_folder_of_an_experiment_has_windows_and_weights_fitted_before_them(tmp_path):
    experiment = sweep(
        "strategy=ranking",
        *DATA,
        "split=walk_forward",
        "split.train=120d",
        "split.test=30d",
        "params.weights.quality,params.weights.noise=simplex(0,1,0.5)",
        "params.k=3",
        "portfolio.cadence=10",
        "tags=[walk]",
        "executor=inline",
        "output=none",
        f"store.root={tmp_path / 'store'}",
    )
    root = tmp_path / "store"
    (folder,) = export(str(root), [experiment], tmp_path / "reports", "folder")
    assert sorted(path.name for path in folder.iterdir()) == [
        "experiment_config.json",
        "summary.json",
        "weights_suggestion.json",
        "windows.csv",
    ]
    windows = pd.read_csv(folder / "windows.csv")
    assert len(windows) > 1
    assert (pd.to_datetime(windows["train_end"]) < pd.to_datetime(windows["start"])).all()
    assert windows["out_of_sample.precision_at_k"].notna().any()
    suggested = json.loads((folder / "weights_suggestion.json").read_text())
    for window, row in zip(suggested["windows"], windows.itertuples(), strict=True):
        assert sum(window["weights"].values()) == 1
        assert window["fitted_until"] < window["test_start"]
        assert window["run"] == row.chosen
        chosen = [name.removeprefix("weights.") for name, own in window["weights"].items() if own]
        assert window["features"] == sorted(chosen)
    every = [window["features"] for window in suggested["windows"]]
    shares = {name: np.mean([name in own for own in every]) for name in ("noise", "quality")}
    assert suggested["features"] == shares
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["experiment_hash"] == experiment.plan_hash
    assert summary["experiment"]["tags"] == ["walk"]
    assert summary["metrics"]["precision_at_k"] is not None
