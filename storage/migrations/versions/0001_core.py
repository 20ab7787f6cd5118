"""People, communities, memberships, invites, group chats, the inbox, conversations, the outbox and the keys."""

import sqlalchemy as sa
from alembic import op

from storage.migrations.columns import ID, US, key, ref

revision = "0001"
down_revision = None


def upgrade() -> None:
    _keys()
    _people()
    _communities()
    _incoming()
    _outgoing()


def _keys() -> None:
    op.create_table(
        "sealing_keys",
        key(),
        sa.Column("purpose", sa.Text, nullable=False),  # day | case
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("master", sa.Text, nullable=False),  # the month of the master key that wraps it
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("purpose", "name"),
    )
    op.create_table(
        "notes_of_operation",  # single values about this installation: last contact, clean stop
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _people() -> None:
    op.create_table(
        "persons",
        key(),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("chose_language", sa.Integer, nullable=False, server_default="0"),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("chose_zone", sa.Integer, nullable=False, server_default="0"),
        sa.Column("quiet_from", sa.Integer),  # minutes after midnight in the person's zone
        sa.Column("quiet_until", sa.Integer),
    )
    op.create_table(
        "identities",
        key(),
        ref("person_id", "persons"),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("unreachable", sa.Text),  # why nothing can be sent: blocked | deactivated | never_started | removed
        sa.UniqueConstraint("channel", "address"),
    )
    op.create_index("identities_of_person", "identities", ["person_id"])
    op.create_table(
        "wrong_tries",
        key(),
        ref("person_id", "persons"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", US, nullable=False),
    )
    op.create_index("wrong_tries_of_person", "wrong_tries", ["person_id", "kind", "at"])


def _communities() -> None:
    op.create_table(
        "communities",
        key(),
        ref("parent_id", "communities", nullable=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False, unique=True),  # "/1/5/17/": root first, itself last
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
    )
    op.create_index("communities_below", "communities", ["parent_id"])
    op.create_table(
        "invites",
        key(),
        ref("community_id", "communities"),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("role", sa.Text),  # None: the newcomer says whether she is pupil, parent or teacher
        ref("made_by", "persons", nullable=True),
        sa.Column("uses_left", sa.Integer, nullable=False),
        sa.Column("expires_at", US, nullable=False),
        sa.Column("revoked_at", US),
    )
    op.create_index("invites_of_community", "invites", ["community_id"])
    op.create_table(
        "memberships",
        key(),
        ref("person_id", "persons"),
        ref("community_id", "communities"),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("called", sa.Text, nullable=False),  # the name as the class knows it
        sa.Column("state", sa.Text, nullable=False),  # waiting | active | declined | left
        sa.Column("since", US, nullable=False),
        sa.Column("until", US),
        ref("decided_by", "persons", nullable=True),
        sa.CheckConstraint("until IS NULL OR until > since", name="membership_ends_after_it_begins"),
    )
    op.create_index(
        "one_membership_per_role",
        "memberships",
        ["person_id", "community_id", "role"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'active')"),
        postgresql_where=sa.text("state IN ('waiting', 'active')"),
    )
    op.create_index(
        "one_chair_and_one_head",
        "memberships",
        ["community_id", "role"],
        unique=True,
        sqlite_where=sa.text("state = 'active' AND role IN ('chair', 'head_of_class')"),
        postgresql_where=sa.text("state = 'active' AND role IN ('chair', 'head_of_class')"),
    )
    op.create_index("memberships_of_community", "memberships", ["community_id", "state", "person_id"])
    op.create_table(
        "role_proposals",  # hotline roles: who proposed, who decided, what the person answered
        key(),
        ref("community_id", "communities"),
        ref("person_id", "persons"),
        sa.Column("called", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),  # worker | supervisor
        sa.Column("state", sa.Text, nullable=False),  # proposed | refused | confirmed | active | declined
        ref("proposed_by", "persons"),
        sa.Column("proposed_at", US, nullable=False),
        sa.Column("confirms", sa.Text, nullable=False),  # the role of the second person: supervisor | coordinator
        ref("decided_by", "persons", nullable=True),
        sa.Column("decided_at", US),
        sa.Column("answered_at", US),
    )
    op.create_index(
        "one_open_proposal",
        "role_proposals",
        ["person_id", "community_id", "role"],
        unique=True,
        sqlite_where=sa.text("state IN ('proposed', 'confirmed')"),
        postgresql_where=sa.text("state IN ('proposed', 'confirmed')"),
    )
    op.create_table(
        "conduct_acceptances",
        ref("person_id", "persons"),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("accepted_at", US, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "version"),
    )
    op.create_table(
        "chats",  # group chats
        key(),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        ref("community_id", "communities", nullable=True),
        sa.Column("unreachable", sa.Text),
        sa.UniqueConstraint("channel", "address"),
    )
    op.create_index("chats_of_community", "chats", ["community_id"])


def _incoming() -> None:
    op.create_table(
        "inbox",  # the event and what became of it, never what it said
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("at", US, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),  # started | done | refused | failed | set_aside | ignored
    )
    op.create_index("inbox_by_time", "inbox", ["at"])
    op.create_table(
        "conversations",
        sa.Column("identity_id", ID, sa.ForeignKey("identities.id"), primary_key=True),
        sa.Column("token", sa.Integer, nullable=False),  # changes with every question
        sa.Column("state", sa.LargeBinary),  # sealed: the step, the draft, when it was asked
        sa.Column("asked_as", sa.LargeBinary),  # sealed: the message that asks, once it is known to be sent
        sa.Column("touched_on", US, nullable=False),  # to the hour
    )


def _outgoing() -> None:
    op.create_table(
        "outgoings",  # messages to many, one row each
        key(),
        ref("community_id", "communities"),
        sa.Column("roles", sa.Text, nullable=False),  # separated by commas; empty: every role
        sa.Column("subtree", sa.Integer, nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("card", sa.Text),
        sa.Column("subject_kind", sa.Text),
        sa.Column("subject_id", ID),
        sa.Column("subject_revision", sa.Integer),
        sa.Column("not_before", US, nullable=False),
        sa.Column("not_after", US),
        sa.Column("dedupe_key", sa.Text, unique=True),
        sa.Column("reached_person", ID, nullable=False, server_default="0"),  # expanded up to this person
        sa.Column("state", sa.Text, nullable=False),  # expanding | done
        sa.Column("created_at", US, nullable=False),
    )
    op.create_table(
        "outgoing_bodies",  # rendered once per language and zone
        key(),
        ref("outgoing_id", "outgoings"),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.UniqueConstraint("outgoing_id", "language", "zone"),
    )
    op.create_table(
        "deliveries",  # one outgoing to one chat
        key(),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),  # say | edit | toast | delete | pin | open_poll | …
        sa.Column("place", sa.Text),  # "telegram:42"; NULL in the case lane, whose place lies in the sealed body
        sa.Column("place_mark", sa.LargeBinary, nullable=False),
        sa.Column("card_mark", sa.LargeBinary),  # of the place and the card
        sa.Column("body", sa.LargeBinary),  # sealed; NULL once it is sent or given up, or when body_id names it
        ref("body_id", "outgoing_bodies", nullable=True),
        ref("outgoing_id", "outgoings", nullable=True),
        ref("person_id", "persons", nullable=True),
        sa.Column("state", sa.Text, nullable=False),  # waiting | sent | failed | dropped | replaced
        sa.Column("reason", sa.Text),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("trace", sa.LargeBinary),  # sealed, case lane: the place and the message id
        sa.Column("poll_id", sa.Text),
        sa.Column("subject_kind", sa.Text),
        sa.Column("subject_id", ID),
        sa.Column("subject_revision", sa.Integer),
        sa.Column("not_before", US, nullable=False),
        sa.Column("not_after", US),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("changes", sa.Integer, nullable=False, server_default="0"),  # how often the body was replaced
        sa.Column("dedupe_key", sa.Text, unique=True),
        sa.Column("sent_at", US),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("deliveries_waiting", "deliveries", ["lane", "id"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_index("deliveries_of_card", "deliveries", ["card_mark", "id"])
    op.create_index("deliveries_of_outgoing", "deliveries", ["outgoing_id", "person_id"], unique=True)
    op.create_index("deliveries_of_poll", "deliveries", ["poll_id"])
    op.create_table(
        "pauses",  # a chat that the messenger told us to leave alone, and until when
        sa.Column("place_mark", sa.LargeBinary, primary_key=True),
        sa.Column("until", US, nullable=False),
    )
