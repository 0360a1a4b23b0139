"""Several strategies side by side, each with a share of one purse.

Each member trades its own cash, as if it were alone; every `cadence` bars the purse is divided
again by the shares, which costs `transfer_cost` of what moves (0 bars: never divided again). A
fixed-mix portfolio of strategies, as in Perold and Sharpe (1988), "Dynamic strategies for asset
allocation", Financial Analysts Journal 44.

The name carries the members: `sleeves(trend=sma,revert=rsi)` has params shares.trend and
shares.revert, which add to 1, and those of the members, trend.fast and so on. All members trade the
same bars: those of one symbol, or all a universe.
"""

import re

MOST = 16
"""Members at most."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
TAKEN = ("shares", "cadence", "transfer_cost")
"""Names of its own params, which no member may bear."""
EXACT = 1e-9
"""Distance from 1 that the shares may add up to."""
SHARE = "shares__"


def members_of(variant: str) -> dict[str, str]:
    """Strategies by member, of `trend=sma,revert=rsi`; a member without `=` bears its own name.

    Raises:
        ValueError: fewer than two members, or a name that is none or comes twice.
    """
    members: dict[str, str] = {}
    for text in filter(None, _split(variant.replace(" ", ""))):
        name, equal, module = text.partition("=")
        if not equal or "(" in name:
            name, module = text.partition("(")[0].rpartition(".")[2], text
        if not NAME.fullmatch(name) or "__" in name or name in TAKEN:
            raise ValueError(
                f"strategy sleeves: {name!r} is no name of a member; use letters and digits, and "
                f"none of {', '.join(TAKEN)}"
            )
        if name in members:
            raise ValueError(f"strategy sleeves: two members are called {name}; rename one")
        members[name] = module
    if not 2 <= len(members) <= MOST:
        raise ValueError(
            f"strategy sleeves: needs 2 to {MOST} members, got {len(members)}; name them in "
            "+strategy.members.trend=sma +strategy.members.revert=rsi"
        )
    return members


def _split(text: str) -> list[str]:
    """Pieces between commas that stand in no brackets."""
    depth, pieces = 0, [""]
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += letter
    return pieces


def own_params(
    members: list[str],
) -> tuple[dict[str, type], dict[str, float], dict[str, tuple[float | None, float | None]]]:
    """Types, defaults and limits of the params that are no member's: equal shares by default."""
    shares = [f"{SHARE}{name}" for name in members]
    types: dict[str, type] = {"cadence": int, "transfer_cost": float}
    types |= dict.fromkeys(shares, float)
    defaults: dict[str, float] = {"cadence": 21, "transfer_cost": 0.0007}
    defaults |= dict.fromkeys(shares, 1.0 / len(members))
    limits: dict[str, tuple[float | None, float | None]] = {
        "cadence": (0, None),
        "transfer_cost": (0, 1),
    }
    limits |= dict.fromkeys(shares, (0, 1))
    return types, defaults, limits
