"""A profile: one promoted configuration with all that it takes to run it again, as YAML.

The file is plain YAML, readable by any safe loader, fields in a fixed order, floats to the last
bit. Its last line is the SHA-256 of all lines before it.
"""

import copy
import dataclasses
import hashlib
import typing
from dataclasses import dataclass
from functools import lru_cache

import yaml

from promote.profiles.parts import (
    ExperimentPart,
    GatePart,
    HoldoutPart,
    StrategyPart,
    TriedPart,
    WindowPart,
)
from store.errors import DamagedFile, StoreError
from store.records.experiment import fits
from store.records.group import Setting

SCHEMA = 1
KINDS = ("promotion", "rollback")

_DIGEST = "digest: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One version of a profile, never changed once it is written.

    Attributes:
        schema: of this file.
        profile: its name.
        version: from 1 on.
        parent: the version that was current before; None for the first.
        kind: promotion, or rollback to an older version.
        restores: the version that a rollback goes back to; None for a promotion.
        promoted_at: ISO 8601, UTC.
        promoted_by: account or e-mail address.
        strategy: name, module, source_hash and look_ahead (whether it may look ahead).
        params: by name; numbers.
        settings: of `kernels.Settings`; None is off.
        data: keys of the config group `data`, for this one symbol.
        symbol: of the bars.
        timeframe: length of a bar.
        fingerprint: of all bars, the holdout included.
        window: role, bars [start, stop), and the times of the first and last of them.
        holdout: its `fraction` or the `date` it begins on, the last time that a sweep could read
            (`after`), and how often the symbol's holdout had been looked at (`uses`).
        experiment: id, run, name, hypothesis, search and its seed.
        config_hash: 64 hex digits.
        metrics: on the window, as `kernels.METRICS`; to the last bit.
        gate: preset, its changes, how the run was selected, benchmark, and every verdict.
        tried: what the gate counted: `ledger`, `compared` and `independent` configurations.
        baseline: REF of what had to be beaten; None without.
        reason: why it was promoted, in words.
        expected_impact: what is expected of it, in words.
        recommended: the gate's word; nothing else becomes a profile.
        approved: false: a person's approval comes later and stands in a file of its own.
        allow_dirty: whether code was admitted that is not committed.
        versions: code (git commit, `+` when files differed from it), kernel, python, ...
    """

    schema: int = SCHEMA
    profile: str
    version: int
    parent: int | None
    kind: str
    restores: int | None
    promoted_at: str
    promoted_by: str
    strategy: StrategyPart
    params: dict[str, float]
    settings: dict[str, Setting]
    data: dict[str, object]
    symbol: str
    timeframe: str
    fingerprint: str
    window: WindowPart
    holdout: HoldoutPart
    experiment: ExperimentPart
    config_hash: str
    metrics: dict[str, float]
    gate: GatePart
    tried: TriedPart
    baseline: str | None
    reason: str
    expected_impact: str
    recommended: bool
    approved: bool
    allow_dirty: bool
    versions: dict[str, object]

    @property
    def ref(self) -> str:
        """Name of the profile in commands: `scalp/v3`."""
        return f"{self.profile}/v{self.version}"

    def number(self, name: str) -> float:
        """A setting that is a number and never off."""
        value = self.optional(name)
        if value is None:
            raise ValueError(f"{self.ref}: settings.{name} must be a number, it is off")
        return value

    def optional(self, name: str) -> float | None:
        """A setting that is a number; None where it is off."""
        value = self.settings.get(name)
        if isinstance(value, str):
            raise ValueError(f"{self.ref}: settings.{name} must be a number, got {value!r}")
        return value


def to_yaml(profile: Profile) -> str:
    """The whole file of a profile."""
    values = dataclasses.asdict(profile)
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)
    return f"{text}{_DIGEST}{_sha256(text)}\n"


def from_yaml(text: str, what: str) -> Profile:
    """The profile in a file that `to_yaml` wrote; nothing in it is ever run or resolved.

    Args:
        text: the whole file.
        what: names the file in errors.

    Raises:
        DamagedFile: it is not what was written.
        StoreError: a newer checkout wrote it.
    """
    return copy.deepcopy(_read(text, what))


@lru_cache(maxsize=256)
def _read(text: str, what: str) -> Profile:
    """The same, remembered: a daemon reads the files of a hundred profiles every minute."""
    body, mark, last = text.rpartition(_DIGEST)
    if not mark or last.strip() != _sha256(body):
        raise DamagedFile(f"{what}: was changed: its digest is not that of what it says; {_COPY}")
    try:
        values = _parse(body)
    except yaml.YAMLError as error:
        raise DamagedFile(
            f"{what}: is not YAML ({' '.join(str(error).split())}); {_COPY}"
        ) from None
    if isinstance(values, dict) and isinstance(values.get("schema"), int):
        _check_schema(what, values["schema"])
    if fault := _fault(values):
        raise DamagedFile(f"{what}: {fault}; {_COPY}")
    profile = Profile(**values)
    if to_yaml(profile) != text:
        raise DamagedFile(f"{what}: is not in the form that profiles are written in; {_COPY}")
    return profile


def one_line(text: str, what: str) -> str:
    """Words of a person, as a record keeps them: one line, nothing that cannot be printed.

    Raises:
        StoreError: more than 2,000 characters, or something that a YAML reader could resolve.
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(plain) > _LONGEST:
        raise StoreError(f"{what}: takes up to {_LONGEST:,} characters, got {len(plain):,}")
    if "${" in plain:
        raise StoreError(f"{what}: must not hold ${{, which readers of YAML may resolve")
    return plain


_COPY = "restore it from a copy"
_LONGEST = 2_000


def _parse(body: str) -> typing.Any:
    """Plain YAML, without aliases, by which a small file could become a large one."""
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(body)):
        raise yaml.YAMLError("it has an alias")
    return yaml.safe_load(body)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check_schema(what: str, version: int) -> None:
    if version > SCHEMA:
        raise StoreError(
            f"{what}: has schema {version}, this checkout reads up to {SCHEMA}; update the checkout"
        )


def _fault(values: object) -> str:
    """Fault of the fields of a profile, or nothing."""
    if not isinstance(values, dict):
        return f"holds a {type(values).__name__}, not the fields of a profile"
    hints = typing.get_type_hints(Profile)
    for name in sorted(hints.keys() ^ set(map(str, values))):
        return f"{'has no' if name in hints else 'has an unknown'} field {name!r}"
    for name, hint in hints.items():
        if not fits(values[name], hint):
            return f"{name} is a {type(values[name]).__name__}, which it cannot be"
    if values["kind"] not in KINDS or not values["recommended"]:
        return "is no profile that the gate has let pass"
    return ""
