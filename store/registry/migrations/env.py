"""Runs the steps of `versions` on the connection that `store.registry.database` hands over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,  # in SQLite as well: the connection begins its transactions itself
)
with context.begin_transaction():
    context.run_migrations()
