"""Ray's token authentication: who does not know the token of a cluster gets nothing from it.

A Ray without tokens runs the code of anyone who reaches one of its ports. One that we start has a
token of its own, in memory. Ray itself would write `~/.ray/auth_token`, a file that silently
switches every head that this user starts from then on to tokens.
"""

import os
import secrets

MODE, TOKEN, TOKEN_PATH = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"


def for_a_new_ray() -> dict[str, str]:
    """The variables to start Ray with; a mode or a token that is set already is kept."""
    mode = os.environ.get(MODE, "token")
    if mode != "token" or os.environ.get(TOKEN) or os.environ.get(TOKEN_PATH):
        return {MODE: mode}
    return {MODE: mode, TOKEN: secrets.token_hex(32)}


def for_a_found_ray() -> dict[str, str]:
    """The variables to attach with to a Ray of this machine: tokens, if this user has one.

    As Ray does it for `auto`. To an address that was typed nothing is sent unasked.
    """
    mode = os.environ.get(MODE) or ("token" if has_token() else "")
    return {MODE: mode} if mode else {}


def has_token() -> bool:
    """True when a variable or `~/.ray/auth_token` holds a token."""
    from ray import _raylet  # late: imports Ray

    loader = _raylet.AuthenticationTokenLoader  # type: ignore[attr-defined]
    return bool(loader.instance().has_token(ignore_auth_mode=True))


def take_effect() -> None:
    """Have Ray read mode and token from the environment again: it reads them once per process."""
    from ray import _raylet  # late: imports Ray

    _raylet.Config.initialize("")  # type: ignore[attr-defined]
    _raylet.AuthenticationTokenLoader.instance().reset_cache()  # type: ignore[attr-defined]
