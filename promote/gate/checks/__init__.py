"""The checks of the gate; this folder is the registry: one file per check, named after it.

A file `NAME.py` has one function `check(...)` that takes numbers by name and `limit`, and gives a
`Verdict`. It is pure: it reads no file and no config. What it asks for by name is a fact of
`promote.gate.evidence`, which is worked out only when a check asks for it.

A check is written as the comparison that passes (`fall <= limit`), so that NaN, an unknown value,
fails.
"""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass

from promote.gate.verdict import Absent, Verdict, not_run
from store.files.plug_ins import PlugInFolder


@dataclass(frozen=True, slots=True)
class Check:
    """One check, as its file declares it.

    Attributes:
        name: of its file.
        rule: first line of its docstring: what passes.
        needs: names of the evidence it asks for.
        function: takes these and `limit` by keyword.
    """

    name: str
    rule: str
    needs: tuple[str, ...]
    function: Callable[..., Verdict]

    def ask(self, fact: Callable[[str], object], limit: float) -> Verdict:
        """The verdict; where a fact is not known or the check raises, it has not passed.

        Args:
            fact: gives what the check needs, by name.
            limit: of the preset.

        Raises:
            Absent: there is nothing to look at, by choice.
        """
        try:
            facts = {name: fact(name) for name in self.needs}
            for name, value in facts.items():
                if isinstance(value, float) and not math.isfinite(value):
                    return not_run(self.name, limit, f"could not run: {name} is {value}")
            return self.function(**facts, limit=limit)
        except Absent:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, the check has not passed
            reason = str(error) or type(error).__name__
            return not_run(self.name, limit, f"could not run: {reason}")


FOLDER = PlugInFolder(__name__, "check", "gate", ("check",))


def names() -> tuple[str, ...]:
    """Names of all checks, sorted."""
    return FOLDER.names()


def load(name: str) -> Check:
    """The check of a name; ValueError when there is none."""
    module = FOLDER.load(name)
    takes = tuple(inspect.signature(module.check).parameters)
    rule = (module.__doc__ or "").strip().partition("\n")[0]
    return Check(
        name, rule, tuple(argument for argument in takes if argument != "limit"), module.check
    )
