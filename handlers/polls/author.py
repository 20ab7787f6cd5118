"""The author sees how many have answered, closes the poll, reminds the rest, changes what nobody has answered."""

import storage.chats
import storage.polls
from domain.messages import (
    Edit,
    Outgoing,
    Refused,
    Say,
    Toast,
    ToPerson,
    text,
)
from domain.poll_cards import author_doors, author_view, told_at_close
from domain.polls import Poll
from domain.requests import Request
from domain.times import maybe_us
from handlers import forms
from handlers.polls.ask import ANSWERED_ALREADY, FORM
from handlers.polls.vote import CLOSED
from handlers.route import not_here
from storage.database import Connection


async def show(db: Connection, request: Request) -> list[Outgoing]:
    """The author's card once more, at the end of her chat."""
    poll: Poll = request.subject
    counts = await storage.polls.count(db, poll)
    view, doors = author_view(poll, counts, request.now), author_doors(poll, counts, request.now)
    card = poll.author_card if poll.author_id == request.person.id else None
    return [Say(view, doors, card=card, to=ToPerson(request.person.id))]


async def close(db: Connection, request: Request) -> list[Outgoing]:
    poll: Poll = request.subject
    closed_now = await storage.polls.close(db, poll.id, request.now)
    closed = await storage.polls.get_certain(db, poll.id)
    counts = await storage.polls.count(db, closed)
    tapped = Edit(author_view(closed, counts, request.now))
    if not closed_now:
        return [tapped, Toast(CLOSED)]
    return [tapped, *told_at_close(closed, counts, request.now), Toast(text("The poll is closed."))]


async def remind(db: Connection, request: Request) -> list[Outgoing]:
    """jobs.polls sends the reminders."""
    poll: Poll = request.subject
    if poll.community.archived:
        raise not_here()
    started = poll.is_open(request.now) and await storage.polls.start_reminder(db, poll.id)
    now_stands = await storage.polls.get_certain(db, poll.id)
    counts = await storage.polls.count(db, poll)
    view, doors = author_view(now_stands, counts, request.now), author_doors(now_stands, counts, request.now)
    if started:
        return [Edit(view, doors), Toast(text("Those who have not answered are reminded now."))]
    why = text("They were reminded already.") if now_stands.is_open(request.now) else CLOSED
    return [Edit(view, doors), Toast(why)]


async def change(db: Connection, request: Request) -> list[Outgoing]:
    """Before the first vote the question and the answers are asked again; another poll takes this one's place."""
    poll: Poll = request.subject
    if not poll.is_open(request.now):
        raise Refused(CLOSED)
    if (await storage.polls.count(db, poll)).answered:
        raise Refused(ANSWERED_ALREADY)
    kept = {
        "several": "many" if poll.multiple else "one",
        "close": maybe_us(poll.closes_at),
        "whom": poll.whom.value,
        "changes": poll.id,
    }
    return await forms.start(db, request, FORM, kept)
