"""What is said of a poll: the native copies, the author's card, the result in words."""

from datetime import datetime

from domain.messages import (
    Body,
    Edit,
    Keyboard,
    Lane,
    Moment,
    OpenPoll,
    Outgoing,
    Say,
    Subject,
    Text,
    ToChat,
    ToPerson,
    button,
    lines,
    paragraphs,
    text,
    text_n,
)
from domain.polls import Poll, Reminder, Tally


def counted(poll: Poll, counts: Tally) -> Body:
    """The votes of each option, in the order of the options."""
    return lines(
        *(
            text(
                "%(option)s: %(votes)s (%(percent)s %%)",
                option=option,
                votes=counts.votes[number],
                percent=counts.percent(number),
            )
            for number, option in enumerate(poll.options)
        )
    )


def result(poll: Poll, counts: Tally) -> Body:
    """The result in words, for the group and the author."""
    if not counts.answered:
        return paragraphs(_titled(text("<b>Result of the poll</b>"), poll), text("Nobody has answered."))
    answered = text_n("%(n)s person answered.", "%(n)s people answered.", counts.answered)
    return paragraphs(
        _titled(text("<b>Result of the poll</b>"), poll),
        lines(answered, counted(poll, counts)),
        text("Several answers were possible, so the percentages can add up to more than 100.")
        if poll.multiple
        else None,
    )


def author_view(poll: Poll, counts: Tally, now: datetime) -> Body:
    """The author's card."""
    answered = text_n("%(n)s person has answered so far.", "%(n)s people have answered so far.", counts.answered)
    return paragraphs(
        _titled(text("<b>Your poll</b>"), poll),
        lines(answered, counted(poll, counts)),
        lines(
            closing_line(poll) if poll.is_open(now) else text("The poll is closed."), _reminded(poll, now), OPEN_VOTES
        ),
    )


def native(
    poll: Poll, to: ToChat | ToPerson, *, lane: Lane = Lane.REPLY, once: bool = True, silent: bool = False
) -> OpenPoll:
    """A copy of the poll in the messenger, in a private chat with whose it is. `once`: another one to the same place is
    not sent."""
    key = f"{poll.card}:chat:{to.chat_id}" if isinstance(to, ToChat) else f"{poll.card}:{to.person_id}"
    return OpenPoll(
        poll.card,
        poll.question,
        poll.options,
        poll.multiple,
        None if isinstance(to, ToChat) else whose(poll),
        to=to,
        lane=lane,
        dedupe_key=key if once else None,
        subject=Subject("poll", poll.id),
        not_after=poll.closes_at,
        silent=silent,
    )


def told_at_close(poll: Poll, counts: Tally, now: datetime) -> list[Outgoing]:
    """What the author hears of a poll that has just been closed. The groups hear as their copies are stopped."""
    to_author = ToPerson(poll.author_id)
    return [
        Edit(author_view(poll, counts, now), card=poll.author_card, to=to_author),
        Say(result(poll, counts), to=to_author, dedupe_key=f"{poll.card}:result"),
    ]


OPEN_VOTES = text("Everybody who sees the poll also sees who chose what.")


def author_doors(poll: Poll, counts: Tally, now: datetime) -> Keyboard:
    """What the author can do now."""
    if not poll.is_open(now):
        return ()
    # NOTE: button. Reminds those who have not answered a poll.
    remind = [button(text("Remind the rest"), "poll.remind", poll.id)] if poll.reminder == Reminder.NONE else []
    # NOTE: button. Changes a poll's question and answers.
    change = [] if counts.answered else [button(text("Change"), "poll.change", poll.id)]
    # NOTE: button. Ends a poll.
    return [[button(text("Close now"), "poll.close", poll.id)], remind, change]


def whose(poll: Poll) -> Text:
    return text("Community: %(name)s", name=poll.community.name)


def closing_line(poll: Poll) -> Text:
    """When an open poll closes."""
    if poll.closes_at is None:
        return text("It is open until it is closed by hand.")
    return text("It closes: %(moment)s", moment=Moment(poll.closes_at))


def _titled(title: Text, poll: Poll) -> Body:
    return lines(title, text("%(question)s", question=poll.question))


def _reminded(poll: Poll, now: datetime) -> Text | None:
    if poll.reminder != Reminder.NONE:
        return text("Those who had not answered were reminded.")
    if poll.closes_at is None or not poll.is_open(now):
        return None
    return text("Those who have not answered are reminded once before it closes.")
