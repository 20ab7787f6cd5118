"""A report is made: at most four questions, each can be skipped, words are taken at every one of them.

The draft is the sealed state of the conversation. A part is kept the moment it comes; only *Send* makes a case of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import storage.cases
import storage.conversations
import storage.hotline
from domain import distress, ladder
from domain.cases import (
    PARTS_MOST,
    Answers,
    Case,
    Deed,
    Desk,
    Part,
    Risk,
    Stage,
    kept,
    page,
    risk_of,
    stopped_page,
    unkept,
)
from domain.codes import shown
from domain.messages import (
    Body,
    Button,
    Edit,
    Keyboard,
    Moment,
    Outgoing,
    Refused,
    Say,
    Text,
    Words,
    button,
    lines,
    paragraphs,
    text,
)
from domain.requests import Conversation, Request
from domain.roles import Role
from domain.waiting import NOBODY
from domain.writing import shorten
from handlers.cases import files, notice, parts
from handlers.cases.notice import HEARD
from handlers.route import not_here
from storage.database import Connection

STEP = "cs.open"
QUESTIONS = ("what", "adult", "safe", "when")
REVIEW = "review"
_REVIEW_SHOWS = 2_000  # characters of what was written

# NOTE: read by pupils and by teachers: without a form of address
FULL = text("This is as much as fits at once: the last message is not kept. After Send there is more room.")

# NOTE: read by pupils and by teachers: without a form of address
KEPT_HERE = text("This is kept here, but sent to nobody yet.")

Draft = Mapping[str, Any]

# NOTE: button
_YES = text("Yes")
# NOTE: button
_NO = text("No")
# NOTE: button
_UNSURE = text("I am not sure")
WHEN: dict[str, Text] = {
    # NOTE: button
    "any": text("At any time"),
    # NOTE: button
    "afternoon": text("In the afternoon"),
    # NOTE: button
    "evening": text("In the evening"),
    # NOTE: button. We write only after the child has written again.
    "after_me": text("Only after I write"),
}
_CHOICES: dict[str, dict[str, Text]] = {
    "adult": {"yes": _YES, "no": _NO, "unsure": _UNSURE},
    "safe": {"yes": _YES, "no": _NO, "unsure": _UNSURE},
    "when": WHEN,
}


async def start(db: Connection, request: Request) -> list[Outgoing]:
    """The notice was read. args: me or pupil. What was begun before goes on where it stood."""
    about = request.args[0] if request.args else ""
    if about not in ("me", "pupil") or not await notice.is_open(db, request):
        raise not_here()
    conversation = request.conversation
    if conversation.step == STEP:
        return [question(conversation.draft, conversation.token)]
    if conversation.aside.get("step") == STEP:
        return [await _go_on(db, request)]
    if about == "pupil" and not request.roles & notice.WORKS_AT_A_SCHOOL:
        raise not_here()
    draft = {"about": about, "at": QUESTIONS[0], "parts": [*_parts(conversation.draft), *_parts(_aside(request))]}
    return [question(draft, await _expect(db, request, draft))]


async def _go_on(db: Connection, request: Request) -> Say:
    """The report that was set aside goes on, with what was written meanwhile and kept for nobody yet."""
    draft = _aside(request)
    draft = {**draft, "parts": [*_parts(draft), *_parts(request.conversation.draft)]}
    return question(draft, await _expect(db, request, draft))


def _parts(draft: Draft) -> list[Any]:
    return list(draft.get("parts", ()))


def _aside(request: Request) -> Draft:
    found: Draft = request.conversation.aside.get("draft", {})
    return found


def ask_again(conversation: Conversation, token: int) -> list[Say]:
    """The report that was set aside goes on with the question that was open."""
    return [question(conversation.aside["draft"], token)] if conversation.aside.get("step") == STEP else []


async def take_words(db: Connection, request: Request) -> list[Outgoing]:
    """Words, a photo, a voice message, at whatever question: all of it belongs to what happened."""
    draft, token = dict(request.conversation.draft), request.conversation.token
    part, problem = parts.read(request)
    if part is not None and len(draft["parts"]) >= PARTS_MOST:
        raise Refused(FULL)
    same_album = request.incoming.album is not None and request.incoming.album == draft.get("album")
    if part is not None:
        draft["parts"] = [*draft["parts"], kept(part, request.incoming.message_id)]
    draft["album"] = request.incoming.album
    await storage.conversations.keep(db, request.identity.id, request.conversation, draft, request.now)
    if (same_album or request.incoming.hurried) and problem is None:
        return []  # the pictures of one album are told of once; so is what comes faster than anybody reads
    return [_saved(draft, token, problem, heard=distress.is_heard(request.incoming.words))]


async def hold(db: Connection, request: Request) -> list[Outgoing] | None:
    """Words that mean danger and that nobody waited for: numbers and offer were said, the words wait for her tap.
    None: they hold no listed phrase."""
    if not distress.is_heard(request.incoming.words):
        return None
    part, _ = parts.read(request)
    if part is not None and await notice.is_open(db, request):
        draft = {"parts": [kept(part, request.incoming.message_id)]}
        await storage.conversations.expect(db, request.identity.id, request.conversation, HEARD, draft, request.now)
    return []


async def hold_more(db: Connection, request: Request) -> list[Outgoing]:
    """More of them: nobody has read it yet, and she must know that."""
    draft = dict(request.conversation.draft)
    part, problem = parts.read(request)
    if part is not None and len(draft["parts"]) >= PARTS_MOST:
        raise Refused(FULL, buttons=_what_now())
    if part is not None:
        draft["parts"] = [*draft["parts"], kept(part, request.incoming.message_id)]
        await storage.conversations.keep(db, request.identity.id, request.conversation, draft, request.now)
    if request.incoming.hurried and problem is None:
        return []
    if draft.get("read") is False:
        # NOTE: read by pupils and by teachers: without a form of address
        kept_here = text("This is kept here, but sent to nobody yet. One of these buttons makes a report of it.")
        return [Say(paragraphs(problem, kept_here if part is not None else None), await notice.ways_on(db, request))]
    if distress.is_heard(request.incoming.words):  # the offer stands below
        return [Say(paragraphs(problem, KEPT_HERE), [[button(text("I need help"), "hl")]])]
    # NOTE: child
    told = text("I have sent this to nobody yet. Shall I fetch the helper on duty, or would you rather write a report?")
    return [Say(paragraphs(problem, told), _what_now())]


async def hold_anew(db: Connection, request: Request) -> list[Outgoing]:
    """Words for which nobody waits any more: they are kept, and she can make a report of them."""
    before, draft = request.conversation, {"parts": [], "read": False}
    token = await storage.conversations.expect(db, request.identity.id, before, HEARD, draft, request.now)
    listening = replace(before, step=HEARD, draft=draft, token=token, asked_at=request.now)
    return await hold_more(db, replace(request, conversation=listening))


def _what_now() -> Keyboard:
    return [
        [button(text("Yes, fetch a helper"), "hl.alert")],
        [button(text("I need help"), "hl")],
        [button(text("No, false alarm"), "hl.false")],
    ]


async def tap(db: Connection, request: Request) -> list[Outgoing]:
    """A tap under a question. args: token, what, value."""
    token, what, value = (*request.args, "", "", "")[:3]
    if request.conversation.step != STEP and request.conversation.aside.get("step") == STEP:
        return [await _go_on(db, request)]
    if request.conversation.step != STEP or token != str(request.conversation.token):
        raise Refused(
            # NOTE: read by pupils and by teachers: without a form of address
            text("This button belongs to an earlier question. The newest one stands below. All reports: /mycases")
        )
    draft = dict(request.conversation.draft)
    at = draft["at"]
    if what == "stop":
        await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
        # NOTE: read by pupils and by teachers: without a form of address
        return [Edit(text("Stopped. Nothing was sent, and nothing is kept. The way back: /hotline"))]
    if what == "send" and at == REVIEW:
        return await _send(db, request, draft)
    if what == "back" and at != QUESTIONS[0]:
        return [await _move(db, request, draft, -1)]
    if what in ("next", "skip") and at in QUESTIONS:
        return [Edit(_closed(draft, None)), await _move(db, request, draft, 1)]
    if what == "is" and value in _CHOICES.get(at, {}):
        draft[at] = value
        return [Edit(_closed(draft, _CHOICES[at][value])), await _move(db, request, draft, 1)]
    raise not_here()


async def _move(db: Connection, request: Request, draft: dict[str, Any], by: int) -> Say:
    order = (*QUESTIONS, REVIEW)
    draft["at"] = order[order.index(draft["at"]) + by]
    return question(draft, await _expect(db, request, draft))


async def _expect(db: Connection, request: Request, draft: Draft) -> int:
    return await storage.conversations.expect(db, request.identity.id, request.conversation, STEP, draft, request.now)


# --- what is asked ----------------------------------------------------------------------------------------------------


def question(draft: Draft, token: int) -> Say:
    """What is asked now."""
    body = _review(draft) if draft["at"] == REVIEW else _question(draft)
    return Say(body, _keyboard(draft, token), asks=token)


def _question(draft: Draft) -> Text:
    questions = _ABOUT_A_PUPIL if draft["about"] == "pupil" else _ABOUT_ME
    return questions[draft["at"]]


_ABOUT_ME: dict[str, Text] = {
    # NOTE: child
    "what": text(
        "What happened? Write it in your own words, as much or as little as you like. You can send several messages, "
        "photos and voice messages."
    ),
    # NOTE: child
    "adult": text("Is it about an adult at school?"),
    # NOTE: child
    "safe": text("Are you safe right now?"),
    # NOTE: child
    "when": text("When may a helper write to you here?"),
}
_ABOUT_A_PUPIL: dict[str, Text] = {
    "what": text(
        "What worries you about the pupil? Write what you saw or heard, as it was said. You can send several messages, "
        "photos and voice messages."
    ),
    "adult": text("Is it about an adult at the school?"),
    "safe": text("Is the pupil safe right now?"),
    "when": text("When may a helper write to you?"),
}


def _keyboard(draft: Draft, token: int) -> Keyboard:
    at = draft["at"]
    choices = [button(label, "cs.o", token, "is", value) for value, label in _CHOICES.get(at, {}).items()]
    rows: list[list[Button]] = [choices[:2], choices[2:]] if choices else []
    if at == "when":  # too long for two in a row on a phone
        rows = [[choice] for choice in choices]
    if at == REVIEW:
        # NOTE: button
        rows.append([button(text("Send"), "cs.o", token, "send")])
    elif at == "what" and draft["parts"]:
        # NOTE: button
        rows.append([button(text("Next"), "cs.o", token, "next")])
    else:
        # NOTE: button
        rows.append([button(text("Skip"), "cs.o", token, "skip")])
    return notice.with_doors([*rows, _leave(at, token)])


def _leave(at: str, token: int) -> list[Button]:
    # NOTE: button
    stop = button(text("Stop"), "cs.o", token, "stop")
    # NOTE: button
    return [stop] if at == QUESTIONS[0] else [button(text("Back"), "cs.o", token, "back"), stop]


_KEPT: dict[str, Text] = {
    # NOTE: child
    "me": text("I have kept that. Write more, or tap Next."),
    "pupil": text("Saved. You can write more, or tap Next."),
}


def _saved(draft: Draft, token: int, problem: Body | None, *, heard: bool) -> Say:
    if draft["at"] == "what":
        return Say(problem or _KEPT[draft["about"]], _keyboard(draft, token), asks=token)
    # NOTE: read by pupils and by teachers: without a form of address
    told = problem or text("I have kept it with the rest.")
    if heard:  # the offer to fetch a helper stands below: that is the one question now
        return Say(told)
    return Say(paragraphs(told, question(draft, token).body), _keyboard(draft, token), asks=token)


_THANKS: dict[str, Text] = {
    # NOTE: child
    "me": text("✓ Thank you for telling me."),
    "pupil": text("✓ Thank you."),
}


def _closed(draft: Draft, answer: Text | None) -> Body:
    question = _question(draft)
    if answer is None and draft["at"] == "what" and draft["parts"]:
        return lines(question, _THANKS[draft["about"]])
    return lines(question, text("✓ %(answer)s", answer=answer) if answer else text("Skipped."))


# NOTE: read by pupils and by teachers: without a form of address
_IS_IT_RIGHT = text("Is this right? Nothing is sent before a tap on Send.")
# NOTE: read by pupils and by teachers: without a form of address
_SENT = text("This was sent:")


def _review(draft: Draft, heading: Text = _IS_IT_RIGHT) -> Body:
    written = [part["words"] for part in draft["parts"] if part["words"]]
    files = sum(1 for part in draft["parts"] if part["file"])
    return paragraphs(
        heading,
        Words(shorten("\n".join(written), _REVIEW_SHOWS)) if written else text("No words."),
        text("Photos, videos and voice messages: %(n)s", n=files) if files else None,
        *(
            lines(_question({**draft, "at": at}), text("✓ %(answer)s", answer=_CHOICES[at][draft[at]]))
            for at in QUESTIONS[1:]
            if draft.get(at)
        ),
    )


# --- sending ----------------------------------------------------------------------------------------------------------


async def _send(db: Connection, request: Request, draft: Draft) -> list[Outgoing]:
    answers = Answers(draft["about"], draft.get("adult"), draft.get("safe"), draft.get("when"))
    drafted = drafted_parts(draft)
    # A false alarm was about what stood there then, not about what she wrote later.
    heard = any(distress.is_heard(part.words) for part, _ in drafted[draft.get("calm", 0) :])
    case = await make(db, request, answers, risk_of(answers, heard=heard), drafted)
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    pages, on_duty = await call_staff(db, case, request)
    code_id, code = await storage.cases.give_code(db, case)
    said = Say(await _sent(db, case, request.now, on_duty=on_duty, code=code), after_sending(case, code_id))
    return [Edit(_review(draft, _SENT)), said, *pages, *await files.fetch(db, request, case)]


def unsent(request: Request) -> list[tuple[Part, int | None]]:
    """All that she has written for the hotline and not sent yet."""
    return [
        *drafted_parts({"parts": _parts(_aside(request))}),
        *drafted_parts({"parts": _parts(request.conversation.draft)}),
    ]


def drafted_parts(draft: Draft) -> list[tuple[Part, int | None]]:
    """The parts of an unfinished report, each with the message it came as."""
    return [(unkept(stored), stored["message"]) for stored in draft["parts"]]


async def make(
    db: Connection, request: Request, answers: Answers, risk: Risk, drafted: Sequence[tuple[Part, int | None]]
) -> Case:
    """A case with everything in it, in this one transaction."""
    case = await storage.cases.open_case(
        db,
        request.person.id,
        request.identity.id,
        replace(answers, by=written_by(request.roles, answers.about)),
        risk,
        Desk.WORKERS,
        request.now,
    )
    await storage.cases.log(db, case.id, "reporter", Deed.OPENED, request.now)
    for part, message_id in drafted:
        await storage.cases.add_version(db, case, part, f"{request.place}/{message_id}")
    return case


def written_by(roles: frozenset[Role], about: str) -> str | None:
    """What she is who reports, if no pupil: the role alone. About a pupil one writes by one's work."""
    if Role.PUPIL in roles:
        return None
    order = _BY if about == "pupil" else {Role.PARENT: "parent"} | _BY
    return next((by for role, by in order.items() if role in roles), "adult" if roles else None)


_BY = {Role.PSYCHOLOGIST: "psychologist", Role.TEACHER: "teacher", Role.HEAD_OF_CLASS: "teacher"}


async def call_staff(db: Connection, case: Case, request: Request) -> tuple[list[Say], bool]:
    """The notices about a case that waits, to those on duty who may take it (domain.ladder); whether anybody is on
    duty at all. Outside the hours what is not urgent waits for the next shift."""
    there = await storage.hotline.there_for(db, case, request.now)
    if ladder.sleeps(case, there):
        await storage.cases.sleep(db, case)
        await storage.cases.log(db, case.id, "clock", Deed.KEPT, request.now)
        return [], False
    if case.stopped and not there.has_supervisor:
        custodians = await storage.cases.at_hand(db, case, frozenset({Role.CUSTODIAN}), request.now)
        return stopped_page(case, custodians), False
    called = ladder.called(case, Stage.PAGED, there)
    if called and case.desk is Desk.SUPERVISORS and not there.has_supervisor:  # better a worker than nobody
        await storage.cases.save_desk(db, case, Desk.WORKERS)
        case = replace(case, desk=Desk.WORKERS)
    if called:
        await storage.cases.log(db, case.id, "clock", Deed.PAGED, request.now)
    else:
        await storage.cases.note_uncalled(db, case)
    return page(case, request.now, called), bool(called) and (there.on_duty or case.desk is Desk.SUPERVISORS)


async def _sent(db: Connection, case: Case, now: datetime, *, on_duty: bool, code: str | None = None) -> Body:
    wrote, call = _AFTER_SENDING[case.answers.about]
    return paragraphs(
        # NOTE: read by pupils and by teachers: without a form of address
        text("<b>The report is sent.</b> Its number is %(number)s.", number=Words(case.number)),
        when_read(case.risk) if on_duty else await nobody(db, case, now),
        wrote,
        code_lines(code) if code else None,
        call,
        await storage.hotline.helplines(db, case.reporter.person_id),
    )


async def sent_again(db: Connection, case: Case, now: datetime) -> Body:
    """The same once more, without the code."""
    there = await storage.hotline.there_for(db, case, now)
    return await _sent(db, case, now, on_duty=there.on_duty)


def code_lines(code: str) -> Body:
    return lines(
        # NOTE: read by pupils and by teachers: without a form of address
        text("The code of this report: <b>%(code)s</b>", code=Words(shown(code))),
        # NOTE: read by pupils and by teachers: without a form of address
        text("Please write it down and keep it safe. With it the answer can be read on another phone."),
    )


_AFTER_SENDING: dict[str, tuple[Text, Text]] = {
    "me": (
        # NOTE: child
        text("You were right to tell us. I will write to you here when a helper answers."),
        # NOTE: child
        text("You can always call, too, or go to an adult you trust:"),
    ),
    "pupil": (
        text("Thank you for telling us. I will write to you here when a helper answers."),
        text("You can also call at any time:"),
    ),
}


async def nobody(db: Connection, case: Case, now: datetime) -> Text:
    """The truth when no helper is on duty."""
    begins = await storage.hotline.next_shift(db, now)
    if begins is None:
        return NOBODY[case.answers.about]
    if case.risk in ladder.URGENT:
        return _CALLING_ALL[case.answers.about]
    return _from_then(case.answers.about, begins)


def nobody_left(case: Case) -> Text:
    """The truth when nobody may work on it, whatever the roster says."""
    return _NOBODY_LEFT[case.answers.about]


def _from_then(about: str, begins: datetime) -> Text:
    if about == "pupil":
        return text(
            "<b>Right now nobody is on duty.</b> The report is kept. The next helper hears of it when the "
            "shift begins: %(at)s. If the pupil needs help now, please don't wait for that: call.",
            at=Moment(begins),
        )
    # NOTE: child. %(at)s is a day and a time.
    return text(
        "<b>Right now nobody is on duty.</b> Your report is kept. The next helper hears of it when the "
        "shift begins: %(at)s. If you need help now, please don't wait for that: call.",
        at=Moment(begins),
    )


_CALLING_ALL: dict[str, Text] = {
    # NOTE: child
    "me": text(
        "<b>Right now nobody is on duty.</b> I am calling all the helpers all the same, but I can't say when one sees "
        "it. Please don't wait for that: call."
    ),
    "pupil": text(
        "<b>Right now nobody is on duty.</b> I am calling all the helpers all the same, but I can't say when one sees "
        "it. Please don't wait for that: call about the pupil."
    ),
}

_NOBODY_LEFT: dict[str, Text] = {
    # NOTE: child
    "me": text("The helpers here can't take your report. Those who run the hotline are told. Please don't wait: call."),
    "pupil": text(
        "The helpers here can't take this report. Those who run the hotline are told. "
        "If the pupil needs help now, please don't wait: call."
    ),
}


def when_read(risk: Risk) -> Text:
    return _WHEN_READ[risk]


_WHEN_READ: dict[Risk, Text] = {
    Risk.DANGER: text(
        "I am fetching a helper right now. If nobody comes within 5 minutes, I fetch the head of the helpers."
    ),
    Risk.CRITICAL: text(
        "A helper should read it within 15 minutes. If nobody has by then, I fetch the head of the helpers."
    ),
    Risk.HIGH: text("A helper should read it within an hour. If nobody has by then, I fetch the head of the helpers."),
    Risk.NORMAL: text(
        "A helper should read it within 3 hours. If nobody has by then, I fetch the head of the helpers."
    ),
}


def after_sending(case: Case, code_id: int | None = None) -> Keyboard:
    """What she can do now; while her code stands there, the first is to take it out of the chat."""
    # NOTE: button
    more = button(text("Write more"), "my.say", case.id)
    kept = [] if code_id is None else [[written_down(case, code_id)]]
    return notice.with_doors([*kept, [more], [how_button(case)], [erase_button()]])


def written_down(case: Case, code_id: int) -> Button:
    # NOTE: button. The code stands on paper and can leave the chat.
    return button(text("I wrote it down"), "my.kept", case.id, code_id)


def how_button(case: Case) -> Button:
    # NOTE: button. At what hours the hotline may write, and behind which harmless line.
    return button(text("How to write"), "my.how", case.id)


def erase_button() -> Button:
    # NOTE: button. Deletes what stands of the hotline in this chat.
    return button(text("Erase here"), "my.erase")
