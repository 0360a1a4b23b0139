"""Verification of the ledger: unchanged, and in agreement with the runs in the store."""

from collections.abc import Mapping, Sequence

from store.errors import DamagedFile, StoreError
from store.files import hash_chain
from store.files.backend import Root
from store.files.paths import ledger_folder
from store.ledger import ledger, outlines
from store.ledger.ledger import Entry
from store.ledger.tried_keys import Subject, tried_by
from store.records import experiment as records
from store.records.experiment import Experiment
from store.runs import key_set
from store.runs.key_set import Keys


def verify(root: Root) -> list[str]:
    """Faults of the ledger, one line each; empty when there are none.

    The chain shows any entry that was edited, dropped or moved. That the newest ones were dropped
    shows in the experiments that they counted, as long as those are in the store. An experiment
    that runs at this moment may be ahead of the ledger.
    """
    links, faults = hash_chain.inspect(ledger_folder(root))
    chained = []
    for link in links:
        try:
            chained.append(ledger.entry_of(link))
        except DamagedFile as error:
            faults.append(str(error))
    faults += _key_faults(root, chained)
    faults += _outline_faults(root, chained)
    return faults or _store_faults(root, chained)


def _outline_faults(root: Root, chained: Sequence[Entry]) -> list[str]:
    """Bars whose outline is gone or was changed."""
    faults = []
    for bars in {outlined for entry in chained for outlined in entry.bars if outlined.outline}:
        try:
            kept = outlines.find(root, bars.fingerprint)
        except DamagedFile as error:
            faults.append(str(error))
            continue
        if kept is None or kept[1] != bars.outline:
            faults.append(
                f"ledger: the outline of bars {bars.fingerprint[:12]} is missing, or not the one "
                "that was counted; restore ledger/bars from a copy"
            )
    return faults


def _key_faults(root: Root, chained: Sequence[Entry]) -> list[str]:
    """Entries whose keys are gone, were changed, or were counted before."""
    faults = []
    before: dict[Subject, Keys] = {}
    for entry in chained:
        for subject in entry.files:
            earlier = before.get(subject, key_set.none())
            try:
                keys = ledger.read_keys(root, entry, subject)
            except DamagedFile as error:
                faults.append(str(error))
                continue
            if key_set.within(keys, earlier).any():
                faults.append(f"ledger entry {entry.number}: counts configurations a second time")
            before[subject] = key_set.union([earlier, keys])
    return faults


def _store_faults(root: Root, chained: Sequence[Entry]) -> list[str]:
    """Experiments of which the ledger counts less or more than they have tried."""
    faults = []
    counted = ledger.counted(root, chained, ledger.subjects(chained))
    stated = ledger.records_of(chained)
    for experiment in records.every(root):
        if _edited(root, experiment, stated.get(experiment.id, "")):
            faults.append(
                f"{experiment.id}: its record is not the one that the ledger holds the digest of: "
                "it was edited since the sweep ended; restore it from a copy"
            )
            continue
        try:
            tried = tried_by(root, experiment.id)
        except StoreError as error:
            faults.append(str(error))
            continue
        if experiment.status != "running":
            faults += _uncounted(experiment.id, tried, counted)
        own = [entry for entry in chained if entry.experiment == experiment.id]
        claimed = ledger.counted(root, own, ledger.subjects(own))
        faults += _untried(experiment.id, tried, claimed)
    return faults


def _edited(root: Root, experiment: Experiment, as_ended: str) -> bool:
    """True when a record is not what it was as it ended.

    Unknown of records of earlier versions, and of what was interrupted: that may go on, and the
    next sweep brings its record up to date.
    """
    if not as_ended or experiment.status != "done":
        return False
    if records.digest_of(experiment) == as_ended:
        return False
    return records.stated_digest(root, experiment.id) != as_ended


def _uncounted(
    name: str, tried: Mapping[Subject, Keys], counted: Mapping[Subject, Keys]
) -> list[str]:
    lacking = {
        subject: int((~key_set.within(keys, counted.get(subject, key_set.none()))).sum())
        for subject, keys in tried.items()
    }
    return [
        f"{name}: {n:,} configurations of {subject.strategy} on {subject.symbol} are not in the "
        "ledger: entries were taken away; restore them from a copy"
        for subject, n in lacking.items()
        if n
    ]


def _untried(
    name: str, tried: Mapping[Subject, Keys], claimed: Mapping[Subject, Keys]
) -> list[str]:
    extra = {
        subject: int((~key_set.within(keys, tried.get(subject, key_set.none()))).sum())
        for subject, keys in claimed.items()
    }
    return [
        f"{name}: the ledger counts {n:,} configurations of {subject.strategy} on "
        f"{subject.symbol} that are not among its runs; restore its files from a copy"
        for subject, n in extra.items()
        if n
    ]
