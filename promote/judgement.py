"""What the gate says of one run: every check's verdict, and what they were based on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from promote.preset import Preset
from promote.verdict import Verdict
from store.rows import to_json


@dataclass(frozen=True, slots=True)
class Judgement:
    """The gate's word on one run; a person's approval is another thing.

    Attributes:
        ref: the run, `exp-.../42`.
        preset: the checks and their limits.
        verdicts: in the order of the preset.
        evidence: JSON types: `run` (as `store.rows.run_dicts` gives it), `experiment`, `window`
            and `bars` (what was judged), `selected_by`, `compared` (configurations on the same
            bars), `tried` (as the ledger counts them), `independent` (what these are worth),
            `benchmark`, `baseline` (REF or None), `holdout` (None unless it was spent), `code`
            and `kernel` (versions), `allow_dirty`, `time` (UTC).
    """

    ref: str
    preset: Preset
    verdicts: tuple[Verdict, ...]
    evidence: Mapping[str, Any]

    @property
    def passed(self) -> bool:
        """Whether no check stops the promotion; without any check there is none to promote by."""
        decisive = [verdict for verdict in self.verdicts if not verdict.warning]
        return bool(decisive) and not any(verdict.blocks for verdict in decisive)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON types; NaN where a number is not known."""
        return {
            "ref": self.ref,
            "passed": self.passed,
            "preset": asdict(self.preset),
            "verdicts": [asdict(one) | {"word": one.word} for one in self.verdicts],
            "evidence": dict(self.evidence),
        }

    def to_json(self) -> str:
        """Strict JSON, indented: NaN as null."""
        return to_json(self.to_dict())
