"""Both kinds of database, for tests that have to hold on either."""

from contextlib import contextmanager

import sqlalchemy

from store.files.paths import registry_file
from store.registry.database import SCHEMA


@contextmanager
def raw(root, url):
    """A connection past all of our own code; `url` is None for the file."""
    address = f"sqlite:///{registry_file(root)}" if url is None else url
    engine = sqlalchemy.create_engine(
        address.replace("postgresql:", "postgresql+psycopg:"), poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        if url is not None:
            connection.execute(sqlalchemy.text(f"set search_path to {SCHEMA}"))
            connection.commit()
        yield connection


def drop(root, url):
    """Forget everything in the Postgres database."""
    with raw(root, url) as connection:
        connection.execute(sqlalchemy.text(f"drop schema if exists {SCHEMA} cascade"))
        connection.commit()
