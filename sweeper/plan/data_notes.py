"""Notes on the data of a sweep, for the user: equal ones of several symbols as one."""

from collections.abc import Sequence

from store.data import Dataset

DATA_NOTES = 12
"""Lines on the data that are shown before a sweep."""


def data_notes(datasets: Sequence[Dataset]) -> list[str]:
    """Notes of the data, equal ones of several symbols as one; of very many the first."""
    symbols: dict[str, dict[str, None]] = {}
    for dataset in datasets:
        for note in dataset.notes:
            symbols.setdefault(note, {})[dataset.symbol] = None
    notes = []
    for note, names in symbols.items():
        listed = ", ".join(list(names)[:3]) + (f" and {len(names) - 3:,} more" * (len(names) > 3))
        notes.append(note if any(name in note for name in names) else f"{listed}: {note}")
    left_out = [line for dataset in datasets for line in dataset.left_out]
    more = len(notes) - DATA_NOTES
    return (
        left_out
        + notes[:DATA_NOTES]
        + ([f"and {more:,} more notes on the data"] if more > 0 else [])
    )
