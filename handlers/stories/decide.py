"""A story is published or declined by those who lead; then it is an announcement, or gone."""

import storage.announcements
import storage.chats
import storage.communities
import storage.outgoings
import storage.stories
from domain import stories
from domain.announcements import State as Announced
from domain.messages import Body, Edit, Outgoing, Photo, Refused, Say, Text, ToPerson, Words, lines, text
from domain.requests import Request
from domain.roles import LEADERS
from domain.stories import State, Story
from domain.writing import clean, shorten
from handlers import forms
from handlers.announcements import announce
from handlers.forms import Answers, Choice, Field, Form
from handlers.route import not_here
from storage.database import Connection

_REASON_MOST = 500


async def load(db: Connection, story_id: int, _person_id: int) -> Story | None:
    return await storage.stories.get(db, story_id)


# --- yes --------------------------------------------------------------------------------------------------------------


async def publish(db: Connection, request: Request) -> list[Outgoing]:
    """args: the story."""
    story: Story = request.subject
    if story.community.archived:
        raise not_here()
    if not await storage.stories.publish(db, story, request.person.id, request.now):
        raise _decided_already()
    said = await _announce(db, request, story)
    story = await storage.stories.get_certain(db, story.id)
    to = ToPerson(story.person_id)
    return [
        *await _close(db, request, story),
        *said,
        Edit(stories.to_writer(story), stories.of_writer(story), card=story.writers_card, to=to),
        # NOTE: read by pupils and by adults: without a form of address
        Say(text("Your story is published. Thank you for telling it!"), stories.of_writer(story), to=to),
    ]


async def publish_own(db: Connection, request: Request, story: Story) -> list[Outgoing]:
    """Of somebody who leads: she decides herself."""
    await storage.stories.publish(db, story, request.person.id, request.now)
    said = await _announce(db, request, story)
    story = await storage.stories.get_certain(db, story.id)
    return [Say(stories.to_writer(story), stories.of_writer(story), card=story.writers_card), *said]


async def _announce(db: Connection, request: Request, story: Story) -> list[Outgoing]:
    """Whoever publishes it signs; the writer's name is not shown."""
    announcement, said = await announce.at_once(db, request, story.content)
    await storage.stories.save_announcement(db, story.id, announcement.id)
    return said


def _decided_already() -> Refused:
    return Refused(text("This story was decided on or withdrawn already."))


async def _close(db: Connection, request: Request, story: Story) -> list[Outgoing]:
    """The cards of all who could decide."""
    by = await storage.communities.known_as(db, request.person.id, story.community.path) or request.incoming.sender_name
    body = stories.decided(story, by)
    people = await storage.communities.leaders(db, story.community.path, request.now)
    return [Edit(body, card=story.card, to=ToPerson(person_id)) for person_id in people]


# --- no ---------------------------------------------------------------------------------------------------------------

# NOTE: read by pupils and by adults: without a form of address
_KIND_WORDS = {
    # NOTE: Why a story is not published, to its writer. Read by pupils and by adults: without a form of address.
    "names": text("Thank you! It says too much about somebody, so we do not show it."),
    # NOTE: Why a story is not published, to its writer. Read by pupils and by adults: without a form of address.
    "later": text("Thank you! Please tell it again with a few more words."),
    # NOTE: Why a story is not published, to its writer. Read by pupils and by adults: without a form of address.
    "had": text("Thank you! We have shown something like it already."),
}
_LABELS = (
    # NOTE: button. A story says too much about somebody.
    Choice(text("Says too much"), "names"),
    # NOTE: button. A story needs some more words.
    Choice(text("Too short"), "later"),
    # NOTE: button. Something like this story was shown already.
    Choice(text("Shown already"), "had"),
)


async def start_declining(db: Connection, request: Request) -> list[Outgoing]:
    """args: the story."""
    story: Story = request.subject
    if story.state is not State.WAITING:
        raise _decided_already()
    return await forms.start(db, request, FORM, {"story": story.id})


def _ask_why(_request: Request, _answers: Answers) -> Text:
    return text("What shall I tell the writer? Tap, or write a kind word of your own.")


def _read_why(request: Request, _answers: Answers) -> dict[str, str]:
    words = clean(request.words)
    if not words or len(words) > _REASON_MOST:
        raise Refused(text("Please write it in words, at most %(most)s characters.", most=_REASON_MOST))
    return {"words": words}


async def _reasons(_db: Connection, _request: Request, _answers: Answers) -> tuple[Choice, ...]:
    return _LABELS


async def _decline(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    story = await storage.stories.get_certain(db, answers["story"])
    before, after = [State.WAITING], State.DECLINED
    if not await storage.stories.close(db, story.id, before, after, request.person.id, request.now):
        raise _decided_already()
    why = answers["why"]
    reason: Body = _KIND_WORDS[why] if isinstance(why, str) else Words(why["words"])
    # NOTE: read by pupils and by adults: without a form of address
    told = text("Your story is not shown this time: %(words)s", words=shorten(" ".join(story.told.words.split()), 40))
    closed = await storage.stories.get_certain(db, story.id)
    to = ToPerson(story.person_id)
    return [
        Say(text("✓ Declined. The writer hears your kind word.")),
        *await _close(db, request, closed),
        Edit(lines(told, reason), card=story.writers_card, to=to),
        Say(lines(told, reason), to=to),
    ]


FORM = Form("story_no", (Field("why", _ask_why, read=_read_why, choices=_reasons, columns=1),), _decline, may=LEADERS)


# --- the photos -------------------------------------------------------------------------------------------------------


async def show_photos(db: Connection, request: Request) -> list[Outgoing]:
    """All photos to whoever asks, in private. args: the story."""
    story: Story = request.subject
    if story.state is not State.PUBLISHED or not await _still_shown(db, story):
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("This story is not shown any more."))
    await storage.stories.note_copy(db, story.id, request.person.id)
    to, all_of_them = ToPerson(request.person.id), len(story.told.photos)
    return [
        Say(
            text("Photo %(number)s of %(all)s", number=number, all=all_of_them),
            media=Photo(photo),
            to=to,
            card=story.photos_card,
        )
        for number, photo in enumerate(story.told.photos, 1)
    ]


async def _still_shown(db: Connection, story: Story) -> bool:
    announcement = await storage.announcements.get(db, story.announcement_id or 0)
    return announcement is not None and announcement.state is Announced.SENT
