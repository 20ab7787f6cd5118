"""Alembic's entry: runs the migrations on the connection that storage.schema hands over."""

from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy.ext.compiler import compiles


@compiles(sa.Text, "postgresql")
def _text(column: sa.Text, compiler: Any, **_: Any) -> str:
    # Compared by bytes, as SQLite does: a path's range finds what is below it, and lists have one order everywhere.
    return 'TEXT COLLATE "C"'


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=None, transactional_ddl=False, render_as_batch=True)
context.run_migrations()
