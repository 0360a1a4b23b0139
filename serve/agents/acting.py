"""Acting tools of an agent: counted, within its budget, and never what only a person may do."""

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any

from operate.alerts.outbox import alert
from serve.agents.budget import Budget
from serve.agents.reading import TAG
from serve.api.answers import Place
from serve.api.profiles import desk_of
from serve.jobs.folder import Job, status
from serve.jobs.start import preflight, same, start
from serve.jobs.words import checked
from serve.operations import rollouts
from serve.problems import Problem
from serve.reading.run_page import run_page
from store.commands import override, promote_line
from store.files.paths import check_name

OWN = ("tags", "hypothesis", "name", "description", "holdout", "force", "executor", "+experiment")
"""Keys that are not an agent's to set: whose tries they are, and what they may read."""
LEAST_IDEA = 10
"""Characters of a hypothesis."""
MOST_WAIT = 120.0
_COUNT = re.compile(r"([\d,]+) configurations?\b.*; window")


class Acting:
    """Acting tools over one store.

    Args:
        place: of the store and the profiles.
        budget: of the agent.
    """

    def __init__(self, place: Place, budget: Budget) -> None:
        self._place, self._budget = place, budget

    def plan(self, overrides: Sequence[str]) -> dict[str, object]:
        """The plan of a sweep as the command line shows it; nothing is run or counted."""
        words = self._words(overrides, "a plan only, nothing is run")
        plan = preflight(self._place.root, words)
        return {"plan": plan, "configurations": configurations(plan), "left": self._budget.left}

    def backtest(
        self,
        strategy: str,
        hypothesis: str,
        params: Mapping[str, float] | None = None,
        symbol: str = "NASDAQ",
        timeframe: str = "1d",
    ) -> dict[str, object]:
        """One configuration, stored and counted like a sweep; the holdout is not read."""
        words = [f"strategy={strategy}", *_data_words(symbol, timeframe)]
        words += [override(f"params.{name}", value) for name, value in (params or {}).items()]
        done = self.run_sweep(words, hypothesis, wait=MOST_WAIT)
        if done["state"] != "done":
            return done
        results = self._place.results
        given = " and ".join(f"{name} == {value!r}" for name, value in (params or {}).items())
        (run,) = run_page(results, done["experiment"], sort="run", filter=given, limit=1).runs
        return run | {"left": self._budget.left, "luck": done["luck"]}

    def run_sweep(
        self, overrides: Sequence[str], hypothesis: str, wait: float = 30.0
    ) -> dict[str, Any]:
        """Start a sweep by the words of the command line, and wait for it so many seconds.

        Args:
            overrides: `strategy=sma`, `params.fast=range(5,60)`, ...
            hypothesis: the idea behind it, in words.
            wait: seconds, at most MOST_WAIT; `show` with the job's id says how it goes on.
        """
        words = self._words(overrides, hypothesis)
        job = same(self._place.root, words)
        if job is None:
            self._budget.spend(configurations(preflight(self._place.root, words)))
            job = start(self._place.root, words)
        _wait(job, min(max(wait, 0.0), MOST_WAIT))
        return status(job) | {"left": self._budget.left}

    def request_promotion(self, ref: str, profile: str, reason: str) -> dict[str, object]:
        """Ask people to promote a run: a message in the outbox; nothing else happens."""
        desk = desk_of(self._place)
        name = check_name(profile, "profile")
        run = str(self._place.results.resolve(ref))
        agent = self._budget.agent
        command = promote_line("apply", run, name, root=self._place.root)
        posted = alert(
            rollouts.place_of(desk), f"request {agent} {run} {name}", "promotion requested", name,
            f"Agent {agent} asks to promote {run} as {name}. It says: {reason[:800]}. After "
            f"looking at it: {command}",
        )  # fmt: skip
        return {"requested": run, "profile": name, "new": posted, "waits_for": "a person"}

    def hold(self, profile: str, reason: str) -> dict[str, object]:
        """Hold a rollout at its stage; only a person resumes it."""
        who = f"{TAG}{self._budget.agent}"
        return rollouts.act(desk_of(self._place), profile, "hold", who, reason[:1000])

    def _words(self, overrides: Sequence[str], hypothesis: str) -> list[str]:
        """Words of a sweep with the agent's name on it.

        Raises:
            Problem: a key that is not an agent's, or no hypothesis.
        """
        if len(hypothesis.strip()) < LEAST_IDEA:
            raise Problem(
                422, f"hypothesis: say the idea in {LEAST_IDEA} characters or more; tries without "
                "one are a search for luck",
            )  # fmt: skip
        for word in overrides:
            key = word.partition("=")[0].strip()
            if key in OWN:
                raise Problem(403, f"{key}: is not an agent's to set; leave it out")
        agent = self._budget.agent
        own = [override("tags", ["agent", f"{TAG}{agent}"]), override("name", f"agent {agent}")]
        return [*checked(overrides), *own, override("hypothesis", " ".join(hypothesis.split()))]


def configurations(plan: str) -> int:
    """Configurations of a plan, as its pre-flight counts them.

    Raises:
        Problem: it does not say.
    """
    counted = [int(text.replace(",", "")) for text in _COUNT.findall(plan)]
    if not counted:
        raise Problem(422, "overrides: the plan does not say how many configurations it has")
    return sum(counted)


def _data_words(symbol: str, timeframe: str) -> list[str]:
    if symbol.upper() in ("NASDAQ", "SP500"):
        return [f"data={symbol.lower()}"]
    return [
        "data=stored",
        override("data.symbols", [symbol]),
        override("data.timeframe", timeframe),
    ]


def _wait(job: Job, seconds: float) -> None:
    until = time.monotonic() + seconds
    while job.state == "running" and time.monotonic() < until:
        time.sleep(0.1)
