"""A pretend Telegram: a Bot API server with state, limits and errors like the real one, and a web chat to look into it.

Any Bot API client can talk to it. In a test::

    from sandbox import Sandbox

    sandbox = Sandbox(token="100:test", limits=None)      # limits: Limits(...), or None for no limits
    await sandbox.start()                                  # or `async with Sandbox() as sandbox:`
    bot = …(base_url=sandbox.url)                          # "http://127.0.0.1:PORT"

    aysel = sandbox.add_person("Aysel", "Məmmədova", language_code="az")
    group = sandbox.add_group("5A", creator=aysel, members=[…], supergroup=False, forum=False)

    sandbox.presses_start(aysel, payload="ABC")            # people act; each act returns what it made
    message = sandbox.sends(aysel, text="Salam", reply_to=…, photo=…, document=(name, bytes, mime), …)
    query = sandbox.taps(aysel, message, "Going")          # the label, a part of it, or data="…" for a forged tap
    await query.answered.wait()                            # query.answer, query.alert
    sandbox.votes(aysel, message, [0])                     # [] takes the vote back
    sandbox.edits, deletes, reacts, pins, reads, follows(aysel, "https://t.me/birge_bot?start=ABC")
    sandbox.blocks, unblocks, deactivates
    sandbox.adds_bot, removes_bot, promotes_bot, demotes_bot, joins, leaves, removes, requests_to_join, promotes,
    sandbox.demotes, upgrades, creates_link, opens_topic, closes_topic, deletes_topic, mutes, posts_from_channel

    chat = sandbox.chat_of(aysel)                          # chat.messages (all), chat.visible, chat.last, chat.pinned
    message = chat.last                                    # .id .text .html .entities .sender .keyboard .markup .poll
                                                           # .media .edited .deleted .pinned .date .silent .protected
    sandbox.view(aysel); sandbox.menu(aysel, chat)         # her chats; the commands she is shown
    await sandbox.until(lambda: chat.last.text == "Salam!")  # tried at each change; TimeoutError shows what happened

    sandbox.calls                                          # Call: method params at status error retry_after result
    sandbox.log_calls(path)                                # a JSON object a line
    sandbox.pending_updates                                # queued or not yet confirmed
    sandbox.polling                                        # whether a bot waits for updates right now

    sandbox.clock.advance(timedelta(hours=1))              # the real clock moved; or Sandbox(clock=Clock(frozen=…))
    sandbox.faults.append(Fault("sendMessage", status=429, retry_after=3, times=2))
    sandbox.faults.append(Fault("sendMessage", chat_id=aysel.id, drop="after"))
    sandbox.on_call(hook)                                  # hook("before" | "after", method, params), may be async;
                                                           # "before" stands before the effect, "after" between the
                                                           # effect and its answer; return "drop" to lose the connection
    sandbox.redeliver = True                               # every update twice; sandbox.redeliver_last(3)
    sandbox.send_raw_update({…})                           # hostile input
    sandbox.privacy = False                                # the bot reads all messages of its groups

The bot may call every method that is in `sandbox.api`; `Fault` without a method befalls whichever call comes next, also
getUpdates. Time for life times, polls and rates is the sandbox's clock; a jump forward also refills the rates.

An act that no person could do raises `Impossible` (a ValueError). The same acts can be done over HTTP (see
`sandbox.web`), and by hand in the web chat at `/`. `python -m sandbox --port 8081 --token 100:test` starts it alone.
"""

from sandbox.chats import Chat, InviteLink, Member
from sandbox.clock import Clock
from sandbox.control import Sandbox
from sandbox.errors import Impossible
from sandbox.faults import Fault
from sandbox.files import Media
from sandbox.limits import Limits
from sandbox.messages import Button, Message, Query
from sandbox.people import Bot, Person
from sandbox.polls import Poll
from sandbox.state import Call

__all__ = [
    "Bot",
    "Button",
    "Call",
    "Chat",
    "Clock",
    "Fault",
    "Impossible",
    "InviteLink",
    "Limits",
    "Media",
    "Member",
    "Message",
    "Person",
    "Poll",
    "Query",
    "Sandbox",
]
