"""Overrides as typed: names stay names, and what Hydra cannot read is refused with the cure."""

import shlex

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from sweeper.config.overrides import readable
from sweeper.config.schema import register

register()


def value(word):
    return OverridesParser.create().parse_override(readable(word)).value()


def swept(word):
    override = OverridesParser.create().parse_override(readable(word))
    return [value(f"{override.key_or_group}={text}") for text in override.sweep_string_iterator()]


NAMES = ["TRUE", "false", "NAN", "NULL", "NO", "ON", "inf", "005930", "700", "1e5", "5_0", "5."]
NAMES += ["^GSPC", "EURUSD=X", "BRK-B", "BRK.B", "A"]
LEFT_ALONE = ["params.fast=5", "params.fast=range(5,60)", "strategy=sma,rsi", "+experiment=demo"]
LEFT_ALONE += ["data.symbols=[]", "data.symbols=null", "data.path=null", "tags=[a,b]", "~risk"]
LEFT_ALONE += ['data.path="a=b"', "name='TRUE'", "store.root=${oc.env:HOME}", "name=a b"]
LEFT_ALONE += ["risk.stop_loss=null,0.05", "params={fast:5},{fast:6}"]
LEFT_ALONE += ["ray.address=10.0.0.10:6379", "ray.address=head:6379", "data.start=2010-01-01 10:30"]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_bars_stay_names(name):
    assert value(f"data.symbols=[{name},X]") == [name, "X"]
    assert value(f"data.symbols={name}") == name
    assert swept(f"data.symbols=[{name}],[B]") == [[name], ["B"]]
    assert swept(f"data.symbols=choice([{name}],[B])") == [[name], ["B"]]


@pytest.mark.parametrize("name", [name for name in NAMES if not set(name) & set("^=")])
def test_texts_stay_texts(name):
    assert value(f"tags=[{name},a]") == [name, "a"]
    assert value(f"data.path={name}") == (None if name == "NULL" else name)
    assert swept(f"name={name},b") == [None if name == "NULL" else name, "b"]


@pytest.mark.parametrize("word", LEFT_ALONE)
def test_what_hydra_reads_as_meant_is_left_alone(word):
    assert readable(word) == word


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("data.path=inputs/EURUSD=X.csv", 'data.path="inputs/EURUSD=X.csv"'),
        ("data.path=table (1).csv", 'data.path="table (1).csv"'),
        ("data.path=a{b}", 'data.path="a{b}"'),
        ("data.path=a^b;c&d", 'data.path="a^b;c&d"'),
        ("name=it's", 'name="it\'s"'),
        ('name="open', "name=open"),
        ("tags=[a;b,c]", 'tags=["a;b",c]'),
        ("tags=[a,b", "tags=[a,b]"),
        ("params.fast=range(5,60", "params.fast=range(5,60)"),
        ("params.fast=choice(1,[2", "params.fast=choice(1,[2])"),
        ("search.metric=[sharpe", "search.metric=[sharpe]"),
        ("+name=a=b", '+name="a=b"'),
    ],
)
def test_a_refusal_says_what_to_write_and_that_can_be_pasted(word, written):
    with pytest.raises(ValueError, match=r"cannot read") as refused:
        readable(word)
    key = word.lstrip("+").partition("=")[0]
    assert str(refused.value).startswith(f"{key}: cannot read {word.partition('=')[2]}: ")
    pasted = str(refused.value).partition("write ")[2]
    assert shlex.split(pasted) == [written]
    assert readable(written) == written


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("params.fast", "'params.fast': is neither an option nor key=value; write params.fast=V"),
        ("", "'': is neither an option nor key=value"),
        ("=5", "'=5': '' is no key"),
        ("par ams=3", "'par ams' is no key"),
        ("params.=3", "'params.' is no key"),
        ("params.fast=foo(1)", "there is no function foo; write a number"),
        ("params.fast=range(a,b)", "takes numbers, the stop excluded"),
        ("params.fast=choice()", "choice() needs a value"),
        ("params.fast=a b;c", "write a number, 5,10,20"),
        ("risk=5", "risk: takes the name of one of its files or keys of its own"),
        ("data=null", "data: takes the name"),
        ("tags.0=a", "tags is a list, which is set as a whole"),
        ("hydra.xyz=1", "hydra.xyz: there is no such key"),
        ("+hydra.xyz=1", "hydra.xyz: there is no such key"),
        ("hydra.job.nmae=x", "did you mean hydra.job.name?"),
        ("hydra.job.name.x=1", "hydra.job.name.x: there is no such key"),
        ("+hydra.sweeper.parms=x", "did you mean hydra.sweeper.params?"),
        ("hydra.sweeper=5", "hydra.sweeper: has keys of its own"),
        ("hydra.searchpath=[nowhere]", "there is no folder nowhere"),
        ("hydra.searchpath=nowhere", "must be a list of folders"),
        ("params.fast,params.slow=5", "several keys are set by zip() only"),
        ("params.fast,params.slow=zip([5],[6,7])", "lists of one length, got 1 of params.fast"),
        ("params.fast,params.slow=zip([5,6])", "needs a list for each key, got 1 for 2 keys"),
        ("params.fast,params.fast=zip([5],[6])", "params.fast is there twice"),
        ("params.fast,params.slow=zip([5],[a])", "zip() pairs numbers, got 'a'"),
        ("params.fast,params.slow=zip([5],['a'])", "zip() pairs numbers, got 'a'"),
        ("params.fast,params.slow=zip([5],[6", "as in 'params.fast,"),
        ("params.fast,params.slow=zip([5],interval(0,1))", "needs listed values"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line(word, complaint):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is compared below
        readable(word)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)
