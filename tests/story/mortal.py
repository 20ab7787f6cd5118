"""Runs the bot as `birge run` does, and kills itself (SIGKILL) at the N-th passing of one of the eight steps.

python -m tests.story.mortal [STEP:N]
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import bot.channels.telegram
import bot.channels.translate
import bot.limits
import bot.outgoing
import bot.pipeline
import bot.restarts
import bot.sender
import storage.inbox
from bot.__main__ import main
from bot.pacer import Pacer, Rate
from handlers import routes

# What stands for each of the eight steps of an update's path: the place where the step begins.
STEPS: dict[str, tuple[Any, str]] = {
    "receive": (bot.channels.telegram.Telegram, "_get_updates"),
    "translate": (bot.channels.telegram, "translate"),
    "open": (storage.inbox, "seen"),
    "identify": (bot.pipeline.Pipeline, "identify"),
    "route": (routes, "find"),
    "handle": (bot.pipeline.Pipeline, "admit"),
    "commit": (storage.inbox, "save_outcomes"),
    "send": (bot.sender.Sender, "_send"),
}


def arm(step: str, passing: int) -> None:
    """The step's `passing`-th beginning is the last thing this process does."""
    owner, name = STEPS[step]
    real: Callable[..., Any] = getattr(owner, name)
    count = 0

    def deadly(*args: Any, **kwargs: Any) -> Any:
        nonlocal count
        count += 1
        if count == passing:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)

    setattr(owner, name, deadly)


def hurry() -> None:
    """No pauses between messages, nor before polling after many deaths, and people who act as fast as a program: all
    have tests of their own."""
    bot.restarts.pause = lambda number: 0.0
    Pacer.wait = lambda self, now, place, **_: self.left_of_hold(now, place)  # type: ignore[method-assign]
    Pacer.wait_in_bulk = lambda *_: 0.0  # type: ignore[method-assign]
    for measure in ("MESSAGES", "TAPS", "HOTLINE", "DANGER", "TO_HELPER", "GROUP_COMMANDS"):
        setattr(bot.limits, measure, Rate(0.0))


if __name__ == "__main__":
    hurry()
    for argument in sys.argv[1:]:
        at, number = argument.split(":")
        arm(at, int(number))
    sys.argv[1:] = ["run"]
    main()
