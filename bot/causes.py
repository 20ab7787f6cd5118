"""What the operator is told of. A log line that has one of these as its `cause` becomes a notice (bot.operator)."""

from enum import StrEnum


class Cause(StrEnum):
    """The value stands in the log; SENTENCES and HEADINGS say what the operator reads."""

    BUG = "bug"
    SET_ASIDE = "set_aside"
    DATABASE = "database"
    MESSENGER = "messenger"
    SECOND_POLLER = "second_poller"
    GIVEN_UP = "given_up"
    PAGE = "page"
    OUTBOX_OLD = "outbox_old"
    UNCLEAN_STOP = "unclean_stop"
    GAP = "gap"
    LOG_BROKEN = "log_broken"
    CANARY = "canary"
    NOBODY = "nobody"
    OLD_BACKUP = "old_backup"


SENTENCES = {
    Cause.BUG: "Something broke inside the bot.",
    Cause.SET_ASIDE: "An update was set aside, since it could not be handled.",
    Cause.DATABASE: "The database has failed for over a minute.",
    Cause.MESSENGER: "The messenger has not been reached for over 5 minutes.",
    Cause.SECOND_POLLER: "Another program receives this bot's updates.",
    Cause.GIVEN_UP: "A message could not be delivered and was given up.",
    Cause.PAGE: "A page by e-mail does not get through; staff are paged by the messenger alone.",
    Cause.OUTBOX_OLD: "An answer has been waiting for over 2 minutes to be sent.",
    Cause.UNCLEAN_STOP: "The bot started after a stop that was not a clean one.",
    Cause.GAP: "The messenger was not heard for 20 hours or more; what people wrote may be lost.",
    Cause.LOG_BROKEN: "The hotline's log can't be vouched for: it was changed, or can't be watched.",
    Cause.CANARY: "The weekly test of the hotline was taken by nobody in time.",
    Cause.NOBODY: "Somebody waits for the hotline, and nobody may work on it.",
    Cause.OLD_BACKUP: "A backup is older than backups may be kept; what was destroyed since lies in it.",
}

# In docs/operating.md, one for each.
HEADINGS = {
    Cause.BUG: "Something broke",
    Cause.SET_ASIDE: "An update was set aside",
    Cause.DATABASE: "The database fails",
    Cause.MESSENGER: "The messenger can't be reached",
    Cause.SECOND_POLLER: "Another program receives the updates",
    Cause.GIVEN_UP: "A message was given up",
    Cause.PAGE: "Pages by e-mail fail",
    Cause.OUTBOX_OLD: "Answers wait too long",
    Cause.UNCLEAN_STOP: "The last stop was not a clean one",
    Cause.GAP: "A gap of 20 hours",
    Cause.LOG_BROKEN: "The hotline's log is not what it was",
    Cause.CANARY: "The weekly test of the hotline was missed",
    Cause.NOBODY: "Nobody may work on a case",
    Cause.OLD_BACKUP: "A backup is too old",
}
