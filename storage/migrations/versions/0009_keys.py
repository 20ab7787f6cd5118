"""Keys that were destroyed, until they stand in the list beside the key ring; and which keys a master key wraps."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table("destroyed_keys", sa.Column("id", ID, primary_key=True, autoincrement=False))
    op.create_index("sealing_keys_by_master", "sealing_keys", ["master", "id"])
