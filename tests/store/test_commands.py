"""Commands that are printed: what the shell and Hydra make of them is what was meant."""

import shlex

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import example, given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from store.commands import again, line, literal, override, promote_line, root_words, store_line
from store.files.s3 import S3Path

NAMES = [
    "^GSPC", "EURUSD=X", "TRUE", "NAN", "null", "005930", "1e5", "1_000", "BTC/USDT", "BRK.B",
    "results (1)/a b.csv", "it's", 'say "hi"', "$HOME", "${x}",
    "\\${x}", "\\\\${x}", "a\\", "a\\\"",
    "", " lead", "trail ", "a,b", "[x]", "{a:b}", "a:b", "é", "~x", "@x", "-x", "50%", "on", "#x",
    "a\nb", "choice(1,2)", "range(1,3)", "*", "a|b", "a;b", "`ls`", "!x", "\t", "x=y=z", "+x",
]  # fmt: skip

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), max_size=12)
NUMBERS = st.text(st.sampled_from(list("0123456789eE._-+nainfx")), max_size=6)
BACKSLASHES = st.text(st.sampled_from(list("\\$\"'{}a ")), max_size=8)


def read(word):
    """What Hydra composes of a word: its value in a config that has been resolved."""
    parsed = OverridesParser.create().parse_override(word)
    assert not parsed.is_sweep_override()
    config = OmegaConf.create({"x": "XX", "value": parsed.value()})
    return OmegaConf.to_container(config, resolve=True)["value"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_survives_the_shell_and_hydra(name):
    words = shlex.split(line("python", override("value", name), override("value", [name, name])))
    assert [read(word) for word in words[1:]] == [name, [name, name]]


@given(TEXTS | BACKSLASHES | NUMBERS)
@example("\\\\\\${a}\\")
def test_any_text_survives_hydra(text):
    value = read(override("value", text))
    assert (value, type(value)) == (text, str)


@pytest.mark.parametrize("value", [None, True, 3, 0.06, 1e-7, [1, "1"]])
def test_other_values_keep_their_type(value):
    assert read(override("value", value)) == value


def test_plain_names_stay_bare():
    assert literal(["NASDAQ", "sp500", "BRK.B", "a/b-c.csv"]) == "[NASDAQ,sp500,BRK.B,a/b-c.csv]"


def test_a_store_is_named_unless_commands_find_it_anyway(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWEEPER_ROOT", raising=False)
    assert root_words("results") == root_words(tmp_path / "results") == []
    assert store_line("show", "latest", root="my store") == (
        "python -m store show latest --root 'my store'"
    )
    monkeypatch.setenv("SWEEPER_ROOT", "my store")
    assert root_words(tmp_path / "my store") == []
    assert promote_line("check", "latest", root="results") == (
        "python -m promote check latest --root results"
    )


def test_a_bucket_is_named_as_it_is_written():
    root = S3Path("bucket", "some/results")
    assert root_words(root) == ["--root", "s3://bucket/some/results"]


def test_the_command_that_goes_on_names_the_store_that_only_the_environment_named(monkeypatch):
    monkeypatch.delenv("SWEEPER_ROOT", raising=False)
    command = ["python", "-m", "sweeper", "-m", "params.fast=5,10"]
    assert again(command, "R (1)")[-1] == 'store.root="R (1)"'
    assert again([*command, "store.root=there"], "there") == [*command, "store.root=there"]
