"""Tables of operation, and the views that other tools know by their names."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

KINDS = (
    *("rollout started", "rollout advanced", "rollout held", "rollout resumed"),
    *("rollout rolled back", "rollout to shadow", "rollout stepped down", "improvement finding"),
    *("improvement started", "improvement proposal", "improvement ended", "task run"),
    *("task failed", "task disabled", "task enabled", "challenger judged", "challenger started"),
)
"""Kinds of events that are improvement_events."""


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "operated",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    texts = ("kind", "subject", "message", "time", "due", "sent")
    op.create_table(
        "outbox",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    for name, select in _views(op.get_bind().dialect.name).items():
        op.execute(f"create view {name} as {select}")


def _views(dialect: str) -> dict[str, str]:
    """The SELECT of each view."""

    def part(name: str) -> str:
        if dialect == "sqlite":
            return f"json_extract(facts, '$.{name}')"
        return f"(facts::json ->> '{name}')"

    kinds = ", ".join(f"'{kind}'" for kind in KINDS)
    return {
        "improvement_events": (
            "select time as event_timestamp, kind as event_type, subject as component_id, "
            f"{part('reason')} as trigger_reason, facts as improvement_metrics "
            f"from events where kind in ({kinds})"
        ),
        "optimization_queue": (
            f"select {part('type')} as task_type, {part('component')} as component_id, "
            f"{part('frequency')} as frequency, {part('next_run_at')} as next_run_at, "
            f"{part('status')} as status, {part('enabled')} as enabled "
            "from operated where kind = 'task'"
        ),
        "ab_tests": (
            f"select name as test_name, {part('control')} as control_version, "
            f"{part('treatment')} as treatment_version, {part('status')} as status, "
            f"{part('improvement_percent')} as improvement_percent "
            "from operated where kind = 'challenger'"
        ),
    }
