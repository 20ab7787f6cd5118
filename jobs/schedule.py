"""What is looked at, and how often: every job asks the database what is due now."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from domain.messages import Outgoing
from jobs import (
    announcements,
    attendance,
    campaigns,
    canary,
    cases,
    challenges,
    changes,
    communities,
    decisions,
    digests,
    duty,
    feedback,
    files,
    follow_up,
    gap,
    keys,
    logs,
    meetings,
    offers,
    outbox,
    pins,
    plans,
    polls,
    reporters,
    retention,
    second_person,
    spent,
    stories,
)
from storage.database import Connection

Job = Callable[[Connection, datetime], Awaitable[list[Outgoing]]]


@dataclass(frozen=True, slots=True)
class Tick:
    """A job and the seconds between two looks."""

    job: Job
    every: float
    long: bool = False  # its statements touch many rows each


TICKS: tuple[Tick, ...] = (
    Tick(announcements.send_planned, 5),
    Tick(announcements.expand_outgoings, 1),
    Tick(announcements.hold_sleepers, 60, long=True),
    Tick(announcements.leave_out, 5),
    Tick(announcements.release_held, 5),
    Tick(announcements.remind_the_rest, 1),
    Tick(announcements.show_counts, 3),
    Tick(attendance.refresh_attendance_cards, 3),
    Tick(campaigns.send_posts, 10),
    Tick(canary.send, 60),
    Tick(canary.end_missed, 10),
    Tick(cases.climb, 10),
    Tick(cases.put_back, 10),
    Tick(cases.remind_of_words, 10),
    Tick(cases.remove_copies, 60),
    Tick(cases.take_back_copies, 10),
    Tick(second_person.ask_again, 30),
    Tick(changes.tell, 1),
    Tick(communities.end_expired_memberships, 60),
    Tick(communities.warn_of_ending_terms, 60),
    Tick(gap.ask_after_gap, 10),
    Tick(communities.drop_old_drafts, 600, long=True),
    Tick(communities.forget_old_events, 3_600, long=True),
    Tick(communities.forget_last_year, 3_600, long=True),
    Tick(decisions.remind_owners, 60),
    Tick(decisions.find_new_owners, 300),
    Tick(decisions.show_progress, 3),
    Tick(digests.send, 2),
    Tick(digests.settle, 5),
    Tick(duty.tell_gaps, 30),
    Tick(feedback.end_meetings, 60),
    Tick(feedback.ask_how_it_was, 10),
    Tick(files.fetch, 10),
    Tick(follow_up.ask, 60),
    Tick(keys.wrap_keys_again, 10, long=True),
    Tick(logs.send_witness, 60),
    Tick(logs.tell_verdict, 5),
    Tick(logs.tell_restore, 60),
    Tick(logs.sample_reads, 3_600, long=True),
    Tick(logs.prune, 3_600, long=True),
    Tick(meetings.remind_attendees, 10),
    Tick(meetings.remind_of_slots, 30),
    Tick(meetings.tell_changes, 1),
    Tick(meetings.announce_next, 10),
    Tick(meetings.free_places, 600, long=True),
    Tick(meetings.ask_no_more, 30),
    Tick(meetings.refresh_meeting_cards, 3),
    Tick(pins.forget, 600),
    Tick(plans.remind_of_steps, 60),
    Tick(plans.alarm_of_silence, 60),
    Tick(reporters.say_what_waited, 10),
    Tick(reporters.ask_after, 60),
    Tick(reporters.forget, 3_600),
    Tick(polls.open_polls, 1),
    Tick(polls.match_kept_votes, 2),
    Tick(polls.close_finished_polls, 5),
    Tick(polls.stop_closed_polls, 1),
    Tick(polls.remind_of_polls, 5),
    Tick(polls.refresh_cards, 3),
    Tick(challenges.post_challenges, 1),
    Tick(challenges.refresh_challenge_cards, 3),
    Tick(challenges.close_finished_challenges, 30),
    Tick(challenges.thank_participants, 2),
    Tick(stories.take_photos_back, 2),
    Tick(stories.forget_undecided, 3_600),
    Tick(offers.let_lapse, 30),
    Tick(spent.forget, 3_600, long=True),
    Tick(outbox.clear_spent, 600, long=True),
    Tick(retention.destroy_what_is_due, 600, long=True),
    Tick(outbox.drop_old_letters, 3_600, long=True),
    Tick(outbox.drop_old_ledger, 600, long=True),
)
