"""Answering: votes in the messenger's own polls, one ballot for each person, and the way to the open polls."""

from collections.abc import Sequence
from datetime import timedelta

import storage.chats
import storage.polls
from domain.messages import (
    Body,
    Button,
    Delete,
    Edit,
    Keyboard,
    Outgoing,
    Refused,
    Say,
    Text,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.poll_cards import native
from domain.polls import Poll, ballot
from domain.requests import Request
from domain.roles import COMMUNITY_ROLES, is_in
from domain.writing import shorten
from storage.database import Connection

_PAGE = 8
_LABEL_MOST = 32
_COPIES_MATTER = timedelta(days=60)

CLOSED = text("This poll is closed.")


async def load(db: Connection, poll_id: int, _person_id: int) -> Poll | None:
    return await storage.polls.get(db, poll_id)


async def take_vote(db: Connection, request: Request) -> list[Outgoing]:
    """An answer in a native poll. One that we don't know to be ours yet is kept: jobs.polls matches it."""
    incoming, person_id = request.incoming, request.person.id
    native_id = incoming.poll_id or ""
    subject = await storage.polls.subject_of(db, incoming.channel, native_id)
    if subject is None:
        await storage.polls.keep_vote(db, incoming.channel, native_id, person_id, incoming.options, request.now)
        return []
    poll = await storage.polls.get(db, subject[1]) if subject[0] == "poll" else None
    if poll is None:
        return []
    choices = ballot(poll, incoming.options, request.memberships, request.now)
    if choices is not None:
        await storage.polls.cast(db, poll.id, person_id, choices, request.now)
        return []
    is_member = is_in(poll.audience, request.memberships)
    if not incoming.options or (is_member and poll.is_open(request.now)):
        return []
    if is_member:
        too_late = lines(CLOSED, text("%(question)s", question=poll.question))
        return [Say(too_late, to=ToPerson(person_id), dedupe_key=f"{poll.card}:too_late:{person_id}")]
    told = text(
        "Your answer to this poll is not counted, because you do not belong to this community: %(name)s",
        name=poll.community.name,
    )
    return [Say(told, to=ToPerson(person_id), dedupe_key=f"{poll.card}:not_counted:{person_id}")]


async def meet_copy(db: Connection, request: Request) -> list[Outgoing]:
    """A native poll of ours has changed. A crash may have left a copy that no delivery knows: then we know it now."""
    incoming = request.incoming
    native_id = incoming.poll_id or ""
    if await storage.polls.subject_of(db, incoming.channel, native_id) is None:
        question, options = incoming.words, [str(option) for option in incoming.answer["options"]]
        await storage.polls.save_copy(db, incoming.channel, native_id, question, options, request.now - _COPIES_MATTER)
    return []


async def open_again(_db: Connection, request: Request) -> list[Outgoing]:
    """The native poll, once more at the end of the person's chat; the copy before it goes."""
    poll: Poll = request.subject
    if not poll.is_open(request.now):
        raise Refused(CLOSED)
    if not is_in(poll.audience, request.memberships):
        raise Refused(text("This poll is for the members of: %(name)s", name=poll.community.name))
    to = ToPerson(request.person.id)
    return [Delete(poll.card, to), native(poll, to, once=False)]


# --- the open polls ---------------------------------------------------------------------------------------------------


async def show_open(db: Connection, request: Request) -> list[Outgoing]:
    """/polls"""
    return [Say(*await _listed(db, request, 0))]


async def show_more(db: Connection, request: Request) -> list[Outgoing]:
    """args: the number of the last poll shown."""
    return [Edit(*await _listed(db, request, request.number(0)))]


async def _listed(db: Connection, request: Request, before: int) -> tuple[Body, Keyboard]:
    own = {
        int(part)
        for membership in request.memberships
        if membership.role in COMMUNITY_ROLES
        for part in membership.path.strip("/").split("/")
    }
    found = await storage.polls.open_for(db, request.person.id, sorted(own), request.now, before=before, most=_PAGE + 1)
    shown = found[:_PAGE]
    if not shown and before:  # those further on are closed by now
        return await _listed(db, request, 0)
    if not shown:
        return text("No poll is open for you right now."), ()
    answered = await storage.polls.answered_of(db, request.person.id, shown)
    rows: list[Sequence[Button]] = [_doors(request, poll) for poll in shown]
    if len(found) > _PAGE:
        rows.append([button(text("More"), "polls.more", shown[-1].id)])
    entries = [_entry(poll, answered=poll.id in answered) for poll in shown]
    return paragraphs(text("<b>Open polls</b>"), lines(*entries)), rows


def _entry(poll: Poll, *, answered: bool) -> Text:
    if answered:
        return text("✓ %(name)s: %(question)s (you have answered)", name=poll.community.name, question=poll.question)
    return text("○ %(name)s: %(question)s (not answered yet)", name=poll.community.name, question=poll.question)


def _doors(request: Request, poll: Poll) -> list[Button]:
    row = []
    if is_in(poll.audience, request.memberships):
        row.append(button(Words(shorten(poll.question, _LABEL_MOST)), "poll.open", poll.id))
    if poll.author_id == request.person.id:
        # NOTE: button. How people have voted in a poll so far.
        row.append(button(text("Results"), "poll", poll.id))
    return row
