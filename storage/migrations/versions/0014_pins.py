"""Personal numbers of staff, and the addresses they are paged at. No column names a person or an account: a mark (HMAC)
with a purpose of its own stands where SQL must look something up, and times are whole minutes."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "pins",
        sa.Column("person_mark", sa.LargeBinary, primary_key=True),
        sa.Column("secret", sa.LargeBinary),  # salt and slow hash, peppered; NULL: to be chosen
        sa.Column("wrong", sa.Integer, nullable=False),  # tries since the last right one
        sa.Column("locked_until", US, nullable=False),
    )
    op.create_table(
        "unlocks",  # who has proven herself on which account
        sa.Column("identity_mark", sa.LargeBinary, primary_key=True),
        sa.Column("person_mark", sa.LargeBinary, nullable=False),
        sa.Column("until", US, nullable=False),  # at most a shift
        sa.Column("used_at", US, nullable=False),
    )
    op.create_index("unlocks_of_person", "unlocks", ["person_mark"])
    op.create_index("unlocks_by_end", "unlocks", ["until"])
    op.create_table(
        "keypads",  # one for each account that was asked
        sa.Column("identity_mark", sa.LargeBinary, primary_key=True),
        sa.Column("person_mark", sa.LargeBinary, nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),  # sealed: the digits, and what was asked for while locked
        sa.Column("touched_on", US, nullable=False),
    )
    op.create_index("keypads_of_person", "keypads", ["person_mark"])
    op.create_index("keypads_touched_on", "keypads", ["touched_on"])
    _mail()


def _mail() -> None:
    op.create_table(
        "page_addresses",  # where a person is paged by e-mail
        sa.Column("person_mark", sa.LargeBinary, primary_key=True),
        sa.Column("key_id", ID, nullable=False),  # in sealing_keys, of purpose "staff"
        sa.Column("address", sa.LargeBinary, nullable=False),  # sealed, with the code that was mailed
        sa.Column("state", sa.Text, nullable=False),  # asked | confirmed
        sa.Column("wrong", sa.Integer, nullable=False),  # codes
        sa.Column("asked_at", US, nullable=False),
    )
    op.create_table(
        "pages",  # the ledger of the second route
        key(),
        sa.Column("body", sa.LargeBinary),  # sealed: the address and the line; NULL once it is sent or given up
        sa.Column("once", sa.LargeBinary, nullable=False),  # a mark: the same line to the same person waits once
        sa.Column("state", sa.Text, nullable=False),  # waiting | sent | failed
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("not_before", US, nullable=False),
        sa.Column("made_on", US, nullable=False),  # the hour
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("pages_due", "pages", ["not_before"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("pages_once", "pages", ["once"], unique=True, sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("pages_made_on", "pages", ["made_on"])
