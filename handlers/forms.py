"""Guided forms: one question after the other, by buttons or in words, with Back, Skip and Cancel; kept over a restart.

A form is data. Its answers so far are the sealed draft of the conversation; every question has a token, which its
buttons carry, so that an old or forged button can't answer a newer question.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import storage.conversations
from domain import distress
from domain.messages import (
    Body,
    Button,
    Delete,
    Edit,
    Keyboard,
    Lines,
    Outgoing,
    Refused,
    Say,
    Text,
    Toast,
    ToIdentity,
    button,
    lines,
    text,
)
from domain.requests import Request
from domain.roles import ANYONE, Right
from storage.database import Connection

Answers = Mapping[str, Any]
Asks = Callable[[Request, Answers], Body]
Reads = Callable[[Request, Answers], Any]
Checks = Callable[[Connection, Request, "Answers"], Awaitable[None]]
# Makes of a question (body, buttons, token) a message that is known and can be taken back.
Copies = Callable[[Connection, Request, "Answers", Body, Keyboard, int], Awaitable[Say]]
Choices = Callable[[Connection, Request, Answers], Awaitable[Sequence["Choice"]]]

# NOTE: button
SEND = text("Send")
REVIEW = "?"
ONLY_TAPS = text("Please tap one of the buttons under my question, or /cancel.")
# NOTE: child. Around it stands the way to help, which these words opened; they may also be no cry for help at all.
KEPT_BACK = text("I showed this to nobody. If it is your answer to my question, please write it once more.")
_SAVED = text("Saved. You can write more, or tap Next.")
_OFFERS = 2  # in a row
_PREFIX = "form:"
_PLACE = " "  # between a list's name and a place in it


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer by a tap. `value` is short and has no colon: it travels in the button. `said`: the answer in words,
    where the label is short for them.

    In a grid it may also turn to another page ("turn"), or only be looked at ("no").
    """

    label: Body
    value: str
    said: Body | None = None
    does: Literal["is", "turn", "no"] = "is"


@dataclass(frozen=True, slots=True)
class Grid:
    """Choices in rows as they stand, on as many pages as it takes; the page "" is the first.

    `page_of` names the page on which a value stands; `hint` is said on a tap on what is no answer.
    """

    page: Callable[[Request, Answers, str], Sequence[Sequence[Choice]]]
    page_of: Callable[[str], str]
    hint: Text


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `read` turns words or a file into a JSON value or raises Refused with an example; None: taps only.

    `many`: every message adds to a list until *Next* is tapped; `enough` raises Refused while the list is too short.
    `albums`: each part of an album adds to it, and all of them are told of once. `check` raises Refused for an answer
    that only the database knows to be wrong: the question stays open.
    """

    name: str
    ask: Asks
    read: Reads | None = None
    choices: Choices | None = None
    grid: Grid | None = None  # in place of choices
    columns: int = 2
    skip: Text | None = None
    when: Callable[[Answers], bool] = lambda _: True
    many: bool = False
    enough: Callable[[Any], None] = lambda _: None
    check: Checks | None = None
    files: bool = False  # whether `read` takes them; to all others only words are an answer
    albums: bool = False
    # Asked only when this button under the review is tapped; None: there is no such button just now.
    offer: Callable[[Answers], Body | None] | None = None
    reopens: tuple[str, ...] = ()  # answers that go with the one before, and are asked again


@dataclass(frozen=True, slots=True)
class Form:
    """The questions in order; `review` shows everything once more before `finish` does it.

    `facts` are what the review shows besides the answers (a count, say), asked of storage and kept with the answers;
    `preview` says above the review how it will look.
    """

    name: str
    fields: tuple[Field, ...]
    finish: Callable[[Connection, Request, Answers], Awaitable[list[Outgoing]]]
    review: Callable[[Request, Answers], Body] | None = None
    facts: Callable[[Connection, Request, Answers], Awaitable[Answers]] | None = None
    preview: Callable[[Request, Answers], Sequence[Say]] | None = None
    done: Text | Callable[[Answers], Text] = SEND
    may: Right = ANYONE
    confidential: bool = False
    copy: Copies | None = None  # of a case: each question is a copy, and what was typed leaves the chat
    extra: Keyboard = ()  # buttons under every question
    version: int = 1  # one more when an answer is kept in another way than before

    @property
    def is_for_everybody(self) -> bool:
        """Whether a child may be asked this, and others read the answer: no cry for help becomes a name or a title."""
        return not self.confidential and (self.may.anyone or bool(self.may.belonging))

    @property
    def shape(self) -> str:
        """What its drafts are made of: a draft of another shape belongs to an older version of the form."""
        return " ".join([str(self.version), *(field.name for field in self.fields)])

    def fits(self, name: str, draft: Mapping[str, Any]) -> bool:
        """Whether an answer to this question goes on with the draft."""
        is_asked = name == REVIEW or any(field.name == name for field in self.fields)
        return is_asked and draft.get("shape") == self.shape

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


def fixed(*choices: Choice) -> Choices:
    """Choices that are always the same."""

    async def same(_db: Connection, _request: Request, _answers: Answers) -> Sequence[Choice]:
        return choices

    return same


def form_of(step: str) -> tuple[str, str]:
    """The form's and the field's name in a step; ("", "") when the step is no form's."""
    if not step.startswith(_PREFIX):
        return "", ""
    _, form, field = step.split(":", 2)
    return form, field


async def start(
    db: Connection,
    request: Request,
    form: Form,
    answers: Answers | None = None,
    *,
    asked: Sequence[str] = (),
    intro: Body | None = None,
    above: Keyboard = (),
) -> list[Outgoing]:
    """Asks the first question that is not answered yet. What the request's community is stays the form's.

    `asked`: the given answers that *Back* may open again. `intro` and the buttons `above` stand over this question.
    """
    draft: dict[str, Any] = {
        "answers": dict(answers or {}),
        "asked": list(asked),
        "sources": {},  # which message each answer in words came as
        "community": request.community.id if request.community else None,
    }
    return await _go_on(db, request, form, draft, intro=intro, above=above)


async def show_again(db: Connection, request: Request, form: Form, intro: Body) -> Edit:
    """The question that is open, in place, for a reader who has just chosen another language."""
    token, field = request.conversation.token, form.field(form_of(request.conversation.step)[1])
    body, keyboard = await _asked(db, request, form, field, _draft(request), token, intro)
    # To her account, not to the asker: it must be read in the language that has just been saved.
    return Edit(body, keyboard, card=_card(token), to=ToIdentity(request.identity.id))


async def take_words(db: Connection, request: Request, form: Form, name: str) -> list[Outgoing]:
    """Words or a file as the answer to the question that is open."""
    draft = _draft(request)
    if name == REVIEW:
        raise Refused(ONLY_TAPS)
    field = form.field(name)
    value = _read(request, field, draft)
    if _sounds_like_distress(request, form):
        return await _keep_back(db, request)
    if field.many:
        return await _add_one(db, request, form, field, draft, value)
    draft["sources"][name] = request.incoming.message_id
    if form.copy is not None:
        return [Delete(), *await _answered(db, request, form, field, draft, value)]
    # The question as it was read, without its buttons; after the next one, which people wait for.
    closed = Edit(field.ask(request, draft["answers"]), card=_card(request.conversation.token))
    return [*await _answered(db, request, form, field, draft, value), closed]


def _read(request: Request, field: Field, draft: Mapping[str, Any]) -> Any:
    """What was written as the value of the answer. Raises Refused."""
    if field.read is None:
        raise Refused(ONLY_TAPS)
    if request.incoming.parts and not field.files:  # its words alone would be kept, and the file be lost in silence
        # NOTE: read by pupils and by adults: without a form of address
        raise Refused(text("I can only take words here, without a photo, voice message or file."))
    return field.read(request, draft["answers"])


def _sounds_like_distress(request: Request, form: Form) -> bool:
    """Whether others are not to read it yet. A match never blocks: the same words once more are the answer."""
    is_meant = request.conversation.draft.get("kept_back") == request.words
    return form.is_for_everybody and not is_meant and distress.is_heard(request.words)


async def _keep_back(db: Connection, request: Request) -> list[Outgoing]:
    """The question stays open; the help itself is shown by whoever listens to all words (handlers.cases.watch)."""
    draft = {**request.conversation.draft, "kept_back": request.words}
    await storage.conversations.keep(db, request.identity.id, request.conversation, draft, request.now)
    return [Say(KEPT_BACK)]


def is_source(request: Request) -> bool:
    """Whether an edited message is one whose words answered a question of the form that is open."""
    return request.incoming.message_id in request.conversation.draft.get("sources", {}).values()


async def take_edit(db: Connection, request: Request, form: Form, _name: str) -> list[Outgoing]:
    """An answer was changed after it was given: as with *Back* to its question, and the new words as the answer."""
    draft, changed = _draft(request), request.incoming.message_id
    source = next(source for source, message_id in draft["sources"].items() if message_id == changed)
    name, _, place = source.partition(_PLACE)
    field = form.field(name)
    while name in draft["asked"]:
        last = form.field(_last_asked(form, draft, name))
        draft["asked"].remove(last.name)
        if not last.many:
            draft["answers"].pop(last.name, None)
    if _sounds_like_distress(request, form):  # what is written once more answers the question that was edited
        return [await _question(db, request, form, field, {**draft, "kept_back": request.words}, KEPT_BACK)]
    if field.many:
        return await _change_one(db, request, form, field, draft, int(place))
    value = _read(request, field, draft)
    return await _answered(db, request, form, field, draft, value)


async def _change_one(
    db: Connection, request: Request, form: Form, field: Field, draft: dict[str, Any], at: int
) -> list[Outgoing]:
    """One of a list, in its place; more can be added then."""
    before, after = draft["answers"][field.name][:at], draft["answers"][field.name][at + 1 :]
    others = draft | {"answers": draft["answers"] | {field.name: [*before, *after]}}
    draft["answers"][field.name] = [*before, _read(request, field, others), *after]
    return await _ask_for_more(db, request, form, field, draft)


def _last_asked(form: Form, draft: Mapping[str, Any], name: str = "") -> str:
    """The question to open again. What was answered under the review stays, unless `name` is that."""
    found = (one for one in reversed(draft["asked"]) if form.field(one).offer is None or one == name)
    return next(found, "")


async def take_tap(db: Connection, request: Request, form: Form, name: str) -> list[Outgoing]:
    """A tap on one of a question's own buttons: an answer, turn, next, skip, back, done. args: token, what, value."""
    draft, what = _draft(request), request.args[1] if len(request.args) > 1 else ""
    if what == "back":
        return [*_left(request, form, name), *await _back(db, request, form, draft)]
    if name == REVIEW:
        if what == "open":
            return await _open(db, request, form, draft)
        if what != "done":
            raise _stale()
        return await _finish(db, request, form, draft)
    field = form.field(name)
    if what == "skip" and field.skip is not None:
        return [
            _closed(request, form, field, draft, field.skip),
            *await _answered(db, request, form, field, draft, None),
        ]
    if what == "next" and field.many and draft["answers"].get(field.name):
        field.enough(draft["answers"][field.name])
        return [
            Edit(text("✓ Thank you.")),
            *await _answered(db, request, form, field, draft, draft["answers"][field.name]),
        ]
    if field.grid is not None and what in ("turn", "no"):
        return await _turned(db, request, form, field, draft, field.grid)
    return await _chosen(db, request, form, field, draft)


async def _turned(
    db: Connection, request: Request, form: Form, field: Field, draft: dict[str, Any], grid: Grid
) -> list[Outgoing]:
    """Another page of the same question, in its place."""
    if request.args[1] == "no":
        return [Toast(grid.hint)]
    page = request.args[2] if len(request.args) > 2 else ""
    token = request.conversation.token
    body, rows = await _asked(db, request, form, field, draft, token, None, page)
    return [Edit(body, rows, _card(token))]


async def _open(db: Connection, request: Request, form: Form, draft: dict[str, Any]) -> list[Outgoing]:
    """A question that is asked only if somebody wants it. args: token, "open", its name."""
    wanted = request.args[2] if len(request.args) > 2 else ""
    field = next((field for field in form.fields if field.name == wanted and is_offered(field, draft["answers"])), None)
    if field is None:
        raise _stale()
    closed = form.review(request, draft["answers"]) if form.review is not None else None
    if field.many:  # a list is made anew
        draft["answers"].pop(field.name, None)
        draft["sources"] = {one: at for one, at in draft["sources"].items() if not one.startswith(field.name + _PLACE)}
    asked = await _question(db, request, form, field, draft, None)
    if closed is None or request.incoming.query_id is None:
        return [asked]
    return [Edit(closed), asked]  # the review without its buttons


def is_offered(field: Field, answers: Answers) -> bool:
    return field.offer is not None and field.offer(answers) is not None


async def _chosen(db: Connection, request: Request, form: Form, field: Field, draft: dict[str, Any]) -> list[Outgoing]:
    value = request.args[2] if len(request.args) > 2 and request.args[1] == "is" else None
    page = field.grid.page_of(value) if field.grid is not None and value is not None else ""
    offered = [one for row in await _offered(db, request, field, draft, page) for one in row]
    choice = next((one for one in offered if one.value == value and one.does == "is"), None)
    if choice is None:
        raise _stale()
    return [
        _closed(request, form, field, draft, choice.said or choice.label),
        *await _answered(db, request, form, field, draft, choice.value),
    ]


def is_current(request: Request) -> bool:
    """Whether the tapped form button belongs to the question that is open."""
    return bool(request.args) and request.args[0] == str(request.conversation.token)


def _stale() -> Refused:
    return Refused(text("This button belongs to an earlier question. Please answer my last message."))


async def _answered(
    db: Connection, request: Request, form: Form, field: Field, draft: dict[str, Any], value: Any
) -> list[Outgoing]:
    draft["answers"][field.name] = value
    if field.check is not None:
        await field.check(db, request, draft["answers"])
    for name in (field.name, *field.reopens):
        if name in draft["asked"]:
            draft["asked"].remove(name)
        if name != field.name:
            draft["answers"].pop(name, None)
    draft["asked"].append(field.name)
    return await _go_on(db, request, form, draft)


async def _add_one(
    db: Connection, request: Request, form: Form, field: Field, draft: dict[str, Any], value: Any
) -> list[Outgoing]:
    before = draft["answers"].get(field.name) or ()
    said = [*before, value]
    draft["answers"][field.name] = said
    draft["sources"][f"{field.name}{_PLACE}{len(said) - 1}"] = request.incoming.message_id
    if request.incoming.goes_on:
        draft = {**request.conversation.draft, **draft}
        await storage.conversations.keep(db, request.identity.id, request.conversation, draft, request.now)
        return []
    more = await _ask_for_more(db, request, form, field, draft)
    if form.copy is not None:
        return more
    asked = _SAVED if before else field.ask(request, draft["answers"])
    return [*more, Edit(asked, card=_card(request.conversation.token))]


async def _ask_for_more(
    db: Connection, request: Request, form: Form, field: Field, draft: dict[str, Any]
) -> list[Outgoing]:
    token = await _expect(db, request, form, field.name, draft)
    # NOTE: button
    rows: Keyboard = [[button(text("Next"), "f", token, "next")], *_leave(token, draft, field), *form.extra]
    if form.copy is not None:
        return [Delete(), await form.copy(db, request, draft["answers"], _SAVED, rows, token)]
    return [Say(_SAVED, rows, card=_card(token), asks=token)]


async def _go_on(
    db: Connection,
    request: Request,
    form: Form,
    draft: dict[str, Any],
    *,
    intro: Body | None = None,
    above: Keyboard = (),
) -> list[Outgoing]:
    answers = draft["answers"]
    for field in form.fields:
        is_open = field.name not in draft["asked"] and field.name not in answers and field.offer is None
        if is_open and field.when(answers):
            return [await _question(db, request, form, field, draft, intro, above)]
    if form.review is None:
        return await _finish(db, request, form, draft)
    if form.facts is not None:
        answers.update(await form.facts(db, request, answers))
    shown = form.preview(request, answers) if form.preview is not None else ()
    token = await _expect(db, request, form, REVIEW, draft)
    done = form.done if isinstance(form.done, Text) else form.done(answers)
    offers = _offers(form, answers, token)
    keyboard = [[button(done, "f", token, "done")], *offers, *_leave(token, draft), *form.extra]
    review = form.review(request, answers)
    if form.copy is not None:
        return [*shown, await form.copy(db, request, answers, review, keyboard, token)]
    return [*shown, Say(review, keyboard, asks=token)]


async def _question(
    db: Connection,
    request: Request,
    form: Form,
    field: Field,
    draft: dict[str, Any],
    intro: Body | None = None,
    above: Keyboard = (),
) -> Say:
    token = await _expect(db, request, form, field.name, draft)
    body, rows = await _asked(db, request, form, field, draft, token, intro)
    keyboard = [*above, *rows]
    if form.copy is not None:
        return await form.copy(db, request, draft["answers"], body, keyboard, token)
    return Say(body, keyboard, card=_card(token), asks=token)


async def _asked(
    db: Connection,
    request: Request,
    form: Form,
    field: Field,
    draft: dict[str, Any],
    token: int,
    intro: Body | None,
    page: str = "",
) -> tuple[Body, Keyboard]:
    """A question and its buttons."""
    offered = await _offered(db, request, field, draft, page)
    rows: list[Sequence[Any]] = [[button(one.label, "f", token, one.does, one.value) for one in row] for row in offered]
    if field.many and draft["answers"].get(field.name):
        rows.append([button(text("Next"), "f", token, "next")])
    if field.skip is not None:
        rows.append([button(field.skip, "f", token, "skip")])
    asked = field.ask(request, draft["answers"])
    body = asked if intro is None else lines(intro, asked, gap="\n\n")
    return body, [*rows, *_leave(token, draft, field), *form.extra]


async def _offered(
    db: Connection, request: Request, field: Field, draft: Mapping[str, Any], page: str
) -> Sequence[Sequence[Choice]]:
    """What can be tapped, in its rows."""
    if field.grid is not None:
        return field.grid.page(request, draft["answers"], page)
    found = await field.choices(db, request, draft["answers"]) if field.choices else ()
    return [found[at : at + field.columns] for at in range(0, len(found), field.columns)]


def _offers(form: Form, answers: Answers, token: int) -> list[Sequence[Button]]:
    """The questions that are asked only if somebody wants them, two in a row."""
    found = [(field, field.offer(answers)) for field in form.fields if field.offer is not None]
    taps = [button(label, "f", token, "open", field.name) for field, label in found if label is not None]
    return [taps[at : at + _OFFERS] for at in range(0, len(taps), _OFFERS)]


def _card(token: int) -> str:
    """A question in the chat it was asked in, so that its buttons can be taken away."""
    return f"question:{token}"


def _leave(token: int, draft: Mapping[str, Any], field: Field | None = None) -> list[list[Button]]:
    # NOTE: button
    row = [button(text("Cancel"), "cancel", token)]
    if draft["asked"] or (field is not None and field.offer is not None):
        # NOTE: button
        row.insert(0, button(text("Back"), "f", token, "back"))
    return [row]


def _left(request: Request, form: Form, name: str) -> list[Outgoing]:
    """What she goes back from keeps no buttons: none of them would work any more. Of a case, its copies see to it."""
    if form.copy is not None or request.incoming.query_id is None:
        return []
    answers = _draft(request)["answers"]
    if name == REVIEW:
        return [Edit(form.review(request, answers))] if form.review is not None else []
    field = form.field(name)
    return [Edit(_SAVED if field.many and answers.get(name) else field.ask(request, answers))]


async def _back(db: Connection, request: Request, form: Form, draft: dict[str, Any]) -> list[Outgoing]:
    name = form_of(request.conversation.step)[1]
    if name != REVIEW and form.field(name).offer is not None:  # back to the review, as it was
        return await _go_on(db, request, form, draft)
    before = _last_asked(form, draft)
    if not before:
        raise _stale()
    last = form.field(before)
    draft["asked"].remove(before)
    if not last.many:
        draft["answers"].pop(last.name, None)
    else:  # what was said already stays; more can be added
        return [await _question(db, request, form, last, draft)]
    return await _go_on(db, request, form, draft)


async def _finish(db: Connection, request: Request, form: Form, draft: dict[str, Any]) -> list[Outgoing]:
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    said = await form.finish(db, request, draft["answers"])
    if form.review is None or request.incoming.query_id is None:
        return said
    # The review stays as it was read, without its buttons; of a case, not even that.
    closed = form.review(request, draft["answers"]) if form.copy is None else text("✓ Thank you.")
    return [Edit(closed), *said]


async def _expect(db: Connection, request: Request, form: Form, name: str, draft: Mapping[str, Any]) -> int:
    step, kept = f"{_PREFIX}{form.name}:{name}", {**draft, "shape": form.shape}
    return await storage.conversations.expect(db, request.identity.id, request.conversation, step, kept, request.now)


def _closed(request: Request, form: Form, field: Field, draft: Mapping[str, Any], answer: Body) -> Edit:
    """The question with the answer under it and without buttons, so that nobody taps it again; of a case, no answer."""
    if form.copy is not None:
        return Edit(field.ask(request, draft["answers"]))
    return Edit(Lines((field.ask(request, draft["answers"]), text("✓ %(answer)s", answer=answer))))


def _draft(request: Request) -> dict[str, Any]:
    draft = request.conversation.draft
    return {
        "answers": dict(draft.get("answers", {})),
        "asked": list(draft.get("asked", [])),
        "sources": dict(draft.get("sources", {})),
        "community": draft.get("community"),
    }
