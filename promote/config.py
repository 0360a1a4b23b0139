"""Configuration of promotion: where profiles lie, and which signatures are believed."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

FILE = Path(__file__).resolve().parent.parent / "conf" / "promote.yaml"
KEYS = ("profiles", "public_keys", "signing_key", "modules")

_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Conf:
    """The settings of promotion.

    Attributes:
        profiles: folder of the profiles.
        public_keys: Ed25519, hex; with any of them, everything promoted has to be signed.
        signing_key: file of the private key; None signs nothing.
    """

    profiles: Path
    public_keys: tuple[str, ...] = ()
    signing_key: Path | None = None


def load() -> Conf:
    """The file's settings; SWEEPER_PROFILES and SWEEPER_SIGNING_KEY go before it.

    Raises:
        ValueError: the file is not such a file: one line that says why.
    """
    values = _read()
    keys = values.get("public_keys") or []
    if not isinstance(keys, list) or not all(
        isinstance(k, str) and _KEY.fullmatch(k) for k in keys
    ):
        raise ValueError(f"{FILE}: public_keys is a list of 64 hex digits each, got {keys!r}")
    folder = os.environ.get("SWEEPER_PROFILES") or values.get("profiles") or "profiles"
    private = os.environ.get("SWEEPER_SIGNING_KEY") or values.get("signing_key")
    return Conf(Path(str(folder)), tuple(keys), Path(str(private)) if private else None)


def _read() -> dict[str, object]:
    try:
        values = yaml.safe_load(FILE.read_text())
    except (FileNotFoundError, yaml.YAMLError) as error:
        raise ValueError(f"{FILE}: cannot be read ({' '.join(str(error).split())})") from None
    if not isinstance(values, dict):
        raise ValueError(f"{FILE}: needs the keys {', '.join(KEYS)}")
    if unknown := sorted(set(map(str, values)) - set(KEYS)):
        raise ValueError(f"{FILE}: has no key {unknown[0]!r}; it has {', '.join(KEYS)}")
    return values
