BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0030');
CREATE TABLE announcement_changes (
	announcement_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	made_by INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	look_again_at BIGINT NOT NULL, 
	reached_person INTEGER DEFAULT '0' NOT NULL, 
	state TEXT NOT NULL, 
	PRIMARY KEY (announcement_id, revision), 
	FOREIGN KEY(announcement_id) REFERENCES announcements (id), 
	FOREIGN KEY(made_by) REFERENCES persons (id)
);
CREATE TABLE announcement_confirmations (
	announcement_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (announcement_id, person_id), 
	FOREIGN KEY(announcement_id) REFERENCES announcements (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE announcement_reminders (
	announcement_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	asked_by INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	reached_person INTEGER DEFAULT '0' NOT NULL, 
	state TEXT NOT NULL, 
	PRIMARY KEY (announcement_id, number), 
	FOREIGN KEY(announcement_id) REFERENCES announcements (id), 
	FOREIGN KEY(asked_by) REFERENCES persons (id)
);
CREATE TABLE announcements (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	heading TEXT NOT NULL, 
	author_id INTEGER NOT NULL, 
	called TEXT NOT NULL, 
	role TEXT NOT NULL, 
	words TEXT NOT NULL, 
	media_kind TEXT, 
	file_id TEXT, 
	media_channel TEXT, 
	roles TEXT NOT NULL, 
	expected INTEGER NOT NULL, 
	created_at BIGINT NOT NULL, 
	stale INTEGER DEFAULT '1' NOT NULL, 
	shown_all INTEGER NOT NULL, 
	shown_sent INTEGER DEFAULT '0' NOT NULL, 
	shown_lost INTEGER DEFAULT '0' NOT NULL, 
	shown_confirmed INTEGER DEFAULT '0' NOT NULL, folded INTEGER DEFAULT '0' NOT NULL, written_in TEXT DEFAULT '' NOT NULL, versions TEXT DEFAULT '{}' NOT NULL, urgent INTEGER DEFAULT '0' NOT NULL, state TEXT DEFAULT 'sent' NOT NULL, revision INTEGER DEFAULT '0' NOT NULL, due_at BIGINT, sent_at BIGINT, ours TEXT, source TEXT, open INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(author_id) REFERENCES persons (id)
);
CREATE TABLE attendance (
	meeting_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	party TEXT NOT NULL, 
	came_at BIGINT NOT NULL, 
	PRIMARY KEY (meeting_id, person_id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE attendance_codes (
	meeting_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	shown_to INTEGER NOT NULL, 
	card_due INTEGER DEFAULT '0' NOT NULL, 
	refresh_at BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (meeting_id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id), 
	UNIQUE (code), 
	FOREIGN KEY(shown_to) REFERENCES persons (id)
);
CREATE TABLE campaign_posts (
	id INTEGER NOT NULL, 
	campaign_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	words TEXT NOT NULL, 
	media_kind TEXT, 
	file_id TEXT, 
	media_channel TEXT, 
	planned_for BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	announcement_id INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(campaign_id) REFERENCES campaigns (id), 
	FOREIGN KEY(announcement_id) REFERENCES announcements (id)
);
CREATE TABLE campaigns (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	author_id INTEGER NOT NULL, 
	heading TEXT NOT NULL, 
	called TEXT NOT NULL, 
	role TEXT NOT NULL, 
	name TEXT NOT NULL, 
	starts_on TEXT NOT NULL, 
	ends_on TEXT NOT NULL, 
	zone TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	state TEXT NOT NULL, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(author_id) REFERENCES persons (id)
);
CREATE TABLE case_asks (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	matter TEXT NOT NULL, 
	state TEXT NOT NULL, 
	office TEXT NOT NULL, 
	asked BLOB NOT NULL, 
	asker_mark BLOB NOT NULL, 
	decider_mark BLOB, 
	reminded INTEGER DEFAULT '0' NOT NULL, 
	asked_at BIGINT NOT NULL, 
	due_at BIGINT NOT NULL, 
	decided_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_code_tries (
	id INTEGER NOT NULL, 
	who_mark BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE case_codes (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	mark BLOB NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(case_id) REFERENCES cases (id), 
	UNIQUE (mark)
);
CREATE TABLE case_copies (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	part_id INTEGER, 
	reader BLOB NOT NULL, 
	state TEXT NOT NULL, 
	shown_at BIGINT NOT NULL, 
	asked_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_excluded (
	case_id INTEGER NOT NULL, 
	person_mark BLOB NOT NULL, 
	PRIMARY KEY (case_id, person_mark), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_file_chunks (
	part_id INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (part_id, place), 
	FOREIGN KEY(part_id) REFERENCES case_files (part_id)
);
CREATE TABLE case_files (
	part_id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	ask_at BIGINT NOT NULL, 
	PRIMARY KEY (part_id), 
	FOREIGN KEY(part_id) REFERENCES case_parts (id), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_letters (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (case_id, place), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_links (
	case_id INTEGER NOT NULL, 
	other_id INTEGER NOT NULL, 
	PRIMARY KEY (case_id, other_id), 
	FOREIGN KEY(case_id) REFERENCES cases (id), 
	FOREIGN KEY(other_id) REFERENCES cases (id)
);
CREATE TABLE "case_log" (
	id INTEGER NOT NULL, 
	case_id INTEGER, 
	who BLOB, 
	role TEXT NOT NULL, 
	deed TEXT NOT NULL, 
	part_id INTEGER, 
	at BIGINT NOT NULL, 
	digest BLOB, 
	mac BLOB, 
	PRIMARY KEY (id), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_log_head (
	id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	mac BLOB NOT NULL, 
	seal BLOB NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE case_notes (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (case_id, place), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_parts (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	state TEXT NOT NULL, 
	source_mark BLOB, 
	PRIMARY KEY (id), 
	UNIQUE (case_id, place), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_teams (
	case_id INTEGER NOT NULL, 
	team_mark BLOB NOT NULL, 
	PRIMARY KEY (case_id, team_mark), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE case_traces (
	id INTEGER NOT NULL, 
	place_mark BLOB NOT NULL, 
	message BLOB NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE cases (
	id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	pseudonym_mark BLOB NOT NULL, 
	key_id INTEGER NOT NULL, 
	facts BLOB NOT NULL, 
	reporter_mark BLOB NOT NULL, 
	state TEXT NOT NULL, 
	risk TEXT NOT NULL, 
	desk TEXT NOT NULL, 
	stage INTEGER NOT NULL, 
	opened_at BIGINT NOT NULL, 
	waiting_since BIGINT NOT NULL, 
	worker BLOB, 
	worker_mark BLOB, 
	closed_at BIGINT, 
	reason TEXT, 
	face INTEGER, district_mark BLOB, offered BLOB, is_test INTEGER DEFAULT '0' NOT NULL, ends_on BIGINT, destroyed_on BIGINT, answered_after INTEGER, withdrawn_at BIGINT, alarmed_at BIGINT, acted_at BIGINT, asked_after INTEGER DEFAULT '0' NOT NULL, kind TEXT, stopped INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (number), 
	UNIQUE (pseudonym_mark)
);
CREATE TABLE challenge_checkins (
	challenge_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	day TEXT NOT NULL, 
	PRIMARY KEY (challenge_id, person_id, day), 
	FOREIGN KEY(challenge_id) REFERENCES challenges (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE challenge_participants (
	challenge_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	joined_at BIGINT NOT NULL, 
	days INTEGER DEFAULT '0' NOT NULL, 
	streak INTEGER DEFAULT '0' NOT NULL, 
	last_day TEXT, 
	PRIMARY KEY (challenge_id, person_id), 
	FOREIGN KEY(challenge_id) REFERENCES challenges (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id)
);
CREATE TABLE challenges (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	author_id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	rules TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	starts_on TEXT NOT NULL, 
	ends_on TEXT NOT NULL, 
	zone TEXT NOT NULL, 
	ends_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	posting INTEGER DEFAULT '1' NOT NULL, 
	posted_chat INTEGER DEFAULT '0' NOT NULL, 
	thanked_chat INTEGER DEFAULT '0' NOT NULL, 
	thanked_person INTEGER DEFAULT '0' NOT NULL, 
	card_due INTEGER DEFAULT '0' NOT NULL, 
	refresh_at BIGINT DEFAULT '0' NOT NULL, source TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(author_id) REFERENCES persons (id)
);
CREATE TABLE chats (
	id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	address TEXT NOT NULL, 
	title TEXT NOT NULL, 
	community_id INTEGER, 
	unreachable TEXT, thread INTEGER, rights_told INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (channel, address), 
	FOREIGN KEY(community_id) REFERENCES communities (id)
);
INSERT INTO "chats" VALUES(1,'telegram','-100','5A',3,NULL,NULL,0);
CREATE TABLE communities (
	id INTEGER NOT NULL, 
	parent_id INTEGER, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	path TEXT NOT NULL, 
	language TEXT NOT NULL, 
	zone TEXT NOT NULL, 
	country TEXT NOT NULL, archived_at BIGINT, last_grade INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(parent_id) REFERENCES communities (id), 
	UNIQUE (path)
);
INSERT INTO "communities" VALUES(1,NULL,'network','Bakı məktəbləri','/1/','az','Asia/Baku','az',NULL,NULL);
INSERT INTO "communities" VALUES(2,1,'school','Məktəb 12','/1/2/','az','Asia/Baku','az',NULL,NULL);
INSERT INTO "communities" VALUES(3,2,'class','5A','/1/2/3/','az','Asia/Baku','az',NULL,NULL);
CREATE TABLE conduct_acceptances (
	person_id INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	accepted_at BIGINT NOT NULL, 
	PRIMARY KEY (person_id, version), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE conferences (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	content BLOB NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE contact_codes (
	community_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	made_by INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (community_id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	UNIQUE (code), 
	FOREIGN KEY(made_by) REFERENCES persons (id)
);
CREATE TABLE conversations (
	identity_id INTEGER NOT NULL, 
	token INTEGER NOT NULL, 
	state BLOB, 
	asked_as BLOB, 
	touched_on BIGINT NOT NULL, 
	PRIMARY KEY (identity_id), 
	FOREIGN KEY(identity_id) REFERENCES identities (id)
);
CREATE TABLE decision_cards (
	meeting_id INTEGER NOT NULL, 
	card_due INTEGER NOT NULL, 
	PRIMARY KEY (meeting_id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id)
);
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	meeting_id INTEGER NOT NULL, 
	words TEXT NOT NULL, 
	owner_id INTEGER, 
	made_by INTEGER NOT NULL, 
	due_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	note TEXT, 
	revision INTEGER DEFAULT '0' NOT NULL, 
	reminded INTEGER DEFAULT '0' NOT NULL, 
	next_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id), 
	FOREIGN KEY(owner_id) REFERENCES persons (id), 
	FOREIGN KEY(made_by) REFERENCES persons (id)
);
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	lane INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	place TEXT, 
	place_mark BLOB NOT NULL, 
	card_mark BLOB, 
	body BLOB, 
	body_id INTEGER, 
	outgoing_id INTEGER, 
	person_id INTEGER, 
	state TEXT NOT NULL, 
	reason TEXT, 
	message_id BIGINT, 
	trace BLOB, 
	poll_id TEXT, 
	subject_kind TEXT, 
	subject_id INTEGER, 
	subject_revision INTEGER, 
	not_before BIGINT NOT NULL, 
	not_after BIGINT, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	changes INTEGER DEFAULT '0' NOT NULL, 
	dedupe_key TEXT, 
	sent_at BIGINT, given_up_at BIGINT, said TEXT, digest TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(body_id) REFERENCES outgoing_bodies (id), 
	FOREIGN KEY(outgoing_id) REFERENCES outgoings (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id), 
	UNIQUE (dedupe_key)
);
INSERT INTO "deliveries" VALUES(1,1,'say','telegram:1001',X'01',NULL,NULL,NULL,NULL,1,'sent',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "deliveries" VALUES(2,1,'say','telegram:1002',X'02',NULL,NULL,NULL,NULL,2,'waiting',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,0,0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE destroyed_keys (
	id INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE duty_rosters (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	hours TEXT NOT NULL, 
	pairs TEXT NOT NULL, 
	told TEXT DEFAULT '[]' NOT NULL, 
	published_by INTEGER, 
	published_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(published_by) REFERENCES persons (id)
);
CREATE TABLE duty_swaps (
	id INTEGER NOT NULL, 
	roster_id INTEGER NOT NULL, 
	day TEXT NOT NULL, 
	shift INTEGER NOT NULL, 
	post TEXT NOT NULL, 
	giver_id INTEGER NOT NULL, 
	taker_id INTEGER, 
	state TEXT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(roster_id) REFERENCES duty_rosters (id), 
	FOREIGN KEY(giver_id) REFERENCES persons (id), 
	FOREIGN KEY(taker_id) REFERENCES persons (id)
);
CREATE TABLE ended_memberships (
	school_year_id INTEGER NOT NULL, 
	membership_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	until BIGINT, 
	PRIMARY KEY (school_year_id, membership_id), 
	FOREIGN KEY(school_year_id) REFERENCES school_years (id)
);
CREATE TABLE expected_names (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	called TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	membership_id INTEGER, 
	listed_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (community_id, role, folded), 
	FOREIGN KEY(community_id) REFERENCES communities (id)
);
CREATE TABLE families (
	id INTEGER NOT NULL, 
	child_id INTEGER NOT NULL, 
	parent_id INTEGER NOT NULL, 
	called TEXT NOT NULL, 
	state TEXT NOT NULL, 
	head_only INTEGER NOT NULL, 
	asked_at BIGINT NOT NULL, 
	decided_by INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(child_id) REFERENCES persons (id), 
	FOREIGN KEY(parent_id) REFERENCES persons (id), 
	FOREIGN KEY(decided_by) REFERENCES persons (id)
);
CREATE TABLE feedback (
	meeting_id INTEGER NOT NULL, 
	mark BLOB NOT NULL, 
	face INTEGER NOT NULL, 
	words TEXT, 
	PRIMARY KEY (meeting_id, mark), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id)
);
CREATE TABLE feedback_rounds (
	meeting_id INTEGER NOT NULL, 
	asks_at BIGINT NOT NULL, 
	closes_at BIGINT NOT NULL, 
	reached_person INTEGER DEFAULT '0' NOT NULL, 
	told INTEGER DEFAULT '0' NOT NULL, 
	state TEXT NOT NULL, 
	next_at BIGINT NOT NULL, 
	PRIMARY KEY (meeting_id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id)
);
CREATE TABLE feeds (
	person_id INTEGER NOT NULL, 
	mark BLOB NOT NULL, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (person_id), 
	UNIQUE (mark), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE head_counts (
	meeting_id INTEGER NOT NULL, 
	party TEXT NOT NULL, 
	heads INTEGER NOT NULL, 
	PRIMARY KEY (meeting_id, party), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id)
);
CREATE TABLE hotline_figures (
	period TEXT NOT NULL, 
	year INTEGER NOT NULL, 
	without_mark BLOB NOT NULL, 
	content TEXT NOT NULL, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (period, without_mark)
);
CREATE TABLE identities (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	channel TEXT NOT NULL, 
	address TEXT NOT NULL, 
	unreachable TEXT, chosen_at BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (channel, address), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
INSERT INTO "identities" VALUES(1,1,'telegram','1001',NULL,0);
INSERT INTO "identities" VALUES(2,2,'telegram','1002',NULL,0);
CREATE TABLE inbox (
	channel TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	outcome TEXT NOT NULL, 
	PRIMARY KEY (channel, event_id)
);
INSERT INTO "inbox" VALUES('telegram','1',1764565200000000,'done');
CREATE TABLE invites (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	role TEXT, 
	made_by INTEGER, 
	uses_left INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	UNIQUE (code), 
	FOREIGN KEY(made_by) REFERENCES persons (id)
);
CREATE TABLE kept_votes (
	channel TEXT NOT NULL, 
	native_id TEXT NOT NULL, 
	person_id INTEGER NOT NULL, 
	options TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (channel, native_id, person_id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE keypads (
	identity_mark BLOB NOT NULL, 
	person_mark BLOB NOT NULL, 
	token INTEGER NOT NULL, 
	state BLOB NOT NULL, 
	touched_on BIGINT NOT NULL, 
	PRIMARY KEY (identity_mark)
);
CREATE TABLE meeting_notices (
	id INTEGER NOT NULL, 
	meeting_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	reached_person INTEGER DEFAULT '0' NOT NULL, 
	state TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (meeting_id, revision), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id)
);
CREATE TABLE meeting_reminders (
	id INTEGER NOT NULL, 
	meeting_id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	"before" TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	zone TEXT NOT NULL, 
	quiet_from INTEGER NOT NULL, 
	quiet_until INTEGER NOT NULL, 
	foreseen INTEGER DEFAULT '0' NOT NULL, 
	reached_person INTEGER DEFAULT '0' NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT, 
	told INTEGER DEFAULT '0' NOT NULL, 
	missed INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (meeting_id, revision, "before", zone, quiet_from, quiet_until), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id)
);
CREATE TABLE meetings (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	place TEXT, 
	agenda TEXT, 
	starts_at BIGINT NOT NULL, 
	ends_at BIGINT, 
	zone TEXT NOT NULL, 
	roles TEXT NOT NULL, 
	capacity INTEGER, 
	in_group INTEGER NOT NULL, 
	reminds TEXT NOT NULL, 
	state TEXT NOT NULL, 
	revision INTEGER DEFAULT '0' NOT NULL, 
	uid TEXT, 
	called_by INTEGER NOT NULL, 
	called_at BIGINT NOT NULL, card_due INTEGER DEFAULT '0' NOT NULL, refresh_at BIGINT DEFAULT '0' NOT NULL, series_id INTEGER, host TEXT, speakers TEXT, slot_minutes INTEGER, parts INTEGER DEFAULT '0' NOT NULL, announce_at BIGINT, changed_at BIGINT DEFAULT '0' NOT NULL, asked_after INTEGER DEFAULT '0' NOT NULL, source TEXT, open INTEGER DEFAULT '0' NOT NULL, takes_questions INTEGER DEFAULT '1' NOT NULL, asks INTEGER DEFAULT '1' NOT NULL, 
	PRIMARY KEY (id), 
	CONSTRAINT meeting_ends_after_it_begins CHECK (ends_at IS NULL OR ends_at > starts_at), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(called_by) REFERENCES persons (id)
);
CREATE TABLE memberships (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	role TEXT NOT NULL, 
	called TEXT NOT NULL, 
	state TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	until BIGINT, 
	decided_by INTEGER, warned INTEGER DEFAULT '0' NOT NULL, stepped_down_at BIGINT, 
	PRIMARY KEY (id), 
	CONSTRAINT membership_ends_after_it_begins CHECK (until IS NULL OR until > since), 
	FOREIGN KEY(person_id) REFERENCES persons (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(decided_by) REFERENCES persons (id)
);
INSERT INTO "memberships" VALUES(1,1,3,'parent','Aysel Məmmədova','active',1764565200000000,NULL,NULL,0,NULL);
INSERT INTO "memberships" VALUES(2,2,3,'head_of_class','Айгүл','active',1764565200000000,NULL,NULL,0,NULL);
CREATE TABLE minutes (
	meeting_id INTEGER NOT NULL, 
	words TEXT NOT NULL, 
	media_kind TEXT, 
	file_id TEXT, 
	channel TEXT, 
	written_by INTEGER NOT NULL, 
	written_at BIGINT NOT NULL, 
	PRIMARY KEY (meeting_id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id), 
	FOREIGN KEY(written_by) REFERENCES persons (id)
);
CREATE TABLE moved_classes (
	school_year_id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	school_id INTEGER NOT NULL, 
	"before" TEXT NOT NULL, 
	"after" TEXT, 
	PRIMARY KEY (school_year_id, community_id), 
	FOREIGN KEY(school_year_id) REFERENCES school_years (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(school_id) REFERENCES communities (id)
);
CREATE TABLE mutes (
	person_id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	until BIGINT, 
	PRIMARY KEY (person_id, community_id), 
	FOREIGN KEY(person_id) REFERENCES persons (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id)
);
CREATE TABLE newsletters (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	author_id INTEGER NOT NULL, 
	first_day TEXT NOT NULL, 
	last_day TEXT NOT NULL, 
	opening TEXT NOT NULL, 
	items TEXT NOT NULL, 
	dropped TEXT NOT NULL, 
	state TEXT NOT NULL, 
	announcement_id INTEGER, 
	created_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(author_id) REFERENCES persons (id), 
	FOREIGN KEY(announcement_id) REFERENCES announcements (id)
);
CREATE TABLE notes_of_operation (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE offers (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	subject_id INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	places INTEGER, 
	from_id INTEGER NOT NULL, 
	to_id INTEGER NOT NULL, 
	offered_by INTEGER NOT NULL, 
	offered_at BIGINT NOT NULL, 
	lapses_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	answered_by INTEGER, 
	answered_at BIGINT, 
	copy_id INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(from_id) REFERENCES communities (id), 
	FOREIGN KEY(to_id) REFERENCES communities (id), 
	FOREIGN KEY(offered_by) REFERENCES persons (id), 
	FOREIGN KEY(answered_by) REFERENCES persons (id)
);
CREATE TABLE one_time_codes (
	id INTEGER NOT NULL, 
	purpose TEXT NOT NULL, 
	mark BLOB NOT NULL, 
	person_id INTEGER NOT NULL, 
	made_by INTEGER NOT NULL, 
	expires_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (person_id, purpose), 
	UNIQUE (mark), 
	FOREIGN KEY(person_id) REFERENCES persons (id), 
	FOREIGN KEY(made_by) REFERENCES persons (id)
);
CREATE TABLE outgoing_bodies (
	id INTEGER NOT NULL, 
	outgoing_id INTEGER NOT NULL, 
	language TEXT NOT NULL, 
	zone TEXT NOT NULL, 
	body BLOB, 
	PRIMARY KEY (id), 
	UNIQUE (outgoing_id, language, zone), 
	FOREIGN KEY(outgoing_id) REFERENCES outgoings (id)
);
CREATE TABLE outgoings (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	roles TEXT NOT NULL, 
	subtree INTEGER NOT NULL, 
	lane INTEGER NOT NULL, 
	card TEXT, 
	subject_kind TEXT, 
	subject_id INTEGER, 
	subject_revision INTEGER, 
	not_before BIGINT NOT NULL, 
	not_after BIGINT, 
	dedupe_key TEXT, 
	reached_person INTEGER DEFAULT '0' NOT NULL, 
	state TEXT NOT NULL, 
	created_at BIGINT NOT NULL, pace TEXT DEFAULT 'awake' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	UNIQUE (dedupe_key)
);
CREATE TABLE page_addresses (
	person_mark BLOB NOT NULL, 
	key_id INTEGER NOT NULL, 
	address BLOB NOT NULL, 
	state TEXT NOT NULL, 
	wrong INTEGER NOT NULL, 
	asked_at BIGINT NOT NULL, 
	PRIMARY KEY (person_mark)
);
CREATE TABLE pages (
	id INTEGER NOT NULL, 
	body BLOB, 
	once BLOB NOT NULL, 
	state TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	not_before BIGINT NOT NULL, 
	made_on BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE parents_answers (
	child_id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	parent_id INTEGER NOT NULL, 
	agrees INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (child_id, community_id, parent_id), 
	FOREIGN KEY(child_id) REFERENCES persons (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(parent_id) REFERENCES persons (id)
);
CREATE TABLE pauses (
	place_mark BLOB NOT NULL, 
	until BIGINT NOT NULL, since BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (place_mark)
);
CREATE TABLE persons (
	id INTEGER NOT NULL, 
	language TEXT NOT NULL, 
	chose_language INTEGER DEFAULT '0' NOT NULL, 
	zone TEXT NOT NULL, 
	chose_zone INTEGER DEFAULT '0' NOT NULL, 
	quiet_from INTEGER, 
	quiet_until INTEGER, digest INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "persons" VALUES(1,'az',0,'Asia/Baku',0,NULL,NULL,0);
INSERT INTO "persons" VALUES(2,'kk',0,'Asia/Almaty',0,NULL,NULL,0);
CREATE TABLE pins (
	person_mark BLOB NOT NULL, 
	secret BLOB, 
	wrong INTEGER NOT NULL, 
	locked_until BIGINT NOT NULL, 
	PRIMARY KEY (person_mark)
);
CREATE TABLE plan_invitations (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	plan_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	content BLOB NOT NULL, 
	code_mark BLOB, 
	expires_at BIGINT, 
	opened_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(case_id) REFERENCES cases (id), 
	UNIQUE (code_mark)
);
CREATE TABLE plan_steps (
	id INTEGER NOT NULL, 
	plan_id INTEGER NOT NULL, 
	content BLOB NOT NULL, 
	owner_mark BLOB, 
	ends_at BIGINT NOT NULL, 
	state TEXT NOT NULL, 
	told_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(plan_id) REFERENCES support_plans (id)
);
CREATE TABLE poll_ballots (
	poll_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	choices INTEGER NOT NULL, 
	cast_at BIGINT NOT NULL, 
	PRIMARY KEY (poll_id, person_id), 
	FOREIGN KEY(poll_id) REFERENCES polls (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE poll_copies (
	channel TEXT NOT NULL, 
	native_id TEXT NOT NULL, 
	poll_id INTEGER NOT NULL, 
	PRIMARY KEY (channel, native_id), 
	FOREIGN KEY(poll_id) REFERENCES polls (id)
);
CREATE TABLE poll_stops (
	delivery_id INTEGER NOT NULL, 
	PRIMARY KEY (delivery_id), 
	FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);
CREATE TABLE polls (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	author_id INTEGER NOT NULL, 
	question TEXT NOT NULL, 
	options TEXT NOT NULL, 
	multiple INTEGER NOT NULL, 
	whom TEXT NOT NULL, 
	state TEXT NOT NULL, 
	opened_at BIGINT NOT NULL, 
	closes_at BIGINT, 
	closed_at BIGINT, 
	opening INTEGER DEFAULT '1' NOT NULL, 
	opened_chat INTEGER DEFAULT '0' NOT NULL, 
	opened_person INTEGER DEFAULT '0' NOT NULL, 
	stopping INTEGER DEFAULT '0' NOT NULL, 
	reminder TEXT NOT NULL, 
	remind_at BIGINT, 
	reminded_person INTEGER DEFAULT '0' NOT NULL, 
	card_due INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(author_id) REFERENCES persons (id)
);
CREATE TABLE published_figures (
	period TEXT NOT NULL, 
	published_at BIGINT NOT NULL, 
	PRIMARY KEY (period)
);
CREATE TABLE question_votes (
	question_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	PRIMARY KEY (question_id, person_id), 
	FOREIGN KEY(question_id) REFERENCES questions (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE questions (
	id INTEGER NOT NULL, 
	meeting_id INTEGER NOT NULL, 
	asked_by INTEGER, 
	kind TEXT NOT NULL, 
	words TEXT NOT NULL, 
	state TEXT NOT NULL, 
	outcome TEXT, 
	answer TEXT, 
	merged_into INTEGER, 
	asked_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id), 
	FOREIGN KEY(asked_by) REFERENCES persons (id), 
	FOREIGN KEY(merged_into) REFERENCES questions (id)
);
CREATE TABLE referrals (
	id INTEGER NOT NULL, 
	number TEXT NOT NULL, 
	case_id INTEGER NOT NULL, 
	agency_mark BLOB NOT NULL, 
	content BLOB NOT NULL, 
	told BLOB NOT NULL, 
	state TEXT NOT NULL, 
	heard_at BIGINT NOT NULL, 
	alarmed_at BIGINT, 
	PRIMARY KEY (id), 
	UNIQUE (number), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE renewed_invites (
	school_year_id INTEGER NOT NULL, 
	invite_id INTEGER NOT NULL, 
	is_new INTEGER NOT NULL, 
	PRIMARY KEY (school_year_id, invite_id), 
	FOREIGN KEY(school_year_id) REFERENCES school_years (id)
);
CREATE TABLE role_proposals (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	called TEXT NOT NULL, 
	role TEXT NOT NULL, 
	state TEXT NOT NULL, 
	proposed_by INTEGER NOT NULL, 
	proposed_at BIGINT NOT NULL, 
	confirms TEXT NOT NULL, 
	decided_by INTEGER, 
	decided_at BIGINT, 
	answered_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id), 
	FOREIGN KEY(proposed_by) REFERENCES persons (id), 
	FOREIGN KEY(decided_by) REFERENCES persons (id)
);
CREATE TABLE rosters (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	content BLOB, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE rsvps (
	meeting_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	answer TEXT NOT NULL, 
	guests INTEGER NOT NULL, 
	turn INTEGER, 
	answered_at BIGINT NOT NULL, 
	PRIMARY KEY (meeting_id, person_id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE school_years (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	year INTEGER NOT NULL, 
	done_at BIGINT NOT NULL, 
	undone_at BIGINT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE sealing_keys (
	id INTEGER NOT NULL, 
	purpose TEXT NOT NULL, 
	name TEXT NOT NULL, 
	master TEXT NOT NULL, 
	wrapped BLOB NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (purpose, name)
);
INSERT INTO "sealing_keys" VALUES(7,'day','2026-12-01','2026-12',X'00');
CREATE TABLE series (
	id INTEGER NOT NULL, 
	every TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE sessions (
	meeting_id INTEGER NOT NULL, 
	turn INTEGER NOT NULL, 
	"after" INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	room TEXT, 
	speaker TEXT, 
	PRIMARY KEY (meeting_id, turn), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id)
);
CREATE TABLE slots (
	id INTEGER NOT NULL, 
	meeting_id INTEGER NOT NULL, 
	starts_at BIGINT NOT NULL, 
	ends_at BIGINT NOT NULL, 
	person_id INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(meeting_id) REFERENCES meetings (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE stages (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	stage TEXT NOT NULL, 
	answers TEXT NOT NULL, 
	made_by INTEGER NOT NULL, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(made_by) REFERENCES persons (id)
);
CREATE TABLE stories (
	id INTEGER NOT NULL, 
	community_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	called TEXT NOT NULL, 
	role TEXT NOT NULL, 
	words TEXT NOT NULL, 
	photos TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	consent TEXT NOT NULL, 
	consented_by INTEGER, 
	state TEXT NOT NULL, 
	told_at BIGINT NOT NULL, 
	decided_by INTEGER, 
	decided_at BIGINT, 
	announcement_id INTEGER, 
	taking_back INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(community_id) REFERENCES communities (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id), 
	FOREIGN KEY(consented_by) REFERENCES persons (id), 
	FOREIGN KEY(decided_by) REFERENCES persons (id), 
	FOREIGN KEY(announcement_id) REFERENCES announcements (id)
);
CREATE TABLE story_copies (
	story_id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	PRIMARY KEY (story_id, person_id), 
	FOREIGN KEY(story_id) REFERENCES stories (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE TABLE support_plans (
	id INTEGER NOT NULL, 
	case_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	content BLOB NOT NULL, 
	made_at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (case_id, version), 
	FOREIGN KEY(case_id) REFERENCES cases (id)
);
CREATE TABLE unlocks (
	identity_mark BLOB NOT NULL, 
	person_mark BLOB NOT NULL, 
	until BIGINT NOT NULL, 
	used_at BIGINT NOT NULL, 
	PRIMARY KEY (identity_mark)
);
CREATE TABLE wrong_tries (
	id INTEGER NOT NULL, 
	person_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(person_id) REFERENCES persons (id)
);
CREATE INDEX identities_of_person ON identities (person_id);
CREATE INDEX wrong_tries_of_person ON wrong_tries (person_id, kind, at);
CREATE INDEX communities_below ON communities (parent_id);
CREATE INDEX invites_of_community ON invites (community_id);
CREATE UNIQUE INDEX one_membership_per_role ON memberships (person_id, community_id, role) WHERE state IN ('waiting', 'active');
CREATE UNIQUE INDEX one_chair_and_one_head ON memberships (community_id, role) WHERE state = 'active' AND role IN ('chair', 'head_of_class');
CREATE INDEX memberships_of_community ON memberships (community_id, state, person_id);
CREATE UNIQUE INDEX one_open_proposal ON role_proposals (person_id, community_id, role) WHERE state IN ('proposed', 'confirmed');
CREATE INDEX chats_of_community ON chats (community_id);
CREATE INDEX inbox_by_time ON inbox (at);
CREATE INDEX deliveries_waiting ON deliveries (lane, id) WHERE state = 'waiting';
CREATE INDEX deliveries_of_card ON deliveries (card_mark, id);
CREATE UNIQUE INDEX deliveries_of_outgoing ON deliveries (outgoing_id, person_id);
CREATE INDEX deliveries_of_poll ON deliveries (poll_id);
CREATE INDEX announcements_to_show ON announcements (id) WHERE stale = 1;
CREATE INDEX meetings_of_community ON meetings (community_id, starts_at);
CREATE INDEX meetings_of_organiser ON meetings (called_by, starts_at);
CREATE INDEX rsvps_by_answer ON rsvps (meeting_id, answer, turn, guests);
CREATE INDEX rsvps_of_person ON rsvps (person_id, answer);
CREATE INDEX meeting_reminders_due ON meeting_reminders (due_at) WHERE state = 'waiting';
CREATE INDEX meeting_notices_waiting ON meeting_notices (id) WHERE state = 'waiting';
CREATE INDEX polls_of_community ON polls (community_id, state);
CREATE INDEX polls_of_author ON polls (author_id, state);
CREATE INDEX polls_by_state ON polls (state);
CREATE INDEX polls_stopping ON polls (id) WHERE stopping = 1;
CREATE INDEX polls_card_due ON polls (id) WHERE card_due = 1;
CREATE INDEX deliveries_of_poll_subject ON deliveries (subject_id) WHERE kind = 'open_poll';
CREATE INDEX challenges_of_community ON challenges (community_id, state);
CREATE INDEX challenges_of_author ON challenges (author_id, state);
CREATE INDEX challenges_by_end ON challenges (state, ends_at);
CREATE INDEX participants_of_community ON challenge_participants (challenge_id, community_id);
CREATE INDEX cases_of_reporter ON cases (reporter_mark);
CREATE INDEX cases_waiting ON cases (waiting_since) WHERE state = 'new';
CREATE INDEX case_parts_by_source ON case_parts (source_mark);
CREATE INDEX case_copies_standing ON case_copies (shown_at) WHERE state = 'standing';
CREATE INDEX meetings_card_due ON meetings (refresh_at) WHERE card_due = 1;
CREATE INDEX deliveries_given_up ON deliveries (given_up_at) WHERE given_up_at IS NOT NULL;
CREATE INDEX sealing_keys_by_master ON sealing_keys (master, id);
CREATE INDEX memberships_of_person ON memberships (person_id, state);
CREATE INDEX wrong_tries_by_time ON wrong_tries (at);
CREATE INDEX memberships_ending ON memberships (until) WHERE state = 'active' AND until IS NOT NULL;
CREATE INDEX conversations_with_draft ON conversations (touched_on) WHERE state IS NOT NULL;
CREATE INDEX outgoings_expanding ON outgoings (id) WHERE state = 'expanding';
CREATE INDEX announcement_reminders_expanding ON announcement_reminders (at) WHERE state = 'expanding';
CREATE INDEX cases_open ON cases (waiting_since) WHERE state IN ('new', 'taken');
CREATE INDEX cases_taken ON cases (waiting_since) WHERE state = 'taken';
CREATE INDEX memberships_with_office ON memberships (person_id) WHERE role IN ('auditor', 'custodian', 'supervisor', 'worker');
CREATE INDEX case_log_of_case ON case_log (case_id);
CREATE INDEX case_log_by_time ON case_log (at);
CREATE INDEX case_log_pruned ON case_log (part_id) WHERE deed = 'pruned';
CREATE INDEX case_log_restored ON case_log (id) WHERE deed = 'restored';
CREATE INDEX cases_by_opening ON cases (opened_at);
CREATE INDEX hotline_figures_by_year ON hotline_figures (year);
CREATE INDEX unlocks_of_person ON unlocks (person_mark);
CREATE INDEX unlocks_by_end ON unlocks (until);
CREATE INDEX keypads_of_person ON keypads (person_mark);
CREATE INDEX keypads_touched_on ON keypads (touched_on);
CREATE INDEX pages_due ON pages (not_before) WHERE state = 'waiting';
CREATE UNIQUE INDEX pages_once ON pages (once) WHERE state = 'waiting';
CREATE INDEX pages_made_on ON pages (made_on);
CREATE UNIQUE INDEX one_roster_of_a_kind ON duty_rosters (community_id, state) WHERE state <> 'over';
CREATE UNIQUE INDEX one_swap_of_a_shift ON duty_swaps (roster_id, day, shift, post, giver_id) WHERE state <> 'withdrawn';
CREATE INDEX swaps_by_day ON duty_swaps (roster_id, day);
CREATE INDEX plan_steps_of_plan ON plan_steps (plan_id);
CREATE INDEX plan_steps_open ON plan_steps (ends_at) WHERE state = 'open';
CREATE INDEX plan_steps_of_owner ON plan_steps (owner_mark) WHERE state = 'open';
CREATE INDEX referrals_of_case ON referrals (case_id);
CREATE INDEX referrals_of_agency ON referrals (agency_mark) WHERE state IN ('sent', 'accepted');
CREATE INDEX referrals_open ON referrals (heard_at) WHERE state IN ('sent', 'accepted');
CREATE INDEX conferences_of_case ON conferences (case_id);
CREATE INDEX plan_invitations_of_case ON plan_invitations (case_id);
CREATE INDEX memberships_of_psychologists ON memberships (person_id) WHERE role = 'psychologist';
CREATE INDEX case_files_wanted ON case_files (ask_at) WHERE state = 'wanted';
CREATE INDEX case_files_of_case ON case_files (case_id);
CREATE INDEX cases_closed ON cases (ends_on) WHERE state = 'closed' AND destroyed_on IS NULL;
CREATE INDEX case_copies_of_case ON case_copies (case_id);
CREATE INDEX cases_to_ask_after ON cases (acted_at) WHERE acted_at IS NOT NULL AND asked_after < 2;
CREATE INDEX case_codes_of_case ON case_codes (case_id);
CREATE INDEX case_code_tries_of ON case_code_tries (who_mark, at);
CREATE INDEX case_code_tries_at ON case_code_tries (at);
CREATE INDEX case_letters_held ON case_letters (case_id) WHERE state = 'held';
CREATE INDEX case_traces_of ON case_traces (place_mark);
CREATE INDEX case_traces_at ON case_traces (at);
CREATE INDEX deliveries_traced ON deliveries (place_mark) WHERE trace IS NOT NULL;
CREATE INDEX case_asks_of_case ON case_asks (case_id);
CREATE INDEX case_asks_waiting ON case_asks (due_at) WHERE state = 'asked';
CREATE INDEX one_time_codes_by_end ON one_time_codes (expires_at);
CREATE UNIQUE INDEX one_link_of_a_parent ON families (child_id, parent_id) WHERE state IN ('waiting', 'linked');
CREATE INDEX families_of_parent ON families (parent_id, state);
CREATE INDEX communities_archived ON communities (archived_at) WHERE archived_at IS NOT NULL;
CREATE INDEX rosters_waiting ON rosters (made_at) WHERE content IS NOT NULL;
CREATE INDEX expected_names_by_time ON expected_names (listed_at);
CREATE INDEX expected_names_joined ON expected_names (membership_id);
CREATE INDEX school_years_of_community ON school_years (community_id, year);
CREATE INDEX school_years_by_time ON school_years (done_at);
CREATE INDEX moved_classes_of_school ON moved_classes (school_id, school_year_id);
CREATE INDEX announcements_planned ON announcements (due_at) WHERE state = 'planned';
CREATE INDEX announcements_urgent ON announcements (community_id, created_at) WHERE urgent = 1;
CREATE INDEX announcement_changes_open ON announcement_changes (at) WHERE state <> 'done';
CREATE INDEX persons_quiet ON persons (zone, quiet_from, quiet_until) WHERE quiet_from IS NOT NULL;
CREATE INDEX deliveries_held ON deliveries (not_before) WHERE state = 'held';
CREATE INDEX deliveries_gathered ON deliveries (not_before, person_id) WHERE state = 'digest';
CREATE INDEX deliveries_in_digest ON deliveries (person_id) WHERE state = 'in_digest';
CREATE INDEX deliveries_of_digest ON deliveries (person_id, digest) WHERE digest IS NOT NULL;
CREATE INDEX announcements_of_community ON announcements (community_id, created_at);
CREATE INDEX challenges_ended_in ON challenges (community_id, ends_at);
CREATE INDEX campaigns_of_community ON campaigns (community_id, id);
CREATE INDEX posts_of_campaign ON campaign_posts (campaign_id, planned_for);
CREATE INDEX posts_due ON campaign_posts (planned_for) WHERE state = 'planned';
CREATE INDEX stories_of_community ON stories (community_id, state, decided_at);
CREATE INDEX stories_of_person ON stories (person_id, id);
CREATE INDEX stories_taking_back ON stories (id) WHERE taking_back = 1;
CREATE INDEX stories_waiting ON stories (told_at) WHERE state = 'waiting';
CREATE INDEX newsletter_drafts ON newsletters (created_at) WHERE state = 'draft';
CREATE INDEX meetings_of_series ON meetings (series_id, starts_at);
CREATE INDEX meetings_to_announce ON meetings (announce_at) WHERE announce_at IS NOT NULL;
CREATE INDEX meetings_of_few_places ON meetings (starts_at) WHERE capacity IS NOT NULL OR slot_minutes IS NOT NULL;
CREATE INDEX slots_of_meeting ON slots (meeting_id, starts_at);
CREATE UNIQUE INDEX slots_of_person ON slots (person_id, meeting_id) WHERE person_id IS NOT NULL;
CREATE INDEX questions_of_meeting ON questions (meeting_id, state);
CREATE INDEX questions_of_person ON questions (asked_by, meeting_id);
CREATE INDEX questions_merged ON questions (merged_into);
CREATE INDEX question_votes_of_person ON question_votes (person_id);
CREATE INDEX attendance_codes_of_person ON attendance_codes (shown_to);
CREATE INDEX attendance_codes_due ON attendance_codes (refresh_at) WHERE card_due = 1;
CREATE INDEX attendance_of_person ON attendance (person_id);
CREATE INDEX minutes_of_person ON minutes (written_by);
CREATE INDEX decisions_of_meeting ON decisions (meeting_id);
CREATE INDEX decisions_of_owner ON decisions (owner_id, state);
CREATE INDEX decisions_of_maker ON decisions (made_by);
CREATE INDEX decision_cards_due ON decision_cards (meeting_id) WHERE card_due = 1;
CREATE INDEX decisions_due ON decisions (next_at) WHERE state = 'open';
CREATE INDEX meetings_to_ask_after ON meetings (starts_at) WHERE asked_after = 0;
CREATE INDEX feedback_rounds_due ON feedback_rounds (next_at) WHERE state <> 'closed';
CREATE UNIQUE INDEX one_offer_of_a_thing ON offers (kind, subject_id, to_id) WHERE state IN ('offered', 'accepted');
CREATE INDEX offers_of_thing ON offers (kind, subject_id);
CREATE INDEX offers_to ON offers (to_id, state);
CREATE INDEX offers_from ON offers (from_id, state);
CREATE INDEX offers_waiting ON offers (lapses_at) WHERE state = 'offered';
CREATE INDEX meetings_open ON meetings (community_id) WHERE open = 1;
CREATE INDEX announcements_open ON announcements (community_id) WHERE open = 1;
CREATE INDEX stages_of_community ON stages (community_id, id);
CREATE INDEX meetings_that_ask ON meetings (starts_at) WHERE asks = 1;
COMMIT;
