"""How an experiment searched, as `experiment.json` keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass

from store.files.typed_json import JsonRecord, later, unknown_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRecord(JsonRecord):
    """Settings of a search.

    Attributes:
        kind: of the search: grid, random, ...
        n: how many points were asked for; None: as many as there are.
        seed: of all that was drawn.
        metric: that ranks.
        mode: max or min, which end of it is best.
        goals: metric and mode of each, where several were searched for; empty otherwise.
        prune: after a rung one in so many configurations went on; None: none was pruned.
        require: conditions on results without which a configuration does not rank.
        options: what only this kind of search has, by name.
    """

    kind: str = ""
    n: int | None = None
    seed: int = 0
    metric: str = ""
    mode: str = ""
    goals: tuple[tuple[str, str], ...] = later(())
    prune: int | None = None
    require: tuple[str, ...] = later(())
    options: Mapping[str, object] = unknown_fields()
