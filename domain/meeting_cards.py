"""What people read about a meeting: its card, in a private chat and in a group, and what the organiser sees."""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta

from domain import questions
from domain.meetings import (
    Answer,
    Counts,
    Meeting,
    Reader,
    Rsvp,
    Session,
    State,
    audience_name,
    has_begun,
    whose,
)
from domain.messages import (
    Body,
    Button,
    DeepLink,
    Edit,
    Keyboard,
    Lane,
    Lines,
    Link,
    Moment,
    Outgoing,
    Say,
    Subject,
    Text,
    ToChat,
    ToPerson,
    Words,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.reminders import Before, due_at, is_quiet
from domain.requests import Chat
from domain.series import EVERY
from domain.writing import shorten

# What a button of an answer carries.
ANSWERS: dict[str, Rsvp] = {"yes": Rsvp.ACCEPTED, "no": Rsvp.DECLINED, "maybe": Rsvp.TENTATIVE}
# Where a button stands that is not under the person's own card: in what she opened from her list, under a reminder or
# the word of a free place.
OPENED, REMINDED = "o", "r"

REMINDERS: dict[Before, Text] = {
    # NOTE: button. A reminder of a meeting.
    Before.WEEK: text("A week before"),
    # NOTE: button. A reminder of a meeting.
    Before.DAY: text("A day before"),
    # NOTE: button. A reminder of a meeting.
    Before.HOUR: text("An hour before"),
}
# NOTE: button. One's own time in a consultation.
CHOOSE_TIME = text("Choose a time")
NO_REMINDER = text("No reminder will be sent.")
_STANDS: dict[Rsvp, Text] = {
    Rsvp.DECLINED: text("Your answer: you can't come."),
    Rsvp.TENTATIVE: text("Your answer: maybe."),
}


def described(meeting: Meeting, *, shown_in: str | None = None) -> Body:
    """The facts, the same for everybody; the times in each reader's own zone unless `shown_in` names one."""
    # NOTE: any alphabet
    title = text("<b>%(title)s</b>", title=meeting.title)
    return paragraphs(
        lines(
            text("❌ This meeting was cancelled.") if meeting.state is State.CANCELLED else None,
            title,
            whose(meeting),
            text("From: %(name)s", name=meeting.source) if meeting.source else None,
            when_of(meeting, shown_in=shown_in),
            *_arranged(meeting),
            text("Host: %(name)s", name=meeting.host) if meeting.host else None,
            text("Where: %(place)s", place=_place(meeting.place)) if meeting.place else None,
            text("Speakers: %(names)s", names=meeting.speakers) if meeting.speakers else None,
            text("For: %(people)s", people=audience_name(meeting)) if meeting.roles else None,
            text("Places: %(count)s", count=meeting.capacity) if meeting.capacity else None,
        ),
        lines(*(_session(meeting, one, shown_in) for one in meeting.sessions)) if meeting.sessions else None,
        Words(meeting.agenda) if meeting.agenda else None,
    )


def _arranged(meeting: Meeting) -> list[Body]:
    each = text("Minutes for each family: %(minutes)s", minutes=meeting.slot_minutes or 0)
    return [*([each] if meeting.slot_minutes else []), *([EVERY[meeting.every]] if meeting.every else [])]


def _session(meeting: Meeting, one: Session, shown_in: str | None) -> Body:
    begins = Moment(meeting.starts_at + timedelta(minutes=one.after), shown_in, show="time")
    where = Words(" · ".join(part for part in (one.title, one.room, one.speaker) if part))
    return text("%(time)s %(title)s", time=begins, title=where)


def _place(place: str) -> Words | str:
    # The invisible marks around a person's words would become part of a link.
    return Words(place) if "://" in place else place


def when_of(meeting: Meeting, *, shown_in: str | None = None) -> Text:
    return text("When: %(time)s", time=span(meeting, shown_in=shown_in))


def span(meeting: Meeting, *, shown_in: str | None = None) -> Text | Moment:
    """From when to when; a meeting ends on the day it begins, unless it lasts half a day."""
    start = Moment(meeting.starts_at, shown_in)
    if meeting.ends_at is None:
        return start
    same_day = meeting.ends_at - meeting.starts_at < timedelta(hours=12)
    end = Moment(meeting.ends_at, shown_in, show="time" if same_day else "full")
    return text("%(start)s – %(end)s", start=start, end=end)


# --- a person's card --------------------------------------------------------------------------------------------------


def card(meeting: Meeting, mine: Answer | None = None) -> Body:
    return paragraphs(described(meeting), stands(mine) if mine else None, _ask_guests(meeting, mine))


def _ask_guests(meeting: Meeting, mine: Answer | None) -> Text | None:
    """What the buttons +1, +2… are."""
    is_open = meeting.state is not State.CANCELLED and meeting.slot_minutes is None
    if mine is None or mine.rsvp is not Rsvp.ACCEPTED or mine.guests or not mine.guests_most or not is_open:
        return None
    # NOTE: read by pupils and by teachers: without a form of address
    return text("With guests? Then tap how many.")


def stands(mine: Answer) -> Text:
    """What she answered, so that the card says all that its buttons did."""
    match mine.rsvp:
        case Rsvp.WAITING:
            return text(
                "It is full. You are on the waiting list, place %(place)s. I will tell you when your turn comes.",
                place=mine.place or 1,
            )
        case Rsvp.ACCEPTED if mine.slot:
            return text("Your time: %(time)s", time=Moment(mine.slot))
        case Rsvp.ACCEPTED if mine.guests:
            return text_n(
                "Your answer: you are going, with %(n)s guest.",
                "Your answer: you are going, with %(n)s guests.",
                mine.guests,
            )
        case Rsvp.ACCEPTED:
            return text("Your answer: you are going.")
        case answer:
            return _STANDS[answer]


def buttons(meeting: Meeting, mine: Answer | None = None, *, place: str = "") -> Keyboard:
    """Under a person's own card; `place` when it is another message about the same meeting."""
    if meeting.state is State.CANCELLED:
        return [[_calendar(meeting)]]
    if meeting.slot_minutes is not None:
        return [[choose_slot(meeting)], [_decline(meeting, place)], [_calendar(meeting)]]
    going = mine is not None and mine.rsvp is Rsvp.ACCEPTED
    return [
        *_answers(meeting, place),
        *(_guests(meeting, mine, place) if mine is not None and going else ()),
        *questions.door(meeting),
        [_calendar(meeting)],
    ]


def group_buttons(meeting: Meeting, *, asks: bool = True) -> Keyboard:
    """`asks`: whether it is still ahead, and people may say whether they come."""
    if meeting.state is State.CANCELLED or not asks:
        return []
    # Whose time is when is nobody else's business: it is chosen in private.
    if meeting.slot_minutes is not None:
        return [[Link(CHOOSE_TIME, DeepLink(f"slot-{meeting.id}"))]]
    return [*_answers(meeting, ""), *questions.group_door(meeting)]


def choose_slot(meeting: Meeting) -> Button:
    return button(CHOOSE_TIME, "mt.slots", meeting.id)


def _decline(meeting: Meeting, place: str) -> Button:
    # NOTE: button. I will not come to the meeting.
    return button(text("Can't"), "mt.rsvp", meeting.id, "no", *((place,) if place else ()))


def _answers(meeting: Meeting, place: str) -> Keyboard:
    """Two rows: three labels side by side are cut off on a phone in most languages."""
    at = (place,) if place else ()
    return [
        [
            # NOTE: button. I will come to the meeting.
            button(text("Going"), "mt.rsvp", meeting.id, "yes", *at),
            _decline(meeting, place),
        ],
        # NOTE: button. I don't know yet whether I will come to the meeting.
        [button(text("Maybe"), "mt.rsvp", meeting.id, "maybe", *at)],
    ]


def _guests(meeting: Meeting, mine: Answer, place: str) -> list[list[Button]]:
    """As many as there is room for: guests don't wait in line."""
    at = (place,) if place else ()
    more = [
        button(Words(f"+{guests}"), "mt.guests", meeting.id, guests, *at)
        for guests in range(1, mine.guests_most + 1)
        if guests != mine.guests
    ]
    # NOTE: button. I come alone.
    alone = [button(text("No guests"), "mt.guests", meeting.id, 0, *at)] if mine.guests else []
    return [more, alone]


def _calendar(meeting: Meeting) -> Button:
    # NOTE: button. Gives a file that puts the meeting into the phone's calendar.
    return button(text("📅 Calendar"), "mt.ics", meeting.id)


# --- in the group, and at the organiser's -----------------------------------------------------------------------------


def group_card(meeting: Meeting, counts: Counts) -> Body:
    """Counts only: no names in a group."""
    return paragraphs(described(meeting), counted(meeting, counts))


def counted(meeting: Meeting, counts: Counts) -> Lines:
    return lines(
        text("Going: %(count)s", count=counts.of(Rsvp.ACCEPTED)),
        text("Their guests: %(count)s", count=counts.guests) if counts.guests else None,
        text("Maybe: %(count)s", count=counts.of(Rsvp.TENTATIVE)),
        text("Can't come: %(count)s", count=counts.of(Rsvp.DECLINED)),
        text("Free places: %(count)s", count=counts.free(meeting.capacity)) if meeting.capacity else None,
        text("Waiting list: %(count)s", count=counts.of(Rsvp.WAITING)) if counts.of(Rsvp.WAITING) else None,
    )


def organisers_card(meeting: Meeting, counts: Counts, now: datetime) -> Body:
    is_ahead = meeting.state is not State.CANCELLED and not has_begun(meeting, now)
    return paragraphs(
        text("You can change this meeting here. The numbers here are always current.") if is_ahead else None,
        described(meeting),
        counted(meeting, counts),
        _planned(meeting, now) if is_ahead else None,
    )


def reminders(befores: Set[Before]) -> Text:
    chosen = tuple(REMINDERS[before] for before in Before if before in befores)
    return text("Reminders: %(reminders)s", reminders=Lines(chosen, " · ")) if chosen else NO_REMINDER


def _planned(meeting: Meeting, now: datetime) -> Body:
    times = [due_at(before, meeting.starts_at, meeting.zone) for before in Before if before in meeting.reminds]
    ahead = [text("Reminder: %(time)s", time=Moment(at)) for at in times if at > now]
    return lines(*ahead) if ahead else NO_REMINDER


def organisers_buttons(meeting: Meeting, now: datetime) -> Keyboard:
    # NOTE: button. A list of those who answered.
    names = [button(text("Who answered"), "mt.who", meeting.id)]
    if meeting.state is State.CANCELLED:
        return [names]
    if has_begun(meeting, now):
        return [[*names, door(meeting)]]
    # NOTE: button. Give a meeting another date or hour.
    move = [] if meeting.source else [button(text("Move"), "mt.move", meeting.id)]  # those who offered it move it
    return [
        [*names, *move],
        [door(meeting)],
        # NOTE: button
        [button(text("Reminders"), "mt.remind", meeting.id)],
        # NOTE: button. The text of a meeting, to be sent on in another messenger.
        [button(text("For other chats"), "mt.copy", meeting.id)],
        # NOTE: button
        [button(text("Cancel meeting"), "mt.off", meeting.id)],
    ]


def door(meeting: Meeting) -> Button:
    # NOTE: button. The code at the door of a meeting, and how many came.
    return button(text("Attendance"), "mt.door", meeting.id)


def invitations(meeting: Meeting, chats: Sequence[Chat]) -> list[Outgoing]:
    """The card for everybody it is for, and for their groups: silent there, the members hear of it in private."""
    in_groups = [in_group(meeting, Counts(), chat) for chat in chats if meeting.in_group]
    return [
        *in_groups,
        Say(
            card(meeting),
            buttons(meeting),
            to=meeting.to,
            card=meeting.card,
            lane=Lane.BROADCAST,
            subject=Subject("meeting", meeting.id),
            not_after=meeting.starts_at,
            dedupe_key=f"{meeting.card}:card",
        ),
    ]


def in_group(meeting: Meeting, counts: Counts, chat: Chat) -> Say:
    return Say(
        group_card(meeting, counts),
        group_buttons(meeting),
        to=ToChat(chat.id),
        card=meeting.card,
        lane=Lane.BROADCAST,
        subject=Subject("meeting", meeting.id),
        not_after=meeting.starts_at,
        dedupe_key=f"{meeting.card}:chat:{chat.place}",
        silent=True,
    )


# --- told to many -----------------------------------------------------------------------------------------------------


def reminder(meeting: Meeting, mine: Answer | None) -> Body:
    return paragraphs(
        text("⏰ Reminder"),
        described(meeting),
        stands(mine) if mine else text("You have not answered yet."),
        _ask_guests(meeting, mine),
    )


def notice(meeting: Meeting, mine: Answer | None = None) -> Body:
    """Moved, or cancelled, for whoever may answer."""
    if meeting.state is State.CANCELLED:
        return changed(meeting)
    return paragraphs(
        changed(meeting),
        stands(mine) if mine else None,
        text("You can change your answer on the meeting's card, or with /meetings."),
    )


def changed(meeting: Meeting) -> Lines:
    """The same for whoever has no answer to give."""
    cancelled = text("❌ A meeting was cancelled: %(title)s", title=meeting.title)
    moved = text("⚠️ A meeting has a new time: %(title)s", title=meeting.title)
    return lines(cancelled if meeting.state is State.CANCELLED else moved, whose(meeting), when_of(meeting))


def promoted(meeting: Meeting, readers: Iterable[Reader], now: datetime) -> list[Outgoing]:
    """To those who waited, and whose turn it is."""
    return [said for one in readers for said in _promoted(meeting, one, silent=is_quiet(one.hours, now))]


def _promoted(meeting: Meeting, reader: Reader, *, silent: bool) -> list[Outgoing]:
    mine, to = reader.mine, ToPerson(reader.person_id)
    told = paragraphs(
        text("A place has become free, and it is yours: %(title)s", title=meeting.title),
        lines(whose(meeting), when_of(meeting)),
        stands(mine) if mine and mine.slot else None,
        text("If you can't come after all, please tap “Can't”, so that somebody else can."),
    )
    return [
        Say(told, [[_decline(meeting, REMINDED)]], to=to, silent=silent),
        Edit(card(meeting, mine), buttons(meeting, mine), meeting.card, to),
    ]


def ahead(meetings: Sequence[tuple[Meeting, Answer | None, bool]]) -> Body:
    """What is ahead for one person, with her answers, and whether she is asked for one."""
    if not meetings:
        return text("No meetings are planned for you at the moment.")
    return paragraphs(
        text("<b>Meetings ahead</b>"),
        *(_one_ahead(meeting, mine, is_asked=is_asked) for meeting, mine, is_asked in meetings),
    )


def dated(meeting: Meeting) -> Text:
    """On a button, where the title alone doesn't say which one it is."""
    return text(
        "%(day)s: %(words)s", day=Moment(meeting.starts_at, show="date"), words=Words(shorten(meeting.title, 30))
    )


def _one_ahead(meeting: Meeting, mine: Answer | None, *, is_asked: bool) -> Body:
    return lines(
        text("<b>%(title)s</b>", title=meeting.title),
        whose(meeting),
        when_of(meeting),
        stands(mine) if mine else text("You have not answered yet.") if is_asked else None,
    )
