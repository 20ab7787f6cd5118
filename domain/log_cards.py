"""The log of the cases in words: its deeds and roles, its state, and what those who watch over it are told."""

from collections.abc import Mapping

from domain.cases import Deed, card_about
from domain.logbook import Entry, Known, carried
from domain.messages import Lane, Moment, Say, Text, ToPerson, Words, button, paragraphs, text, text_n
from domain.roles import Role

DEEDS: Mapping[str, Text] = {
    # NOTE: A line of the hotline's log, behind who did it: "worker: read it".
    Deed.OPENED.value: text("sent it"),
    # NOTE: A line of the hotline's log.
    Deed.ADDED.value: text("wrote more"),
    # NOTE: A line of the hotline's log.
    Deed.CHANGED.value: text("changed a message"),
    # NOTE: A line of the hotline's log: the helpers got a notice.
    Deed.PAGED.value: text("called the helpers"),
    # NOTE: A line of the hotline's log.
    Deed.REMINDED.value: text("reminded the helpers"),
    # NOTE: A line of the hotline's log.
    Deed.ESCALATED.value: text("called the next ones"),
    # NOTE: A line of the hotline's log: a helper took a report to work on it.
    Deed.CLAIMED.value: text("took it"),
    # NOTE: A line of the hotline's log.
    Deed.READ.value: text("read it"),
    # NOTE: A line of the hotline's log.
    Deed.SHOWN.value: text("saw a photo, video or voice message"),
    # NOTE: A line of the hotline's log.
    Deed.ANSWERED.value: text("answered"),
    # NOTE: A line of the hotline's log: the answer reached who reported.
    Deed.DELIVERED.value: text("delivered the answer"),
    # NOTE: A line of the hotline's log: the answer did not reach who reported.
    Deed.UNDELIVERED.value: text("could not deliver the answer"),
    # NOTE: A line of the hotline's log.
    Deed.STEPPED_ASIDE.value: text("stepped aside"),
    # NOTE: A line of the hotline's log: somebody must no longer know of a report.
    Deed.KEPT_OUT.value: text("kept somebody out"),
    # NOTE: A line of the hotline's log: somebody who was kept out may know of a report again.
    Deed.LET_IN.value: text("let somebody in again"),
    # NOTE: A line of the hotline's log: a helper asked another one to take a report over.
    Deed.OFFERED.value: text("asked somebody to take over"),
    # NOTE: A line of the hotline's log: another helper works on a report now.
    Deed.HANDED_OVER.value: text("took it over"),
    # NOTE: A line of the hotline's log.
    Deed.SEALED.value: text("hid a file for good"),
    # NOTE: A line of the hotline's log.
    Deed.CLOSED.value: text("closed it"),
    # NOTE: A line of the hotline's log: the report waits for a helper again.
    Deed.REOPENED.value: text("put it back into the queue"),
    # NOTE: A line of the hotline's log: who reported said whether it helped.
    Deed.RATED.value: text("said how it helped"),
    # NOTE: A line of the hotline's log: words were removed from a helper's chat by editing them away.
    Deed.BLANKED.value: text("blanked a copy in a chat"),
    # NOTE: A line of the hotline's log.
    Deed.LISTED.value: text("looked at the queue"),
    # NOTE: A line of the hotline's log.
    Deed.SEARCHED.value: text("searched by number"),
    # NOTE: A line of the hotline's log: somebody tried what she may not do.
    Deed.REFUSED.value: text("tried and was refused"),
    # NOTE: A line of the hotline's log.
    Deed.EXPORTED.value: text("got a file"),
    # NOTE: A line of the hotline's log.
    Deed.AUDITED.value: text("looked at the log"),
    # NOTE: A line of the hotline's log: who reported asked who has read the report.
    Deed.ASKED.value: text("asked who has read it"),
    # NOTE: A line of the hotline's log: the monthly look at who reads what.
    Deed.FOUND_FINE.value: text("looked at a read: all right"),
    # NOTE: A line of the hotline's log: the monthly look at who reads what.
    Deed.FOUND_ODD.value: text("looked at a read: odd"),
    # NOTE: A line of the hotline's log: somebody who works for it.
    Deed.PIN_CHOSEN.value: text("chose a PIN"),
    # NOTE: A line of the hotline's log: of somebody else, who has forgotten it.
    Deed.PIN_REMOVED.value: text("removed somebody's PIN"),
    # NOTE: A line of the hotline's log.
    Deed.LOCKED_OUT.value: text("entered a wrong PIN too often"),
    # NOTE: A line of the hotline's log: all rights of somebody else have ended.
    Deed.PHONE_LOST.value: text("ended somebody's work: lost phone"),
    # NOTE: A line of the hotline's log.
    Deed.MAIL_SAVED.value: text("gave an address for calls by e-mail"),
    # NOTE: A line of the hotline's log.
    Deed.MAIL_REMOVED.value: text("deleted the address for calls by e-mail"),
    # NOTE: A line of the hotline's log.
    Deed.BEGAN.value: text("began this log"),
    # NOTE: A line of the hotline's log: entries older than five years.
    Deed.PRUNED.value: text("removed what was too old"),
    # NOTE: A line of the hotline's log: the database was put back from a backup.
    Deed.RESTORED.value: text("put back a backup"),
    # NOTE: A line of the hotline's log.
    "code_given": text("gave a code to come back with"),
    # NOTE: A line of the hotline's log: from another account.
    "came_back": text("came back with the code"),
    # NOTE: A line of the hotline's log.
    "contact_changed": text("changed when we may write"),
    # NOTE: A line of the hotline's log: who reported wants it no more.
    "withdrawn": text("took the report back"),
    # NOTE: A line of the hotline's log.
    "asked_after": text("asked whether anybody did harm since"),
    # NOTE: A line of the hotline's log.
    "treated_badly": text("said: somebody did harm since"),
    # NOTE: A line of the hotline's log.
    "not_treated_badly": text("said: nobody did harm since"),
    # NOTE: A line of the hotline's log: of somebody who was in danger, the day after.
    Deed.FOLLOW_UP.value: text("asked to follow up"),
    # NOTE: A line of the hotline's log.
    "sorted": text("said of what kind it is"),
    # NOTE: A line of the hotline's log.
    "raised": text("made it more urgent"),
    # NOTE: A line of the hotline's log.
    "lowered": text("made it less urgent"),
    # NOTE: A line of the hotline's log.
    "noted": text("wrote a note"),
    # NOTE: A line of the hotline's log.
    "joined": text("joined it with another report"),
    # NOTE: A line of the hotline's log.
    "parted": text("parted it from another report"),
    # NOTE: A line of the hotline's log.
    "asked_second": text("asked a second person"),
    # NOTE: A line of the hotline's log.
    "agreed": text("agreed as the second person"),
    # NOTE: A line of the hotline's log.
    "denied": text("said no as the second person"),
    # NOTE: A line of the hotline's log.
    "expired": text("no second person decided in time"),
    # NOTE: A line of the hotline's log.
    "broken": text("opened the name at once, in danger"),
    # NOTE: A line of the hotline's log.
    "unmasked": text("opened the name"),
    # NOTE: A line of the hotline's log.
    "resumed": text("allowed writing to the reporter again"),
    # NOTE: A line of the hotline's log.
    "kept": text("kept it for the next shift"),
    # NOTE: A line of the hotline's log.
    "planned": text("wrote the plan"),
    # NOTE: A line of the hotline's log.
    "approved": text("approved the plan"),
    # NOTE: A line of the hotline's log.
    "ticked": text("finished a step of the plan"),
    # NOTE: A line of the hotline's log.
    "overdue": text("a step of the plan is overdue"),
    # NOTE: A line of the hotline's log.
    "referred": text("referred it to an agency"),
    # NOTE: A line of the hotline's log.
    "referral_agreed": text("agreed to a referral"),
    # NOTE: A line of the hotline's log.
    "referral_answered": text("answered a referral"),
    # NOTE: A line of the hotline's log.
    "referral_silent": text("an agency was silent for 14 days"),
    # NOTE: A line of the hotline's log.
    "revoked": text("took back a referral or an invitation"),
    # NOTE: A line of the hotline's log.
    "conferred": text("called a conference"),
    # NOTE: A line of the hotline's log.
    "parent_asked": text("asked to invite a parent to the plan"),
    # NOTE: A line of the hotline's log.
    "parent_agreed": text("agreed to invite a parent"),
    # NOTE: A line of the hotline's log.
    "parent_code": text("made a parent's code"),
    # NOTE: A line of the hotline's log.
    "parent_read": text("a parent opened the plan"),
}

ROLES: Mapping[str, Text] = {
    # NOTE: Who did something, in the hotline's log.
    "reporter": text("who reported"),
    # NOTE: Who did something, in the hotline's log.
    Role.WORKER.value: text("helper"),
    # NOTE: Who did something, in the hotline's log: the head of the helpers.
    Role.SUPERVISOR.value: text("supervisor"),
    # NOTE: Who did something, in the hotline's log: the second person who must agree before a name is shown.
    Role.CUSTODIAN.value: text("keeper of names"),
    # NOTE: Who did something, in the hotline's log: an agency that a report was handed on to.
    "agency": text("an agency"),
    # NOTE: Who did something, in the hotline's log: who does a step of a support plan.
    "owner": text("who does a step"),
    # NOTE: Who did something, in the hotline's log.
    "parent": text("a parent"),
    # NOTE: Who did something, in the hotline's log.
    Role.AUDITOR.value: text("auditor"),
    # NOTE: Who did something, in the hotline's log.
    Role.PSYCHOLOGIST.value: text("psychologist"),
    # NOTE: Who did something, in the hotline's log: who coordinates the schools of the network.
    Role.COORDINATOR.value: text("coordinator"),
    # NOTE: Who did something, in the hotline's log: the bot, by itself.
    "clock": text("the bot"),
    # NOTE: Who did something, in the hotline's log: whoever runs the bot.
    "operator": text("the operator"),
    # NOTE: Who did something, in the hotline's log: somebody who doesn't work for it.
    "stranger": text("somebody else"),
}


def deed_in_words(deed: str) -> Text | Words:
    return DEEDS.get(deed, Words(deed))


def role_in_words(role: str) -> Text | Words:
    return ROLES.get(role, Words(role))


def line(entry: Entry) -> Text:
    """When, by whom, what."""
    role, deed = role_in_words(entry.role), deed_in_words(entry.deed)
    if entry.case_number is None:
        # NOTE: A line of the hotline's log: "Mon 1 December, 14:05, helper: looked at the queue".
        return text("%(when)s, %(role)s: %(deed)s", when=Moment(entry.at), role=role, deed=deed)
    # NOTE: A line of the hotline's log: "Mon 1 December, 14:05, helper: read it (case 7F3K2M)".
    return text(
        "%(when)s, %(role)s: %(deed)s (case %(number)s)",
        when=Moment(entry.at),
        role=role,
        deed=deed,
        number=Words(entry.case_number),
    )


def breach(number: int) -> Text:
    """What everybody who watches over the log hears when it isn't what it was."""
    return text(
        "⚠ The hotline's log is not what it was: entry %(number)s was changed or removed. Somebody may have touched the"
        " database. Please speak to the operator and the coordinator today.",
        number=number,
    )


def verdict(known: Known | None) -> Text:
    if known is None:
        return text("Not checked yet.")
    if known.broken is not None:
        return text(
            "Checked %(when)s: entry %(number)s is not as it was written.", when=Moment(known.at), number=known.broken
        )
    if known.lost is not None:
        return text(
            "Checked %(when)s: entry %(number)s is not as the check message says.",
            when=Moment(known.at),
            number=known.lost,
        )
    return text("Checked %(when)s: everything is as it was written.", when=Moment(known.at))


def witness(number: int, at: int, mac: bytes, auditor: int) -> Say:
    """The length and the head of the log, with a button that shows later whether that is still in it."""
    told = paragraphs(
        text_n(
            "The hotline's log has %(n)s entry. Its last mark: %(mark)s",
            "The hotline's log has %(n)s entries. Its last mark: %(mark)s",
            number,
            mark=Words(mac[:8].hex()),
        ),
        text(
            "Please keep this message, or forward it to a safe place. The button shows whether the log is still whole."
        ),
    )
    # NOTE: button. Is what this message says of the hotline's log still true?
    check = button(text("Check"), "au.check", *carried(number, at, mac))
    return Say(told, [[check]], to=ToPerson(auditor), lane=Lane.CASE, silent=True)


def sampled(entry: Entry, called: str | None, to: int) -> Say:
    """The question about one entry; `called`: who it was, None: nobody who works here now."""
    # NOTE: button. A supervisor finds nothing wrong with how a report was read.
    fine = button(text("All right"), "lg.fine", entry.id)
    # NOTE: button. A supervisor finds something strange about how a report was read.
    odd = button(text("This is odd"), "lg.odd", entry.id)
    said = paragraphs(text("Monthly look at who reads reports. Is this all right?"), _named(entry, called))
    return Say(said, [[fine, odd]], to=ToPerson(to), lane=Lane.CASE, protected=True, card=card_of(entry))


def card_of(entry: Entry) -> str | None:
    """Of the case that the entry names: nothing of it stays with somebody who is kept out of it."""
    return card_about(entry.case_number) if entry.case_number else None


def _named(entry: Entry, called: str | None) -> Text:
    # NOTE: Whoever read a report does not work for the hotline any more.
    name = text("somebody who left") if called is None else Words(called)
    # NOTE: "Leyla, helper: read it (case 7F3K2M), Mon 1 December, 14:05".
    return text(
        "%(name)s, %(role)s: %(deed)s (case %(number)s), %(when)s",
        name=name,
        role=role_in_words(entry.role),
        deed=deed_in_words(entry.deed),
        number=Words(entry.case_number or "?"),
        when=Moment(entry.at),
    )
