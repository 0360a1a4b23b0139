"""Verification that a profile is unchanged, and still gives the numbers it was promoted for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernels import KERNEL_VERSION
from kernels.jit.processor import processor
from promote.audit import audit_log, strategy_log
from promote.audit.git_tree import commit
from promote.config import Conf
from promote.profiles.diff import same
from promote.profiles.files import CURRENT, LOG, current, find, relative
from promote.profiles.profile import Profile
from promote.profiles.replay import bars_of, config_hash, metrics_on, replay, series_of, span_of
from store.errors import DamagedFile, StoreError, UnknownReference
from store.files.backend import Place
from store.files.paths import experiment_folder
from store.records import experiment as records
from store.registry import open_registry


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        part: what.
        faults: what is wrong with it, a line each; empty when nothing is.
        note: what is worth knowing, and no fault.
    """

    part: str
    faults: tuple[str, ...] = ()
    note: str = ""


def verify(root: Path, conf: Conf, ref: str) -> list[Finding]:
    """Look at everything that a promotion has written, then run the profile again.

    Args:
        root: folder of the store.
        conf: where profiles are kept, and whose signature is believed.
        ref: `NAME` or `NAME/v3`.

    Returns:
        What was looked at, and what was found.

    Raises:
        UnknownReference: there is no such profile.
    """
    links, chain_faults = audit_log.faults(conf.profiles, conf)
    bodies = [link.body for link in links]
    findings = [Finding("audit", tuple(chain_faults), _signed(conf))]
    findings.append(Finding("log", tuple(_log_faults(conf.profiles, bodies))))
    try:
        profile = find(conf.profiles, ref)
    except DamagedFile as error:
        return [*findings, Finding("profile", (str(error),))]
    findings += [
        Finding("files", tuple(_file_faults(conf.profiles, bodies, profile))),
        Finding("current", tuple(_pointer_faults(conf.profiles, bodies, profile))),
        _registry(root, bodies, profile),
        _experiment(root, profile),
        _code(profile),
        Finding("kernel", tuple(_kernel_faults(profile))),
    ]
    return [*findings, *_again(profile)]


def _signed(conf: Conf) -> str:
    return "signed by a pinned key" if conf.public_keys else "no key is pinned: not signed"


def _log_faults(profiles: Path, bodies: list[audit_log.Body]) -> Iterator[str]:
    path = profiles / LOG
    try:
        text = path.read_text(errors="replace")
    except OSError as error:
        yield f"{path}: cannot be read ({error.strerror}); restore it from a copy"
        return
    if not bodies or audit_log.sha256(text) != bodies[-1].get("log"):
        pairs = zip(text.splitlines(), strategy_log.render(bodies).splitlines(), strict=False)
        line = next(
            (n for n, (stored, rendered) in enumerate(pairs, 1) if stored != rendered), "the last"
        )
        yield f"{path}: line {line} is not what the audit says; restore it from a copy"


def _file_faults(profiles: Path, bodies: list[audit_log.Body], profile: Profile) -> Iterator[str]:
    """Files of any version of the profile that are not what the audit says of them last."""
    if audit_log.making(bodies, profile.profile, profile.version) is None:
        yield f"{profile.ref}: the audit does not know this version; restore the audit from a copy"
    newest = {
        path: body
        for body in bodies
        if body["profile"] == profile.profile
        for path in body["files"]
    }
    faults = (audit_log.file_fault(profiles, body, path) for path, body in newest.items())
    yield from filter(None, faults)
    yield from _unknown_files(profiles, set(newest), profile.profile)


def _unknown_files(profiles: Path, named: set[str], name: str) -> Iterator[str]:
    """Files of a profile that no entry of the audit names, forged approvals among them."""
    folder = profiles / relative(name, "")
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(profiles).as_posix()
        own = inner == relative(name, CURRENT) or path.name.startswith(".")
        if path.is_file() and not own and inner not in named:
            yield (
                f"{path}: no entry of the audit names it, so it was not promoted or approved; move "
                "it away"
            )


def _pointer_faults(
    profiles: Path, bodies: list[audit_log.Body], profile: Profile
) -> Iterator[str]:
    newest = audit_log.newest(bodies, profile.profile)
    pointed = current(profiles, profile.profile)
    if pointed != newest:
        yield (
            f"{profiles / profile.profile / 'current'}: names v{pointed}, the audit's newest "
            f"version is v{newest}; restore it from a copy"
        )


def _registry(root: Path, bodies: list[audit_log.Body], profile: Profile) -> Finding:
    """The whole list of versions and approvals in the registry, against that of the audit.

    A copy of the profiles may well come without a registry: where neither it nor the experiment is
    in the store, nothing is missed.
    """
    registry, name = open_registry(root), profile.profile
    promoted = {entry.version: entry.config_hash for entry in registry.promotions(name)}
    approved = {(entry.version, entry.approver) for entry in registry.approvals(name)}
    if not promoted and not approved and not _experiment_folder(root, profile).exists():
        return Finding("registry", note=f"that of {root} knows no such profile")
    own = [body for body in bodies if body["profile"] == name]
    made = {b["version"]: b["config_hash"] for b in own if b["kind"] in audit_log.VERSIONS}
    signed = {(b["version"], b["by"]) for b in own if b["kind"] == audit_log.APPROVED}
    faults = [
        *_lacking("version", made, promoted),
        *_lacking("approval of version", dict.fromkeys(signed), dict.fromkeys(approved)),
    ]
    for version in made.keys() & promoted.keys():
        faults += _unlike(f"config hash of v{version}", made[version], promoted[version])
    if profile.version in promoted:
        faults += _unlike("config hash", profile.config_hash, promoted[profile.version])
    elif profile.version not in made:
        faults.append(f"{profile.ref}: the registry knows other versions only")
    return Finding("registry", tuple(faults))


def _lacking(
    what: str, audited: Mapping[Any, object], registered: Mapping[Any, object]
) -> Iterator[str]:
    """Facts that one of the two does not know."""
    for version in sorted(audited.keys() - registered.keys()):
        yield (
            f"the registry lacks {what} {_words(version)}, which the audit holds: it was lost or "
            "emptied; `python -m promote repair` puts it back"
        )
    for version in sorted(registered.keys() - audited.keys()):
        yield (
            f"the registry holds {what} {_words(version)}, which the audit does not know: profiles "
            "or audit were taken away; restore them from a copy"
        )


def _words(fact: object) -> str:
    return f"{fact[0]} by {fact[1]}" if isinstance(fact, tuple) else str(fact)


def _experiment_folder(root: Path, profile: Profile) -> Place:
    return experiment_folder(root, str(profile.experiment["id"]))


def _experiment(root: Path, profile: Profile) -> Finding:
    """Faults against the record of the profile's experiment, where it is still there."""
    name = profile.experiment["id"]
    try:
        record = records.load(root, name)
    except UnknownReference:
        return Finding("experiment", note=f"{name} is no longer in {root}")
    except StoreError as error:
        return Finding("experiment", (str(error),))
    faults = [
        *_unlike("search", profile.experiment["search"], record.search["kind"]),
        *_unlike("seed", profile.experiment["seed"], record.search["seed"]),
    ]
    return Finding("experiment", tuple(faults), f"{name}, seed {record.search['seed']}")


def _code(profile: Profile) -> Finding:
    """Commits may differ, for the profile's own comes later; strategy and kernels are compared."""
    then, now = str(profile.versions["code"]), str(commit())
    if then == now:
        return Finding("code", note="the commit that promoted it")
    changed = " and changes that were not committed" if then.endswith("+") else ""
    return Finding("code", note=f"commit {now[:12]}; promoted with {then[:12]}{changed}")


def _again(profile: Profile) -> Iterator[Finding]:
    """Run the profile again from what it says, and compare."""
    try:
        data = bars_of(profile)
        series = series_of(data)
        again = replay(profile, series)
    except ValueError as error:
        yield Finding("run", (f"cannot be run again: {error}",))
        return
    source = again.strategy.source_hash
    yield Finding("data", tuple(_unlike("fingerprint", profile.fingerprint, data.fingerprint)))
    yield Finding("strategy", tuple(_unlike("source", profile.strategy["source_hash"], source)))
    if profile.versions["kernel"] != KERNEL_VERSION:
        return  # the hash covers the kernel, and it gives other numbers: said once
    again_hash = config_hash(profile, data.fingerprint)
    yield Finding("config hash", tuple(_unlike("config hash", profile.config_hash, again_hash)))
    faults = tuple(_metric_faults(profile, lambda: metrics_on(again, span_of(profile))))
    same_work = (again_hash, data.fingerprint) == (profile.config_hash, profile.fingerprint)
    if faults and same_work:
        faults += tuple(_processor_faults(profile))
    yield Finding("metrics", faults)


def _kernel_faults(profile: Profile) -> Iterator[str]:
    then = profile.versions["kernel"]
    if then != KERNEL_VERSION:
        yield (
            f"kernel version is {KERNEL_VERSION}, the profile says {then}: other rules, other "
            f"numbers; sweep again, then `python -m promote rebase {profile.profile}`"
        )


def _metric_faults(profile: Profile, run: Callable[[], dict[str, float]]) -> Iterator[str]:
    try:
        metrics = run()
    except ValueError as error:
        yield f"cannot be run again: {error}"
        return
    declared: Mapping[str, float | None] = profile.metrics
    for name, stored in declared.items():  # a newer metric is none of the profile's
        value = metrics.get(name)
        if value is None or stored is None or not same(float(stored), value):
            yield f"{name} is {value!r}, the profile says {stored!r}"


def _processor_faults(profile: Profile) -> Iterator[str]:
    """That only the processor differs, where metrics do and all else is the same."""
    then, now = profile.versions.get("cpu"), processor()
    if then is not None and then != now:
        yield (
            f"only the processor differs: kernels are compiled for {now} here, for {then} when "
            "the sweep ran; run verify on such a machine, and report it: the bits are to be equal"
        )


def _unlike(what: str, then: object, now: object) -> Iterator[str]:
    if then != now:
        yield f"{what} is {str(now)[:16]}, the profile says {str(then)[:16]}"
