"""Announcements are written, with a preview and its reach, and sent once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import storage.announcements
import storage.chats
import storage.communities
import storage.outgoings
from domain.announcement_cards import CONFIRM, author_card, card, confirming, reach_in_words
from domain.announcements import AUDIENCES, EVERYBODY, Content, Look, content_of, heading, length, room_for, speaks_as
from domain.messages import (
    Body,
    Lane,
    Outgoing,
    Refused,
    Say,
    Subject,
    Text,
    Toast,
    ToAudience,
    ToChat,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Request
from domain.roles import LEADERS, Role
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form
from storage.database import Connection

# --- writing ----------------------------------------------------------------------------------------------------------


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/announce asks what and whom; `/announce Tomorrow …` is for everybody and goes on to the preview."""
    answers = await signature(db, request)
    if not request.words:
        return await forms.start(db, request, FORM, answers)
    given = {"content": _read_content(request, answers), "audience": EVERYBODY}
    return await forms.start(db, request, FORM, answers | given, asked=tuple(given))


async def signature(db: Connection, request: Request) -> dict[str, Any]:
    """Where it comes from and who announces, as the readers know them."""
    community = community_of(request)
    over = await storage.communities.get(db, community.parent_id) if community.parent_id else None
    role = speaks_as(request.memberships, community.path)
    called = await storage.communities.known_as(db, request.person.id, community.path)
    return {
        "heading": heading(community, over),
        "called": called or request.incoming.sender_name,
        "role": role.value,
    }


def _ask_content(_request: Request, answers: Answers) -> Body:
    return lines(
        text("<b>An announcement</b> for: %(community)s", community=answers["heading"]),
        text("Please send me a text, or one photo, video or file with a text under it."),
    )


def _read_content(request: Request, answers: Answers) -> dict[str, Any]:
    if request.incoming.album is not None:  # its other parts would be left out in silence
        raise Refused(text("Please send me a text, or one photo, video or file with a text under it."))
    content = content_of(request.incoming, request.words)
    if content is None:
        raise _nothing_to_announce(request)
    most, written = room_for(content, answers["heading"], answers["called"]), length(content.words)
    if written > most:
        raise _too_long(content, most, written)
    return {"words": content.words, "kind": content.kind, "file_id": content.file_id, "channel": content.channel}


def _nothing_to_announce(request: Request) -> Refused:
    if request.incoming.parts or not request.words:
        return Refused(text("I can announce a text, a photo, a video or a file. Please send me one of these."))
    return Refused(
        text("This text is empty. Please write what I shall announce, for example: Tomorrow school begins at 9.")
    )


def _too_long(content: Content, most: int, written: int) -> Refused:
    if content.kind is None:
        return Refused(
            text(
                "This is too long: there is room for %(most)s characters, and your text has %(written)s."
                " Please shorten it and send it again.",
                most=most,
                written=written,
            )
        )
    return Refused(
        text(
            "This is too long: under a photo, video or file there is room for %(most)s characters, and your text has"
            " %(written)s. Please shorten it, or send the text without the file.",
            most=most,
            written=written,
        )
    )


def _ask_audience(_request: Request, _answers: Answers) -> Text:
    return text("Who is it for?")


async def _audiences(_db: Connection, _request: Request, _answers: Answers) -> Sequence[Choice]:
    return [Choice(whom.label, value) for value, whom in AUDIENCES.items()]


async def _count_reach(db: Connection, request: Request, answers: Answers) -> Answers:
    """What the preview says of the reach. Raises Refused when there is nobody to tell."""
    to = _rule(request, answers)
    reach = await storage.outgoings.reach(db, to, request.now)
    if not reach.persons:
        raise _no_one(answers)
    groups = () if to.roles else await storage.chats.of_community(db, to.community_id)
    return {"reach": [reach.now, reach.blocked, reach.never_started], "groups": len(groups)}


def _no_one(answers: Answers) -> Refused:
    label = AUDIENCES[answers["audience"]].label
    return Refused(
        text("Nobody has joined yet: %(audience)s. Nothing was sent. You can invite people: /invite", audience=label)
    )


def _rule(request: Request, answers: Answers) -> ToAudience:
    return ToAudience(community_of(request).id, AUDIENCES[answers["audience"]].roles)


def _look(answers: Answers) -> Look:
    return Look(answers["heading"], answers["called"], Role(answers["role"]), Content(**answers["content"]))


def _preview(_request: Request, answers: Answers) -> Sequence[Say]:
    look = _look(answers)
    return [Say(card(look), [[button(CONFIRM, "a.try")]], media=look.content.media)]


def _review(_request: Request, answers: Answers) -> Body:
    groups = answers["groups"]
    return paragraphs(
        lines(
            text("Above you see how it will look."),
            text("For: %(audience)s", audience=AUDIENCES[answers["audience"]].label),
        ),
        lines(
            reach_in_words(*answers["reach"]),
            text_n("It will also appear in %(n)s group chat.", "It will also appear in %(n)s group chats.", groups)
            if groups
            else None,
        ),
    )


async def try_out(_db: Connection, _request: Request) -> list[Outgoing]:
    """The ✓ under the preview."""
    return [Toast(text("This is only the preview: with this button your readers confirm."))]


# --- sending ----------------------------------------------------------------------------------------------------------


async def send(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    """One message to all of the audience, one to each group chat of the community, and the author's card."""
    to, look, community = _rule(request, answers), _look(answers), community_of(request)
    reach = await storage.outgoings.reach(db, to, request.now)
    if not reach.persons:
        raise _no_one(answers)
    announcement = await storage.announcements.save(
        db, community, request.person.id, look, to.roles, reach.persons, request.now
    )
    key = storage.announcements.key_of(announcement.id)
    said = Say(
        card(look),
        confirming(announcement),
        to=to,
        card=announcement.card,
        lane=Lane.BROADCAST,
        subject=Subject("announcement", announcement.id),
        dedupe_key=key,
        media=look.content.media,
    )
    groups = await storage.chats.of_community(db, community.id) if announcement.goes_to_groups else []
    return [
        said,
        *(replace(said, to=ToChat(chat.id), dedupe_key=f"{key}:{chat.id}", silent=True) for chat in groups),
        Say(
            author_card(announcement, announcement.shown),
            to=ToPerson(request.person.id),
            card=announcement.author_card,
        ),
    ]


FORM = Form(
    "announce",
    (
        Field("content", _ask_content, read=_read_content),
        Field("audience", _ask_audience, choices=_audiences),
    ),
    send,
    review=_review,
    facts=_count_reach,
    preview=_preview,
    may=LEADERS,
)
