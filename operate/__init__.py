"""After promotion: shadow, target, intake, monitors, rollout, cycle: `python -m operate --help`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from operate.target.reader import read_target

__all__ = ["read_target"]


def __getattr__(name: str) -> Any:
    if name != "read_target":
        raise AttributeError(f"module 'operate' has no attribute {name!r}")
    from operate.target.reader import read_target  # late: start-up needs no cryptography

    return read_target


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
