-- The record: everything that domain.md names, in the order in which foreign keys need it.
-- Written once for both databases. PostgreSQL takes the types as they stand (text compares by
-- bytes, see lib.rs); SQLite gets blob, text and integer in their place.

-- Reference lists that the field itself revises -------------------------------------------------

CREATE TABLE country (
  iso3 text PRIMARY KEY CHECK (length(iso3) = 3),
  iso2 text NOT NULL UNIQUE,
  name_en text NOT NULL,
  name_fr text NOT NULL
);

CREATE TABLE organisation_type (
  code text PRIMARY KEY,
  name_en text NOT NULL,
  name_fr text NOT NULL,
  aliases text NOT NULL
);

CREATE TABLE sector (
  code text PRIMARY KEY,
  code_folded text NOT NULL UNIQUE,
  name_en text NOT NULL,
  name_fr text NOT NULL,
  aliases text NOT NULL
);

-- A P-code is unique only together with the day from which it holds: codes are reused.
CREATE TABLE place (
  id uuid PRIMARY KEY,
  country text NOT NULL REFERENCES country (iso3),
  level integer NOT NULL CHECK (level BETWEEN 0 AND 5),
  p_code text NOT NULL,
  name text NOT NULL,
  name_folded text NOT NULL,
  parent_p_code text,
  parent_id uuid REFERENCES place (id),
  valid_from date NOT NULL,
  valid_to date,
  UNIQUE (p_code, valid_from)
);
CREATE INDEX ix_place_name ON place (name_folded, id);
CREATE INDEX ix_place_parent ON place (parent_id);

-- Who coordinates -------------------------------------------------------------------------------

CREATE TABLE operation (
  id uuid PRIMARY KEY,
  code text NOT NULL UNIQUE,
  slug text NOT NULL UNIQUE,
  name text NOT NULL,
  name_folded text NOT NULL,
  country text REFERENCES country (iso3),
  time_zone text NOT NULL,
  default_language text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0)
);

CREATE TABLE organisation (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (length(name) > 0),
  name_folded text NOT NULL,
  acronym text,
  acronym_folded text,
  native_name text,
  native_name_folded text,
  slug text NOT NULL UNIQUE,
  type_code text REFERENCES organisation_type (code),
  parent_id uuid REFERENCES organisation (id),
  merged_into_id uuid REFERENCES organisation (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (merged_into_id IS NULL OR merged_into_id <> id)
);
CREATE INDEX ix_organisation_name ON organisation (name_folded, id);
CREATE INDEX ix_organisation_acronym ON organisation (acronym_folded);
CREATE INDEX ix_organisation_native_name ON organisation (native_name_folded);
CREATE INDEX ix_organisation_updated ON organisation (updated_at, id);
CREATE INDEX ix_organisation_parent ON organisation (parent_id);
CREATE INDEX ix_organisation_merged ON organisation (merged_into_id);

CREATE TABLE organisation_alias (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id),
  name text NOT NULL,
  folded text NOT NULL,
  language text,
  UNIQUE (organisation_id, folded)
);
CREATE INDEX ix_organisation_alias_folded ON organisation_alias (folded);

CREATE TABLE organisation_identifier (
  id uuid PRIMARY KEY,
  organisation_id uuid NOT NULL REFERENCES organisation (id),
  scheme text NOT NULL,
  value text NOT NULL,
  UNIQUE (scheme, value)
);
CREATE INDEX ix_organisation_identifier_organisation ON organisation_identifier (organisation_id);

CREATE TABLE coordination_group (
  id uuid PRIMARY KEY,
  operation_id uuid NOT NULL REFERENCES operation (id),
  kind text NOT NULL,
  name text NOT NULL CHECK (length(name) > 0),
  name_folded text NOT NULL,
  acronym text,
  slug text NOT NULL UNIQUE,
  parent_id uuid REFERENCES coordination_group (id),
  reports_to_id uuid REFERENCES coordination_group (id),
  place_id uuid REFERENCES place (id),
  mandate text,
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  status text NOT NULL CHECK (status IN ('PROPOSED', 'ACTIVE', 'DORMANT', 'DEACTIVATED')),
  activated_on date,
  deactivated_on date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (parent_id IS NULL OR parent_id <> id),
  CHECK (reports_to_id IS NULL OR reports_to_id <> id)
);
CREATE INDEX ix_coordination_group_operation ON coordination_group (operation_id, name_folded, id);
CREATE INDEX ix_coordination_group_name ON coordination_group (name_folded, id);
CREATE INDEX ix_coordination_group_parent ON coordination_group (parent_id);
CREATE INDEX ix_coordination_group_updated ON coordination_group (updated_at, id);

CREATE TABLE group_alias (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  name text NOT NULL,
  folded text NOT NULL,
  language text,
  UNIQUE (group_id, folded)
);
CREATE INDEX ix_group_alias_folded ON group_alias (folded);

CREATE TABLE group_sector (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  sector_code text NOT NULL REFERENCES sector (code),
  UNIQUE (group_id, sector_code)
);

CREATE TABLE person (
  id uuid PRIMARY KEY,
  display_name text NOT NULL CHECK (length(display_name) > 0),
  name_folded text NOT NULL,
  organisation_id uuid REFERENCES organisation (id),
  job_title text,
  merged_into_id uuid REFERENCES person (id),
  erased_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (merged_into_id IS NULL OR merged_into_id <> id)
);
CREATE INDEX ix_person_name ON person (name_folded, id);
CREATE INDEX ix_person_organisation ON person (organisation_id);
CREATE INDEX ix_person_updated ON person (updated_at, id);
CREATE INDEX ix_person_merged ON person (merged_into_id);

-- Personal data stands in tables of its own: hiding a field is hiding a row.
CREATE TABLE contact_point (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES person (id),
  kind text NOT NULL CHECK (kind IN ('EMAIL', 'PHONE', 'OTHER')),
  value text NOT NULL,
  label text,
  position integer NOT NULL,
  UNIQUE (person_id, kind, value)
);
CREATE INDEX ix_contact_point_value ON contact_point (value);

CREATE TABLE contact_share (
  id uuid PRIMARY KEY,
  contact_point_id uuid NOT NULL REFERENCES contact_point (id),
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  UNIQUE (contact_point_id, group_id)
);

-- Who met ---------------------------------------------------------------------------------------

CREATE TABLE meeting_series (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  name text NOT NULL,
  rule text,
  time_zone text NOT NULL,
  place_id uuid REFERENCES place (id),
  venue_text text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0)
);
CREATE INDEX ix_meeting_series_group ON meeting_series (group_id);

CREATE TABLE meeting (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  published_at timestamptz,
  series_id uuid REFERENCES meeting_series (id),
  title text,
  title_folded text,
  kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('DRAFT', 'SCHEDULED', 'IN_PROGRESS', 'HELD', 'CLOSED', 'CANCELLED', 'NOT_HELD')),
  held_on date,
  occurs_on date,
  date_text text,
  times_text text,
  scheduled_start timestamptz,
  scheduled_end timestamptz,
  actual_start timestamptz,
  actual_end timestamptz,
  time_zone text NOT NULL,
  notes text,
  modality text NOT NULL,
  venue_text text,
  host_organisation_id uuid REFERENCES organisation (id),
  place_id uuid REFERENCES place (id),
  agenda_status text NOT NULL,
  agenda_as_invited text,
  attendance_record text NOT NULL,
  headcount integer CHECK (headcount >= 0),
  language text NOT NULL,
  status_reason text,
  record_digest text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (scheduled_end IS NULL OR scheduled_start IS NULL OR scheduled_end >= scheduled_start),
  CHECK (actual_end IS NULL OR actual_start IS NULL OR actual_end >= actual_start)
);
CREATE INDEX ix_meeting_group ON meeting (group_id, occurs_on, id);
CREATE INDEX ix_meeting_occurs ON meeting (occurs_on, id);
CREATE INDEX ix_meeting_operation ON meeting (operation_id);
CREATE INDEX ix_meeting_updated ON meeting (updated_at, id);
CREATE INDEX ix_meeting_series_meeting ON meeting (series_id);

-- The other groups of a joint meeting.
CREATE TABLE meeting_group (
  id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meeting (id),
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  UNIQUE (meeting_id, group_id)
);

-- A join link lets strangers into a call: a table of its own, with its own visibility.
CREATE TABLE meeting_join_link (
  id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL UNIQUE REFERENCES meeting (id),
  url text NOT NULL
);

CREATE TABLE agenda_item (
  id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meeting (id),
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  published_at timestamptz,
  position integer NOT NULL CHECK (position > 0),
  printed_number text,
  kind text NOT NULL,
  purpose text,
  title text NOT NULL CHECK (length(title) > 0),
  planned_minutes integer CHECK (planned_minutes > 0),
  status text NOT NULL,
  status_note text,
  offline_channel text,
  deferred_to_id uuid REFERENCES meeting (id),
  continues_id uuid REFERENCES agenda_item (id),
  discussion text,
  language text NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  UNIQUE (meeting_id, position)
);
CREATE INDEX ix_agenda_item_continues ON agenda_item (continues_id);
CREATE INDEX ix_agenda_item_deferred ON agenda_item (deferred_to_id);

CREATE TABLE presenter (
  id uuid PRIMARY KEY,
  agenda_item_id uuid NOT NULL REFERENCES agenda_item (id),
  position integer NOT NULL,
  display_name text NOT NULL,
  function_text text,
  organisation_text text,
  person_id uuid REFERENCES person (id),
  organisation_id uuid REFERENCES organisation (id),
  UNIQUE (agenda_item_id, position)
);
CREATE INDEX ix_presenter_person ON presenter (person_id);
CREATE INDEX ix_presenter_organisation ON presenter (organisation_id);

CREATE TABLE attendance (
  id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meeting (id),
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  position integer NOT NULL CHECK (position > 0),
  display_name text,
  organisation_text text,
  function_text text,
  person_id uuid REFERENCES person (id),
  organisation_id uuid REFERENCES organisation (id),
  status text NOT NULL,
  capacity text,
  is_chair boolean NOT NULL,
  is_minute_taker boolean NOT NULL,
  is_presenter boolean NOT NULL,
  note text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  UNIQUE (meeting_id, position),
  CHECK (display_name IS NOT NULL OR organisation_text IS NOT NULL OR person_id IS NOT NULL OR organisation_id IS NOT NULL)
);
CREATE INDEX ix_attendance_person ON attendance (person_id);
CREATE INDEX ix_attendance_organisation ON attendance (organisation_id);

CREATE TABLE minutes (
  id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meeting (id),
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  published_at timestamptz,
  revision integer NOT NULL CHECK (revision > 0),
  status text NOT NULL CHECK (status IN ('DRAFT', 'UNDER_REVIEW', 'CIRCULATED', 'ADOPTED', 'SUPERSEDED')),
  title text,
  body text,
  public_text text,
  language text NOT NULL,
  reviewed_on date,
  circulated_on date,
  comments_due_on date,
  adopted_on date,
  adopted_at_id uuid REFERENCES meeting (id),
  corrections text,
  status_reason text,
  supersedes_id uuid REFERENCES minutes (id),
  snapshot text,
  snapshot_hash text,
  previous_hash text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  UNIQUE (meeting_id, revision),
  CHECK (status NOT IN ('ADOPTED', 'SUPERSEDED') OR (snapshot IS NOT NULL AND snapshot_hash IS NOT NULL))
);
CREATE INDEX ix_minutes_adopted_at ON minutes (adopted_at_id);

CREATE TABLE minutes_contributor (
  id uuid PRIMARY KEY,
  minutes_id uuid NOT NULL REFERENCES minutes (id),
  position integer NOT NULL,
  role text NOT NULL CHECK (role IN ('AUTHOR', 'REVIEWER')),
  display_name text NOT NULL,
  function_text text,
  organisation_text text,
  person_id uuid REFERENCES person (id),
  organisation_id uuid REFERENCES organisation (id),
  UNIQUE (minutes_id, position)
);
CREATE INDEX ix_minutes_contributor_person ON minutes_contributor (person_id);
CREATE INDEX ix_minutes_contributor_organisation ON minutes_contributor (organisation_id);

-- Who belongs -----------------------------------------------------------------------------------

CREATE TABLE membership (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  organisation_id uuid REFERENCES organisation (id),
  person_id uuid REFERENCES person (id),
  role text NOT NULL,
  role_title text,
  since date,
  until date,
  funded_by_id uuid REFERENCES organisation (id),
  is_dedicated boolean,
  topic text,
  topic_folded text,
  represents text,
  verified_on date,
  note text,
  handover_state text NOT NULL CHECK (handover_state IN ('NONE', 'ANNOUNCED', 'PROPOSED', 'AGREED', 'COMPLETED', 'WITHDRAWN')),
  handover_successor_id uuid REFERENCES organisation (id),
  handover_supporter_id uuid REFERENCES organisation (id),
  handover_meeting_id uuid REFERENCES meeting (id),
  handover_note text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (organisation_id IS NOT NULL OR person_id IS NOT NULL),
  CHECK (until IS NULL OR since IS NULL OR until >= since)
);
CREATE INDEX ix_membership_group ON membership (group_id, role, id);
CREATE INDEX ix_membership_person ON membership (person_id);
CREATE INDEX ix_membership_organisation ON membership (organisation_id);
CREATE INDEX ix_membership_updated ON membership (updated_at, id);
-- One open seat per role and holder. Three indexes, because NULL never equals NULL.
CREATE UNIQUE INDEX ix_membership_one_seat_both ON membership (group_id, role, person_id, organisation_id, coalesce(topic, ''))
  WHERE until IS NULL AND person_id IS NOT NULL AND organisation_id IS NOT NULL;
CREATE UNIQUE INDEX ix_membership_one_seat_person ON membership (group_id, role, person_id, coalesce(topic, ''))
  WHERE until IS NULL AND person_id IS NOT NULL AND organisation_id IS NULL;
CREATE UNIQUE INDEX ix_membership_one_seat_organisation ON membership (group_id, role, organisation_id, coalesce(topic, ''))
  WHERE until IS NULL AND person_id IS NULL;

-- What was agreed, and what became of it --------------------------------------------------------

CREATE TABLE recommendation (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  published_at timestamptz,
  public_text text,
  meeting_id uuid REFERENCES meeting (id),
  agenda_item_id uuid REFERENCES agenda_item (id),
  derived_from_id uuid REFERENCES recommendation (id),
  establishes_group_id uuid REFERENCES coordination_group (id),
  position integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('RECOMMENDATION', 'DECISION', 'PROPOSAL')),
  text text NOT NULL CHECK (length(text) > 0),
  text_folded text NOT NULL,
  language text NOT NULL,
  status text NOT NULL,
  status_reason text,
  note text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0)
);
CREATE INDEX ix_recommendation_group ON recommendation (group_id, status, id);
CREATE INDEX ix_recommendation_meeting ON recommendation (meeting_id, position);
CREATE INDEX ix_recommendation_agenda_item ON recommendation (agenda_item_id, position);
CREATE INDEX ix_recommendation_derived ON recommendation (derived_from_id);
CREATE INDEX ix_recommendation_establishes ON recommendation (establishes_group_id);
CREATE INDEX ix_recommendation_created ON recommendation (created_at, id);
CREATE INDEX ix_recommendation_updated ON recommendation (updated_at, id);

CREATE TABLE addressee (
  id uuid PRIMARY KEY,
  recommendation_id uuid NOT NULL REFERENCES recommendation (id),
  position integer NOT NULL,
  written_as text,
  person_id uuid REFERENCES person (id),
  organisation_id uuid REFERENCES organisation (id),
  group_id uuid REFERENCES coordination_group (id),
  UNIQUE (recommendation_id, position),
  CHECK (written_as IS NOT NULL OR person_id IS NOT NULL OR organisation_id IS NOT NULL OR group_id IS NOT NULL),
  CHECK ((CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN organisation_id IS NULL THEN 0 ELSE 1 END)
       + (CASE WHEN group_id IS NULL THEN 0 ELSE 1 END) <= 1)
);
CREATE INDEX ix_addressee_organisation ON addressee (organisation_id);
CREATE INDEX ix_addressee_person ON addressee (person_id);
CREATE INDEX ix_addressee_group ON addressee (group_id);

CREATE TABLE follow_up (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  published_at timestamptz,
  public_text text,
  meeting_id uuid REFERENCES meeting (id),
  agenda_item_id uuid REFERENCES agenda_item (id),
  recommendation_id uuid REFERENCES recommendation (id),
  depends_on_id uuid REFERENCES follow_up (id),
  position integer NOT NULL,
  text text NOT NULL CHECK (length(text) > 0),
  text_folded text NOT NULL,
  language text NOT NULL,
  status text NOT NULL CHECK (status IN ('OPEN', 'IN_PROGRESS', 'BLOCKED', 'DONE', 'CANCELLED')),
  priority text NOT NULL CHECK (priority IN ('NORMAL', 'HIGH')),
  raised_on date,
  responsible_text text,
  due_on date,
  due_text text,
  due_qualifier text CHECK (due_qualifier IN ('ON', 'ON_OR_BEFORE', 'BEFORE', 'AROUND')),
  due_precision text CHECK (due_precision IN ('DAY', 'MONTH', 'QUARTER', 'SEASON', 'YEAR')),
  due_is_inferred boolean NOT NULL,
  blocked_reason text,
  blocked_by_id uuid REFERENCES organisation (id),
  action_taken text,
  closed_on date,
  status_reason text,
  due_change_count integer NOT NULL,
  reassignment_count integer NOT NULL,
  note text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (status <> 'BLOCKED' OR blocked_reason IS NOT NULL),
  CHECK (status <> 'DONE' OR action_taken IS NOT NULL),
  CHECK (depends_on_id IS NULL OR depends_on_id <> id)
);
CREATE INDEX ix_follow_up_open ON follow_up (group_id, status, due_on, id);
CREATE INDEX ix_follow_up_due ON follow_up (due_on, id);
CREATE INDEX ix_follow_up_operation ON follow_up (operation_id, status);
CREATE INDEX ix_follow_up_meeting ON follow_up (meeting_id, position);
CREATE INDEX ix_follow_up_agenda_item ON follow_up (agenda_item_id, position);
CREATE INDEX ix_follow_up_recommendation ON follow_up (recommendation_id, position);
CREATE INDEX ix_follow_up_depends ON follow_up (depends_on_id);
CREATE INDEX ix_follow_up_blocked_by ON follow_up (blocked_by_id);
CREATE INDEX ix_follow_up_created ON follow_up (created_at, id);
CREATE INDEX ix_follow_up_updated ON follow_up (updated_at, id);

CREATE TABLE assignment (
  id uuid PRIMARY KEY,
  follow_up_id uuid NOT NULL REFERENCES follow_up (id),
  position integer NOT NULL,
  part text NOT NULL CHECK (part IN ('RESPONSIBLE', 'SUPPORT')),
  written_as text,
  is_inferred boolean NOT NULL,
  person_id uuid REFERENCES person (id),
  organisation_id uuid REFERENCES organisation (id),
  group_id uuid REFERENCES coordination_group (id),
  role text,
  state text NOT NULL CHECK (state IN ('PENDING', 'ACKNOWLEDGED', 'DONE', 'DECLINED')),
  response text,
  responded_on date,
  UNIQUE (follow_up_id, position),
  -- exactly one of person, organisation, whole group, role in a group, or the text as written
  CHECK ((person_id IS NOT NULL AND organisation_id IS NULL AND group_id IS NULL AND role IS NULL)
      OR (organisation_id IS NOT NULL AND person_id IS NULL AND group_id IS NULL AND role IS NULL)
      OR (group_id IS NOT NULL AND person_id IS NULL AND organisation_id IS NULL)
      OR (written_as IS NOT NULL AND person_id IS NULL AND organisation_id IS NULL AND group_id IS NULL AND role IS NULL))
);
CREATE INDEX ix_assignment_person ON assignment (person_id);
CREATE INDEX ix_assignment_organisation ON assignment (organisation_id);
CREATE INDEX ix_assignment_group ON assignment (group_id);

-- "All members return the matrix by 21 July": who has, when the assignee is a whole group or a role.
CREATE TABLE assignment_response (
  id uuid PRIMARY KEY,
  assignment_id uuid NOT NULL REFERENCES assignment (id),
  organisation_id uuid REFERENCES organisation (id),
  person_id uuid REFERENCES person (id),
  state text NOT NULL CHECK (state IN ('PENDING', 'ACKNOWLEDGED', 'DONE', 'DECLINED')),
  response text,
  responded_on date NOT NULL,
  CHECK (organisation_id IS NOT NULL OR person_id IS NOT NULL)
);
CREATE UNIQUE INDEX ix_assignment_response_organisation ON assignment_response (assignment_id, organisation_id) WHERE organisation_id IS NOT NULL;
CREATE UNIQUE INDEX ix_assignment_response_person ON assignment_response (assignment_id, person_id) WHERE organisation_id IS NULL;

CREATE TABLE follow_up_update (
  id uuid PRIMARY KEY,
  follow_up_id uuid NOT NULL REFERENCES follow_up (id),
  meeting_id uuid REFERENCES meeting (id),
  organisation_id uuid REFERENCES organisation (id),
  person_id uuid REFERENCES person (id),
  text text NOT NULL CHECK (length(text) > 0),
  language text NOT NULL,
  occurred_on date,
  occurred_text text,
  occurred_is_inferred boolean NOT NULL,
  status_after text,
  created_at timestamptz NOT NULL
);
CREATE INDEX ix_follow_up_update_follow_up ON follow_up_update (follow_up_id, created_at, id);

CREATE TABLE review (
  id uuid PRIMARY KEY,
  meeting_id uuid NOT NULL REFERENCES meeting (id),
  agenda_item_id uuid REFERENCES agenda_item (id),
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  published_at timestamptz,
  recommendation_id uuid REFERENCES recommendation (id),
  follow_up_id uuid REFERENCES follow_up (id),
  position integer NOT NULL,
  outcome text NOT NULL,
  action_taken text,
  next_step text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  UNIQUE (meeting_id, recommendation_id),
  UNIQUE (meeting_id, follow_up_id),
  CHECK ((recommendation_id IS NULL) <> (follow_up_id IS NULL))
);
CREATE INDEX ix_review_recommendation ON review (recommendation_id);
CREATE INDEX ix_review_follow_up ON review (follow_up_id);
CREATE INDEX ix_review_agenda_item ON review (agenda_item_id);

CREATE TABLE referral (
  id uuid PRIMARY KEY,
  from_group_id uuid NOT NULL REFERENCES coordination_group (id),
  to_group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  recommendation_id uuid REFERENCES recommendation (id),
  follow_up_id uuid REFERENCES follow_up (id),
  agenda_item_id uuid REFERENCES agenda_item (id),
  meeting_id uuid REFERENCES meeting (id),
  text text NOT NULL CHECK (length(text) > 0),
  language text NOT NULL,
  sent_on date,
  status text NOT NULL CHECK (status IN ('SENT', 'ON_AGENDA', 'ANSWERED', 'RETURNED')),
  answer text,
  answered_on date,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (from_group_id <> to_group_id),
  CHECK (status NOT IN ('ANSWERED', 'RETURNED') OR answer IS NOT NULL)
);
CREATE INDEX ix_referral_from ON referral (from_group_id, status);
CREATE INDEX ix_referral_to ON referral (to_group_id, status);
CREATE INDEX ix_referral_recommendation ON referral (recommendation_id);
CREATE INDEX ix_referral_follow_up ON referral (follow_up_id);
CREATE INDEX ix_referral_agenda_item ON referral (agenda_item_id);

CREATE TABLE announcement (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  published_at timestamptz,
  meeting_id uuid REFERENCES meeting (id),
  agenda_item_id uuid REFERENCES agenda_item (id),
  position integer NOT NULL,
  kind text NOT NULL,
  text text NOT NULL CHECK (length(text) > 0),
  language text NOT NULL,
  organisation_id uuid REFERENCES organisation (id),
  place_id uuid REFERENCES place (id),
  place_text text,
  starts_on date,
  starts_precision text,
  ends_on date,
  ends_precision text,
  dates_text text,
  status text NOT NULL CHECK (status IN ('PLANNED', 'DONE', 'CANCELLED')),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on)
);
CREATE INDEX ix_announcement_group ON announcement (group_id, starts_on, id);
CREATE INDEX ix_announcement_meeting ON announcement (meeting_id, position);
CREATE INDEX ix_announcement_agenda_item ON announcement (agenda_item_id, position);
CREATE INDEX ix_announcement_created ON announcement (created_at, id);

CREATE TABLE document (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  visibility text NOT NULL CHECK (visibility IN ('PUBLIC', 'OPERATION', 'GROUP', 'OFFICERS')),
  sensitivity text NOT NULL CHECK (sensitivity IN ('LOW', 'MODERATE', 'HIGH', 'SEVERE')),
  published_at timestamptz,
  meeting_id uuid REFERENCES meeting (id),
  agenda_item_id uuid REFERENCES agenda_item (id),
  promised_by_id uuid REFERENCES follow_up (id),
  derived_from_id uuid REFERENCES document (id),
  position integer NOT NULL,
  kind text NOT NULL,
  title text NOT NULL CHECK (length(title) > 0),
  title_folded text NOT NULL,
  language text,
  status text NOT NULL CHECK (status IN ('PROMISED', 'DRAFT', 'AVAILABLE')),
  url text,
  checksum text,
  note text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  CHECK (status <> 'AVAILABLE' OR url IS NOT NULL)
);
CREATE INDEX ix_document_group ON document (group_id, title_folded, id);
CREATE INDEX ix_document_meeting ON document (meeting_id, position);
CREATE INDEX ix_document_agenda_item ON document (agenda_item_id, position);
CREATE INDEX ix_document_promised_by ON document (promised_by_id);
CREATE INDEX ix_document_derived ON document (derived_from_id);
CREATE INDEX ix_document_created ON document (created_at, id);

-- Codes by which other systems know a row; unique per kind and system.
CREATE TABLE external_reference (
  id uuid PRIMARY KEY,
  kind text NOT NULL,
  system text NOT NULL CHECK (length(system) > 0),
  code text NOT NULL CHECK (length(code) > 0),
  operation_id uuid REFERENCES operation (id),
  group_id uuid REFERENCES coordination_group (id),
  organisation_id uuid REFERENCES organisation (id),
  person_id uuid REFERENCES person (id),
  membership_id uuid REFERENCES membership (id),
  meeting_id uuid REFERENCES meeting (id),
  recommendation_id uuid REFERENCES recommendation (id),
  follow_up_id uuid REFERENCES follow_up (id),
  document_id uuid REFERENCES document (id),
  announcement_id uuid REFERENCES announcement (id),
  UNIQUE (kind, system, code)
);
CREATE INDEX ix_external_reference_operation ON external_reference (operation_id);
CREATE INDEX ix_external_reference_group ON external_reference (group_id);
CREATE INDEX ix_external_reference_organisation ON external_reference (organisation_id);
CREATE INDEX ix_external_reference_person ON external_reference (person_id);
CREATE INDEX ix_external_reference_membership ON external_reference (membership_id);
CREATE INDEX ix_external_reference_meeting ON external_reference (meeting_id);
CREATE INDEX ix_external_reference_recommendation ON external_reference (recommendation_id);
CREATE INDEX ix_external_reference_follow_up ON external_reference (follow_up_id);
CREATE INDEX ix_external_reference_document ON external_reference (document_id);
CREATE INDEX ix_external_reference_announcement ON external_reference (announcement_id);

-- Who may sign in -------------------------------------------------------------------------------

CREATE TABLE account (
  id uuid PRIMARY KEY,
  person_id uuid UNIQUE REFERENCES person (id),
  email text NOT NULL,
  email_folded text NOT NULL UNIQUE,
  display_name text NOT NULL,
  password_hash text,
  language text,
  is_active boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0)
);

-- The two rights that no membership gives.
CREATE TABLE account_grant (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  kind text NOT NULL CHECK (kind IN ('OPERATION_MANAGER', 'ADMIN')),
  operation_id uuid REFERENCES operation (id),
  created_at timestamptz NOT NULL,
  CHECK ((kind = 'ADMIN') = (operation_id IS NULL))
);
CREATE INDEX ix_account_grant_account ON account_grant (account_id);

-- A sign-in (RFC 9700): refresh tokens rotate, a reused one ends the whole session.
CREATE TABLE session (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX ix_session_account ON session (account_id);

CREATE TABLE refresh_token (
  id uuid PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES session (id),
  digest text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX ix_refresh_token_session ON refresh_token (session_id);

-- Signing keys of access tokens, made at the first start.
CREATE TABLE signing_key (
  id uuid PRIMARY KEY,
  secret text NOT NULL,
  created_at timestamptz NOT NULL,
  retired_at timestamptz
);

-- The change sequence: positions are given out in the order of commits.
CREATE TABLE change (
  position serial_position,
  at timestamptz NOT NULL,
  account_id uuid REFERENCES account (id),
  acting_for_id uuid REFERENCES organisation (id),
  kind text NOT NULL,
  entity_kind text NOT NULL,
  entity_id uuid NOT NULL,
  group_id uuid REFERENCES coordination_group (id),
  operation_id uuid REFERENCES operation (id),
  from_state text,
  to_state text,
  reason text,
  detail text,
  request_id text
);
CREATE INDEX ix_change_entity ON change (entity_id, position);
CREATE INDEX ix_change_group ON change (group_id, position);
CREATE INDEX ix_change_operation ON change (operation_id, position);
