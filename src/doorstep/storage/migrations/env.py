"""Run by Alembic for every command; the connection comes from ``doorstep.storage.migrations``."""

from alembic import context

from doorstep.storage.schema import metadata

inner = context.config.attributes["connection"]
context.configure(connection=inner, target_metadata=metadata, render_as_batch=inner.dialect.name == "sqlite")
with context.begin_transaction():
    context.run_migrations()
