"""The demo of operation: from a sweep to full capital, with faults that are named.

Bars with a planted edge are made, swept and promoted; then 120 days arrive, one after the other,
and an account follows, at first faithfully, then a bar late and dearer. Everything is done by the
commands that a user has, in a folder of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from typer.testing import CliRunner

from operate.cli.app import app as operate_app
from operate.records.clock import now_of
from operate.shadow.live_bars import live_bars
from operate.shadow.run import run
from promote.cli.app import app as promote_app
from promote.profiles.files import find
from store.cli.app import app as store_app

APPS = {"operate": operate_app, "promote": promote_app, "store": store_app}
PROJECT = Path(__file__).resolve().parent.parent
PAST, DAYS = 900, 120
PLAN = """\
days: trading
stages:
  - {name: shadow, capital: 0.0, days: 60, trades: 3}
  - {name: half, capital: 0.5, days: 20, trades: 2}
  - {name: full, capital: 1.0, days: 0, trades: 0}
"""


def bars(n: int, seed: int = 5) -> pd.DataFrame:
    """Daily bars, every day of the week, whose drift turns every week or so."""
    random = np.random.default_rng(seed)
    keep, drift, state = np.exp(-1 / 6), np.empty(n), 0.0
    for i, shock in enumerate(random.standard_normal(n)):
        state = keep * state + np.sqrt(1 - keep**2) * shock
        drift[i] = state
    close = 100 * np.exp(np.cumsum(0.01 * (0.35 * drift + random.standard_normal(n))))
    opened = np.r_[100.0, close[:-1]] * np.exp(0.001 * random.standard_normal(n))
    high = np.maximum(opened, close) * (1 + 0.003 * random.random(n))
    low = np.minimum(opened, close) * (1 - 0.003 * random.random(n))
    times = pd.date_range("2021-01-01", periods=n, tz="UTC")
    columns = {"open": opened, "high": high, "low": low, "close": close, "volume": 1e6}
    return pd.DataFrame({"time": times, **columns})


class Demo:
    """The folder of the demo, and the commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.frame = folder, bars(PAST + DAYS)
        os.chdir(folder)
        for name in ("SWEEPER_ROOT", "SWEEPER_PROFILES", "DATABASE_URL"):
            os.environ.pop(name, None)

    def run(self, *words: str, ok: tuple[int, ...] = (0,)) -> str:
        """The output of a command; in this process, but for a sweep."""
        if words[0] == "sweeper":
            environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
            subprocess.run([sys.executable, "-m", *words], env=environment, check=True)
            return ""
        done = CliRunner().invoke(APPS[words[0]], list(words[1:]))
        if done.exit_code not in ok:
            sys.exit(f"python -m {' '.join(words)}: {done.exit_code}: {done.output}")
        return done.stdout

    def operate(self, *words: str, ok: tuple[int, ...] = (0, 3)) -> dict[str, object]:
        """The JSON of a verb of operation."""
        result: dict[str, object] = json.loads(self.run("operate", *words, "--json", ok=ok))
        return result

    def arrive(self, n: int) -> None:
        """Bars up to the n-th are ingested."""
        self.frame.iloc[:n].to_parquet(self.folder / "DEMO.parquet")
        self.run("store", "ingest", "parquet", "DEMO.parquet", "-t", "1d", "--calendar", "24/7")

    def promote(self) -> None:
        """Sweep, gate, approve."""
        self.arrive(PAST)
        self.run(
            "sweeper", "-m", "strategy=sma", "strategy.direction=both", "params.fast=2,3,4",
            "params.slow=5,6,8", "data=stored", "data.symbols=[DEMO]", "data.path=results",
            "executor=inline",
        )  # fmt: skip
        self.run(
            "promote", "apply", "latest/best", "demo", "--gate", "s1", "--set", "min_sharpe=-9",
            "--set", "max_drawdown=1", "--allow-dirty", "--reason", "it follows trends",
        )  # fmt: skip
        self.run("promote", "approve", "demo", "--by", "ann@example.org")

    def fills(self, first: int, last: int, scale: float, **fault: float) -> None:
        """The account follows the shadow on bars first..last-1: late by `late` days, `dearer`."""
        orders = []
        for trade in self.shadow_trades():
            side = 1 if trade["side"] > 0 else -1
            ends = [("entry_time", side, "entry_price")]
            if trade["exit_reason"] != "end":
                ends.append(("exit_time", -side, "exit_price"))
            for time, way, price in ends:
                bar = int(self.frame["time"].searchsorted(pd.Timestamp(trade[time])))
                if first <= bar < last:
                    orders.append((bar, way, float(trade["size"]), float(trade[price])))
        late = {max((bar for bar, *_ in orders), default=-1)} if fault.get("late") else set()
        rows = []
        for at, way, size, paid in orders:
            day = self.frame["time"][at] + pd.Timedelta(1 if at in late else 0, "D")
            paid *= 1 + way * fault.get("dearer", 0.0)
            rows.append(
                {"time": (day + pd.Timedelta(1, "h")).isoformat(), "symbol": "DEMO",
                 "side": "buy" if way > 0 else "sell", "quantity": size * scale, "price": paid,
                 "fee": size * scale * paid * 0.0005}
            )  # fmt: skip
        columns = ["time", "symbol", "side", "quantity", "price", "fee"]
        pd.DataFrame(rows, columns=columns).to_csv(self.folder / "fills.csv", index=False)
        until = (self.frame["time"][last - 1] + pd.Timedelta(1, "D")).isoformat()
        self.run("operate", "intake", "demo", "fills.csv", "--until", until)

    def shadow_trades(self) -> list[dict[str, Any]]:
        """Trades of the profile on the bars that are there, the open one last."""
        profile = find(Path("profiles"), "demo")
        made = run(profile, live_bars(profile, now_of(None)))
        rows: list[Any] = made.trades.to_dict("records")
        return rows + ([] if made.position is None else [made.position.to_dict()])

    def stage(self, title: str, first: int, last: int, scale: float, **fault: float) -> None:
        """Some days arrive, the account follows, and it is said what operation makes of it."""
        self.arrive(last)
        self.operate("shadow", "demo")
        self.fills(first, last, scale, **fault)
        self.operate("shadow", "demo")
        print(f"\n== {title}: days {first - PAST + 1} to {last - PAST}")
        print(self.run("operate", "monitors", "demo", ok=(0, 3)))


def main() -> None:
    """Run it, and print what happens."""
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder))
        demo.promote()
        (demo.folder / "plan.yaml").write_text(PLAN)
        demo.operate("rollout", "start", "demo", "--plan", "plan.yaml", "--by", "ann@example.org")
        begun = PAST
        for title, last, scale in (("shadow, paper fills", 975, 0.1), ("half", 998, 0.5)):
            demo.stage(title, begun, last, scale)
            report = demo.operate("rollout", "advance", "demo", "--by", "ann@example.org")
            share, missing = f"{report['capital']:.0%}", report["missing"]
            print(f"-> stage {report['stage']}, {share} of the capital: {missing}")
            begun = last
        demo.stage("full capital, a fill late and prices 5 bp dearer", begun, PAST + DAYS, 1.0,
                   late=1, dearer=0.0005)  # fmt: skip
        print(demo.run("operate", "rollout", "status", "demo"))
        print(demo.run("operate", "gap", "demo"))


if __name__ == "__main__":
    main()
