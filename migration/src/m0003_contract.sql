-- What was done under an idempotency key, for a day: written in the transaction of the effect. Of the key and of the
-- request there are digests only. No foreign key: whoever changes an account does not wait for whoever acts as it.
CREATE TABLE idempotency_key (
  account_id uuid NOT NULL,
  digest text NOT NULL,
  request_digest text NOT NULL,
  outcomes text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, digest)
);
CREATE INDEX ix_idempotency_key_created ON idempotency_key (created_at);

-- Nearly every read leaves out what belongs to a meeting in DRAFT; there are few.
CREATE INDEX ix_meeting_draft ON meeting (id) WHERE status = 'DRAFT';

-- The question that is asked most: what is still to be done in a group, by the day it is due. Most is done.
DROP INDEX ix_follow_up_open;
CREATE INDEX ix_follow_up_open ON follow_up (group_id, due_on, id) WHERE status IN ('OPEN', 'IN_PROGRESS', 'BLOCKED');

-- Whether an anonymous reader may know of an organisation is looked up for each one shown: by what names it, and by what
-- it leads.
DROP INDEX ix_assignment_organisation;
CREATE INDEX ix_assignment_organisation ON assignment (organisation_id, follow_up_id);
CREATE INDEX ix_membership_lead ON membership (organisation_id, group_id) WHERE role IN ('LEAD', 'CO_LEAD');
