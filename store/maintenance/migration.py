"""An older ledger brought up to what the gate asks of it, in one go and without losing a count.

Ledgers of earlier versions do not know bars by time and price, nor what a record was as its sweep
ended. Entries are never changed: one more entry for each experiment says what they lack.
"""

from pathlib import Path

from store.data.outline import outline
from store.errors import DamagedFile
from store.ledger import ledger, outlines
from store.ledger.verify import verify
from store.records import experiment as records
from store.records.experiment import Experiment
from store.replay.replay import load_bars


def migrate(root: Path) -> list[str]:
    """Add to the ledger what earlier versions have left out.

    Returns:
        A line for each experiment that was brought up to date or could not be; empty when nothing
        is lacking.

    Raises:
        DamagedFile: the ledger is not what was written, or differs from the runs in the store: then
            nothing is added, for nothing could vouch for it.
    """
    if faults := verify(root):
        raise DamagedFile(f"nothing is migrated before this is mended: {faults[0]}")
    lines = []
    for experiment in reversed(records.every(root)):
        if experiment.status == "running":
            lines.append(f"{experiment.id}: is running, or was killed; the next sweep counts it")
        elif added := _added(root, experiment):
            lines.append(f"{experiment.id}: {', '.join(added)}")
    return lines


def _added(root: Path, experiment: Experiment) -> list[str]:
    """Additions to the ledger by an entry on an experiment; nothing when it knew it all."""
    entries = ledger.entries(root)
    outlined = {bars.fingerprint for entry in entries for bars in entry.bars if bars.outline}
    lines = _outlined(root, experiment, outlined)
    bars = [span for span in ledger.bars_of(root, experiment) if span.fingerprint not in outlined]
    named = {span.fingerprint for entry in entries for span in entry.bars}
    new = [span for span in bars if span.outline or span.fingerprint not in named]
    sealed = experiment.id in ledger.records_of(entries)
    if sealed and not new:
        return []
    stated = "" if sealed else _seal(root, experiment)
    facts = {"record": stated, "bars": [span._asdict() for span in new]}
    ledger.add(root, experiment.id, facts)
    return [*lines, *(["its record is in the ledger now"] * (not sealed))]


def _seal(root: Path, experiment: Experiment) -> str:
    """The digest that a record carries; one that an earlier version wrote without gets its own."""
    if stated := records.stated_digest(root, experiment.id):
        return stated
    records.save(root, experiment)
    return records.digest_of(experiment)


def _outlined(root: Path, experiment: Experiment, outlined: set[str]) -> list[str]:
    """Keep the outlines of bars that can still be loaded; words on each symbol."""
    lines = {}
    for group in experiment.groups:
        symbol, fingerprint = group.symbol, group.fingerprint
        if not fingerprint or fingerprint in outlined or symbol in lines:
            continue
        try:
            data = load_bars(experiment, group)
        except ValueError as error:
            lines[symbol] = f"{symbol} is known by its name only ({error})"
            continue
        outlines.keep(root, fingerprint, outline(data.frame, data.days))
        lines[symbol] = f"{symbol} is known by time and price"
    return list(lines.values())
