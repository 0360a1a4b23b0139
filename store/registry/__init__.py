"""Tags, notes, approvals, promotions and uses of the holdout: what people say of the runs.

None of it is a result, and no sweep waits for it.
"""

from store.registry.facts import Approval, Edits, Event, HoldoutUse, Note, Promotion
from store.registry.registry import Registry, open_registry

__all__ = [
    "Approval",
    "Edits",
    "Event",
    "HoldoutUse",
    "Note",
    "Promotion",
    "Registry",
    "open_registry",
]
