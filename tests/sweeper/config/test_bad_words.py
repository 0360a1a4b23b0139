"""Bad words, keys and values: none is ignored, and none is answered in a library's own words."""

import shlex

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeper.config.command_line import read
from sweeper.config.refusals import sentence
from sweeper.plan.compose import composing
from sweeper.plan.request import request_cells

pytestmark = pytest.mark.slow

RAW = ["hydra.cc", "To append", "mismatched input", "Lexer", "no viable", "extraneous", "OmegaConf"]
RAW += ["full_key", "object_type", "Attribute", "Traceback", "could not be converted", "not in '"]
RAW += ["Interpolation key", "Error merging", "antlr", "Could not", "Ambiguous", "<EOF>", "invalid"]
RAW += ["defaults list", "Structured", "cannot be composed", "Config group", "literal for"]

KEYS = ["holdout", "costs.commission", "costs.slippage", "risk.stop_loss", "risk.take_profit"]
KEYS += ["risk.trailing_stop", "risk.risk_fraction", "strategy.direction", "strategy.constraint"]
KEYS += ["ray.address", "ray.num_cpus", "ray.workers", "store.root", "initial_capital", "executor"]
KEYS += ["time_limit", "report", "output", "force", "fill", "hypothesis", "description", "metrics"]
KEYS += ["data.symbols", "data.timeframe", "search.seed", "search.metric", "params.fast"]

UNREAD = ["foo", "leverage", "costs.minimal", "risk.stoploss", "risk.stop_los", "ray.wokers"]
UNREAD += [
    "store.rooot",
    "strategy.dirction",
    "holdoutt",
    "fast",
    "stop_loss",
    "commission",
    "seed",
]
UNREAD += ["risk.atr_stop", "risk.most_bars", "strategy.foo.bar", "gate", "symbols", "tag", "Name"]
UNREAD += ["name.foo", "holdout.x", "risk.stop_loss.x", "tags.foo", "tags.0", "data.symbols.0"]
UNREAD += ["params.fsat", "params.fast.x", "search.nn", "split.trian", "data.foo", "data.timezone"]
UNREAD += ["hydra.xyz", "hydra.job.nmae", "hydra.run.dri", "hydra.sweeper.foo", "hydra.job.name.x"]
UNREAD += ["strategy.space.foo", "costs.commission.maker", "store.folder", "ray.cpus", "fees"]
UNREAD += ["hydra.env.FOO", "local.cpus"]

VALUES = ["holdout=abc", "holdout=[1]", "holdout={a:1}", "force=maybe", "ray.workers=abc"]
VALUES += [
    "ray.workers=1.5",
    "name=null",
    "store.root=null",
    "store=foo",
    "params=5",
    "params=null",
]
VALUES += ["params=[1,2]", "risk=5", "risk=null", "risk=true", "data=null", "strategy=null"]
VALUES += ["search=5", "hydra=5", "hydra.sweeper=5", "hydra.mode=foo", "hydra.searchpath=nope"]
VALUES += ["hydra.searchpath=[nope]", "strategy=smma", "data=nasdak", "experiment=demo"]
VALUES += [
    "+experiment=nope",
    "+strategy=sma",
    "strategy@foo=sma",
    "+holdout=0.3",
    "~foo",
    "~name.x",
]
VALUES += ["hydra/launcher=joblib", "hydra/foo=bar", "strategy.space=5", "strategy.name=[a]"]
VALUES += ["data.path=${HOME}", "name=${name}", "name=${oc.env:NOPE_}", "name=${foo:1}", "name=${"]
VALUES += ["params.fast=${params.fst}", "tags=[${nope}]", "params.fast=", "params.fast=true"]
VALUES += ["params.fast=glob(*)", "params.fast=choice()", "params.fast=foo(1)", "params.fast=5;6"]
VALUES += ["params.fast=range(a,b)", "params.fast=range(5", "params.fast=[5", "params.fast={a:1}"]
VALUES += ["params.fast=sort(1,a)", "params.fast=interval(1)", "params.fast=tag(a,1)", "name=a=b"]
VALUES += [
    "data.path=a(1).csv",
    "data.path=a{b",
    "data.path='a",
    'data.path="a',
    "name=a^b",
    "name=é",
]
VALUES += ["name=#1", "name=`a`", "name=a&b", "tags=[a", "tags=a]", "tags={a:1}", "=5", ".a=5", "a"]
VALUES += [
    "a b=3",
    "1=2",
    "params.=5",
    "",
    "=",
    "+",
    "~",
    "+=3",
    "params..fast=3",
    "risk={stoploss:1}",
]
VALUES += ["costs={minimal:100}", "+costs={minimal:100}", "+risk={a:{b:1}}", "strategy={nmae:sma}"]
VALUES += ["data.symbols=[a b^c", "search.metric=sharp", "executor=gpu", "output=xml", "holdout=1"]
VALUES += ["hydra.verbose=true,false", "risk=none,5", "params.fast=5,a", "strategy=sma,smma"]
VALUES += ["params.fast,params.slow=5", "params.fast,params.slow=zip([1],[2,3])", "+zip=5"]
VALUES += [
    "params={fast:a},{fast:b}",
    "params={fsat:1},{fsat:2}",
    "zip=3",
    "hydra.sweeper.params=5",
]
VALUES += ["hydra.sweeper.params.x=1", "+hydra.sweeper.params.foo=1", "+hydra.sweeper.params.x=[1"]
VALUES += ["tags=[{a:1}]", "tags=[[a]]", "tags=['']", "tags=[a,[b]]"]
VALUES += ["tags=5", "metrics=5", "search.metric=null", "holdout=null", "params.fast=null"]
VALUES += ["params.fast=interval(10,5)", "params.fast=interval(5,5)"]
VALUES += ["hydra.sweeper._target_=os.system", "hydra.launcher._target_=os.system"]


@pytest.fixture(scope="module")
def composer():
    with composing() as composer:
        yield composer


def refusal(composer, word):
    """What is said of a word, None where it is accepted; anything but a ValueError is a bug."""
    try:
        list(request_cells(read(["sweeper", "-m", word])[2:], composer))
    except ValueError as error:
        return sentence(error)
    return None


def is_plain(line):
    return bool(line) and "\n" not in line and not any(raw in line for raw in RAW)


@pytest.mark.parametrize(("sign", "value"), [("", "1"), ("+", "1,2"), ("++", "1")])
@pytest.mark.parametrize("key", UNREAD)
def test_a_key_that_nothing_reads_is_refused(composer, key, sign, value):
    line = refusal(composer, f"{sign}{key}={value}")
    if line is None:  # options of a source or split are compared when bars are read
        assert key in ("data.foo", "data.timezone", "split.trian")
        return
    assert is_plain(line), line
    assert key in line or key.rpartition(".")[0] in line


@pytest.mark.parametrize("word", VALUES)
def test_a_bad_word_is_refused_in_our_words(composer, word):
    line = refusal(composer, word)
    assert line is not None
    assert is_plain(line), line
    _, write, advice = line.partition("; write '")
    if write and "=" in advice:
        pasted = shlex.split(f"'{advice}")[0]
        assert pasted != word
        assert "cannot read" not in (refusal(composer, pasted) or "")


@pytest.mark.parametrize(
    ("key", "real"),
    [
        ("risk.stoploss", "risk.stop_loss"),
        ("stop_loss", "risk.stop_loss"),
        ("local.cpus", "local.workers"),
        ("fast", "params.fast"),
        ("direction", "strategy.direction"),
        ("commission", "costs.commission"),
        ("ray.wokers", "ray.workers"),
        ("holdoutt", "holdout"),
        ("search_metric", "search.metric"),
        ("costs.comission", "costs.commission"),
        ("store.rooot", "store.root"),
        ("hydra.job.nmae", "hydra.job.name"),
    ],
)
def test_the_nearest_real_key_is_named(composer, key, real):
    assert f"did you mean {real}?" in refusal(composer, f"+{key}=1")


@pytest.mark.parametrize("text", [":", "a b", "fast <", "fast < slwo", "1", "import os"])
def test_a_constraint_that_cannot_be_read_is_refused_under_its_key(composer, text):
    line = refusal(composer, f"strategy.constraint='{text}'")
    assert line.startswith(f"strategy.constraint '{text}': ")
    assert is_plain(line)


@pytest.mark.parametrize("value", ["nan", "NaN"])
@pytest.mark.parametrize("key", ["risk.stop_loss", "risk.take_profit", "costs.commission"])
def test_no_number_at_all_is_no_setting(composer, key, value):
    line = refusal(composer, f"{key}={value}")
    assert line.startswith(f"{key}: must be a ")
    assert "null switches it off" in line or key.startswith("costs")


LETTERS = "abcdefghijklmnopqrstuvwxyz_"


@settings(max_examples=60)
@given(st.sampled_from(KEYS), st.data(), st.sampled_from(["", "+", "++"]))
def test_a_misspelt_key_is_never_ignored(composer, key, data, sign):
    place = data.draw(st.integers(0, len(key) - 1).filter(lambda i: key[i] != "."))
    letter = data.draw(st.sampled_from(LETTERS))
    wrong = key[:place] + letter + key[place + data.draw(st.integers(0, 1)) :]
    if wrong in KEYS or wrong.startswith(("params.", "data.", "search.")) or wrong == key:
        return
    line = refusal(composer, f"{sign}{wrong}=1")
    assert line is not None
    assert is_plain(line), line


@settings(max_examples=80)
@given(st.sampled_from(KEYS), st.text("aN1.-+e,[](){}:='\"$^ #&é*/\\", max_size=8))
def test_a_value_is_read_or_refused_in_our_words(composer, key, value):
    line = refusal(composer, f"{key}={value}")
    assert line is None or is_plain(line), line


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("risk: {stoploss: 0.05}\n", "did you mean risk.stop_loss? (in experiment/mine.yaml)"),
        ("risk: {stop_loss: abc}\n", "risk.stop_loss: must be a number, got 'abc'"),
        ("leverage: 3\n", "leverage: there is no such key"),
        ("a: [1\n", ": is not YAML"),
        ("name: a\nname: b\n", "name is there twice"),
        ("defaults: [override /strategy: smma]\n", "strategy=smma: there is no such option"),
        ("name: ${nope}\n", "name: asks for the value of nope"),
        ("hydra: {sweeper: {params: {costs.minimal: '1,2'}}}\n", "costs.minimal: there is no such"),
        ("hydra: {sweeper: {params: {params.fast: '5;6'}}}\n", "params.fast: cannot read 5;6"),
        ("hydra: {sweeper: {params: {data.symbols: [NO]}}}\n", "YAML made False of a name"),
        ("hydra: {sweeper: {parms: {}}}\n", "hydra.sweeper.parms: there is no such key"),
        ("params: {fats: 3}\n", "params.fats: strategy sma has no such parameter"),
        ("strategy: {space: {fats: '3,4'}}\n", "strategy.space.fats: strategy sma has no such"),
    ],
)
def test_a_bad_experiment_file_is_refused_in_our_words(composer, tmp_path, text, complaint):
    (tmp_path / "experiment").mkdir()
    (tmp_path / "experiment" / "mine.yaml").write_text(f"# @package _global_\n{text}")
    words = [f"hydra.searchpath=[{tmp_path}]", "+experiment=mine"]
    with pytest.raises((ValueError, yaml.YAMLError)) as refused:
        list(request_cells(words, composer))
    line = sentence(refused.value)
    assert complaint in line
    assert is_plain(line), line
