"""What a person belongs to is asked with every update: by an index of its own. The unique one that begins with the
person holds waiting memberships, too, and SQLite doesn't see that those in force are among them."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_index("memberships_of_person", "memberships", ["person_id", "state"])
