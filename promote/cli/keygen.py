"""The verb `keygen`: a key to sign with."""

from pathlib import Path
from typing import Annotated

import typer


def keygen(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; outside the project.")],
) -> None:
    """Make an Ed25519 key, and say what to write into conf/promote.yaml."""
    from promote.audit.signing import new_key

    public = new_key(file)
    typer.echo(f"Private key: {file}; keep it out of git, and set SWEEPER_SIGNING_KEY to it.")
    typer.echo(f'conf/promote.yaml:\npublic_keys: ["{public}"]')
