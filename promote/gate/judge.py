"""The gate's word on one run: every check of a preset, and what it was based on.

REF is a run, or an experiment of which one is then selected. All checks see the same evidence.
Those that look at the holdout come last, and look only when nothing else stands in the way: what
would not be promoted anyway does not spend it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kernels import KERNEL_VERSION, METRICS
from promote.audit import git_tree
from promote.candidates.candidates import candidates
from promote.candidates.judged_sample import Sample, judged_span
from promote.candidates.selection import Needs, check_way, select
from promote.candidates.suggested import passed_over
from promote.gate import checks as gate
from promote.gate.checks import Check
from promote.gate.counted import Counted
from promote.gate.declared import against_declared
from promote.gate.evidence.benchmark import rival
from promote.gate.evidence.candidate import Candidate
from promote.gate.evidence.evidence import Evidence
from promote.gate.evidence.multiple_testing import Search
from promote.gate.evidence.options import CASH, Question
from promote.gate.evidence.out_of_sample import Later
from promote.gate.evidence.selection_effect import Choice
from promote.gate.evidence.uplift import Improvement
from promote.gate.holdout import HoldoutLog, Look
from promote.gate.preset import Preset
from promote.gate.verdict import Absent, Verdict, not_run
from promote.statistics.combination import FIRST
from store.errors import StoreError, UnknownReference
from store.luck.record import Luck
from store.luck.sentences import paragraph
from store.query.references import Reference
from store.query.results import Results
from store.records.comparable_groups import pools
from store.records.experiment import Experiment, timestamp
from store.runs.plain import to_json
from store.runs.reader import Shelf

KEPT = "not looked at: the holdout is kept for what passes everything else"
HOPELESS = "kept: the holdout is for what has a chance"
"""Of checks of the holdout, where luck looks as good before it too often for `evidence`."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's word on one run; a person's approval is another thing.

    Attributes:
        ref: the run, `exp-.../42`.
        preset: the checks and their limits.
        verdicts: in the order of the preset, warnings last.
        evidence: what they were based on, as JSON types; see `told`.
    """

    ref: str
    preset: Preset
    verdicts: tuple[Verdict, ...]
    evidence: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        """True when no check stops the promotion; without any check there is none to promote by."""
        return passes(self.verdicts)

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON types; NaN where a number is not known."""
        return {
            "ref": self.ref,
            "passed": self.passed,
            "preset": asdict(self.preset),
            "verdicts": [asdict(verdict) | {"word": verdict.word} for verdict in self.verdicts],
            "evidence": dict(self.evidence),
        }

    def to_json(self) -> str:
        """Strict JSON, indented: NaN as null."""
        return to_json(self.to_dict())


def judge(
    root: Path, ref: str, preset: Preset, question: Question, log: HoldoutLog | None
) -> Judgement:
    """Judge a run by the checks of a preset.

    Args:
        root: folder of the store.
        ref: a run, or an experiment, of which the best is selected.
        preset: checks and limits.
        question: what else is asked.
        log: where looks at the holdout are recorded; None: looks are refused, and a check of
            the holdout fails.

    Raises:
        StoreError: `ref`, benchmark or baseline names nothing; no run has finished.
        ValueError: nothing is selected so.
    """
    if question.allow_dirty:
        preset = preset.warn_only("clean_tree")
    results = Results(root)
    evidence = _evidence(results, ref, preset, question, log)
    judged = verdicts(preset, evidence, question)
    basis = told(evidence, question) | {
        "passed_over": _passed_over(results, ref, preset, evidence),
        "declared": against_declared(evidence.search.asked, preset),
    }
    return Judgement(evidence.candidate.run["ref"], preset, judged, basis)


def _passed_over(results: Results, ref: str, preset: Preset, evidence: Evidence) -> str:
    """Why the sweep's own suggestion is not what is judged; empty when it is, or was not asked."""
    if evidence.choice.selected_by != "plateau":
        return ""
    shelf, asked = Shelf(results.root), results.resolve(ref)
    needs, own = Needs.of(preset.checks), evidence.candidate.run["ref"]
    return passed_over(shelf, asked.experiment, samples_of(shelf, asked), own, needs)


def passes(judged: Iterable[Verdict]) -> bool:
    """True when verdicts let a promotion through: at least one decides, and none stops it."""
    decisive = [verdict for verdict in judged if not verdict.warning]
    return bool(decisive) and not any(verdict.blocks for verdict in decisive)


def told(evidence: Evidence, question: Question) -> dict[str, object]:
    """Basis of a judgement, as JSON types.

    Returns:
        `run` as `store.runs.plain.run_dicts` gives it; `asked`, the experiment of the REF;
        `window`, the first and last bar that were judged, and `bars`; `metrics` on them;
        `selected_by`, None where the REF named the run; `passed_over`, why it is not the sweep's
        suggestion, empty when it is; `configurations` that finished on the same bars; `symbols`;
        `tried`, as the ledger counts them, and what they are worth, `independent`, each None when
        unknown; `luck`, what the luck line says; `benchmark`; `baseline`, None or its REF;
        `holdout`, None unless it was looked at; `allow_dirty`, `code` and `kernel`; `time`, UTC.
    """
    own, search = evidence.candidate, evidence.search
    baseline = evidence.improvement.baseline
    return {
        "run": own.run,
        "asked": search.asked.id,
        "window": _times(own, own.sample.span),
        "bars": own.bars,
        "metrics": {name: own.metric(name) for name in METRICS},
        "selected_by": evidence.choice.selected_by,
        "configurations": search.configurations,
        "symbols": search.symbols,
        "tried": _known(evidence, "tried"),
        "independent": _known(evidence, "independent"),
        "luck": _luck(evidence),
        "benchmark": question.benchmark,
        "baseline": None if baseline is None else baseline.name,
        "holdout": _looked(own, evidence.later),
        "allow_dirty": question.allow_dirty,
        "code": git_tree.commit(),
        "kernel": KERNEL_VERSION,
        "time": timestamp(datetime.now(UTC)),
    }


def _times(own: Candidate, span: tuple[int, int]) -> list[str] | None:
    """The first and last bar of a span; None when the bars are gone."""
    try:
        times = own.sample.frame.index
    except ValueError:
        return None
    return [times[span[0]].isoformat(), times[span[1] - 1].isoformat()]


def _luck(evidence: Evidence) -> str:
    """Sentence on the experiment's luck line, as under its leaderboard."""
    asked, root = evidence.search.asked, evidence.candidate.sample.shelf.root
    luck = Luck.of(asked)
    best = math.nan if luck is None or luck.best is None else luck.best
    return paragraph(asked, best, root)


def _known(evidence: Evidence, name: str) -> float | None:
    try:
        return evidence.fact(name)  # type: ignore[no-any-return]
    except ValueError:
        return None


def _looked(own: Candidate, later: Later) -> dict[str, object] | None:
    """The look at the holdout, if one was taken: asking for it here would take one."""
    look: Look | None = vars(later).get("look")
    if look is None:
        return None
    return {
        "window": _times(own, look.span),
        "sharpe": later.holdout_sharpe,
        "kin": look.held,
        "kin_sharpe": later.holdout_kin_sharpe,
        "looks": look.uses.looks,
        "configurations": look.uses.configurations,
    }


def verdicts(preset: Preset, evidence: Evidence, question: Question) -> tuple[Verdict, ...]:
    """The verdicts in the order of the preset; looks at the holdout are taken last."""
    asked = [(gate.load(name), limit, False) for name, limit in preset.checks.items()]
    if question.baseline is not None:
        asked += [(gate.load(name), limit, False) for name, limit in preset.with_baseline.items()]
    asked += [(gate.load(name), limit, True) for name, limit in preset.warnings.items()]
    judged = _asked(evidence, [entry for entry in asked if not _spends(entry[0])], "")
    kept = _kept(preset, evidence, judged.values())
    judged |= _asked(evidence, [entry for entry in asked if _spends(entry[0])], kept)
    return tuple(judged[check.name] for check, _, _ in asked if check.name in judged)


def _asked(
    evidence: Evidence, checks: Sequence[tuple[Check, float, bool]], kept: str
) -> dict[str, Verdict]:
    """The verdicts of checks, each with its limit and whether it only warns.

    Args:
        evidence: what they ask.
        checks: in their order.
        kept: why none of them is asked; empty: they are.
    """
    answers = {}
    for check, limit, warning in checks:
        try:
            if kept:
                raise Absent(kept)
            verdict = check.ask(evidence.fact, limit)
        except Absent as error:
            if warning:
                continue
            verdict = not_run(check.name, limit, str(error))
        answers[check.name] = replace(verdict, warning=warning)
    return answers


def _kept(preset: Preset, evidence: Evidence, before: Iterable[Verdict]) -> str:
    """Why the holdout is not looked at; empty where it is."""
    stopped = {verdict.check for verdict in before if verdict.blocks}
    if "evidence" in preset.checks and stopped <= {"spa"}:
        chance = _known(evidence, "chance_before")
        if chance is not None and not chance <= FIRST:
            return HOPELESS
    return KEPT if stopped else ""


def _spends(check: Check) -> bool:
    """True when a check looks at the holdout."""
    return any(name.startswith("holdout") for name in check.needs)


def _evidence(
    results: Results, ref: str, preset: Preset, question: Question, log: HoldoutLog | None
) -> Evidence:
    """Evidence on the run that a REF names, or on the one that is selected."""
    reference = results.resolve(ref)
    check_way(question.select_by)
    samples = samples_of(Shelf(results.root), reference)
    if reference.run is None:
        return selected(results, reference.experiment, samples, preset, question, log)
    place = samples[0].candidates.place(reference.experiment.id, reference.run)
    if place is None:
        raise UnknownReference(
            f"{reference}: was pruned or failed, or is of a window without a choice"
        )
    choice = Choice(Candidate(samples[0], place), None, Needs.of(preset.checks).min_trades)
    return _gathered(results, reference.experiment, choice, question, log)


def samples_of(shelf: Shelf, reference: Reference) -> list[Sample]:
    """The candidates of an experiment by pool, or of the pool of a run, on what is judged.

    Raises:
        StoreError: the experiment has not ended.
        UnknownReference: no run has finished.
    """
    experiment, run = reference.experiment, reference.run
    if experiment.status == "running":
        raise StoreError(
            f"{experiment.id}: is still running, or was killed; run its command to the end"
        )
    mine = [part for part in pools(experiment) if run is None or part.holds_run(run)]
    read = [candidates(shelf, experiment, pool) for pool in mine]
    samples = [Sample(part, shelf, judged_span(part.pool)) for part in read if len(part.runs)]
    if not samples:
        raise UnknownReference(f"{reference}: no run of it has finished; `store errors` shows why")
    return samples


def selected(
    results: Results,
    experiment: Experiment,
    samples: Sequence[Sample],
    preset: Preset,
    question: Question,
    log: HoldoutLog | None,
    counted: Counted | None = None,
) -> Evidence:
    """Evidence on the best candidate that by itself shows what a preset asks for.

    `counted` is what the ledger says, where it was asked before.
    """
    needs = Needs.of(preset.checks)
    own = Candidate(*select(samples, question.select_by, needs))
    floor = needs.min_trades if own.trades >= needs.min_trades else 0.0  # no run has as many
    choice = Choice(own, question.select_by, floor)
    return _gathered(results, experiment, choice, question, log, counted)


def _gathered(
    results: Results,
    experiment: Experiment,
    choice: Choice,
    question: Question,
    log: HoldoutLog | None,
    counted: Counted | None = None,
) -> Evidence:
    own = choice.candidate
    benchmark = None if question.benchmark == CASH else rival(results, own, question.benchmark)
    baseline = None if question.baseline is None else rival(results, own, question.baseline)
    return Evidence(
        own,
        choice,
        Search(choice, experiment, benchmark, question.permutations, counted),
        Later(choice, log, benchmark),
        Improvement(own, baseline),
    )
