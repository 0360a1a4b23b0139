"""docs/deploy.md: the code it shows is run against a fake bot in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from operate.target import reader
from tests.documents import blocks

CODE = [body for _, body in blocks("deploy.md", "python")]
FREQTRADE = next(body for body in CODE if "freqtrade" in body)
CCXT = next(body for body in CODE if "def follow" in body)

EXCHANGE = """
import json, sys
class Exchange:
    def __init__(self): self.held, self.orders = float(sys.argv[1]), []
    def fetch_ticker(self, symbol): return {"last": 100.0}
    def position(self, symbol): return self.held
    def create_order(self, symbol, kind, side, amount):
        self.orders.append([side, amount])
        self.held += amount if side == "buy" else -amount
exchange = Exchange()
follow(exchange, "PLANTED", 10_000.0, on_expiry=sys.argv[2])
print(json.dumps([exchange.held, exchange.orders]))
"""
STRATEGY = """
import json, sys, types
package, strategy = types.ModuleType("freqtrade"), types.ModuleType("freqtrade.strategy")
strategy.IStrategy = type("IStrategy", (), {})
sys.modules |= {"freqtrade": package, "freqtrade.strategy": strategy}
"""
USE = """
import pandas as pd
bars = pd.DataFrame({"close": [1.0, 2.0]})
bot = Follow()
bars = bot.populate_exit_trend(bot.populate_entry_trend(bot.populate_indicators(bars, {}), {}), {})
names = ["enter_long", "enter_short", "exit_long", "exit_short"]
print(json.dumps(bars.iloc[-1][names].tolist()))
"""


@pytest.fixture
def bot(operated):
    """A folder with the reader and a valid target, as a bot has them."""
    operated.json("rollout", "start", "fast", "--by", "ann@example.org")
    Path("bot/targets").mkdir(parents=True)
    shutil.copy(reader.__file__, "bot/reader.py")
    target = json.loads(Path("results/targets/fast.json").read_text())
    target |= {"valid_until": "2999-01-01T00:00:00Z", "capital": 0.5, "weight": 1.0, "side": "long"}
    write(target)
    return target


def write(target):
    own = {**target, "digest": reader.digest_of(target)}
    Path("bot/targets/fast.json").write_text(json.dumps(own))


def run(code, *words):
    environment = {"PATH": os.environ.get("PATH", "")}  # without this project
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd="bot",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_ccxt_loop_reaches_the_target(bot):
    held, orders = run(CCXT + EXCHANGE, "10", "flat")
    assert (held, orders) == (50.0, [["buy", 40.0]])
    assert run(CCXT + EXCHANGE, "50", "flat")[1] == []


@pytest.mark.parametrize(("on_expiry", "held"), [("flat", 0.0), ("keep", 10.0)])
def test_the_ccxt_loop_without_a_valid_target(bot, on_expiry, held):
    write({**bot, "valid_until": "2001-01-01T00:00:00Z"})
    assert run(CCXT + EXCHANGE, "10", on_expiry)[0] == held


def test_the_freqtrade_strategy_follows(bot):
    assert run(STRATEGY + FREQTRADE + USE) == [1, 0, 0, 1]
    Path("bot/targets/fast.json").write_text("{torn")
    assert run(STRATEGY + FREQTRADE + USE) == [0, 0, 1, 1]
