"""Tags and texts of an experiment or run: reading and editing them."""

from collections.abc import Sequence
from typing import Any

from store.errors import UnknownReference
from store.files.paths import check_name
from store.query.annotations import read_edits, words_of
from store.query.results import Results
from store.registry import open_registry


def read(results: Results, ref: str) -> dict[str, Any]:
    """Tags and texts of an experiment or run as they are now.

    Returns:
        `ref` in full, `tags`, `description`, `hypothesis` and `expected_impact`.
    """
    reference = results.resolve(ref)
    words = words_of(reference.experiment, str(reference), read_edits(results.root))
    return {"ref": str(reference), **words}


def tag(results: Results, ref: str, tags: Sequence[str]) -> dict[str, object]:
    """Add tags; those that are there already stay. Returns what `read` says then."""
    subject, registry = str(results.resolve(ref)), open_registry(results.root)
    for word in [check_name(word, "tag") for word in tags]:
        registry.add_tag(subject, word)
    return read(results, subject)


def untag(results: Results, ref: str, tags: Sequence[str]) -> dict[str, object]:
    """Take tags away. Returns what `read` says then.

    Raises:
        UnknownReference: one of them is not there; nothing is taken away then.
    """
    before, registry = read(results, ref), open_registry(results.root)
    for word in tags:
        if word not in before["tags"]:
            has = ", ".join(before["tags"]) or "none"
            raise UnknownReference(f"{before['ref']}: has no tag {word[:60]!r}; its tags: {has}")
    for word in tags:
        registry.remove_tag(before["ref"], word)
    return read(results, before["ref"])


def note(
    results: Results,
    ref: str,
    *,
    description: str | None = None,
    hypothesis: str | None = None,
    expected_impact: str | None = None,
) -> dict[str, object]:
    """Write texts of an experiment or run; None keeps what is there.

    Returns:
        What `read` says then.
    """
    subject = str(results.resolve(ref))
    open_registry(results.root).edit_note(
        subject,
        description=description,
        hypothesis=hypothesis,
        expected_impact=expected_impact,
    )
    return read(results, subject)
