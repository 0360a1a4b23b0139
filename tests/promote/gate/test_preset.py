"""Presets of conf/gate: every one is read, changed, and refused in one line when it is wrong."""

import re

import pytest
from typer.main import get_command

from promote.cli.app import app
from promote.gate import checks, preset
from store.errors import BadName
from tests.documents import DOCS, table_rows


@pytest.mark.parametrize("name", preset.names())
def test_a_preset_names_checks_that_exist(name):
    found = preset.load(name)
    sections = [getattr(found, section) for section in preset.SECTIONS]
    asked = [check for section in sections for check in section]
    assert set(asked) <= set(checks.names())
    assert len(asked) == len(set(asked))
    assert found.checks


def test_every_check_is_in_a_preset():
    found = map(preset.load, preset.names())
    asked = {check for one in found for s in preset.SECTIONS for check in getattr(one, s)}
    assert asked == set(checks.names())


def test_strict_is_nowhere_laxer_than_standard():
    """The sign says which end of the observed value passes."""
    standard, strict = preset.load("standard"), preset.load("strict")
    lower_passes = {
        "pbo",
        "spa",
        "evidence",
        "promotion_budget",
        "overfit_loss",
        "drawdown_ratio",
        "holdout_gap",
        "holdout_uses",
    }
    lower_passes |= {"clean_tree", "verify", "look_ahead", "uplift_chance", "uplift_drawdown"}
    for section in ("checks", "with_baseline"):
        for check, limit in getattr(standard, section).items():
            other = getattr(strict, section)[check]
            assert other <= limit if check in lower_passes else other >= limit


def test_the_references_have_their_published_limits():
    assert preset.load("s1").checks == {
        "clean_tree": 0,
        "min_sharpe": 1.0,
        "max_drawdown": 0.1,
        "min_trades": 5,
        "positive_return": 0.0,
    }
    assert preset.load("s0").checks == {"uplift_sharpe": 0.2, "uplift_return": 0.05}


def test_every_option_of_the_verb_is_documented():
    params = get_command(app).commands["check"].params
    options = {one for param in params for one in param.opts if one.startswith("--")}
    assert options <= set(re.findall(r"--[a-z-]+", DOCS["gate.md"]))


DOCUMENTED = {row[0].strip("`"): row[1] for row in table_rows("gate.md", "check")}


def test_every_check_is_documented_with_its_limit():
    assert set(DOCUMENTED) == set(checks.names())
    found = preset.load("standard")
    for name, said in DOCUMENTED.items():
        limits = {**found.warnings, **found.with_baseline, **found.checks}
        first, *rest = said.rstrip(", warns").split()
        shown = float(first) / (100 if rest == ["%"] else 1) if first != "off" else None
        assert limits.get(name) == shown
        assert said.endswith("warns") == (name in found.warnings)


def test_a_limit_changes_where_its_check_stands():
    changed = preset.load("standard").change({"spa": 0.01, "pbo": 0.3, "max_drawdown": 0.2})
    assert changed.checks["spa"] == 0.01
    assert changed.warnings["pbo"] == 0.3
    assert changed.checks["max_drawdown"] == 0.2
    assert changed.changed == {"spa": 0.01, "pbo": 0.3, "max_drawdown": 0.2}


def test_a_check_is_taken_out_and_that_is_remembered():
    changed = preset.load("s1").change({"min_trades": None}).change({"min_sharpe": 0.8})
    assert "min_trades" not in changed.checks
    assert changed.changed == {"min_trades": None, "min_sharpe": 0.8}


def test_a_check_becomes_a_warning():
    changed = preset.load("s1").warn_only("clean_tree")
    assert "clean_tree" not in changed.checks
    assert changed.warnings == {"clean_tree": 0}
    assert preset.load("s0").warn_only("clean_tree") == preset.load("s0")


def test_a_preset_of_your_own(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("checks: {min_sharpe: 0.7}\nwarnings: {pbo: 0.5}\n")
    found = preset.load(str(path))
    assert (found.name, found.checks, found.warnings) == ("mine", {"min_sharpe": 0.7}, {"pbo": 0.5})


BAD = {
    "": "needs a section `checks`",
    "checks: {}": "needs a section `checks`",
    "- 1": "needs a section `checks`",
    "checks: {min_sharp: 1}": "did you mean min_sharpe",
    "checks: {min_sharpe: high}": "a limit is a number, got 'high'",
    "checks: {min_sharpe: true}": "a limit is a number, got True",
    "checks: {min_sharpe: .nan}": "a limit is a number, got nan",
    "checks: {min_sharpe: 1}\nwarn: {pbo: 1}": "no section 'warn'",
    "checks: {min_sharpe: 1": "is not YAML",
    "checks: !!python/object/apply:os.system [ls]": "is not YAML",
}


@pytest.mark.parametrize("text", BAD)
def test_a_wrong_file_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ValueError, match=re.escape(BAD[text])) as error:
        preset.load(str(path))
    assert "\n" not in str(error.value)


def test_there_is_no_such_preset():
    with pytest.raises(ValueError, match="there are s0, s1, standard, strict"):
        preset.load("standart")
    with pytest.raises(BadName):
        preset.load("../standard")
