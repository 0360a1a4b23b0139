"""Promotion of what a REF names, through the gate: the whole of the verb `apply`."""

from promote.gate.evidence.options import Question
from promote.gate.judge import Judgement, judge
from promote.gate.preset import Preset
from promote.profiles.files import current
from promote.promotion.apply import Applied, apply, require_new
from promote.promotion.from_judgement import Wish
from promote.promotion.transaction import Desk
from store.query.results import Results
from store.registry import open_registry


def gated(
    desk: Desk, ref: str, wish: Wish, preset: Preset, question: Question
) -> tuple[Judgement, Applied | None]:
    """Judge, and promote what passes.

    Args:
        desk: where profiles are written.
        ref: a run, or an experiment, of which one is then selected.
        wish: name of the profile, and texts.
        preset: checks and limits.
        question: what else is asked.

    Returns:
        The gate's word, and what was written; None where the gate has refused it.

    Raises:
        StoreError: it is in force already, or could not be written; found before a look at the
            holdout is spent on it.
    """
    refuse_early(desk, ref, wish.profile)
    judgement = judge(desk.root, ref, preset, question, open_registry(desk.root))
    return judgement, apply(desk, judgement, wish) if judgement.passed else None


def refuse_early(desk: Desk, ref: str, profile: str) -> None:
    """Find what would stop the promotion before the gate spends the holdout on it."""
    desk.require_ready()
    current(desk.profiles, profile)
    results = Results(desk.root)
    reference = results.resolve(ref)
    if reference.run is not None:
        run = results.runs(str(reference), ["config_hash"]).to_pylist()[0]
        require_new(desk, profile, run["config_hash"].hex())
