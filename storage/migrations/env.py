"""Alembic's entry: runs migrations on the connection that `storage.migration` hands over."""

from alembic import context

import rewards.tables  # noqa: F401
from activity.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
context.run_migrations()
