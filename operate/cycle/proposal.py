"""A proposal: what a person is asked, as the text of a pull request."""

from collections.abc import Mapping
from typing import Any

from operate.cycle.identify import Finding
from operate.records.desk import Place
from promote.profiles.profile import Profile
from store.commands import line, promote_line
from store.replay.trusted import to_be_named


def proposal_text(
    place: Place,
    profile: Profile,
    judged: Mapping[str, Any],
    level: float,
    chance: float,
    findings: list[Finding],
) -> str:
    """Markdown: why, what the gate says, what the try has cost, and the command that promotes."""
    baseline = f"{profile.experiment['id']}/{profile.experiment['run']}"
    ref = str(judged["ref"])
    modules = to_be_named([profile.strategy["module"]])
    command = promote_line("apply", ref, profile.profile, "--baseline", baseline,
                           root=place.root, modules=modules)  # fmt: skip
    challenger = line("python", "-m", "operate", "challenger", "start",
                      f"{profile.profile}-next", profile.ref, f"{profile.profile}/vN")  # fmt: skip
    return "\n".join(
        [
            f"# Proposal: {ref} for {profile.ref}",
            "",
            "Nothing is deployed. A person promotes, approves and rolls out, or does not.",
            "",
            "## Why",
            "",
            *(f"- {each.sentence}" for each in findings if each.starts),
            *([] if any(each.starts for each in findings) else ["- it was asked for"]),
            "",
            "## What the gate says",
            "",
            "| check | verdict | observed | limit |",
            "|---|---|---|---|",
            *(_row(each) for each in judged["verdicts"]),
            "",
            f"Chance of luck {chance:.4g}; this cycle may spend {level:.4g} of the budget of false "
            "proposals. Every configuration that was tried is in the ledger.",
            "",
            "## Commands",
            "",
            "```bash",
            command,
            challenger,
            "```",
            "",
        ]
    )


def _row(verdict: Mapping[str, object]) -> str:
    numbers = [
        "unknown" if verdict[name] is None else f"{verdict[name]:.4g}"
        for name in ("observed", "limit")
    ]
    return f"| {verdict['check']} | {verdict['word']} | {numbers[0]} | {numbers[1]} |"
