"""The first tables, and the triggers that keep what happened from being changed."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

APPEND_ONLY = ("events", "promotions", "approvals", "holdout_uses")

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make everything."""
    _versioned("tags", "subject", "tag", sa.Column("present", sa.Boolean, nullable=False))
    texts = ("description", "hypothesis", "expected_impact")
    _versioned("notes", "subject", *(sa.Column(name, sa.Text) for name in texts))
    profile = sa.Column("version", sa.Integer, primary_key=True, autoincrement=False)
    run = sa.Column("run", sa.BigInteger, nullable=False)
    rest = _texts("config_hash", "facts", "time")
    op.create_table("promotions", _key("profile"), profile, *_texts("experiment"), run, *rest)
    profile = sa.Column("version", sa.Integer, primary_key=True, autoincrement=False)
    rest = _texts("comment", "time")
    op.create_table("approvals", _key("profile"), profile, _key("approver"), *rest)
    _numbered(
        "holdout_uses", "symbol", "fingerprint", "experiment", "config_hash", "purpose", "time"
    )
    _numbered("events", "time", "host", "account", "kind", "subject", "facts")
    guard = _guard_sqlite if op.get_bind().dialect.name == "sqlite" else _guard_postgres
    for table in APPEND_ONLY:
        guard(table)


def _versioned(name: str, *columns: str | sa.Column[Any]) -> None:
    """A table whose rows are edited: keys by name, then columns, then the version."""
    made = [_key(column) if isinstance(column, str) else column for column in columns]
    op.create_table(name, *made, sa.Column("version", sa.Integer, nullable=False))


def _numbered(name: str, *texts: str) -> None:
    """A table of what happened, in the order in which it happened."""
    number = sa.Column("number", _NUMBER, primary_key=True)
    op.create_table(name, number, *_texts(*texts), sqlite_autoincrement=True)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _guard_sqlite(table: str) -> None:
    """Refuse UPDATE and DELETE, and REPLACE, which deletes without a word to DELETE's triggers."""
    keys = {"promotions": ("profile", "version"), "approvals": ("profile", "version", "approver")}
    same = " and ".join(f"{key} = new.{key}" for key in keys.get(table, ("number",)))
    taken = f"when exists (select 1 from {table} where {same})"
    for action, condition in (("update", ""), ("delete", ""), ("insert", taken)):
        op.execute(
            f"create trigger {table}_no_{action} before {action} on {table} {condition} "
            f"begin select raise(abort, '{table} is append-only'); end"
        )


def _guard_postgres(table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE."""
    op.execute(
        f"create function {table}_is_append_only() returns trigger language plpgsql as "
        f"$$ begin raise exception '{table} is append-only'; end $$"
    )
    op.execute(
        f"create trigger {table}_append_only before update or delete or truncate on {table} "
        f"for each statement execute function {table}_is_append_only()"
    )
