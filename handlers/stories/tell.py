"""Telling a story: in words and photos, one after the other or as an album; then somebody who leads decides."""

from collections.abc import Mapping, Sequence
from typing import Any

import storage.communities
import storage.families
import storage.stories
from domain import distress, stories
from domain.messages import Body, Outgoing, Refused, Say, Text, lines, paragraphs, text
from domain.requests import Request
from domain.roles import LEADERS, MEMBERS, Role
from domain.stories import PHOTOS_MOST, WORDS_MOST, Consent, State, Story, Told
from domain.writing import clean, units
from handlers import forms
from handlers.communities.tree import community_of
from handlers.forms import Answers, Choice, Field, Form, fixed
from handlers.stories import consent, decide
from storage.database import Connection

_WAITING_MOST = 3  # of one writer


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """/story, or the button; `/story Words` are the first of them."""
    community = community_of(request)
    if not await storage.communities.leaders(db, community.path, request.now):
        raise Refused(text("Nobody leads this community yet, so nobody could read your story first."))
    if await storage.stories.count_waiting(db, request.person.id, community.id) >= _WAITING_MOST:
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("Some of your stories still wait for a yes. Please tell the next one after that."))
    role = stories.role_of(request.memberships, community.path)
    answers = {"role": role.value}
    if not request.words:
        return await forms.start(db, request, FORM, answers)
    return await forms.start(db, request, FORM, answers | {"story": [_read_part(request, answers)]}, asked=("story",))


# --- the questions ----------------------------------------------------------------------------------------------------


def _ask_story(request: Request, _answers: Answers) -> Body:
    return lines(
        # NOTE: read by pupils and by adults: without a form of address
        text("<b>A story for %(community)s</b>: what happened, what was good?", community=community_of(request).name),
        # NOTE: read by pupils and by adults: without a form of address
        text("Write it, and add up to %(most)s photos if you like. Then tap Next.", most=PHOTOS_MOST),
        # NOTE: read by pupils and by adults: without a form of address
        text("It is shown to everybody once somebody who leads here says yes."),
    )


def _read_part(request: Request, answers: Answers) -> dict[str, Any]:
    """{"words", "photo"}; of an album, "left_out" for what no longer fits. Raises Refused."""
    words, parts = clean(request.words), request.incoming.parts
    if distress.is_heard(words):
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("I leave these words out of the story. I send them to nobody unless you say so."))
    before = stories.told(answers.get("story") or ())
    if units(f"{before.words}\n{words}") > WORDS_MOST:
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("A story has at most %(most)s characters. Please make it shorter.", most=WORDS_MOST))
    if not parts:
        if not any(letter.isalnum() for letter in words):
            # NOTE: read by pupils and by adults: without a form of address
            raise Refused(text("Please write some words, or send a photo."))
        return {"words": words}
    return {"words": words, **_photo(request, before)}


def _photo(request: Request, before: Told) -> Mapping[str, Any]:
    part = request.incoming.parts[0]
    if part.kind != "photo":
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("I can put words and photos into a story. Please send one of these."))
    if len(before.photos) < PHOTOS_MOST:
        return {"photo": part.file_id}
    if request.incoming.album is None:
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("At most %(most)s photos fit. Tap Next to go on.", most=PHOTOS_MOST))
    return {"left_out": True}


def _with_words(parts: Sequence[Mapping[str, Any]]) -> None:
    if not stories.told(parts).words:
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("Please write a few words to the photos, too."))


def _ask_child(_request: Request, _answers: Answers) -> Text:
    # NOTE: read by pupils and by adults: without a form of address
    return text("Is a child to be seen in it, or a child's work?")


def _ask_consent(_request: Request, _answers: Answers) -> Text:
    return text("Have the parents of these children agreed that it is shown?")


def _must_ask(answers: Answers) -> bool:
    return bool(answers["child"] == "yes" and answers["role"] != Role.PUPIL)


async def _known(db: Connection, request: Request, answers: Answers) -> Answers:
    """The name by which those who lead know the writer. Raises Refused while the parents have not agreed."""
    if answers.get("consent") == "no":
        raise Refused(text("Then it can't be shown yet. Please ask them first, or /cancel and tell it without."))
    called = await storage.communities.known_as(db, request.person.id, community_of(request).path)
    return {"called": called or request.incoming.sender_name}


def _review(_request: Request, answers: Answers) -> Body:
    return paragraphs(
        stories.shown(stories.told(answers["story"]), Role(answers["role"])),
        # NOTE: read by pupils and by adults: without a form of address
        text("Shall I send it to those who lead here?"),
    )


async def _send(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    parents = await storage.families.parents(db, request.person.id)
    story = await storage.stories.add(db, _drafted(request, answers, has_parents=bool(parents)))
    if story.role is not Role.PUPIL and request.may(LEADERS, story.community.path):
        return await decide.publish_own(db, request, story)
    mine = Say(stories.to_writer(story), stories.of_writer(story), card=story.writers_card)
    if story.consent is Consent.ASKED:
        return [mine, *consent.ask_parents(story, parents)]
    return [mine, *await consent.ask_leaders(db, request, story)]


def _drafted(request: Request, answers: Answers, *, has_parents: bool) -> Story:
    role = Role(answers["role"])
    return Story(
        id=0,
        community=community_of(request),
        person_id=request.person.id,
        called=answers["called"],
        role=role,
        told=stories.told(answers["story"]),
        channel=request.incoming.channel,
        consent=stories.consent_of(role, shows_child=answers["child"] == "yes", has_parents=has_parents),
        state=State.WAITING,
        told_at=request.now,
    )


# NOTE: button
_YES, _NO = text("Yes"), text("No")
FORM = Form(
    "story",
    (
        Field("story", _ask_story, read=_read_part, many=True, enough=_with_words, albums=True, files=True),
        Field("child", _ask_child, choices=fixed(Choice(_YES, "yes"), Choice(_NO, "no"))),
        Field("consent", _ask_consent, choices=fixed(Choice(_YES, "yes"), Choice(_NO, "no")), when=_must_ask),
    ),
    _send,
    review=_review,
    facts=_known,
    may=MEMBERS,
)
