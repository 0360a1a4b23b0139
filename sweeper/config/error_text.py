"""Wording of errors on the command line."""

NOISE = ("object_type", "reference_type", "full_key", "Config search path", "provider=", "schema=")


class Interrupted(Exception):
    """The user stopped a sweep; what is done stays, and the message says how to go on.

    Attributes:
        code: to exit with, 128 + the signal; a `time_limit` counts as Ctrl-C.
        reason: what stopped it: `SIGTERM`, `cancel()`, `time_limit=60`, "" for Ctrl-C.
    """

    def __init__(self, message: str, code: int = 130, reason: str = "") -> None:
        super().__init__(message)
        self.code, self.reason = code, reason


class DoesNotFit(ValueError):
    """Bars that are too few, or at other times, for the windows that a config asks for."""


def one_line(error: BaseException) -> str:
    """The message of an error and of its cause as one line, without Hydra's paragraphs."""
    texts = [str(error)]
    if error.__cause__ is not None and str(error.__cause__) not in texts[0]:
        texts.append(str(error.__cause__))
    lines = [line.strip() for text in texts for line in text.splitlines()]
    kept = [line for line in lines if line and not line.startswith(NOISE)]
    return _join(kept).removesuffix(";") or type(error).__name__


def _join(lines: list[str]) -> str:
    """Sentences joined by `; `, and by a blank after a colon."""
    text = ""
    for line in lines:
        text += (" " if text.endswith(":") else "; " if text else "") + line.replace("\t", " ")
    return text
