"""What is sent in at every question by those who are hostile or mistaken, and what is wrong with the answers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from domain.messages import text
from domain.requests import Conversation, Incoming, Kind
from handlers import forms, routes
from tests.probing import Bench, Heard
from tests.walks import Walker

HUGE = "9" * 30
OTHER_ALPHABET = {"az": "Салам, это родители", "ru": "Ə sinfi üçün görüş"}
DISTRESS = {"az": "ölmək istəyirəm", "ru": "я хочу умереть"}
WORDS = {
    "5,000 characters": "ö" * 5_000,
    "4,000 signs of every language": "%(x)s<b>&\\';--{}\n" * 250,
    "only spaces": "   \n\t ",
    "only what nobody sees": "\u200b\u2060\ufeff\u00ad",
    "only control characters": "\u202e\u0001\u0007\u2066",
    "only emoji": "🎉👩‍👩‍👧‍👦🇦🇿",
    "from right to left": "\u202eمرحبا بكم\u202c",
    "a number too large": HUGE,
    "a negative number": "-5",
    "nought": "0",
    "one and a half": "1.5",
    "Arabic-Indic digits": "٣٠",
    "superscript digits": "²³",
    "what a button carries": "f:1:is:x",
    "JSON": '{"answers": {}}',
    "one letter": "a",
    "only signs": "|||",
    "sixty lines": "a\n" * 60,
}
FILES = ("sticker", "voice", "photo", "document", "video", "audio")
ASIDE = ("/help", "/home", "/settings", "/nonsense")
ANOTHER = ("/join", "/announce", "/meeting 7")
# Of the form that is open, of the question before, of another form, and of nobody: %(token)s is the open question's.
FORGED = (
    "f:%(before)s:is:x", "f:%(after)s:is:x", "f:%(token)s", "f:%(token)s:is", "f:%(token)s:is:", "f:-%(token)s:done",
    f"f:%(token)s:is:{HUGE}", "f:%(token)s:is:-1", "f:%(token)s:is:²", "f:%(token)s:open", f"f:%(token)s:open:{HUGE}",
    f"f:%(token)s:turn:{HUGE}", "f:%(token)s:turn:9999-99", "f:%(token)s:no", "f:%(token)s:nonsense", "f",
    f"f:{HUGE}:done", "cancel:%(before)s", "cancel", f"cancel:{HUGE}", "at:%(before)s:1", f"at:%(token)s:{HUGE}",
    "at:%(token)s:-1", "into:%(token)s:²:1", "mt:-1", f"mt:{HUGE}", "mt.rsvp:1", "join.yes:0", "cs.o:%(before)s:next",
    "cs.o:%(token)s:is:x", f"cs.o:{HUGE}:send", "cs.take:1", "", ":", "nonsense:1",
)  # fmt: skip


@dataclass(frozen=True)
class Sent:
    name: str
    incoming: Incoming
    stays: bool = False  # the question is open after it as it was
    ends: bool = False
    leaves: bool = False  # another question may be open instead


def _sent(bench: Bench, who: str, token: int) -> list[Sent]:
    numbers = {"token": token, "before": token - 1, "after": token + 1}
    words = WORDS | {"another alphabet": OTHER_ALPHABET[bench.language], _IN_DISTRESS: DISTRESS[bench.language]}
    return [
        *(Sent(name, bench.words(who, typed)) for name, typed in words.items()),
        Sent("a location or a contact", bench.words(who)),
        *(Sent(kind, bench.words(who, "", kind)) for kind in FILES),
        *(Sent(f"{kind} with words", bench.words(who, "5 + 7", kind)) for kind in FILES),
        *(Sent(typed, bench.command(who, typed), stays=True) for typed in ASIDE),
        *(Sent(typed, bench.command(who, typed), leaves=True) for typed in ANOTHER),
        *(Sent(press % numbers, bench.tap(who, press % numbers), stays=True) for press in FORGED),
        Sent("/cancel", bench.command(who, "/cancel"), ends=True),
        Sent("Cancel", bench.tap(who, f"cancel:{token}"), ends=True),
    ]


_IN_DISTRESS = "distress"


async def _wrong(walker: Walker, sent: Sent, before: Conversation, log: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the answer to it, and with what stands after it."""
    counts, mark = await walker.bench.counts(), len(log)
    heard, after = await walker.bench.hears(sent.incoming), await walker.open_now()
    same = after.step == before.step and _answered(after) == _answered(before)
    found = list(_wrong_answer(sent, heard, same=same))
    if (sent.stays and not same) or (sent.ends and after.step):
        found.append(f"then {after.step or 'nothing'} is open")
    found += [f"it {why}" for why in _lost(walker.bench, sent, before, heard, same=same)]
    lost = [table for table, rows in (await walker.bench.counts()).items() if rows < counts[table]]
    found += [f"rows of {lost} are lost"] if lost else []
    if not same and forms.form_of(after.step)[0] and not sent.leaves:
        try:
            await Walker(walker.bench, walker.walk, walker.who, walker.answers).finish()
        except AssertionError as error:
            found.append(f"the form can't be finished: {error}")
    found += [f"{line['event']}: {line.get('why')}" for line in log[mark:] if line["level"] not in _FINE]
    return [f"{before.step}, {sent.name}: {one}" for one in found]


def _answered(conversation: Conversation) -> dict[str, Any]:
    """What was said so far; not what was kept back and may be said once more."""
    return {name: value for name, value in conversation.draft.items() if name != "kept_back"}


def _is_of_staff(step: str) -> bool:
    form, _ = forms.form_of(step)
    route = routes.STEPS.get(step)
    if form:
        return routes.FORMS[form].confidential
    return route is not None and route.confidential and not route.may.anyone


_FINE = ("debug", "info")
_NOT_WAITING = text("I am not waiting for an answer right now. Tap the button to see what we can do.")


def _lost(bench: Bench, sent: Sent, before: Conversation, heard: Heard, *, same: bool) -> Iterator[str]:
    """What became of it that nobody would want."""
    form, name = forms.form_of(before.step)
    asked = routes.FORMS[form] if form else None
    if asked is not None and name != forms.REVIEW and not same:
        if sent.incoming.parts and not asked.field(name).files:
            yield "lost its file"
        if sent.name == _IN_DISTRESS and asked.is_for_everybody:
            yield "became an answer, though it is a cry for help"
    if before.step and bench.renderer.html(_NOT_WAITING, bench.language, "UTC") in heard.shown:
        yield "was not waited for, though a question is open"


def _wrong_answer(sent: Sent, heard: Heard, *, same: bool) -> Iterator[str]:
    if not heard.shown:
        yield "silence"
    if heard.foreign:
        yield f"in another language: {heard.foreign}"
    in_distress = sent.name == _IN_DISTRESS
    if in_distress and "112" not in heard.shown[0]:
        yield f"no numbers first: {heard.shown[0]}"
    # What goes on may come with what was made by it, and a review with a preview.
    is_one = len(heard.messages) <= (3 if in_distress else 1) or heard.messages[-1].asks is not None
    if same and not is_one:
        yield f"{len(heard.messages)} answers"


async def _wrong_again(walker: Walker, log: list[dict[str, Any]]) -> list[str]:
    """What is wrong when the right answer comes twice, when it is edited, and when a wrong one is edited to it."""
    bench, found = walker.bench, list[str]()
    given, before = (await walker.given())[:1], (await walker.open_now()).step
    for right in [await walker.incoming(one) for one in given]:
        async with bench.undone():
            await bench.hears(right)
            open_now = await walker.open_now()
            found += await _wrong(walker, Sent("the same twice", bench.again(right)), open_now, log)
        if right.kind is not Kind.WORDS:
            continue
        async with bench.undone():
            await bench.hears(right)
            open_now = await walker.open_now()
            if forms.form_of(open_now.step)[0] == forms.form_of(before)[0] != "":
                found += await _wrong(walker, Sent("an edit of it", bench.again(right, edited=True)), open_now, log)
        if before in routes.STEPS and routes.STEPS[before].confidential:
            continue  # an edit there belongs to what was told: handlers.cases.mine
        async with bench.undone():
            refused, open_now = replace(right, words="\u200b", parts=()), await walker.open_now()
            await bench.hears(refused)
            sent = Sent("an edit of what was refused", bench.again(right, edited=True))
            found += await _wrong(walker, sent, open_now, log)
            if (await walker.open_now()).token == open_now.token:
                found.append("what was refused can't be put right by an edit")
    return found


async def all_wrong(walker: Walker, now: Conversation, log: list[dict[str, Any]]) -> list[str]:
    """At the question that is open."""
    found = []
    for sent in _sent(walker.bench, walker.who, now.token):
        if sent.name == _IN_DISTRESS and _is_of_staff(now.step):  # whoever answers a child quotes her
            continue
        async with walker.bench.undone():
            found += await _wrong(walker, sent, now, log)
    return [*found, *await _wrong_again(walker, log)]
