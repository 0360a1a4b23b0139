"""Sections of orders and costs as they are typed."""

import pytest
import yaml

from kernels import Settings
from kernels.engine.order_settings import COMMISSION, SLIPPAGE
from kernels.portfolio.settings import PanelSettings
from sweeper.backtest import Backtest
from sweeper.config.number_hint import number_hint
from sweeper.config.orders import CostsConfig, spelled_out
from sweeper.config.schema import CONF


@pytest.mark.parametrize(
    ("word", "apart"),
    [
        (
            "costs.commission={rate: 0.001, minimum: 1}",
            ["costs.commission=0.001", "costs.minimum=1"],
        ),
        (
            "costs.commission={per_share:0.005,fixed:2}",
            ["costs.per_share=0.005", "costs.fixed=2"],
        ),
        ("costs.commission=0.001,0.002", ["costs.commission=0.001,0.002"]),
    ],
)
def test_a_commission_of_parts_is_a_word_for_each(word, apart):
    assert spelled_out(["params.fast=5", word]) == ["params.fast=5", *apart]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("costs.commission={tiers: [1, 2]}", "costs.commission.tiers: there is no such key"),
        ("costs.commission={rate: x}", "costs.commission.rate: must be a number, got 'x'"),
        ("costs.commission={}", "costs.commission: must be a number, or have rate, minimum"),
    ],
)
def test_a_part_that_is_none_is_refused(word, message):
    with pytest.raises(ValueError, match=r"^costs\.commission") as refused:
        spelled_out([word])
    assert str(refused.value).startswith(message)


def test_a_file_with_parts_is_told_their_keys():
    assert "costs.minimum" in number_hint("costs.commission", "{'rate': 0.001}")


def test_the_default_costs_are_those_of_the_kernels_everywhere():
    written = yaml.safe_load((CONF / "costs" / "default.yaml").read_text())
    assert CostsConfig(**written) == CostsConfig()
    for kind in (Settings(), PanelSettings(), CostsConfig(), Backtest(strategy="sma")):
        assert (kind.commission, kind.slippage) == (COMMISSION, SLIPPAGE)
