"""The summary for a pull request: short, and nothing of the user's read as Markdown."""

import dataclasses

from store.report.markdown import code, plain, summary
from store.report.view_model import Caution, Step
from tests.store.views import HOSTILE, NEXT, VIEW


def test_what_a_summary_says():
    text = summary(VIEW)
    assert text.startswith("## Averages\n\nsma on NASDAQ, 1d. `exp-20260102-030405-ab12`\n\n")
    assert (
        "3,129 planned, 3,127 done, 2 failed, 2.0 s, Sharpe of the best without skill 0.84." in text
    )
    assert "**Luck explains this result.** On bars without skill the best of these shows" in text
    assert "| 1 | sma NASDAQ long | fast=10 band=−0.015 stop\\_loss=off | 0.71 |" in text  # noqa: RUF001
    assert "| buy and hold | NASDAQ |  | 0.31 |" in text
    assert "- **Too few trades.** The best run made 3." in text
    assert "Best plateau of sma · NASDAQ · long: fast=10 (run 41), median Sharpe of 9" in text
    assert "\n\n2 configurations are beaten by none in highest Sharpe and lowest max" in text
    assert "\n\nIts plateau's middle, Sharpe 2.00; not promotable before `python -m" in text
    assert "```bash\npython -m store show latest  # Look\n```" in text


def test_only_a_few_of_the_best_are_listed():
    many = dataclasses.replace(VIEW, entries=VIEW.entries[:1] * 9)
    assert "\n| 5 | sma" in summary(many)
    assert "| 6 |" not in summary(many)


def test_weights_are_told():
    weighted = dataclasses.replace(NEXT, weights={"rsi": 0.5, "trend": 1.0})
    text = summary(dataclasses.replace(VIEW, suggestion=weighted, trade_off=None))
    assert "Weights, medians over the best plateau: rsi=0.5 trend=1. Its plateau" in text
    assert "beaten by none" not in text


def test_without_a_run_there_is_no_table():
    text = summary(dataclasses.replace(VIEW, entries=(), peaks=(), trade_off=None, status="failed"))
    assert "|" not in text
    assert "**failed**, " in text
    assert "No run succeeded." in text


def test_nothing_of_the_users_is_read_as_markdown():
    view = dataclasses.replace(
        VIEW,
        title=HOSTILE,
        subject=f"{HOSTILE}\n\n# heading",
        hypothesis=f"@all ![x](http://example.com) {HOSTILE}",
        elsewhere=HOSTILE,
        cautions=(Caution(HOSTILE, "[a](b)"),),
        entries=tuple(
            dataclasses.replace(one, strategy="a|b", params={HOSTILE: 1.0}) for one in VIEW.entries
        ),
        peaks=tuple(dataclasses.replace(one, family=HOSTILE) for one in VIEW.peaks),
        steps=(Step("x", "echo ```\nrm"),),
    )
    text = summary(view)
    assert "<script" not in text.replace("\\<script", "")
    assert "\n# heading" not in text
    assert "](" not in text.replace("\\]\\(", "")
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.replace("\\|", "").count("|") for line in table} == {8}


def test_a_fence_is_longer_than_what_it_holds():
    assert code("a ```` b").startswith("`````bash\n")
    assert plain("a_b *c*  `d`\n<e>") == "a\\_b \\*c\\* \\`d\\` \\<e\\>"
