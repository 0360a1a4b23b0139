"""The gate in a notebook: a check and a promotion, as the command line makes them."""

import getpass
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import pandas as pd

from promote.audit import git
from promote.audit.journal import settle
from promote.config import load as load_config
from promote.gate import preset as presets
from promote.gate.evidence.options import Question
from promote.gate.judge import Judgement, judge
from promote.gate.preset import Preset
from promote.promotion.apply import Applied
from promote.promotion.from_judgement import Wish
from promote.promotion.gated import gated
from promote.promotion.transaction import Desk
from serve.notebook.shown import page, table_html
from store.registry import open_registry


@dataclass(frozen=True)
class Checked:
    """The gate's word on a run.

    Attributes:
        judgement: all of it.
    """

    judgement: Judgement

    @property
    def passed(self) -> bool:
        """True when nothing stops its promotion."""
        return self.judgement.passed

    @property
    def ref(self) -> str:
        """The run that was judged."""
        return self.judgement.ref

    def frame(self) -> pd.DataFrame:
        """A row for each check, with the reason in words."""
        return pd.DataFrame(
            [
                {
                    "check": each.check.replace("_", " "),
                    "verdict": each.word,
                    "observed": each.observed,
                    "limit": each.limit,
                    "unit": each.unit,
                    "reason": each.reason,
                }
                for each in self.judgement.verdicts
            ]
        )

    def __repr__(self) -> str:
        lines = [str(verdict) for verdict in self.judgement.verdicts]
        return "\n".join([self._word(), *lines])

    def _repr_html_(self) -> str:
        return page(self._word()) + table_html(self.frame())

    def _word(self) -> str:
        word = "may be promoted" if self.passed else "may not be promoted"
        return f"{self.ref}: {word} by the gate {self.judgement.preset.name}"


class Refused(ValueError):
    """The gate has refused a promotion; `checked` has its word."""

    def __init__(self, checked: Checked) -> None:
        stopped = [verdict for verdict in checked.judgement.verdicts if verdict.blocks]
        reasons = "; ".join(f"{verdict.check}: {verdict.reason}" for verdict in stopped)
        super().__init__(f"{checked.ref}: the gate has refused it: {reasons}")
        self.checked = checked


@dataclass(frozen=True)
class Promoted:
    """A promotion.

    Attributes:
        checked: the gate's word.
        applied: the profile, the version before it, and all files that were written.
    """

    checked: Checked
    applied: Applied

    @property
    def ref(self) -> str:
        """The version that is in force now, `trend/v1`."""
        return self.applied.profile.ref

    def __repr__(self) -> str:
        return f"{self.ref} is in force, not approved yet"

    def _repr_html_(self) -> str:
        return page(repr(self)) + self.checked._repr_html_()


def checked(root: Path, ref: str, gate: str, limits: dict[str, object]) -> Checked:
    """Judge what a REF names."""
    preset, question = _asked(gate, limits)
    return Checked(judge(root, ref, preset, question, open_registry(root)))


def promoted(
    root: Path,
    ref: str,
    profile: str,
    gate: str,
    limits: dict[str, object],
    *,
    reason: str,
    by: str | None,
    profiles: Path | None,
) -> Promoted:
    """Promote what a REF names.

    Raises:
        Refused: the gate says no.
        StoreError: it is in force already, or cannot be written.
    """
    conf = load_config()
    conf = conf if profiles is None else replace(conf, profiles=profiles)
    settle(conf.profiles, root)
    desk = Desk(root, conf)
    who = by or git.user(desk.profiles) or getpass.getuser()
    preset, question = _asked(gate, limits)
    judgement, applied = gated(
        desk, ref, Wish(profile=profile, by=who, reason=reason), preset, question
    )
    if applied is None:
        raise Refused(Checked(judgement))
    return Promoted(Checked(judgement), applied)


def _asked(gate: str, limits: dict[str, Any]) -> tuple[Preset, Question]:
    """A preset with limits of its own, and the options among them."""
    options = {field.name for field in fields(Question)} & set(limits)
    question = Question(**{name: limits[name] for name in options})
    changes = {name: limit for name, limit in limits.items() if name not in options}
    return presets.load(gate).change(changes), question
