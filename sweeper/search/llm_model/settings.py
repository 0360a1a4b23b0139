"""Which language model to ask: what the environment says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

FAMILIES = (
    ("LLM", "https://api.openai.com/v1", ""),
    ("DEEPSEEK", "https://api.deepseek.com", "deepseek-chat"),
)
"""Prefix of the variables, and the address and model meant where they name none."""


class Unanswered(Exception):
    """The server gave no answer that can be read; the message says why, in a few words."""


@dataclass(frozen=True)
class Server:
    """Where a model is asked.

    Attributes:
        url: of the API; not shown, it may hold a password.
        model: the name of the model.
        key: of the account; never shown.
    """

    url: str = field(repr=False)
    model: str
    key: str = field(repr=False)

    def __str__(self) -> str:
        """The model and the host, as people say it."""
        return f"{self.model} at {urlsplit(self.url).hostname}"

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Server | None":
        """The server of LLM_API_KEY or else of DEEPSEEK_API_KEY; None without either.

        A key goes to the address of its own family only. LLM_MODEL names the model of both.

        Raises:
            ValueError: one line that repeats neither key nor address.
        """
        for family, url, model in FAMILIES:
            key = environ.get(f"{family}_API_KEY", "").strip()
            if not key:
                continue
            if not key.isascii() or not key.isprintable():
                raise ValueError(f"{family}_API_KEY: has characters that no key has; set it again")
            url = environ.get(f"{family}_BASE_URL", "").strip() or url
            if not _is_address(url):
                raise ValueError(
                    f"{family}_BASE_URL: must be an address like {FAMILIES[0][1]}; set it again"
                )
            model = environ.get("LLM_MODEL", "").strip() or model
            if not model.isprintable() or not model:
                raise ValueError(
                    f"LLM_MODEL: must name the model to ask, since {family}_API_KEY is set"
                )
            return cls(url, model, key)
        return None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
