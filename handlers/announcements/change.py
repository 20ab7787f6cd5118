"""An announcement that was sent, or is planned, gets other words; or one that was sent is taken back."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import storage.announcements
import storage.chats
import storage.newsletters
import storage.outgoings
from domain import newsletters
from domain.announcement_cards import (
    author_card,
    card,
    confirming,
    following,
    group_card,
    planned_buttons,
    planned_card,
)
from domain.announcements import Announcement, Content, Look, State
from domain.languages import LANGUAGES
from domain.messages import (
    Body,
    Edit,
    Lines,
    Outgoing,
    Refused,
    Say,
    ToAudience,
    ToChat,
    ToPerson,
    Words,
    button,
    paragraphs,
    text,
)
from domain.newsletters import Newsletter
from domain.offers import corrected_at_source
from domain.requests import Request
from domain.roles import LEADERS, Role
from domain.writing import clean
from handlers import forms
from handlers.announcements import copies, options
from handlers.forms import Answers, Field, Form
from handlers.partners import manage as partners
from handlers.route import not_here
from storage.announcements import changes
from storage.database import Connection

# --- other words ------------------------------------------------------------------------------------------------------


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """args: the announcement."""
    announcement = _still_changeable(request.subject)
    look = announcement.look
    to = ToAudience(announcement.community.id, announcement.roles)
    read = (await storage.outgoings.reach(db, to, request.now)).languages
    answers: dict[str, Any] = {
        "announcement": announcement.id,
        "heading": look.heading,
        "called": look.called,
        "role": look.role.value,
        "was": asdict(look.content),
        "old": dict(look.versions),
        "written_in": look.written_in or request.person.language,
        "languages": {**dict.fromkeys(look.versions, 1), **read},
    }
    return await forms.start(db, request, FORM, answers, intro=card(replace(look, written_in="")))


def _still_changeable(announcement: Announcement) -> Announcement:
    if announcement.state not in (State.PLANNED, State.SENT):
        raise Refused(text("This announcement was taken back or called off, so it can't be changed."))
    return announcement


def _ask(_request: Request, _answers: Answers) -> Body:
    return text("Please write the whole text as it shall be.")


def _read(request: Request, answers: Answers) -> dict[str, Any]:
    content = replace(Content(**answers["was"]), words=clean(request.words))
    if request.incoming.parts or not content.words:
        raise Refused(text("Please write the new text. A photo, video or file stays as it is."))
    options.check_length(content, answers)
    return asdict(content)


def _look(answers: Answers) -> Look:
    return Look(
        answers["heading"],
        answers["called"],
        Role(answers["role"]),
        options.content_in(answers),
        answers["written_in"],
        _versions(answers),
    )


def _versions(answers: Answers) -> Mapping[str, str]:
    """Those written anew; an old one stays only as long as what it says in other words stays."""
    kept = {} if answers.get("content") else answers["old"]
    return {**kept, **options.versions_in(answers)}


def _preview(_request: Request, answers: Answers) -> list[Say]:
    return options.previews(_look(answers))


def _review(_request: Request, answers: Answers) -> Body:
    missing = [language for language in answers["old"] if language not in _versions(answers)]
    names = Lines(tuple(Words(LANGUAGES[language]) for language in missing), ", ")
    return paragraphs(
        text("Above you see how it will look."),
        text(
            "Please write it anew in these languages, too, or their readers get it as it is, "
            "with a note: %(languages)s",
            languages=names,
        )
        if missing
        else None,
    )


async def _finish(db: Connection, request: Request, answers: Answers) -> list[Outgoing]:
    before = await storage.announcements.get_certain(db, answers["announcement"])
    look = replace(_look(answers), written_in=before.look.written_in, source=before.look.source)
    look = replace(look, content=replace(look.content, ours=before.look.content.ours))  # it may tell of more by now
    announcement = replace(_still_changeable(before), look=look)
    if not _is_as_read(before, answers):
        return [_as_it_is_now(before)]
    if look.content == before.look.content and dict(look.versions) == dict(before.look.versions):
        return [Say(text("Nothing was changed."))]
    if before.state is State.PLANNED:
        if not await changes.save_words(db, before, look):
            raise _meanwhile()
        return [Say(planned_card(announcement), planned_buttons(announcement))]
    return [Say(_CORRECTED), *await _corrected(db, request, before, look)]


def _is_as_read(announcement: Announcement, answers: Answers) -> bool:
    """Whether it still has the words that stood above the question."""
    words, versions = announcement.look.content.words, dict(announcement.look.versions)
    return bool(words == answers["was"]["words"] and versions == answers["old"])


def _as_it_is_now(announcement: Announcement) -> Say:
    """Of two who change it at the same time the second one reads what the first one made of it."""
    told = text("Somebody else has changed this announcement meanwhile, so your words were not saved. Now it reads:")
    # NOTE: button. Other words for an announcement that is not sent yet, or was sent already.
    again = button(text("Change the text"), "a.fix", announcement.id)
    return Say(paragraphs(told, card(replace(announcement.look, written_in=""))), [[again]])


_CORRECTED = text("Corrected. Whoever has it already sees that it was corrected.")


async def _corrected(db: Connection, request: Request, before: Announcement, look: Look) -> list[Outgoing]:
    if not await changes.correct(db, before, look, request.person.id, request.now):
        raise _meanwhile()
    after, words = replace(before, look=look), look.content.words
    return [
        *await _cards(db, after),
        *await newsletters_follow(db, request, after, lambda one: newsletters.reworded(one, after.id, words)),
        *await copies.tell(db, request, after, lambda copy: corrected_at_source(copy, words)),
        *await partners.correct(db, after.id),
    ]


async def follow(db: Connection, request: Request) -> list[Outgoing]:
    """The copy of an announcement that was offered and corrected gets its words. args: the copy."""
    copy: Announcement = request.subject
    original = await copies.original_of(db, copy)
    if original is None:
        raise not_here()
    if State.RECALLED in (original.state, copy.state):
        raise Refused(text("This announcement was taken back already."))
    content = replace(copy.look.content, words=original.look.content.words)
    look = replace(copy.look, content=content, versions=original.look.versions)
    if look == copy.look:
        raise Refused(text("Your members have these words already."))
    return [Edit(_CORRECTED), *await _corrected(db, request, copy, look)]


async def newsletters_follow(
    db: Connection, request: Request, announcement: Announcement, changed: Callable[[Newsletter], Newsletter]
) -> list[Outgoing]:
    """Drafts, and every copy of those that were sent, tell of it as it is now."""
    said: list[Outgoing] = []
    for newsletter_id in await storage.newsletters.change_items(db, announcement.community.id, changed):
        said += await _shown_again(db, request, newsletter_id)
    return said


async def _shown_again(db: Connection, request: Request, announcement_id: int) -> list[Outgoing]:
    """What is ours in an announcement was changed: every copy follows, as after a correction."""
    announcement = await storage.announcements.get(db, announcement_id)
    if announcement is None or announcement.state is not State.SENT:
        return []
    await changes.correct(db, announcement, announcement.look, request.person.id, request.now)
    return await _cards(db, announcement)


def _meanwhile() -> Refused:
    return Refused(text("This announcement was changed or sent meanwhile. Please look at it again."))


async def _cards(db: Connection, announcement: Announcement) -> list[Outgoing]:
    """What is not sent yet, the groups' posts and the author's card; readers' copies follow by the jobs."""
    counts = await storage.announcements.count(db, announcement)
    corrected = replace(announcement.look, is_corrected=True)
    chats = await storage.chats.of_community(db, announcement.community.id) if announcement.goes_to_groups else []
    to = ToAudience(announcement.community.id, announcement.roles)
    post = group_card(corrected, counts)
    return [
        Edit(card(replace(announcement.look, is_corrected=False)), confirming(announcement), announcement.card, to),
        *(Edit(post, confirming(announcement), announcement.card, ToChat(chat.id)) for chat in chats),
        Edit(
            author_card(announcement, counts),
            following(announcement, counts),
            announcement.author_card,
            ToPerson(announcement.author_id),
        ),
    ]


FORM = Form(
    "announce_fix",
    (
        # NOTE: button. The text stays as it was.
        Field("content", _ask, read=_read, skip=text("Leave it"), files=True),
        *options.VERSIONS,
    ),
    _finish,
    review=_review,
    preview=_preview,
    # NOTE: button. Gives an announcement its new text.
    done=text("Correct it"),
    may=LEADERS,
)
