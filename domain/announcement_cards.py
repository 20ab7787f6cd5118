"""How an announcement looks: to its readers, in a group chat, and to its author with the counts."""

from domain.announcements import REMINDERS_MOST, Announcement, Counts, Look
from domain.communities import ROLE_NAMES
from domain.messages import Body, Keyboard, Words, button, lines, paragraphs, text, text_n
from domain.writing import shorten

_FIRST_WORDS = 80  # characters that tell the author which announcement it is

# NOTE: button. A reader confirms an announcement.
CONFIRM = text("✓ I have read it")


def card(look: Look) -> Body:
    return paragraphs(
        lines(
            text("📢 <b>%(community)s</b>", community=look.heading),
            text("%(role)s: %(name)s", role=ROLE_NAMES[look.role], name=look.called),
        ),
        Words(look.content.words) if look.content.words else None,
    )


def confirming(announcement: Announcement) -> Keyboard:
    return [[button(CONFIRM, "a.ok", announcement.id)]]


def confirmed_card(look: Look) -> Body:
    return paragraphs(card(look), text("✓ You have confirmed that you read this."))


def reminder_card(look: Look) -> Body:
    return paragraphs(text("🔔 A reminder: please confirm that you have read this."), card(look))


def group_card(look: Look, counts: Counts) -> Body:
    read = text("✓ Read by %(confirmed)s of %(all)s", confirmed=counts.confirmed, all=counts.all)
    return paragraphs(card(look), read)


def author_card(announcement: Announcement, counts: Counts) -> Body:
    words, reminders = announcement.look.content.words, announcement.reminders
    return paragraphs(
        lines(
            text("<b>Your announcement</b>: %(community)s", community=announcement.look.heading),
            Words(shorten(" ".join(words.split()), _FIRST_WORDS)) if words else None,
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
    ]


def reach_in_words(now: int, blocked: int, never_started: int) -> Body:
    return lines(
        text_n("%(n)s person will get it now.", "%(n)s people will get it now.", now),
        text_n("%(n)s person has blocked the bot.", "%(n)s people have blocked the bot.", blocked) if blocked else None,
        text_n("%(n)s person has never started the bot.", "%(n)s people have never started the bot.", never_started)
        if never_started
        else None,
    )
