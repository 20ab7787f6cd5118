"""Announcements are written, with a preview and its reach, and sent once."""

from collections.abc import Sequence
from typing import Any

import storage.announcements
import storage.chats
import storage.communities
import storage.outgoings
import storage.persons
from domain.announcement_cards import (
    going_out,
    planned_buttons,
    planned_card,
    reach_in_words,
)
from domain.announcements import (
    AUDIENCES,
    EVERYBODY,
    Announcement,
    Content,
    Dispatch,
    Look,
    State,
    content_of,
    speaks_as,
)
from domain.messages import (
    Body,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    Toast,
    ToAudience,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Request
from domain.roles import LEADERS, Role
from handlers import forms
from handlers.announcements import later, options, urgent
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form
from handlers.meetings import when
from storage.database import Connection

# --- writing ----------------------------------------------------------------------------------------------------------


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/announce asks what and whom; `/announce Tomorrow …` is for everybody and goes on to the preview."""
    answers = await signature(db, request)
    if not request.words:
        return [*await later.door(db, request), *await forms.start(db, request, FORM, answers)]
    given = {"content": _read_content(request, answers), "audience": EVERYBODY}
    return await forms.start(db, request, FORM, answers | given, asked=tuple(given))


async def signature(db: Connection, request: Request) -> dict[str, Any]:
    """Where it comes from and who announces, as the readers know them."""
    community = community_of(request)
    role = speaks_as(request.memberships, community.path)
    called = await storage.communities.known_as(db, request.person.id, community.path)
    return {
        "heading": await storage.announcements.heading_of(db, community),
        "called": called or request.incoming.sender_name,
        "role": role.value,
        "written_in": request.person.language,
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
    options.check_length(content, answers)
    return {"words": content.words, "kind": content.kind, "file_id": content.file_id, "channel": content.channel}


def _nothing_to_announce(request: Request) -> Refused:
    if request.incoming.parts or not request.words:
        return Refused(text("I can announce a text, a photo, a video or a file. Please send me one of these."))
    return Refused(
        text("This text is empty. Please write what I shall announce, for example: Tomorrow school begins at 9.")
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
    return {
        "reach": [reach.now, reach.digest, reach.blocked, reach.never_started, reach.muted],
        "languages": dict(reach.languages),
        "groups": len(groups),
        "urgent_left": await urgent.left(db, request, answers),
    }


def _no_one(answers: Answers) -> Refused:
    label = AUDIENCES[answers["audience"]].label
    return Refused(
        text("Nobody has joined yet: %(audience)s. Nothing was sent. You can invite people: /invite", audience=label)
    )


def _rule(request: Request, answers: Answers) -> ToAudience:
    return ToAudience(community_of(request).id, AUDIENCES[answers["audience"]].roles)


def _look(answers: Answers) -> Look:
    return Look(
        answers["heading"],
        answers["called"],
        Role(answers["role"]),
        Content(**answers["content"]),
        answers["written_in"],
        options.versions_in(answers),
        source=answers.get("source"),
    )


def _preview(_request: Request, answers: Answers) -> Sequence[Say]:
    return options.previews(_look(answers))


def _review(request: Request, answers: Answers) -> Body:
    groups = answers["groups"]
    return paragraphs(
        lines(
            text("Above you see how it will look."),
            text("For: %(audience)s", audience=AUDIENCES[answers["audience"]].label),
            text("It goes out: %(time)s", time=_due(request, answers)) if options.is_planned(answers) else None,
        ),
        lines(
            reach_in_words(*answers["reach"], urgent=urgent.is_urgent(answers), later=options.is_planned(answers)),
            text_n("It will also appear in %(n)s group chat.", "It will also appear in %(n)s group chats.", groups)
            if groups
            else None,
        ),
        urgent.in_words(answers),
        options.languages_in_words(answers),
    )


def _due(request: Request, answers: Answers) -> Moment:
    return Moment(when.chosen(request, answers)[0], when.zone_of(request).key)


def _done(answers: Answers) -> Text:
    return options.SCHEDULE if options.is_planned(answers) else forms.SEND


async def try_out(_db: Connection, _request: Request) -> list[Outgoing]:
    """The ✓ under the preview."""
    return [Toast(text("This is only the preview: with this button your readers confirm."))]


# --- sending ----------------------------------------------------------------------------------------------------------


async def _send(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    _, said = await publish(db, request, answers)
    return said


async def publish(db: Connection, request: Request, answers: Answers) -> tuple[Announcement, list[Outgoing]]:
    """At once, at its hour, or when the chair agrees."""
    to, community = _rule(request, answers), community_of(request)
    reach = await storage.outgoings.reach(db, to, request.now)
    if not reach.persons:
        raise _no_one(answers)
    due_at = None
    if options.is_planned(answers):
        due_at, _ = when.chosen(request, answers)
        when.still_ahead(request, due_at)
    asked = await urgent.whom_to_ask(db, request, answers)
    announcement = await storage.announcements.save(
        db,
        community,
        request.person.id,
        _look(answers),
        to.roles,
        reach.persons,
        request.now,
        Dispatch(State.ASKED if asked else State.PLANNED if due_at else State.SENT, urgent.is_urgent(answers), due_at),
    )
    if asked:
        asleep = await storage.persons.in_quiet_hours(db, [one.person_id for one in asked], request.now)
        return announcement, urgent.ask(announcement, asked, asleep)
    if due_at:
        return announcement, [Say(planned_card(announcement), planned_buttons(announcement))]
    groups = await storage.chats.of_community(db, community.id)
    return announcement, going_out(announcement, groups)


async def at_once(db: Connection, request: Request, content: Content) -> tuple[Announcement, list[Outgoing]]:
    """To everybody in the asker's community, with her name."""
    community, signed = community_of(request), await signature(db, request)
    look = Look(signed["heading"], signed["called"], Role(signed["role"]), content)
    reach = await storage.outgoings.reach(db, ToAudience(community.id), request.now)
    announcement = await storage.announcements.save(
        db, community, request.person.id, look, (), reach.persons, request.now
    )
    groups = await storage.chats.of_community(db, community.id)
    return announcement, going_out(announcement, groups)


FORM = Form(
    "announce",
    (
        Field("content", _ask_content, read=_read_content, files=True),
        Field("audience", _ask_audience, choices=_audiences),
        *options.LATER,
        urgent.FIELD,
        *options.VERSIONS,
        options.WRITTEN_IN,
    ),
    _send,
    review=_review,
    facts=_count_reach,
    preview=_preview,
    done=_done,
    may=LEADERS,
)
