"""A small report to draw, and text that must not be read as code."""

import math

from store.analysis.best_plateau import Peak
from store.analysis.suggestion import Suggestion
from store.luck.record import Luck
from store.report.view_model import (
    Axis,
    Caution,
    Curve,
    Distribution,
    Entry,
    Equity,
    Gap,
    HeatMap,
    Importance,
    Lines,
    Months,
    Profile,
    ReportView,
    Step,
    TradeOff,
)

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}<!--"

NAN = float("nan")
METRICS = {
    "sharpe": 0.714,
    "annual_return": 0.1023,
    "max_drawdown": 0.305,
    "calmar": math.inf,
    "trades": 1234.0,
    "win_rate": NAN,
    "exposure": 0.606,
}


def entry(role=None, run=42, sharpe=0.714, **changes):
    facts = {
        "role": role,
        "run": run,
        "strategy": "sma",
        "symbol": "NASDAQ",
        "direction": "long",
        "window": "dev",
        "params": {"fast": 10.0, "band": -0.015, "stop_loss": NAN},
        "metrics": METRICS | {"sharpe": sharpe},
    }
    return Entry(**(facts | changes))


HEAT = HeatMap(
    group="sma · NASDAQ · long",
    metric="sharpe",
    x_name="fast",
    y_name="slow",
    x=(5.0, 10.0, 15.0),
    y=(20.0, 50.0),
    z=((0.1, 0.2, None), (0.3, -0.4, 0.25)),
    best=(0, 1),
    centre=(1, 0),
    single_steps=True,
)
EQUITY = Equity(
    "Run 42",
    (
        Curve("best", "run 42: fast 10", ("2020-01-01", "2020-01-02", "2020-01-03"), (1, 1.2, 0.9)),
        Curve("hold", "buy and hold", ("2020-01-01", "2020-01-02", "2020-01-03"), (1, 0.5, 0.0)),
    ),
    notes=("Costs included",),
    months=(
        Months(
            "best", "run 42", (2019, 2020), ((None,) * 11 + (0.01,), (-0.1,) * 12), (0.01, -0.7)
        ),
        Months("hold", "buy and hold", (2019, 2020), ((None,) * 12,) * 2, (0.1, None)),
    ),
)
GAP = Gap(
    metric="sharpe",
    train=(0.1, 0.7),
    test=(0.2, 0.1),
    texts=("sma: fast 5", "sma: fast 10"),
    best=(0.7, 0.1),
    error=0.2,
    beyond=0.5,
    correlation=-0.25,
    note="2 of 3,127 runs are drawn",
)
LINES = Lines(
    axes=(Axis("fast", ((0.0, "5"), (1.0, "15"))), Axis("Sharpe", ((0.0, "0"), (1.0, "1")))),
    places=((0.0, 0.1), (0.5, 0.9)),
    texts=("run 1: fast 5", "run 42: fast 10"),
    ranks=(0.0, 1.0),
    note="2 of 3,127 runs",
)
PROFILE = Profile("fast", (5.0, 10.0), (0, 0), (0.1, 0.2), (0.3, 0.4), (0.5, 0.7), 10.0, 5.0)
FOLD = {
    "train": {"role": "train_1", "first": "2001-01-02T00:00:00", "last": "2004-12-31T00:00:00"},
    "test": {"role": "test_1", "first": "2005-01-03T00:00:00", "last": "2005-12-30T00:00:00"},
    "strategy": "sma",
    "direction": "long",
    "params": {"fast": 10},
    "settings": {"risk.stop_loss": NAN},
    "in_sample": {"sharpe": 0.8, "total_return": 0.5},
    "out_of_sample": {"sharpe": 0.3, "total_return": 0.04},
}
WALK = {
    "symbol": "NASDAQ",
    "metric": "sharpe",
    "folds": [FOLD],
    "stitched": {
        "first": "2005-01-03T00:00:00",
        "last": "2005-12-30T00:00:00",
        "sharpe": 0.3,
        "total_return": 0.04,
        "annual_return": 0.04,
    },
    "efficiency": {"sharpe": 0.375},
}
CPCV = {
    "symbol": "NASDAQ",
    "groups": 8,
    "test_groups": 2,
    "purge": 0,
    "embargo": 0,
    "splits": 28,
    "paths": [0.3, -0.1, 0.2],
    "median": 0.2,
    "min": -0.1,
    "max": 0.3,
    "below_0": 1 / 3,
    "in_sample": 0.9,
}
TRADE_OFF = TradeOff(
    goals=(("sharpe", "max"), ("max_drawdown", "min")),
    x=(0.1, 0.2),
    y=(0.3, 0.4),
    texts=("run 1: sma", "run 2: sma"),
    size=2,
    front=(entry(), entry(run=7, metrics=METRICS | {"sharpe": 0.5, "max_drawdown": 0.2})),
    note="2 of 99 configurations",
)
NEXT = Suggestion(
    ref="exp-20260102-030405-ab12/3",
    overrides=("strategy=sma", "params.fast=10", "params.slow=50"),
    params={"fast": 10, "slow": 50},
    settings={},
    weights={},
    metric="sharpe",
    own=2.0,
    median=3.0,
    neighbours=6,
    best=5.0,
    kept=0.8,
    sharpe=2.0,
    noise_sharpe=1.0,
    advice="Its plateau's middle, Sharpe 2.00; not promotable before `python -m promote check "
    "exp-20260102-030405-ab12/3`.",
)
LUCK = Luck(
    configurations=3_129,
    sample=3_129,
    small=3_129,
    histories=4,
    closer=4,
    mean=0.84,
    se=0.05,
    sd=0.1,
    q90=0.95,
    bests=(0.7, 0.8, 0.9, 0.96),
)
VIEW = ReportView(
    id="exp-20260102-030405-ab12",
    title="Averages",
    subject="sma on NASDAQ, 1d",
    status="done",
    created="2026-01-02 03:04 UTC",
    configurations=3_129,
    metric="sharpe",
    entries=(
        entry(),
        entry(run=7, sharpe=0.7),
        entry("baseline", 0, 0.38),
        entry("hold", None, 0.31, strategy="", direction="", params={}),
    ),
    equity=EQUITY,
    counts={"planned": 3_129, "done": 3_127, "failed": 2, "pruned": 0},
    seconds=2.0,
    luck=LUCK.compared(0.71),
    luck_text="On bars without skill the best of these shows 0.84. Chance of luck 80 %.",
    heat_maps=(HEAT,),
    cautions=(Caution("Too few trades", "The best run made 3."),),
    peaks=(Peak("sma · NASDAQ · long", 41, {"fast": 10.0}, 0.65, 0.66, 9, 0.714, 0.6, 0.84),),
    importance=(Importance("sma · NASDAQ · long", 3_127, {"fast": 0.25, "slow": NAN}),),
    profiles=(PROFILE,),
    profiles_of="sma · NASDAQ · long",
    lines=LINES,
    distribution=Distribution("sharpe", (0.0, 0.5, 1.0), (3, 4), expected=(4.0, 1.5)),
    gap=GAP,
    trade_off=TRADE_OFF,
    suggestion=NEXT,
    walk_forward=(WALK,),
    cpcv=(CPCV,),
    steps=(Step("Look", "python -m store show latest"),),
    facts=(("NASDAQ", "5,031 bars"),),
    command="python -m sweeper -m strategy=sma",
)
