"""Looking tools of an agent: what people see, as plain data. Nothing here writes."""

from dataclasses import asdict

from promote.gate import checks as gate
from promote.gate import preset as presets
from promote.gate.evidence.options import Question
from promote.gate.judge import judge
from promote.profiles.files import find
from serve.api.answers import Place
from serve.api.profiles import described, desk_of
from serve.jobs.folder import find as find_job
from serve.jobs.folder import status
from serve.operations import rollouts
from serve.reading.run_page import run_page
from serve.reading.timed_sql import timed
from store.ledger import ledger as book
from store.luck.record import Luck
from store.luck.sentences import line
from store.query.compare import compare as compared
from store.query.strategies import strategies as every_strategy
from store.query.strategies import strategy as named_strategy
from store.records.experiment import Experiment, objective
from store.runs.plain import strict

MOST = 200
TAG = "agent:"
"""Tag of an experiment that an agent has asked for, with its name behind it."""


def agent_of(experiment: Experiment) -> str | None:
    """Name of the agent that has asked for an experiment; None of a person's."""
    return next((tag[len(TAG) :] for tag in experiment.tags if tag.startswith(TAG)), None)


class Looking:
    """Looking tools over one store.

    Args:
        place: of the store and the profiles.
    """

    def __init__(self, place: Place) -> None:
        self._place = place

    def list(self, symbol: str = "", strategy: str = "", limit: int = 50) -> dict[str, object]:
        """Experiments, newest first, each with its best next to what luck shows."""
        every = self._place.results.experiments()
        rows = [
            {
                "id": each.id,
                "name": each.name,
                "status": each.status,
                "created": each.created,
                "strategies": sorted({group.strategy for group in each.groups}),
                "symbols": sorted(each.data),
                "tags": list(each.tags),
                "agent": agent_of(each),
                "counts": dict(each.counts),
                "luck": None if (luck := Luck.of(each)) is None else line(luck),
            }
            for each in every
            if (not symbol or symbol in each.data)
            and (not strategy or strategy in {group.strategy for group in each.groups})
        ]
        return {"experiments": rows[: _limit(limit)], "total": len(rows)}

    def show(self, ref: str) -> dict[str, object]:
        """An experiment, one run (ID/42, latest/best or a config hash), or a job (job-...)."""
        if ref.startswith("job-"):
            return status(find_job(self._place.root, ref))
        results = self._place.results
        shown: dict[str, object] = results.show(str(results.resolve(ref)))
        return shown

    def top(
        self, ref: str = "latest", metric: str = "", limit: int = 20, filter: str = ""
    ) -> dict[str, object]:
        """The best runs of an experiment by a metric, under a condition such as `trades > 30`."""
        results = self._place.results
        record = results.resolve(ref).experiment
        chosen = metric or objective(record)[0]
        page = run_page(results, record.id, sort=chosen, filter=filter, limit=_limit(limit))
        return asdict(page)

    def compare(self, a: str, b: str) -> dict[str, object]:
        """Two runs, or the best runs of two experiments: what differs, and what came of it."""
        return compared(self._place.results, a, b)

    def ledger(self, symbol: str = "", strategy: str = "") -> dict[str, object]:
        """Configurations ever tried, by entry, with the agent that has asked for them."""
        rows = book.rows(self._place.root, symbol=symbol or None, strategy=strategy or None)
        agents = {each.id: agent_of(each) for each in self._place.results.experiments()}
        entries = [row | {"agent": agents.get(row["experiment"])} for row in rows]
        by_agent: dict[str, int] = {}
        for row in entries:
            name = row["agent"] or "people"
            by_agent[name] = by_agent.get(name, 0) + row["new"]
        return {"by_agent": by_agent, "entries": entries[-MOST:], "total": len(entries)}

    def strategies(self, name: str = "") -> dict[str, object]:
        """Strategies with parameters, bounds, defaults and spaces; one of them by its name."""
        return {"strategies": [named_strategy(name)] if name else every_strategy()}

    def explain_verdict(self, profile: str) -> dict[str, object]:
        """The gate's verdict on a profile in force, check by check, in plain words."""
        desk = desk_of(self._place)
        whole = described(desk, find(desk.profiles, profile))
        presets = gate.names()
        verdicts = [
            verdict
            | {"rule": gate.load(name).rule if (name := verdict["check"]) in presets else ""}
            for verdict in whole["gate"]["verdicts"]
        ]
        kept = ("profile", "version", "approved", "params", "metrics", "tried", "reason")
        return {name: whole[name] for name in kept} | {"verdicts": verdicts}

    def gate_preview(self, ref: str = "latest", gate: str = "standard") -> dict[str, object]:
        """The gate's word on a run without a look at the holdout, whose checks count as failed."""
        question = Question(allow_dirty=True)
        judged = judge(self._place.root, ref, presets.load(gate), question, None)
        return judged.to_dict()

    def rollout_status(self, profile: str = "") -> dict[str, object]:
        """Rollouts: stage, monitors, what is missing; one of them by its profile."""
        desk = desk_of(self._place)
        if profile:
            return {"rollouts": [rollouts.one_rollout(desk, profile)]}
        return {"rollouts": rollouts.every_rollout(desk)}

    def sql(self, query: str) -> dict[str, object]:
        """One SELECT over runs, experiments, errors and ledger; no file, bounded."""
        return {"rows": timed(self._place.results, query)}


def _limit(limit: int) -> int:
    return max(1, min(limit, MOST))


def as_data(answer: dict[str, object]) -> dict[str, object]:
    """An answer as JSON can hold it."""
    plain: dict[str, object] = strict(answer)
    return plain
