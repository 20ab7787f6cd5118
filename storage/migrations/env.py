"""Alembic's entry: runs the migrations on the connection that storage.schema hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=None, transactional_ddl=False, render_as_batch=True)
context.run_migrations()
