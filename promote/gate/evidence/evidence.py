"""Evidence about one candidate; each fact is worked out when the first check asks.

Facts are attributes of the parts, by the names that checks ask for. Whatever cannot be known
raises ValueError with the reason as a person would say it: the checks that asked have not passed.
"""

from dataclasses import dataclass
from typing import Any

from promote.gate.evidence.candidate import Candidate
from promote.gate.evidence.facts import (
    CandidateFacts,
    ChoiceFacts,
    ImprovementFacts,
    LaterFacts,
    SearchFacts,
)
from promote.gate.evidence.multiple_testing import Search
from promote.gate.evidence.out_of_sample import Later
from promote.gate.evidence.selection_effect import Choice
from promote.gate.evidence.uplift import Improvement


def _provided(
    candidate: Candidate, choice: Choice, search: Search, later: Later, improvement: Improvement
) -> tuple[CandidateFacts, ChoiceFacts, SearchFacts, LaterFacts, ImprovementFacts]:
    """The parts as providers of facts: mypy compares every name and type here."""
    return candidate, choice, search, later, improvement


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is asked about one candidate.

    Attributes:
        candidate: its own record.
        choice: what it was chosen by.
        search: it among all that was tried.
        later: it on bars after those that it was chosen on.
        improvement: it against a baseline.
    """

    candidate: Candidate
    choice: Choice
    search: Search
    later: Later
    improvement: Improvement

    def fact(self, name: str) -> Any:
        """Fact that a check asks for.

        Raises:
            ValueError: it cannot be known.
        """
        kinds = (CandidateFacts, ChoiceFacts, SearchFacts, LaterFacts, ImprovementFacts)
        parts = _provided(self.candidate, self.choice, self.search, self.later, self.improvement)
        for kind, part in zip(kinds, parts, strict=True):
            if name in vars(kind):
                return getattr(part, name)
        raise LookupError(f"no evidence is called {name}")
