"""Finer bars from the config: in the rows, in the hash, in a profile, and never of the holdout."""

from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from promote.promotion.verify import verify
from store.data import DataSpec, load
from store.query.results import Results
from sweeper.backtest import Backtest, run_backtest
from sweeper.plan.series import Series
from sweeper.sweep import sweep_cells
from tests.promote.promoted import desk_in, promoted
from tests.sweeper.cli import run_cli
from tests.sweeper.planned import make_cell

N, PART = 400, 4
RISK = {"stop_loss": 0.004}
TARGETS = (0.004, 0.006)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Bars of 15 minutes, and the hours that they make, as files of one symbol."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(8)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.003, N * PART)))
    opened = np.r_[100.0, close[:-1]]
    times = pd.date_range("2024-01-01", periods=N * PART, freq="15min", name="time")
    prices = {"open": opened, "high": np.maximum(opened, close), "low": np.minimum(opened, close)}
    fine = pd.DataFrame(prices | {"close": close, "volume": 1.0}, index=times).round(8)
    rule = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    for name, frame in (("minutes", fine), ("hours", fine.resample("h").agg(rule))):
        (tmp_path / name).mkdir()
        frame.to_csv(tmp_path / name / "ABC.csv")
    return tmp_path


def data(folder, **own):
    given = {"source": "csv", "path": str(folder / "hours"), "symbols": ["ABC"], "timeframe": "1h"}
    return given | {"detail": "15m", "detail_path": str(folder / "minutes")} | own


def frames(folder):
    return (
        pd.read_csv(folder / name / "ABC.csv", index_col="time", parse_dates=True)
        for name in ("hours", "minutes")
    )


def swept(folder, root):
    cell = make_cell(
        "params.fast=3,4", f"risk.take_profit={TARGETS[0]},{TARGETS[1]}",
        data=data(folder), risk=RISK, store={"root": str(root)}, executor="inline",
        params={"slow": 9}, strategy={"direction": "both"},
    )  # fmt: skip
    with redirect_stdout(StringIO()):
        sweep_cells([cell], ["python", "-m", "sweeper", "-m"])


def test_the_rows_of_a_sweep_are_those_of_the_backtest_with_finer_bars(folder):
    swept(folder, folder / "results")
    hours, minutes = frames(folder)
    kept = round(N * 0.8)
    rows = Results(folder / "results").runs("latest").to_pylist()
    changed = 0
    for row in rows:
        own = {"params": {"fast": row["params.fast"], "slow": 9}, "direction": "both", **RISK}
        own |= {"take_profit": row["risk.take_profit"], "strategy": "sma"}
        own |= {"bars": hours.iloc[:kept], "periods_per_year": 8760.0}
        told = run_backtest(Backtest(**own, detail=minutes))
        assert row["sharpe"] == pytest.approx(told.metrics["sharpe"], rel=1e-12)
        changed += told.metrics["sharpe"] != run_backtest(Backtest(**own)).metrics["sharpe"]
    assert len(rows) >= 4
    assert changed >= 2


def test_they_are_in_the_fingerprint_and_the_holdouts_are_cut_off(folder):
    with_finer, without = (
        load(DataSpec.from_config(data(folder) | own))[0]
        for own in ({}, {"detail": None, "detail_path": None})
    )
    assert with_finer.fingerprint != without.fingerprint
    assert "detail: 400 of 400 bars of 1h have bars of 15m" in with_finer.notes
    series = Series.before_holdout(with_finer, 0.2)
    assert series.detail.bars.close.size == round(N * 0.8) * PART
    assert DataSpec.from_config(with_finer.record()["spec"]) == with_finer.spec.of_symbol("ABC")


def test_a_profile_keeps_them_and_verifies(folder):
    swept(folder, folder / "template")
    desk = desk_in(folder, folder / "template")
    profile = promoted(desk).profile
    assert (profile.data["detail"], profile.settings["stop_loss"]) == ("15m", 0.004)
    assert not [f for one in verify(desk.root, desk.conf, "scalp") for f in one.faults]
    minutes = folder / "minutes" / "ABC.csv"
    lines = minutes.read_text().splitlines()
    minutes.write_text("\n".join(lines[:-40]) + "\n")
    faults = [f for one in verify(desk.root, desk.conf, "scalp") for f in one.faults]
    assert any(f.startswith("fingerprint is") for f in faults)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["data.detail=15m"], "data.detail_path: give the file or folder of the 15m bars"),
        (["data.detail=4h", "data.detail_path=hours"], "data.detail: need bars shorter than"),
        (["data.detail_path=minutes"], "data.detail_path: needs data.detail"),
        (["data=nasdaq", "+data.detail=1h"], "data.detail: source nasdaq has no finer bars"),
    ],
)
def test_bad_input_is_one_line(folder, words, message, monkeypatch, capsys):
    known = ["strategy=sma", "data=csv", "data.path=hours", "data.timeframe=1h"]
    known = ["strategy=sma"] if words[0] == "data=nasdaq" else known
    ended = run_cli(monkeypatch, capsys, *known, *words)
    assert ended.code == 2
    assert message in ended.err
    assert "Traceback" not in ended.err
