"""How an announcement looks: to its readers, in a group chat, and to its author with the counts."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from domain.announcements import (
    AUDIENCES,
    EVERYBODY,
    REMINDERS_MOST,
    Announcement,
    Content,
    Counts,
    Look,
    Planned,
    length,
    room_for,
)
from domain.communities import ROLE_NAMES
from domain.messages import (
    Body,
    ByLanguage,
    Keyboard,
    Lane,
    Lines,
    Moment,
    Outgoing,
    Pace,
    Say,
    Subject,
    Text,
    ToAudience,
    ToChat,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.requests import Chat
from domain.writing import shorten
from domain.written import unkept, unkept_buttons

_FIRST_WORDS = 80  # characters that tell the author which announcement it is

# NOTE: button. A reader confirms an announcement.
CONFIRM = text("✓ I have read it")


def card(look: Look) -> Body:
    return _framed(look, in_words(look) if look.content.words else None)


def _framed(look: Look, words: Body | None) -> Body:
    return paragraphs(
        # NOTE: stands above an announcement that its author changed after it was sent.
        text("✏️ <b>Corrected</b>") if look.is_corrected else None,
        lines(
            text("📢 <b>%(community)s</b>", community=look.heading),
            text("From: %(name)s", name=look.source) if look.source else None,
            text("%(role)s: %(name)s", role=ROLE_NAMES[look.role], name=look.called),
        ),
        unkept(look.content.ours["body"]) if look.content.ours else None,
        words,
    )


def unsigned(look: Look) -> Body:
    """As another community reads it that may take it over: nobody's name crosses."""
    heading = text("📢 <b>%(community)s</b>", community=look.heading)
    return paragraphs(heading, in_words(look) if look.content.words else None)


def line_of_ours(look: Look) -> Body | None:
    """What Birge itself says in it, in one line of a list."""
    return unkept(look.content.ours["line"]) if look.content.ours else None


def doors(look: Look) -> Keyboard:
    """What Birge itself offers below it, confirmed or not."""
    return unkept_buttons(look.content.ours["buttons"]) if look.content.ours else ()


# What language the words are in, for those who read another one and have no version.
_WRITTEN_IN: Mapping[str, Text] = {
    "az": text("<i>In Azerbaijani:</i>"),
    "kk": text("<i>In Kazakh:</i>"),
    "ru": text("<i>In Russian:</i>"),
    "uk": text("<i>In Ukrainian:</i>"),
    "en": text("<i>In English:</i>"),
}


def in_words(look: Look) -> Body:
    """The author's words: to each reader those in her language, else those first written, and in which language."""
    original, label = Words(look.content.words), _WRITTEN_IN.get(look.written_in)
    if label is None:
        return original
    own = {language: Words(words) for language, words in look.versions.items()}
    return ByLanguage({**own, look.written_in: original}, otherwise=lines(label, original))


def post(look: Look) -> Body:
    """As a group reads it: in its own language and, if there is room, in one more."""
    words = {look.written_in: look.content.words, **look.versions}
    found = {language: _in_two(look, language, words) for language in words}
    both = {language: _framed(look, two) for language, two in found.items() if two is not None}
    return ByLanguage(both, otherwise=card(look))


def _in_two(look: Look, first: str, words: Mapping[str, str]) -> Body | None:
    """A group's language and the one it was written in, or the only other one; None: there is none, or no room."""
    others = [language for language in words if language != first]
    second = look.written_in if first != look.written_in else others[0] if len(others) == 1 else None
    if second is None:
        return None
    written = length(words[first]) + length(words[second]) + len("\n\n")
    if written > room_for(look.content, look.heading, look.called):
        return None
    return paragraphs(Words(words[first]), Words(words[second]))


def confirming(announcement: Announcement) -> Keyboard:
    return [[button(CONFIRM, "a.ok", announcement.id)], *doors(announcement.look)]


def confirmed_card(look: Look) -> Body:
    return paragraphs(card(look), text("✓ You have confirmed that you read this."))


def reminder_card(look: Look) -> Body:
    return paragraphs(text("🔔 A reminder: please confirm that you have read this."), card(look))


def group_card(look: Look, counts: Counts) -> Body:
    read = text("✓ Read by %(confirmed)s of %(all)s", confirmed=counts.confirmed, all=counts.all)
    return paragraphs(post(look), read)


def author_card(announcement: Announcement, counts: Counts) -> Body:
    reminders = announcement.reminders
    return paragraphs(
        lines(
            text("<b>Your announcement</b>: %(community)s", community=announcement.look.heading),
            line_of_ours(announcement.look),
            Words(first_words(announcement)) if announcement.look.content.words else None,
        ),
        lines(
            text(
                "Sent %(sent)s of %(all)s · Confirmed %(confirmed)s of %(all)s",
                sent=counts.sent,
                confirmed=counts.confirmed,
                all=counts.all,
            ),
            text("Not reached: %(count)s", count=counts.lost) if counts.lost else None,
            text("Reminders: %(count)s of %(most)s", count=reminders, most=REMINDERS_MOST) if reminders else None,
        ),
    )


def following(announcement: Announcement, counts: Counts) -> Keyboard:
    """What the author can do about those who are missing."""
    may_remind = counts.awaited and announcement.reminders < REMINDERS_MOST
    return [
        # NOTE: button. A list of the people who could not be reached.
        [button(text("Not reached"), "a.lost", announcement.id)] if counts.lost else [],
        # NOTE: button. Reminds those who have not confirmed that they read it.
        [button(text("Remind the rest"), "a.chase", announcement.id)] if may_remind else [],
        [
            # NOTE: button. Other words for an announcement that is not sent yet, or was sent already.
            button(text("Change the text"), "a.fix", announcement.id),
            # NOTE: button. An announcement that was sent is deleted again.
            button(text("Delete for all"), "a.back", announcement.id),
        ],
    ]


def recalled_card(look: Look) -> Body:
    """In place of one that can't be deleted any more."""
    return paragraphs(
        lines(
            text("📢 <b>%(community)s</b>", community=look.heading),
            text("%(role)s: %(name)s", role=ROLE_NAMES[look.role], name=look.called),
        ),
        text("✏️ This announcement was taken back. Please disregard it."),
    )


def recall_notice(look: Look) -> Body:
    """To those who have read it too long ago for it to be deleted."""
    words = shorten(" ".join(look.content.words.split()), _FIRST_WORDS)
    return paragraphs(recalled_card(look), Words(words) if words else None)


def recalled_author_card(announcement: Announcement) -> Body:
    return paragraphs(
        lines(
            text("<b>Your announcement</b>: %(community)s", community=announcement.look.heading),
            Words(first_words(announcement)) if announcement.look.content.words else None,
        ),
        text("✏️ Taken back."),
    )


def reach_in_words(  # the counts of one line
    now: int,
    digest: int,
    blocked: int,
    never_started: int,
    muted: int = 0,
    *,
    urgent: bool = False,
    later: bool = False,
) -> Body:
    """`now`: all who can be reached and want to be; `digest`: of them, who chose one message in the evening. `later`:
    it goes out at an hour of its own."""
    if urgent:  # it comes at once to whoever muted the community, too
        now, digest, muted = now + muted, 0, 0
    counted = (
        # NOTE: the first of up to four counts in one line: 142 now, 8 in the digest, 3 blocked the bot, …
        text("%(now)s now", now=now - digest)
        if not later
        # NOTE: of what goes out later; the first of up to four counts in one line: 142 at that hour, 8 in the digest, …
        else text("%(now)s at that hour", now=now - digest),
        # NOTE: one of up to four counts in one line: …, 8 in the digest, …
        text("%(digest)s in the digest", digest=digest) if digest else None,
        # NOTE: one of up to four counts in one line: …, 3 blocked the bot, …
        text("%(blocked)s blocked the bot", blocked=blocked) if blocked else None,
        # NOTE: one of up to four counts in one line: …, 11 never started the bot
        text("%(never)s never started the bot", never=never_started) if never_started else None,
    )
    return lines(
        Lines(tuple(count for count in counted if count is not None), ", "),
        text_n(
            "%(n)s person muted this community and is not told.",
            "%(n)s people muted this community and are not told.",
            muted,
        )
        if muted
        else None,
    )


# --- sent, planned ----------------------------------------------------------------------------------------------------


def to_everybody(announcement: Announcement, groups: Iterable[int]) -> list[Outgoing]:
    """One message to all of the audience, and one to each group chat of the community."""
    said = Say(
        card(announcement.look),
        confirming(announcement),
        to=ToAudience(announcement.community.id, announcement.roles),
        card=announcement.card,
        # Ahead of a newsletter that takes an hour to go to thousands.
        lane=Lane.REMINDER if announcement.urgent else Lane.BROADCAST,
        subject=Subject("announcement", announcement.id),
        dedupe_key=announcement.card,
        media=announcement.look.content.media,
        pace=Pace.URGENT if announcement.urgent else Pace.GATHERED,
    )
    chats = groups if announcement.goes_to_groups else ()
    silent = not announcement.urgent
    posted = replace(said, body=post(announcement.look), silent=silent)
    return [said, *(replace(posted, to=ToChat(chat), dedupe_key=f"{said.dedupe_key}:{chat}") for chat in chats)]


def going_out(announcement: Announcement, groups: Iterable[Chat]) -> list[Outgoing]:
    """All that is said when it is sent."""
    return [*to_everybody(announcement, [chat.id for chat in groups]), _to_author(announcement)]


def _to_author(announcement: Announcement) -> Say:
    """The author's card, on which the counts go up."""
    return Say(
        author_card(announcement, announcement.shown),
        following(announcement, announcement.shown),
        to=ToPerson(announcement.author_id),
        card=announcement.author_card,
    )


def planned_card(announcement: Announcement) -> Body:
    at = Moment(announcement.due_at, announcement.community.zone) if announcement.due_at else None
    return paragraphs(
        lines(
            text("🗓 <b>Planned</b>: %(community)s", community=announcement.look.heading),
            text("It goes out: %(time)s", time=at) if at else None,
            text("For: %(audience)s", audience=audience_of(announcement)),
        ),
        Words(first_words(announcement)) if announcement.look.content.words else None,
    )


def not_sent(announcement: Announcement) -> Body:
    """To those who lead now, when its author doesn't any more."""
    return paragraphs(
        text(
            "This planned announcement was not sent, since its author no longer leads this community. You can send it"
            " yourself."
        ),
        card(announcement.look),
    )


def sent_too_late(announcement: Announcement) -> Body:
    """To its author, when nothing could be sent at its hour, nor for long after it."""
    told = text("Your planned announcement was not sent: its time had passed. You can send it as a new one:")
    return paragraphs(told, card(announcement.look))


def no_longer_anybody(announcement: Announcement) -> Body:
    told = text("Your planned announcement was not sent: nobody is left whom it was for.")
    return paragraphs(told, Words(first_words(announcement)) if announcement.look.content.words else None)


def audience_of(announcement: Announcement) -> Text:
    found = (whom.label for whom in AUDIENCES.values() if whom.roles == announcement.roles)
    return next(found, AUDIENCES[EVERYBODY].label)


def first_words(announcement: Announcement) -> str:
    return shorten(" ".join(announcement.look.content.words.split()), _FIRST_WORDS)


def beginning(content: Content, most: int = _FIRST_WORDS) -> str | Text:
    """Which one it is, in a list: its first words, or what it is besides words."""
    words = " ".join(content.words.split())
    return shorten(words, most) if words else _KINDS[content.kind or ""]


_KINDS: Mapping[str, Text] = {
    # NOTE: what an announcement without words is, in a list.
    "photo": text("a photo"),
    # NOTE: what an announcement without words is, in a list.
    "video": text("a video"),
    # NOTE: what an announcement without words is, in a list.
    "document": text("a file"),
}


def planned_line(number: int, one: Planned, zone: str) -> Body:
    return lines(
        text("%(number)s. %(time)s", number=number, time=Moment(one.due_at, zone)),
        text("Campaign: %(name)s", name=one.campaign) if one.campaign is not None else None,
        text("%(title)s", title=beginning(one.content)),
    )


def planned_buttons(announcement: Announcement) -> Keyboard:
    return [
        # NOTE: button. Other words for an announcement that is not sent yet, or was sent already.
        [button(text("Change the text"), "a.fix", announcement.id)],
        [
            # NOTE: button. Another day or hour.
            button(text("Change the time"), "a.time", announcement.id),
            # NOTE: button. What is planned is not sent.
            button(text("Call it off"), "a.off", announcement.id),
        ],
    ]
