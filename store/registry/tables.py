"""The tables of the registry, as this checkout reads and writes them.

They come to be, and to change, by the steps in `migrations/versions`, never from here; a test
compares the two.
"""

from sqlalchemy import BigInteger, Boolean, Column, Integer, MetaData, Table, Text

HEAD = "0002"
"""The newest step in `migrations/versions`."""

METADATA = MetaData()


def _text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    return Column(name, Text, primary_key=key, nullable=optional)


NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows of INTEGER only

TAGS = Table(
    "tags",
    METADATA,
    _text("subject", key=True),
    _text("tag", key=True),
    Column("present", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)
NOTES = Table(
    "notes",
    METADATA,
    _text("subject", key=True),
    _text("description", optional=True),
    _text("hypothesis", optional=True),
    _text("expected_impact", optional=True),
    Column("version", Integer, nullable=False),
)
PROMOTIONS = Table(
    "promotions",
    METADATA,
    _text("profile", key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _text("experiment"),
    Column("run", BigInteger, nullable=False),
    _text("config_hash"),
    _text("facts"),
    _text("time"),
)
APPROVALS = Table(
    "approvals",
    METADATA,
    _text("profile", key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _text("approver", key=True),
    _text("comment"),
    _text("time"),
)
HOLDOUT_USES = Table(
    "holdout_uses",
    METADATA,
    Column("number", NUMBER, primary_key=True),
    _text("symbol"),
    _text("fingerprint"),
    _text("experiment"),
    _text("config_hash"),
    _text("purpose"),
    _text("time"),
)
EVENTS = Table(
    "events",
    METADATA,
    Column("number", NUMBER, primary_key=True),
    _text("time"),
    _text("host"),
    _text("account"),
    _text("kind"),
    _text("subject"),
    _text("facts"),
)

OPERATED = Table(
    "operated",
    METADATA,
    _text("kind", key=True),
    _text("name", key=True),
    _text("facts"),
    Column("version", Integer, nullable=False),
)
"""Documents of operation that change: a rollout per profile, a task, a challenger, a budget."""
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("number", NUMBER, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    _text("kind"),
    _text("subject"),
    _text("message"),
    _text("time"),
    _text("due"),
    _text("sent"),
    Column("attempts", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)
"""Messages to people: `sent` is empty until one was delivered, `due` when it is tried next."""
