"""Where the registry lives, and how a transaction on it begins and ends.

Without DATABASE_URL it is one SQLite file in the store, made when something is first written. Its
journal is the old one (DELETE: before SQLite 3.51.3 the newer WAL may lose what was committed), it
is synced as far as SQLite can (EXTRA), and who wants to write says so as the transaction begins
(BEGIN IMMEDIATE), so that two writers wait for each other instead of one failing halfway. With
DATABASE_URL it is a schema of that Postgres database.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, make_url
from sqlalchemy import exc as errors
from sqlalchemy import text as sql

from store.errors import DamagedFile, RegistryUnavailable, StoreError
from store.files import backend, local
from store.files.backend import Place
from store.files.paths import registry_file
from store.registry.tables import HEAD

SCHEMA = "sweeper"
"""Of the tables in Postgres, where other applications may have tables, too."""

BUSY_SECONDS = 60
"""How long a writer waits for the others."""

_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITES = "sweeper_writes"


@dataclass(frozen=True, slots=True)
class Database:
    """Where a registry is kept.

    Attributes:
        root: of the store.
        url: of the database.
    """

    root: Place
    url: URL

    @classmethod
    def of(cls, root: Place) -> "Database":
        """The one that DATABASE_URL names, else the store's own file; nothing is opened yet."""
        address = os.environ.get("DATABASE_URL")
        if not address:
            # Absolute, for an engine stays with the folder it was made in.
            file = backend.absolute(registry_file(root))
            return cls(root, URL.create("sqlite", database=str(file)))
        try:
            url = make_url(address)
        except (errors.ArgumentError, ValueError):  # a port that is no number
            raise RegistryUnavailable(
                "DATABASE_URL: is no address; write postgresql://user:password@host/database, or "
                "unset it to use a file in the store"
            ) from None
        if url.drivername not in _POSTGRES:
            raise RegistryUnavailable(
                f"DATABASE_URL: must begin with postgresql://, got {url.drivername}://; unset it "
                "to use a file in the store"
            )
        return cls(root, url.set(drivername="postgresql+psycopg"))

    @property
    def is_file(self) -> bool:
        """True when the database is the store's own file."""
        return self.url.drivername == "sqlite"

    def __str__(self) -> str:
        where = str(registry_file(self.root)) if self.is_file else self.url.render_as_string()
        return f"registry {where}"

    @contextmanager
    def reading(self) -> Iterator[Connection | None]:
        """A transaction that reads; None when nothing was ever written."""
        if self.is_file and not registry_file(self.root).exists():
            yield None
            return
        with self._named(), _engine(self.url).begin() as connection:
            yield connection if self._revision(connection) else None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or leaves no trace; makes what is missing.

        Raises:
            RegistryUnavailable: the store is in a bucket, and no database is named.
            IntegrityError: of SQLAlchemy; a row of the same key is there.
        """
        if self.is_file:
            if not isinstance(self.root, Path):
                raise RegistryUnavailable(
                    f"registry: SQLite needs a disk, and the store is {self.root}; set "
                    "DATABASE_URL to a Postgres database"
                )
            local.make_folder(self.root)
        engine = _engine(self.url).execution_options(**{_WRITES: True})
        with self._named(), engine.begin() as connection:
            if self._revision(connection) != HEAD:
                self._migrate(connection)
            yield connection

    def _revision(self, connection: Connection) -> str | None:
        """Revision of the migrations; None when there are no tables yet."""
        schema = None if self.is_file else SCHEMA
        if schema:
            connection.execute(sql(f"set local search_path to {schema}"))
        if not inspect(connection).has_table("alembic_version", schema):
            return None
        revision = connection.execute(sql("select version_num from alembic_version")).scalar()
        if revision is not None and str(revision) > HEAD:
            raise StoreError(
                f"{self}: has revision {revision}, this checkout knows up to {HEAD}; update the "
                "checkout"
            )
        return None if revision is None else str(revision)

    def _migrate(self, connection: Connection) -> None:
        """Bring the tables up to HEAD, in the transaction at hand."""
        from alembic import command  # late: 0.3 s, needed once in the life of a store
        from alembic.config import Config

        if not self.is_file:
            connection.execute(sql("select pg_advisory_xact_lock(hashtext('sweeper'))"))
            connection.execute(sql(f"create schema if not exists {SCHEMA}"))
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        command.upgrade(config, "head")  # does nothing when another process was faster

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what the database says into one line that names it."""
        try:
            yield
        except errors.IntegrityError:
            raise
        except errors.DBAPIError as error:
            reason = " ".join(str(error.orig).split())
            if isinstance(error.orig, sqlite3.DatabaseError) and not isinstance(
                error.orig, sqlite3.OperationalError
            ):
                raise DamagedFile(
                    f"{self}: cannot be read ({reason}); restore it from a copy"
                ) from error
            raise RegistryUnavailable(
                f"{self}: does not answer as it should ({reason}); {self._advice}"
            ) from error

    @property
    def _advice(self) -> str:
        if self.is_file:
            return "another process may be holding it, or the folder may not be written to"
        return "start its server, or mend DATABASE_URL"


@cache
def _engine(url: URL) -> Engine:
    """One per database; it keeps no connection open."""
    if url.drivername == "sqlite":
        options: dict[str, object] = {"timeout": BUSY_SECONDS, "isolation_level": None}
    else:
        options = {"connect_timeout": 10}
    try:
        engine = create_engine(url, poolclass=NullPool, connect_args=options)
    except ModuleNotFoundError as error:
        raise RegistryUnavailable(
            f"DATABASE_URL: needs {error.name}; run .venv/bin/python -m pip install "
            "'psycopg[binary]'"
        ) from error
    if url.drivername == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in ("journal_mode = delete", "synchronous = extra", "trusted_schema = off"):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("begin immediate" if writes else "begin")
