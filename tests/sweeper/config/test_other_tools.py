"""Words as users of other tools type them: the refusal says what they are called here."""

import pytest

from sweeper.config.closest_word import KEYS_ELSEWHERE, closest_word
from sweeper.config.known_keys import no_such_key
from sweeper.config.number_hint import number_hint
from sweeper.config.refusals import sentence
from sweeper.plan.compose import composing
from sweeper.plan.request import request_cells


@pytest.fixture(scope="module")
def composer():
    with composing() as composer:
        yield composer


def refusal(composer, word):
    with pytest.raises(ValueError, match=r".") as refused:
        list(request_cells([word], composer))
    return sentence(refused.value)


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("strategy=SMA", "did you mean sma?"),
        ("strategy=sma_crossover", "did you mean sma?"),
        ("search=bayesian", "did you mean bayes?"),
        ("search.metric=sharpe_ratio", "did you mean sharpe?"),
        ("search.mode=minimize", "did you mean min?"),
        ("search.n_trials=10", "did you mean search.n?"),
        ("cash=100000", "did you mean initial_capital?"),
        ("fees=0.001", "did you mean costs.commission?"),
        ("costs.fee=0.001", "did you mean costs.commission?"),
        ("risk.sl=0.05", "did you mean risk.stop_loss?"),
        ("risk.tp=0.05", "did you mean risk.take_profit?"),
        ("risk.atr_stop=3", "did you mean risk.stop_loss with risk.unit=atr?"),
        ("ray.num_gpus=1", "did you mean ray.resources?"),
        ("symbol=AAPL", "did you mean data.symbols?"),
        ("data=prices/AAPL.csv", "write data=csv data.path=prices/AAPL.csv"),
        ("data=AAPL.parquet", "write data=parquet data.path=AAPL.parquet"),
        ("params.fast=5:20:5", "write 'params.fast=range(5,20,5)'"),
        ("params.fast=5..20", "write 'params.fast=range(5,20)'"),
        ("params.fast=5-20", "write 'params.fast=range(5,20)'"),
        ("params.fast=[5,10]", "write params.fast=5,10, with -m"),
        ("risk.stop_loss=5%", "5 % is 0.05"),
        ("risk.stop_loss=off", "null switches it off"),
        ("initial_capital=10k", "write 10000"),
    ],
)
def test_the_advice_is_what_is_meant(composer, word, advice):
    line = refusal(composer, word)
    assert advice in line
    assert line.startswith(word.partition("=")[0])


def test_a_strategy_of_ones_own_is_found_by_its_file(composer, tmp_path, monkeypatch):
    (tmp_path / "breakout_of_mine.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    for word in ("strategy=breakout_of_mine", "strategy=breakout_of_mine.py"):
        line = refusal(composer, word)
        assert line.endswith("strategy=custom strategy.module=breakout_of_mine")
    assert "custom strategy.module" not in refusal(composer, "strategy=json")


@pytest.mark.parametrize("name", KEYS_ELSEWHERE)
def test_every_name_of_another_tool_leads_to_a_key_of_this_one(composer, name):
    config = composer.compose([])
    line = no_such_key(name, config)
    key = line.partition("did you mean ")[2].partition(" with ")[0].rstrip("?")
    assert key == KEYS_ELSEWHERE[name].partition(" with ")[0]


def test_no_advice_where_nothing_is_near():
    assert closest_word("optuna", ["bayes", "grid", "random"]) is None
    assert number_hint("params.fast", "many") == ""
    assert number_hint("params.fast", "none") == "", "a parameter cannot be switched off"
