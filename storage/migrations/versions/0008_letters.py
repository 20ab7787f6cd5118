"""Messages that were given up keep their body for a while, so that they can be sent again."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import US

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("given_up_at", US))  # NULL: it is not to be sent again
    op.add_column("deliveries", sa.Column("said", sa.Text))  # why the messenger rejected it, with nothing quoted
    kept = sa.text("given_up_at IS NOT NULL")
    op.create_index("deliveries_given_up", "deliveries", ["given_up_at"], sqlite_where=kept, postgresql_where=kept)
