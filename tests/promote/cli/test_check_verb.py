"""`python -m promote check`: its words, its exit codes."""

import json

import pytest
from typer.testing import CliRunner

from promote.cli.app import app
from promote.cli.judgement_page import summary
from promote.gate import preset
from promote.gate.judge import Judgement
from promote.gate.verdict import Verdict

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def check(planted, tmp_path, monkeypatch):
    """The verb on a copy of the store, in a wide terminal."""
    monkeypatch.setenv("COLUMNS", "200")
    root = planted.copied(tmp_path).root
    return lambda *words: CliRunner().invoke(app, ["check", *words, "--root", str(root)])


def test_promotable_is_0_and_said_last(check):
    ended = check()
    assert ended.exit_code == 0, ended.output
    told = ended.stdout.splitlines()
    lines = told[next(k for k, line in enumerate(told) if ": sma long fast=" in line) :]
    assert lines[1].startswith("Selected by plateau; judged on ")
    assert any("was looked at 1 time by now, for 1 configuration." in line for line in lines)
    assert any("On bars without skill the best of these 61 shows" in line for line in lines)
    assert lines[-1].startswith("Promotable: 14 of 14 checks passed")
    assert "61 configurations were counted on these data, worth" in lines[-1]
    assert any(line.startswith("pass  deflated_sharpe ") for line in lines)


@pytest.mark.parametrize("was", ['"next_open"', '"commission"', '"train_1"', '"first_run": 0'])
def test_a_changed_letter_of_the_record_is_named_and_nothing_is_judged(check, tmp_path, was):
    (record,) = (tmp_path / "results" / "v1").glob("exp-*/experiment.json")
    text = record.read_text()
    letters = was if was in text else '"dev"'
    assert letters in text
    record.write_text(
        text.replace(letters, letters[:-2] + chr(ord(letters[-2]) ^ 1) + letters[-1], 1)
    )
    ended = check()
    assert ended.exit_code == 2
    assert "experiment.json: " in ended.output
    assert "Promotable" not in ended.output


def test_not_promotable_is_3(check):
    ended = check("--gate", "s1", "--min-sharpe", "9", "--set", "clean_tree=off")
    assert ended.exit_code == 3
    assert "FAIL  min_sharpe " in ended.output
    last = ended.stdout.splitlines()[-1]
    assert last.startswith("Not promotable: 2 of 4 checks passed.")
    assert last.endswith("Changed on the command line: min_sharpe 9, clean_tree off.")
    assert "The holdout was not looked at." in ended.output


def test_the_limits_with_an_option_of_their_own(check):
    words = ("--min-sharpe", "0.1", "--max-drawdown", "0.9", "--min-trades", "7", "--json")
    told = json.loads(check("latest/best", "--gate", "s1", *words).output)
    assert told["passed"]
    assert told["preset"]["checks"]["min_trades"] == 7
    assert told["preset"]["changed"] == {"min_sharpe": 0.1, "max_drawdown": 0.9, "min_trades": 7.0}
    assert {one["word"] for one in told["verdicts"]} == {"pass"}


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("exp-none",), "exp-none: is no experiment"),
        (("latest/999999",), "there is no such run"),
        (("--gate", "none"), "gate: no preset none"),
        (("--set", "sharp=1"), "gate: no check 'sharp'"),
        (("--set", "spa"), "--set spa: needs CHECK=LIMIT"),
        (("--set", "spa=inf"), "--set spa=inf: needs CHECK=LIMIT"),
        (("--select-by", "luck"), "nothing is selected by 'luck'"),
        (("--baseline", "latest"), "a baseline is a run"),
        (("--benchmark", "exp-none"), "exp-none: is no experiment"),
    ],
)
def test_bad_input_is_2_and_one_line(check, words, line):
    ended = check(*words)
    assert ended.exit_code == 2
    assert line in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_the_summary_of_what_nobody_counted():
    verdicts = (
        Verdict("spa", False, 0.2, 0.05, "", "why"),
        Verdict("pbo", False, 0.6, 0.5, "", "why", warning=True),
    )
    evidence = {"tried": None, "independent": None, "allow_dirty": True}
    said = summary(Judgement("x/1", preset.Preset("p", {"spa": 0.05}), verdicts, evidence))
    assert said == (
        "Not promotable: 0 of 1 checks passed, 1 warned. How many configurations were tried is "
        "not known. Changed on the command line: uncommitted code allowed."
    )
