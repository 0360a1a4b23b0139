"""`python -m serve`: the server of a store, on this machine unless told otherwise."""

import gc
import socket
import threading
from pathlib import Path
from typing import Annotated

import typer

from serve.access.hosts import allowed_hosts, bracketed, is_loopback
from store.errors import StoreError

BACKLOG = 2048
"""Connections that wait while the server starts, as many as uvicorn's own."""
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any that is free.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    root: Annotated[
        Path, typer.Option("--root", envvar="SWEEPER_ROOT", help="Folder of the store.")
    ] = Path("results"),
    profiles: Annotated[
        Path | None,
        typer.Option("--profiles", envvar="SWEEPER_PROFILES", help="Folder of the profiles."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option("--token-file", help="JSON with a token for each role; made if missing."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", help="A further name, NAME:PORT, by which it is reached."),
    ] = None,
) -> None:
    """API and pages over the results of sweeps. Prints a link that works once."""
    try:
        _serve(port, host, root, profiles, token_file, tuple(allow_host or ()))
    except (StoreError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _serve(
    port: int,
    host: str,
    root: Path,
    profiles: Path | None,
    token_file: Path | None,
    more: tuple[str, ...],
) -> None:
    # Imported late: --help need not wait for the store and the kernels.
    import uvicorn

    from serve.access.tokens import fresh, from_file
    from serve.api.answers import Place
    from serve.app import create_app
    from serve.pages.drawing import compile_templates

    if not is_loopback(host) and token_file is None:
        raise StoreError(
            f"--host {host}: other machines may ask then, without encryption; give their tokens in "
            "--token-file, and put a proxy with TLS before it"
        )
    tokens = fresh() if token_file is None else from_file(token_file)
    listening = _listen(host, port)
    port = listening.getsockname()[1]
    place = Place(root.absolute(), None if profiles is None else profiles.absolute())
    application = create_app(place, tokens, allowed_hosts(host, port, more), f"sweeper_{port}")
    shown = "127.0.0.1" if host == "0.0.0.0" else bracketed(host)
    typer.echo(f"Sweeper serves {root}. Open, once: http://{shown}:{port}/login?link={tokens.link}")
    if token_file is None:
        typer.echo(f"For programs: Authorization: Bearer {tokens.by_role['run']}")
        typer.echo(f"To approve profiles: {tokens.by_role['approve']}")
        typer.echo("They end with this server; --token-file FILE keeps them.")
    if not is_loopback(host):
        typer.echo("Note: other machines reach this; without TLS they send tokens in the open.")
    threading.Thread(target=compile_templates, daemon=True).start()
    gc.freeze()  # what lives as long as the server: to look through it again is a pause of 0.15 s
    config = uvicorn.Config(application, log_level="warning", server_header=False, ws="none")
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens, so that the link can be followed as soon as it is printed.

    A taken port is said in one line.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise StoreError(
            f"--port {port}: cannot listen at {host}: {error.strerror}; name another"
        ) from error
    return listening


def main() -> None:
    """Run the command."""
    app(prog_name="python -m serve")
