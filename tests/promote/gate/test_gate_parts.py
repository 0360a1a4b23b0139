"""The smaller parts of the gate: the working tree, the holdout's bars, sums of returns."""

import itertools
import subprocess
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from promote.audit import git_tree
from promote.candidates import significance
from promote.gate import holdout
from promote.gate.evidence.evidence import Evidence
from store.ledger.instrument import Book
from tests.store.made_runs import group_of


def git(folder, *words):
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    git(tmp_path, "init")
    git(tmp_path, "config", "user.email", "a@b.c")
    git(tmp_path, "config", "user.name", "a")
    (tmp_path / ".gitignore").write_text("results\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_a_committed_checkout_is_clean(checkout):
    (checkout / "results").mkdir()
    (checkout / "results" / "runs.parquet").write_text("ignored")
    assert git_tree.changed_files(checkout) == ()
    assert len(git_tree.commit(checkout)) == 40


def test_changed_and_unknown_files_are_named(checkout):
    (checkout / ".gitignore").write_text("other\n")
    (checkout / "mine").mkdir()
    (checkout / "mine" / "rule.py").write_text("x")
    assert set(git_tree.changed_files(checkout)) == {".gitignore", "mine/rule.py"}


def test_a_strategy_in_no_git_tree_is_not_committed(tmp_path, monkeypatch):
    monkeypatch.setattr(git_tree, "changed_files", tuple)
    (tmp_path / "breakout.py").write_text("x = 1\n")
    (told,) = git_tree.changed_code([tmp_path / "breakout.py"])
    assert told == f"{tmp_path / 'breakout.py'} (in no git tree)"


def test_a_strategy_in_a_tree_of_its_own_has_to_be_committed_there(checkout, monkeypatch):
    monkeypatch.setattr(git_tree, "changed_files", tuple)
    file = checkout / "breakout.py"
    file.write_text("x = 1\n")
    assert git_tree.changed_code([file]) == (str(file),)
    git(checkout, "add", ".")
    git(checkout, "commit", "-m", "rule")
    assert git_tree.changed_code([file]) == ()
    file.write_text("x = 2\n")
    assert git_tree.changed_code([file]) == (str(file),)
    (checkout / "results").mkdir()
    ignored = checkout / "results" / "rule.py"
    ignored.write_text("x = 1\n")
    assert git_tree.changed_code([ignored]) == (str(ignored),), "what git ignores is in no commit"


def test_outputs_of_the_product_and_unused_strategies_are_no_code(monkeypatch):
    outputs = ("profiles/scalp/v1.yaml", "STRATEGY_LOG.md", "reports/a.html", "mine/breakout.py")
    monkeypatch.setattr(
        git_tree, "changed_files", lambda: (*outputs, "kernels/series/range_summaries.py")
    )
    assert git_tree.changed_code(()) == ("kernels/series/range_summaries.py",)


def test_outside_a_checkout_nothing_is_known(tmp_path):
    with pytest.raises(ValueError, match="in no git checkout"):
        git_tree.changed_files(tmp_path)
    assert git_tree.commit(tmp_path) is None


Recorded = SimpleNamespace(config={"holdout": 0.2})
"""What `span_of` reads of an experiment."""


@pytest.mark.parametrize(
    ("overrides", "start"), [([], 800), (["strategy=sma"], 800), (["holdout=0.1"], 900)]
)
def test_the_holdout_is_what_the_sweep_cut_off(overrides, start):
    assert holdout.span_of(Recorded, group_of(overrides=overrides), 1000) == (start, 1000)


@pytest.mark.parametrize("fraction", ["0", "0.001"])
def test_one_bar_is_no_holdout(fraction):
    with pytest.raises(ValueError, match="kept no bars unseen"):
        holdout.span_of(Recorded, group_of(overrides=[f"holdout={fraction}"]), 1000)


def test_other_bars_of_another_symbol_were_not_seen(planted):
    (group,) = planted.experiment.groups
    first = pd.Timestamp(group.windows[0].last, tz="UTC")
    book = Book.of(planted.root)
    with pytest.raises(ValueError, match="has swept bars up to"):
        holdout.refuse_seen(book, group, first)
    holdout.refuse_seen(book, group, first + pd.Timedelta("1s"))
    other = group_of(group, symbol="OTHER", fingerprint="0" * 64)
    holdout.refuse_seen(book, other, first)


def test_sums_of_returns_are_cut_as_the_kernels_cut(planted):
    returns = np.arange(130.0)
    sums = significance.sums_of(returns, 64)
    edges = np.round(np.linspace(0, 130, 65)).astype(int)
    assert sums.tolist() == [returns[a:b].sum() for a, b in itertools.pairwise(edges)]


def test_what_nobody_calls_so_is_no_evidence():
    with pytest.raises(LookupError, match="no evidence is called sharp"):
        Evidence(None, None, None, None, None).fact("sharp")
