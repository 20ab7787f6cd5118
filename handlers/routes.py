"""Who may do what: every way into the bot, in five tables. A way that is in none of them doesn't exist."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import storage.cases
import storage.conversations
import storage.typed_codes
from domain import asking_for_help, attendance
from domain.asking_for_help import danger_button
from domain.logbook import highest_of
from domain.messages import Outgoing, ReadAttempt, Refused, Say, Text, WrongTry, button, text
from domain.requests import Incoming, Kind, Request
from domain.roles import (
    AGENTS,
    AUDITORS,
    CARERS,
    COORDINATORS,
    DUTY,
    FIGURES,
    HOLDERS,
    HOTLINE_GRANTERS,
    INSIDERS,
    LEADERS,
    MEMBERS,
    PARTNERS,
    PRESENT,
    RESUMERS,
    ROSTER,
    SECOND_PERSONS,
    SUPERVISORS,
    WORKERS,
)
from handlers import forget, forms, home, move, muting, my_data, paging, pins, privacy, settings, support_plan
from handlers.announcements import announce, change, chase, digest, later, read, recall, urgent
from handlers.campaigns import plan as campaign_plan
from handlers.campaigns import post as campaign_post
from handlers.campaigns import show as campaign
from handlers.cases import (
    after,
    agency,
    audit,
    claim,
    close,
    code,
    confer,
    decide,
    desk,
    direct,
    erase,
    event,
    exclusion,
    figures,
    files,
    going_on,
    hand_over,
    how,
    identity,
    mine,
    more,
    notes,
    notice,
    parents,
    readers,
    ready,
    refer,
    review,
    triage,
    withdraw,
)
from handlers.cases import answer as case_answer
from handlers.cases import open as report
from handlers.cases import plan as support
from handlers.cases import watch as danger
from handlers.challenges import plan, take_part, totals
from handlers.communities import (
    access,
    admit,
    bound,
    bridge,
    doors,
    found,
    groups,
    hotline_roles,
    invite,
    join,
    leaving,
    members,
    place,
    poster,
    roles,
    roster,
    school_year,
    stage,
    tree,
    which,
)
from handlers.communities import find as find_member
from handlers.communities import zone as community_zone
from handlers.duty import plan as duty_plan
from handlers.duty import show as duty
from handlers.duty import swap
from handlers.families import answer as parents_answer
from handlers.families import link as family
from handlers.families import own as own_family
from handlers.families import pupil as of_pupil
from handlers.forms import Form
from handlers.meetings import (
    ahead,
    answer,
    attend,
    call,
    feed,
    feedback,
    held,
    manage,
    minutes,
    questions,
    ranking,
    slots,
    tasks,
)
from handlers.meetings import decide as decided
from handlers.meetings import move as move_meeting
from handlers.newsletters import draft as newsletter
from handlers.offers import answer as offer
from handlers.offers import make
from handlers.offers import show as offers
from handlers.partners import guest
from handlers.partners import manage as partners
from handlers.polls import ask, author, vote
from handlers.route import NOT_HERE, Handler, Route, Watched, Where
from handlers.stories import consent as story_consent
from handlers.stories import decide as story_decide
from handlers.stories import tell as story
from handlers.stories import withdraw as story_withdraw
from storage.database import Connection

COMMANDS: dict[str, Route] = {
    "start": Route(home.start, where=Where.ANYWHERE),
    "home": Route(home.show_home, help=text("What I can do for you")),
    "join": Route(join.by_code, help=text("Join a class with a code")),
    "community": Route(
        tree.show, INSIDERS, community=True, leads_below=True, help=text("Who is who in your community")
    ),
    "members": Route(members.show, ROSTER, community=True, help=text("Members and who waits to join")),
    "announce": Route(announce.start, LEADERS, community=True, help=text("Tell everybody something at once")),
    "campaign": Route(
        campaign_plan.start, COORDINATORS, community=True, help=text("Plan several posts under one name")
    ),
    "newsletter": Route(
        newsletter.start, COORDINATORS, community=True, help=text("Tell what happened in a month or a quarter")
    ),
    "story": Route(story.start, MEMBERS, community=True, help=text("Tell a story to your community")),
    "invite": Route(invite.show, LEADERS, community=True, help=text("Invite people with a code or a link")),
    "polls": Route(vote.show_open, MEMBERS, help=text("Polls that wait for your answer")),
    "poll": Route(
        ask.start, LEADERS, community=True, where=Where.ANYWHERE, help=text("Ask everyone and count the answers")
    ),
    "meetings": Route(ahead.show, MEMBERS, help=text("Meetings ahead, and your answers")),
    "meeting": Route(call.start, LEADERS, community=True, help=text("Call a meeting")),
    "challenges": Route(take_part.show_open, MEMBERS, help=text("Challenges you can take part in")),
    "did": Route(take_part.check_in_by_command, MEMBERS, help=text("Say that you did your challenge today")),
    "challenge": Route(plan.start, LEADERS, community=True, help=text("Call a challenge for many")),
    "hotline": Route(notice.show, confidential=True, help=text("Tell somebody you can trust what is wrong")),
    "mycases": Route(mine.show, confidential=True, help=text("What you told the hotline")),
    "queue": Route(desk.show, CARERS, confidential=True, help=text("Hotline: what waits for a helper")),
    "case": Route(
        claim.by_number, CARERS, confidential=True, help=text("Hotline: open a case by its number"), of_teams=True
    ),
    "audit": Route(audit.show, AUDITORS, confidential=True, help=text("Hotline: the log of who did what")),
    "figures": Route(figures.ask_period, FIGURES, confidential=True, help=text("Hotline: figures for the ministry")),
    "duty": Route(duty.show, DUTY, help=text("Hotline: who is on duty when"), of_teams=True),
    "privacy": Route(privacy.show, help=text("What I keep, and who reads it")),
    "language": Route(settings.ask_language, help=text("Choose your language")),
    "settings": Route(settings.show, help=text("Language, time zone and quiet hours")),
    "mydata": Route(my_data.show, help=text("Everything that I keep about you")),
    "forget": Route(forget.ask, help=text("Delete what I keep about you")),
    "move": Route(move.start, help=text("Go on with another account")),
    "help": Route(home.show_help, where=Where.ANYWHERE, help=text("What each command does"), in_group_menu=True),
    "cancel": Route(home.cancel, help=text("Stop what we are doing")),
}

# What a link opens: "/start bind-17" is "bind" with the argument 17. Anything else that follows /start is a code.
STARTS: dict[str, Route] = {
    "home": Route(home.show_home),
    "bind": Route(groups.choose, LEADERS),
    "here": Route(attend.by_link),
    "qs": Route(questions.show, MEMBERS, subject=answer.load),
    "mn": Route(minutes.read, MEMBERS, subject=answer.load),
    "hotline": Route(notice.show, confidential=True),
    "slot": Route(slots.show, MEMBERS, subject=answer.load),
    "near": Route(offers.open_link, COORDINATORS),
    "plan": Route(support_plan.open_by_code, confidential=True),
}

BUTTONS: dict[str, Route] = {
    "home": Route(home.show_home),
    "help": Route(home.show_help),
    "cancel": Route(home.cancel_by_button),
    "join": Route(join.by_button),
    "join.yes": Route(admit.accept, LEADERS, subject=members.load),
    "join.back": Route(leaving.ask_whether, subject=members.load),
    "join.back.yes": Route(leaving.ask_no_more, subject=members.load),
    "join.wait": Route(leaving.keep_waiting, subject=members.load),
    "join.no": Route(admit.decline, LEADERS, subject=members.load),
    "join.undo": Route(admit.undo, LEADERS, subject=members.load),
    "meetings": Route(ahead.show, MEMBERS),
    "meeting": Route(call.start, LEADERS, community=True),
    "mt": Route(ahead.open_one, MEMBERS, subject=answer.load),
    "mt.all": Route(ahead.show_page, MEMBERS),
    "mt.held": Route(held.show, LEADERS),
    "mt.rsvp": Route(answer.answer_rsvp, MEMBERS, subject=answer.load, where=Where.ANYWHERE),
    "mt.guests": Route(answer.bring_guests, MEMBERS, subject=answer.load),
    "mt.ics": Route(answer.send_calendar, MEMBERS, subject=answer.load),
    "mt.copy": Route(manage.copy, LEADERS, subject=answer.load),
    "mt.feed": Route(feed.show, MEMBERS),
    "mt.feed.new": Route(feed.make, MEMBERS),
    "mt.feed.off": Route(feed.revoke, MEMBERS),
    "mt.manage": Route(manage.show, LEADERS, subject=answer.load),
    "mt.who": Route(manage.show_names, LEADERS, subject=answer.load),
    "mt.remind": Route(manage.show_reminders, LEADERS, subject=answer.load),
    "mt.remind.is": Route(manage.toggle_reminder, LEADERS, subject=answer.load),
    "mt.off": Route(manage.ask_to_cancel, LEADERS, subject=answer.load),
    "mt.off.yes": Route(manage.cancel, LEADERS, subject=answer.load),
    "mt.off.all": Route(manage.cancel_following, LEADERS, subject=answer.load),
    "mt.off.no": Route(manage.keep, LEADERS, subject=answer.load),
    "mt.move": Route(move_meeting.start, LEADERS, subject=answer.load),
    "mt.here": Route(attend.ask_code, MEMBERS),
    "mt.door": Route(attend.show_door, LEADERS, subject=answer.load),
    "mt.came": Route(attend.show_names, LEADERS, subject=answer.load),
    "mt.heads": Route(attend.count_heads, LEADERS, subject=answer.load),
    "mt.heads.all": Route(attend.ask_heads, LEADERS, subject=answer.load),
    "fb": Route(feedback.rate, MEMBERS, subject=feedback.load),
    "fb.line": Route(feedback.ask_line, MEMBERS, subject=feedback.load),
    "fb.skip": Route(feedback.skip, MEMBERS, subject=feedback.load),
    "fb.words": Route(feedback.show_lines, LEADERS, subject=answer.load),
    "mn": Route(minutes.read, MEMBERS, subject=answer.load),
    "mn.past": Route(minutes.show_past, MEMBERS),
    "mn.write": Route(minutes.show, LEADERS, subject=answer.load),
    "mn.page": Route(minutes.show_page, LEADERS, subject=answer.load),
    "mn.new": Route(minutes.write, LEADERS, subject=answer.load),
    "dn": Route(decided.open_one, LEADERS, subject=decided.load),
    "dn.new": Route(decided.decide, LEADERS, subject=answer.load),
    "dn.done": Route(decided.mark_done, LEADERS, subject=decided.load),
    "dn.out": Route(decided.take_off, LEADERS, subject=decided.load),
    "dn.give": Route(decided.give, LEADERS, subject=decided.load),
    "tk": Route(tasks.open_one, MEMBERS, subject=tasks.load),
    "tk.mine": Route(tasks.show, MEMBERS),
    "tk.page": Route(tasks.show_page, MEMBERS),
    "tk.say": Route(tasks.start, MEMBERS, subject=tasks.load),
    "qs": Route(questions.show, MEMBERS, subject=answer.load),
    "qs.page": Route(questions.show_page, MEMBERS, subject=answer.load),
    "q.ask": Route(questions.ask, MEMBERS, subject=answer.load),
    "q.up": Route(questions.vote, MEMBERS, subject=questions.load),
    "q": Route(ranking.open_one, LEADERS, subject=questions.load),
    "q.answer": Route(ranking.start_answer, LEADERS, subject=questions.load),
    "q.hide": Route(ranking.hide, LEADERS, subject=questions.load),
    "q.show": Route(ranking.put_back, LEADERS, subject=questions.load),
    "q.take": Route(ranking.take, LEADERS, subject=answer.load),
    "qs.work": Route(ranking.show, LEADERS, subject=answer.load),
    "q.print": Route(ranking.print_all, LEADERS, subject=answer.load),
    "q.same": Route(ranking.choose_same, LEADERS, subject=questions.load),
    "q.merge": Route(ranking.merge, LEADERS, subject=questions.load),
    "mt.slot": Route(slots.take, MEMBERS, subject=answer.load),
    "mt.slot.wait": Route(slots.wait, MEMBERS, subject=answer.load),
    "mt.slots": Route(slots.show, MEMBERS, subject=answer.load),
    "mt.slots.page": Route(slots.show_page, MEMBERS, subject=answer.load),
    "settings": Route(settings.show),
    "settings.back": Route(settings.show_again),
    "lang": Route(settings.ask_language_again),
    "lang.is": Route(settings.take_language),
    "zone": Route(settings.ask_zone),
    "zone.is": Route(settings.take_zone),
    "quiet": Route(settings.ask_quiet_hours),
    "quiet.is": Route(settings.take_quiet_hours),
    "fam": Route(own_family.show),
    "fam.code": Route(own_family.give_code),
    "fam.enter": Route(family.ask_code),
    "fam.yes": Route(family.confirm, subject=family.load),
    "fam.no": Route(family.refuse, subject=family.load),
    "fam.out": Route(family.end, subject=family.load),
    "fh": Route(of_pupil.show, LEADERS, subject=members.load),
    "fh.code": Route(of_pupil.give_code, LEADERS, subject=members.load),
    "fh.yes": Route(of_pupil.confirm, LEADERS, subject=members.load),
    "fh.anew": Route(of_pupil.decide_anew, LEADERS, subject=members.load),
    "fh.no": Route(of_pupil.refuse, LEADERS, subject=members.load),
    "fh.out": Route(of_pupil.end, LEADERS, subject=members.load),
    "pa": Route(parents_answer.show, subject=members.load),
    "pa.yes": Route(parents_answer.agree, subject=members.load),
    "pa.no": Route(parents_answer.disagree, subject=members.load),
    "bye": Route(forget.forget),
    "mydata": Route(my_data.show),
    "mv.both": Route(move.take_for_both),
    "mv.code": Route(move.give_code),
    "mv.have": Route(move.ask_code),
    "mv.no": Route(move.refuse),
    "mv.out": Route(move.separate),
    "mv.yes": Route(move.confirm),
    "digest": Route(settings.ask_digest),
    "digest.is": Route(settings.take_digest),
    "mute": Route(muting.show),
    "mute.of": Route(muting.ask, MEMBERS, subject=tree.load),
    "mute.is": Route(muting.take, MEMBERS, subject=tree.load),
    "c": Route(tree.show_in_place, INSIDERS, subject=tree.load),
    "c.add": Route(tree.start_adding, COORDINATORS, subject=tree.load),
    "c.lang": Route(tree.ask_language, COORDINATORS, subject=tree.load),
    "c.lang.is": Route(tree.take_language, COORDINATORS, subject=tree.load),
    "c.more": Route(doors.show_more, INSIDERS, subject=tree.load),
    "c.name": Route(tree.start_renaming, COORDINATORS, subject=tree.load),
    "b": Route(bridge.show, LEADERS, subject=tree.load),
    "b.in": Route(bridge.invite, LEADERS, subject=tree.load),
    "c.chat": Route(bound.show, LEADERS, subject=tree.load),
    "c.chat.off": Route(bound.ask_to_let_go, LEADERS, subject=tree.load),
    "c.chat.yes": Route(bound.let_go, LEADERS, subject=tree.load),
    "c.move": Route(place.ask_where, COORDINATORS, subject=tree.load),
    "c.move.to": Route(place.ask_to_move, COORDINATORS, subject=tree.load),
    "c.move.yes": Route(place.move, COORDINATORS, subject=tree.load),
    "c.zone": Route(community_zone.ask, COORDINATORS, subject=tree.load),
    "c.zone.is": Route(community_zone.take, COORDINATORS, subject=tree.load),
    "c.stage": Route(stage.show, COORDINATORS, subject=tree.load),
    "c.stage.new": Route(stage.start, COORDINATORS, subject=tree.load),
    "c.down": Route(leaving.ask_to_step_down, PRESENT, subject=tree.load),
    "c.down.yes": Route(leaving.step_down, PRESENT, subject=tree.load),
    # She belongs no more: whose it was, and whether it is still in time, stands in the membership.
    "c.back": Route(leaving.take_back, subject=tree.load),
    "m": Route(members.show_page, ROSTER, subject=tree.load),
    "m.find": Route(find_member.ask, ROSTER, subject=tree.load),
    "m.one": Route(members.show_one, ROSTER, subject=members.load),
    "m.give": Route(roles.ask_role, LEADERS, subject=members.load),
    "m.role": Route(roles.grant, LEADERS, subject=members.load),
    "m.out": Route(leaving.ask_to_remove, ROSTER, subject=members.load),
    "m.out.yes": Route(leaving.remove, ROSTER, subject=members.load),
    "m.lost": Route(access.lose_phone, HOTLINE_GRANTERS, subject=members.load),
    "m.pin": Route(access.remove_pin, HOTLINE_GRANTERS, subject=members.load, confidential=True),
    "m.hotline": Route(hotline_roles.propose, HOTLINE_GRANTERS, subject=members.load),
    "hotline.yes": Route(hotline_roles.confirm, HOTLINE_GRANTERS, subject=hotline_roles.load),
    "hotline.no": Route(hotline_roles.refuse, HOTLINE_GRANTERS, subject=hotline_roles.load),
    "conduct.yes": Route(hotline_roles.accept_conduct, subject=hotline_roles.load_own),
    "conduct.no": Route(hotline_roles.decline_conduct, subject=hotline_roles.load_own),
    "hotline": Route(hotline_roles.show_again, HOTLINE_GRANTERS, subject=hotline_roles.load),
    "conduct": Route(hotline_roles.show_conduct),
    "conduct.own": Route(hotline_roles.accept_own_conduct, HOLDERS),
    "announce": Route(announce.start, LEADERS, community=True),
    "a.try": Route(announce.try_out),
    "a.plan": Route(later.show, LEADERS, subject=tree.load),
    "a.plan.page": Route(later.show_page, LEADERS, subject=tree.load),
    "a.see": Route(later.see, LEADERS, subject=chase.load),
    "a.see.again": Route(later.see_again, LEADERS, subject=chase.load),
    "a.time": Route(later.start_moving, LEADERS, subject=chase.load),
    "a.off": Route(later.ask_off, LEADERS, subject=chase.load),
    "a.off.yes": Route(later.call_off, LEADERS, subject=chase.load),
    "a.fix": Route(change.start, LEADERS, subject=chase.load),
    "a.same": Route(change.follow, COORDINATORS, subject=chase.load),
    "a.back": Route(recall.ask, LEADERS, subject=chase.load),
    "a.back.yes": Route(recall.take_back, LEADERS, subject=chase.load),
    "a.back.no": Route(recall.leave, LEADERS, subject=chase.load),
    "a.agree": Route(urgent.agree, COORDINATORS, subject=chase.load),
    "a.agree.no": Route(urgent.disagree, COORDINATORS, subject=chase.load),
    # To whom it was sent stands in the ledger, not in roles: confirm() looks there.
    "a.dig": Route(digest.confirm, subject=read.load),
    "a.dig.all": Route(digest.confirm_all, subject=read.load),
    "a.dig.file": Route(digest.send_file, subject=read.load),
    "a.ok": Route(read.confirm, subject=read.load, where=Where.ANYWHERE),
    "a.lost": Route(chase.show_lost, LEADERS, subject=chase.load),
    "a.lost.page": Route(chase.show_lost_page, LEADERS, subject=chase.load),
    "a.lost.file": Route(chase.send_lost_file, LEADERS, subject=chase.load),
    "a.chase": Route(chase.ask_to_remind, LEADERS, subject=chase.load),
    "a.remind": Route(chase.remind, LEADERS, subject=chase.load),
    "a.remind.no": Route(chase.leave_them, LEADERS, subject=chase.load),
    "i": Route(invite.show, LEADERS, subject=tree.load),
    "i.all": Route(invite.show_all, LEADERS, subject=tree.load),
    "i.one": Route(invite.show_one, LEADERS, subject=invite.load),
    "i.new": Route(invite.start_making, LEADERS, subject=tree.load),
    "i.poster": Route(poster.send, LEADERS, subject=invite.load),
    "i.posters": Route(poster.send_all, COORDINATORS, subject=tree.load),
    "i.stop": Route(invite.revoke, LEADERS, subject=invite.load),
    "rs": Route(roster.show, COORDINATORS, subject=tree.load),
    "rs.codes": Route(roster.send_codes, COORDINATORS, subject=tree.load),
    "rs.drop": Route(roster.ask_to_drop, COORDINATORS, subject=tree.load),
    "rs.drop.yes": Route(roster.drop, COORDINATORS, subject=tree.load),
    "rs.new": Route(roster.start, COORDINATORS, subject=tree.load),
    "rs.no": Route(roster.leave, COORDINATORS, subject=roster.load),
    "rs.wait": Route(roster.send_awaited, LEADERS, subject=tree.load),
    "rs.yes": Route(roster.keep, COORDINATORS, subject=roster.load),
    "yr": Route(school_year.show, COORDINATORS, subject=tree.load),
    "yr.ask": Route(school_year.ask_again, COORDINATORS, subject=tree.load),
    "yr.go": Route(school_year.begin, COORDINATORS, subject=tree.load),
    "yr.last": Route(school_year.take_last, COORDINATORS, subject=tree.load),
    "yr.undo": Route(school_year.undo, COORDINATORS, subject=school_year.load),
    "bind.turn": Route(groups.turn, LEADERS),
    "bind.in": Route(groups.choose_below, LEADERS, subject=tree.load),
    "bind": Route(groups.ask_administrator, LEADERS, subject=tree.load),
    "polls": Route(vote.show_open, MEMBERS),
    "polls.more": Route(vote.show_more, MEMBERS),
    "poll": Route(author.show, LEADERS, subject=vote.load),
    "poll.open": Route(vote.open_again, MEMBERS, subject=vote.load),
    "poll.close": Route(author.close, LEADERS, subject=vote.load),
    "poll.remind": Route(author.remind, LEADERS, subject=vote.load),
    "poll.change": Route(author.change, LEADERS, subject=vote.load),
    "challenges": Route(take_part.show_open, MEMBERS),
    "ch": Route(take_part.show, MEMBERS, subject=take_part.load),
    "ch.all": Route(take_part.show_page, MEMBERS),
    "ch.join": Route(take_part.join, MEMBERS, subject=take_part.load, where=Where.ANYWHERE),
    "ch.did": Route(take_part.check_in, MEMBERS, subject=take_part.load, where=Where.ANYWHERE),
    "ch.sum": Route(totals.show, MEMBERS, subject=take_part.load),
    "ch.in": Route(totals.show_in_place, MEMBERS, subject=take_part.load),
}

BUTTONS |= {
    "story": Route(story.start, MEMBERS, community=True),
    "st.new": Route(story.start, MEMBERS, subject=tree.load),
    "st.yes": Route(story_decide.publish, LEADERS, subject=story_decide.load),
    "st.no": Route(story_decide.start_declining, LEADERS, subject=story_decide.load),
    "st.pics": Route(story_decide.show_photos, MEMBERS, subject=story_decide.load, where=Where.ANYWHERE),
    "st.agree": Route(story_consent.agree, subject=story_decide.load),
    "st.refuse": Route(story_consent.refuse, subject=story_decide.load),
    "st.back": Route(story_withdraw.ask, subject=story_decide.load),
    "st.back.yes": Route(story_withdraw.withdraw, subject=story_decide.load),
    "st.back.no": Route(story_withdraw.keep, subject=story_decide.load),
    "nl.new": Route(newsletter.make, COORDINATORS, subject=tree.load),
    "nl.drop": Route(newsletter.drop, COORDINATORS, subject=newsletter.load),
    "nl.open": Route(newsletter.start_opening, COORDINATORS, subject=newsletter.load),
    "nl.send": Route(newsletter.preview, COORDINATORS, subject=newsletter.load),
    "nl.send.yes": Route(newsletter.send, COORDINATORS, subject=newsletter.load),
    "nl.back": Route(newsletter.back, COORDINATORS, subject=newsletter.load),
    "nl.paper": Route(newsletter.print_it, MEMBERS, subject=newsletter.load, where=Where.ANYWHERE),
    "cp": Route(campaign.show, COORDINATORS, subject=campaign.load),
    "cp.new": Route(campaign_plan.begin, COORDINATORS, subject=tree.load),
    "cp.add": Route(campaign_post.start, COORDINATORS, subject=campaign.load),
    "cp.tip": Route(campaign_post.start_advice, COORDINATORS, subject=campaign.load),
    "cp.pause": Route(campaign.pause, COORDINATORS, subject=campaign.load),
    "cp.on": Route(campaign.go_on, COORDINATORS, subject=campaign.load),
    "cp.off": Route(campaign.ask_to_cancel, COORDINATORS, subject=campaign.load),
    "cp.off.yes": Route(campaign.cancel, COORDINATORS, subject=campaign.load),
    "cp.sum": Route(campaign.show_figures, COORDINATORS, subject=campaign.load),
    "cp.post": Route(campaign_post.show, COORDINATORS, subject=campaign.load_post),
    "cp.text": Route(campaign_post.change_words, COORDINATORS, subject=campaign.load_post),
    "cp.time": Route(campaign_post.change_time, COORDINATORS, subject=campaign.load_post),
    "cp.drop": Route(campaign_post.drop, COORDINATORS, subject=campaign.load_post),
}

BUTTONS |= {
    "hl": Route(notice.show, confidential=True),
    "hl.read": Route(notice.show_again, confidential=True),
    "hl.go": Route(report.start, confidential=True),
    "hl.back": Route(going_on.back, confidential=True),
    "hl.danger": Route(danger.press, confidential=True),
    "hl.alert": Route(danger.alert, confidential=True),
    "hl.false": Route(danger.dismiss, confidential=True),
    "my": Route(mine.show_one, subject=mine.load, confidential=True),
    "my.read": Route(readers.show, subject=mine.load, confidential=True),
    "my.say": Route(danger.or_danger(mine.write), confidential=True),
    "my.done": Route(mine.done, confidential=True),
    "my.give": Route(mine.give, confidential=True),
    "my.drop": Route(mine.drop, confidential=True),
    "my.unsafe": Route(danger.or_danger(mine.still_unsafe), confidential=True),
    "my.face": Route(danger.or_danger(mine.rate), confidential=True),
    pins.ROUTE: Route(pins.press, confidential=True, resumes=True),
    "pg": Route(paging.show, HOLDERS, confidential=True),
    "pg.ask": Route(paging.ask, HOLDERS, confidential=True),
    "pg.code": Route(paging.enter_code, HOLDERS, confidential=True),
    "pg.out": Route(paging.remove, HOLDERS, confidential=True),
    "my.after": Route(danger.or_danger(after.take), confidential=True),
    "my.back": Route(withdraw.ask, subject=mine.load, confidential=True),
    "my.back.yes": Route(withdraw.withdraw, subject=mine.load, confidential=True),
    "my.code": Route(code.ask, confidential=True),
    "my.code.no": Route(code.stop, confidential=True),
    "my.erase": Route(erase.ask, confidential=True),
    "my.erase.no": Route(erase.keep, confidential=True),
    "my.erase.yes": Route(erase.erase, confidential=True),
    "my.gone": Route(erase.remove, confidential=True),
    "my.hide": Route(how.hide, confidential=True),
    "my.how": Route(how.show, subject=mine.load, confidential=True),
    "my.kept": Route(code.keep, subject=mine.load, confidential=True),
    "my.line": Route(how.choose_line, subject=mine.load, confidential=True),
    "my.new": Route(code.show_new, subject=mine.load, confidential=True),
    "my.show": Route(how.read, confidential=True),
    "my.when": Route(how.choose_hours, subject=mine.load, confidential=True),
    "du": Route(duty.show, DUTY, of_teams=True),
    "du.plan": Route(duty_plan.show, SUPERVISORS),
    "du.day": Route(duty_plan.show_day, SUPERVISORS),
    "du.who": Route(duty_plan.ask_who, SUPERVISORS),
    "du.set": Route(duty_plan.set_who, SUPERVISORS),
    "du.hours": Route(duty_plan.set_hours, SUPERVISORS),
    "du.fill": Route(duty_plan.fill, SUPERVISORS),
    "du.discard": Route(duty_plan.discard, SUPERVISORS),
    "du.publish": Route(duty_plan.publish, SUPERVISORS),
    "du.offer": Route(swap.offer, WORKERS),
    "du.keep": Route(swap.keep, WORKERS),
    "du.take": Route(swap.take, WORKERS),
    "cs.o": Route(report.tap, confidential=True),
    "cs": Route(claim.open_one, CARERS, subject=claim.load, confidential=True),
    "cs.more": Route(more.show, CARERS, subject=claim.load, confidential=True),
    "cs.take": Route(claim.take, WORKERS, subject=claim.load, confidential=True),
    "cs.show": Route(claim.show_part, WORKERS, subject=claim.load, confidential=True),
    "cs.sex": Route(claim.seal_part, WORKERS, subject=claim.load, confidential=True),
    "cs.aside": Route(exclusion.step_aside, CARERS, subject=claim.load, confidential=True),
    "cs.out": Route(exclusion.ask, CARERS, subject=claim.load, confidential=True),
    "cs.out.is": Route(exclusion.keep_out, CARERS, subject=claim.load, confidential=True),
    "cs.out.undo": Route(exclusion.let_in, SUPERVISORS, subject=claim.load, confidential=True),
    "cs.hand": Route(hand_over.ask, WORKERS, subject=claim.load, confidential=True),
    "cs.hand.to": Route(hand_over.offer, WORKERS, subject=claim.load, confidential=True),
    "cs.hand.take": Route(hand_over.take, WORKERS, subject=claim.load, confidential=True),
    "cs.say": Route(case_answer.ask, WORKERS, subject=claim.load, confidential=True),
    "cs.send": Route(case_answer.send, WORKERS, confidential=True),
    "cs.no": Route(case_answer.stop, CARERS, confidential=True),
    "cs.close": Route(close.ask_reason, WORKERS, subject=claim.load, confidential=True),
    "cs.why": Route(close.ask_summary, WORKERS, subject=claim.load, confidential=True),
    "cs.off": Route(close.close_withdrawn, WORKERS, subject=claim.load, confidential=True),
    "cs.shut": Route(close.close, WORKERS, confidential=True),
    "cs.second": Route(decide.show, SECOND_PERSONS, subject=claim.load, confidential=True),
    "cs.agree": Route(decide.agree, SECOND_PERSONS, subject=claim.load, confidential=True),
    "cs.keep": Route(decide.keep, SECOND_PERSONS, subject=claim.load, confidential=True),
    "queue": Route(desk.show, CARERS, confidential=True),
    "cs.queue": Route(claim.show_page, WORKERS, confidential=True),
    "cs.resume": Route(claim.resume, RESUMERS, subject=claim.load, confidential=True),
    "cs.sort": Route(triage.ask_kind, WORKERS, subject=claim.load, confidential=True),
    "cs.kind": Route(triage.ask_risk, WORKERS, subject=claim.load, confidential=True),
    "cs.risk": Route(triage.set_risk, WORKERS, subject=claim.load, confidential=True),
    "cs.low": Route(triage.lower, WORKERS, subject=claim.load, confidential=True),
    "cs.ready": Route(ready.pick, WORKERS, subject=claim.load, confidential=True),
    "cs.notes": Route(notes.show, CARERS, subject=claim.load, confidential=True),
    "cs.note": Route(notes.ask, CARERS, subject=claim.load, confidential=True),
    "cs.event": Route(event.show, WORKERS, subject=claim.load, confidential=True),
    "cs.join": Route(event.join, WORKERS, subject=claim.load, confidential=True),
    "cs.apart": Route(event.part, WORKERS, subject=claim.load, confidential=True),
    "cs.who": Route(identity.ask, WORKERS, subject=claim.load, confidential=True),
    "cs.name": Route(identity.show, WORKERS, subject=claim.load, confidential=True),
    "cs.break": Route(identity.break_glass, WORKERS, subject=claim.load, confidential=True),
    "au": Route(audit.show, AUDITORS, confidential=True),
    "au.now": Route(audit.verify, AUDITORS, confidential=True),
    "au.log": Route(audit.show_entries, AUDITORS, confidential=True),
    "au.check": Route(audit.check_witness, AUDITORS, confidential=True),
    "fg.all": Route(figures.ask_period, FIGURES, confidential=True),
    "fg": Route(figures.show, FIGURES, confidential=True),
    "fg.out": Route(figures.publish, FIGURES, confidential=True),
    "lg.fine": Route(review.find_fine, SUPERVISORS, confidential=True),
    "lg.odd": Route(review.find_odd, SUPERVISORS, confidential=True),
}

BUTTONS |= {
    "hl.plan": Route(direct.start, CARERS, confidential=True),
    "pl": Route(support.show, CARERS, subject=claim.load, confidential=True),
    "pl.ask": Route(support.ask_approval, CARERS, subject=claim.load, confidential=True),
    "pl.back": Route(support.send_back, CARERS, subject=claim.load, confidential=True),
    "pl.change": Route(support.change, CARERS, subject=claim.load, confidential=True),
    "pl.drop": Route(support.drop_step, CARERS, subject=claim.load, confidential=True),
    "pl.mine": Route(support.show_mine, CARERS, confidential=True),
    "pl.new": Route(support.write, CARERS, subject=claim.load, confidential=True),
    "pl.ok": Route(support.approve, CARERS, subject=claim.load, confidential=True),
    "pl.old": Route(support.show_old, CARERS, subject=claim.load, confidential=True),
    "pl.step": Route(support.add_step, CARERS, subject=claim.load, confidential=True),
    "pl.tick": Route(support.tick, CARERS, subject=support.load, confidential=True),
    "pp": Route(parents.show, CARERS, subject=claim.load, confidential=True),
    "pp.ask": Route(parents.ask, CARERS, subject=claim.load, confidential=True),
    "pp.code": Route(parents.give_code, CARERS, subject=claim.load, confidential=True),
    "pp.stop": Route(parents.revoke, CARERS, subject=claim.load, confidential=True),
    "pp.yes": Route(parents.agree, CARERS, subject=claim.load, confidential=True),
    "rf": Route(refer.show, CARERS, subject=claim.load, confidential=True),
    "rf.new": Route(refer.start, CARERS, subject=claim.load, confidential=True),
    "rf.no": Route(refer.refuse, CARERS, subject=claim.load, confidential=True),
    "rf.stop": Route(refer.revoke, CARERS, subject=claim.load, confidential=True),
    "rf.tell": Route(refer.start_answer, CARERS, subject=claim.load, confidential=True),
    "rf.yes": Route(refer.agree, CARERS, subject=claim.load, confidential=True),
    "ag": Route(agency.open_one, AGENTS, subject=agency.load, confidential=True),
    "ag.say": Route(agency.start_saying, AGENTS, subject=agency.load, confidential=True),
    "ag.yes": Route(agency.accept, AGENTS, subject=agency.load, confidential=True),
    "cf": Route(confer.show, CARERS, subject=claim.load, confidential=True),
    "cf.new": Route(confer.start, CARERS, subject=claim.load, confidential=True),
    "cf.when": Route(confer.ask_when, CARERS, subject=claim.load, confidential=True),
    "cf.who": Route(confer.toggle, CARERS, subject=claim.load, confidential=True),
}

BUTTONS |= {
    "of": Route(offers.show, COORDINATORS, subject=tree.load),
    "of.code": Route(offers.show_code, COORDINATORS, subject=tree.load),
    "of.new": Route(make.ask_what, COORDINATORS, subject=tree.load),
    "of.what": Route(make.ask_whom, COORDINATORS, subject=tree.load),
    "of.to": Route(make.take_whom, COORDINATORS, subject=tree.load),
    "of.see": Route(offer.show, COORDINATORS, subject=offer.load),
    "of.take": Route(offer.accept, COORDINATORS, subject=offer.load),
    "of.no": Route(offer.decline, COORDINATORS, subject=offer.load),
    "pt": Route(partners.show, COORDINATORS, subject=tree.load),
    "pt.invite": Route(partners.invite_one, COORDINATORS, subject=tree.load),
    "pt.open": Route(partners.show_open, COORDINATORS, subject=tree.load),
    "pt.m.is": Route(partners.open_meeting, COORDINATORS, subject=partners.load_meeting),
    "pt.a.is": Route(partners.open_announcement, COORDINATORS, subject=partners.load_announcement),
    "pt.see": Route(guest.show, PARTNERS, subject=tree.load),
    "pt.m": Route(guest.show_meeting, PARTNERS, subject=guest.load_meeting),
    "pt.ics": Route(guest.send_calendar, PARTNERS, subject=guest.load_meeting),
    "pt.a": Route(guest.show_announcement, PARTNERS, subject=guest.load_announcement),
}

BUTTONS = {name: claim.kept_together(one) if one.subject is claim.load else one for name, one in BUTTONS.items()}

# The buttons of /home, for those who may use their route.
HOME: tuple[tuple[Text, str], ...] = (
    # NOTE: button. Tells everybody something at once.
    (text("Announce"), "announce"),
    # NOTE: button. Shows the meetings ahead.
    (text("Meetings"), "meetings"),
    # NOTE: button. Shows the polls that are open.
    (text("Polls"), "polls"),
    # NOTE: button. Shows the challenges one can take part in.
    (text("Challenges"), "challenges"),
    # NOTE: button. A member tells a story to her community.
    (text("Tell a story"), "story"),
    # NOTE: button. What waits for whoever works for the hotline.
    (text("Queue"), "queue"),
    # NOTE: button. Who is on duty for the hotline, and what it still needs.
    (text("Duty"), "du"),
    # NOTE: button. The log of who did what in the hotline.
    (text("Log"), "au"),
    # NOTE: button. How many reports the hotline had.
    (text("Figures"), "fg.all"),
)

STEPS: dict[str, Route] = {
    "join.code": Route(join.take_code),
    family.STEP: Route(family.take_code),
    move.STEP: Route(move.take_code),
    find_member.STEP: Route(find_member.take, ROSTER, community=True),
    attend.STEP: Route(attend.take_code, MEMBERS),
    report.STEP: Route(report.take_words, confidential=True, patient=True),
    notice.HEARD: Route(report.hold_more, confidential=True, patient=True),
    mine.STEP: Route(mine.take_words, confidential=True, patient=True),
    code.STEP: Route(code.take, confidential=True, patient=True),
    mine.OFFER: Route(mine.take_more, confidential=True, patient=True),
    case_answer.STEP: Route(case_answer.preview, WORKERS, confidential=True),
    paging.STEP: Route(paging.take, HOLDERS, confidential=True),
    close.STEP: Route(close.preview, WORKERS, confidential=True),
    notes.STEP: Route(notes.save, CARERS, confidential=True),
    identity.STEP: Route(identity.take_reason, WORKERS, confidential=True),
}

FORMS: dict[str, Form] = {
    "announce": announce.FORM,
    "announce_fix": change.FORM,
    "announce_time": later.FORM,
    "campaign": campaign_plan.FORM,
    "campaign_post": campaign_post.FORM,
    "campaign_words": campaign_post.WORDS_FORM,
    "campaign_time": campaign_post.TIME_FORM,
    "newsletter": newsletter.FORM,
    "story": story.FORM,
    "story_no": story_decide.FORM,
    "meeting": call.FORM,
    "meeting_move": move_meeting.FORM,
    "heads": attend.FORM,
    "feedback": feedback.FORM,
    "minutes": minutes.FORM,
    "decision": decided.DECISION_FORM,
    "decision_owner": decided.OWNER_FORM,
    "task": tasks.FORM,
    "question": questions.FORM,
    "question_answer": ranking.ANSWER_FORM,
    "poll": ask.FORM,
    "challenge": plan.FORM,
    "join": join.FORM,
    "name": join.NAME_FORM,
    "found": found.FORM,
    "community": tree.FORM,
    "invite": invite.FORM,
    "rename": tree.NAME_FORM,
    "roster": roster.FORM,
    "offer": make.FORM,
    "stage": stage.FORM,
    "cs_agency": agency.FORM,
    "cs_conference": confer.FORM,
    "cs_direct": direct.FORM,
    "cs_plan": support.FORM,
    "cs_referral": refer.FORM,
    "cs_step": support.STEP_FORM,
    "cs_told": refer.ANSWER_FORM,
}

EVENTS: dict[str, Route] = {
    "poll": Route(vote.meet_copy, where=Where.ANYWHERE),
    "vote": Route(vote.take_vote, where=Where.ANYWHERE),
    "membership": Route(groups.notice_membership, where=Where.ANYWHERE),
    "moved": Route(groups.move, where=Where.ANYWHERE),
    "titled": Route(bound.retitle, where=Where.ANYWHERE),
    "answer:groups.rights": Route(bound.tell_missing_rights, where=Where.ANYWHERE),
    "join_request": Route(groups.answer_join_request, where=Where.ANYWHERE),
    "answer:groups.bound": Route(groups.bind, LEADERS, subject=tree.load, where=Where.ANYWHERE),
    "answer:roster.file": Route(roster.take_file, COORDINATORS, subject=tree.load, where=Where.ANYWHERE),
    "edited": Route(mine.take_edit, confidential=True),
    "answer:cases.delivered": Route(case_answer.note_delivered, confidential=True, where=Where.ANYWHERE),
    "answer:cases.lost": Route(case_answer.note_lost, confidential=True, where=Where.ANYWHERE),
    "answer:cases.told": Route(case_answer.note_told, confidential=True, where=Where.ANYWHERE),
    "answer:cases.erased": Route(erase.note_erased, confidential=True, where=Where.ANYWHERE),
    "answer:cases.file": Route(files.take, confidential=True, where=Where.ANYWHERE),
    "answer:cases.removed": Route(claim.note_removed, confidential=True, where=Where.ANYWHERE),
}

# By these somebody turns to the hotline: what waited for her comes then. Not while she hides or erases it.
_TURNING = ("hl", "my", "cs.o", "cs.open", "cs.heard", "hotline", "mycases")
_HIDING = frozenset({"my.hide", "my.erase", "my.erase.no", "my.erase.yes", "my.gone", "my.back.yes"})


def _of_reporter(name: str, route: Route) -> Route:
    turns = name in _TURNING or name.split(".", maxsplit=1)[0] in ("hl", "my")
    if not turns or name in _HIDING:
        return route
    return replace(route, handler=partial(_and_what_waited, route.handler))


async def _and_what_waited(handler: Handler, db: Connection, request: Request) -> list[Outgoing]:
    said = await handler(db, request)
    return [*said, *await storage.cases.say_held_to(db, request.identity.id, request.now)]


for _table in (COMMANDS, STARTS, BUTTONS, STEPS):
    _table |= {name: _of_reporter(name, route) for name, route in _table.items()}

# What stays after a refusal, and who writes it: what, of whom (who was met just now is met again after the rollback,
# maybe under another number), and when.
KEEPS: Mapping[type, Callable[[Connection, Any, int, datetime], Awaitable[None]]] = {
    WrongTry: storage.typed_codes.save_wrong_try,
    ReadAttempt: storage.cases.log_refused,
}


# Commands that no group must see an answer to.
_SECRET = frozenset(name for name, route in COMMANDS.items() if route.confidential)


async def watch(db: Connection, request: Request) -> Watched:
    """What is said to words or a command before their own answer."""
    return await danger.watch(db, request)


async def resumed(db: Connection, request: Request) -> Sequence[Incoming]:
    """What was asked for while it was locked, and goes on after this."""
    route = BUTTONS.get(request.incoming.press.split(":")[0])
    return await pins.resumed(db, request) if route is not None and route.resumes else ()


def concerns(incoming: Incoming) -> bool:
    """Whether watch() must see this before it is answered: a sign of danger, or something confidential in a group."""
    return danger.concerns(incoming, _SECRET)


def find(request: Request) -> tuple[Route, Request] | None:
    """The route of a request, with the request's arguments read; None when there is nothing to do with it."""
    match request.incoming.kind:
        case Kind.COMMAND:
            return _command(request)
        case Kind.BUTTON:
            return _button(request)
        case Kind.WORDS:
            return _words(request)
        case Kind.ANSWER:
            return _event(f"answer:{request.incoming.then}", replace(request, args=request.incoming.args))
        case kind:
            return _event(kind.value, request)


def _event(name: str, request: Request) -> tuple[Route, Request] | None:
    route = EVENTS.get(name)
    return None if route is None else (route, request)


def _command(request: Request) -> tuple[Route, Request] | None:
    route = COMMANDS.get(request.incoming.command)
    opened = _opened(request)
    if opened is not None:
        args = tuple(part for part in (opened["number"], opened["thread"], opened["letters"]) if part)
        return STARTS[opened["what"]], replace(request, args=args)
    return None if route is None else (route, replace(request, words=request.incoming.words))


def _opened(request: Request) -> re.Match[str] | None:
    """What a link opens; None: it is none of ours, or just a code."""
    if request.incoming.command != "start" or not request.incoming.is_private:
        return None
    found = _OPENED.fullmatch(request.incoming.words)
    return found if found is not None and found["what"] in STARTS else None


_OPENED = re.compile(
    r"(?P<what>[a-z]+)(?:-(?P<number>[0-9]{1,18}))?(?:-(?P<thread>[0-9]{1,18}))?(?:-(?P<letters>[A-Z]{6}))?"
)


def _button(request: Request) -> tuple[Route, Request] | None:
    name, *args = request.incoming.press.split(":")
    request = replace(request, args=tuple(args))
    if name == "f":
        return _form(request)
    if name in ("at", "into", "own"):
        return _chosen_community(name, request)
    route = BUTTONS.get(name)
    return None if route is None else (route, request)


def _words(request: Request) -> tuple[Route, Request] | None:
    if not request.incoming.is_private:
        return None
    step = request.conversation.step
    if request.incoming.edited and not _corrects_refused(request):
        of_form = forms.form_of(step)[0] and forms.is_source(request)
        return _form(replace(request, words=request.incoming.words)) if of_form else _event("edited", request)
    is_over = bool(request.conversation.draft.get("over"))  # see claim.end_question
    route = None if is_over else STEPS.get(step)
    if request.incoming.goes_on and _takes_albums(step):
        return _form(replace(request, words=request.incoming.words))
    if (request.incoming.goes_on or request.incoming.hurried) and not _may_be_for_helper(step):
        return None  # one answer to an album, and to what comes faster than anybody reads
    if is_overtaken(request) and not (route is not None and route.patient):
        raise Refused(text("I asked something new while you were writing. Please answer my last message."))
    request = replace(request, words=request.incoming.words)
    if forms.form_of(step)[0]:
        return _form(request)
    if route is None:
        if step == which.STEP and not asking_for_help.is_asked(request.words):
            raise Refused(forms.ONLY_TAPS)
        for_help = asking_for_help.is_asked(request.words) and not request.incoming.hurried
        return COMMANDS["hotline"] if for_help else Route(_take_unawaited), request
    return route, replace(request, community_id=_drafted(request))


def _corrects_refused(request: Request) -> bool:
    """Whether what was edited came after the question that is open: it was no answer to it then, and may be one now."""
    step, asked, incoming = request.conversation.step, request.conversation.message_id, request.incoming
    if asked is None or incoming.message_id is None or incoming.message_id < asked or incoming.words.startswith("/"):
        return False
    return bool(forms.form_of(step)[0]) or (step in STEPS and not STEPS[step].patient)


def _takes_albums(step: str) -> bool:
    """Whether the question that is open takes every part of an album."""
    name, field = forms.form_of(step)
    return name in FORMS and any(one.albums for one in FORMS[name].fields if one.name == field)


def _may_be_for_helper(step: str) -> bool:
    """What is awaited for the hotline, and what nobody awaits: its handler looks whose it may be."""
    return not forms.form_of(step)[0] and (step not in STEPS or STEPS[step].confidential)


async def _take_unawaited(db: Connection, request: Request) -> list[Outgoing]:
    """Words that nobody waits for: of somebody with an open case, or a sign of danger, they are not thrown away."""
    typed = await pins.take_typed(db, request)
    if typed is not None:
        return typed
    if await attend.is_code(db, request.words):  # shown to a whole room: nobody there is asked about a helper
        return await attend.come_by(db, request)
    offered = await mine.offer(db, request)
    if offered is not None:
        return [*offered, *await storage.cases.say_held_to(db, request.identity.id, request.now)]
    if attendance.read(request.words) is not None:
        return await attend.come_by(db, request)
    held = await report.hold(db, request)
    return not_understood(request) if held is None else held


def _form(request: Request) -> tuple[Route, Request]:
    name, field = forms.form_of(request.conversation.step)
    by_words = request.incoming.kind == Kind.WORDS
    if not (by_words or (name in FORMS and forms.is_current(request))):
        raise Refused(text("This button belongs to an earlier question. Please answer my last message."))
    form, community_id = FORMS.get(name), _drafted(request)
    if form is None or not form.fits(field, request.conversation.draft):
        return _begin_again(name, community_id, request)
    changes = request.incoming.edited and forms.is_source(request)
    by_edit = forms.take_edit if changes else forms.take_words
    take = by_edit if by_words else forms.take_tap
    route = Route(
        partial(_take, take, form, field), form.may, community=community_id is not None, confidential=form.confidential
    )
    return route, replace(request, community_id=community_id)


def _begin_again(name: str, community_id: int | None, request: Request) -> tuple[Route, Request]:
    """An older version of the bot asked: the form of a command starts over, another one is over."""
    if name not in ("announce", "meeting", "poll", "challenge") or community_id is None:
        return Route(_end), request
    route = COMMANDS[name]
    return replace(route, handler=partial(_start_over, route)), replace(request, community_id=community_id, words="")


async def _start_over(route: Route, db: Connection, request: Request) -> list[Outgoing]:
    told = text("The questions have changed since you began, so we start again with the first one:")
    return [Say(told), *await route.handler(db, request)]


async def _end(db: Connection, request: Request) -> list[Outgoing]:
    await storage.conversations.forget(db, request.identity.id, request.conversation, request.now)
    return [Say(text("This question is over already. /home shows what you can do."))]


async def _take(
    take: Callable[[Connection, Request, Form, str], Awaitable[list[Outgoing]]],
    form: Form,
    field: str,
    db: Connection,
    request: Request,
) -> list[Outgoing]:
    return await take(db, request, form, field)


def _chosen_community(name: str, request: Request) -> tuple[Route, Request]:
    """A tap on "Which one is it for?": the command goes on where it waited. args: token, community, or the page."""
    draft, args = request.conversation.draft, request.args
    route = COMMANDS.get(str(draft.get("command", "")))
    if route is None or not which.is_current(request) or len(args) < 2 or not args[1].isdecimal() or len(args[1]) > 18:
        raise Refused(text("This button belongs to an earlier question. Please answer my last message."))
    if name == "own":
        return replace(route, community=False, handler=partial(which.show_own, route.may)), request
    request = replace(request, community_id=int(args[1]), words=str(draft.get("words", "")))
    if name == "into":
        return replace(route, handler=partial(which.show_below, route.may)), request
    return replace(route, handler=partial(_go_on, route)), request


async def _go_on(route: Route, db: Connection, request: Request) -> list[Outgoing]:
    return await which.close(db, request, route)


def _drafted(request: Request) -> int | None:
    found = request.conversation.draft.get("community")
    return found if isinstance(found, int) else None


def is_overtaken(request: Request) -> bool:
    """Whether words were written before the question that is open was there to be read."""
    conversation, incoming = request.conversation, request.incoming
    if conversation.message_id is not None and incoming.message_id is not None:
        return incoming.message_id < conversation.message_id
    if conversation.asked_at is not None and incoming.sent_at is not None:
        # The messenger's times are whole seconds.
        return incoming.sent_at < conversation.asked_at.replace(microsecond=0)
    return False


def is_confidential(request: Request) -> bool:
    """Whether what this person is doing right now touches a case."""
    form = FORMS.get(forms.form_of(request.conversation.step)[0])
    step = STEPS.get(request.conversation.step)
    name = request.incoming.press.split(":")[0]
    opened = _opened(request)
    routes = [
        COMMANDS.get(request.incoming.command),
        BUTTONS.get(name),
        step,
        STARTS[opened["what"]] if opened else None,
    ]
    return bool(form and form.confidential) or any(route.confidential for route in routes if route is not None)


def attempts(request: Request, refused: Refused) -> list[ReadAttempt]:
    """Whether somebody who was told that this isn't hers came by one of the ways of the hotline's staff."""
    if refused.body not in (NOT_HERE, claim.NO_SUCH, claim.TAKEN):
        return []
    ways = [COMMANDS.get(request.incoming.command), BUTTONS.get(request.incoming.press.split(":")[0])]
    if request.incoming.kind is Kind.WORDS:
        ways = [STEPS.get(request.conversation.step)]
    of_staff = [way for way in ways if way and way.confidential and not way.may.anyone]
    return [ReadAttempt(highest_of(request.roles))] if of_staff else []


def not_understood(request: Request) -> list[Outgoing]:
    """The answer to what no route takes: an unknown command, words that nobody waits for, a forged button."""
    incoming = request.incoming
    if incoming.kind == Kind.BUTTON:
        raise Refused(text("This button no longer works. /home shows what you can do."))
    if not incoming.is_private or incoming.edited or incoming.kind not in (Kind.COMMAND, Kind.WORDS):
        return []
    if incoming.goes_on or incoming.hurried:  # what came just before was answered
        return []
    # NOTE: button
    menu = [[button(text("Show what you can do"), "home")]]
    if incoming.kind == Kind.COMMAND:
        return [Say(text("I don't know this command."), menu)]
    help_me = [button(text("I need help"), "hl")]  # who writes a word alone may not know where to begin
    told = text("I am not waiting for an answer right now. Tap the button to see what we can do.")
    return [Say(told, [*menu, help_me, [danger_button()]])]
