"""How much one account may ask of the bot at once: what is written and tapped by hand passes, a flood is let go.

A GCRA as in bot.pacer, per account and per group chat, in memory only. A message is weighed by when it was written, so
that what piled up while the bot was down is no flood. What is let go is decided in the pipeline: words for the hotline
never are.
"""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.pacer import Rate
from domain.requests import Incoming, Kind
from handlers.routes import BUTTONS, COMMANDS, STARTS, STEPS

# A child writes a report in twenty short messages; an album, however many parts it has, weighs as one.
MESSAGES = Rate(2.0, 20)
TAPS = Rate(0.2, 100)
# The ways into the hotline, and signs of danger: each measured by itself, so that no flood of anything else shuts them.
HOTLINE = Rate(0.5, 60)
DANGER = Rate(1.0, 30)
# What is written to a helper: over this, every word is kept and one answer a second is enough.
TO_HELPER = Rate(1.0, 30)
# What one group sees of answers to commands: eight at once, then ten a minute.
GROUP_COMMANDS = Rate(6.0, 8)

_TOLD_EVERY = timedelta(minutes=1)
_KEPT = 20_000  # measures, each some 200 bytes
_REMEMBERED = 2_000  # events and albums seen last

_Key = tuple[str, str, str]  # what is measured, the channel, the account or chat


class Limits:
    """Weighs what comes in. The same event weighed again (a transaction tried again, a repeated update) is not counted
    again."""

    def __init__(self) -> None:
        self._full: dict[_Key, float] = {}  # when each measure is empty again, in seconds
        self._weighed: OrderedDict[tuple[str, str], bool] = OrderedDict()
        self._albums: OrderedDict[tuple[str, str | None, str], str] = OrderedDict()
        self._told: OrderedDict[tuple[str, str | None], tuple[datetime, str]] = OrderedDict()

    def weigh(self, incoming: Incoming, now: datetime, *, concerns: bool = False, step: str = "") -> Incoming:
        """The event, marked when more came than anybody writes by hand, or when it goes on with an album.

        `concerns`: it may mean danger; `step`: what is awaited from whoever wrote words.
        """
        found = _measure(incoming, step, concerns=concerns)
        if found is None:
            return incoming
        goes_on = incoming.album is not None and self._goes_on(incoming, incoming.album)
        key = (incoming.channel, incoming.event_id)
        hurried = self._weighed.get(key)
        if hurried is None:
            hurried = not goes_on and self._is_too_much(incoming, now, *found)
            self._weighed[key] = hurried
            _forget_oldest(self._weighed)
        return replace(incoming, hurried=hurried, goes_on=goes_on) if hurried or goes_on else incoming

    def tells(self, incoming: Incoming, now: datetime) -> bool:
        """Whether the writer hears now that something was let go: at most once a minute, in each chat."""
        place = (incoming.channel, incoming.chat)
        until, event = self._told.get(place, (now, ""))
        if event == incoming.event_id:
            return True
        if now < until <= now + _TOLD_EVERY:
            return False
        self._told[place] = (now + _TOLD_EVERY, incoming.event_id)
        self._told.move_to_end(place)
        _forget_oldest(self._told)
        return True

    def _goes_on(self, incoming: Incoming, album: str) -> bool:
        first = self._albums.setdefault((incoming.channel, incoming.chat, album), incoming.event_id)
        _forget_oldest(self._albums)
        return first != incoming.event_id

    def _is_too_much(self, incoming: Incoming, now: datetime, name: str, rate: Rate) -> bool:
        # An edit carries the time of what it changed.
        written = now if incoming.edited or incoming.sent_at is None else min(now, incoming.sent_at)
        at = written.timestamp()
        if incoming.sender is not None and not self._take((name, incoming.channel, incoming.sender), rate, at):
            return True
        # What is said of the hotline or of danger is answered in private: what a group sees doesn't measure it.
        seen_in_group = not incoming.is_private and name == "messages"
        if not seen_in_group or incoming.kind is not Kind.COMMAND or incoming.chat is None:
            return False
        return not self._take(("group", incoming.channel, incoming.chat), GROUP_COMMANDS, at)

    def _take(self, key: _Key, rate: Rate, at: float) -> bool:
        """Whether the measure has room for one more, which is then in it."""
        empty, most = self._full.get(key, at), rate.every * rate.burst
        if empty > at + most:  # the clock was set back
            empty = at
        full = max(empty, at) + rate.every
        if full > at + most:
            return False
        if len(self._full) >= _KEPT and key not in self._full:
            self._make_room(at)
        self._full[key] = full
        return True

    def _make_room(self, at: float) -> None:
        """What is empty goes; in a flood from everywhere, those who came first are measured anew."""
        self._full = {key: empty for key, empty in self._full.items() if empty > at}
        if len(self._full) >= _KEPT:
            self._full = dict(list(self._full.items())[_KEPT // 2 :])


def _measure(incoming: Incoming, step: str, *, concerns: bool) -> tuple[str, Rate] | None:
    """By what this is measured; None: not at all, since it is no answer of ours that anybody waits for, or its last
    state must be known (a vote, a membership)."""
    match incoming.kind:
        case Kind.WORDS if incoming.is_private or concerns:
            to_helper = step in STEPS and STEPS[step].confidential
            if concerns:
                return "danger", DANGER
            return ("to helper", TO_HELPER) if to_helper else ("messages", MESSAGES)
        case Kind.COMMAND if incoming.is_private or incoming.command in COMMANDS:
            by_link = STARTS.get(incoming.words) if incoming.command == "start" and incoming.is_private else None
            route = by_link or COMMANDS.get(incoming.command)
            if concerns:
                return "danger", DANGER
            to_hotline = route is not None and route.confidential
            return ("to hotline", HOTLINE) if to_hotline else ("messages", MESSAGES)
        case Kind.BUTTON:
            route = BUTTONS.get(incoming.press.split(":")[0])
            return ("hotline taps", HOTLINE) if route is not None and route.confidential else ("taps", TAPS)
        case _:
            return None


def _forget_oldest(remembered: OrderedDict[Any, Any]) -> None:
    if len(remembered) > _REMEMBERED:
        remembered.popitem(last=False)
