"""/forget: a person's name and accounts go; what was counted stays counted, without a name (row A11).

What it says is the same for everybody, whether or not she ever told the hotline anything.
"""

from collections.abc import Sequence

import storage.communities
import storage.forgetting
import storage.meetings
import storage.rsvps
from domain.communities import ROLE_NAMES
from domain.messages import (
    Body,
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
from domain.requests import Request
from domain.roles import Membership, Role
from domain.writing import shorten
from handlers import menus, move
from storage.database import Connection
from storage.forgetting import Held

_EXCERPT = 120  # characters
_MOST = 10  # words that hold a name, in one message

# Whoever leads alone: without her there would be nobody.
_ALONE = frozenset({Role.CHAIR, Role.HEAD_OF_CLASS})

_WHERE: dict[str, Text] = {
    "announcements": text("Announcement"),
    "meetings": text("Meeting"),
    "polls": text("Poll"),
    "challenges": text("Challenge"),
}


async def ask(db: Connection, request: Request) -> list[Outgoing]:
    await _settled(db, request)
    return [Say(_what_goes(), _choices())]


def _what_goes() -> Body:
    return paragraphs(
        text("<b>Shall I forget you?</b>"),
        text(
            "<b>Goes, at once and for good:</b> your name, your accounts here, your roles, your settings and the "
            "links to your family. In backups it stays until they are too old and deleted."
        ),
        text(
            "<b>Stays, without your name:</b> your answers in the counts of meetings, polls and challenges, and what "
            "you sent or called for others. If others wrote your name somewhere, those who run your school are asked "
            "to change it."
        ),
        text(
            "What was told to the hotline follows its own rules and stays encrypted. It is deleted where it was "
            "written: /mycases. Afterwards only its code leads there."
        ),
        text("What stands in this chat is on your phone: delete the chat yourself."),
    )


def _choices() -> Keyboard:
    return [
        # NOTE: button. Deletes all that is kept about her.
        [button(text("Yes, forget me"), "bye")],
        # NOTE: button. A file with all that is kept about her.
        [button(text("My data first"), "mydata")],
        # NOTE: button. She stays.
        [button(text("Keep all"), "home")],
    ]


async def forget(db: Connection, request: Request) -> list[Outgoing]:
    await _settled(db, request)
    me = request.person.id
    names, schools = await storage.forgetting.names_of(db, me), await storage.forgetting.schools_of(db, me)
    await storage.forgetting.forget(db, me, names, request.now)
    told = paragraphs(
        text("✓ Done. I don't know you any more."),
        text("If you write to me again, we begin anew."),
    )
    return [Edit(told), menus.menu(()), *await _tell_coordinators(db, request, names, schools)]


async def _settled(db: Connection, request: Request) -> None:
    """Whoever leads something alone hands it over first; an account that came along today asks for nothing like this.
    Raises Refused."""
    await move.check_settled(db, request, request.identity.id)
    alone = [one for one in request.memberships if one.role in _ALONE or await _runs_all(db, request, one)]
    if not alone:
        return
    places = {one.id: one for one in await storage.communities.several(db, [one.community_id for one in alone])}
    offices = [
        text("%(role)s: %(name)s", role=ROLE_NAMES[one.role], name=places[one.community_id].name) for one in alone
    ]
    how = text(
        "Give up your role first, so that whoever leads the community above can find somebody else: /community. "
        "Then send /forget again."
    )
    raise Refused(paragraphs(text("Others count on you:"), lines(*offices), how))


async def _runs_all(db: Connection, request: Request, held: Membership) -> bool:
    """Whether she is the last who coordinates the community: the whole network could be left to nobody."""
    if held.role is not Role.COORDINATOR:
        return False
    there = await storage.communities.holding(db, held.community_id, Role.COORDINATOR, request.now)
    return {one.person_id for one in there} == {request.person.id}


async def _tell_coordinators(
    db: Connection, request: Request, names: Sequence[str], schools: Sequence[str]
) -> list[Outgoing]:
    """Words that hold her name, for those who run the community they belong to."""
    by_reader: dict[int, list[Held]] = {}
    for held in await storage.forgetting.words_with(db, names):
        for reader in await _who_runs(db, request, held.community_id, schools):
            by_reader.setdefault(reader, []).append(held)
    return [Say(_held(some, names), to=ToPerson(reader)) for reader, some in by_reader.items()]


async def _who_runs(db: Connection, request: Request, community_id: int | None, schools: Sequence[str]) -> list[int]:
    """Of her schools and what is above them. Elsewhere somebody else is called so: nobody there hears of her."""
    place = await storage.communities.get(db, community_id) if community_id else None
    place = place or await storage.communities.network(db)
    if not any(place.path.startswith(one) or one.startswith(place.path) for one in schools):
        return []
    return await storage.communities.leaders(db, place.path, request.now, frozenset({Role.COORDINATOR}))


def _held(found: Sequence[Held], names: Sequence[str]) -> Body:
    return paragraphs(
        text("Somebody asked to be forgotten: %(names)s", names=", ".join(names)),
        text("The name still stands in these words. Please take them back or change them, if you can:"),
        lines(
            *(
                text(
                    "%(where)s: %(words)s",
                    where=_WHERE.get(one.table, text("Other words")),
                    words=Words(shorten(one.words, _EXCERPT)),
                )
                for one in found[:_MOST]
            )
        ),
    )
