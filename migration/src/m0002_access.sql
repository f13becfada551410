-- Access: the other ways in, what waits for somebody, and what was opened by force.

-- Accounts of people, and of services: a dashboard, a script. A service has no address: its row holds
-- one under the reserved domain `invalid`, so that nobody can sign in with it.
ALTER TABLE account ADD COLUMN
  kind text NOT NULL DEFAULT 'PERSON' CHECK (kind IN ('PERSON', 'SERVICE'));

-- Whether the address is known to be the person's: given by an administrator, or proven by an invitation or
-- an issuer. One that somebody gave themselves opens no invitation that waits for it.
ALTER TABLE account ADD COLUMN
  email_is_proven boolean NOT NULL DEFAULT true;

CREATE TABLE service_account (
  id uuid PRIMARY KEY REFERENCES account (id),
  description text,
  group_id uuid REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  created_by_id uuid REFERENCES account (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0)
);
CREATE INDEX ix_service_account_group ON service_account (group_id);
CREATE INDEX ix_service_account_operation ON service_account (operation_id);

-- What a service may: seats like those of people, without a person.
CREATE TABLE service_seat (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  role text NOT NULL CHECK (role IN ('OBSERVER', 'REPRESENTATIVE', 'SECRETARY', 'INFORMATION_MANAGER')),
  created_by_id uuid REFERENCES account (id),
  created_at timestamptz NOT NULL,
  UNIQUE (account_id, group_id, role)
);
CREATE INDEX ix_service_seat_group ON service_seat (group_id);

-- The token itself is shown once; its SHA-256 stays. `scopes` are words between blanks.
CREATE TABLE api_token (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  name text NOT NULL,
  digest text NOT NULL UNIQUE,
  scopes text NOT NULL,
  created_by_id uuid REFERENCES account (id),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  last_used_at timestamptz,
  version integer NOT NULL CHECK (version > 0),
  updated_at timestamptz NOT NULL
);
CREATE INDEX ix_api_token_account ON api_token (account_id);

-- Where a token holds; one without a line holds wherever its account has rights.
CREATE TABLE api_token_limit (
  id uuid PRIMARY KEY,
  api_token_id uuid NOT NULL REFERENCES api_token (id),
  group_id uuid REFERENCES coordination_group (id),
  operation_id uuid REFERENCES operation (id),
  CHECK ((group_id IS NULL) <> (operation_id IS NULL))
);
CREATE INDEX ix_api_token_limit_token ON api_token_limit (api_token_id);

-- Sign-ins -------------------------------------------------------------------------------------

ALTER TABLE session ADD COLUMN
  method text NOT NULL DEFAULT 'PASSWORD' CHECK (method IN ('PASSWORD', 'OPENID', 'COMMAND_LINE'));
ALTER TABLE session ADD COLUMN
  second_factor boolean NOT NULL DEFAULT false;
ALTER TABLE session ADD COLUMN
  client text;
ALTER TABLE session ADD COLUMN
  last_used_at timestamptz;

-- A client whose answer got lost sends the spent token again: the pair that it never saw is discarded.
ALTER TABLE refresh_token ADD COLUMN
  parent_id uuid REFERENCES refresh_token (id);
ALTER TABLE refresh_token ADD COLUMN
  discarded_at timestamptz;
CREATE INDEX ix_refresh_token_parent ON refresh_token (parent_id);

-- A client that has signed in before: guesses of strangers do not lock it out.
CREATE TABLE device (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  digest text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL
);
CREATE INDEX ix_device_account ON device (account_id);

-- Failed sign-ins, counted by bucket: a digest of account and class of client.
CREATE TABLE throttle (
  bucket text PRIMARY KEY,
  failures integer NOT NULL,
  since timestamptz NOT NULL,
  blocked_until timestamptz
);

-- The second factor (RFC 6238). The id is the account's. A time step is accepted once.
CREATE TABLE totp (
  id uuid PRIMARY KEY REFERENCES account (id),
  secret text NOT NULL,
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  last_step integer
);
CREATE TABLE recovery_code (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  digest text NOT NULL,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  UNIQUE (account_id, digest)
);

-- A one-time link for somebody who forgot the password.
CREATE TABLE password_reset (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  digest text NOT NULL UNIQUE,
  created_by_id uuid REFERENCES account (id),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX ix_password_reset_account ON password_reset (account_id);

-- OpenID Connect: an account is linked by issuer and subject, never by address alone.
CREATE TABLE openid_identity (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  issuer text NOT NULL,
  subject text NOT NULL,
  created_at timestamptz NOT NULL,
  last_used_at timestamptz,
  UNIQUE (issuer, subject)
);
CREATE INDEX ix_openid_identity_account ON openid_identity (account_id);

-- A sign-in on its way to the issuer and back, or a link that `account_id` began: then `state_digest` is
-- that of a ticket until a browser comes for it. Once back, a code of ours stands for `subject`.
CREATE TABLE openid_flow (
  id uuid PRIMARY KEY,
  state_digest text NOT NULL UNIQUE,
  browser_digest text,
  issuer text NOT NULL,
  nonce text NOT NULL,
  verifier text NOT NULL,
  account_id uuid REFERENCES account (id),
  return_to text,
  subject text,
  code_digest text UNIQUE,
  code_expires_at timestamptz,
  created_at timestamptz NOT NULL,
  used_at timestamptz,
  expires_at timestamptz NOT NULL
);
CREATE INDEX ix_openid_flow_expires ON openid_flow (expires_at);

-- What waits for somebody -----------------------------------------------------------------------

-- A role that waits for an e-mail address; it becomes a membership at the first sign-in.
CREATE TABLE invitation (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  organisation_id uuid REFERENCES organisation (id),
  person_id uuid REFERENCES person (id),
  role text NOT NULL,
  email text NOT NULL,
  email_folded text NOT NULL,
  display_name text NOT NULL,
  since date,
  until date,
  status text NOT NULL CHECK (status IN ('OPEN', 'ACCEPTED', 'WITHDRAWN')),
  digest text NOT NULL UNIQUE,
  invited_by_id uuid REFERENCES account (id),
  accepted_at timestamptz,
  membership_id uuid REFERENCES membership (id),
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0)
);
CREATE INDEX ix_invitation_group ON invitation (group_id, created_at, id);
CREATE INDEX ix_invitation_email ON invitation (email_folded, status);

-- Somebody asks for a seat; an officer decides.
CREATE TABLE membership_request (
  id uuid PRIMARY KEY,
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  person_id uuid NOT NULL REFERENCES person (id),
  organisation_id uuid REFERENCES organisation (id),
  role text NOT NULL CHECK (role IN ('REPRESENTATIVE', 'OBSERVER')),
  note text,
  status text NOT NULL CHECK (status IN ('PENDING', 'APPROVED', 'DECLINED', 'WITHDRAWN')),
  decision_note text,
  decided_by_id uuid REFERENCES account (id),
  decided_at timestamptz,
  membership_id uuid REFERENCES membership (id),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL CHECK (version > 0)
);
CREATE INDEX ix_membership_request_group ON membership_request (group_id, status, created_at, id);
CREATE INDEX ix_membership_request_person ON membership_request (person_id);
CREATE UNIQUE INDEX ix_membership_request_pending ON membership_request (group_id, person_id) WHERE status = 'PENDING';

-- What was opened by force, and what was forgotten ----------------------------------------------

-- An administrator looks into a group without a seat there: reason, time limit, told to the coordinators.
CREATE TABLE break_glass (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account (id),
  group_id uuid NOT NULL REFERENCES coordination_group (id),
  operation_id uuid NOT NULL REFERENCES operation (id),
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX ix_break_glass_account ON break_glass (account_id, expires_at);
CREATE INDEX ix_break_glass_group ON break_glass (group_id, created_at, id);

-- Who was erased. No foreign key: a restored backup may not have the person yet.
CREATE TABLE erasure (
  id uuid PRIMARY KEY,
  person_id uuid NOT NULL UNIQUE,
  erased_at timestamptz NOT NULL
);

-- Lists in their usual order, read from the index alone: the open actions of a group, its seats, somebody's seats.
CREATE INDEX ix_follow_up_group ON follow_up (group_id, due_on, id);
DROP INDEX ix_membership_group;
CREATE INDEX ix_membership_group ON membership (group_id, role, since, id);
DROP INDEX ix_membership_person;
CREATE INDEX ix_membership_person ON membership (person_id, group_id, since, until);
