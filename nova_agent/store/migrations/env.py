"""Where Alembic enters: runs the scripts on the connection that it is given (``config.attributes``)."""

from __future__ import annotations

from alembic import context

from nova_agent.store.sql import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
