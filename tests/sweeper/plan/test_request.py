"""What is written is what is swept: fixed numbers, experiment files, pairs, and nothing twice."""

import numpy as np
import pytest

from sweeper.plan.compose import composing
from sweeper.plan.plan import build_plan, load_datasets
from sweeper.plan.request import request_cells

STOPS = """
# @package _global_
defaults:
  - override /strategy: sma
params: {fast: 20, slow: 50}
hydra:
  sweeper:
    params:
      risk.stop_loss: 0.02,0.05,0.1
"""


@pytest.fixture(scope="module")
def composer():
    with composing() as composer:
        yield composer


@pytest.fixture
def cells(composer):
    return lambda *words: [cell for _, cell in request_cells(words, composer)]


@pytest.fixture
def plan(cells):
    def made(*words):
        asked = cells(*words)
        return build_plan(asked, load_datasets(asked))

    return made


@pytest.fixture
def conf(tmp_path):
    """Writes files of a user's own, and gives the word that has them found."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return f"hydra.searchpath=[{tmp_path}]"

    return write


def axes(cell):
    return {axis.name: str(axis) for axis in cell.space.axes}


def test_numbers_that_an_experiment_file_fixes_are_not_swept(plan, conf):
    found = plan(conf(experiment__stops=STOPS), "+experiment=stops")
    typed = plan("params.fast=20", "params.slow=50", "risk.stop_loss=0.02,0.05,0.1")
    assert axes(found.cells[0]) == {"risk.stop_loss": "choice(0.02,0.05,0.1)"}
    assert found.configurations == 4
    assert found.hash() == typed.hash()


def test_a_default_that_a_file_writes_again_is_fixed(cells, conf):
    word = conf(experiment__same="# @package _global_\nparams: {fast: 20}\n")
    (cell,) = cells(word, "+experiment=same")
    assert list(axes(cell)) == ["params.slow"]


def test_a_strategy_file_built_on_another_fixes_what_it_sets(cells, conf):
    text = "# @package _global_\ndefaults: [sma]\nparams: {slow: 99}\n"
    (cell,) = cells(conf(strategy__sma99=text), "strategy=sma99")
    assert list(axes(cell)) == ["params.fast"]
    assert cell.fixed["params.slow"] == 99


def test_the_defaults_of_a_strategy_file_with_ranges_are_swept(cells, conf):
    text = (
        "# @package _global_\n"
        "strategy: {name: mine, module: sma, constraint: fast < slow, "
        "space: {fast: '5,10', slow: '50,60'}}\nparams: {fast: 7, slow: 70}\n"
    )
    (cell,) = cells(conf(strategy__mine=text), "strategy=mine")
    assert list(axes(cell)) == ["params.fast", "params.slow"]


def test_a_range_that_is_typed_is_later_than_any_file(cells, conf):
    word = conf(experiment__stops=STOPS)
    (cell,) = cells(word, "+experiment=stops", 'strategy.space.fast="5,10"')
    assert list(axes(cell)) == ["risk.stop_loss", "params.fast"]


@pytest.mark.parametrize("word", ["params.fast=20", "params={fast:20}", "++params.fast=20"])
def test_a_number_that_is_typed_is_fixed(cells, word):
    (cell,) = cells(word)
    assert list(axes(cell)) == ["params.slow"]


def test_a_weight_inside_a_dictionary_is_fixed(cells):
    (cell,) = cells("strategy=ensemble", "params={weights:{trend:0.5},enter:1}")
    swept = set(axes(cell))
    assert not swept & {"params.weights.trend", "params.enter"}
    assert "params.weights.rsi" in swept


def test_a_sweep_over_experiment_files_sweeps_what_each_of_them_does(plan):
    both = plan("+experiment=sma_grid,rsi_grid")
    alone = [plan(f"+experiment={name}") for name in ("sma_grid", "rsi_grid")]
    assert [group.search.size() for group in both.groups] == [16, 64]
    assert [group.runs for group in both.groups] == [p.runs for p in alone]
    assert [axes(cell) for cell in both.cells] == [axes(p.cells[0]) for p in alone]
    assert [cell.overrides for cell in both.cells] == [
        ("+experiment=sma_grid",),
        ("+experiment=rsi_grid",),
    ]


def test_files_that_choose_differently_keep_their_own_choices(cells, conf):
    one = "# @package _global_\nhydra: {sweeper: {params: {strategy: 'sma,ema'}}}\n"
    other = "# @package _global_\nhydra: {sweeper: {params: {data: 'nasdaq,sp500'}}}\n"
    word = conf(experiment__one=one, experiment__other=other)
    found = cells(word, "+experiment=one,other", "params.fast=5,10", "fill=same_close")
    assert [(c.strategy.name, c.config.data["source"]) for c in found] == [
        ("sma", "nasdaq"),
        ("ema", "nasdaq"),
        ("sma", "nasdaq"),
        ("sma", "sp500"),
    ]
    assert all(axes(c) == {"params.fast": "choice(5,10)"} for c in found)
    assert {c.config.fill.when for c in found} == {"same_close"}


def test_a_file_that_sweeps_files_that_sweep_is_refused(cells, conf):
    text = "# @package _global_\nhydra: {sweeper: {params: {+experiment: 'sma_grid,rsi_grid'}}}\n"
    with pytest.raises(ValueError, match=r"hydra.sweeper.params: .*choose it on the command line"):
        cells(conf(strategy__all=text + "defaults: [sma]\n"), "strategy=all")


def test_a_file_may_sweep_lists_and_nested_keys_of_yaml(cells, conf):
    text = "# @package _global_\nhydra: {sweeper: {params: {params: {fast: '5,10', slow: 50}}}}\n"
    (cell,) = cells(conf(experiment__nested=text), "+experiment=nested")
    assert axes(cell) == {"params.fast": "choice(5,10)"}
    assert cell.fixed["params.slow"] == 50


PAIRS = [[5, 50], [10, 100], [20, 200]]


@pytest.mark.parametrize(
    "word",
    [
        "params={fast:5,slow:50},{fast:10,slow:100},{fast:20,slow:200}",
        "params.fast,params.slow=zip([5,10,20],[50,100,200])",
        "params.fast,params.slow=zip([5,10,20],choice(50,100,200))",
        "+zip={params.fast:5,params.slow:50},{params.fast:10,params.slow:100},"
        "{params.fast:20,params.slow:200}",
    ],
)
def test_pairs_are_run_as_pairs(plan, word):
    (group,) = plan(word).groups
    values, valid = group.search.points(0, group.search.size())
    assert values.tolist() == PAIRS
    assert valid.all()
    assert group.runs == 4


def test_pairs_go_with_other_numbers(plan):
    found = plan("params={fast:5,slow:50},{fast:10,slow:100}", "risk.stop_loss=null,0.05")
    (group,) = found.groups
    values, _ = group.search.points(0, 9)
    np.testing.assert_array_equal(
        values, [[5, 50, np.nan], [5, 50, 0.05], [10, 100, np.nan], [10, 100, 0.05]]
    )
    other = plan("params={fast:5,slow:100},{fast:10,slow:50}", "risk.stop_loss=null,0.05")
    assert other.hash() != found.hash()


def test_what_an_entry_does_not_set_keeps_its_value(plan):
    (group,) = plan("params.fast=5", "params={fast:5},{slow:60}").groups
    values, _ = group.search.points(0, 9)
    assert values.tolist() == [[5, 50], [5, 60]]


def test_pairs_of_exits_go_with_the_strategys_own_space(cells):
    (cell,) = cells(
        "risk.stop_loss,risk.take_profit=zip([0.02,0.05],[0.04,null])", "params.slow=50"
    )
    assert list(axes(cell)) == ["risk.stop_loss", "risk.take_profit", "params.fast"]
    assert cell.search.size() == 2 * 100


def test_random_draws_among_pairs_and_learners_refuse_them(cells):
    word = "params.fast,params.slow=zip(range(5,55),range(60,110))"
    (cell,) = cells(word, "search=random", "search.n=10")
    values, valid = cell.search.points(0, cell.search.size())
    assert len(values) == 10
    assert valid.all()
    assert (values[:, 1] - values[:, 0] == 55).all()
    (cell,) = cells(word, "search=bayes")
    with pytest.raises(ValueError, match="search=bayes: proposes numbers one by one"):
        _ = cell.search


def test_a_pair_of_an_experiment_file(cells, conf):
    text = (
        "# @package _global_\nhydra:\n  sweeper:\n    params:\n"
        "      params.fast,params.slow: zip([5,10],[50,100])\n"
    )
    (cell,) = cells(conf(experiment__paired=text), "+experiment=paired")
    assert cell.search.points(0, 9)[0].tolist() == PAIRS[:2]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("params={fast:5},{fast:6}", "params.fast=5,6"), "params.fast: is swept twice"),
        (("params={fats:5},{fats:6}",), "params.fats: strategy sma has no such parameter"),
        (("params={fast:a},{fast:b}",), "params.fast: must be a number or null"),
        (("params={fast:5,slow:2},{fast:6,slow:3}",), "met by none of the pairs"),
        (("params={fast:2.5},{fast:3}",), "params.fast: takes whole numbers, got 2.5"),
        (("costs={minimal:1},{minimal:2}",), "costs.minimal: strategy sma has no such"),
    ],
)
def test_pairs_that_do_not_fit_are_refused(plan, words, complaint):
    with pytest.raises(ValueError, match=complaint):
        plan(*words)


@pytest.mark.parametrize(
    "words",
    [
        ("strategy=sma,sma",),
        ("data=nasdaq,nasdaq",),
        ("fill=next_open,next_open",),
        ("initial_capital=10000,10000.0",),
        ("data.symbols=[NASDAQ],[NASDAQ,NASDAQ]",),
        ("name=a,b",),
        ("strategy=sma,sma", "data=nasdaq,nasdaq"),
    ],
)
def test_the_same_cell_twice_runs_once_and_that_is_said(plan, words):
    found = plan(*words, "params.fast=5,10,5.0", "params.slow=50")
    once = plan("params.fast=5,10", "params.slow=50")
    assert found.hash() == once.hash()
    assert found.configurations == once.configurations == 3
    assert "repeated cell(s) dropped" in found.notes[0]


def test_windows_that_are_spelt_twice_run_once_and_that_is_said(plan):
    words = ("strategy=sma", "params.fast=5,10", "params.slow=50", "split=walk_forward")
    once = plan(*words, "split.train=4y")
    twice = plan(*words, "split.train=4y,48mo")
    assert [group.windows for group in twice.groups] == [group.windows for group in once.groups]
    assert (twice.runs, twice.configurations) == (once.runs, once.configurations)
    assert "1 repeated cell(s) dropped" in " ".join(twice.notes)
    assert len(plan(*words, "split.train=4y,3y").groups) == 2
    assert len(plan(*words[:3], "split=cpcv", "split.purge=0,10").groups) == 2, "analysed otherwise"


def test_fractions_of_a_range_hash_as_listed_ones(plan):
    words = ("params.fast=20", "params.slow=50")
    ranged = plan(*words, "risk.stop_loss=range(0.01,0.1,0.01)")
    listed = plan(*words, "risk.stop_loss=0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08,0.09")
    assert ranged.hash() == listed.hash()
    assert ranged.configurations == 10


@pytest.mark.parametrize("word", ["params.fast=glob(*)", "strategy=glob(zz*)", "name=glob(*)"])
def test_a_glob_that_matches_nothing_is_refused(cells, word):
    with pytest.raises(ValueError, match=r"glob\(.*\) matches nothing"):
        cells(word)
